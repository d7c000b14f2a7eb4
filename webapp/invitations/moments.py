"""Other times for a visit: when a room, the host, the team and who is asked are free, as far as our own visits say."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import and_, func, or_, select

from webapp import dates, db
from webapp.db import among
from webapp.invitations.models import Answer, Invitation, Proposal
from webapp.invitations.notices import times
from webapp.staff.models import StaffMember
from webapp.visits import wall
from webapp.visits.models import Room, Slot, Visit, visit_team

SHOWN = 6
A_DAY = 2
"""Times offered on one day at most."""
STARTS = (time(9, 30), time(11, 0), time(14, 0), time(15, 30))
NOTICE_DAYS, REACH_DAYS = 3, 25
"""Working days: the first one offered, and how far ahead we look."""
ENOUGH_OF_TEAM = 0.6
"""A time is certain when so much of the team is free, and the room."""
SPELLED = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Moment:
    """A free time; `certain` is booked at once by who chooses it."""

    slot: Slot
    certain: bool

    @property
    def value(self) -> str:
        return self.slot.when.strftime(SPELLED)

    @property
    def until(self) -> datetime:
        return self.slot.when + timedelta(minutes=self.slot.minutes)


@dataclass(frozen=True)
class _Engaged:
    """Another visit, and whom and what it takes."""

    starts_at: datetime
    ends_at: datetime
    room_id: int | None
    host_id: int
    teams: frozenset[int]
    customers: frozenset[int]
    staff: frozenset[int]


class FreeTimes:
    """When a visit could be instead. `asked`: the customer whose own visits count, and who may settle it alone."""

    def __init__(self, visit: Visit, now: datetime, asked: Invitation | None = None):
        self.visit, self.now, self.asked = visit, now, asked

    def near(self, when: datetime, count: int = SHOWN, fits: Callable[[datetime], bool] | None = None) -> list[Moment]:
        """The free times nearest to a wall time, in order of time, no more than two on a day."""
        found: list[Moment] = []
        for start in sorted(self._starts(), key=lambda start: (abs(start - when), start)):
            of_day = sum(each.slot.when.date() == start.date() for each in found)
            if of_day < A_DAY and (fits is None or fits(start)) and (moment := self._free(start)):
                found.append(moment)
            if len(found) == count:
                break
        return sorted(found, key=lambda moment: moment.slot.when)

    def at(self, value: str) -> Moment | None:
        """The time a form names; None when it is taken, or was never ours to offer."""
        start = read(value)
        return self._free(start) if start in self._starts() else None

    @property
    def alone(self) -> bool:
        """Whether this customer is the only one asked: nobody else has to agree."""
        others = select(func.count()).where(
            Invitation.visit_id == self.visit.id,
            Invitation.customer_id.is_not(None),
            Invitation.partstat != "declined",
            Invitation.withdrawn_at.is_(None),
            Invitation.id != (self.asked.id if self.asked else 0),
        )
        return self.asked is not None and not db.session.scalar(others)

    def _starts(self) -> list[datetime]:
        today = dates.local(self.now, self.visit.zone).date()
        usual = {*STARTS, self.visit.wall.time()}
        found = (datetime.combine(day, start) for day in _working_days(today) for start in sorted(usual))
        return [when for when in found if when != self.visit.wall]

    def _free(self, when: datetime) -> Moment | None:
        visit = self.visit
        try:
            starts_at = wall.to_utc(when, visit.zone)
        except wall.UnclearTime:
            return None
        ends_at = starts_at + timedelta(minutes=visit.minutes)
        engaged = [each for each in self._others if each.starts_at < ends_at and starts_at < each.ends_at]
        if any(each.host_id == visit.host_id or visit.host_id in each.staff for each in engaged):
            return None
        if self.asked and any(self.asked.customer_id in each.customers for each in engaged):
            return None
        room = self._room({each.room_id for each in engaged})
        if room is None and visit.room is not None:
            return None
        free = self._team_free(engaged)
        slot = Slot(when, visit.zone, visit.minutes, None, room, visit.link)
        return Moment(slot, certain=free >= ENOUGH_OF_TEAM and self._may_settle) if free else None

    def _room(self, taken: set[int | None]) -> Room | None:
        """Its own room, else the smallest other one that is large enough."""
        wanted = self.visit.room
        if wanted is None:
            return None
        large = [room for room in self._rooms if room.seats >= min(wanted.seats, self.visit.seats)]
        ordered = sorted(large, key=lambda room: (room.id != wanted.id, room.seats, room.id))
        return next((room for room in ordered if room.id not in taken), None)

    def _team_free(self, engaged: Sequence[_Engaged]) -> float:
        """The part of the team's people who are at no other visit then; 1 for a visit without a team."""
        if not self._team:
            return 1.0
        busy = {person for person, team in self._team for each in engaged if person in each.staff or team in each.teams}
        return 1 - len(busy) / len(self._team)

    @cached_property
    def _may_settle(self) -> bool:
        return self.alone

    @cached_property
    def _rooms(self) -> Sequence[Room]:
        return Room.open_ones()

    @cached_property
    def _team(self) -> list[tuple[int, int]]:
        """Who works in its teams, with the team."""
        people = select(StaffMember.id, StaffMember.team_id).where(
            among(StaffMember.team_id, [team.id for team in self.visit.teams]), StaffMember.left_at.is_(None)
        )
        return [(row[0], row[1] or 0) for row in db.session.execute(people)]

    @cached_property
    def _others(self) -> list[_Engaged]:
        comes = and_(Invitation.partstat == "accepted", Invitation.withdrawn_at.is_(None))
        of_visit = and_(Invitation.visit_id == Visit.id, comes)
        people: Any = func.array_agg
        rows = db.session.execute(
            select(
                Visit.starts_at,
                Visit.ends_at,
                Visit.room_id,
                Visit.host_id,
                select(people(visit_team.c.team_id)).where(visit_team.c.visit_id == Visit.id).scalar_subquery(),
                select(people(Invitation.customer_id)).where(of_visit).correlate(Visit).scalar_subquery(),
                select(people(Invitation.staff_id)).where(of_visit).correlate(Visit).scalar_subquery(),
            ).where(Visit.cancelled_at.is_(None), Visit.ends_at > self.now, Visit.id != (self.visit.id or 0))
        )
        return [_Engaged(*row[:4], *(frozenset(filter(None, ids or ())) for ids in row[4:])) for row in rows]


def read(value: str) -> datetime | None:
    """A wall time as forms spell it; None for anything else."""
    try:
        return datetime.strptime(value, SPELLED)  # noqa: DTZ007  (a wall time)
    except ValueError:
        return None


def wished(visit: Visit, now: datetime) -> list[Moment]:
    """Free times that those who suggested another time said they can make: the very ones, else those in their dayparts."""
    proposals = db.session.scalars(
        select(Proposal)
        .join(Answer, Proposal.answer_id == Answer.id)
        .join(Invitation, Proposal.invitation_id == Invitation.id)
        .where(
            Invitation.visit_id == visit.id,
            Answer.latest,
            or_(Proposal.decided_at.is_(None), Proposal.decided_at > now),
            Proposal.because_full.is_(False),
            Invitation.withdrawn_at.is_(None),
        )
    ).all()
    free = FreeTimes(visit, now)
    named = sorted({value for each in proposals for value in each.times.get("slots", ())})
    found = [moment for value in named if (moment := free.at(value))]
    parts = [part for each in proposals for part in each.times.get("dayparts", ())]
    if len(found) < SHOWN and parts:
        known = {moment.value for moment in found}
        more = free.near(visit.wall, SHOWN, lambda when: times.daypart(when) in parts)
        found += [moment for moment in more if moment.value not in known]
    return [replace(moment, certain=False) for moment in found[:SHOWN]]


def _working_days(today: date) -> Iterator[date]:
    for number in range(NOTICE_DAYS, NOTICE_DAYS + REACH_DAYS):
        yield wall.add_working_days(today, number)
