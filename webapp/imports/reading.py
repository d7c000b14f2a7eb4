"""From an upload to checked rows: read once, mended in place, every row held against the people we know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.imports import columns, reader
from webapp.imports.checking import Checked, Earlier, Problem
from webapp.imports.columns import Kind
from webapp.imports.known import Known, Person
from webapp.imports.models import BATCH, Decision, Import, ImportRow, State
from webapp.staff.models import StaffMember

AT_ONCE = 500
"""Rows that are read, and applied, while somebody waits; more is done in the background."""
_UNDERSTOOD = ("values", "problems", "changes", "key", "state", "customer_id", "staff_id")


def upload(kind: Kind, account: Account, filename: str, content: bytes, locale: str, now: datetime) -> Import:
    """Keep a list; raises FileProblem when it is none. A short one whose columns are clear is read at once."""
    table = reader.read(content)
    sample = list(islice(table.rows, AT_ONCE + 1))
    short = len(sample) <= AT_ONCE
    found = Import(
        kind=kind, account_id=account.id, filename=filename[-200:], content=content, locale=locale, uploaded_at=now,
        encoding=table.encoding, delimiter=table.delimiter, header=list(table.header), domains=[], made_teams=[],
        mapping=columns.automatic(kind, table.header, [row.cells for row in sample[:20]]),
        total=len(sample) if short else content.count(b"\n") if table.delimiter else 0,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    _read_if_short(found, now)
    return found


def choose_columns(of: Import, choice: Mapping[int, str], now: datetime) -> None:
    """Read it with these columns; what was mended stays."""
    of.mapping = columns.chosen(of.kind, of.header, choice)
    of.read_at, of.failed_at, of.failed, of.done = None, None, None, 0
    db.session.flush()
    _read_if_short(of, now)


def _read_if_short(of: Import, now: datetime) -> None:
    if 0 < of.total <= AT_ONCE and not of.missing:
        reading = Reading(of)
        while reading.batch():
            pass
        reading.finish(now)


class Reading:
    """A list on its way from file to rows, a batch at a time. Where a transaction ends is for whoever drives it."""

    def __init__(self, of: Import) -> None:
        assert of.content is not None  # kept as long as it can be read
        self.of, self.table, self.earlier, self.done = of, reader.read(of.content), Earlier(), 0

    def batch(self) -> int:
        """Read, check and keep the next rows; returns how many, 0 at the end. Raises FileProblem."""
        read = list(islice(self.table.rows, BATCH))
        if not read:
            return 0
        mended = self._mended([row.line for row in read])
        rows = [
            mended.get(row.line) or ImportRow(import_id=self.of.id, line=row.line, cells=list(row.cells), typed={})
            for row in read
        ]
        _understand(self.of, rows, self.earlier)
        adding = insert(ImportRow)
        again = {field: adding.excluded[field] for field in ("cells", *_UNDERSTOOD)}
        values = [
            {field: getattr(row, field) for field in ("import_id", "line", "cells", *_UNDERSTOOD)} for row in rows
        ]
        db.session.execute(adding.on_conflict_do_update(index_elements=["import_id", "line"], set_=again), values)
        self.done += len(rows)
        self._tell(done=self.done)
        return len(rows)

    def finish(self, now: datetime) -> None:
        self._tell(read_at=now, done=self.done, total=self.done, domains=self.earlier.common_domains())

    def _mended(self, lines: list[int]) -> dict[int, ImportRow]:
        """Rows that somebody mended before the columns were chosen anew."""
        mended = or_(ImportRow.typed != {}, ImportRow.decision.is_not(None))
        found = select(ImportRow).where(ImportRow.import_id == self.of.id, ImportRow.line.in_(lines), mended)
        return {row.line: row for row in db.session.scalars(found)}

    def _tell(self, **values: Any) -> None:
        db.session.execute(update(Import).where(Import.id == self.of.id).values(**values))


# Mending


def mend(of: Import, row: ImportRow, typed: Mapping[str, str]) -> bool:
    """Somebody put cells of this row right; returns whether any differs from what stood there."""
    differs = {field: value for field, value in typed.items() if row.cell(field, of.mapping) != value}
    if differs:
        row.typed = row.typed | differs
        row.decision = None
        look_again(of, row)
    return bool(differs)


def decide(of: Import, row: ImportRow, decision: Decision | None) -> None:
    """What to do with this row; None takes it back."""
    row.decision = decision
    look_again(of, row)


def look_again(of: Import, row: ImportRow) -> None:
    """Check this row, and those that may be the same person as it was or is, in the order of the list."""
    keys = {key for key in (row.key, row.checked(of).key) if key}
    alike = db.session.scalars(of.rows().where(ImportRow.key.in_(keys), ImportRow.id != row.id)).all()
    _understand(of, sorted([row, *alike], key=lambda each: each.line), Earlier())
    db.session.flush()


def _understand(of: Import, rows: Sequence[ImportRow], earlier: Earlier) -> None:
    """Check these rows, hold them against each other and the people we know, and say so on them."""
    found = [earlier.compare(row.line, row.checked(of), row.decision) for row in rows]
    match(of.kind, zip(rows, found, strict=True))


def match(kind: Kind, rows: Iterable[tuple[ImportRow, Checked]]) -> Known:
    """Whom we know these rows as, and what each would change."""
    rows = list(rows)
    known = Known.of(kind, (checked.values for _, checked in rows))
    for row, checked in rows:
        person = None if checked.in_error else known.same(checked)
        keys = {problem.key for problem in checked.problems}
        if person:
            checked = checked.without("row.twice")
        elif not keys & {"row.twice", "row.same"} and not checked.in_error and (other := known.other(checked)):
            person = other if row.decision == "merge" else None
            if row.decision != "keep":
                checked = checked.and_also(Problem("email", "row.known", "ask", {"name": other.name.full}))
        row.values, row.key, row.problems = checked.values, checked.key, [asdict(each) for each in checked.problems]
        row.changes = known.changes(person, checked.values) if person and "row.same" not in keys else {}
        row.state = _state(row, checked, person, "row.same" in keys)
        row.customer_id = person.id if isinstance(person, Customer) else None
        row.staff_id = person.id if isinstance(person, StaffMember) else None
    return known


def _state(row: ImportRow, checked: Checked, person: Person | None, repeated: bool) -> State:
    if checked.in_error:
        return "error"
    if checked.asked and row.decision not in ("merge", "keep"):
        return "asked"
    if person:
        return "changed" if row.changes else "same"
    return "same" if repeated or row.decision == "merge" else "new"
