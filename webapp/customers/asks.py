"""The ask budget: how often somebody may be asked, counted over all organisers, and whoever asks holds the customer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Index, exists, insert, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.customers.owners import last_questions, owners
from webapp.db import Base, Id, references

Kind = Literal["consent", "story", "visit"]
Why = Literal[
    "not_yet", "withdrawn", "ended", "stop", "complaint", "bounce", "unwanted", "no_address",
    "budget", "rest", "owner", "owner_first", "owner_waits", "owner_silent",
]  # fmt: skip
MENDABLE: tuple[Why, ...] = ("budget", "rest", "owner", "owner_first", "owner_waits", "owner_silent")
"""Somebody who organises may ask anyway, with a reason. Nobody does over what the customer said."""
YEAR = timedelta(days=365)
LastMet = Callable[[Sequence[int], datetime], Mapping[int, datetime]]


@dataclass
class MayNotAsk(Exception):
    """Why this person is not asked now, and the facts of it: `n`, `max`, `date`, `since`, `name`."""

    why: Why
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def may_be_overridden(self) -> bool:
        return self.why in MENDABLE


class Ask(Base):
    """Somebody was asked something, once. What was taken back before it left was never asked."""

    __tablename__ = "ask"
    __table_args__ = (
        CheckConstraint("kind in ('consent', 'story', 'visit')", "kind"),
        Index("ask_customer_idx", "customer_id", "at"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    kind: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    """What for: `visit-12`."""
    at: Mapped[datetime]
    by_id: Mapped[int | None] = references("account.id")
    reason: Mapped[str] = mapped_column(default="")
    """Why somebody was asked although the budget, the rest or the owner was against it."""

    customer: Mapped[Customer] = relationship()
    by: Mapped[Account | None] = relationship()

    @classmethod
    def take(
        cls, customer: Customer, kind: Kind, by: Account | None, now: datetime, reason: str = "", about: str = ""
    ) -> "Ask":
        """Ask this person, unless something is against it: raises MayNotAsk. With a reason, over the budget, the rest
        and the owner. Whoever asks at the same moment waits until this is known."""
        customer.hold()
        db.session.refresh(customer, ["consents", "contacts", "address"])
        against = refusal(customer, kind, now) or limits([customer], now).get(customer.id)
        if against is not None and not (reason.strip() and against.may_be_overridden):
            raise against
        said = reason.strip() if against is not None else ""
        ask = cls(customer_id=customer.id, kind=kind, about=about, at=now, by_id=by.id if by else None, reason=said)
        db.session.add(ask)
        db.session.flush()
        if against is not None:
            note_override(customer.id, against, by, now)
        return ask

    @classmethod
    def take_all(
        cls, customers: Sequence[Customer], kind: Kind, by: Account | None, now: datetime, about: str,
        reasons: Mapping[int, str],
    ) -> None:  # fmt: skip
        """Of who may be asked, all at once; `hold_all` went before."""
        rows = [
            {
                "customer_id": each.id, "kind": kind, "about": about, "at": now, "by_id": by.id if by else None,
                "reason": reasons.get(each.id, ""),
            }
            for each in customers
        ]  # fmt: skip
        if rows:
            db.session.execute(insert(cls), rows)


def hold_all(customer_ids: Iterable[int]) -> None:
    """Nobody else asks these people until this transaction is over. In order, so that no two wait for each other."""
    held = select(Customer.id).where(db.among(Customer.id, customer_ids)).order_by(Customer.id)
    db.session.execute(held.with_for_update(key_share=True)).all()


def note_override(customer_id: int, against: MayNotAsk, by: Account | None, now: datetime) -> None:
    audit.note("asked anyway", f"customer-{customer_id}", by, now, {"over": against.why})


def refusal(customer: Customer, kind: Kind, now: datetime) -> MayNotAsk | None:
    """What this person said, or what we lack, that nobody can override."""
    ground, address = customer.ground, customer.address
    last = customer.last("to_be_asked")
    if ground == "agreed" and last is not None and last.expires_at is not None and last.expires_at <= now:
        ground = "ended"  # the tick that says so is still to come
    if ground not in MAY_BE_ASKED and not (kind == "consent" and ground == "not_yet"):
        return MayNotAsk(ground, {"since": last.at} if last else {})  # type: ignore[arg-type]  # a Ground that is a Why
    if address is None:
        return None if customer.phone and kind == "visit" else MayNotAsk("no_address")
    if "invitations" in address.unwanted:
        return MayNotAsk("unwanted", {"since": address.unwanted_since["invitations"]})
    if address.suppressed_at is None or (address.suppressed_why == "bounce" and customer.phone and kind == "visit"):
        return None
    return MayNotAsk(address.suppressed_why, {"since": address.suppressed_at})  # type: ignore[arg-type]  # a SuppressionReason


def limits(customers: Sequence[Customer], now: datetime) -> dict[int, MayNotAsk]:
    """Of these customers, who has been asked enough, who rests, and whose owner did not agree; a query for each kind."""
    if not customers:
        return {}
    ids, setting = [each.id for each in customers], Organisation.required()
    against = _owners_against(customers, now)
    for customer_id, met_at in last_met(ids, now).items():
        if met_at + setting.rest > now:
            against[customer_id] = MayNotAsk("rest", {"date": met_at + setting.rest})
    asked: dict[int, list[datetime]] = {}
    recent = select(Ask.customer_id, Ask.at).where(db.among(Ask.customer_id, ids), Ask.at > now - YEAR)
    for row in db.session.execute(recent.order_by(Ask.at)):
        asked.setdefault(row.customer_id, []).append(row.at)
    for customer_id, moments in asked.items():
        if (over := len(moments) - setting.asks_a_year) >= 0:
            facts = {"n": len(moments), "max": setting.asks_a_year, "date": moments[over] + YEAR}
            against[customer_id] = MayNotAsk("budget", facts)
    return against


def _owners_against(customers: Sequence[Customer], now: datetime) -> dict[int, MayNotAsk]:
    """An owner who said "not now"; and of who was never asked, an owner who did not say yes yet."""
    questions, whose = last_questions(each.id for each in customers), owners(customers)
    asked_before = select(Customer.id).where(
        db.among(Customer.id, whose), exists().where(Ask.customer_id == Customer.id)
    )
    known = set(db.session.scalars(asked_before)) if whose else set()
    against = {}
    for customer in customers:
        question, owner = questions.get(customer.id), whose.get(customer.id)
        name = {"name": question.owner.name.full if question else owner.name.full if owner else ""}
        if question is not None and question.answer == "not_now":
            against[customer.id] = MayNotAsk("owner", name | {"since": question.answered_at})
        elif question is not None and question.answer is None and customer.id not in known:
            why: Why = "owner_waits" if question.due_at > now else "owner_silent"
            against[customer.id] = MayNotAsk(why, name | {"since": question.asked_at})
        elif question is None and owner is not None and owner.address_id and customer.id not in known:
            against[customer.id] = MayNotAsk("owner_first", name)
    return against


def _nobody(customer_ids: Sequence[int], now: datetime) -> Mapping[int, datetime]:
    return {}


_last_met: list[LastMet] = [_nobody]


def learn_last_met(tell: LastMet) -> None:
    """Who knows when customers were last at a visit: the slice of visits, which stands above this one."""
    _last_met[0] = tell


def last_met(customer_ids: Sequence[int], now: datetime) -> Mapping[int, datetime]:
    """By customer: when the last visit ended at which they were."""
    return _last_met[0](customer_ids, now)
