"""The catalogues are read as one: what a mail says must not depend on the order of their names."""

from babel.messages.pofile import read_po

from webapp.i18n import FOLDER


def test_no_text_has_two_translations() -> None:
    """Give the rarer one a context: `pgettext("mail", ...)`."""
    said: dict[tuple[str | None, str], dict[str, set[str]]] = {}
    for path in sorted((FOLDER / "nl" / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="nl"):
                if message.id:
                    key = (message.context, str(message.id))
                    said.setdefault(key, {}).setdefault(str(message.string), set()).add(path.stem)
    assert {key: words for key, words in said.items() if len(words) > 1} == {}
