"""Addresses and messages: a message is a row before it is a mail, and stays when the mail has left."""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import clock, db
from webapp.db import Base, Id, references
from webapp.mailing.erased import ErasedAddress as ErasedAddress
from webapp.mailing.inbound.models import IncomingMail as IncomingMail

SuppressionReason = Literal["stop", "bounce", "complaint", "erased"]
End = Literal[
    "sent", "delayed", "bounced", "complained", "failed", "superseded", "cancelled", "suppressed", "expired", "held",
    "not_needed", "unknown",
]  # fmt: skip
DispatchState = Literal["queued", "transmitting", "unknown"]
"""A claimed mail is a queued one with an owner, whose `try_at` lies ahead: if its owner dies it is due again by itself."""
Waits = Literal["quiet", "domain", "relay"]
"""Why a mail that could leave lies still: its reader's night, or who takes no more at once."""
LANES: dict[str, int] = {"urgent": 0, "normal": 1, "campaign": 2}


class Address(Base):
    """One mailbox, whoever reads it: its language, and whether it wants mail at all."""

    __tablename__ = "address"

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(unique=True)
    locale: Mapped[str] = mapped_column(default="nl")
    suppressed_at: Mapped[datetime | None]
    suppressed_why: Mapped[str | None]
    unwanted: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    """The kinds of mail (`Notice.choice`) that the reader wants no more of, and since when."""

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]

    @classmethod
    def of(cls, email: str, locale: str) -> "Address":
        """The row of this mailbox, made when it is new. Capitals do not make another mailbox; the first language stays."""
        email = email.strip().lower()
        db.session.execute(insert(cls).values(email=email, locale=locale).on_conflict_do_nothing())
        return db.session.scalars(select(cls).where(cls.email == email)).one()

    def suppress(self, why: SuppressionReason, now: datetime) -> None:
        """No more mail leaves to this mailbox, from the next claim on."""
        self.suppressed_at, self.suppressed_why = now, why
        db.session.add(Suppression(address_id=self.id, reason=why, at=now))

    def lift(self, now: datetime) -> None:
        """Only the person themselves may ask for this."""
        self.suppressed_at = self.suppressed_why = None
        db.session.execute(
            Suppression.__table__.update()  # type: ignore[attr-defined]  # a Table, typed as FromClause
            .where(Suppression.address_id == self.id, Suppression.choice.is_(None), Suppression.lifted_at.is_(None))
            .values(lifted_at=now)
        )

    @property
    def unwanted_since(self) -> dict[str, datetime]:
        return {choice: datetime.fromisoformat(since) for choice, since in self.unwanted.items()}

    def unwant(self, choice: str, now: datetime) -> None:
        """No more mail of this kind, from the next claim on. Twice is once."""
        if choice not in self.unwanted:
            self.unwanted = self.unwanted | {choice: now.isoformat()}
            db.session.add(Suppression(address_id=self.id, reason="stop", choice=choice, at=now))

    def want(self, choice: str, now: datetime) -> None:
        """Mail of this kind is welcome again. Only the person themselves may ask for this."""
        self.unwanted = {name: since for name, since in self.unwanted.items() if name != choice}
        stops = (Suppression.address_id == self.id, Suppression.choice == choice, Suppression.lifted_at.is_(None))
        db.session.execute(update(Suppression).where(*stops).values(lifted_at=now))


class Suppression(Base):
    """A mail stop: since when, why, and until when."""

    __tablename__ = "suppression"

    id: Mapped[Id]
    address_id: Mapped[int] = references("address.id")
    reason: Mapped[str]
    choice: Mapped[str | None]
    """The kind of mail it is about; None: all."""
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class Message(Base):
    """Every mail ever planned to leave: for which notice and subject, to whom, and how it ended."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("notice", "subject_id", "occurrence"),
        Index("message_thread_idx", "thread"),
        Index("message_planned_idx", "planned_at"),
        Index("message_unsent_idx", "unsent", "id", postgresql_where=text("unsent is not null")),
        {"postgresql_with": {"fillfactor": 60}},
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    notice: Mapped[str]
    subject_id: Mapped[int]
    occurrence: Mapped[str] = mapped_column(default="")
    address_id: Mapped[int] = references("address.id")
    locale: Mapped[str]
    thread: Mapped[str | None]
    due_at: Mapped[datetime]
    planned_at: Mapped[datetime]
    end: Mapped[str | None]
    unsent: Mapped[str | None] = mapped_column(Text, Computed("nullif(\"end\", 'sent')", persisted=True))
    """How it ended, other than sent: an index on `end` itself would be one more reason to write every index of a mail anew."""
    why: Mapped[str | None]
    why_facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    ended_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """An organiser has seen to what went wrong."""
    accepted_at: Mapped[datetime | None]
    stage: Mapped[str | None]
    code: Mapped[int | None] = mapped_column(SmallInteger)
    enhanced: Mapped[str | None]
    reply: Mapped[str | None]
    queue_id: Mapped[str | None]

    address: Mapped[Address] = relationship()
    dispatch: Mapped["Dispatch | None"] = relationship(back_populates="message", passive_deletes=True)


class Dispatch(Base):
    """A mail under way; gone when it has left or will not. `try_at` is backoff and lease, in real time."""

    __tablename__ = "dispatch"
    __table_args__ = (
        Index("dispatch_lane_idx", "lane", "try_at", "message_id"),
        CheckConstraint("state in ('queued', 'transmitting', 'unknown')", "state"),
        {"postgresql_with": {"fillfactor": 60}},
    )

    message_id: Mapped[int] = references("message.id", index=False, ondelete="CASCADE", primary_key=True)
    lane: Mapped[int] = mapped_column(SmallInteger)
    try_at: Mapped[datetime]
    not_after: Mapped[datetime]
    turn: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """The how many-th of its campaign: where many begin at one moment, all first ones leave before a second one."""
    waits: Mapped[str | None]
    """One of `Waits`, until it is claimed again."""
    state: Mapped[str] = mapped_column(default="queued", server_default="queued")
    owner: Mapped[int | None]
    marked_at: Mapped[datetime | None]
    mime_date: Mapped[datetime | None]
    mime_id: Mapped[str | None]
    mime_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    resends: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")

    message: Mapped[Message] = relationship(back_populates="dispatch")


class SharedContent(Base):
    """What many mails say alike, once. Its number is worked out from it, so the same words are the same row."""

    __tablename__ = "shared_content"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[list[Any]] = mapped_column(JSONB)
    used_at: Mapped[datetime] = mapped_column(index=True)
    """When it was last said, to the day."""


class Said(Base):
    """What one mail said, for thirty days: then it is wiped. Written with the marker, before it can leave."""

    __tablename__ = "said"

    message_id: Mapped[int] = references("message.id", index=False, ondelete="CASCADE", primary_key=True)
    shared_id: Mapped[UUID] = mapped_column(ForeignKey("shared_content.id"), index=True)
    own: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(index=True)


class Rewording(Base):
    """What an organiser has one kind of mail say in one language; append-only, the last one counts."""

    __tablename__ = "rewording"
    __table_args__ = (Index("rewording_last_idx", "notice", "variant", "language", "id"),)

    id: Mapped[Id]
    notice: Mapped[str]
    variant: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    """Empty: the standard text again."""
    preheader: Mapped[str]
    heading: Mapped[str]
    words: Mapped[str]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = references("account.id")


class DeliveryEvent(Base):
    """What happened to a message, in order; never changed."""

    __tablename__ = "delivery_event"

    id: Mapped[Id]
    message_id: Mapped[int] = references("message.id", ondelete="CASCADE")
    at: Mapped[datetime]
    state: Mapped[str]
    detail: Mapped[str | None]


class Pause(Base):
    """A kill switch that is on: for everything, one notice or one visit's thread. Gone when resumed."""

    __tablename__ = "pause"
    __table_args__ = (UniqueConstraint("scope"),)

    id: Mapped[Id]
    scope: Mapped[str]
    """`all`, `notice:<name>` or `thread:<thread>`."""
    at: Mapped[datetime]
    by: Mapped[str]


class Budget(Base):
    """How many mails a minute one recipient domain takes, or (with no name) the relay. No row: nobody ever counted."""

    __tablename__ = "budget"

    domain: Mapped[str] = mapped_column(primary_key=True)
    slowed_to: Mapped[float | None] = mapped_column(Double)
    """Mails a minute, at `slowed_at`."""
    slowed_at: Mapped[datetime | None]
    next_at: Mapped[datetime]
    """The next free place, in real time."""
    urgent_at: Mapped[datetime]
    ahead_at: Mapped[datetime]
    line_at: Mapped[datetime]
    """Where three lines end of mails that wait for one: what is urgent, the first of each campaign, all others."""


class NoticeStart(Base):
    """Since when a notice exists here: a new kind of mail must not mail the past."""

    __tablename__ = "notice_start"

    notice: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Heartbeat(Base):
    """When a part of the workers last did its work."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    """Real time."""
    application_at: Mapped[datetime]


class ClockShift(Base):
    """How far the demo's clock runs ahead, where it is going, and what else was asked of the demo; one row at most."""

    __tablename__ = "clock_shift"
    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=1)
    ahead_seconds: Mapped[float] = mapped_column(default=0)
    target: Mapped[datetime | None]
    """Where it is going; nowhere once it is there."""
    left_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    """The last journey, by the clock that travelled."""
    answers_asked_at: Mapped[datetime | None]
    """The others are to answer."""

    @classmethod
    def follow(cls) -> "ClockShift | None":
        """Let this process's clock run as far ahead as it says. Asked in demos only."""
        shift = db.session.get(cls, 1, populate_existing=True)
        clock.run_ahead(timedelta(seconds=shift.ahead_seconds if shift else 0))
        return shift

    @classmethod
    def locked(cls) -> "ClockShift":
        """The row, made when there is none; ours until the transaction ends."""
        db.session.execute(insert(cls).values(id=1, ahead_seconds=0).on_conflict_do_nothing())
        return db.session.get_one(cls, 1, with_for_update=True, populate_existing=True)
