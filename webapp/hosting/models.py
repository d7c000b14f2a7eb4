"""What a host writes down of a visit: how it was told, what was promised to whom, and what went wrong."""

from datetime import date, datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Date, Index, SmallInteger, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.visits.models import Visit

Told = Literal["customer", "manager", "film", "letter", "meeting"]
TOLD: tuple[Told, ...] = ("customer", "manager", "film", "letter", "meeting")
"""Who told it. A visit without a customer is an arm that a study compares with, or a plan that fell through."""
Way = Literal["live", "remote"]
WAYS: tuple[Way, ...] = ("live", "remote")


class Exposure(Base):
    """What the colleagues who were there met: one of a visit (measurement: the exposure)."""

    __tablename__ = "exposure"
    __table_args__ = (
        CheckConstraint("told in ('customer', 'manager', 'film', 'letter', 'meeting')", "told"),
        CheckConstraint("way in ('live', 'remote')", "way"),
        CheckConstraint("minutes between 1 and 600", "minutes"),
        CheckConstraint("others between 0 and 999", "others"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", ondelete="CASCADE", unique=True)
    told: Mapped[str]
    way: Mapped[str]
    minutes: Mapped[int] = mapped_column(SmallInteger)
    """How long the telling took, without the questions."""
    others: Mapped[int] = mapped_column(SmallInteger, default=0)
    """People who were there and stand on no list."""
    debrief: Mapped[str] = mapped_column(default="")
    """What the colleagues take with them, in the host's words."""
    at: Mapped[datetime]

    @classmethod
    def of_visit(cls, visit_id: int) -> "Exposure | None":
        return db.session.scalar(select(cls).where(cls.visit_id == visit_id))


class Incident(Base):
    """Something went wrong, in the host's words; waits for who organises the visit."""

    __tablename__ = "incident"
    __table_args__ = (Index("incident_unseen_idx", "visit_id", postgresql_where=text("seen_at is null")),)

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", ondelete="CASCADE")
    words: Mapped[str]
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by_id: Mapped[int | None] = references("account.id", index=False)

    visit: Mapped[Visit] = relationship()


class Promise(Base):
    """What was promised to a storyteller: somebody's to do, until a day."""

    __tablename__ = "promise"
    __table_args__ = (Index("promise_open_idx", "owner_id", postgresql_where=text("done_at is null")),)

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", ondelete="CASCADE")
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    """Of the storyteller to whom it was promised."""
    words: Mapped[str]
    owner_id: Mapped[int] = references("account.id", index=False)
    due: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = references("account.id", index=False)

    visit: Mapped[Visit] = relationship()
    owner: Mapped[Account] = relationship(foreign_keys=owner_id, lazy="joined")
