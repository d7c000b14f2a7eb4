"""A season, the plans that were made for it, and their lines: a proposal until somebody accepts it."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Date, DateTime, Index, SmallInteger, UniqueConstraint, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.db import Base, Id, references
from webapp.staff.models import StaffMember, Team
from webapp.visits.models import Room, Visit

LEASE = timedelta(seconds=60)
"""A worker that was not heard of for so long is dead: another goes on from its best plan."""
TAKES_AT_MOST = 5
"""What ended so many workers is not tried again."""


class Season(Base):
    """The days on which visits can be, and what every plan for them keeps to."""

    __tablename__ = "season"
    __table_args__ = (CheckConstraint("ends >= begins", "lasts"),)

    id: Mapped[Id]
    created_at: Mapped[datetime]
    organiser_id: Mapped[int] = references("account.id")
    host_id: Mapped[int] = references("staff_member.id")
    begins: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)
    zone: Mapped[str]
    starts: Mapped[list[str]] = mapped_column(JSONB)
    """Of a visit, on each day: `10:00`, `14:00`."""
    minutes: Mapped[int] = mapped_column(SmallInteger)
    visits: Mapped[int] = mapped_column(SmallInteger)
    """Of one team, at most."""
    storytellers: Mapped[int] = mapped_column(SmallInteger)
    """At one visit, at most."""
    staff: Mapped[int] = mapped_column(SmallInteger)
    """Of one team, who can be missed at once."""
    at_once: Mapped[int | None] = mapped_column(SmallInteger)
    """Visits at the same time, at most; None: as many as there are rooms."""
    link: Mapped[str] = mapped_column(default="")
    """For visits that find no room; empty: there are none online."""
    own_languages: Mapped[bool] = mapped_column(default=False)
    """A team meets only who speaks a language that somebody in it reads."""
    drawn: Mapped[list[int]] = mapped_column(JSONB, default=list)
    """Teams in the order that a study drew for them; empty: any order."""

    organiser: Mapped[Account] = relationship()
    host: Mapped[StaffMember] = relationship()
    plans: Mapped[list["SeasonPlan"]] = relationship(back_populates="season", order_by="SeasonPlan.id")

    @property
    def clocks(self) -> list[time]:
        return [time.fromisoformat(each) for each in self.starts]

    @property
    def plan(self) -> "SeasonPlan":
        """The last one: it counts."""
        return self.plans[-1]

    @classmethod
    def latest(cls) -> "Season | None":
        return db.session.scalar(select(cls).order_by(cls.id.desc()).limit(1))

    def again(self, by: Account, now: datetime) -> "SeasonPlan":
        """One more plan, near to the one that stands; while one is being made, that one."""
        db.session.execute(select(Season.id).where(Season.id == self.id).with_for_update(key_share=True))
        db.session.refresh(self, ["plans"])
        if self.plans and self.plan.runs:
            return self.plan
        plan = SeasonPlan(season=self, asked_at=now, asked_by=by)
        db.session.add(plan)
        db.session.flush()
        return plan


class SeasonPlan(Base):
    """One search for the best season: how far it is, and what it found."""

    __tablename__ = "season_plan"
    __table_args__ = (
        Index("season_plan_open_idx", "id", postgresql_where=text("finished_at is null and failed_at is null")),
    )

    id: Mapped[Id]
    season_id: Mapped[int] = references("season.id", ondelete="CASCADE")
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = references("account.id")
    takes: Mapped[int] = mapped_column(SmallInteger, default=0)
    """How many workers took it; the last one writes."""
    leased_until: Mapped[datetime | None]
    """On the real clock."""
    stop_asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    better: Mapped[int] = mapped_column(default=0)
    """Plans so far, each better than the one before."""
    reached: Mapped[int] = mapped_column(default=0)
    teams: Mapped[int] = mapped_column(default=0)
    gap: Mapped[int | None]
    """Per cent by which a plan could be better at most; None while there is none."""
    seconds: Mapped[int] = mapped_column(default=0)
    """That were searched."""
    unreached: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list)
    """Of each team that meets nobody: its id, and why (`explaining.Against`)."""
    lost: Mapped[list[list[Any]]] = mapped_column(JSONB, default=list)
    """Of each visit that was to stay and cannot: the id of its team, and why (`problem.Lost`)."""

    season: Mapped[Season] = relationship(back_populates="plans")
    asked_by: Mapped[Account] = relationship()
    lines: Mapped[list["PlannedLine"]] = relationship(
        back_populates="plan", order_by="PlannedLine.wall, PlannedLine.id", cascade="all", passive_deletes=True
    )

    @property
    def runs(self) -> bool:
        return self.finished_at is None and self.failed_at is None

    @classmethod
    def take(cls, real: datetime) -> "SeasonPlan | None":
        """The first one that no living worker has; it is the caller's for LEASE from now."""
        free = or_(cls.leased_until.is_(None), cls.leased_until < real)
        waits = select(cls).where(cls.finished_at.is_(None), cls.failed_at.is_(None), free).order_by(cls.id)
        plan = db.session.scalar(waits.limit(1).with_for_update(skip_locked=True))
        if plan is not None:
            plan.takes += 1
            plan.leased_until = real + LEASE
        return plan

    def before(self) -> "SeasonPlan | None":
        """The plan that stood when this one was asked for."""
        earlier = select(SeasonPlan).where(SeasonPlan.season_id == self.season_id, SeasonPlan.id < self.id)
        return db.session.scalar(earlier.order_by(SeasonPlan.id.desc()).limit(1))


class PlannedLine(Base):
    """One customer at one visit of a plan. Two who tell at the same visit are two lines."""

    __tablename__ = "planned_line"
    __table_args__ = (UniqueConstraint("plan_id", "customer_id"),)

    id: Mapped[Id]
    plan_id: Mapped[int] = references("season_plan.id", index=False, ondelete="CASCADE")
    team_id: Mapped[int] = references("team.id", ondelete="CASCADE")
    customer_id: Mapped[int] = references("customer.id", ondelete="CASCADE")
    room_id: Mapped[int | None] = references("room.id")
    wall: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    """Why: {"kind": `explaining.For`, ...its facts}."""
    pinned_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    """Rather not these two: no later plan of the season has them."""
    visit_id: Mapped[int | None] = references("visit.id", ondelete="SET NULL")
    """The visit that came of it."""

    plan: Mapped[SeasonPlan] = relationship(back_populates="lines")
    team: Mapped[Team] = relationship(lazy="joined")
    customer: Mapped[Customer] = relationship(lazy="joined")
    room: Mapped[Room | None] = relationship(lazy="joined")
    visit: Mapped[Visit | None] = relationship()

    @property
    def key(self) -> tuple[datetime, int]:
        """The same for lines that are one visit."""
        return self.wall, self.team_id


def together(lines: Sequence[PlannedLine]) -> list[list[PlannedLine]]:
    """By visit, in order of time."""
    found: dict[tuple[datetime, int], list[PlannedLine]] = {}
    for line in sorted(lines, key=lambda line: (line.wall, line.team.name, line.id)):
        found.setdefault(line.key, []).append(line)
    return list(found.values())
