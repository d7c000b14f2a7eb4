"""A row held against the people we know: whom we take it for, and what becomes of it."""

from typing import NamedTuple

from webapp.db import JSON
from webapp.imports.checking import Checked, Problem
from webapp.imports.columns import Kind
from webapp.imports.known import Changes, Known
from webapp.imports.models import Decision, ImportRow, State


class Matched(NamedTuple):
    """What we make of a row."""

    checked: Checked
    state: State
    person_id: int | None
    """Whom we know it as."""
    changes: Changes

    def columns(self, kind: Kind) -> JSON:
        """As the row keeps it, by attribute."""
        return {
            "values": self.checked.values,
            "problems": [vars(problem) for problem in self.checked.problems],
            "changes": self.changes,
            "key": self.checked.key,
            "state": self.state,
            "customer_id": self.person_id if kind == "customers" else None,
            "staff_id": self.person_id if kind == "staff" else None,
        }

    def onto(self, row: ImportRow, kind: Kind) -> None:
        for column, value in self.columns(kind).items():
            setattr(row, column, value)


def match(known: Known, checked: Checked, decision: Decision | None) -> Matched:
    """Whom we know this row as, and what it would change; `decision` is what somebody said about it."""
    if checked.in_error:
        return Matched(checked, "error", None, {})
    person = known.same(checked)
    keys = {problem.key for problem in checked.problems}
    repeated = "row.same" in keys
    if person:
        checked = checked.without("row.twice") if "row.twice" in keys else checked
    elif not repeated and "row.twice" not in keys and (other := known.other(checked)):
        person = other if decision == "merge" else None
        if decision != "keep":
            checked = checked.and_also(Problem("email", "row.known", "ask", {"name": other.name.full}))
    changes = known.changes(person, checked.values) if person and not repeated else {}
    return Matched(checked, _state(checked, decision, bool(person), changes, repeated), person and person.id, changes)


def _state(checked: Checked, decision: Decision | None, known: bool, changes: Changes, repeated: bool) -> State:
    if checked.asked and decision not in ("merge", "keep"):
        return "asked"
    if known:
        return "changed" if changes else "same"
    return "same" if repeated or decision == "merge" else "new"
