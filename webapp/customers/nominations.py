"""Somebody whom a colleague says we should meet: who it is, whom we may know already, and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, Index, Text, and_, func, or_, select, text
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from webapp import db
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.i18n import Language
from webapp.mailing.models import Address
from webapp.people import PersonName, folded
from webapp.staff.models import StaffMember

SHOWN = 3
DIGITS = 8
"""The last ones of a phone number: with and without the code of the country they are the same."""


class Nomination(Base):
    """A colleague nominated somebody; told what came of it once."""

    __tablename__ = "nomination"
    __table_args__ = (
        CheckConstraint("outcome in ('planned', 'story', 'not_now')", "outcome"),
        Index("nomination_customer_idx", "customer_id", "id"),
        Index("nomination_open_idx", "at", postgresql_where=text("outcome is null")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    nominator_id: Mapped[int] = references("staff_member.id", ondelete="CASCADE")
    why: Mapped[str] = mapped_column(default="")
    knows: Mapped[bool] = mapped_column(default=False)
    """The customer knows of it."""
    at: Mapped[datetime] = mapped_column(index=True)
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None] = mapped_column(index=True)
    visit_day: Mapped[date | None]
    """Of who comes to tell: when and where, as it was when we knew."""
    visit_team: Mapped[str] = mapped_column(default="")

    customer: Mapped[Customer] = relationship()
    nominator: Mapped[StaffMember] = relationship()

    @classmethod
    def of_nominator(cls, staff_id: int) -> Sequence["Nomination"]:
        """The newest first."""
        mine = select(cls).where(cls.nominator_id == staff_id).order_by(cls.at.desc(), cls.id.desc())
        return db.session.scalars(mine).all()

    @classmethod
    def of_customers(cls, customer_ids: Sequence[int]) -> dict[int, "Nomination"]:
        """By customer: the first time."""
        found = select(cls).where(db.among(cls.customer_id, customer_ids)).order_by(cls.id.desc())
        found = found.options(joinedload(cls.nominator).lazyload("*"))
        return {each.customer_id: each for each in db.session.scalars(found)}


def known_already(name: PersonName, email: str, phone: str) -> Sequence[Customer]:
    """Customers who may be the same: at this address or phone number, or of this name, or with its first letter."""
    same: list[ColumnElement[bool]] = []
    family, given = folded(name.family or name.given), folded(name.given) if name.family else ""
    if email:
        same.append(Address.email == email.lower())
    if family:
        same.append(Customer.sorting.startswith(f"{family}  {given[:1]}", autoescape=True))
    if family and len(digits := _digits(phone)) >= DIGITS:
        known = func.regexp_replace(Customer.phone, r"\D", "", "g", type_=Text)
        alike = func.right(known, DIGITS) == digits[-DIGITS:]
        same.append(and_(Customer.sorting.startswith(f"{family}  ", autoescape=True), alike))
    found = select(Customer).outerjoin(Customer.address).where(or_(*same), Customer.erased_at.is_(None))
    return db.session.scalars(found.order_by(Customer.sorting, Customer.id).limit(SHOWN)).all() if same else []


def nominate(nominator: StaffMember, customer: Customer, why: str, knows: bool, now: datetime) -> Nomination:
    """Once a person: nominated again by the same colleague, what they wrote is renewed."""
    customer.hold()
    mine = (
        Nomination.customer_id == customer.id,
        Nomination.nominator_id == nominator.id,
        Nomination.outcome.is_(None),
    )
    found = db.session.scalars(select(Nomination).where(*mine)).first()
    if found is None:
        found = Nomination(customer_id=customer.id, nominator_id=nominator.id, at=now)
        db.session.add(found)
    found.why, found.knows = why or found.why or "", knows or bool(found.knows)
    db.session.flush()
    return found


def new_customer(name: PersonName, email: str, phone: str, group: str, locale: Language, now: datetime) -> Customer:
    """Somebody we did not know. They may not be asked to come yet: first what they think of being asked."""
    customer = Customer(source="nomination", locale=locale, phone=phone, group=group, added_at=now)
    customer.name = name
    if email:
        customer.address = Address.of(email, locale)
    db.session.add(customer)
    db.session.flush()
    return customer


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdigit())
