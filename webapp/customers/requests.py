"""Asking somebody what they allow, by mail: counted as an ask, taken back within the hold, answered on one page."""

from datetime import datetime, timedelta

from sqlalchemy import Index, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.customers.asks import Ask
from webapp.customers.models import Customer
from webapp.db import Base, Id, references


class ConsentRequest(Base):
    """May we ask you something? Open until it was answered on the page, whatever was chosen there."""

    __tablename__ = "consent_request"
    __table_args__ = (
        Index("consent_request_customer_idx", "customer_id", "id"),
        Index("consent_request_released_idx", "released_at", postgresql_where=text("answered_at is null")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    ask_id: Mapped[int | None] = references("ask.id", ondelete="SET NULL")
    asked_by_id: Mapped[int | None] = references("account.id")
    reason: Mapped[str] = mapped_column(default="")
    """One sentence: a fact that this person knows."""
    asked_at: Mapped[datetime]
    released_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    customer: Mapped[Customer] = relationship()
    asked_by: Mapped[Account | None] = relationship()

    @classmethod
    def open_of(cls, customer_id: int) -> "ConsentRequest | None":
        mine = select(cls).where(cls.customer_id == customer_id, cls.answered_at.is_(None))
        return db.session.scalars(mine.order_by(cls.id.desc()).limit(1)).first()

    @classmethod
    def send(
        cls, customer: Customer, reason: str, by: Account | None, now: datetime, hold: timedelta, anyway: str = ""
    ) -> "ConsentRequest":
        """The mail leaves after the hold. While a question is open it stays the one. Raises MayNotAsk."""
        customer.hold()
        if (asked := cls.open_of(customer.id)) is not None:
            return asked
        ask = Ask.take(customer, "consent", by, now, anyway)
        asked = cls(
            customer_id=customer.id, ask_id=ask.id, asked_by_id=by.id if by else None, reason=" ".join(reason.split()),
            asked_at=now, released_at=now + hold,
        )  # fmt: skip
        db.session.add(asked)
        db.session.flush()
        return asked

    def take_back(self, now: datetime) -> bool:
        """Within the hold: nothing left, so nobody was asked."""
        if self.released_at <= now or self.answered_at is not None:
            return False
        db.session.execute(delete(ConsentRequest).where(ConsentRequest.id == self.id))
        db.session.execute(delete(Ask).where(Ask.id == self.ask_id))
        return True

    @classmethod
    def answered(cls, customer: Customer, now: datetime) -> None:
        """This person chose, so nothing more is asked."""
        if (asked := cls.open_of(customer.id)) is not None:
            asked.answered_at = now
            db.session.flush()
