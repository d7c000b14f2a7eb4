"""How a message ends, and how long one waits that is tried again."""

import random
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing.models import DeliveryEvent, Dispatch, Message
from webapp.mailing.notices import Refusal
from webapp.mailing.status import OPENING, Outcome

BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10, 20, 40))
"""Then hourly; each +-20 %."""
GREYLISTED = (450, 451)
NO_SUCH_MAILBOX = ("5.1.1", "5.1.10", "5.1.6")


def backoff(attempts: int, code: int | None = None) -> timedelta:
    """How long to wait after so many tries."""
    step = attempts if code in GREYLISTED else attempts - 1
    wait = BACKOFF[step] if step < len(BACKOFF) else timedelta(hours=1)
    return wait * random.uniform(0.8, 1.2)  # noqa: S311  (spreads load, guards nothing)


def end(message: Message, refusal: Refusal, now: datetime) -> None:
    """It does not leave: the message says so for ever, the dispatch goes."""
    message.end, message.why, message.why_facts, message.ended_at = refusal.end, refusal.why, refusal.facts, now
    db.session.add(DeliveryEvent(message_id=message.id, at=now, state=refusal.end, detail=refusal.why))
    db.session.execute(delete(Dispatch).where(Dispatch.message_id == message.id))
    db.session.expire(message, ["dispatch"])


def record(settings: Settings, owner: int | None, message_id: int, outcome: Outcome) -> None:
    """Write what the relay said, if the mail is still this owner's; a late word from a former owner changes nothing."""
    now, real = clock.now(), clock.real()
    fence = [Dispatch.message_id == message_id, Dispatch.state != "queued"]
    if owner is not None:
        fence.append(Dispatch.owner == owner)
    dispatch = db.session.scalar(select(Dispatch).where(*fence).with_for_update())
    if dispatch is None:
        return
    message = db.session.get_one(Message, message_id)
    message.stage, message.code, message.enhanced, message.reply = (
        outcome.stage, outcome.code, outcome.enhanced, outcome.text,
    )  # fmt: skip
    db.session.add(DeliveryEvent(message_id=message_id, at=now, state=outcome.kind, detail=outcome.text[:500]))
    about_relay = outcome.stage in OPENING
    given_up = outcome.kind == "deferred" and not about_relay and dispatch.attempts >= settings.max_attempts
    if outcome.kind == "accepted":
        message.end, message.accepted_at, message.ended_at, message.queue_id = "sent", now, now, outcome.queue_id
        db.session.delete(dispatch)
    elif outcome.kind == "refused" or given_up:
        message.end, message.why, message.ended_at = "failed", "failed", now
        message.why_facts = {"attempts": dispatch.attempts}
        if outcome.enhanced in NO_SUCH_MAILBOX and message.address.suppressed_at is None:
            message.address.suppress("bounce", now)
        db.session.delete(dispatch)
    elif outcome.kind == "unknown":
        dispatch.state, dispatch.owner = "unknown", None  # it has nothing more to do with it
    else:
        wait = backoff(dispatch.attempts, outcome.code) if outcome.kind == "deferred" else timedelta(0)
        dispatch.state, dispatch.owner = "queued", None
        dispatch.try_at = real + wait
        if outcome.kind == "unsent":
            dispatch.attempts -= 1
