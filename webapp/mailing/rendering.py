"""From values to words: one folder of three files per notice, translated when a template is compiled, not at every mail."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Self

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes, pass_context
from jinja2.filters import do_wordwrap
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer
from markupsafe import escape

from webapp.i18n import Language, catalogue
from webapp.mailing.mime import Filled
from webapp.mailing.notices import Content, Notice, Wording

TEMPLATES = Path(__file__).parent.parent / "templates"
PLACEHOLDER = re.compile(r"%\((\w+)\)s|%%")
FIELD = re.compile(r"\{([A-Za-z]\w*)\}")
"""The name of a value, in words that an organiser wrote."""
OPEN, TEXT, HTML = "\ue000", "\ue001", "\ue002"
"""Around the name of a reader's own value, where it will stand: as it is, or escaped. In no alphabet."""
APART = ("preheader", "heading", "words")
"""Blocks of a `body.txt` that its own layout does not print: both bodies are given them, so the words are written once."""


@dataclass(frozen=True)
class Rendered:
    """The words of one mail."""

    subject: str
    text: str
    html: str


class _Translate(NodeTransformer):
    """Replaces `_("Hello %(name)s", name=x)` in the syntax tree by: text, expression, text.

    `ngettext(one, many, n, ...)` becomes a choice, `pgettext(context, ...)` a look-up with its context.
    """

    def __init__(self, environment: "_Translated", translations: Translations):
        self.environment, self.translations = environment, translations

    def visit_Call(self, node: nodes.Call, *args: Any, **kwargs: Any) -> nodes.Expr:
        self.generic_visit(node, *args, **kwargs)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        values = {pair.key: pair.value for pair in node.kwargs}
        texts = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if name == "_":
            return self.joined(self.translations.gettext(texts[0]), values)
        if name == "pgettext":
            return self.joined(self.translations.upgettext(texts[0], texts[1]), values)
        if name == "ngettext":
            number = node.args[2]
            values.setdefault("num", number)
            one, many = (self.translations.ngettext(texts[0], texts[1], n) for n in (1, 2))
            test = nodes.Compare(number, [nodes.Operand("eq", nodes.Const(1))])
            return nodes.CondExpr(test, self.joined(one, values), self.joined(many, values))
        return node

    def visit_Include(self, node: nodes.Include, *args: Any, **kwargs: Any) -> list[nodes.Node]:
        """What is included stands there itself: looking it up at every mail takes a third of rendering it."""
        assert isinstance(node.template, nodes.Const), "An include of a mail names its file."
        return self.environment.parts(node.template.value)

    def joined(self, text: str, values: Mapping[str, nodes.Expr]) -> nodes.Expr:
        parts: list[nodes.Expr] = []
        at = 0
        for found in PLACEHOLDER.finditer(text):
            parts.append(nodes.MarkSafe(nodes.Const(text[at : found.start()])))
            parts.append(values[found[1]] if found[1] else nodes.Const("%"))
            at = found.end()
        return nodes.Concat([*parts, nodes.MarkSafe(nodes.Const(text[at:]))])


class _Translated(Environment):
    translate: _Translate

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = self.translate.visit(super()._parse(source, name, filename))
        assert isinstance(tree, nodes.Template)
        return tree

    def parts(self, name: str) -> list[nodes.Node]:
        """The nodes of a file that another one includes."""
        assert self.loader is not None  # made with one
        source, filename, _uptodate = self.loader.get_source(self, name)
        return self._parse(source, name, filename).body


@cache
def environment(language: Language) -> Environment:
    """The templates of one language, with its words inside."""
    made = _Translated(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: (name or "").endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["wordwrap"] = _wrapped
    made.translate = _Translate(made, catalogue(language))
    made.globals["language"] = language
    return made


@pass_context
def _wrapped(context: Context, text: str, *args: Any, **how: Any) -> str:
    if OPEN in text and "places" in context:
        raise TypeError("How long a reader's own value is decides where the lines break.")
    return do_wordwrap(context.environment, text, *args, **how)


def render(
    notice: type[Notice], language: Language, content: Content, links: Mapping[str, str], organisation: str
) -> Rendered:
    """The three texts of one mail. `links` are addresses, working or of a preview."""
    own = {f"links.{name}": url for name, url in links.items()} | content.own_values
    said = tuple([pair for pair in content.values.items() if pair[0] not in own])
    try:
        return _skeleton(notice.name, language, said, tuple(own), content.wording, content.sender, organisation).filled(
            own
        )
    except TypeError:  # a value that is no plain one, or one that is asked more than its place
        return whole(notice, language, content, links, organisation)


def whole(
    notice: type[Notice], language: Language, content: Content, links: Mapping[str, str], organisation: str
) -> Rendered:
    """The same from the templates alone, word by word."""
    return _said(notice, language, {**content.values, "links": links}, content.wording, content.sender, organisation)


@lru_cache(maxsize=256)
def _skeleton(
    kind: str,
    language: Language,
    said: tuple[tuple[str, Any], ...],
    own: tuple[str, ...],
    wording: Wording | None,
    *others: str,
) -> "_Skeleton":
    """What all mails have in common that differ in no more than `own`: rendered once, and cut where that goes."""
    typed = [value for _, value in said if isinstance(value, str)]
    if any(OPEN in value for value in [*typed, *(wording or ())]):
        raise TypeError("Somebody typed what only stands for a place.")
    links = {name.removeprefix("links."): _Slot(name) for name in own if name.startswith("links.")}
    slots = {name: _Slot(name) for name in own if not name.startswith("links.")}
    found = _said(Notice.all[kind], language, {**dict(said), **slots, "links": links, "places": own}, wording, *others)
    if OPEN in found.subject:
        raise TypeError("A subject stands in the html as well.")
    return _Skeleton(found.subject, _cut(found.text, TEXT, own), _cut(found.html, HTML, own))


def _cut(text: str, close: str, own: Collection[str]) -> list[str]:
    """Text, name of a place, text, ... A place that came from the other kind of text would be filled in wrongly."""
    pieces = re.split(f"{OPEN}([^{TEXT}{HTML}]+){close}", text)
    if OPEN in "".join(pieces[::2]) or not set(pieces[1::2]) <= set(own):
        raise TypeError("A place of another kind of text, or one that was changed.")
    return pieces


@dataclass(frozen=True)
class _Skeleton:
    subject: str
    text: list[str]
    html: list[str]

    def filled(self, own: Mapping[str, str]) -> Rendered:
        escaped = {name: str(escape(value)) for name, value in own.items()}
        return Rendered(self.subject, _fill(self.text, own), _fill(self.html, escaped))


def _fill(pieces: list[str], own: Mapping[str, str]) -> str:
    filled = pieces.copy()
    filled[1::2] = [own[name] for name in pieces[1::2]]
    return Filled.of(filled)


class _Slot(str):
    """The place of a value that is each reader's own. It can be said, and nothing else may hang on it."""

    name: str

    def __new__(cls, name: str) -> Self:
        slot = super().__new__(cls, OPEN + name + TEXT)
        slot.name = name
        return slot

    def __html__(self) -> str:
        return f"{OPEN}{self.name}{HTML}"

    def __eq__(self, other: object) -> bool:
        raise TypeError("No mail may depend on a reader's own value.")

    __hash__ = None  # type: ignore[assignment]  # nor be looked up by it


def _said(
    notice: type[Notice],
    language: Language,
    values: Mapping[str, Any],
    wording: Wording | None,
    sender: str,
    organisation: str,
) -> Rendered:
    made = environment(language)
    context = {
        "why": notice.why, **values, "sender": sender, "organisation": organisation, "reader": notice.reader,
    }  # fmt: skip
    context["why_text"] = " ".join(made.get_template("email/_why.txt").render(context).split())
    body = made.get_template(f"email/{notice.folder}/body.txt")
    standard = {name: paragraphs(body, name, context) for name in APART}
    if wording:
        subject, own = reworded(wording, body, context)
        standard |= {name: said for name, said in own.items() if said}
        subject = subject or _subject(notice, made, context)
    else:
        subject = _subject(notice, made, context)
    context |= {"subject": subject} | standard
    text = body.render(context).strip() + "\n"
    html = made.get_template(f"email/{notice.folder}/body.html").render(context)
    return Rendered(subject, re.sub(r"\n{3,}", "\n\n", text), html)


def _subject(notice: type[Notice], made: Environment, context: dict[str, Any]) -> str:
    return " ".join(made.get_template(f"email/{notice.folder}/subject.txt").render(context).split())


def reworded(wording: Wording, body: Template, context: dict[str, Any]) -> tuple[str, dict[str, list[str]]]:
    """The subject and the parts of `APART` in an organiser's words; empty where they leave nothing to say.

    A name stands for a value, or for a block of the notice's own template, which knows when to say what.
    """

    def value(name: str) -> str:
        if name in body.blocks:
            return "\n\n".join(paragraphs(body, name, context))
        found = context.get(name)
        return "" if found is None or isinstance(found, bool) else str(found)

    texts = {name: _split(filled(getattr(wording, name), value)) for name in APART}
    return " ".join(filled(wording.subject, value).split()), texts


def filled(text: str, value: Callable[[str], str]) -> str:
    """With a value for every `{name}`, each put in once and read no further. A line whose value is empty falls out."""
    lines = []
    for line in text.splitlines():
        values = {name: value(name) for name in FIELD.findall(line)}
        if all(values.values()):
            lines.append(FIELD.sub(lambda found: values[found[1]], line))  # noqa: B023  (called at once)
    return "\n".join(lines)


def paragraphs(template: Template, block: str, context: dict[str, Any]) -> list[str]:
    """What a block says, one string a paragraph; nothing when there is no such block."""
    if block not in template.blocks:
        return []
    return _split("".join(template.blocks[block](template.new_context(context))))


def _split(said: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", said) if paragraph.strip()]
