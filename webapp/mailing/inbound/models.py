"""Every mail that came in: once, by its bytes; what it was read as, and what came of it."""

from datetime import datetime, timedelta

from sqlalchemy import Index, LargeBinary, literal_column, null, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base, Id, references

KEPT = timedelta(days=14)
AT_ONCE = 1_000
"""Mails wiped in one tick at most."""


class IncomingMail(Base):
    __tablename__ = "incoming_mail"
    __table_args__ = (Index("incoming_mail_kept_idx", "received_at", postgresql_where=text("raw is not null")),)

    id: Mapped[Id]
    sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """The same bytes are the same mail, and change things once."""
    received_at: Mapped[datetime]
    """Real time: a demo that runs ahead forgets nothing."""
    raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    """For fourteen days: then it is wiped."""
    kind: Mapped[str]
    """What it was read as: `readings.Kind`, or `failed`."""
    came_of: Mapped[str]
    message_id: Mapped[int | None] = references("message.id", ondelete="SET NULL")
    """The mail of ours that it is about."""


def wipe_old_incoming(real: datetime) -> int:
    """Returns how many were wiped."""
    old = (
        select(IncomingMail.id)
        .where(IncomingMail.raw.is_not(None), IncomingMail.received_at < real - KEPT)
        .order_by(IncomingMail.received_at)
        .limit(literal_column(str(AT_ONCE)))
    )
    wiping = update(IncomingMail).where(IncomingMail.id.in_(old.scalar_subquery())).values(raw=null())
    return len(db.session.scalars(wiping.returning(IncomingMail.id).execution_options(synchronize_session=False)).all())
