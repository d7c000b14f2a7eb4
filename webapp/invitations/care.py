"""What a host agrees with somebody who tells, and what is looked after once they have told."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.db import Base, Id, references

if TYPE_CHECKING:
    from webapp.invitations.models import Invitation

BEFORE = ("called", "chooses", "companion", "pause", "recording")
AFTER = ("expenses", "next_day", "promises")
WORDS_AT_MOST = 80
"""Characters of a word for a break, and of who comes along."""


class Care(Base):
    """Of one storyteller at one visit; a step has the moment it was ticked."""

    __tablename__ = "care"

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE", unique=True)
    pause: Mapped[str] = mapped_column(default="")
    """The word or gesture for a break."""
    companion: Mapped[str] = mapped_column(default="")
    """Who comes along, as the storyteller said it."""
    done: Mapped[dict[str, Any]] = mapped_column(default=dict)

    invitation: Mapped["Invitation"] = relationship(back_populates="care")


def keep(invitation: "Invitation", words: Mapping[str, str], done: Collection[str], now: datetime) -> None:
    """As it stands on the form now; a tick that stood keeps its moment."""
    kept = invitation.care or Care(invitation=invitation, done={})
    kept.pause, kept.companion = (
        " ".join(words.get(name, "").split())[:WORDS_AT_MOST] for name in ("pause", "companion")
    )
    kept.done = {step: kept.done.get(step, now.isoformat()) for step in (*BEFORE, *AFTER) if step in done}
    db.session.add(kept)
    db.session.flush()
