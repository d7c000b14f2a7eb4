"""Invitations and what became of them: answers, proposals, attendance. Waiting places stand in `places.py`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, and_, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from webapp import db
from webapp.accounts.models import Account
from webapp.customers import asks
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.i18n import Language
from webapp.invitations.care import Care as Care
from webapp.invitations.hints import NUDGE_AFTER, Hinted
from webapp.invitations.places import Places
from webapp.invitations.places import WaitingPlace as WaitingPlace
from webapp.invitations.replies import Reply as Reply
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember
from webapp.visits import wall
from webapp.visits.models import Visit

Partstat = Literal["needs-action", "accepted", "declined", "tentative"]
AnswerKind = Literal["accepted", "declined", "tentative", "other", "waiting", "left"]
Channel = Literal["link", "phone", "calendar", "list", "agreed"]
State = Literal[
    "needs-action", "hinted", "accepted", "declined", "tentative", "proposed", "willing", "waiting", "offered", "lapsed",
    "withdrawn",
]  # fmt: skip
"""What an organiser reads beside a name (the macro `answer_chip`). `willing` found the places taken, `lapsed` let an
offered seat go by; `needs-action` has not answered: silence is never a no."""
Reason = Literal["withdrawn", "cancelled", "past"]

SAMPLE_KEPT = timedelta(days=1)

PARTSTATS: dict[str, str] = {
    "accepted": "accepted", "declined": "declined", "tentative": "tentative",
    "other": "tentative", "waiting": "tentative", "left": "declined",
}  # fmt: skip


class Closed(Exception):
    """There is nothing to answer any more: the invitation was withdrawn, the visit cancelled, or it has begun."""

    def __init__(self, reason: Reason):
        super().__init__(reason)
        self.reason = reason


class Invitation(Hinted, Base):
    """One person, asked to one visit: a customer to tell, or a staff member to listen."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", "one_person"),
        CheckConstraint("partstat in ('needs-action', 'accepted', 'declined', 'tentative')", "partstat"),
        UniqueConstraint("visit_id", "customer_id"),
        UniqueConstraint("visit_id", "staff_id"),
        Index("invitation_released_idx", "released_at", postgresql_where=text("partstat = 'needs-action'")),
        Index("invitation_nudge_idx", "nudge_at", postgresql_where=text("nudge_at is not null")),
        *(
            Index(f"invitation_{moment}_idx", f"{moment}_at", postgresql_where=text("partstat = 'needs-action'"))
            for moment in ("remind_1", "remind_2", "unanswered")
        ),
        Index(
            "invitation_by_phone_idx", "released_at", postgresql_where=text("by_phone and partstat = 'needs-action'")
        ),
        Index("invitation_withdrawn_idx", "withdrawn_at", postgresql_where=text("withdrawn_at is not null")),
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
    """A secret of this person: an answer that names it is theirs."""
    calendar_at: Mapped[datetime | None]
    """When the last word of their calendar that counted was said."""

    partstat: Mapped[str] = mapped_column(default="needs-action", server_default="needs-action")
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """The organiser took the invitation back."""
    stopped_at: Mapped[datetime | None]
    """The person wants no more mail about this visit."""
    short_notice_at: Mapped[datetime | None]
    """Ticked "mail me an hour before" on the receipt."""
    needs: Mapped[str] = mapped_column(default="", server_default="")
    """What was ticked on the receipt, with spaces between: see `needs.named`."""

    visit: Mapped[Visit] = relationship()
    customer: Mapped[Customer | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()
    answers: Mapped[list["Answer"]] = relationship(back_populates="invitation", order_by="Answer.id")
    places: Mapped[list[WaitingPlace]] = relationship(back_populates="invitation", order_by="WaitingPlace.id")
    attendance: Mapped["Attendance | None"] = relationship(back_populates="invitation")
    care: Mapped["Care | None"] = relationship(back_populates="invitation")

    @classmethod
    def of_visit(cls, visit_id: int) -> Sequence["Invitation"]:
        """Everybody asked to a visit, by name, with what became of it: a fixed number of queries."""
        found = db.session.scalars(
            select(cls)
            .where(cls.visit_id == visit_id)
            .options(selectinload(cls.customer), selectinload(cls.staff), selectinload(cls.places),
                     selectinload(cls.answers).selectinload(Answer.proposal), selectinload(cls.attendance))
        )  # fmt: skip
        return sorted(found, key=lambda each: each.person.sorting)

    @classmethod
    def coming(cls) -> ColumnElement[bool]:
        """SQL: said yes, and the yes stands."""
        return and_(cls.partstat == "accepted", cls.withdrawn_at.is_(None))

    # Who

    @property
    def person(self) -> Customer | StaffMember:
        person = self.customer or self.staff
        assert person is not None  # the check constraint one_person
        return person

    @property
    def address(self) -> Address | None:
        return self.person.address

    @property
    def language(self) -> Language:
        """What this person reads: the mailbox knows best; who has none is a customer with a language."""
        locale = self.address.locale if self.address else self.customer.locale if self.customer else "nl"
        return "en" if locale == "en" else "nl"

    @property
    def unasked(self) -> bool:
        """Came by themselves: nothing was to be reminded of, ever."""
        return self.unanswered_at == self.invited_at

    # What became of it

    @property
    def latest(self) -> "Answer | None":
        """The answer that counts."""
        return self.answers[-1] if self.answers else None

    @property
    def place(self) -> WaitingPlace | None:
        """The place on the waiting list, while there is one."""
        last = self.places[-1] if self.places else None
        return last if last and last.ended_at is None else None

    @property
    def proposal(self) -> "Proposal | None":
        """The other time that was suggested, while it is the last word."""
        return self.latest.proposal if self.latest else None

    @property
    def state(self) -> State:
        if self.withdrawn_at:
            return "withdrawn"
        if self.place:
            return "offered" if self.place.offered_at else "waiting"
        if self.places and self.partstat == "tentative":
            return "lapsed"
        if self.proposal and self.partstat != "accepted":
            return "willing" if self.proposal.because_full else "proposed"
        if self.partstat == "needs-action" and self.hint:
            return "hinted"
        return self.partstat  # type: ignore[return-value]  # the check constraint knows the others

    def closed(self, now: datetime) -> Reason | None:
        """Why there is nothing to answer any more; None: there is. A mind may change until the start."""
        if self.visit.cancelled_at:
            return "cancelled"
        if self.withdrawn_at or (self.staff and self.staff.left_at):
            return "withdrawn"
        return "past" if self.visit.starts_at <= now else None

    # What happens to it

    def answer(
        self,
        kind: AnswerKind,
        now: datetime,
        channel: Channel = "link",
        nonce: str | None = None,
        recorded_by: Account | None = None,
        times: dict[str, Any] | None = None,
    ) -> "Answer":
        """Take down an answer. The fact returned says what became of it: who finds the house full waits, or is willing.

        The same nonce is the same answer, and so is saying again what stands. `times` go with `other`: see Proposal.
        Raises Closed when there is nothing to answer any more.
        """
        places = Places.locked(type(self), self.visit_id, now)
        db.session.refresh(self)
        given = db.session.scalar(select(Answer).where(Answer.nonce == nonce)) if nonce else None
        if given is not None:
            return given
        if reason := self.closed(now):
            raise Closed(reason)
        places.look_after()
        full = kind in ("accepted", "waiting") and not places.fits(self)
        if kind in ("accepted", "waiting"):
            kind = "accepted" if not full else "waiting" if self.staff_id else "other"
        if self.latest is not None and self._stands(kind, times or {}, full):
            return self.latest
        answer = self._take_down(kind, now, channel, nonce, recorded_by)
        if kind == "other":
            answer.proposal = Proposal(invitation=self, times=times or {}, because_full=full, at=now)
        if kind == "waiting":
            self.places.append(WaitingPlace(joined_at=now))
        elif self.place:
            self.place.end("taken" if kind == "accepted" else "passed" if self.place.offered_at else "left", now)
        db.session.flush()
        places.look_after()
        return answer

    def _stands(self, kind: str, times: dict[str, Any], full: bool) -> bool:
        """Whether this was said already, and still holds."""
        if self.latest is None or self.latest.kind != kind or (kind == "waiting" and self.place is None):
            return False
        proposal = self.latest.proposal
        return proposal is None or (proposal.times, proposal.because_full) == (times, full)

    def _take_down(
        self, kind: AnswerKind, now: datetime, channel: Channel, nonce: str | None, recorded_by: Account | None
    ) -> "Answer":
        """Another time never cancels the old one: who had said yes is still expected."""
        for earlier in self.answers:
            earlier.latest = False
        if not (kind == "other" and self.partstat == "accepted"):
            self.partstat = PARTSTATS[kind]
        self.answered_at = now
        self.forget_hint()
        answer = Answer(kind=kind, given_at=now, channel=channel, nonce=nonce, recorded_by=recorded_by)
        self.answers.append(answer)
        return answer

    def tapped(self, kind: AnswerKind, now: datetime) -> None:
        """An answer was tapped in the mail and its page opened, nothing more. Only customers are asked about it later."""
        if self.partstat == "needs-action" and not self.closed(now):
            nudge_at = wall.next_daytime(now + NUDGE_AFTER, self.visit.zone) if self.customer_id else None
            self.tap(kind, now, nudge_at)

    def withdraw(self, now: datetime) -> None:
        """The organiser takes the invitation back; a seat it had goes to who waits."""
        places = Places.locked(type(self), self.visit_id, now)
        db.session.refresh(self)
        if self.withdrawn_at is None:
            self.withdrawn_at = now
            self.forget_hint()
            if self.place:
                self.place.end("left", now)
            db.session.flush()
            places.look_after()

    def undo_withdrawal(self, now: datetime) -> None:
        """It stands again. Who had said yes and whose place is gone by now waits, or is willing, as anybody would."""
        places = Places.locked(type(self), self.visit_id, now)
        db.session.refresh(self)
        if self.withdrawn_at is None:
            return
        self.withdrawn_at = None
        if self.partstat == "accepted" and not places.fits(self):
            self.partstat = "needs-action"
            db.session.flush()
            self.answer("accepted", now, channel="list")

    def stop(self, now: datetime) -> None:
        """No more mail about this visit; the answer stays what it is."""
        self.stopped_at = self.stopped_at or now

    def resume(self) -> None:
        self.stopped_at = None


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
    """`link`, `phone`, `calendar`, `list` (a place found taken when a withdrawal was undone, or that came free for who
    waited), `agreed` (said to suit before, and chosen since)."""
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
    """{"dayparts": [["mon", "morning"], ...], "note": "...", "slots": ["2026-12-08T10:00", ...]}, slots on the venue's
    clock and only when there are any; empty when the places were full: willing, another time."""
    because_full: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    answer: Mapped[Answer] = relationship(back_populates="proposal")
    invitation: Mapped[Invitation] = relationship()


class Attendance(Base):
    """Was there, or was not there; ticked by the host or an organiser."""

    __tablename__ = "attendance"

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE", unique=True)
    present: Mapped[bool]
    at: Mapped[datetime]

    invitation: Mapped[Invitation] = relationship(back_populates="attendance")


class MailSample(Base):
    """A test of a mail that somebody who organises asked for: what it says, with links that only show."""

    __tablename__ = "mail_sample"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """Of the button that was pressed: a double click is one mail."""
    account_id: Mapped[int] = references("account.id")
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Wiped after a day: it tells of somebody else."""
    at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


def wipe_samples(now: datetime) -> None:
    """A step of every tick: what a test said is of no use a day later."""
    old = (MailSample.at < now - SAMPLE_KEPT, MailSample.content.is_not(None))
    db.session.execute(update(MailSample).where(*old).values(content=None))


def look_after_waiting(now: datetime) -> None:
    """A step of every tick: offers lapse, and a seat that came free, or was added, goes to who waits."""
    waiting = (
        select(Invitation.visit_id)
        .join(WaitingPlace)
        .join(Visit)
        .where(WaitingPlace.ended_at.is_(None), Visit.cancelled_at.is_(None))
    )
    for visit_id in sorted(set(db.session.scalars(waiting))):
        Places.locked(Invitation, visit_id, now).look_after()


def last_met(customer_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """By customer: when the last visit ended at which they were."""
    there = (
        select(Invitation.customer_id, func.max(Visit.ends_at).label("at"))
        .join(Attendance)
        .join(Invitation.visit)
        .where(db.among(Invitation.customer_id, customer_ids), Attendance.present, Visit.ends_at <= now)
        .group_by(Invitation.customer_id)
    )
    return {row.customer_id: row.at for row in db.session.execute(there)}


asks.learn_last_met(last_met)
