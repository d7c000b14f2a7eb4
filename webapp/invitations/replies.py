"""What somebody wrote back by mail: for the host, who answers it."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base, Id, references

KEPT = timedelta(days=14)
A_DAY = 20
"""Mails about one invitation that reach the host at most: nobody's mailbox is filled through ours."""
NOTHING = "…"
"""A mail without a word in it: a picture, or only what it answers."""


class Reply(Base):
    __tablename__ = "reply"

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    sender: Mapped[str]
    """The address it came from, which an answer goes to. Anybody can write one there: nothing else follows from it."""
    text: Mapped[str]
    """For fourteen days: then it is wiped, as is the sender."""
    at: Mapped[datetime] = mapped_column(index=True)

    @classmethod
    def unwiped(cls) -> Select["Reply"]:
        return select(cls).where(cls.text != "")


def forward(invitation_id: int, sender: str, text: str, now: datetime) -> Reply | None:
    """It goes to the host with the next sweep. None: so much came already that it is left in the mailbox."""
    recent = select(func.count()).where(Reply.invitation_id == invitation_id, Reply.at > now - timedelta(days=1))
    if (db.session.scalar(recent) or 0) >= A_DAY:
        return None
    reply = Reply(invitation_id=invitation_id, sender=sender, text=text.strip() or NOTHING, at=now)
    db.session.add(reply)
    db.session.flush()
    return reply


def wipe_replies(now: datetime) -> None:
    """A step of every tick."""
    old = (Reply.at < now - KEPT, or_(Reply.text != "", Reply.sender != ""))
    db.session.execute(update(Reply).where(*old).values(text="", sender=""))
