"""The list of visits, read only: of each who tells, how many come, and how many were there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Date, Select, and_, cast, func, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.customers.models import Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.invitations.places import WaitingPlace
from webapp.people import PersonName
from webapp.visits.models import Visit

ON_A_PAGE = 50
A_DAY = timedelta(days=1)
"""No clock is further from UTC: what is looked for by day stands within a day of it, and that has an index."""


@dataclass(frozen=True)
class Tally:
    """One line of the list of visits."""

    visit: Visit
    tellers: Sequence[PersonName]
    """The storytellers who come."""
    storytellers: int
    coming: int
    offered: int
    asked: int
    present: int


def listed(now: datetime, *, past: bool, limit: int = ON_A_PAGE, page: int = 1, called_off: bool = True) -> list[Tally]:
    """Visits to come, the nearest first; or those that were, the last one first. `called_off`: cancelled ones too."""
    when = _when(now, past) if called_off else and_(_when(now, past), Visit.cancelled_at.is_(None))
    order = Visit.starts_at.desc() if past else Visit.starts_at
    return _tallied(select(Visit).where(when).order_by(order, Visit.id).limit(limit).offset(limit * (page - 1)))


def between(first: date, last: date) -> list[Tally]:
    """Visits on these days of their own clocks, both days included; cancelled ones too."""
    there = Visit.starts_at.between(_midnight(first - A_DAY), _midnight(last + 2 * A_DAY))
    days = cast(Visit.wall, Date).between(first, last)
    return _tallied(select(Visit).where(there, days).order_by(Visit.wall, Visit.id))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _tallied(chosen: Select[Visit]) -> list[Tally]:
    visits = db.session.scalars(chosen.options(selectinload(Visit.teams))).all()
    counts = _counts([visit.id for visit in visits])
    tellers = _tellers([visit.id for visit in visits])
    nothing = (0, 0, 0, 0, 0)
    return [Tally(visit, tellers.get(visit.id, ()), *counts.get(visit.id, nothing)) for visit in visits]


def counted(now: datetime, *, past: bool) -> tuple[int, int]:
    """How many there are in that list, and how many of them are not called off."""
    count = select(func.count(), func.count().filter(Visit.cancelled_at.is_(None))).select_from(Visit)
    total, on = db.session.execute(count.where(_when(now, past))).one()
    return total, on


def _when(now: datetime, past: bool) -> ColumnElement[bool]:
    return Visit.ends_at <= now if past else Visit.ends_at > now


def _tellers(visits: Sequence[int]) -> dict[int, list[PersonName]]:
    rows = db.session.execute(
        select(Invitation.visit_id, Customer)
        .join(Invitation.customer)
        .where(Invitation.visit_id.in_(visits), Invitation.coming())
        .order_by(Customer.sorting)
    )
    found: dict[int, list[PersonName]] = {}
    for visit_id, customer in rows:
        found.setdefault(visit_id, []).append(customer.name)
    return found


def _counts(visits: Sequence[int]) -> dict[int, tuple[int, ...]]:
    offered = and_(
        WaitingPlace.invitation_id == Invitation.id,
        WaitingPlace.ended_at.is_(None),
        WaitingPlace.offered_at.is_not(None),
    )
    rows = db.session.execute(
        select(
            Invitation.visit_id,
            func.count().filter(Invitation.coming(), Invitation.customer_id.is_not(None)),
            func.count().filter(Invitation.coming(), Invitation.staff_id.is_not(None)),
            func.count(WaitingPlace.id),
            func.count().filter(Invitation.withdrawn_at.is_(None)),
            func.count().filter(Attendance.present),
        )
        .outerjoin(Attendance, Attendance.invitation_id == Invitation.id)
        .outerjoin(WaitingPlace, offered)
        .where(Invitation.visit_id.in_(visits))
        .group_by(Invitation.visit_id)
    )
    long_ago = select(Visit.id, Visit.came).where(Visit.id.in_(visits), Visit.came.is_not(None))
    were = {visit_id: came.get("customer", 0) + came.get("staff", 0) for visit_id, came in db.session.execute(long_ago)}
    return {visit_id: (*counts, there + were.get(visit_id, 0)) for visit_id, *counts, there in rows}
