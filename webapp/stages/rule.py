"""The stage a customer is in: derived from facts by one SQL expression, never typed in.

The facts are what was said (Contact, Consent), who was invited and answered (Invitation, Visit) and who was there
(Attendance). Who is expected at a visit is planned, whatever else; otherwise the last word counts. Pages read what this
gives from `standing.py`, which keeps it. A rule that reads another table adds it to `FACTS` (`models.py`), and one that
looks at the clock adds the moment to `_moments`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Double,
    Interval,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from webapp import db
from webapp.accounts.models import REST_DAYS, Organisation
from webapp.customers.models import SAID, Consent, Contact, Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.visits.models import Visit

Stage = Literal["found", "asked", "willing", "planned", "met", "resting", "declined"]
COLUMNS: tuple[Stage, ...] = ("found", "asked", "willing", "planned", "met")
FOLDED: tuple[Stage, ...] = ("resting", "declined")
STAGES: tuple[Stage, ...] = COLUMNS + FOLDED

MET_FOR = timedelta(days=28)
"""So long after a visit somebody stands under "met": the thanks and the questions are about then."""
NO_FOR = timedelta(days=183)
"""So long after a no to a visit somebody stands under "declined", if they say nothing else."""
TICKED_WITHIN = timedelta(days=28)
"""So long after a visit its attendance can be waited for."""
NEVER: ColumnElement[datetime] = literal_column("'-infinity'::timestamptz")
EVER: ColumnElement[datetime] = literal_column("'infinity'::timestamptz")
COUNTED_TO = 1_000
"""More than so many are not counted, but said to be more: no page counts everything."""


@dataclass(frozen=True)
class Stages:
    """The stage of every customer as it is at `now`, and since when."""

    now: datetime | ColumnElement[datetime]

    def select(self, *more: ColumnElement[Any]) -> Select[Any]:
        """By customer: stage, since when, the place in its column, and what more is asked of these."""
        found = (Customer.id, self.stage, self.since, self.place)
        return (
            select(*found, *more)
            .select_from(Customer)
            .join(self._said, true())
            .outerjoin(self._ground, true())
            .join(self._invited, true())
            .where(Customer.erased_at.is_(None))
        )

    @cached_property
    def stage(self) -> ColumnElement[str]:
        invited, last_word = self._invited.c, self._last_word
        asked = and_(invited.open_at.is_not(None), or_(self._willing_at.is_(None), self._willing_at <= invited.open_at))
        return case(
            (invited.coming_at.is_not(None), "planned"),
            (self._refuses, "declined"),
            (asked, "asked"),
            (self._willing_at == last_word, "willing"),
            (and_(invited.declined_at == last_word, last_word + NO_FOR > self.now), "declined"),
            (and_(invited.met_at == last_word, last_word + MET_FOR > self.now), "met"),
            (and_(invited.met_at == last_word, last_word + self._rest > self.now), "resting"),
            else_="found",
        )

    @cached_property
    def since(self) -> ColumnElement[datetime]:
        """Since when somebody is in that stage; who is found, since they were added or their rest ended."""
        invited = self._invited.c
        ended = case((invited.declined_at == self._last_word, NO_FOR), else_=func.greatest(self._rest, MET_FOR))
        refused_at = func.coalesce(func.greatest(self._said.c.declined_at, self._ground.c.at), self._last_word)
        return case(
            (self.stage == "planned", invited.coming_at),
            (and_(self.stage == "declined", self._refuses), refused_at),
            (self.stage == "asked", invited.open_at),
            (self.stage.in_(("willing", "declined", "met", "resting")), self._last_word),
            else_=func.greatest(Customer.added_at, self._last_word + ended),
        )

    @property
    def place(self) -> ColumnElement[float]:
        """In the column, the lowest first. Who is found, the newest first; who waits, the longest first; who is planned,
        the next visit first; who was there, the last visit first."""
        seconds: dict[Stage, ColumnElement[Any]] = {
            "found": -Customer.id,
            "asked": _seconds(self.since),
            "willing": _seconds(self.since),
            "planned": _seconds(self._invited.c.next_at),
        }
        return cast(case(seconds, value=self.stage, else_=-_seconds(self.since)), Double)

    @property
    def holds_from(self) -> ColumnElement[datetime]:
        """Since when the clock has changed nothing; `-infinity` when it never did."""
        before = [case((at <= self.now, at)) for at in self._words_end]
        return func.greatest(self._invited.c.before, *before, NEVER)

    @property
    def holds_until(self) -> ColumnElement[datetime]:
        """The first moment at which the clock may change the stage, if no fact does; `infinity` when it never will."""
        after = [case((at > self.now, at)) for at in self._words_end]
        return func.least(self._invited.c.after, *after, EVER)

    @property
    def _words_end(self) -> Sequence[ColumnElement[Any]]:
        """When the last word counts no more."""
        return self._last_word + MET_FOR, self._last_word + self._rest, self._last_word + NO_FOR

    @cached_property
    def _rest(self) -> ColumnElement[timedelta]:
        """So long after a visit nobody is asked again: the setting by which the ask budget goes too."""
        days = select(func.coalesce(func.max(Organisation.rest_days), REST_DAYS)).scalar_subquery()
        return func.make_interval(0, 0, 0, days, type_=Interval)

    @property
    def _moments(self) -> Sequence[Any]:
        """When the clock changes what an invitation says."""
        return Visit.starts_at, Visit.ends_at, Visit.ends_at + TICKED_WITHIN

    @property
    def _willing_at(self) -> ColumnElement[Any]:
        return func.greatest(self._said.c.willing_at, self._invited.c.willing_at)

    @property
    def _last_word(self) -> ColumnElement[Any]:
        return func.greatest(self._willing_at, self._invited.c.declined_at, self._invited.c.met_at)

    @property
    def _refuses(self) -> ColumnElement[bool]:
        """Said "rather not" on the phone, or withdrew consent, and nothing else since."""
        said, ground = self._said.c, self._ground.c
        on_phone = and_(
            said.declined_at.is_not(None),
            or_(said.willing_at.is_(None), said.declined_id > said.willing_id),
            or_(ground.at.is_(None), ground.at <= said.declined_at),
        )
        return or_(on_phone, func.coalesce(ground.ground, "") == "withdrawn")

    @cached_property
    def _said(self) -> Any:
        """What was said on the phone, one row per customer."""

        def last(column: InstrumentedAttribute[Any], what: str) -> ColumnElement[Any]:
            return func.max(column).filter(Contact.what == what)

        return (
            select(
                last(Contact.at, "willing").label("willing_at"),
                last(Contact.id, "willing").label("willing_id"),
                last(Contact.at, "declined").label("declined_at"),
                last(Contact.id, "declined").label("declined_id"),
            )
            .where(Contact.customer_id == Customer.id, Contact.undone_at.is_(None), Contact.what.in_(SAID))
            .lateral("said")
        )

    @cached_property
    def _ground(self) -> Any:
        """The last word about being asked, if there was one."""
        mine = (Consent.customer_id == Customer.id, Consent.use == "to_be_asked")
        last = select(Consent.ground, Consent.at).where(*mine)
        return last.order_by(Consent.id.desc()).limit(1).lateral("ground")

    @cached_property
    def _invited(self) -> Any:
        """What became of the invitations that stand, one row per customer."""
        columns: dict[str, ColumnElement[Any]] = {
            "coming_at": func.max(Invitation.answered_at).filter(self._expected),
            "next_at": func.min(Visit.starts_at).filter(self._expected),
            "open_at": func.max(Invitation.invited_at).filter(self._open),
            "willing_at": func.greatest(
                func.max(Invitation.answered_at).filter(or_(Invitation.partstat == "tentative", self._let_down)),
                func.max(Visit.ends_at).filter(Attendance.present.is_(False)),
            ),
            "declined_at": func.max(Invitation.answered_at).filter(Invitation.partstat == "declined"),
            "met_at": func.max(Visit.ends_at).filter(Attendance.present),
            "before": func.greatest(*(func.max(at).filter(at <= self.now) for at in self._moments)),
            "after": func.least(*(func.min(at).filter(at > self.now) for at in self._moments)),
        }
        return (
            select(*(column.label(name) for name, column in columns.items()))
            .select_from(Invitation)
            .join(Visit)
            .outerjoin(Attendance)
            .where(Invitation.customer_id == Customer.id, Invitation.withdrawn_at.is_(None))
            .lateral("invited")
        )

    @property
    def _expected(self) -> ColumnElement[bool]:
        """Said yes to a visit that is on; afterwards, until it was noted who was there."""
        return and_(
            Invitation.partstat == "accepted",
            Visit.cancelled_at.is_(None),
            Attendance.id.is_(None),
            or_(Visit.ends_at > self.now, and_(Visit.ends_at + TICKED_WITHIN > self.now, Visit.finished_at.is_(None))),
        )

    @property
    def _open(self) -> ColumnElement[bool]:
        return and_(Invitation.partstat == "needs-action", Visit.cancelled_at.is_(None), Visit.starts_at > self.now)

    @property
    def _let_down(self) -> ColumnElement[bool]:
        """Said yes to a visit that was cancelled."""
        return and_(Invitation.partstat == "accepted", Visit.cancelled_at.is_not(None))


def _seconds(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.extract("epoch", moment)


def at_most(number: int) -> ColumnElement[int]:
    """For LIMIT: a number in the statement. As a parameter, a prepared statement is planned for a tenth of all rows."""
    return literal_column(str(int(number)))


def counted(query: Select[Any], most: int = COUNTED_TO) -> int:
    """How many rows a query has; `most` + 1 says: more."""
    return db.session.scalar(counts(capped(query, most))) or 0


def counted_all(*queries: Select[Any]) -> Sequence[int]:
    """The same of several, in one statement."""
    return db.session.execute(counts(*map(capped, queries))).one()


def capped(query: Select[Any], most: int = COUNTED_TO) -> Select[Any]:
    return query.limit(at_most(most + 1))


def counts(*queries: Select[Any]) -> Select[Any]:
    """One row, with the number of rows of each query."""
    return select(*(select(func.count()).select_from(query.subquery()).scalar_subquery() for query in queries))
