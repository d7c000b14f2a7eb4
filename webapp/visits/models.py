"""Visits and rooms: one occasion on which customers meet staff, at a wall time in a zone that leads."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import zones
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.staff.models import StaffMember, Team
from webapp.visits import wall

SEATS = 12
STORYTELLER_PLACES = 3
LASTS = timedelta(minutes=45)

visit_team = Table(
    "visit_team",
    Base.metadata,
    Column("visit_id", BigInteger, ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", BigInteger, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Room(Base):
    """Where people can meet, and how they find it."""

    __tablename__ = "room"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    place: Mapped[str] = mapped_column(default="")
    """The building: `Academiegebouw`."""
    address: Mapped[str] = mapped_column(default="")
    meeting_point: Mapped[str] = mapped_column(default="")
    travel_line: Mapped[str] = mapped_column(default="")
    seats: Mapped[int] = mapped_column(SmallInteger, default=SEATS)
    closed_at: Mapped[datetime | None]


class Visit(Base):
    """Customers meet staff. The wall time and zone are typed; every other moment follows from them, in one place."""

    __tablename__ = "visit"
    __table_args__ = (
        ExcludeConstraint(
            (literal_column("room_id"), "="),
            (func.tstzrange(literal_column("starts_at"), literal_column("ends_at")), "&&"),
            where=text("cancelled_at IS NULL AND room_id IS NOT NULL"),
            name="visit_room_taken_excl",
        ),
        CheckConstraint("room_id is not null or link <> ''", "somewhere"),
        CheckConstraint("ends_at > starts_at", "lasts"),
        Index("visit_starts_idx", "starts_at"),
        Index("visit_eve_idx", "eve_at"),
        Index("visit_move_told_idx", "move_told_at", postgresql_where=text("move_told_at is not null")),
        Index("visit_cancel_told_idx", "cancel_told_at", postgresql_where=text("cancel_told_at is not null")),
    )

    id: Mapped[Id]
    wall: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    zone: Mapped[str]
    fold: Mapped[int] = mapped_column(SmallInteger, default=0)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    tzdata: Mapped[str]
    """The rules by which the moments below were worked out."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    eve_at: Mapped[datetime]
    hour_before_at: Mapped[datetime]
    host_brief_at: Mapped[datetime]
    thanks_at: Mapped[datetime]
    staff_survey_at: Mapped[datetime]

    room_id: Mapped[int | None] = references("room.id")
    link: Mapped[str] = mapped_column(default="")
    host_id: Mapped[int] = references("staff_member.id")
    organiser_id: Mapped[int] = references("account.id")
    seats: Mapped[int] = mapped_column(SmallInteger, default=SEATS)
    storyteller_places: Mapped[int] = mapped_column(SmallInteger, default=STORYTELLER_PLACES)
    reason_nl: Mapped[str] = mapped_column(default="")
    reason_en: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    revision: Mapped[int] = mapped_column(default=0)
    """The calendar's SEQUENCE: rises with every move and with a cancellation."""
    moved_at: Mapped[datetime | None]
    move_told_at: Mapped[datetime | None]
    """When the mail about the move may leave: after the hold."""
    old_wall: Mapped[datetime | None] = mapped_column(DateTime(timezone=False))
    """The time people were last told, before the move."""
    cancelled_at: Mapped[datetime | None]
    cancel_told_at: Mapped[datetime | None]
    cancel_reason_nl: Mapped[str] = mapped_column(default="")
    cancel_reason_en: Mapped[str] = mapped_column(default="")
    host_will_call: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None]
    """Attendance was gone through and closed."""

    room: Mapped[Room | None] = relationship(lazy="joined")
    host: Mapped[StaffMember] = relationship(lazy="joined")
    organiser: Mapped[Account] = relationship(lazy="joined")
    teams: Mapped[list[Team]] = relationship(secondary=visit_team, order_by=Team.name)

    @property
    def thread(self) -> str:
        """One visit is one thread in everybody's mailbox, and one kill switch."""
        return f"visit-{self.id}"

    def meet_at(self, when: datetime, zone: str, minutes: int, fold: int | None = None) -> None:
        """Set the wall time, and with it every moment that follows from it.

        `when` is naive, on the venue's clock. Raises `wall.Gap` for a time that does not exist, and `wall.Fold` for
        one that comes twice when `fold` does not say which.
        """
        start = wall.to_utc(when, zone, fold)
        end = start + timedelta(minutes=minutes)
        self.wall, self.zone, self.minutes, self.fold, self.tzdata = when, zone, minutes, fold or 0, zones.TZDATA
        self.starts_at, self.ends_at = start, end
        self.eve_at = wall.eve_at(when, zone)
        self.hour_before_at = wall.hour_before(start)
        self.host_brief_at = wall.host_brief_at(when, zone)
        self.thanks_at = wall.thanks_at(end, zone)
        self.staff_survey_at = wall.next_working_day_at(end, zone)


class VisitMove(Base):
    """One move of a visit, with the state before it, so that undo brings back the old revision too."""

    __tablename__ = "visit_move"

    id: Mapped[Id]
    visit_id: Mapped[int] = references("visit.id", ondelete="CASCADE")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = references("account.id")
    before: Mapped[dict[str, Any]]
    """wall, zone, fold, minutes, room_id, link, revision, moved_at, move_told_at, old_wall: as JSON."""
    undone_at: Mapped[datetime | None]
