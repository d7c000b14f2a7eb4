"""The time machine: the application's clock runs forward through every due moment, in order, so nothing lapses by jumping.

The web writes where to go (`ClockShift.target`); the tick goes there. Leases, backoff and sign-ins keep real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Select, func, select

from webapp import clock, db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.invitations.places import FIRST_COME, WaitingPlace
from webapp.mailing.models import ClockShift, Dispatch, Message
from webapp.mailing.sweep import next_due
from webapp.surveys.models import Wave
from webapp.visits.models import Visit

STEP = timedelta(days=7)
"""At most this far at once, when nothing is due in between."""
PATIENCE = timedelta(seconds=20)
"""How long the mail of one moment may take to leave; a lease longer when a worker died with it."""
LOOK_AGAIN_SECONDS = 0.1
LOCK = 0x54494D45


@dataclass(frozen=True)
class Journey:
    """The last one: since when, until when, and the mail that left on the way. Moments of the application's clock."""

    left_at: datetime
    at: datetime
    mails: int
    under_way: bool


def set_out(target: datetime) -> bool:
    """Ask for the clock to go to `target`. False: that lies in the past, which is not on offer."""
    now = clock.now()
    if target <= now:
        return False
    shift = ClockShift.locked()
    shift.target, shift.arrived_at = target, None
    shift.left_at = shift.left_at if _travelling(shift) else now
    return True


def _travelling(shift: ClockShift) -> bool:
    return shift.target is not None and shift.left_at is not None and shift.arrived_at is None


def travel(settings: Settings) -> None:
    """Go to the target, if one was set. One traveller at a time; killed half-way, the next tick goes on from there."""
    if not _has_target():
        return
    with _alone() as alone:
        if not alone:
            return
        _look_around(settings)
        while (step := _next_step()) is not None:
            _put_clock(step)
            _look_around(settings)
        _arrive()


def _has_target() -> bool:
    with db.transaction() as session:
        return session.scalar(select(ClockShift.target)) is not None


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker travels: a lock that goes with its connection, so that it cannot outlive its owner."""
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = bool(connection.scalar(select(func.pg_try_advisory_lock(LOCK))))
        try:
            yield got
        finally:
            if got:
                connection.execute(select(func.pg_advisory_unlock(LOCK)))


def _next_step() -> datetime | None:
    """The next moment on the way; None on arrival."""
    with db.transaction():
        shift = ClockShift.follow()
        now = clock.now()
        if shift is None or shift.target is None or shift.target <= now:
            return None
        until = min(shift.target, now + STEP)
        moments: list[datetime | None] = [
            next_due(now, until),
            *(db.session.scalar(query) for query in _lapses(now, until)),
        ]
        return min([until, *(moment for moment in moments if moment is not None)])


def _lapses(now: datetime, until: datetime) -> Iterator[Select[Any]]:
    """What changes at a moment of its own, mail or not: a window closes, an offer ends, seats are held no longer."""
    yield select(func.min(Wave.closes_at)).where(Wave.closes_at > now, Wave.closes_at <= until)
    line = WaitingPlace.__table__.join(Invitation.__table__).join(Visit.__table__)
    waits = (WaitingPlace.ended_at.is_(None), Visit.cancelled_at.is_(None))
    for moment in (WaitingPlace.offer_until, Visit.starts_at - FIRST_COME, Visit.starts_at):
        yield select(func.min(moment)).select_from(line).where(*waits, moment > now, moment <= until)


def _put_clock(moment: datetime) -> None:
    with db.transaction():
        shift = ClockShift.locked()
        shift.ahead_seconds = (moment - clock.real()).total_seconds()


def _look_around(settings: Settings) -> None:
    """See to everything that is due at this moment, and wait for mail that a colleague is sending, or was sending when
    it died. What must be tried again later, or is paused, holds nobody up."""
    until = monotonic() + (settings.lease + PATIENCE).total_seconds()
    wide = True
    while True:
        rounds.tick(settings, wide=wide)
        rounds.deliver(settings, PATIENCE.total_seconds())
        if monotonic() > until or not _being_sent():
            return
        wide = False
        sleep(LOOK_AGAIN_SECONDS)


def _being_sent() -> bool:
    with db.transaction() as session:
        owned = select(func.count()).select_from(Dispatch).where(Dispatch.owner.is_not(None))
        return bool(session.scalar(owned))


def _arrive() -> None:
    with db.transaction():
        shift = ClockShift.locked()
        if shift.target is not None and shift.target <= clock.now():
            shift.target, shift.arrived_at = None, clock.now()


def journey(now: datetime) -> Journey | None:
    """The journey the clock is on, or the last one; None: it never moved."""
    shift = db.session.get(ClockShift, 1)
    if shift is None or shift.left_at is None:
        return None
    at = shift.arrived_at or now
    left = select(func.count()).where(
        Message.end == "sent", Message.accepted_at > shift.left_at, Message.accepted_at <= at
    )
    return Journey(shift.left_at, at, db.session.scalar(left) or 0, shift.target is not None)
