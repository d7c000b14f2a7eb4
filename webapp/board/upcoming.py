"""Mail that will fall due, if nothing changes: the questions of the sweep, with a later clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, String, cast, exists, func, literal, select, union_all

from webapp import db, edge
from webapp.accounts.models import Organisation
from webapp.board.saying import wall
from webapp.groups.models import MappingRound
from webapp.mailing import quiet
from webapp.mailing.models import Message
from webapp.mailing.notices import Notice
from webapp.visits.models import Visit

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Due:
    """One mail to be."""

    notice: str
    subject_id: int
    occurrence: str
    address_id: int
    thread: str | None
    due_at: datetime
    day_at: datetime | None = None
    """It falls due in its reader's night, and leaves then."""

    @property
    def leaves_at(self) -> datetime:
        return self.day_at or self.due_at


@dataclass(frozen=True)
class Batch:
    """Mails of one kind about one visit that fall due at one moment."""

    notice: str
    thread: str | None
    due_at: datetime
    count: int
    addresses: Sequence[int]
    """A few of them, to name."""
    subject_id: int
    day_at: datetime | None = None
    """They fall due in their readers' night, and leave then."""

    @property
    def leaves_at(self) -> datetime:
        return self.day_at or self.due_at

    @property
    def day(self) -> date:
        """On the organisation's clock."""
        return wall(self.leaves_at).date()


Mail = TypeVar("Mail", Due, Batch)


def to_address(address_id: int, now: datetime, until: datetime) -> list[Due]:
    """What this mailbox will get, the nearest first."""
    arms = [
        _unplanned(notice, notice.upcoming(now, until).where(notice.to == address_id)) for notice in Notice.all.values()
    ]
    if not arms:
        return []
    rows = db.session.execute(union_all(*arms).order_by("due_at"))
    return _by_day([Due(*row) for row in rows])


def one(notice: type[Notice], subject_id: int, now: datetime) -> Due | None:
    """A planned mail, if it is still planned."""
    query = _unplanned(notice, notice.upcoming(now, now + AHEAD).where(notice.about == subject_id))
    row = db.session.execute(query.order_by("due_at").limit(1)).one_or_none()
    return _by_day([Due(*row)])[0] if row else None


def batches(now: datetime, until: datetime, thread: str | None = None) -> list[Batch]:
    """What leaves until then, by kind, visit and moment; the nearest first."""
    arms = [_unplanned(notice, notice.upcoming(now, until)) for notice in Notice.all.values()]
    if not arms:
        return []
    due = union_all(*arms).subquery("due")
    named = func.array_agg(due.c.address_id)
    query = select(
        due.c.notice,
        due.c.thread,
        due.c.due_at,
        func.count(),
        named[1:4].label("addresses"),
        func.min(due.c.subject_id),
    ).group_by(due.c.notice, due.c.thread, due.c.due_at)
    if thread is not None:
        query = query.where(due.c.thread == thread)
    rows = db.session.execute(query.order_by(due.c.due_at, due.c.notice, due.c.thread))
    return _by_day([Batch(*row) for row in rows])


def subjects(notice: type[Notice], thread: str | None, due_at: datetime, now: datetime) -> list[int]:
    """Whom one batch is about."""
    due = _unplanned(notice, notice.upcoming(now, now + AHEAD)).subquery("due")
    same = due.c.thread == thread if thread is not None else due.c.thread.is_(None)
    return list(db.session.scalars(select(due.c.subject_id).where(due.c.due_at == due_at, same)))


def _by_day(found: Sequence[Mail]) -> list[Mail]:
    """Each with the moment at which it leaves, the nearest first: who would be asked something at night is asked by day."""
    asks = [each.thread for each in found if each.thread and Notice.all[each.notice].asks]
    ids = {int(thread.removeprefix("visit-")) for thread in asks if thread.startswith("visit-")}
    rows = db.session.execute(select(Visit.id, Visit.zone, Visit.starts_at).where(Visit.id.in_(ids))) if ids else ()
    visits = {f"visit-{id}": (zone, starts_at) for id, zone, starts_at in rows} | _rounds(asks)
    moved = []
    for each in found:
        if each.thread in visits:
            at = quiet.planned(edge.settings(), Notice.all[each.notice], *visits[each.thread], each.due_at)
            each = replace(each, day_at=at if at > each.due_at else None)
        moved.append(each)
    return sorted(moved, key=lambda each: each.leaves_at)


def _rounds(threads: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    """Mapping rounds live by the organisation's clock."""
    ids = {int(thread.removeprefix("round-")) for thread in threads if thread.startswith("round-")}
    rows = (
        db.session.execute(select(MappingRound.id, MappingRound.closes_at).where(MappingRound.id.in_(ids)))
        if ids
        else ()
    )
    zone = Organisation.required().zone
    return {f"round-{id}": (zone, closes_at) for id, closes_at in rows}


def _unplanned(notice: type[Notice], upcoming: Select[Any]) -> Select[Any]:
    """Without what was written down already: sent, stopped, or on its way."""
    due = upcoming.subquery()
    written = exists().where(
        Message.notice == notice.name,
        Message.subject_id == due.c.subject_id,
        Message.occurrence == due.c.occurrence,
    )
    name = cast(literal(notice.name), String)
    return select(
        name.label("notice"), due.c.subject_id, due.c.occurrence, due.c.address_id, due.c.thread, due.c.due_at
    ).where(~written)
