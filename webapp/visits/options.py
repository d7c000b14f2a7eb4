"""Up to three times to choose from, and the one that is chosen. Until then the first stands, and has its room."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_

from webapp import db
from webapp.accounts.models import Account
from webapp.visits.models import Room, Slot, TooLate, Visit

AT_MOST = 3
SPELLED = "%Y-%m-%dT%H:%M"

CHOOSING: ColumnElement[bool] = and_(Visit.options.is_not(None), Visit.decided_at.is_(None))
"""SQL: there is a choice, and nobody made it yet."""
DATED: ColumnElement[bool] = ~CHOOSING
MOVED_BY_HAND: ColumnElement[bool] = or_(Visit.decided_at.is_(None), Visit.moved_at != Visit.decided_at)
"""SQL: its last move was no choice between the times that were offered."""


def choosing(visit: Visit) -> bool:
    return visit.options is not None and visit.decided_at is None


def being_decided(visit: Visit, now: datetime) -> bool:
    """Chosen, and the mail about it has not left: it can be undone."""
    return visit.decide_told_at is not None and visit.decide_told_at > now


def values(visit: Visit) -> list[str]:
    """The times as forms and proposals spell them."""
    return [value for value, _room in visit.options or []]


def slots(visit: Visit) -> list[Slot]:
    """The times with their rooms; a room that is gone by now is its own."""
    found = []
    for value, room_id in visit.options or []:
        room = visit.room if room_id is None or visit.room is None else db.session.get(Room, room_id) or visit.room
        fold = visit.fold if value == visit.wall.strftime(SPELLED) else None
        found.append(Slot(datetime.fromisoformat(value), visit.zone, visit.minutes, fold or None, room, visit.link))
    return found


def offer(visit: Visit, others: Sequence[Slot], first_yes: bool) -> None:
    """Its own time and these to choose from; without others there is nothing to choose."""
    own = Slot(visit.wall, visit.zone, visit.minutes, room=visit.room)
    chosen = {slot.when: slot for slot in (own, *others[: AT_MOST - 1])}
    offered = [[slot.when.strftime(SPELLED), slot.room.id if slot.room else None] for slot in chosen.values()]
    visit.options = offered if len(offered) > 1 else None
    visit.first_yes = first_yes and visit.options is not None


def decide(visit: Visit, now: datetime, hold: timedelta, by: Account | None, to: Slot) -> None:
    """This one it is; told after the hold. Raises RoomTaken, and nothing is chosen then. Twice is once."""
    if not choosing(visit):
        return
    visit.move(now, hold, by, to)
    visit.decided_at, visit.decide_told_at = now, now + hold


def undo_decision(visit: Visit, now: datetime, hold: timedelta) -> None:
    """There is a choice again. Raises TooLate after the hold, RoomTaken when somebody has the first one's room now."""
    if visit.decided_at is None:
        return
    if not being_decided(visit, now):
        raise TooLate
    if visit.moved_at == visit.decided_at:
        visit.undo_move(now, hold)
    visit.decided_at = visit.decide_told_at = None
