"""One row of a list: what we understood, and what needs a look. Knows the rows above it, and no database."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from webapp.imports import addresses
from webapp.imports.addresses import Fault
from webapp.imports.columns import Kind
from webapp.people import MAX_LENGTH as MAX_NAME
from webapp.people import TITLES, PersonName

Severity = Literal["error", "ask", "notice"]
MAX_LINE = 200
"""Characters of an organisation, group, team or owner."""
MAX_NOTE = 2_000
COMMON = 5
"""A domain that so many people on the list share is no typing error."""

LANGUAGES = {
    "nl": "nl nederlands dutch ned nld dut hollands vlaams belgisch",
    "en": "en engels english eng gb uk us",
}
LAYERS = {
    "front_line": "frontline frontoffice front uitvoering uitvoerend voorkant voorlijn eerstelijn",
    "back_office": "backoffice back achterkant administratie",
    "support": "support ondersteuning ondersteunend staf staff facilitair",
    "management": "management leiding leidinggevend directie bestuur manager leidinggevenden",
}
_EMPTY = "- -- – — . ? n.v.t. nvt n/a na #n/a none null nil onbekend unknown geen leeg (leeg) (blank)"
_NOTHING = frozenset(_EMPTY.split())
_FORMULA = re.compile(r"[=@＝＠]|[+\-−＋－](?![\d\s(])")
_PHONE = re.compile(r"[+\d(][\d\s().\-/]{5,24}(?:\s*(?:#|x|ext\.?|tst\.?|toestel)\s*\d{1,6})?", re.IGNORECASE)
_CALLED = re.compile(r"^(?:tel|mobiel|mob|t|m)[.:]\s*", re.IGNORECASE)
_NO_DIGIT, _NO_SIGN, _COUNTRY = re.compile(r"\D"), re.compile(r"[^\d+]"), re.compile(r"^(?:00|\+)?31|^0")


@dataclass(frozen=True)
class Problem:
    """Something about one column of a row; `key` says which sentence, `values` what stands in it."""

    column: str
    key: str
    severity: Severity = "error"
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """A row as it was understood: its values by field, all text, who that is, and what was said about it."""

    values: dict[str, str]
    name: PersonName
    problems: tuple[Problem, ...] = ()

    @property
    def in_error(self) -> bool:
        return bool(self.problems) and any(problem.severity == "error" for problem in self.problems)

    @property
    def asked(self) -> bool:
        return bool(self.problems) and not self.in_error and any(said.severity == "ask" for said in self.problems)

    @property
    def key(self) -> str:
        """The same for rows that may be one person: the address, without one the name and phone; empty without either."""
        if self.values["email"] or not (phone := digits(self.values["phone"])):
            return self.values["email"]
        return f"{phone} {self.name.normalised}"

    def and_also(self, problem: Problem) -> "Checked":
        return Checked(self.values, self.name, (*self.problems, problem))

    def without(self, key: str) -> "Checked":
        return Checked(self.values, self.name, tuple(problem for problem in self.problems if problem.key != key))


@dataclass
class Earlier:
    """Whom the list has named so far: addresses with the rows they stood in, and domains."""

    rows: dict[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    domains: Counter[str] = field(default_factory=Counter)

    def common_domains(self) -> list[str]:
        return [domain for domain, count in self.domains.most_common(50) if count >= COMMON]

    def compare(self, line: int, checked: Checked, decision: str | None = None) -> Checked:
        """Who stands on an earlier row with the same address and name is that person; with another name we ask."""
        if checked.in_error or not (key := checked.key):
            return checked
        self.domains[key.rpartition("@")[2]] += bool(checked.values["email"])
        name, others = checked.name.normalised, self.rows.get(key, ())
        same = next((row for row, other in others if other == name), None) if others else None
        if same is not None:
            return checked.and_also(Problem("name", "row.same", "notice", {"other": same}))
        if not others or decision == "keep":
            self.rows[key] = (*others, (line, name))
        return checked.and_also(Problem("email", "row.twice", "ask", {"other": others[0][0]})) if others else checked


def check(kind: Kind, cells: Mapping[str, str], *, without_address: bool = False, too_wide: bool = False) -> Checked:
    """Read the cells of one row, by field. `without_address`: somebody said that phoning is enough; `too_wide`: it has
    more cells than the header, so some stand in the wrong column."""
    problems = [Problem("", "row.cells")] if too_wide else []
    name = _name(cells, problems)
    values = {"title": name.title, "given": name.given, "particle": name.particle, "family": name.family}
    values["phone"] = _phone(cells.get("phone", ""), problems)
    values["email"] = _email(kind, cells.get("email", ""), values["phone"], without_address, problems)
    values["language"] = _word(cells, "language", "row.language", problems)
    if kind == "customers":
        for column in ("organisation", "group", "owner"):
            values[column] = _line(cells.get(column, ""), column, problems)
        values["note"] = _note(cells.get("note", ""), problems)
    else:
        values["team"] = _line(cells.get("team", ""), "team", problems)
        values["layer"] = _word(cells, "layer", "row.layer", problems)
    return Checked(values, name, tuple(problems))


def name_of(values: Mapping[str, str]) -> PersonName:
    return PersonName(values["title"], values["given"], values["particle"], values["family"])


def digits(phone: str) -> str:
    """A phone number for comparing: `+31 6 1` and `06 1` are the same."""
    return _COUNTRY.sub("", _NO_SIGN.sub("", phone.replace("(0)", "")))


def _name(cells: Mapping[str, str], problems: list[Problem]) -> PersonName:
    parts = {part: cells.get(part, "") for part in ("title", "given", "particle", "family", "name")}
    for part, typed in parts.items():
        _look_for_formula(typed, part, problems)
    if parts["given"] or parts["family"]:
        if "," in parts["family"] and not parts["particle"]:  # "Vries, de", as a list sorts it
            parts["family"], _, parts["particle"] = parts["family"].partition(",")
        name = PersonName(parts["title"], parts["given"], parts["particle"].lower(), parts["family"])
    else:
        name = PersonName.parse(parts["name"])
        if parts["title"] and not name.title:
            name = PersonName(parts["title"], name.given, name.particle, name.family)
    if name.title and name.title not in TITLES:  # a job title is no way to address somebody
        name = PersonName("", name.given, name.particle, name.family)
    if not name:
        problems.append(Problem(_column(cells), "row.no_name"))
    elif name.too_long:
        problems.append(Problem(_column(cells), "row.long", values={"n": name.length, "max": MAX_NAME}))
    elif "\ufffd" in name.full:
        problems.append(Problem(_column(cells), "row.sign"))
    return name


def _column(cells: Mapping[str, str]) -> str:
    """Where most of the name stands, or should."""
    longest = max(("given", "family", "name"), key=lambda part: len(cells.get(part, "")))
    return (
        longest if cells.get(longest) else next((part for part in ("name", "given", "family") if part in cells), "name")
    )


def _email(kind: Kind, typed: str, phone: str, without_address: bool, problems: list[Problem]) -> str:
    if without_address:
        return ""
    if not typed or typed.casefold() in _NOTHING:
        callable_ = bool(phone) and kind == "customers"
        problems.append(Problem("email", "row.no_address_phone" if callable_ else "row.no_address"))
        return ""
    found = addresses.normal(typed)
    if isinstance(found, Fault):
        problems.append(Problem("email", found.key))
        return ""
    if len(found) > addresses.MAX_LENGTH:
        problems.append(Problem("email", "email.wrong"))
        return ""
    if meant := addresses.slip(found):
        problems.append(Problem("email", "row.slip", "notice", {"guess": meant}))
    return found


def _phone(typed: str, problems: list[Problem]) -> str:
    """As it was written, so that it can be read; what is no number is left out, and said."""
    text = _one_line(typed)
    if not text or text.casefold() in _NOTHING:
        return ""
    text = _CALLED.sub("", text)
    if _PHONE.fullmatch(text) and 6 <= len(_NO_DIGIT.sub("", text)) <= 21:
        return text
    problems.append(Problem("phone", "row.phone", "notice", {"value": text[:60]}))
    return ""


def _word(cells: Mapping[str, str], column: str, key: str, problems: list[Problem]) -> str:
    """One of a few: by its code or a word for it. Empty stays empty: the organisation's own holds."""
    if not (cell := cells.get(column)):
        return ""
    typed = _one_line(cell)
    code = _meaning(typed, column)
    if code is None:
        problems.append(Problem(column, key, values={"value": typed[:60]}))
    return code or ""


@lru_cache(1_000)
def _meaning(typed: str, column: str) -> str | None:
    """The code that is meant; empty for nothing, None for what we do not know."""
    word = re.sub(r"[\s\-]", "", typed.casefold())
    if not word or typed.casefold() in _NOTHING:
        return ""
    for code, words in (LANGUAGES if column == "language" else LAYERS).items():
        if word == code or word in words.split() or word.replace("_", "") == code.replace("_", ""):
            return code
    return word[:2] if column == "language" and re.fullmatch(r"(nl|en)[_-]?[a-z]{2}", word) else None


def _line(typed: str, column: str, problems: list[Problem]) -> str:
    if not typed:
        return ""
    text = _one_line(typed)
    if text.casefold() in _NOTHING:
        return ""
    _look_for_formula(text, column, problems)
    if len(text) > MAX_LINE:
        problems.append(Problem(column, "row.too_long", values={"n": len(text), "max": MAX_LINE}))
    return text


def _note(typed: str, problems: list[Problem]) -> str:
    if not typed:
        return ""
    text = "\n".join(filter(None, map(_one_line, typed.splitlines())))
    _look_for_formula(text, "note", problems)
    if len(text) > MAX_NOTE:
        problems.append(Problem("note", "row.too_long", values={"n": len(text), "max": MAX_NOTE}))
    return text


def _look_for_formula(typed: str, column: str, problems: list[Problem]) -> None:
    """Said, and kept as text: a spreadsheet must never run it."""
    if typed and not typed[0].isalnum() and _FORMULA.match(typed) and typed.casefold() not in _NOTHING:
        problems.append(Problem(column, "row.formula", "notice", {"char": typed[0]}))


def _one_line(text: str) -> str:
    """Composed, in one line, without what cannot be seen or would turn the words around it."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in unicodedata.normalize("NFC", text))
    kept = (c for c in seen if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join("".join(kept).split())
