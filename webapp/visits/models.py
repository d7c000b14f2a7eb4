"""Visits and rooms: one occasion on which customers meet staff, at a wall time in a zone that leads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.errors import ExclusionViolation
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
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db, zones
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.staff.models import StaffMember, Team
from webapp.visits import wall

MOVED = ("wall", "zone", "fold", "minutes", "room_id", "link", "revision", "moved_at", "move_told_at", "old_wall")
"""What a move changes and its undo brings back."""
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

    @classmethod
    def open_ones(cls) -> Sequence["Room"]:
        return db.session.scalars(select(cls).where(cls.closed_at.is_(None)).order_by(cls.name)).all()

    @classmethod
    def named(cls, name: str) -> "Room":
        """The room of this name, opened again if it was closed; made when there is none."""
        room = db.session.scalar(select(cls).where(func.lower(cls.name) == name.lower()))
        if room is None:
            room = cls(name=name)
            db.session.add(room)
        room.closed_at = None
        db.session.flush()
        return room


@dataclass(frozen=True)
class Slot:
    """A time and a place that a visit could have."""

    when: datetime
    """Naive, on the venue's clock."""
    zone: str
    minutes: int
    fold: int | None = None
    """Which of the two, for a time that comes twice."""
    room: Room | None = None
    link: str = ""


class RoomTaken(Exception):
    """Another visit has this room at that time; the database lets no room be taken twice."""


class TooLate(Exception):
    """The hold is over: the mail may have left, so there is nothing to undo any more."""


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
    key: Mapped[str | None] = mapped_column(unique=True)
    """Of the form it was planned with: a double click, and the back button with another time, are one visit."""
    invited_at: Mapped[datetime | None]
    """When the first invitations were sent; until then it can be planned anew without mail."""
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """Whom the organiser is about to invite: {"customers": ids, "staff": ids}. Closing the browser loses nothing."""

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
    options: Mapped[list[list[Any]] | None] = mapped_column(JSONB(none_as_null=True))
    """Times to choose from, in order: [["2026-12-08T10:00", room id], ...]; the first is its own time."""
    first_yes: Mapped[bool] = mapped_column(default=False)
    """The first time that enough storytellers can make is chosen by itself."""
    decided_at: Mapped[datetime | None]
    decide_told_at: Mapped[datetime | None]
    """When the mail about the chosen time may leave: after the hold."""
    finished_at: Mapped[datetime | None]
    """Attendance was gone through and closed."""
    came: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """How many were there, by audience, once it is no longer kept who."""

    room: Mapped[Room | None] = relationship(lazy="joined")
    host: Mapped[StaffMember] = relationship(lazy="joined")
    organiser: Mapped[Account] = relationship(lazy="joined")
    teams: Mapped[list[Team]] = relationship(secondary=visit_team, order_by=Team.name)

    @property
    def thread(self) -> str:
        """One visit is one thread in everybody's mailbox, and one kill switch."""
        return f"visit-{self.id}"

    def choose(self, customers: Iterable[int], staff: Iterable[int]) -> None:
        """Keep whom the organiser is about to invite."""
        self.draft = {"customers": sorted(set(customers)), "staff": sorted(set(staff))}

    @property
    def anyway(self) -> dict[int, str]:
        """Whom of the draft the organiser asks although something is against it, by customer: why."""
        return {int(customer_id): reason for customer_id, reason in (self.draft or {}).get("anyway", {}).items()}

    def ask_anyway(self, reasons: Mapping[int, str]) -> None:
        """In place of what was kept; an empty reason is none."""
        kept = {str(customer_id): reason for customer_id, reason in sorted(reasons.items()) if reason}
        draft = {name: chosen for name, chosen in (self.draft or {}).items() if name != "anyway"}
        self.draft = draft | ({"anyway": kept} if kept else {})

    @property
    def until(self) -> datetime:
        """The wall time at which it ends."""
        return self.wall + timedelta(minutes=self.minutes)

    def being_moved(self, now: datetime) -> bool:
        """Moved, and the mail about it has not left: it can be undone."""
        return self.move_told_at is not None and self.move_told_at > now

    def being_cancelled(self, now: datetime) -> bool:
        return self.cancel_told_at is not None and self.cancel_told_at > now

    @classmethod
    def plan(cls, now: datetime, slot: Slot, **facts: Any) -> "Visit":
        """A new visit. Raises RoomTaken, `wall.Gap` and `wall.Fold`; nothing is written then."""
        visit = cls(created_at=now, room=slot.room, link=slot.link, **facts)
        visit.meet_at(slot.when, slot.zone, slot.minutes, slot.fold)
        with visit._taking_room():
            db.session.add(visit)
        return visit

    def replan(self, slot: Slot, **facts: Any) -> None:
        """Another time or place while nobody was invited: there is nobody to tell. Raises as `plan` does."""
        with self._taking_room():
            self.meet_at(slot.when, slot.zone, slot.minutes, slot.fold)
            self.room, self.link = slot.room, slot.link
            self.change(**facts)

    def change(self, **facts: Any) -> None:
        """What needs no mail: places, host, reason, teams. A seat more goes to who waits at the next tick."""
        for name, value in facts.items():
            setattr(self, name, value)

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

    def move(self, now: datetime, hold: timedelta, by: Account | None, to: Slot) -> None:
        """Another time or place, told after the hold. The old one stands when this raises (as `plan` does).

        A second move within the hold is one mail, about the time people know. Back to that time is as if nothing was.
        """
        if _same(to, self._state()):
            return
        told = self._as_told(now)
        if told and _same(to, told):
            self._restore(told, now)
            return
        before = self._state()
        with self._taking_room():
            db.session.add(VisitMove(visit_id=self.id, at=now, by_id=by.id if by else None, before=before))
            self.old_wall = self.old_wall if self.being_moved(now) else self.wall
            self.meet_at(to.when, to.zone, to.minutes, to.fold)
            self.room, self.link = to.room, to.link
            self.revision += 1
            self.moved_at, self.move_told_at = now, now + hold

    def undo_move(self, now: datetime, hold: timedelta) -> None:
        """Take the last move back, revision and all. Raises TooLate after the hold, RoomTaken when the room is gone.

        What it goes back to may be a move that was not told either: that one waits for a whole hold again.
        """
        last = db.session.scalars(self._moves()).first()
        if last is None:
            return
        if not self.being_moved(now):
            raise TooLate
        self._restore(last.before, now)
        if self.move_told_at is not None and self.move_told_at > last.at:
            self.move_told_at = now + hold

    def cancel(self, now: datetime, hold: timedelta, reasons: dict[str, str], host_will_call: bool) -> None:
        """It does not take place; told after the hold, with a reason in the reader's language."""
        if self.cancelled_at is not None:
            return
        self.cancelled_at, self.cancel_told_at = now, now + hold
        self.cancel_reason_nl, self.cancel_reason_en = reasons.get("nl", ""), reasons.get("en", "")
        self.host_will_call = host_will_call
        self.revision += 1

    def undo_cancel(self, now: datetime) -> None:
        """It takes place after all. Raises TooLate after the hold, RoomTaken when somebody else has the room now."""
        if self.cancelled_at is None:
            return
        if not self.being_cancelled(now):
            raise TooLate
        with self._taking_room():
            self.cancelled_at = self.cancel_told_at = None
            self.revision -= 1

    def _moves(self) -> Any:
        """Its moves that were not undone, the last one first."""
        return (
            select(VisitMove)
            .where(VisitMove.visit_id == self.id, VisitMove.undone_at.is_(None))
            .order_by(VisitMove.id.desc())
        )

    def _as_told(self, now: datetime) -> dict[str, Any] | None:
        """While a move can be undone: the state people were last told."""
        if not self.being_moved(now):
            return None
        for move in db.session.scalars(self._moves()):
            before: dict[str, Any] = move.before
            if before["move_told_at"] is None or datetime.fromisoformat(before["move_told_at"]) <= move.at:
                return before
        return None

    def _state(self) -> dict[str, Any]:
        """What a move changes, as JSON."""
        values: dict[str, Any] = {name: getattr(self, name) for name in MOVED}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}

    def _restore(self, before: dict[str, Any], now: datetime) -> None:
        """Back to an earlier state; the moves since then are undone."""
        with self._taking_room():
            for move in db.session.scalars(self._moves()).all():
                move.undone_at = now
                if move.before == before:
                    break
            self.meet_at(datetime.fromisoformat(before["wall"]), before["zone"], before["minutes"], before["fold"])
            self.room_id, self.link, self.revision = before["room_id"], before["link"], before["revision"]
            for name in ("moved_at", "move_told_at", "old_wall"):
                setattr(self, name, datetime.fromisoformat(before[name]) if before[name] else None)
        db.session.expire(self, ["room"])

    @contextmanager
    def _taking_room(self) -> Iterator[None]:
        """What is set inside is written down; when the room is taken nothing is, and the visit is as it was."""
        try:
            with db.session.begin_nested():
                yield
        except IntegrityError as error:
            if isinstance(error.orig, ExclusionViolation):
                raise RoomTaken from error
            raise


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


def _same(slot: Slot, state: dict[str, Any]) -> bool:
    """Whether a visit in this state meets there and then already."""
    place = (slot.room.id if slot.room else None, slot.link)
    time = (slot.when.isoformat(), slot.zone, slot.minutes, slot.fold or 0)
    return (*time, *place) == tuple(state[name] for name in ("wall", "zone", "minutes", "fold", "room_id", "link"))
