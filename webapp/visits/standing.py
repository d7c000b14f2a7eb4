"""Standing slots: days that come back, on which customers book a visit by themselves, and the visits that came of it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    SmallInteger,
    Table,
    Time,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.staff.models import StaffMember, Team
from webapp.visits import wall
from webapp.visits.models import SEATS, STORYTELLER_PLACES, Room, Slot, Visit

EVERY_WEEK, LAST = 0, 5
NOTICE_HOURS, HORIZON_WEEKS = 48, 13

series_team = Table(
    "series_team",
    Base.metadata,
    Column("series_id", BigInteger, ForeignKey("series.id", ondelete="CASCADE"), primary_key=True),
    Column("team_id", BigInteger, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Series(Base):
    """Days that come back: every week, or every first to fourth or last such weekday of a month, on the venue's clock."""

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("room_id is not null or link <> ''", "somewhere"),
        CheckConstraint("nth between 0 and 5 and weekday between 0 and 6", "rule"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    """What who organises calls it; customers see day, time and place."""
    nth: Mapped[int] = mapped_column(SmallInteger)
    """Which one of the month, 1 to 4; 0 every week, 5 the last one."""
    weekday: Mapped[int] = mapped_column(SmallInteger)
    """Monday is 0."""
    starts: Mapped[time] = mapped_column(Time)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    zone: Mapped[str]
    room_id: Mapped[int | None] = references("room.id")
    link: Mapped[str] = mapped_column(default="")
    host_id: Mapped[int] = references("staff_member.id")
    organiser_id: Mapped[int] = references("account.id")
    seats: Mapped[int] = mapped_column(SmallInteger, default=SEATS)
    storyteller_places: Mapped[int] = mapped_column(SmallInteger, default=STORYTELLER_PLACES)
    notice_hours: Mapped[int] = mapped_column(SmallInteger, default=NOTICE_HOURS)
    """So long before the start it can be booked at the latest."""
    horizon_weeks: Mapped[int] = mapped_column(SmallInteger, default=HORIZON_WEEKS)
    """So far ahead it can be booked."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """No new bookings; the visits that were booked stay."""

    room: Mapped[Room | None] = relationship(lazy="joined")
    host: Mapped[StaffMember] = relationship(lazy="joined")
    organiser: Mapped[Account] = relationship(lazy="joined")
    teams: Mapped[list[Team]] = relationship(secondary=series_team, order_by=Team.name)

    @classmethod
    def open_ones(cls) -> Sequence["Series"]:
        return db.session.scalars(select(cls).where(cls.closed_at.is_(None)).order_by(cls.id)).all()

    @property
    def notice(self) -> timedelta:
        return timedelta(hours=self.notice_hours)

    def slot(self, day: date) -> Slot:
        """Its time and place on a day. A time that comes twice that day is the first of the two."""
        return Slot(datetime.combine(day, self.starts), self.zone, self.minutes, 0, self.room, self.link)

    def days(self, now: datetime) -> list[date]:
        """On which days it can be booked now, in order; a day on which its time does not exist is none of them."""
        first = wall.to_wall(now, self.zone).date()
        last = first + timedelta(weeks=self.horizon_weeks)
        return [day for day in days(self.nth, self.weekday, first, last) if self.bookable(day, now)]

    def bookable(self, day: date, now: datetime) -> bool:
        try:
            start = wall.to_utc(datetime.combine(day, self.starts), self.zone, 0)
        except wall.Gap:
            return False
        return now + self.notice < start

    def visit_of(self, day: date, now: datetime) -> Visit:
        """The visit of that day, made when there is none yet. Raises RoomTaken; nothing is written then.

        Two at once wait for each other: there is one visit a day.
        """
        db.session.execute(select(Series.id).where(Series.id == self.id).with_for_update(key_share=True))
        found = db.session.get(Occurrence, (self.id, day))
        if found is not None:
            return found.visit
        visit = Visit.plan(
            now, self.slot(day), host=self.host, organiser=self.organiser, teams=list(self.teams), seats=self.seats,
            storyteller_places=self.storyteller_places, invited_at=now,
        )  # fmt: skip
        db.session.flush()
        db.session.add(Occurrence(series_id=self.id, day=day, visit_id=visit.id))
        db.session.flush()
        return visit


class Occurrence(Base):
    """The visit that came of one day of a series; moved or cancelled, it is still the one of that day."""

    __tablename__ = "occurrence"

    series_id: Mapped[int] = references("series.id", index=False, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    visit_id: Mapped[int] = references("visit.id", index=False, ondelete="CASCADE", unique=True)

    series: Mapped[Series] = relationship()
    visit: Mapped[Visit] = relationship()


def days(nth: int, weekday: int, first: date, last: date) -> Iterator[date]:
    """The days of a rule (see Series) from `first` to `last`, both included."""
    day, week = first + timedelta(days=(weekday - first.weekday()) % 7), timedelta(weeks=1)
    while day <= last:
        number = (day.day - 1) // 7 + 1
        if (nth in (EVERY_WEEK, number) and nth != LAST) or (nth == LAST and (day + week).month != day.month):
            yield day
        day += week
