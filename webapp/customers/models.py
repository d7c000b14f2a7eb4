"""Customers, on what ground they may be asked, and the stage they are in, which is derived and never typed."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, ColumnElement, Index, exists, select
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.named import Named

Ground = Literal["agreed", "existing", "not_yet", "withdrawn"]
MAY_BE_ASKED: tuple[Ground, ...] = ("agreed", "existing")


class Customer(Named, Base):
    """Somebody our work is for."""

    __tablename__ = "customer"

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

    @property
    def ground(self) -> str:
        """On what ground this person may be asked now; the last word counts."""
        return self.consents[-1].ground if self.consents else "not_yet"

    @classmethod
    def may_be_asked(cls) -> ColumnElement[bool]:
        """SQL: the last consent row allows asking."""
        later = aliased(Consent)
        return exists(
            select(Consent.id).where(
                Consent.customer_id == cls.id,
                Consent.ground.in_(MAY_BE_ASKED),
                ~exists().where(later.customer_id == cls.id, later.id > Consent.id),
            )
        )


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

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", ondelete="CASCADE")
    what: Mapped[str]
    """`willing` (said yes on the phone), `declined`, `called`, `note`."""
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = references("account.id")
    undone_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship()
    recorded_by: Mapped[Account | None] = relationship()
