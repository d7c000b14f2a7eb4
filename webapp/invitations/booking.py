"""A customer books a day of a standing slot: a yes without having been asked, by the rules of every other yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Select, func, select

from webapp import db
from webapp.customers.models import Customer
from webapp.invitations.models import Answer, Closed, Invitation, Proposal
from webapp.invitations.places import Places
from webapp.visits import wall
from webapp.visits.models import Slot, Visit
from webapp.visits.standing import Occurrence, Series

WAITS = {"waits": True}
"""What stands in the Proposal of a customer who waits for a place on this very day."""


class Full(Exception):
    """All places of that day are taken: wait for one, or choose another day."""


class NotAllowed(Exception):
    """This person does not, or no longer, agree to tell their story at a visit."""


@dataclass(frozen=True)
class Day:
    """A day a customer can choose, with the visit there is already and what this customer said to it."""

    series: Series
    day: date
    slot: Slot
    free: int
    """Places for storytellers that are left; 0: one can wait."""
    mine: Invitation | None

    @property
    def value(self) -> str:
        return f"{self.series.id}-{self.day:%Y%m%d}"

    @property
    def until(self) -> datetime:
        return self.slot.when + timedelta(minutes=self.slot.minutes)

    @property
    def settled(self) -> bool:
        """Booked already, or waited for: the way to change that is its receipt."""
        return self.mine is not None and (self.mine.partstat == "accepted" or waits(self.mine))


def waits(invitation: Invitation) -> bool:
    """Whether this customer waits for a place on that very day."""
    return (
        invitation.proposal is not None and invitation.partstat != "accepted" and "waits" in invitation.proposal.times
    )


def days_of(customer: Customer, now: datetime) -> list[Day]:
    """What this customer can choose from now, the nearest first: a fixed number of queries, and one for each series."""
    found = [day for series in Series.open_ones() for day in _days(series, customer, now)]
    return sorted(found, key=lambda each: (each.slot.when, each.series.id))


def book(customer: Customer, series: Series, day: date, now: datetime, nonce: str | None, *, wait: bool) -> Invitation:
    """This customer comes that day; `wait`: or waits for a place. Nobody who waits already is overtaken.

    Raises Full, unless it waits; NotAllowed without consent; Closed when the day can no longer be booked, and
    RoomTaken when another visit has its room. Nothing is to be kept then.
    """
    made = db.session.get(Occurrence, (series.id, day))
    if series.closed_at is not None or (made is None and day not in series.days(now)):
        raise Closed("past")
    visit = series.visit_of(day, now)
    places = Places.locked(Invitation, visit.id, now)
    if visit.cancelled_at is not None or visit.starts_at <= now + series.notice:
        raise Closed("cancelled" if visit.cancelled_at else "past")
    customer.hold()
    db.session.refresh(customer, ["consents"])
    if not customer.agreed("live_visit") or customer.erased_at is not None:
        raise NotAllowed
    _seat(visit, now)
    invitation = _invitation(visit, customer, now)
    if not wait and not places.fits(invitation):
        raise Full
    invitation.answer("accepted", now, nonce=nonce, times=WAITS if not places.fits(invitation) else None)
    return invitation


def seat_waiting(now: datetime) -> None:
    """A step of every tick: a place that came free goes to who waits longest, as long as the day can be booked."""
    visits = (
        _waiting().with_only_columns(Invitation.visit_id).where(Visit.cancelled_at.is_(None), Visit.starts_at > now)
    )
    for visit_id in sorted(set(db.session.scalars(visits))):
        _seat(Places.locked(Invitation, visit_id, now).visit, now)


def _seat(visit: Visit, now: datetime) -> None:
    """Its row is locked. Who waits, in order, and still agrees, comes; the receipt tells them."""
    series = db.session.scalar(select(Series).join(Occurrence).where(Occurrence.visit_id == visit.id))
    if series is None or visit.cancelled_at is not None or visit.starts_at <= now + series.notice:
        return
    places = Places(Invitation, visit, now)
    line = _waiting().where(Invitation.visit_id == visit.id).order_by(Proposal.at, Proposal.id)
    for invitation in db.session.scalars(line).all():
        if not places.fits(invitation):
            return
        if invitation.customer is not None and invitation.customer.agreed("live_visit"):
            invitation.answer("accepted", now, channel="list")


def _waiting() -> Select[Invitation]:
    return (
        select(Invitation)
        .join(Answer, Answer.invitation_id == Invitation.id)
        .join(Proposal, Proposal.answer_id == Answer.id)
        .join(Visit, Invitation.visit_id == Visit.id)
        .where(
            Answer.latest,
            Proposal.because_full,
            Proposal.times.has_key("waits"),
            Invitation.withdrawn_at.is_(None),
            Invitation.partstat != "accepted",
        )
    )


def _invitation(visit: Visit, customer: Customer, now: datetime) -> Invitation:
    """The one there is, or a new one without mail: nobody was asked, so nobody is reminded."""
    mine = (Invitation.visit_id == visit.id, Invitation.customer_id == customer.id)
    found = db.session.scalar(select(Invitation).where(*mine))
    if found is None:
        found = Invitation(
            visit=visit, customer=customer, invited_at=now, released_at=now, calendar_uid=uuid4(), remind_1_at=now,
            remind_2_at=now, unanswered_at=now,
        )  # fmt: skip
        db.session.add(found)
        db.session.flush()
    return found


def _days(series: Series, customer: Customer, now: datetime) -> list[Day]:
    coming = (
        select(func.count())
        .where(Invitation.visit_id == Visit.id, Invitation.customer_id.is_not(None), Invitation.coming())
        .correlate(Visit)
        .scalar_subquery()
    )
    made = db.session.execute(
        select(Occurrence.day, Visit, coming, Invitation)
        .join(Visit, Occurrence.visit_id == Visit.id)
        .outerjoin(Invitation, (Invitation.visit_id == Visit.id) & (Invitation.customer_id == customer.id))
        .where(Occurrence.series_id == series.id, Visit.ends_at > now)
    ).all()
    days = {}
    for day, visit, count, mine in made:
        if visit.cancelled_at is None and visit.starts_at > now + series.notice and not (mine and mine.withdrawn_at):
            slot = Slot(visit.wall, visit.zone, visit.minutes, visit.fold, visit.room, visit.link)
            days[day] = Day(series, day, slot, max(visit.storyteller_places - count, 0), mine)
    known = {row[0] for row in made}
    new = [day for day in series.days(now) if day not in known]
    for day in _room_free(series, new):
        days[day] = Day(series, day, series.slot(day), series.storyteller_places, None)
    return list(days.values())


def _room_free(series: Series, days: Sequence[date]) -> list[date]:
    """Those on which no other visit has its room."""
    if series.room_id is None or not days:
        return list(days)
    lasts = timedelta(minutes=series.minutes)
    begins = {day: wall.to_utc(series.slot(day).when, series.zone, 0) for day in days}
    taken = db.session.execute(
        select(Visit.starts_at, Visit.ends_at).where(
            Visit.room_id == series.room_id,
            Visit.cancelled_at.is_(None),
            Visit.ends_at > min(begins.values()),
            Visit.starts_at < max(begins.values()) + lasts,
        )
    ).all()
    return [
        day
        for day, start in begins.items()
        if not any(start < until and since < start + lasts for since, until in taken)
    ]
