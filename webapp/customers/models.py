"""Customers, on what ground they may be asked, and the stage they are in, which is derived and never typed."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ColumnElement, Index, and_, exists, func, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.named import Named

Ground = Literal["agreed", "existing", "not_yet", "withdrawn"]
MAY_BE_ASKED: tuple[Ground, ...] = ("agreed", "existing")
What = Literal["willing", "declined", "called", "note"]
SAID: tuple[What, ...] = ("willing", "declined")
"""Contacts in which somebody said whether they would like to come; the last one counts."""


class Customer(Named, Base):
    """Somebody our work is for."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("customer_find_idx", "sorting", postgresql_using="gin", postgresql_ops={"sorting": "gin_trgm_ops"}),
    )

    id: Mapped[Id]
    address_id: Mapped[int | None] = references("address.id")
    locale: Mapped[str] = mapped_column(default="nl")
    phone: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    group: Mapped[str] = mapped_column("end_user_group", default="", index=True)
    relationship_owner: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="list")
    """How we know them: `list`, `hand`."""
    added_at: Mapped[datetime]
    short_notice_at: Mapped[datetime | None]

    address: Mapped[Address | None] = relationship(lazy="joined")
    consents: Mapped[list["Consent"]] = relationship(back_populates="customer", order_by="Consent.id")
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer", order_by="Contact.id", cascade="all", passive_deletes=True
    )

    @property
    def ground(self) -> str:
        """On what ground this person may be asked now. The last word counts: who said "rather not" is not asked."""
        last = self.consents[-1] if self.consents else None
        said = self.said
        if said is not None and said.what == "declined" and (last is None or last.at <= said.at):
            return "withdrawn"
        return last.ground if last else "not_yet"

    @property
    def said(self) -> "Contact | None":
        """What this person last said about coming, outside mail."""
        return next((each for each in reversed(self.contacts) if each.what in SAID and each.undone_at is None), None)

    @classmethod
    def may_be_asked(cls) -> ColumnElement[bool]:
        """SQL: the same as `ground in MAY_BE_ASKED`."""
        later = aliased(Consent)
        return exists(
            select(Consent.id).where(
                Consent.customer_id == cls.id,
                Consent.ground.in_(MAY_BE_ASKED),
                ~exists().where(later.customer_id == Consent.customer_id, later.id > Consent.id),
                ~exists().where(
                    Contact.customer_id == Consent.customer_id, Contact.at >= Consent.at, Contact.last_no()
                ),
            )
        )

    @classmethod
    def groups(cls, most: int) -> list[str]:
        """The groups that customers are in, by name: each found by a step in an index, not by reading everybody."""
        first = select(func.min(cls.group).label("name")).where(cls.group > "")
        walk = first.cte("walk", recursive=True)
        following = select(func.min(cls.group)).where(cls.group > walk.c.name).correlate(walk).scalar_subquery()
        walk = walk.union_all(select(following).where(walk.c.name.is_not(None)))
        return list(db.session.scalars(select(walk.c.name).where(walk.c.name.is_not(None)).limit(most)))

    def record(self, what: What, now: datetime, by: Account | None, words: str = "") -> "Contact":
        """Take down what happened outside mail; it can be undone."""
        contact = Contact(customer=self, what=what, words=words, at=now, recorded_by=by)
        db.session.add(contact)
        db.session.flush()
        return contact

    def consent(
        self, ground: Ground, wording: str, locale: str, channel: str, now: datetime, by: Account | None
    ) -> None:
        """Take down on what ground this person may be asked from now on, in the words that were said."""
        words = {"wording": wording, "locale": locale, "channel": channel}
        self.consents.append(Consent(ground=ground, at=now, recorded_by=by, **words))
        db.session.flush()

    def mend_address(self, email: str) -> Address:
        """Another mailbox for this person. The old one keeps its history, and whoever else reads it."""
        self.address = Address.of(email, self.locale)
        db.session.flush()
        return self.address


class Consent(Base):
    """On what ground somebody may be asked: evidence, append-only; withdrawing is a new row."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("ground in ('agreed', 'existing', 'not_yet', 'withdrawn')", "ground"),
        Index("consent_customer_idx", "customer_id", "id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    ground: Mapped[str]
    wording: Mapped[str]
    """The exact text, as it stood on the page."""
    locale: Mapped[str] = mapped_column(default="nl")
    channel: Mapped[str]
    """`import`, `hand`, `phone`, `page`."""
    recorded_by_id: Mapped[int | None] = references("account.id")
    at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(back_populates="consents")
    recorded_by: Mapped[Account | None] = relationship()


class Contact(Base):
    """Something an organiser recorded about somebody outside mail: a phone call, a letter."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("what in ('willing', 'declined', 'called', 'note')", "what"),
        Index("contact_customer_idx", "customer_id", "id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    what: Mapped[str]
    """`willing` (said yes on the phone), `declined`, `called`, `note`."""
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = references("account.id")
    undone_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship(back_populates="contacts")
    recorded_by: Mapped[Account | None] = relationship()

    @classmethod
    def last_no(cls) -> ColumnElement[bool]:
        """SQL: "rather not", and nothing else was said since."""
        later = aliased(cls)
        since = (
            later.customer_id == cls.customer_id,
            later.id > cls.id,
            later.what.in_(SAID),
            later.undone_at.is_(None),
        )
        return and_(cls.what == "declined", cls.undone_at.is_(None), ~exists().where(*since))

    def undo(self, now: datetime) -> None:
        self.undone_at = now

    def redo(self) -> None:
        self.undone_at = None
