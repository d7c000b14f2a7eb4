"""From an upload to checked rows: read once, mended in place, every row held against the people we know."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, select, update

from webapp import db
from webapp.accounts.models import Account
from webapp.imports import columns, reader
from webapp.imports.bulk import copy, one_of, take_stock
from webapp.imports.checking import Earlier
from webapp.imports.columns import Kind
from webapp.imports.known import Known
from webapp.imports.matching import match
from webapp.imports.models import BATCH, Decision, Import, ImportRow

AT_ONCE = 500
"""Rows that are read, and applied, while somebody waits; more is done in the background."""


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
        mine = ImportRow.import_id == of.id
        db.session.execute(delete(ImportRow).where(mine, ~ImportRow.mended()))
        self.mended = set(db.session.scalars(select(ImportRow.line).where(mine)))
        """Rows that somebody mended before the columns were chosen anew."""

    def batch(self) -> int:
        """Read, check and keep the next rows; returns how many, 0 at the end. Raises FileProblem."""
        read = list(islice(self.table.rows, BATCH))
        if not read:
            return 0
        of, mended, rows = self.of, self._mended([row.line for row in read]), []
        decided = {line: row.decision for line, row in mended.items()}
        found = [
            self.earlier.compare(
                line, mended[line].checked(of) if line in mended else of.check(cells), decided.get(line)
            )
            for line, cells in read
        ]
        known = Known.of(of.kind, found)
        for (line, cells), checked in zip(read, found, strict=True):
            matched = match(known, checked, decided.get(line))
            if line in mended:
                matched.onto(mended[line], of.kind)
            else:
                rows.append({"import_id": of.id, "line": line, "cells": cells} | matched.columns(of.kind))
        copy(ImportRow, rows)
        self.done += len(read)
        self._tell(done=self.done)
        return len(read)

    def finish(self, now: datetime) -> None:
        self._tell(read_at=now, done=self.done, total=self.done, domains=self.earlier.common_domains())
        if self.done > AT_ONCE:
            take_stock(ImportRow.import_id, ImportRow.line, ImportRow.key, ImportRow.state)

    def _mended(self, lines: Sequence[int]) -> dict[int, ImportRow]:
        mended = self.mended.intersection(lines)
        found = db.session.scalars(self.of.rows().where(one_of(ImportRow.line, mended))) if mended else ()
        return {row.line: row for row in found}

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
    known = Known.of(of.kind, found)
    for row, checked in zip(rows, found, strict=True):
        match(known, checked, row.decision).onto(row, of.kind)
