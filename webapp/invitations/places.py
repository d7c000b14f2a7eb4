"""The places of a visit: room for storytellers, and staff seats with a waiting list. Never given twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Index, Select, func, literal, select, text, true, tuple_
from sqlalchemy.orm import Mapped, relationship

from webapp import db
from webapp.db import Base, Id, references
from webapp.visits import wall
from webapp.visits.models import Visit

if TYPE_CHECKING:
    from webapp.invitations.models import Invitation  # which counts its places with what is here

HELD_FOR = timedelta(days=1)
HELD_AT_LEAST = timedelta(minutes=30)
READ_IN = timedelta(hours=2)
"""An offer that would end at night ends so long after the morning begins."""
FIRST_COME = timedelta(hours=2)
"""So long before the start seats are held for nobody: everybody waiting is told, the first who confirms has it."""


class WaitingPlace(Base):
    """A place on the waiting list for a staff seat; offered in order, lapses, can be joined again at the end."""

    __tablename__ = "waiting_place"
    __table_args__ = (
        Index("waiting_place_open_idx", "invitation_id", unique=True, postgresql_where=text("ended_at is null")),
        Index("waiting_place_offer_idx", "offer_until", postgresql_where=text("ended_at is null")),
    )

    id: Mapped[Id]
    invitation_id: Mapped[int] = references("invitation.id", ondelete="CASCADE")
    joined_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    offer_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str | None]
    """`taken`, `passed`, `left`, `lapsed`, `none_free`."""

    invitation: Mapped["Invitation"] = relationship(back_populates="places")

    def offer(self, now: datetime, until: datetime) -> None:
        self.offered_at, self.offer_until = now, until

    def take_back(self) -> None:
        """Somebody else was first: it is a place in the line again, and can be offered again."""
        self.offered_at = self.offer_until = None

    def end(self, how: str, now: datetime) -> None:
        self.ended_at, self.ended = now, how


class Places:
    """The places of one visit, counted while its row is locked: nobody else counts at the same time."""

    def __init__(self, invitations: "type[Invitation]", visit: Visit, now: datetime):
        self.invitations, self.visit, self.now = invitations, visit, now

    @classmethod
    def locked(cls, invitations: "type[Invitation]", visit_id: int, now: datetime) -> "Places":
        """Waits for whoever counts now. Other rows may still point at this visit meanwhile (key share)."""
        lock = select(Visit).where(Visit.id == visit_id).with_for_update(of=Visit, key_share=True)
        return cls(invitations, db.session.scalars(lock.execution_options(populate_existing=True)).one(), now)

    def fits(self, invitation: "Invitation") -> bool:
        """Whether there is a place for this person, who may have one already. Who waits longer comes first."""
        if invitation.customer_id:
            return self._coming(self.invitations.customer_id, invitation.id) < self.visit.storyteller_places
        ahead = 0 if self._first_come else self._ahead_of(invitation.place)
        return self._coming(self.invitations.staff_id, invitation.id) + ahead < self.visit.seats

    def position(self, place: WaitingPlace) -> int:
        """In the line; the first is 1."""
        return self._ahead_of(place) + 1

    def look_after(self) -> None:
        """End offers nobody took, and offer what is free to who waits longest. Twice is the same as once."""
        line = db.session.scalars(self._line().execution_options(populate_existing=True)).all()
        for place in line:
            if self.visit.starts_at <= self.now or (place.offer_until and place.offer_until <= self.now):
                place.end("lapsed" if place.offered_at else "none_free", self.now)
        waiting = [place for place in line if not place.ended_at]
        if waiting:
            self._share(max(self.visit.seats - self._coming(self.invitations.staff_id), 0), waiting)
        db.session.flush()

    def _share(self, free: int, waiting: Sequence[WaitingPlace]) -> None:
        """Free seats to who waits longest. In the last hours everybody is told while one is free, and waits on after."""
        if self._first_come:
            for place in waiting:
                if free and not place.offered_at:
                    place.offer(self.now, self.visit.starts_at)
                elif not free:
                    place.take_back()
        elif self._last_hold - self.now >= HELD_AT_LEAST:
            for place in waiting[:free]:
                if not place.offered_at:
                    place.offer(self.now, self._held_until())

    def _line(self, *conditions: ColumnElement[bool]) -> Select[WaitingPlace]:
        """Who waits, in order."""
        return (
            select(WaitingPlace)
            .join(WaitingPlace.invitation)
            .where(self.invitations.visit_id == self.visit.id, WaitingPlace.ended_at.is_(None), *conditions)
            .order_by(WaitingPlace.joined_at, WaitingPlace.id)
        )

    def _ahead_of(self, place: WaitingPlace | None) -> int:
        """How many wait, before this one if there is one."""
        mine = tuple_(WaitingPlace.joined_at, WaitingPlace.id)
        before = mine < tuple_(literal(place.joined_at), literal(place.id)) if place else true()
        line = self._line(before).order_by(None).with_only_columns(func.count())
        return db.session.scalar(line) or 0

    def _coming(self, side: Any, besides: int = 0) -> int:
        """How many said yes on one side, customers or staff."""
        one = self.invitations
        yes = select(func.count()).where(
            one.visit_id == self.visit.id, side.is_not(None), one.coming(), one.id != besides
        )
        return db.session.scalar(yes) or 0

    @property
    def _last_hold(self) -> datetime:
        return self.visit.starts_at - FIRST_COME

    @property
    def _first_come(self) -> bool:
        return self.now >= self._last_hold

    def _held_until(self) -> datetime:
        """A day; nearer the visit half of what is left, and never into the night or the last two hours."""
        until = self.now + max(min(HELD_FOR, (self._last_hold - self.now) / 2), HELD_AT_LEAST)
        daytime = wall.next_daytime(until, self.visit.zone)
        if daytime != until:
            until = daytime + READ_IN
        return min(until, self._last_hold).replace(second=0, microsecond=0)
