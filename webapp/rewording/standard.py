"""The standard text of a notice, written out as somebody may change it, and the names that may stand in it."""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Template, meta
from jinja2.runtime import Context

from webapp.i18n import Language
from webapp.invitations.notices.readers import AboutInvitation, AboutVisit
from webapp.mailing.notices import OWN, Notice, Wording
from webapp.mailing.rendering import APART, FIELD, environment
from webapp.rewording import fields

LAYOUT = {"hello", "facts", "buttons", *APART}
VISIT = (
    "day", "Day", "day_short", "time", "hours", "place", "Place", "where", "team", "host_name", "host_first_name",
    "host_phone", "organiser_name",
)  # fmt: skip
"""What every mail about a visit knows."""
EVERYWHERE = ("organisation",)


class _Named(str):
    """Says its name where it is printed, and is its value where a text asks what it is."""

    value: Any

    def __new__(cls, name: str, value: Any) -> "_Named":
        made = super().__new__(cls, "{" + name + "}")
        made.value = value
        return made

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return bool(self.value == other)

    __hash__ = str.__hash__


def text(notice: type[Notice], variant: str, language: Language) -> Wording:
    """Subject, preheader, heading and words, with names for the values and for what is only sometimes said."""
    return _text(notice.name, variant, language)


@cache
def _text(kind: str, variant: str, language: Language) -> Wording:
    notice = Notice.all[kind]
    made = environment(language)
    values: dict[str, Any] = {
        name: value if name in notice.by or not isinstance(value, str) else _Named(name, value)
        for name, value in examples(notice, variant, language).items()
    }
    values |= {name: _Named(name, 6) for name in ("colleague_count", "seats", "count", "n_asked", "position")}
    values["organisation"] = _Named("organisation", "–")
    body = made.get_template(f"email/{notice.folder}/body.txt")
    subject = made.get_template(f"email/{notice.folder}/subject.txt").render(values)
    return Wording(" ".join(subject.split()), *(_lines(body, name, values) for name in APART))


def _lines(template: Template, block: str, values: Mapping[str, Any]) -> str:
    """What a block says, line by line, an empty line between paragraphs; a nested block as its name."""
    if block not in template.blocks:
        return ""
    context = template.new_context(dict(values))
    for name in set(template.blocks) - LAYOUT:
        context.blocks[name] = [partial(_as_name, name)]
    said = [" ".join(line.split()) for line in "".join(template.blocks[block](context)).splitlines()]
    text = "\n".join(said).strip()
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _as_name(name: str, _context: Context) -> Iterator[str]:
    yield "{" + name + "}\n"


def names(notice: type[Notice], variant: str, language: Language) -> dict[str, str]:
    """Every name that may stand in this text, by what it is called there; those of the standard text first."""
    return _names(notice.name, variant, language)


@cache
def _names(kind: str, variant: str, language: Language) -> dict[str, str]:
    notice = Notice.all[kind]
    standard = text(notice, variant, language)
    said = [found[1] for part in standard for found in FIELD.finditer(part)]
    if issubclass(notice, (AboutInvitation, AboutVisit)):
        said += VISIT
    asked = [name for name in sorted(_asked(notice)) if name in fields.FIELDS]
    blocks = set(environment(language).get_template(f"email/{notice.folder}/body.txt").blocks) - LAYOUT
    used = {name for part in standard for name in (found[1] for found in FIELD.finditer(part))}
    every = [*said, *asked, *EVERYWHERE, *sorted(blocks & used)]
    return {fields.called(name, language): name for name in dict.fromkeys(every) if name not in OWN}


def _asked(notice: type[Notice]) -> frozenset[str]:
    """The values that the notice's own templates ask for."""
    made = environment("en")
    assert made.loader is not None  # made with one
    found: set[str] = set()
    for file in ("subject.txt", "body.txt", "body.html"):
        source = made.loader.get_source(made, f"email/{notice.folder}/{file}")[0]
        found |= meta.find_undeclared_variables(made._parse(source, None, None))
    return frozenset(found)


def examples(notice: type[Notice], variant: str, language: Language) -> Mapping[str, Any]:
    """A value for everything the mail might ask for, where no real one is about to leave."""
    known: dict[str, Any] = {name: fields.example(name, language) for name in fields.FIELDS}
    known |= {
        name[0].upper() + name[1:]: fields.example(name[0].upper() + name[1:], language) for name in fields.FIELDS
    }
    known |= {name: fields.example(name, language) for name in _asked(notice) if name not in known}
    known |= {"leaf_day": "3", "leaf_month": "dec" if language == "nl" else "Dec", "host_tel": "tel:0201111111"}
    known |= {
        "salutation": "Beste mevrouw De Vries," if language == "nl" else "Dear Mrs De Vries,",
        "first_name": "Tariq",
    }
    known |= {
        "colleague_count": 6,
        "seats": 8,
        "count": 2,
        "n_asked": 40,
        "position": 2,
        "others": 0,
        "thanks_count": 3,
        "changes": 2,
        "online": "",
    }
    known |= dict.fromkeys(("people", "proposals"), _LISTS[language])
    known |= {
        "n_options": 3,
        "option_1": _OPTION[language],
        "option_2": _OPTION[language],
        "option_3": _OPTION[language],
    }
    known |= dict.fromkeys(("silent", "last", "open", "other_place", "proposed_by_you", "again", "had_yes"), False)
    known |= {"can_return": True, "host_will_call": True}
    for name, said in zip(notice.by, variant.split("."), strict=False):
        known[name] = {"true": True, "false": False}.get(said, said)
    return {name: value for name, value in known.items() if name not in ("links", "language", "organisation", "sender")}


_OPTION: dict[Language, str] = {"nl": "donderdag 3 december, 14:00 uur", "en": "Thursday 3 December, 14:00"}
_LISTS: dict[Language, list[dict[str, str]]] = {
    "nl": [{"customer_name": "Sam de Vries", "reason_plain": "Dit adres bestaat niet.", "phone": "06 12345678",
            "proposed_times": "dinsdagochtend"}],
    "en": [{"customer_name": "Sam de Vries", "reason_plain": "This address does not exist.", "phone": "06 12345678",
            "proposed_times": "Tuesday morning"}],
}  # fmt: skip
