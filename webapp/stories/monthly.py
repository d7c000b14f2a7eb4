"""The story of the month: one for everybody who works here, on its first Tuesday, and none when nothing new was shared."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from webapp import dates, db
from webapp.accounts.models import Organisation
from webapp.stories.models import Story
from webapp.zones import zone as zone_of

MORNING, TUESDAY = time(9), 1
CHOSEN_BEFORE = timedelta(days=7)
"""So that who organises reads in the outbox what will leave."""
NEW = timedelta(days=31)


def choose(now: datetime) -> int | None:
    """A step of every tick: the newest story of this month, a week before its moment, once. Returns which."""
    organisation = Organisation.current()
    if organisation is None:
        return None
    at = _moment(now, organisation.zone)
    if now < at - CHOSEN_BEFORE:
        return None
    other = aliased(Story)
    chosen = select(other.id).where(other.of_month_at == at, other.readable()).exists()
    newest = (
        select(Story.id)
        .where(Story.readable(), Story.shared_at > now - NEW, Story.of_month_at.is_(None))
        .order_by(Story.shared_at.desc(), Story.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.session.scalar(
        update(Story).where(Story.id == newest, ~chosen).values(of_month_at=at).returning(Story.id)
    )


def _moment(now: datetime, zone: str) -> datetime:
    """The first Tuesday of a month that is not over yet."""
    today = dates.local(now, zone).date()
    this = _on(today.replace(day=1), zone)
    return this if now <= this else _on((today.replace(day=1) + timedelta(days=32)).replace(day=1), zone)


def _on(first: date, zone: str) -> datetime:
    day = first + timedelta(days=(TUESDAY - first.weekday()) % 7)
    return datetime.combine(day, MORNING, tzinfo=zone_of(zone)).astimezone(UTC)
