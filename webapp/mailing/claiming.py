"""Claiming: which mails a sending process takes next, lane by lane, for as long as a lease."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, func, literal_column, not_, select, update
from sqlalchemy.orm import Session

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing.ending import end
from webapp.mailing.failpoints import reach
from webapp.mailing.models import LANES, Dispatch, Message, Pause
from webapp.mailing.notices import Refusal

ALONE_AFTER = 3
"""Claimed so often, and each time by a process that did not come back: it is claimed alone, in case it is what kills them."""


def claim(settings: Settings, owner: int, lanes: Iterable[str]) -> list[int]:
    """Message ids of one batch, now this process's for a lease. Lane by lane: a full one never starves the urgent."""
    real = clock.real()
    with db.transaction() as session:
        pauses = set(session.scalars(select(Pause.scope)))
        if "all" in pauses:
            return []
        for lane in lanes:
            ids = _claim(session, settings, owner, lane, pauses, real, alone=False)
            ids = ids or _claim(session, settings, owner, lane, pauses, real, alone=True)
            if ids:
                reach("before_claim_commit")
                return ids
    return []


def _claim(
    session: Session, settings: Settings, owner: int, lane: str, pauses: set[str], real: datetime, *, alone: bool
) -> list[int]:
    """A batch of those that never were with a process that died; or one that was, again and again, by itself."""
    left_behind = and_(Dispatch.owner.is_not(None), Dispatch.attempts >= ALONE_AFTER)
    picked = (
        select(Dispatch.message_id)
        .where(Dispatch.lane == LANES[lane], Dispatch.try_at <= real, Dispatch.state == "queued")
        .where(left_behind if alone else not_(left_behind))
        .order_by(Dispatch.try_at, Dispatch.message_id)
        .limit(literal_column("1" if alone else str(settings.batch)))
        .with_for_update(skip_locked=True, of=Dispatch)
    )
    if pauses:
        picked = picked.join(Message).where(
            ("notice:" + Message.notice).not_in(pauses),
            func.coalesce("thread:" + Message.thread, "").not_in(pauses),
        )
    claim = (
        update(Dispatch)
        .where(Dispatch.message_id.in_(picked.scalar_subquery()))
        .values(try_at=real + settings.lease, owner=owner, attempts=Dispatch.attempts + 1)
        .returning(Dispatch.message_id, Dispatch.attempts)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(claim).all()
    if alone and found and found[0].attempts > settings.max_attempts:
        _kills(session, *found[0])
    return [row.message_id for row in found]


def _kills(session: Session, message_id: int, attempts: int) -> None:
    """Every process that took it, at last it alone, died or never came to an end: it has failed."""
    message = session.get_one(Message, message_id)
    end(message, Refusal("failed", "failed", {"attempts": attempts - 1}), clock.now())
