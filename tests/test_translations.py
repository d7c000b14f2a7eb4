"""Every text has its Dutch: nothing untranslated, nothing fuzzy, the same placeholders on both sides."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

WEBAPP = Path(__file__).parent.parent / "webapp"
CATALOGUES = sorted((WEBAPP / "translations" / "nl" / "LC_MESSAGES").glob("*.po"))
KEYWORDS = DEFAULT_KEYWORDS | {
    "__": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
Message = tuple[str | None, Any]


def extracted() -> Iterator[tuple[Path, int, Message]]:
    """Every text in the code and the templates: (context, text or plural forms)."""
    for path in sorted(WEBAPP.rglob("*")):
        if "node_modules" in path.parts or "static" in path.parts:
            continue
        kind = {".py": "python", ".html": "jinja2.ext:babel_extract", ".txt": "jinja2.ext:babel_extract"}.get(
            path.suffix
        )
        if kind and (path.suffix == ".py" or "templates" in path.parts):
            options = {} if kind == "python" else {"silent": "false"}
            for line, text, _comments, context in extract_from_file(kind, path, KEYWORDS, options=options):
                yield path, line, (context, text[0] if isinstance(text, tuple) else text)


def translated() -> dict[Message, Any]:
    found: dict[Message, Any] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="nl"):
                if message.id:
                    one = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
                    found[message.context, one] = message
    return found


def test_every_text_has_its_dutch() -> None:
    known = translated()
    missing = [
        f"{path.relative_to(WEBAPP)}:{line}: {message}"
        for path, line, message in extracted()
        if message not in known or not known[message].string or not all(_forms(known[message].string))
    ]
    assert missing == []


def _forms(string: Any) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def test_nothing_is_fuzzy() -> None:
    assert [message.id for message in translated().values() if message.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_both_sides_have_the_same_placeholders(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale="nl"):
            if message.id:
                many = _forms(tuple(message.id) if isinstance(message.id, list) else message.id)[-1]
                wanted = set(PLACEHOLDER.findall(many))
                for form in _forms(message.string):
                    given = set(PLACEHOLDER.findall(form))
                    assert given == wanted or (len(_forms(message.string)) > 1 and given <= wanted), message.id


def test_a_text_that_is_no_longer_used_is_gone_from_the_catalogue() -> None:
    used = {message for _path, _line, message in extracted()}
    assert sorted(str(message) for message in translated() if message not in used) == []
