"""When and where a visit could be: what a new one opens with, and what is free nearby when a room is taken."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from webapp import db
from webapp.visits import wall
from webapp.visits.models import Room, Slot, Visit

STEP = timedelta(minutes=30)
REACH = timedelta(days=14)
"""How far from the wished time we look, both ways."""
OFFICE_OPENS, OFFICE_CLOSES = time(9, 0), time(17, 0)
SHOWN = 3

Taken = dict[int | None, list[tuple[datetime, datetime]]]


def usual(now: datetime, zone: str, rooms: Sequence[Room]) -> Slot:
    """What a new visit opens with: a working day ten ahead, in the first room that is free."""
    start, end = wall.default_visit_slot(now, zone)
    wished = Slot(start, zone, (end - start) // timedelta(minutes=1), room=rooms[0] if rooms else None)
    here = [replace(wished, room=room) for room in rooms]
    free = free_ones(here, _taken(wished), now)
    return next(free, None) or next(iter(nearest(wished, rooms, now)), wished)


def nearest(wished: Slot, rooms: Sequence[Room], now: datetime, but: Visit | None = None) -> list[Slot]:
    """The three free slots nearest to a wished one: its own time in one other room, then other times in its room."""
    taken = _taken(wished, but)
    elsewhere = [replace(wished, room=room) for room in rooms if wished.room and room.id != wished.room.id]
    found = list(free_ones(elsewhere, taken, now))[:1]
    for slot in free_ones(_times(wished), taken, now):
        if len(found) == SHOWN:
            break
        found.append(slot)
    return found


def free_ones(slots: Sequence[Slot], taken: Taken, now: datetime) -> Iterator[Slot]:
    """Those that lie ahead, exist on the clock, and whose room nobody has."""
    for slot in slots:
        try:
            start = wall.to_utc(slot.when, slot.zone, slot.fold)
        except wall.UnclearTime:
            continue
        end = start + timedelta(minutes=slot.minutes)
        others = taken.get(slot.room.id if slot.room else None, [])
        if start > now and not any(start < until and since < end for since, until in others):
            yield slot


def _times(wished: Slot) -> list[Slot]:
    """Other times within reach, in office hours (or as early and late as was wished) on working days; nearest first."""
    lasts = timedelta(minutes=wished.minutes)
    opens = min(wished.when.time(), OFFICE_OPENS)
    closes = max((wished.when + lasts).time(), OFFICE_CLOSES)
    steps = REACH // STEP
    times = (wished.when + STEP * step for step in range(-steps, steps + 1) if step)
    usable = [
        replace(wished, when=when, fold=None)
        for when in times
        if (wall.is_working_day(when) or when.date() == wished.when.date())
        and opens <= when.time()
        and when.date() == (when + lasts).date()
        and (when + lasts).time() <= closes
    ]
    return sorted(usable, key=lambda slot: abs(slot.when - wished.when))


def _taken(wished: Slot, but: Visit | None = None) -> Taken:
    """When each room is taken around a wished time."""
    about = wished.when.replace(tzinfo=UTC)  # no zone is two days off
    reach = REACH + timedelta(days=2)
    rows = db.session.execute(
        select(Visit.room_id, Visit.starts_at, Visit.ends_at).where(
            Visit.starts_at < about + reach,
            Visit.ends_at > about - reach,
            Visit.cancelled_at.is_(None),
            Visit.room_id.is_not(None),
            Visit.id != (but.id if but else 0),
        )
    )
    taken: Taken = {}
    for room_id, since, until in rows:
        taken.setdefault(room_id, []).append((since, until))
    return taken
