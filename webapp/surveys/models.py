"""Waves, the register of who was asked, and ballots that belong to nobody."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Id, references
from webapp.invitations.models import Invitation
from webapp.visits.models import Visit

SHOWN_FROM = 5
"""Results about fewer people are not shown."""


class Wave(Base):
    """One moment of asking: after one visit, one audience, one version of a questionnaire."""

    __tablename__ = "wave"
    __table_args__ = (
        UniqueConstraint("visit_id", "audience", "label"),
        CheckConstraint("audience in ('customer', 'staff')", "audience"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", index=False, ondelete="CASCADE")
    audience: Mapped[str]
    label: Mapped[str]
    """`after`, `four_weeks`."""
    version: Mapped[int] = mapped_column(SmallInteger, default=1)
    closes_at: Mapped[datetime]
    """The last window closes: what still waits in the box is moved then."""
    emptied_at: Mapped[datetime | None]

    visit: Mapped[Visit] = relationship()


class Register(Base):
    """Who was asked, and whether they answered: yes or no, nothing more."""

    __tablename__ = "register"
    __table_args__ = (UniqueConstraint("wave_id", "invitation_id"),)

    id: Mapped[Id]
    wave_id: Mapped[int] = references("wave.id", index=False, ondelete="CASCADE")
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    opens_at: Mapped[datetime] = mapped_column(index=True)
    remind_at: Mapped[datetime] = mapped_column(index=True)
    closes_at: Mapped[datetime]
    answered: Mapped[bool] = mapped_column(default=False)

    wave: Mapped[Wave] = relationship()
    invitation: Mapped[Invitation] = relationship()


class WaitingBallot(Base):
    """An answer in the box, under a random key, until five wait or the window closes."""

    __tablename__ = "waiting_ballot"

    key: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = references("wave.id", ondelete="CASCADE")
    answers: Mapped[dict[str, Any]]


class Ballot(Base):
    """Answers: no person, no time, no order. Moved here shuffled, so that not even row versions tell who."""

    __tablename__ = "ballot"

    key: Mapped[UUID] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = references("wave.id", ondelete="CASCADE")
    answers: Mapped[dict[str, Any]]
