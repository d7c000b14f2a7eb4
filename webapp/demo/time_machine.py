"""The time machine: the application's clock runs forward through every due moment, in order, so nothing lapses by jumping.

The web writes where to go (`ClockShift.target`); the tick goes there. Leases, backoff and sign-ins keep real time.
"""

from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Select, func, or_, select

from webapp import clock, db, rounds
from webapp.config import Settings
from webapp.invitations.places import WaitingPlace
from webapp.mailing.models import ClockShift, Dispatch, Message
from webapp.mailing.sweep import next_due
from webapp.surveys.models import Wave

STEP = timedelta(hours=12)
"""At most this far at once: facts that lapse without a mail are looked after in between."""
PATIENCE = 20.0
"""Seconds that one moment's mail may take to leave."""
LOCK = 0x54494D45


def travel(settings: Settings) -> None:
    """Go to the target, if one was set. One traveller at a time; killed half-way, the next tick goes on from there."""
    while (step := _next_step()) is not None:
        with db.transaction() as session:
            if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
                return
            shift = session.get_one(ClockShift, 1, with_for_update=True)
            shift.ahead_seconds = (step - clock.real()).total_seconds()
        rounds.tick(settings, wide=True)
        _let_mail_leave(settings)


def _next_step() -> datetime | None:
    """The next moment on the way, or None on arrival; arrival clears the target."""
    with db.transaction() as session:
        shift = session.get(ClockShift, 1, with_for_update=True)
        if shift is None or shift.target is None:
            return None
        now = clock.real() + timedelta(seconds=shift.ahead_seconds)
        if shift.target <= now:
            shift.target = None
            return None
        until = min(shift.target, now + STEP)
        facts: list[datetime | None] = [next_due(now, until), *(session.scalar(query) for query in _lapses(now, until))]
        return min([until, *(moment for moment in facts if moment is not None)])


def _lapses(now: datetime, until: datetime) -> list[Select[Any]]:
    offer = select(func.min(WaitingPlace.offer_until)).where(
        WaitingPlace.ended_at.is_(None), WaitingPlace.offer_until > now, WaitingPlace.offer_until <= until
    )
    window = select(func.min(Wave.closes_at)).where(Wave.closes_at > now, Wave.closes_at <= until)
    return [offer, window]


def _let_mail_leave(settings: Settings) -> None:
    """Wait until what is due has left, here or through a colleague; what must be tried again later does not hold us up."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        rounds.deliver(settings, PATIENCE)
        with db.transaction() as session:
            going = or_(Dispatch.state != "queued", Dispatch.try_at <= clock.real(), Dispatch.owner.is_not(None))
            if not session.scalar(select(func.count()).select_from(Dispatch).where(going)):
                return
        sleep(0.05)


def set_out(target: datetime) -> None:
    """Ask for the clock to go to `target`; the past is not on offer."""
    shift = db.session.get(ClockShift, 1, with_for_update=True)
    if shift is None:
        shift = ClockShift(id=1, ahead_seconds=0)
        db.session.add(shift)
    if target > clock.now():
        shift.target = target
        shift.mails = db.session.scalar(select(func.count()).select_from(Message).where(Message.end == "sent")) or 0


def under_way() -> bool:
    shift = db.session.get(ClockShift, 1)
    return shift is not None and shift.target is not None


def mails_since() -> int:
    """How many mails left since the last journey began."""
    shift = db.session.get(ClockShift, 1)
    sent = db.session.scalar(select(func.count()).select_from(Message).where(Message.end == "sent")) or 0
    return sent - shift.mails if shift else 0
