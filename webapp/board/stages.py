"""The stage a customer is in: derived from facts by one SQL expression, never typed in.

The facts are what was said (Contact, Consent), who was invited and answered (Invitation, Visit) and who was there
(Attendance). Who is expected at a visit is planned, whatever else; otherwise the last word counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, true, union
from sqlalchemy.orm import InstrumentedAttribute

from webapp import db
from webapp.customers.models import SAID, Consent, Contact, Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.visits.models import Visit

Stage = Literal["found", "asked", "willing", "planned", "met", "resting", "declined"]
COLUMNS: tuple[Stage, ...] = ("found", "asked", "willing", "planned", "met")
FOLDED: tuple[Stage, ...] = ("resting", "declined")
STAGES: tuple[Stage, ...] = COLUMNS + FOLDED

MET_FOR = timedelta(days=28)
"""So long after a visit somebody stands under "met": the thanks and the questions are about then."""
RESTS = timedelta(days=183)
"""So long after a visit, or after a no to one, somebody is left in peace."""
TICKED_WITHIN = timedelta(days=28)
"""So long after a visit its attendance can be waited for."""
LONG = timedelta(days=7)
COUNTED_TO = 1_000
"""More than so many are not counted, but said to be more: no page counts everything."""


@dataclass(frozen=True)
class Stages:
    """The stage of every customer as it is at `now`, and since when."""

    now: datetime

    def select(self, *columns: Any) -> Select[Any]:
        """Customers with these columns, `stage` and `since`."""
        return (
            select(*columns, self.stage.label("stage"), self.since.label("since"))
            .select_from(Customer)
            .join(self._said, true())
            .outerjoin(self._ground, true())
            .join(self._invited, true())
        )

    def of(self, customer_id: int) -> tuple[Stage, datetime]:
        found = db.session.execute(self.select(Customer.id).where(Customer.id == customer_id)).one()
        return found.stage, found.since

    def only(self, query: Select[Any], stage: Stage) -> Select[Any]:
        """Of a `select` of these: who is in this stage. Starts from the facts that lead there, which are few."""
        within = query.where(self.stage == stage)
        return within if stage == "found" else within.where(Customer.id.in_(self._led_to(stage)))

    def waiting_long(self, query: Select[Any]) -> Select[Any]:
        """Who was asked, or would like to come, and has heard or said nothing for a week."""
        either = union(self._led_to("asked"), self._led_to("willing"))
        long = and_(self.stage.in_(("asked", "willing")), self.since < self.now - LONG)
        return query.where(Customer.id.in_(either), long)

    @cached_property
    def stage(self) -> ColumnElement[str]:
        invited, last_word = self._invited.c, self._last_word
        asked = and_(invited.open_at.is_not(None), or_(self._willing_at.is_(None), self._willing_at <= invited.open_at))
        return case(
            (invited.coming_at.is_not(None), "planned"),
            (self._refuses, "declined"),
            (asked, "asked"),
            (self._willing_at == last_word, "willing"),
            (and_(invited.declined_at == last_word, last_word > self.now - RESTS), "declined"),
            (and_(invited.met_at == last_word, last_word > self.now - MET_FOR), "met"),
            (and_(invited.met_at == last_word, last_word > self.now - RESTS), "resting"),
            else_="found",
        )

    @cached_property
    def since(self) -> ColumnElement[datetime]:
        """Since when somebody is in that stage; who is found, since they were added or their rest ended."""
        invited = self._invited.c
        refused_at = func.coalesce(func.greatest(self._said.c.declined_at, self._ground.c.at), self._last_word)
        return case(
            (self.stage == "planned", invited.coming_at),
            (and_(self.stage == "declined", self._refuses), refused_at),
            (self.stage == "asked", invited.open_at),
            (self.stage.in_(("willing", "declined", "met", "resting")), self._last_word),
            else_=func.greatest(Customer.added_at, self._last_word + RESTS),
        )

    @property
    def next_visit_at(self) -> ColumnElement[Any]:
        """Of who is planned: when."""
        next_at: ColumnElement[Any] = self._invited.c.next_at
        return next_at

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
        last = select(Consent.ground, Consent.at).where(Consent.customer_id == Customer.id)
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
            or_(Visit.ends_at > self.now, and_(Visit.ends_at > self.now - TICKED_WITHIN, Visit.finished_at.is_(None))),
        )

    @property
    def _open(self) -> ColumnElement[bool]:
        return and_(Invitation.partstat == "needs-action", Visit.cancelled_at.is_(None), Visit.starts_at > self.now)

    @property
    def _let_down(self) -> ColumnElement[bool]:
        """Said yes to a visit that was cancelled."""
        return and_(Invitation.partstat == "accepted", Visit.cancelled_at.is_not(None))

    def _led_to(self, stage: Stage) -> Select[Any]:
        """Customers about whom there is a fact that can lead to this stage: more than are in it, never fewer."""
        invited = select(Invitation.customer_id).join(Visit).outerjoin(Attendance)
        invited = invited.where(Invitation.customer_id.is_not(None), Invitation.withdrawn_at.is_(None))
        match stage:
            case "planned":
                return invited.where(self._expected, Visit.ends_at > self.now - TICKED_WITHIN)
            case "asked":
                return invited.where(self._open)
            case "met" | "resting":
                return invited.where(Attendance.present, Visit.ends_at > self.now - RESTS)
            case "willing":
                answered = or_(Invitation.partstat == "tentative", self._let_down, Attendance.present.is_(False))
                return self._either(invited.where(answered), self._contacted("willing"))
            case _:
                said_no = invited.where(Invitation.partstat == "declined", Invitation.answered_at > self.now - RESTS)
                withdrew = select(Consent.customer_id).where(Consent.ground == "withdrawn")
                return self._either(said_no, self._contacted("declined"), withdrew)

    @staticmethod
    def _contacted(what: str) -> Select[Any]:
        return select(Contact.customer_id).where(Contact.what == what, Contact.undone_at.is_(None))

    @staticmethod
    def _either(*queries: Select[Any]) -> Select[Any]:
        return select(union(*queries).subquery().c[0])


def at_most(number: int) -> ColumnElement[int]:
    """For LIMIT: a number in the statement. As a parameter, a prepared statement is planned for a tenth of all rows."""
    return literal_column(str(int(number)))


def counted(query: Select[Any], most: int = COUNTED_TO) -> int:
    """How many rows a query has; `most` + 1 says: more."""
    return db.session.scalar(select(func.count()).select_from(query.limit(at_most(most + 1)).subquery())) or 0
