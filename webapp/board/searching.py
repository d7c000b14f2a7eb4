"""Find a customer, a colleague, a visit, a group or a story by any part of a name, whatever its accents and capitals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.customers.models import Customer
from webapp.groups.models import EndUserGroup
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team
from webapp.stages.rule import at_most
from webapp.stories import library
from webapp.stories.models import Story
from webapp.visits.models import Room, Visit

SHOWN = 20
WORDS = 6
"""More words than a name has are not looked for."""


@dataclass(frozen=True)
class Found:
    customers: Sequence[Customer]
    staff: Sequence[StaffMember]
    visits: Sequence[Visit]
    groups: Sequence[EndUserGroup] = ()
    stories: Sequence[Story] = ()
    """That may be read now, by what is told in them; the best first."""

    def __bool__(self) -> bool:
        return bool(self.customers or self.staff or self.visits or self.groups or self.stories)


def search(asked: str) -> Found:
    words = folded(asked).split()[:WORDS]
    if not words:
        return Found((), (), ())
    teams = [team.id for team in db.session.scalars(select(Team)) if _has(team.name, words)]
    return Found(
        db.session.scalars(_people(Customer, words, asked)).all(),
        db.session.scalars(_people(StaffMember, words, asked, teams)).all(),
        _visits(words, teams),
        _groups(words),
        () if "@" in asked else library.find(library.Wanted.of({"q": asked})).stories[:SHOWN],
    )


def folded(text: str) -> str:
    """Without capitals, accents and punctuation, as names are kept for finding."""
    return PersonName(given=text[:200]).normalised


def _people(who: Any, words: Sequence[str], asked: str, teams: Sequence[int] = ()) -> Select[Any]:
    """By every word of the name, by the address, or by team."""
    named = [who.sorting.contains(word, autoescape=True) for word in words]
    query = select(who).where(who.erased_at.is_(None)).order_by(who.sorting, who.id).limit(at_most(SHOWN))
    if "@" in asked:
        return query.join(Address).where(Address.email.startswith(asked.strip().lower(), autoescape=True))
    by_name = who.id.in_(select(who.id).where(*named))
    return query.where(or_(by_name, who.team_id.in_(teams)) if teams else by_name)


def _visits(words: Sequence[str], teams: Sequence[int]) -> Sequence[Visit]:
    """By team or place, the last one first."""
    rooms = [room.id for room in db.session.scalars(select(Room)) if _has(f"{room.name} {room.place}", words)]
    found = select(Visit).where(or_(Visit.room_id.in_(rooms), Visit.teams.any(Team.id.in_(teams))))
    return db.session.scalars(
        found.options(selectinload(Visit.teams)).order_by(Visit.starts_at.desc()).limit(at_most(SHOWN))
    ).all()


def _groups(words: Sequence[str]) -> Sequence[EndUserGroup]:
    """By any of its spellings; found by another one, the group that it stands for."""
    named = select(EndUserGroup.root()).where(*[EndUserGroup.folded.contains(word, autoescape=True) for word in words])
    found = select(EndUserGroup).where(EndUserGroup.id.in_(named)).order_by(EndUserGroup.folded, EndUserGroup.id)
    return db.session.scalars(found.limit(at_most(SHOWN))).all()


def _has(text: str, words: Sequence[str]) -> bool:
    kept = folded(text)
    return all(word in kept for word in words)
