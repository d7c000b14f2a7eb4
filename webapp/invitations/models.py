"""Invitations and what became of them: answers, proposals, waiting places, attendance."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit

Partstat = Literal["needs-action", "accepted", "declined", "tentative"]
AnswerKind = Literal["accepted", "declined", "tentative", "other", "waiting", "left"]


class Invitation(Base):
    """One person, asked to one visit: a customer to tell, or a staff member to listen."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", "one_person"),
        CheckConstraint("partstat in ('needs-action', 'accepted', 'declined', 'tentative')", "partstat"),
        UniqueConstraint("visit_id", "customer_id"),
        UniqueConstraint("visit_id", "staff_id"),
        Index("invitation_released_idx", "released_at", postgresql_where=text("partstat = 'needs-action'")),
        Index("invitation_nudge_idx", "nudge_at", postgresql_where=text("nudge_at is not null")),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", index=False)
    customer_id: Mapped[int | None] = references("customer.id")
    staff_id: Mapped[int | None] = references("staff_member.id")
    invited_at: Mapped[datetime]
    invited_by_id: Mapped[int | None] = references("account.id")
    released_at: Mapped[datetime]
    """When the mail may leave: after the hold. Until then undo removes the row."""
    remind_1_at: Mapped[datetime]
    remind_2_at: Mapped[datetime]
    unanswered_at: Mapped[datetime]
    """The working day after the last reminder: from then on the organiser knows."""
    by_phone: Mapped[bool] = mapped_column(default=False)
    """No address: stands on the visit with "call"."""
    calendar_uid: Mapped[UUID] = mapped_column(unique=True)

    partstat: Mapped[str] = mapped_column(default="needs-action", server_default="needs-action")
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """The organiser took the invitation back."""
    stopped_at: Mapped[datetime | None]
    """The person wants no more mail about this visit."""
    hint: Mapped[str | None]
    """The unconfirmed tap; never an answer."""
    hint_at: Mapped[datetime | None]
    nudge_at: Mapped[datetime | None]
    hint_dropped_at: Mapped[datetime | None]
    """It looked like a mail scanner."""
    short_notice_at: Mapped[datetime | None]
    """Ticked "mail me an hour before" on the receipt."""

    visit: Mapped[Visit] = relationship()
    customer: Mapped[Customer | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()
    answers: Mapped[list["Answer"]] = relationship(back_populates="invitation", order_by="Answer.id")
    attendance: Mapped["Attendance | None"] = relationship(back_populates="invitation")

    @property
    def person(self) -> Customer | StaffMember:
        person = self.customer or self.staff
        assert person is not None  # the check constraint one_person
        return person

    @property
    def address(self) -> Address | None:
        return self.person.address


class Answer(Base):
    """What somebody answered, when, and through what; append-only, the last one counts."""

    __tablename__ = "answer"
    __table_args__ = (
        CheckConstraint("kind in ('accepted', 'declined', 'tentative', 'other', 'waiting', 'left')", "kind"),
        Index("answer_given_idx", "given_at"),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    kind: Mapped[str]
    """`other`: suggests another time. Staff: `waiting` and `left` the waiting list."""
    given_at: Mapped[datetime]
    channel: Mapped[str] = mapped_column(default="link")
    """`link`, `phone`, `calendar`, `list` (a waiting place taken up by itself)."""
    recorded_by_id: Mapped[int | None] = references("account.id")
    nonce: Mapped[str | None] = mapped_column(unique=True)
    """Of the page it was posted from: a double click, the back button and a replay are one answer."""
    latest: Mapped[bool] = mapped_column(default=True)

    invitation: Mapped[Invitation] = relationship(back_populates="answers")
    recorded_by: Mapped[Account | None] = relationship()
    proposal: Mapped["Proposal | None"] = relationship(back_populates="answer")


class Proposal(Base):
    """Another time: the days and dayparts somebody can make. The old time stands until a new one is agreed."""

    __tablename__ = "proposal"

    id: Mapped[Id]
    answer_id: Mapped[int] = references("answer.id", ondelete="CASCADE", unique=True)
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    times: Mapped[dict[str, Any]]
    """{"dayparts": [["mon", "morning"], ...], "note": "..."}; empty when the places were full: willing, another time."""
    because_full: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    answer: Mapped[Answer] = relationship(back_populates="proposal")
    invitation: Mapped[Invitation] = relationship()


class WaitingPlace(Base):
    """A place on the waiting list for a staff seat; offered in order, lapses, can be joined again at the end."""

    __tablename__ = "waiting_place"
    __table_args__ = (
        Index("waiting_place_open_idx", "invitation_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("waiting_place_offer_idx", "offer_until", postgresql_where=text("ended_at is null")),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    joined_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None]
    """`taken`, `passed`, `left`, `lapsed`, `none_free`."""

    invitation: Mapped[Invitation] = relationship()


class Attendance(Base):
    """Was there, or was not there; ticked by the host or an organiser."""

    __tablename__ = "attendance"

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE", unique=True)
    present: Mapped[bool]
    at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship(back_populates="attendance")
