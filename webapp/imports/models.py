"""A list that somebody brought, and its rows: as written, as mended, as understood, and whom they became."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    Select,
    Text,
    UniqueConstraint,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import JSON, Base, Id, references
from webapp.imports import addresses, columns
from webapp.imports.checking import Checked, Problem, check
from webapp.imports.columns import Kind
from webapp.imports.table import FileProblem
from webapp.people import PersonName

State = Literal["new", "changed", "same", "error", "asked"]
STATES: tuple[State, ...] = ("new", "changed", "same", "error", "asked")
READY: tuple[State, ...] = ("new", "changed", "same")
LEFT: tuple[State, ...] = ("error", "asked")
Decision = Literal["merge", "keep", "phone"]
UNDO_FOR = timedelta(hours=24)
FORGET_AFTER = timedelta(days=7)
"""What was uploaded and never applied goes then."""
BATCH = 500
_WORTH_A_LOOK = "state <> 'new' or problems <> '[]' or typed <> '{}' or decision is not null"
LOCK = 0x696D70  # of PostgreSQL's advisory locks those of imports


class Import(Base):
    """One list that somebody brought: what it holds, and what became of it."""

    __tablename__ = "import"
    __table_args__ = (
        CheckConstraint("kind in ('customers', 'staff')", "kind"),
        Index("import_due_idx", "uploaded_at", postgresql_where=text("undone_at is null and forgotten_at is null")),
    )

    id: Mapped[Id]
    kind: Mapped[Kind] = mapped_column(Text)
    account_id: Mapped[int] = references("account.id")
    filename: Mapped[str] = mapped_column(default="")
    """Empty: pasted."""
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    """The file, until it is forgotten."""
    encoding: Mapped[str]
    delimiter: Mapped[str] = mapped_column(default="")
    header: Mapped[list[str]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, Any]]
    """Field to column."""
    domains: Mapped[list[str]] = mapped_column(JSONB, default=list)
    """Of the addresses in it, the commonest first: what a mistyped one probably meant."""
    locale: Mapped[str]
    """Of people whose language the list does not say."""
    ground: Mapped[str | None]
    wording: Mapped[str] = mapped_column(default="")
    wording_locale: Mapped[str] = mapped_column(default="nl")
    made_teams: Mapped[list[int]] = mapped_column(JSONB, default=list)

    uploaded_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    apply_asked_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    undo_asked_at: Mapped[datetime | None]
    undo_by_id: Mapped[int | None] = references("account.id")
    undone_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failed: Mapped[dict[str, Any] | None]
    """Why it could not be read on: {"key": ..., "values": {...}}."""
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    """Rows so far, and in all; 0 while nobody knows."""

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    undo_by: Mapped[Account | None] = relationship(foreign_keys=[undo_by_id])

    @property
    def missing(self) -> list[str]:
        """Fields whose column we could not find; until they are chosen nothing is read."""
        return columns.missing(self.kind, self.mapping)

    @property
    def ignored(self) -> list[str]:
        return columns.ignored(self.header, self.mapping)

    @property
    def is_open(self) -> bool:
        """Read, and not applied: rows can be mended."""
        return self.read_at is not None and self.apply_asked_at is None and self.forgotten_at is None

    @property
    def waits(self) -> bool:
        """The background has it."""
        to_read = self.read_at is None and not self.missing
        to_apply = self.apply_asked_at is not None and self.applied_at is None
        to_undo = self.undo_asked_at is not None and self.undone_at is None
        return (to_read or to_apply or to_undo) and self.failed_at is None and self.forgotten_at is None

    @property
    def undo_until(self) -> datetime | None:
        return self.applied_at + UNDO_FOR if self.applied_at else None

    def can_be_undone(self, now: datetime) -> bool:
        return self.undo_asked_at is None and self.undo_until is not None and now < self.undo_until

    def fail(self, problem: FileProblem, now: datetime) -> None:
        self.failed_at, self.failed = now, {"key": problem.key, "values": problem.values}

    # Its rows

    def check(self, cells: Sequence[str], typed: JSON | None = None, decision: str | None = None) -> Checked:
        """A row as it was written, with what was mended and decided."""
        read = columns.picked(self.mapping, cells) | (typed or {})
        too_wide = len(cells) > len(self.header) and not typed
        return check(self.kind, read, without_address=decision == "phone", too_wide=too_wide)

    def rows(self) -> Select["ImportRow"]:
        return select(ImportRow).where(ImportRow.import_id == self.id).order_by(ImportRow.line)

    def row(self, row_id: int) -> "ImportRow | None":
        return db.session.scalar(self.rows().where(ImportRow.id == row_id))

    def counts(self) -> dict[State, int]:
        """Rows by state; every state is there. Once all are read, the new ones are the rest: of a first list, nearly all."""
        found = select(ImportRow.state, func.count()).where(ImportRow.import_id == self.id).group_by(ImportRow.state)
        if self.read_at is None:
            return dict.fromkeys(STATES, 0) | dict(db.session.execute(found).all())
        others = dict.fromkeys(STATES, 0) | dict(db.session.execute(found.where(ImportRow.state != "new")).all())
        return others | {"new": self.total - sum(others.values())}

    def rest(self) -> Iterator["ImportRow"]:
        """The rows that are not, or were not, taken over."""
        found = self.rows().where(ImportRow.state.in_(LEFT)).execution_options(yield_per=BATCH)
        return iter(db.session.scalars(found))

    def customer_ids(self) -> Select[int | None]:
        """The customers this list is about, for a filter."""
        return select(ImportRow.customer_id).where(ImportRow.import_id == self.id, ImportRow.customer_id.is_not(None))

    # One at a time

    def alone(self) -> "Import":
        """Wait until nobody else works on this import, and see it as they left it."""
        db.session.execute(select(func.pg_advisory_xact_lock(LOCK, self.id)))
        db.session.refresh(self)
        return self

    @classmethod
    def try_alone(cls, import_id: int) -> "Import | None":
        """This import, if nobody else works on it, for as long as the transaction lasts."""
        free = db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, import_id)))
        return db.session.get(cls, import_id) if free else None

    @classmethod
    def waiting(cls) -> Sequence[int]:
        """Imports that the background should read, apply or undo."""
        to_do = or_(cls.applied_at.is_(None), cls.undo_asked_at.is_not(None))
        found = select(cls).where(to_do, cls.undone_at.is_(None), cls.forgotten_at.is_(None), cls.failed_at.is_(None))
        return [each.id for each in db.session.scalars(found.order_by(cls.uploaded_at)) if each.waits]

    @classmethod
    def latest(cls, kind: Kind, count: int = 5) -> Sequence["Import"]:
        """The last lists of this kind, the newest first."""
        found = select(cls).where(cls.kind == kind, cls.forgotten_at.is_(None))
        return db.session.scalars(found.order_by(cls.id.desc()).limit(count)).all()

    @classmethod
    def forget(cls, now: datetime) -> None:
        """The file and its cells go when nothing can be undone with them; who came of it stays known."""
        being_undone = cls.undo_asked_at.is_not(None) & cls.undone_at.is_(None)
        old = or_(
            (cls.applied_at < now - UNDO_FOR) & ~being_undone,
            (cls.applied_at.is_(None)) & (cls.uploaded_at < now - FORGET_AFTER),
        )
        forgetting = update(cls).where(old, cls.forgotten_at.is_(None)).values(content=None, forgotten_at=now)
        gone = db.session.scalars(forgetting.returning(cls.id)).all()
        if gone:
            nothing: JSON = {
                "cells": [],
                "typed": {},
                "values": {},
                "problems": [],
                "changes": {},
                "key": "",
                "before": None,
            }
            db.session.execute(update(ImportRow).where(ImportRow.import_id.in_(gone)).values(nothing))


class ImportRow(Base):
    """One row of a list."""

    __tablename__ = "import_row"
    __table_args__ = (
        UniqueConstraint("import_id", "line"),
        CheckConstraint("state in ('new', 'changed', 'same', 'error', 'asked')", "state"),
        Index("import_row_key_idx", "import_id", "key"),
        Index("import_row_look_idx", "import_id", "line", postgresql_where=text(_WORTH_A_LOOK)),
    )

    id: Mapped[Id]
    import_id: Mapped[int] = references("import.id", index=False, ondelete="CASCADE")
    line: Mapped[int]
    cells: Mapped[list[str]] = mapped_column(JSONB)
    typed: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Cells that somebody mended, by field."""
    values: Mapped[dict[str, Any]]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What differs from the person we know: field to [old, new]."""
    key: Mapped[str] = mapped_column(default="")
    """The same for rows that may be one person."""
    state: Mapped[State] = mapped_column(Text)
    decision: Mapped[Decision | None] = mapped_column(Text)
    """`merge`, `keep`: with or beside somebody who has the same address; `phone`: no address is needed."""
    customer_id: Mapped[int | None] = references("customer.id", ondelete="SET NULL")
    staff_id: Mapped[int | None] = references("staff_member.id", ondelete="SET NULL")
    """Whom we know this row as, and, when applied, whom it became."""
    before: Mapped[dict[str, Any] | None]
    """What undoing puts back, by field."""

    @classmethod
    def looked_at(cls) -> Any:
        """SQL: needs a look, or had one."""
        return or_(cls.state.in_(LEFT), cls.mended())

    @classmethod
    def mended(cls) -> Any:
        """SQL: somebody typed in it, or decided about it."""
        return or_(cls.typed != {}, cls.decision.is_not(None))

    @property
    def name(self) -> PersonName:
        return PersonName(*(self.values.get(part, "") for part in ("title", "given", "particle", "family")))

    @property
    def said(self) -> list[Problem]:
        return [Problem(**problem) for problem in self.problems]

    def cell(self, field: str, mapping: Mapping[str, int]) -> str:
        """What stands in this field: as mended, else as it was written."""
        at = mapping.get(field, -1)
        return str(self.typed.get(field, self.cells[at] if 0 <= at < len(self.cells) else ""))

    def checked(self, of: Import) -> Checked:
        """This row as it stands: as written, with what was mended and decided."""
        return of.check(self.cells, self.typed, self.decision)

    def guess(self, of: Import) -> str | None:
        """The address that was probably meant."""
        return addresses.guess(self.cell("email", of.mapping), of.domains)
