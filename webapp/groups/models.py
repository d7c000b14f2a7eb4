"""Whom our work is for, what each team does for them, and what colleagues answered when they were asked."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Index,
    ScalarSelect,
    SmallInteger,
    UniqueConstraint,
    and_,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.people import folded
from webapp.staff.models import Layer, StaffMember, Team

Kind = Literal["customer", "supplier", "other"]
Time = Literal["past", "present", "potential"]
Relation = Literal["direct", "indirect", "internal"]
KINDS: tuple[Kind, ...] = ("customer", "supplier", "other")
TIMES: tuple[Time, ...] = ("past", "present", "potential")
RELATIONS: tuple[Relation, ...] = ("direct", "indirect", "internal")
LAYERS: tuple[Layer, ...] = ("front_line", "back_office", "support", "management")
QUARTER = timedelta(days=91)
"""So long nobody is asked again."""
QUESTIONS = (1, 2, 3)
"""For whom do you work; who else, later or indirectly; whom should we meet."""
NAME_AT_MOST = 120
"""Characters."""
NAMES_AT_MOST = 12
"""In answer to one question."""


class EndUserGroup(Base):
    """People our work is for. A group that was merged stays, as another spelling of the one it was merged into."""

    __tablename__ = "end_user_group"
    __table_args__ = (
        CheckConstraint("kind in ('customer', 'supplier', 'other')", "kind"),
        CheckConstraint("time in ('past', 'present', 'potential')", "time"),
        CheckConstraint("relation in ('direct', 'indirect', 'internal')", "relation"),
        CheckConstraint("num_nonnulls(merged_into_id, merged_at, stands_for_id) in (0, 3)", "merged"),
        Index("end_user_group_folded_idx", "folded"),
        Index("end_user_group_alike_idx", "folded", postgresql_using="gin", postgresql_ops={"folded": "gin_trgm_ops"}),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    folded: Mapped[str]
    """The name without case, accents and punctuation: how names that people type are compared."""
    kind: Mapped[str] = mapped_column(default="customer")
    time: Mapped[str] = mapped_column(default="present")
    relation: Mapped[str] = mapped_column(default="direct")
    description: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = references("account.id")
    merged_into_id: Mapped[int | None] = references("end_user_group.id")
    """The group it was merged into; that one may have been merged later."""
    merged_at: Mapped[datetime | None]
    merged_by_id: Mapped[int | None] = references("account.id")
    stands_for_id: Mapped[int | None] = references("end_user_group.id")
    """The group at the end of that chain, kept by `merging`; None: itself."""

    links: Mapped[list["TeamGroupLink"]] = relationship(back_populates="group")

    def call(self, name: str) -> None:
        self.name, self.folded = name, folded(name)

    @classmethod
    def standing(cls) -> ColumnElement[bool]:
        """SQL: a group of its own, no other spelling of one."""
        return cls.merged_into_id.is_(None)

    @classmethod
    def root(cls) -> ColumnElement[int]:
        """SQL: the group this row stands for."""
        return func.coalesce(cls.stands_for_id, cls.id)

    @classmethod
    def of_customer(cls, written: Any) -> ScalarSelect[int]:
        """SQL: the id of the group that a customer belongs to, by the text on the list (`Customer.group`); NULL: none."""
        named = aliased(cls)
        return select(func.coalesce(named.stands_for_id, named.id)).where(named.name == written).scalar_subquery()


class TeamGroupLink(Base):
    """What the work of a team does for a group."""

    __tablename__ = "team_group_link"
    __table_args__ = (UniqueConstraint("team_id", "group_id"),)

    id: Mapped[Id]
    team_id: Mapped[int] = references("team.id", index=False, ondelete="CASCADE")
    group_id: Mapped[int] = references("end_user_group.id", ondelete="CASCADE")
    does: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = references("account.id")

    team: Mapped[Team] = relationship()
    group: Mapped[EndUserGroup] = relationship(back_populates="links")


class MappingRound(Base):
    """A sample of colleagues in every layer, asked three questions by mail."""

    __tablename__ = "mapping_round"
    __table_args__ = (Index("mapping_round_released_idx", "released_at"),)

    id: Mapped[Id]
    started_at: Mapped[datetime]
    started_by_id: Mapped[int] = references("account.id")
    released_at: Mapped[datetime]
    """When the mail may leave: after the hold. Until then undo removes the row."""
    closes_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    seed: Mapped[str]
    """Of the draw: the same seed and the same colleagues give the same sample."""
    sizes: Mapped[dict[str, Any]]
    """How many were wanted, by layer."""
    asked_count: Mapped[int]

    started_by: Mapped[Account] = relationship()

    def open(self, now: datetime) -> bool:
        """Whether an answer is still welcome."""
        return self.stopped_at is None and self.closes_at > now


class Asked(Base):
    """One colleague in one round, in the team they were in then."""

    __tablename__ = "asked"
    __table_args__ = (UniqueConstraint("round_id", "staff_id"),)

    id: Mapped[Id]
    round_id: Mapped[int] = references("mapping_round.id", index=False, ondelete="CASCADE")
    staff_id: Mapped[int] = references("staff_member.id")
    team_id: Mapped[int | None] = references("team.id", ondelete="SET NULL")
    layer: Mapped[str]
    answered_at: Mapped[datetime | None]

    round: Mapped[MappingRound] = relationship()
    staff: Mapped[StaffMember] = relationship()
    team: Mapped[Team | None] = relationship()
    suggestions: Mapped[list["Suggestion"]] = relationship(
        back_populates="asked", order_by="Suggestion.id", cascade="all, delete-orphan", passive_deletes=True
    )


class Suggestion(Base):
    """A name that a colleague gave in answer to one of the questions.

    It means the group that is called so, or was merged under that name: so what the organiser decides about a name holds
    for everybody who gives it, and is undone in one place. Only who ticked a group, or said which one they meant, is
    held to that group.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("question between 1 and 3", "question"),
        Index("suggestion_folded_idx", "folded"),
    )

    id: Mapped[Id]
    asked_id: Mapped[int] = references("asked.id", ondelete="CASCADE")
    question: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str]
    folded: Mapped[str]
    group_id: Mapped[int | None] = references("end_user_group.id", ondelete="SET NULL")
    ticked: Mapped[bool] = mapped_column(Boolean, default=False)
    """Chosen from the groups on the page, not typed."""

    asked: Mapped[Asked] = relationship(back_populates="suggestions")

    @classmethod
    def means(cls) -> ColumnElement[Any]:
        """SQL: the id of the group that is meant, NULL while nobody decided."""
        chosen, named = aliased(EndUserGroup), aliased(EndUserGroup)
        held = select(func.coalesce(chosen.stands_for_id, chosen.id)).where(chosen.id == cls.group_id)
        called = select(func.min(func.coalesce(named.stands_for_id, named.id))).where(named.folded == cls.folded)
        return func.coalesce(held.scalar_subquery(), called.scalar_subquery())

    @classmethod
    def waits(cls) -> ColumnElement[bool]:
        """SQL: typed, and nobody decided yet what it is."""
        known = exists().where(EndUserGroup.folded == cls.folded)
        return and_(cls.group_id.is_(None), ~known, ~exists().where(SetAside.folded == cls.folded))


class SetAside(Base):
    """A name that is no group: a person, a joke, something else. One row for everybody who gives it."""

    __tablename__ = "set_aside"

    id: Mapped[Id]
    folded: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = references("account.id")
