"""The relationship owner: a colleague who knows a customer, and agrees or holds before that customer is first asked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from sqlalchemy import CheckConstraint, Index, Select, or_, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import StaffMember
from webapp.zones import zone as zone_of

Says = Literal["yes", "not_now"]
SAYS: tuple[Says, ...] = ("yes", "not_now")
ANSWER_WITHIN = 3
"""Working days."""
MORNING, SATURDAY = time(9, 0), 5


class OwnerQuestion(Base):
    """Is this a good moment to ask your customer? Answered by the owner, or after three working days by who organises."""

    __tablename__ = "owner_question"
    __table_args__ = (
        CheckConstraint("kind in ('consent', 'story', 'visit')", "kind"),
        CheckConstraint("answer in ('yes', 'not_now')", "answer"),
        Index("owner_question_customer_idx", "customer_id", "id"),
        Index("owner_question_open_idx", "due_at", postgresql_where=text("answer is null")),
        Index("owner_question_released_idx", "released_at", postgresql_where=text("answer is null")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    owner_id: Mapped[int] = references("staff_member.id", ondelete="CASCADE")
    kind: Mapped[str] = mapped_column(default="visit")
    asked_by_id: Mapped[int | None] = references("account.id")
    asked_at: Mapped[datetime]
    released_at: Mapped[datetime]
    """When the mail may leave: after the hold."""
    due_at: Mapped[datetime]
    """Without an answer it goes to who organises; never to the customer."""
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = references("account.id")
    """Who organises decided; None: the owner did."""

    customer: Mapped[Customer] = relationship()
    owner: Mapped[StaffMember] = relationship()
    asked_by: Mapped[Account | None] = relationship(foreign_keys=[asked_by_id])
    answered_by: Mapped[Account | None] = relationship(foreign_keys=[answered_by_id])

    def say(self, says: Says, now: datetime, by: Account | None) -> None:
        """The last answer counts: an owner may think again."""
        self.answer, self.answered_at, self.answered_by = says, now, by
        db.session.flush()


def ask_owner(
    customer: Customer, owner: StaffMember, kind: str, by: Account | None, now: datetime, hold: timedelta
) -> OwnerQuestion:
    """While a question is open it stays the one."""
    customer.hold()
    found = last_questions([customer.id]).get(customer.id)
    if found is not None and found.answer is None and found.owner_id == owner.id:
        return found
    due_at = working_days_later(now + hold, ANSWER_WITHIN, Organisation.required().zone)
    found = OwnerQuestion(
        customer_id=customer.id, owner_id=owner.id, kind=kind, asked_by_id=by.id if by else None, asked_at=now,
        released_at=now + hold, due_at=due_at,
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    return found


def silent(now: datetime) -> Select[int]:
    """Questions that an owner did not answer in time: somebody who organises decides."""
    return select(OwnerQuestion.id).where(OwnerQuestion.answer.is_(None), OwnerQuestion.due_at <= now)


def working_days_later(moment: datetime, count: int, zone: str) -> datetime:
    """So many days from Monday to Friday after the day of `moment`, in the morning there."""
    day = dates.local(moment, zone).date()
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return datetime.combine(day, MORNING, zone_of(zone)).astimezone(UTC)


def last_questions(customer_ids: Iterable[int]) -> dict[int, OwnerQuestion]:
    """What the owners of these customers were asked last."""
    last = (
        select(OwnerQuestion)
        .where(db.among(OwnerQuestion.customer_id, customer_ids))
        .ext(distinct_on(OwnerQuestion.customer_id))
        .order_by(OwnerQuestion.customer_id, OwnerQuestion.id.desc())
    )
    return {each.customer_id: each for each in db.session.scalars(last)}


def owners(customers: Sequence[Customer]) -> Mapping[int, StaffMember]:
    """By customer: the one colleague whom the text on it names, by name or by e-mail address. Of two who are called the
    same, neither."""
    named = {each.relationship_owner.strip() for each in customers} - {""}
    if not named:
        return {}
    emails = {text.lower() for text in named if "@" in text}
    sortings = {PersonName.parse(text).sort_key for text in named if "@" not in text}
    found = select(StaffMember).outerjoin(StaffMember.address).where(StaffMember.left_at.is_(None))
    who = or_(StaffMember.sorting.in_(sortings), Address.email.in_(emails))
    by_name: dict[str, list[StaffMember]] = {}
    for member in db.session.scalars(found.where(who)):
        for key in {member.sorting, member.address.email if member.address else ""} - {""}:
            by_name.setdefault(key, []).append(member)
    whose = {}
    for customer in customers:
        text = customer.relationship_owner.strip()
        key = text.lower() if "@" in text else PersonName.parse(text).sort_key if text else ""
        if len(members := by_name.get(key, [])) == 1:
            whose[customer.id] = members[0]
    return whose


def owner_of(customer: Customer) -> StaffMember | None:
    return owners([customer]).get(customer.id)
