"""A row as the check page shows it: what stands in it, what is said about it, what can be mended or decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webapp.imports import wording
from webapp.imports.checking import Problem
from webapp.imports.columns import FIELDS
from webapp.imports.models import Import, ImportRow
from webapp.imports.wording import _

_NAME = ("title", "given", "particle", "family", "name")
_PLACE = {"customers": "group", "staff": "team"}
"""The last column: what people of this kind belong to."""
Option = tuple[str, str]


@dataclass
class Input:
    """A cell that can be mended in place."""

    name: str
    label: str
    value: str
    column: str
    """Under which column of the table it stands: `name`, `email`, `place` or `said`."""
    errors: list[str]
    options: list[Option] | None = None


@dataclass
class Shown:
    """One row of the check page."""

    row: ImportRow
    name: str
    email: str
    place: str
    chip: tuple[str, str, str]
    """Words, icon, tone."""
    state: str
    inputs: list[Input] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """What is said without anything to do."""
    buttons: list[tuple[str, str]] = field(default_factory=list)
    """Value and words."""

    def under(self, column: str) -> list[Input]:
        return [each for each in self.inputs if each.column == column]


def shown(row: ImportRow, of: Import, others: Mapping[int, str]) -> Shown:
    """This row, to look at and, where it needs that or had it, to mend; `others` are the names in the rows it is asked
    about."""
    mended = row.state in ("new", "changed", "same") and bool(row.typed or row.decision)
    found = Shown(
        row,
        row.name.full if row.name else "",
        row.values.get("email") or row.cell("email", of.mapping),
        row.values.get(_PLACE[of.kind], ""),
        _chip(row, of, mended),
        "mended" if mended else row.state if row.state in ("error", "asked") else "",
    )
    errors = [problem for problem in row.said if problem.severity == "error"]
    columns = [problem.column for problem in errors if problem.column] + list(row.typed)
    if any(not problem.column for problem in errors):
        columns = [name for name in FIELDS[of.kind] if name in of.mapping]
    if row.state == "asked":
        columns.append("email")
    found.inputs = [_input(row, of, column, errors) for column in dict.fromkeys(columns)]
    for problem in row.said:
        if problem not in errors:
            found.notes.append(_said(row, problem, of))
        if problem.key == "row.twice":
            other = int(problem.values["other"])
            found.notes.append(_("Row %(row)s: %(problem)s", row=other, problem=others.get(other, "")))
    found.notes += [_change(name, *change) for name, change in row.changes.items()] if row.state == "changed" else []
    found.buttons = _buttons(row, of, errors)
    return found


def asked_about(rows: Sequence[ImportRow]) -> set[int]:
    """The other rows that these are asked about."""
    return {int(problem.values["other"]) for row in rows for problem in row.said if problem.key == "row.twice"}


def title_of(name: str, of: Import) -> str:
    """What the list itself calls this column."""
    at = of.mapping.get(name, -1)
    return of.header[at] if 0 <= at < len(of.header) and of.header[at] else wording.fields()[name]


def _said(row: ImportRow, problem: Problem, of: Import) -> str:
    said = wording.of_problem(problem, of.kind)
    if problem.severity == "error" and problem.column == "email" and (meant := row.guess(of)):
        said = f"{said} {_('Did you mean %(guess)s?', guess=meant)}"
    if not problem.column:
        return _("Row %(row)s: %(problem)s", row=row.line, problem=said)
    column = title_of(problem.column, of)
    return _("Row %(row)s, %(column)s: %(problem)s", row=row.line, column=column, problem=said)


def _input(row: ImportRow, of: Import, name: str, errors: list[Problem]) -> Input:
    said = [_said(row, problem, of) for problem in errors if problem.column == name]
    value = row.cell(name, of.mapping)
    options = {"language": wording.languages, "layer": wording.layers}.get(name)
    column = "name" if name in _NAME else "email" if name == "email" else "place" if name == _PLACE[of.kind] else "said"
    label = _("%(column)s, row %(row)s", column=title_of(name, of), row=row.line)
    choices = None
    if options:
        known = options()
        choices = [*([] if value in known else [(value, value)]), *known.items()]
    return Input(f"cell-{row.id}-{name}", label, value, column, said, choices)


def _buttons(row: ImportRow, of: Import, errors: list[Problem]) -> list[tuple[str, str]]:
    """What can be done with this row in one press."""
    found: list[tuple[str, str]] = []
    on_email = any(problem.column == "email" for problem in errors)
    if on_email and row.guess(of):
        found.append(("guess", _("Yes, that is what I meant")))
    if on_email and of.kind == "customers" and row.values.get("phone"):
        found.append(("phone", _("Keep it: only phoning")))
    if any(problem.severity == "ask" for problem in row.said) and not row.decision and not errors:
        found.append(("merge", _("Merge")))
        if of.kind == "customers":
            found.append(("keep", _("Keep both")))
    if row.decision:
        found.append(("back", _("Undo")))
    slips = [problem for problem in row.said if problem.key == "row.slip"]
    if slips and not errors:
        found.append(("slip", _("Yes, that is what I meant")))
    return [(f"{what}-{row.id}", words) for what, words in found]


def _chip(row: ImportRow, of: Import, mended: bool) -> tuple[str, str, str]:
    """What happens with this row, in words."""
    if row.state == "error":
        return _("In error"), "x-circle", "no"
    if row.state == "asked":
        return _("Your choice"), "alert", "maybe"
    if row.decision == "merge":
        return _("Merged"), "check", "yes"
    if row.decision == "phone":
        return _("Only phoning"), "phone", "yes"
    if mended:
        return _("Mended"), "check", "yes"
    if row.state == "changed":
        names = wording.fields()
        changed = dict.fromkeys(names["name"] if name in _NAME[1:] else names[name] for name in row.changes)
        return _("Changed: %(fields)s", fields=", ".join(changed).lower()), "edit", "maybe"
    if row.state == "same":
        same = next((problem.values["other"] for problem in row.said if problem.key == "row.same"), None)
        return (_("Same as row %(row)s", row=same) if same else _("The same")), "info", "info"
    spoken = row.values.get("language")
    if spoken and spoken != of.locale:
        return (_("New, English") if spoken == "en" else _("New, Dutch")), "globe", "yes"
    return _("New"), "plus", "yes"


def _change(name: str, old: str, new: str) -> str:
    words: dict[str, dict[str, str]] = {"language": wording.languages(), "layer": wording.layers()}
    if name == "left":
        return _("Had left, and comes back.")
    old, new = (words.get(name, {}).get(value, value) for value in (old, new))
    values: dict[str, Any] = {"field": wording.fields()[name], "old": old or _("empty"), "new": new or _("empty")}
    return _("%(field)s: %(old)s becomes %(new)s.", **values)
