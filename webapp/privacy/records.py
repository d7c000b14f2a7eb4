"""What this step writes down itself: exports, erasures, how long things are kept, and what a night erased."""

from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Date, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Account
from webapp.db import Base, Id, references

EXPORT_KEPT = timedelta(days=7)
By = Literal["person", "organiser", "clock"]


class DataExport(Base):
    """Everything about a person in one file, for who asked: the reader of a mailbox, or an account; gone after a week."""

    __tablename__ = "data_export"
    __table_args__ = (Index("data_export_kept_idx", "expires_at", postgresql_where=text("content is not null")),)

    id: Mapped[Id]
    address_id: Mapped[int | None] = references("address.id")
    """Asked for through a link: the mailbox that is told when it is ready."""
    customer_id: Mapped[int | None] = references("customer.id")
    staff_id: Mapped[int | None] = references("staff_member.id")
    account_id: Mapped[int | None] = references("account.id")
    """Asked for by this account, about that customer or staff member; nobody else can fetch it."""
    at: Mapped[datetime]
    expires_at: Mapped[datetime]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)

    account: Mapped[Account | None] = relationship()


class Erasure(Base):
    """Somebody was erased: when and by whom, not who. The mailbox and the greeting stay until the last mail has left."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("kind in ('customer', 'staff_member', 'account')", "kind"),
        CheckConstraint("by in ('person', 'organiser', 'clock')", "by"),
        Index("erasure_open_idx", "id", postgresql_where=text("wiped_at is null")),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    by: Mapped[str]
    account_id: Mapped[int | None] = references("account.id")
    at: Mapped[datetime]
    address_id: Mapped[int | None] = references("address.id")
    tell: Mapped[bool] = mapped_column(default=False)
    """A receipt is to leave."""
    alone: Mapped[bool] = mapped_column(default=False)
    """Nobody else reads the mailbox: it is wiped with them."""
    salutation: Mapped[str] = mapped_column(default="")
    wiped_at: Mapped[datetime | None]


class Retention(Base):
    """How long a kind is kept here, where that is shorter than usual."""

    __tablename__ = "retention"

    kind: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[int] = mapped_column(SmallInteger)
    """Days or months, as the kind is counted."""
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = references("account.id")


class RetentionReport(Base):
    """What one night erased, by kind."""

    __tablename__ = "retention_report"

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(Date, unique=True)
    begun_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
