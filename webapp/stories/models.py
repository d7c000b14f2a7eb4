"""A story and what became of it: asked, told, checked, approved, shared, thanked for, withdrawn.

What was told stays as it was told; what is shared is, letter by letter, what was approved.
"""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, ColumnElement, Computed, Index, UniqueConstraint, and_, exists, select, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, aliased, deferred, mapped_column, relationship

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.i18n import Language
from webapp.staff.models import StaffMember, Team
from webapp.stories import arc
from webapp.stories.pictures import StoryPicture as StoryPicture

Principle = Literal["impact", "appreciation", "empathy"]
PRINCIPLES: tuple[Principle, ...] = ("impact", "appreciation", "empathy")
State = Literal[
    "asked", "begun", "declined", "told", "offered", "amended", "kept_back", "approved", "shared", "silent", "withdrawn"
]
TO_REVIEW: tuple[State, ...] = ("told", "amended", "approved")
"""Where it is the organiser's turn."""

FOLD_FROM = "áàâäãåéèêëíìîïóòôöõøúùûüýÿñçšžćčłőűğışţăÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕØÚÙÛÜÝŸÑÇŠŽĆČŁŐŰĞŞŢĂİ"
FOLD_TO = "aaaaaaeeeeiiiioooooouuuuyyncszcclougistaaaaaaaeeeeiiiioooooouuuuyyncszcclougstai"
"""Letter by letter: with or without its accent a word is found. The functions that PostgreSQL calls immutable know no
`unaccent`."""


_CONFIGURATION = "CASE WHEN locale = 'en' THEN 'english'::regconfig ELSE 'dutch'::regconfig END"
SEARCH = " || ".join(
    f"setweight(to_tsvector({_CONFIGURATION}, translate({column}, '{FOLD_FROM}', '{FOLD_TO}')), '{weight}')"
    for column, weight in (("title", "A"), ("byline", "B"), ("text", "C"))
)


class Story(Base):
    """What one person told, and the facts of its way to who may read it."""

    __tablename__ = "story"
    __table_args__ = (
        CheckConstraint("locale in ('nl', 'en')", "locale"),
        CheckConstraint("principle in ('', 'impact', 'appreciation', 'empathy')", "principle"),
        CheckConstraint("source in ('asked', 'told', 'letter', 'import', 'page')", "source"),
        Index("story_shared_idx", "shared_at", "id", postgresql_where=text("shared_at is not null")),
        Index("story_open_idx", "told_at", "id", postgresql_where=text("shared_at is null")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int | None] = references("customer.id", ondelete="CASCADE")
    organiser_id: Mapped[int | None] = references("account.id")
    locale: Mapped[str] = mapped_column(default="nl")
    source: Mapped[str] = mapped_column(default="told")
    """How it came: `asked`, `told` to somebody, a `letter`, `import`, the public `page`."""
    told_to: Mapped[str] = mapped_column(default="")
    group: Mapped[str] = mapped_column("end_user_group", default="", index=True)
    """Of the storyteller when it was told: a group's name, as with a customer."""
    principle: Mapped[str] = mapped_column(default="")

    before: Mapped[str] = mapped_column(default="")
    turning_point: Mapped[str] = mapped_column(default="")
    what_changed: Mapped[str] = mapped_column(default="")
    who_played_a_part: Mapped[str] = mapped_column(default="")
    not_to_be_told: Mapped[str] = mapped_column(default="")
    """For the editor's eyes alone."""

    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    """As the organiser has it now. What was told, sent and approved stands in `versions`."""
    byline: Mapped[str] = mapped_column(default="")
    """Who tells it, beside or in place of a name: `beursstudent geneeskunde`."""
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    """Of the text: two people at work do not write over each other."""

    begun_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    approval_asked_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    amended_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    """Rather not: it stays unread."""
    withdrawn_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]
    """First shared; empty again when all of it was undone."""
    of_month_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it goes, or went, to everybody as the story of the month."""
    offered_id: Mapped[int | None]
    approved_id: Mapped[int | None] = mapped_column(index=True)
    """Versions of this story. No foreign keys: the two tables would each have to be there first."""

    customer: Mapped[Customer | None] = relationship(lazy="joined")
    organiser: Mapped[Account | None] = relationship()
    request: Mapped["StoryRequest | None"] = relationship(back_populates="story", passive_deletes=True)
    versions: Mapped[list["StoryVersion"]] = relationship(
        back_populates="story", order_by="StoryVersion.id", passive_deletes=True
    )
    offered: Mapped["StoryVersion | None"] = relationship(
        primaryjoin="foreign(Story.offered_id) == StoryVersion.id", viewonly=True
    )
    approved: Mapped["StoryVersion | None"] = relationship(
        primaryjoin="foreign(Story.approved_id) == StoryVersion.id", viewonly=True
    )
    picture: Mapped["StoryPicture | None"] = relationship(back_populates="story", passive_deletes=True)
    sharings: Mapped[list["Sharing"]] = relationship(
        back_populates="story", order_by="Sharing.id", passive_deletes=True
    )
    thanks: Mapped[list["Thanks"]] = relationship(back_populates="story", order_by="Thanks.id", passive_deletes=True)

    @property
    def language(self) -> Language:
        return "en" if self.locale == "en" else "nl"

    @property
    def answers(self) -> dict[str, str]:
        return {step.name: getattr(self, step.name) for step in arc.STEPS}

    @property
    def told(self) -> "StoryVersion | None":
        """As it was told: the first version, which nobody changes."""
        return next((each for each in self.versions if each.kind == "told"), None)

    @property
    def shown_picture(self) -> "StoryPicture | None":
        """What colleagues see: approved, like the text."""
        return self.picture if self.picture is not None and self.picture.approved_at and not self.gone else None

    @property
    def agreed(self) -> bool:
        """Whether staff may read it at all."""
        return self.customer is not None and self.customer.agreed("story_inside")

    @property
    def gone(self) -> bool:
        """Taken back by who told it: this story, or the consent it is read on. Once it was shared, that is said."""
        return self.withdrawn_at is not None or (self.shared_at is not None and not self.agreed)

    @property
    def state(self) -> State:
        """Derived from the facts, and never typed."""
        if self.withdrawn_at or (self.shared_at and not self.agreed):
            return "withdrawn"
        if self.refused_at:
            return "kept_back"
        if self.told_at is None:
            if self.request is not None and self.request.refused_at:
                return "declined"
            if any(self.answers.values()):
                return "begun"
            return "silent" if self.request is not None and self.request.withdrawn_at else "asked"
        if self.shared_at:
            return "shared"
        if self.approved_at:
            return "approved"
        if self.amended_at:
            return "amended"
        return "offered" if self.approval_asked_at else "told"

    @classmethod
    def readable(cls) -> ColumnElement[bool]:
        """SQL: staff may read it now. Asked again at every look: who withdraws is gone from the next one on."""
        teller = aliased(Customer)  # a query may have joined the customer for itself
        agreed = exists().where(teller.id == cls.customer_id, teller.agreed_to("story_inside"))
        return and_(cls.shared_at.is_not(None), cls.withdrawn_at.is_(None), cls.approved_id.is_not(None), agreed)

    @classmethod
    def withdrawn(cls) -> ColumnElement[bool]:
        """SQL: shared once, and taken back."""
        return and_(cls.shared_at.is_not(None), ~cls.readable())

    def label(self, language: Language) -> str:
        """Who tells it, as they allowed: full name, first name, or somebody."""
        nobody = "Iemand" if language == "nl" else "Somebody"
        if self.customer is None:
            return nobody
        consent = self.customer.last("story_inside")
        shown = consent.attribution if consent is not None and consent.ground == "agreed" else "none"
        return {"name": self.customer.name.full, "first_name": self.customer.name.first}.get(shown) or nobody

    def hold(self) -> None:
        """Nobody else changes it until this transaction is over."""
        db.session.refresh(self, with_for_update={"of": Story})

    def keep(self, kind: "VersionKind", now: datetime, by: Account | None) -> "StoryVersion":
        """Put the text as it is now beside the earlier ones."""
        made = StoryVersion(
            story=self, kind=kind, locale=self.locale, title=self.title, byline=self.byline, text=self.text, at=now,
            words=arc.word_count(self.text), by=by,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        return made

    def note(self, what: str, by: Account | None, now: datetime, facts: dict[str, Any] | None = None) -> None:
        audit.note(what, f"story-{self.id}", by, now, facts or {})


VersionKind = Literal["told", "offered", "amended"]


class StoryVersion(Base):
    """A text as it was at one moment: as told, as sent for approval, as the storyteller changed it. Append-only."""

    __tablename__ = "story_version"
    __table_args__ = (
        CheckConstraint("kind in ('told', 'offered', 'amended')", "kind"),
        Index("story_version_search_idx", "search", postgresql_using="gin"),
    )

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", ondelete="CASCADE")
    kind: Mapped[str]
    locale: Mapped[str]
    title: Mapped[str]
    byline: Mapped[str]
    text: Mapped[str]
    words: Mapped[int]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = references("account.id")
    """None: who tells it, through their link."""
    search: Mapped[Any] = deferred(mapped_column(TSVECTOR, Computed(SEARCH, persisted=True)))

    story: Mapped[Story] = relationship(back_populates="versions")
    by: Mapped[Account | None] = relationship()

    @property
    def minutes(self) -> int:
        return arc.minutes(self.words)

    @property
    def sections(self) -> list[arc.Section]:
        return arc.sections(self.text, "en" if self.locale == "en" else "nl")


class StoryRequest(Base):
    """Somebody was asked for their story. It leaves after the hold; one reminder follows, and no more."""

    __tablename__ = "story_request"

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", ondelete="CASCADE", unique=True)
    team_id: Mapped[int | None] = references("team.id", ondelete="SET NULL")
    asked_by_id: Mapped[int | None] = references("account.id")
    reason: Mapped[str] = mapped_column(default="")
    """One sentence in the customer's language: a fact they know."""
    asked_at: Mapped[datetime]
    released_at: Mapped[datetime] = mapped_column(index=True)
    remind_at: Mapped[datetime] = mapped_column(index=True)
    refused_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    """Taken back by us, before it left or after."""

    story: Mapped[Story] = relationship(back_populates="request")
    team: Mapped[Team | None] = relationship()
    asked_by: Mapped[Account | None] = relationship()


class Sharing(Base):
    """A story given to one team to read; undone, it is taken off their list and out of mail that still waits."""

    __tablename__ = "sharing"
    __table_args__ = (UniqueConstraint("story_id", "team_id"),)

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", index=False, ondelete="CASCADE")
    team_id: Mapped[int] = references("team.id", ondelete="CASCADE")
    by_id: Mapped[int | None] = references("account.id")
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    story: Mapped[Story] = relationship(back_populates="sharings")
    team: Mapped[Team] = relationship(lazy="joined")


class StoryReader(Base):
    """A colleague to whom a story is mailed: once, in however many of its teams they are."""

    __tablename__ = "story_reader"
    __table_args__ = (UniqueConstraint("story_id", "staff_id"),)

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", index=False, ondelete="CASCADE")
    staff_id: Mapped[int] = references("staff_member.id", ondelete="CASCADE")
    sharing_id: Mapped[int] = references("sharing.id", ondelete="CASCADE")
    released_at: Mapped[datetime] = mapped_column(index=True)

    story: Mapped[Story] = relationship()
    staff: Mapped[StaffMember] = relationship()
    sharing: Mapped[Sharing] = relationship()


class Thanks(Base):
    """What a colleague wrote back. The organiser looks first; then it goes to who told the story."""

    __tablename__ = "thanks"
    __table_args__ = (
        Index("thanks_unchecked_idx", "id", postgresql_where=text("checked_at is null and refused_at is null")),
    )

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", ondelete="CASCADE")
    staff_id: Mapped[int] = references("staff_member.id", ondelete="CASCADE")
    text: Mapped[str]
    at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    """Does not go on: the organiser talked it over with who wrote it."""
    told_id: Mapped[int | None] = references("thanks_told.id", ondelete="SET NULL")

    story: Mapped[Story] = relationship(back_populates="thanks")
    staff: Mapped[StaffMember] = relationship(lazy="joined")


class ThanksTold(Base):
    """A mail with thank-yous to who told a story: at most one a month."""

    __tablename__ = "thanks_told"

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", ondelete="CASCADE")
    at: Mapped[datetime] = mapped_column(index=True)

    story: Mapped[Story] = relationship()


def of_customer(customer: Customer) -> list[Story]:
    """Everything this person was asked or told, the last first."""
    query = select(Story).where(Story.customer_id == customer.id).order_by(Story.id.desc())
    return list(db.session.scalars(query))
