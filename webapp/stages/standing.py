"""Where customers stand now: what is kept, and in its place what is worked out for those whom a fact or the clock moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    union,
    union_all,
)

from webapp import db
from webapp.customers.models import Customer
from webapp.stages.models import Standing, Unsettled
from webapp.stages.rule import EVER, NEVER, Stage, Stages

WAITS: tuple[Stage, ...] = ("asked", "willing")
LONG = timedelta(days=7)
COLUMNS = ("customer_id", "stage", "since", "place", "holds_from", "holds_until")
AT_ONCE = 1_000
"""Customers in a statement that settles: of a hundred times as many, PostgreSQL's plan takes twenty times as long."""
LOCK = 0x5354414E
"""One at a time settles: otherwise what was worked out first could be written last."""


@dataclass(frozen=True)
class Standings:
    """Where every customer stands at `now`, and since when."""

    now: datetime

    def select(self, *columns: Any) -> Select[Any]:
        """Customers with these columns, `stage` and `since`."""
        return select(*columns, self._all.c.stage, self._all.c.since).select_from(Customer).join(self._all)

    def of(self, customer_id: int) -> tuple[Stage, datetime]:
        found = db.session.execute(self.select().where(Customer.id == customer_id)).one()
        return found.stage, found.since

    @property
    def place(self) -> ColumnElement[float]:
        """In the column of the board."""
        place: ColumnElement[float] = self._all.c.place
        return place

    def at(self, *stages: Stage) -> ColumnElement[bool]:
        """Stands in one of these stages. They are in the statement itself, so that it is planned for as many as there are."""
        return self._all.c.stage.in_([literal_column(f"'{stage}'") for stage in stages])

    def waits_long(self, *stages: Stage) -> ColumnElement[bool]:
        """Was asked, or would like to come, and has heard or said nothing for a week."""
        return and_(self.at(*(stages or WAITS)), self.place < bindparam("long_ago", self.long_ago, Double))

    @property
    def long_ago(self) -> float:
        return (self.now - LONG).timestamp()

    def ids(self, condition: ColumnElement[bool] | None = None) -> Select[int]:
        """Of whom this is so, by number: to be counted, from an index alone."""
        everybody = select(self._all.c.customer_id)
        return everybody if condition is None else everybody.where(condition)

    @staticmethod
    def to_write(moved: bool) -> "Standings":
        """For a statement that is kept, and asked with `given`: one for when nobody moved, one for when somebody did."""
        return (_Moved if moved else _Settled)(datetime.now(UTC))

    @property
    def given(self) -> dict[str, object]:
        """What a statement that was written with other standings is asked with, to be about these."""
        return {"now": self.now, "long_ago": self.long_ago, "moved": db.written(self.moved)}

    @cached_property
    def _all(self) -> FromClause:
        """By customer, as in `standing`."""
        kept = select(Standing.customer_id, Standing.stage, Standing.since, Standing.place)
        moved = self.moved
        if not moved:
            return kept.subquery("standing")
        those = bindparam("moved", db.written(moved), Text)
        still = kept.where(~db.among(Standing.customer_id, those))
        at = bindparam("now", self.now, DateTime(timezone=True))
        anew = Stages(at).select().where(db.among(Customer.id, those))
        return union_all(still, anew).subquery("standing")

    @property
    def moved(self) -> Sequence[int]:
        """Customers of whom what is kept does not hold: a fact was written since, or the clock passed a moment."""
        return db.once("moved", self._moved)

    def _moved(self) -> Sequence[int]:
        told = select(Unsettled.customer_id)
        later = select(Standing.customer_id).where(Standing.holds_until < EVER, Standing.holds_until <= self.now)
        earlier = select(Standing.customer_id).where(Standing.holds_from > NEVER, Standing.holds_from > self.now)
        return db.session.scalars(union(told, later, earlier)).all()


class _Settled(Standings):
    moved: Sequence[int] = ()


class _Moved(Standings):
    moved: Sequence[int] = (0,)


def settle(now: datetime, at_once: int = AT_ONCE) -> None:
    """A step of every tick: keep where they stand whom a fact or the clock moved."""
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return
    told = db.session.scalars(delete(Unsettled).returning(Unsettled.customer_id)).all()
    moved = sorted({*told, *Standings(now).moved})
    rule = Stages(now)
    anew = rule.select(rule.holds_from, rule.holds_until)
    for start in range(0, len(moved), at_once):
        these = moved[start : start + at_once]
        db.session.execute(delete(Standing).where(db.among(Standing.customer_id, these)))
        mine = anew.where(db.among(Customer.id, these))
        db.session.execute(insert(Standing).from_select(COLUMNS, mine))
