"""What people do about mail by hand: try it again, stop it, hold it back, or note that they have seen to it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import uuid4

from sqlalchemy import delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.mailing.ending import end
from webapp.mailing.models import LANES, Address, DeliveryEvent, Dispatch, Message, Pause
from webapp.mailing.notices import Notice, Refusal

AGAIN = ("failed", "unknown", "bounced", "cancelled", "suppressed")
"""Ends after which a mail can be tried again: it was refused, is in doubt, or was stopped by hand."""
TROUBLE = ("failed", "unknown", "bounced", "complained")
"""Ends that somebody should look at."""
PLANNED_AHEAD = timedelta(days=14)
BY_HAND = "by hand"

NotNow = Literal["gone", "needless", "suppressed", "late"]


class CannotTryAgain(Exception):
    """It would not leave: no such kind of mail any more, no longer due, not wanted, or too late."""

    def __init__(self, why: NotNow):
        super().__init__(why)
        self.why = why


def try_again(message: Message, now: datetime, real: datetime) -> None:
    """Put it on its way once more, to the address as it is now, with the same Message-ID. Raises CannotTryAgain."""
    notice = Notice.all.get(message.notice)
    if notice is None or message.end not in AGAIN:
        raise CannotTryAgain("gone")
    if now > message.due_at + notice.lapses:
        raise CannotTryAgain("late")
    row = next((row for row in notice.load(now, [message.subject_id]) if row.occurrence == message.occurrence), None)
    if row is None:
        raise CannotTryAgain("needless")
    address = db.session.get_one(Address, row.address_id)
    if address.suppressed_at is not None and not notice.despite_stop:
        raise CannotTryAgain("suppressed")
    message.address = address
    message.end = message.why = message.why_facts = message.ended_at = message.settled_at = None
    message.dispatch = Dispatch(lane=LANES[notice.lane], try_at=real, not_after=message.due_at + notice.lapses)
    db.session.add(DeliveryEvent(message_id=message.id, at=now, state="queued", detail=BY_HAND))
    db.session.flush()


def try_all_again(messages: Sequence[Message], now: datetime, real: datetime) -> int:
    """Those of them that can leave; returns how many."""
    tried = 0
    for message in messages:
        try:
            try_again(message, now, real)
            tried += 1
        except CannotTryAgain:
            continue
    return tried


def address_mended(old: int | None, new: Address, now: datetime, real: datetime) -> int:
    """The mail that could not reach somebody at their `old` address leaves after all; returns how many."""
    if old is None:
        return 0
    unsent = select(Message).where(Message.address_id == old, Message.unsent.in_(("failed", "bounced", "suppressed")))
    mine = [message for message in db.session.scalars(unsent.order_by(Message.id)) if _goes_to(message, new, now)]
    return try_all_again(mine, now, real)


def _goes_to(message: Message, address: Address, now: datetime) -> bool:
    """Whether this mail, which was for another mailbox, is now for this one: somebody else may read the other."""
    notice = Notice.all.get(message.notice)
    rows = notice.load(now, [message.subject_id]) if notice else ()
    return any(row.address_id == address.id for row in rows)


def stop(message: Message, by: str, now: datetime) -> bool:
    """It does not leave, unless it is leaving already; returns whether it was stopped."""
    waiting = select(Dispatch).where(Dispatch.message_id == message.id, Dispatch.state == "queued").with_for_update()
    if db.session.scalar(waiting) is None:
        return False
    end(message, Refusal("cancelled", "cancelled", {"by": by}), now)
    return True


def stop_planned(notice: type[Notice], subjects: Sequence[int], by: str, now: datetime) -> int:
    """Mail that would fall due does not: it is written down as stopped, so no sweep plans it. Returns how many."""
    upcoming = notice.upcoming(now, now + PLANNED_AHEAD).where(notice.about.in_(subjects)).subquery()
    rows = db.session.execute(select(upcoming, Address.locale).join(Address, Address.id == upcoming.c.address_id)).all()
    stopped = [
        {
            "public_id": uuid4().hex,
            "notice": notice.name,
            "subject_id": row.subject_id,
            "occurrence": row.occurrence,
            "address_id": row.address_id,
            "locale": row.locale,
            "thread": row.thread,
            "due_at": row.due_at,
            "planned_at": now,
            "end": "cancelled",
            "why": "cancelled",
            "why_facts": {"by": by},
            "ended_at": now,
        }
        for row in rows
    ]
    if not stopped:
        return 0
    ids = list(db.session.scalars(insert(Message).on_conflict_do_nothing().returning(Message.id), stopped))
    events = [{"message_id": id, "at": now, "state": "cancelled", "detail": BY_HAND} for id in ids]
    if events:
        db.session.execute(insert(DeliveryEvent), events)
    return len(ids)


def undo_stop(at: datetime, now: datetime, real: datetime) -> int:
    """What was stopped at that moment leaves after all: at its own time, or now when that has passed. Returns how many."""
    stopped = db.session.scalars(select(Message).where(Message.unsent == "cancelled", Message.ended_at == at)).all()
    early = [message.id for message in stopped if message.due_at > now]
    db.session.execute(delete(Message).where(Message.id.in_(early)))
    return len(early) + try_all_again([message for message in stopped if message.due_at <= now], now, real)


def settle(message: Message, now: datetime) -> None:
    """Somebody has seen to what went wrong with this mailbox: it waits for nobody any more."""
    same = (Message.address_id == message.address_id, Message.unsent.in_(TROUBLE), Message.settled_at.is_(None))
    db.session.execute(update(Message).where(*same).values(settled_at=now))


def pause(scope: str, by: str, now: datetime) -> None:
    """No such mail leaves from the next claim on. Twice is the same as once: who was first stays named."""
    db.session.execute(insert(Pause).values(scope=scope, by=by, at=now).on_conflict_do_nothing())


def resume(scope: str) -> bool:
    return db.session.scalar(delete(Pause).where(Pause.scope == scope).returning(Pause.id)) is not None


def known_scope(scope: str) -> bool:
    """Whether something can be paused by this name: everything, a kind of mail, or a conversation that has mail."""
    kind, _colon, name = scope.partition(":")
    if kind == "thread":
        return bool(db.session.scalar(select(exists().where(Message.thread == name)))) or name.startswith("visit-")
    return scope == "all" or (kind == "notice" and name in Notice.all)
