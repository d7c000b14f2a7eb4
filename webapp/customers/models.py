"""Customers, what they allow, and on what ground they may be asked."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    Select,
    SmallInteger,
    and_,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.named import Named

Ground = Literal["agreed", "existing", "not_yet", "withdrawn", "ended"]
MAY_BE_ASKED: tuple[Ground, ...] = ("agreed", "existing")
Use = Literal["to_be_asked", "story_inside", "read_aloud", "live_visit", "recording", "outside_use"]
USES: tuple[Use, ...] = ("to_be_asked", "story_inside", "read_aloud", "live_visit", "recording", "outside_use")
What = Literal["willing", "declined", "called", "note"]
SAID: tuple[What, ...] = ("willing", "declined")
"""Contacts in which somebody said whether they would like to come; the last one counts."""


class Customer(Named, Base):
    """Somebody our work is for."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("customer_sorting_idx", "sorting", "id"),
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
    erased_at: Mapped[datetime | None]
    """Nobody any more: the row is kept for what it counted in."""

    address: Mapped[Address | None] = relationship(lazy="joined")
    consents: Mapped[list["Consent"]] = relationship(back_populates="customer", order_by="Consent.id")
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer", order_by="Contact.id", cascade="all", passive_deletes=True
    )

    def last(self, use: Use) -> "Consent | None":
        """The last word about this use: it counts."""
        return next((each for each in reversed(self.consents) if each.use == use), None)

    def agreed(self, use: Use) -> bool:
        """Whether this may be done with what this person tells. To be asked, a ground of another kind will do."""
        if use == "to_be_asked":
            return self.ground in MAY_BE_ASKED
        last = self.last(use)
        return last is not None and last.ground == "agreed"

    @property
    def uses_agreed(self) -> list[Use]:
        return [use for use in USES if self.agreed(use)]

    @property
    def ground(self) -> str:
        """On what ground this person may be asked now. The last word counts: who said "rather not" is not asked."""
        last = self.last("to_be_asked")
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
        said_no = exists().where(
            Contact.customer_id == Consent.customer_id, Contact.at >= Consent.at, Contact.last_no()
        )
        return exists(cls._last_word("to_be_asked").where(Consent.ground.in_(MAY_BE_ASKED), ~said_no))

    @classmethod
    def agreed_to(cls, use: Use) -> ColumnElement[bool]:
        """SQL: the same as `agreed(use)`. Without a clock: what has expired was ended by a tick."""
        if use == "to_be_asked":
            return cls.may_be_asked()
        return exists(cls._last_word(use).where(Consent.ground == "agreed"))

    @classmethod
    def _last_word(cls, use: Use) -> Select[Any]:
        later = aliased(Consent)
        since = exists().where(later.customer_id == Consent.customer_id, later.use == use, later.id > Consent.id)
        return select(Consent.id).where(Consent.customer_id == cls.id, Consent.use == use, ~since)

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
        self, ground: Ground, wording: str, locale: str, channel: str, now: datetime, by: Account | None, **more: Any
    ) -> "Consent":
        """Take down what this person allows or no longer does, in the words that were said: to be asked, unless `use`
        says otherwise. `more` is `version`, `expires_at` and `attribution`."""
        self.hold()
        words = {"wording": wording, "locale": locale, "channel": channel}
        said = Consent(**{"use": "to_be_asked"} | more, ground=ground, at=now, recorded_by=by, **words)
        self.consents.append(said)
        db.session.flush()
        audit.note("recorded consent", f"customer-{self.id}", by, now, {"use": said.use, "ground": ground})
        return said

    def hold(self) -> None:
        """Nobody else asks this person, or writes down what they allow, until this transaction is over."""
        db.session.execute(select(Customer.id).where(Customer.id == self.id).with_for_update(key_share=True))

    def mend_address(self, email: str) -> Address:
        """Another mailbox for this person. The old one keeps its history, and whoever else reads it."""
        self.address = Address.of(email, self.locale)
        db.session.flush()
        return self.address


class Consent(Base):
    """What somebody allows, by use: evidence, append-only. The last row of a use counts; withdrawing is a new row."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("ground in ('agreed', 'existing', 'not_yet', 'withdrawn', 'ended')", "ground"),
        CheckConstraint(
            "use in ('to_be_asked', 'story_inside', 'read_aloud', 'live_visit', 'recording', 'outside_use')", "use"
        ),
        CheckConstraint("attribution in ('', 'name', 'first_name', 'none')", "attribution"),
        Index("consent_customer_idx", "customer_id", "use", "id"),
        Index("consent_expires_idx", "ground", "expires_at", postgresql_where=text("expires_at is not null")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE")
    use: Mapped[str] = mapped_column(default="to_be_asked", server_default="to_be_asked")
    ground: Mapped[str]
    wording: Mapped[str]
    """The exact text, as it stood on the page."""
    version: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    """Of our text; 0: it was said in other words."""
    locale: Mapped[str] = mapped_column(default="nl")
    channel: Mapped[str]
    """`import`, `hand`, `phone`, `page`, `clock`."""
    attribution: Mapped[str] = mapped_column(default="", server_default="")
    """What stands with a story: `name`, `first_name`, `none`."""
    recorded_by_id: Mapped[int | None] = references("account.id")
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """Ended by a tick; the row that says so keeps this moment."""

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
