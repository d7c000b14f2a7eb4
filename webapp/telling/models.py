"""What somebody we may not know told us on the public page, unread until they say from their mailbox that it is theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account, ColleagueInvitation
from webapp.customers import consents
from webapp.customers.models import USES, Customer
from webapp.db import Base, Id, references
from webapp.i18n import Language
from webapp.mailing import erased
from webapp.mailing.models import Address, DeliveryEvent, Message, Said
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team
from webapp.stories import approving, arc
from webapp.stories.models import Story

KEPT_UNCONFIRMED = timedelta(days=7)
NOTICE = "public_page_confirmation"
AT_ONCE = 500


class Campaign(Base):
    """A link of its own to the public page: for one group, one evening, one poster."""

    __tablename__ = "campaign"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    """What stands above the page, in place of the usual words; empty: those."""
    group: Mapped[str] = mapped_column("end_user_group", default="")
    team_id: Mapped[int | None] = references("team.id", ondelete="SET NULL")
    """Whose work it is about."""
    made_by_id: Mapped[int | None] = references("account.id")
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    team: Mapped[Team | None] = relationship()

    @classmethod
    def at(cls, slug: str) -> "Campaign | None":
        return db.session.scalar(select(cls).where(cls.slug == slug))


class Telling(Base):
    """One form that was sent. Once it is confirmed its words are a story, and only that it came is kept here."""

    __tablename__ = "telling"
    __table_args__ = (
        CheckConstraint("locale in ('nl', 'en')", "locale"),
        Index("telling_unconfirmed_idx", "told_at", postgresql_where=text("confirmed_at is null")),
    )

    id: Mapped[Id]
    form: Mapped[str] = mapped_column(unique=True)
    """Of the page it was sent from: sent twice, it is told once."""
    campaign_id: Mapped[int | None] = references("campaign.id", ondelete="SET NULL")
    address_id: Mapped[int | None] = references("address.id")
    locale: Mapped[str]
    name: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    before: Mapped[str] = mapped_column(default="")
    turning_point: Mapped[str] = mapped_column(default="")
    what_changed: Mapped[str] = mapped_column(default="")
    who_played_a_part: Mapped[str] = mapped_column(default="")
    not_to_be_told: Mapped[str] = mapped_column(default="")
    uses: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What was ticked, by use; of `story_inside` what stands with it."""
    told_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime | None]
    story_id: Mapped[int | None] = references("story.id", ondelete="SET NULL")

    campaign: Mapped[Campaign | None] = relationship()
    address: Mapped[Address | None] = relationship()
    story: Mapped[Story | None] = relationship()

    @property
    def language(self) -> Language:
        return "en" if self.locale == "en" else "nl"

    @property
    def answers(self) -> dict[str, str]:
        return {step.name: getattr(self, step.name) for step in arc.STEPS}

    @property
    def words(self) -> str:
        """Everything that may be told, as one text."""
        parts = (self.text, arc.composed(self.answers, self.language))
        return "\n\n".join(part for part in parts if part.strip())

    @classmethod
    def receive(cls, email: str, locale: Language, now: datetime, **values: Any) -> None:
        """Write down what was sent. The mail that asks whether it is theirs follows from the row."""
        address = Address.of(email, locale)
        row = {"address_id": address.id, "locale": locale, "told_at": now, **values}
        db.session.execute(insert(cls).values(row).on_conflict_do_nothing(index_elements=[cls.form]))

    def confirm(self, now: datetime, keys: Sequence[str]) -> Story | None:
        """It is theirs: a customer, what they allow, and a story to be looked at. Twice is once."""
        db.session.refresh(self, with_for_update={"of": Telling})
        if self.confirmed_at is not None or self.address is None:
            return None
        self.confirmed_at = now
        customer = self._somebody_erased(self.address, now, keys) or self._customer(now)
        uses = [use for use in USES if use in self.uses]
        consents.agree(customer, uses, self.language, "page", now, None, self.uses.get("story_inside") or "name")
        story = Story(
            customer=customer, locale=self.locale, source="page", begun_at=self.told_at,
            group=self.campaign.group if self.campaign else "",
            **self.answers,
        )  # fmt: skip
        db.session.add(story)
        db.session.flush()
        approving.tell(story, now, None, text=self.words)
        self.story = story
        self._forget()
        return story

    def deny(self) -> None:
        """It is not theirs: all of it goes at once."""
        let_go([self.id])

    def _somebody_erased(self, address: Address, now: datetime, keys: Sequence[str]) -> Customer | None:
        """Who was erased and came back by themselves is welcome, and somebody new."""
        if erased.lift(address.email, keys, now) or address.suppressed_why == "erased":
            address.lift(now)
        back = erased.lift(erased.person(address.email, PersonName.parse(self.name).full), keys, now)
        return self._new(now) if back else None

    def _customer(self, now: datetime) -> Customer:
        """Who reads this mailbox, as we know them: nothing of theirs is changed by what was typed here. Else somebody new."""
        assert self.address is not None  # asked before
        name = PersonName.parse(self.name)
        known = db.session.scalars(
            select(Customer).where(Customer.address_id == self.address.id).order_by(Customer.id)
        ).all()
        same = [each for each in known if each.name.sort_key == name.sort_key]
        if same or len(known) == 1:
            return (same or known)[0]
        return self._new(now)

    def _new(self, now: datetime) -> Customer:
        customer = Customer(
            address=self.address, locale=self.locale, source="page", added_at=now,
            group=self.campaign.group if self.campaign else "",
        )  # fmt: skip
        customer.name = PersonName.parse(self.name)
        db.session.add(customer)
        db.session.flush()
        audit.note("told us on the page", f"customer-{customer.id}", None, now, {})
        return customer

    def _forget(self) -> None:
        self.name, self.text, self.uses, self.address = "", "", {}, None
        for step in arc.STEPS:
            setattr(self, step.name, "")


def forget_unconfirmed(now: datetime) -> int:
    """A step of every tick: what nobody said was theirs is erased, unread. Returns how many."""
    old = select(Telling.id).where(Telling.confirmed_at.is_(None), Telling.told_at < now - KEPT_UNCONFIRMED)
    return let_go(db.session.scalars(old.order_by(Telling.told_at).limit(AT_ONCE)).all())


def let_go(ids: Any) -> int:
    """Erase these with the mail about them, and the mailbox when nobody else is known by it."""
    if not ids:
        return 0
    gone = delete(Telling).where(db.among(Telling.id, ids), Telling.confirmed_at.is_(None))
    addresses = db.session.scalars(gone.returning(Telling.address_id)).all()
    mail = select(Message.id).where(Message.notice == NOTICE, db.among(Message.subject_id, ids))
    db.session.execute(delete(Said).where(Said.message_id.in_(mail)))
    db.session.execute(update(DeliveryEvent).where(DeliveryEvent.message_id.in_(mail)).values(detail=None))
    db.session.execute(update(Message).where(Message.id.in_(mail)).values(reply=None))
    nobody = (db.among(Address.id, [id for id in addresses if id]), Address.suppressed_at.is_(None), *_unread())
    db.session.execute(update(Address).where(*nobody).values(email=func.concat(Address.id, "@erased.invalid")))
    return len(addresses)


def _unread() -> list[ColumnElement[bool]]:
    readers: tuple[Any, ...] = (Customer, StaffMember, Account, ColleagueInvitation, Telling)
    return [~exists().where(reader.address_id == Address.id) for reader in readers]
