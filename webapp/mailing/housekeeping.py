"""What mail said is wiped when it is old: that it was sent, to whom and when, stays."""

from datetime import datetime, timedelta

from sqlalchemy import literal_column, null, select, update

from webapp import clock, db
from webapp.mailing.inbound.models import wipe_old_incoming
from webapp.mailing.models import Message

KEPT = timedelta(days=30)
AT_ONCE = 1_000
"""Mails wiped in one tick at most."""


def wipe_old_mail(now: datetime) -> int:
    """A step of every tick; returns how many were wiped. By the real clock: a demo that runs ahead forgets nothing."""
    before = min(now, clock.real()) - KEPT
    old = (
        select(Message.id)
        .where(Message.content.is_not(None), Message.ended_at < before)
        .order_by(Message.ended_at)
        .limit(literal_column(str(AT_ONCE)))
    )
    wiping = update(Message).where(Message.id.in_(old.scalar_subquery())).values(content=null(), reply=null())
    return len(db.session.scalars(wiping.returning(Message.id).execution_options(synchronize_session=False)).all())


def wipe_old_replies(now: datetime) -> int:
    """A step of every tick: mail that came in, by the real clock too."""
    return wipe_old_incoming(min(now, clock.real()))
