"""Who is asked in a mapping round: a draw by layer that anybody can repeat, over those who were left in peace for a quarter."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp import db
from webapp.groups.models import LAYERS, QUARTER, Asked, MappingRound
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember, Team

BIG_ENOUGH = 8
"""A layer of so many is never asked as a whole: half of it at most, so that the next round has somebody to ask."""
USUAL = 12
"""Asked of a layer, unless the organiser chooses otherwise."""

Sizes = Mapping[str, int]
"""By layer, how many."""


@dataclass(frozen=True)
class Layer:
    """A layer of the organisation, and how many of it may be asked now."""

    name: str
    people: int
    """Who work there."""
    free: int
    """Who get mail and were not asked within a quarter."""

    @property
    def most(self) -> int:
        return min(self.free, self.people // 2 if self.people >= BIG_ENOUGH else self.people)

    @property
    def usual(self) -> int:
        return min(self.most, USUAL)


def layers(now: datetime) -> list[Layer]:
    """All four, also those where nobody works yet."""
    query = _people().with_only_columns(Team.layer, func.count(), func.count().filter(_free(now))).group_by(Team.layer)
    found = {name: (people, free) for name, people, free in db.session.execute(query)}
    return [Layer(name, *found.get(name, (0, 0))) for name in LAYERS]


def without_team() -> int:
    """Colleagues who stand in no layer: nobody can be drawn from there."""
    alone = select(func.count()).where(StaffMember.team_id.is_(None), StaffMember.left_at.is_(None))
    return db.session.scalar(alone) or 0


def allowed(wanted: Sizes, now: datetime) -> dict[str, int]:
    """What is wanted, as far as it may be."""
    return {layer.name: max(0, min(wanted.get(layer.name, 0), layer.most)) for layer in layers(now)}


def drawn(seed: str, sizes: Sizes, now: datetime) -> Select[Any]:
    """The sample: staff_id, team_id, layer. Teams of a layer take turns; within a team, who was asked longest ago or never
    comes first, and among those the lot decides: the digest of the seed and the number of the person."""
    last = (
        select(func.max(MappingRound.released_at))
        .join(Asked, Asked.round_id == MappingRound.id)
        .where(Asked.staff_id == StaffMember.id)
        .scalar_subquery()
    )
    lot = func.md5(func.concat(literal(seed, String), ":", cast(StaffMember.id, String)))
    turn = func.row_number().over(partition_by=StaffMember.team_id, order_by=(last.asc().nulls_first(), lot))
    people = _people().with_only_columns(
        StaffMember.id.label("staff_id"), Team.id.label("team_id"), Team.layer, turn.label("turn"), lot.label("lot")
    )
    turns = people.where(_free(now)).subquery()
    place = func.row_number().over(partition_by=turns.c.layer, order_by=(turns.c.turn, turns.c.lot)).label("place")
    placed = select(turns.c.staff_id, turns.c.team_id, turns.c.layer, place).subquery()
    wanted = or_(*(and_(placed.c.layer == name, placed.c.place <= n) for name, n in sizes.items() if n), literal(False))
    return select(placed.c.staff_id, placed.c.team_id, placed.c.layer).where(wanted)


def shown(sample: Select[Any]) -> Sequence[tuple[StaffMember, str]]:
    """The people drawn, by name, with their layer."""
    found = sample.subquery()
    query = select(StaffMember, found.c.layer).join(found, found.c.staff_id == StaffMember.id)
    return db.session.execute(query.order_by(StaffMember.sorting, StaffMember.id)).all()


def fingerprint(people: Sequence[int]) -> str:
    """Of who was shown: so that nobody else is mailed than who was read on the page."""
    return hashlib.sha256(",".join(map(str, sorted(people))).encode()).hexdigest()[:16]


def _people() -> Select[Any]:
    return (
        select(StaffMember)
        .join(Team, Team.id == StaffMember.team_id)
        .outerjoin(Address, Address.id == StaffMember.address_id)
        .where(StaffMember.left_at.is_(None))
    )


def _free(now: datetime) -> ColumnElement[bool]:
    return and_(
        Address.suppressed_at.is_(None),
        StaffMember.address_id.is_not(None),
        ~_key(Address.unwanted, "surveys"),
        ~_asked_since(now - QUARTER),
    )


def _asked_since(moment: datetime) -> ColumnElement[bool]:
    asked = select(Asked.id).join(MappingRound).where(Asked.staff_id == StaffMember.id)
    return asked.where(MappingRound.released_at > moment).exists()


def _key(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.has_key(name)
    return found
