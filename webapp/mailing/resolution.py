"""What a crash left behind: whose owner is gone becomes unknown, and unknown is settled by evidence or one equal copy."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, Protocol

from sqlalchemy import func, select

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing import opened
from webapp.mailing.ending import record
from webapp.mailing.failpoints import reach
from webapp.mailing.inbound.consequences import proves
from webapp.mailing.models import DeliveryEvent, Dispatch, Message
from webapp.mailing.transport import Outcome

LOCKED_TOO_LONG = timedelta(minutes=11)
"""A marker this old whose owner still lives: unknown, and never resent by machine."""

Word = Literal["accepted", "absent", "unknown", "later"]
"""`later`: cannot be told yet; the mail stays in doubt until the next tick."""


class Evidence(Protocol):
    """What the relay itself knows about a mail: its log, or a provider's events."""

    def about(self, marked: Mapping[str, datetime]) -> Mapping[str, Word]:
        """A word on each of these Message-IDs, of mails that were about to leave at these moments."""
        ...


class NoEvidence:
    """A relay whose log cannot be read."""

    def about(self, marked: Mapping[str, datetime]) -> Mapping[str, Word]:
        return dict.fromkeys(marked, "unknown")


def resolve(settings: Settings, evidence: Evidence) -> int:
    """Settle every mail in doubt; returns how many there were. Each is committed by itself."""
    take_up(settings, clock.real())
    with db.transaction() as session:
        for id in opened.proved():
            proves(session.get_one(Message, id), clock.now())
    with db.transaction() as session:
        doubtful = session.execute(
            select(Dispatch.message_id, Dispatch.mime_id, Dispatch.marked_at).where(Dispatch.state == "unknown")
        ).all()
    marked = {mime_id: at for _, mime_id, at in doubtful if mime_id and at}
    words = evidence.about(marked) if marked else {}
    for id, mime_id, _ in doubtful:
        with db.transaction():
            settle(settings, id, words.get(mime_id or "", "unknown"))
            reach("before_settled_commit")
        reach("after_settled_commit")
    return len(doubtful)


def take_up(settings: Settings, real: datetime) -> None:
    """`transmitting` becomes `unknown` when the owner's lock is free and the marker is older than twice the hurry."""
    with db.transaction() as session:
        stale = session.scalars(
            select(Dispatch)
            .where(Dispatch.state == "transmitting", Dispatch.marked_at < real - 2 * settings.hurry)
            .with_for_update(skip_locked=True)
        ).all()
        for dispatch in stale:
            assert dispatch.marked_at is not None  # set with the state
            gone = free(dispatch)
            if gone or dispatch.marked_at < real - LOCKED_TOO_LONG:
                dispatch.state = "unknown"
                if not gone:
                    dispatch.resends = max(dispatch.resends, 1)
                session.add(DeliveryEvent(message_id=dispatch.message_id, at=clock.now(), state="unknown"))
        if stale:
            reach("before_doubt_commit")
    if stale:
        reach("after_doubt_commit")


def free(dispatch: Dispatch) -> bool:
    """Whether nobody holds the lock of its owner: that process has ended, or lost the database."""
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(dispatch.owner))))


def settle(settings: Settings, id: int, word: Word) -> None:
    """Accepted: sent. Absent: again. No evidence: one more copy with the same bytes, then the organiser decides."""
    dispatch = db.session.scalar(
        select(Dispatch).where(Dispatch.message_id == id, Dispatch.state == "unknown").with_for_update(skip_locked=True)
    )
    if dispatch is None or word == "later":
        return
    if word == "absent" and dispatch.owner is not None and not free(dispatch):
        word = "unknown"  # its owner is stopped, not dead, and may still have it sent
    message = db.session.get_one(Message, id)
    if word == "accepted":
        record(settings, None, id, Outcome("accepted", "evidence", None, None, "the relay's own record", None))
    elif word == "absent" or dispatch.resends == 0:
        dispatch.state, dispatch.owner = "queued", None
        dispatch.try_at = clock.real()
        dispatch.resends += word != "absent"
        db.session.add(DeliveryEvent(message_id=id, at=clock.now(), state="queued", detail=word))
    else:
        message.end, message.why, message.ended_at = "unknown", "unknown", clock.now()
        db.session.delete(dispatch)
