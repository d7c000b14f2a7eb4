"""Who met whom: teams and the groups their work is for, as a map with its gaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Select, case, select

from webapp import db
from webapp.board import encounters
from webapp.groups.models import LAYERS, EndUserGroup
from webapp.staff.models import Team

TEAMS_AT_ONCE = 60
"""Rows of a page of the map."""
Level = Literal["met", "planned", "heard", "never", "none"]


@dataclass
class Cell:
    """What is between one team, or one layer, and one group."""

    named: int = 0
    """By how many colleagues."""
    linked: bool = False
    does: str = ""
    heard: int = 0
    """Stories that were shared."""
    met: int = 0
    """Visits at which somebody from here and somebody of the group were."""
    next_at: datetime | None = None
    """Of the visit that is planned."""

    @property
    def works_for(self) -> bool:
        return bool(self.named or self.linked or self.met or self.heard or self.next_at)

    @property
    def level(self) -> Level:
        """`none`: nobody there named the group, and nothing says that they work for it."""
        if self.met:
            return "met"
        if self.next_at:
            return "planned"
        if self.heard:
            return "heard"
        return "never" if self.works_for else "none"

    def add(self, other: "Cell") -> None:
        self.named, self.heard, self.met = self.named + other.named, self.heard + other.heard, self.met + other.met
        self.linked, self.does = self.linked or other.linked, self.does or other.does
        moments = [at for at in (self.next_at, other.next_at) if at]
        self.next_at = min(moments) if moments else None


@dataclass(frozen=True)
class Filters:
    """What part of the map is looked at."""

    layer: str = ""
    kind: str = ""
    time: str = ""
    relation: str = ""

    def teams(self) -> Select[Any]:
        order = case({name: place for place, name in enumerate(LAYERS)}, value=Team.layer)
        query = select(Team).order_by(order, Team.name)
        return query.where(Team.layer == self.layer) if self.layer else query

    def groups(self) -> Select[Any]:
        query = select(EndUserGroup).where(EndUserGroup.standing()).order_by(EndUserGroup.folded)
        wanted = {"kind": self.kind, "time": self.time, "relation": self.relation}
        return query.filter_by(**{name: value for name, value in wanted.items() if value})


@dataclass(frozen=True)
class Row:
    """A team, or a layer, and its cell with every group."""

    id: int
    name: str
    layer: str
    cells: Mapping[int, Cell]

    @property
    def met_nobody(self) -> bool:
        """Works for somebody, and never met or heard any of them."""
        working = [cell for cell in self.cells.values() if cell.works_for]
        return bool(working) and all(cell.level == "never" for cell in working)


@dataclass
class Coverage:
    """The map at `now`."""

    now: datetime
    filters: Filters = field(default_factory=Filters)

    @cached_property
    def groups(self) -> Sequence[EndUserGroup]:
        return db.session.scalars(self.filters.groups()).all()

    @cached_property
    def teams(self) -> Sequence[Team]:
        return db.session.scalars(self.filters.teams()).all()

    @cached_property
    def rows(self) -> list[Row]:
        """By team; the layers stand together."""
        found: dict[int, dict[int, Cell]] = {}
        ids = {group.id for group in self.groups}
        for team_id, group_id, cell in _cells(self.now):
            if group_id in ids:
                found.setdefault(team_id, {}).setdefault(group_id, Cell()).add(cell)
        return [Row(team.id, team.name, team.layer, found.get(team.id, {})) for team in self.teams]

    @cached_property
    def layers(self) -> list[Row]:
        """The same by layer: for a narrow page, and a glance. A visit with two teams of a layer is one visit there."""
        made: dict[str, dict[int, Cell]] = {}
        for row in self.rows:
            for group_id, cell in row.cells.items():
                made.setdefault(row.layer, {}).setdefault(group_id, Cell()).add(cell)
        for layer, group_id, met in db.session.execute(encounters.met_by_layer(self.now)):
            if group_id in made.get(layer, {}):
                made[layer][group_id].met = met
        there = [layer for layer in LAYERS if any(team.layer == layer for team in self.teams)]
        return [Row(0, layer, layer, made.get(layer, {})) for layer in there]

    # What it comes to

    @cached_property
    def cells(self) -> list[tuple[Row, EndUserGroup, Cell]]:
        """Those in which there is work for the group."""
        return [
            (row, group, row.cells[group.id])
            for row in self.rows
            for group in self.groups
            if group.id in row.cells and row.cells[group.id].works_for
        ]

    @cached_property
    def gaps(self) -> list[tuple[Row, EndUserGroup, Cell]]:
        """Never met, never heard, nothing planned: the biggest first. A linked team before one that only named the
        group, then whom most colleagues named, then who met nobody at all."""
        never = [each for each in self.cells if each[2].level == "never"]
        return sorted(
            never, key=lambda each: (not each[2].linked, -each[2].named, not each[0].met_nobody, each[0].name)
        )

    @cached_property
    def never_met(self) -> list[EndUserGroup]:
        """Groups that nobody here ever met or heard."""
        seen = {group.id for _row, group, cell in self.cells if cell.level in ("met", "heard", "planned")}
        return [group for group in self.groups if group.id not in seen]

    @cached_property
    def met_nobody(self) -> list[Row]:
        return [row for row in self.rows if row.met_nobody]


def _cells(now: datetime) -> Iterable[tuple[int, int, Cell]]:
    """Everything known between a team and a group, in one statement per kind of fact."""
    for team_id, group_id, named in db.session.execute(encounters.named()):
        yield team_id, group_id, Cell(named=named)
    for team_id, group_id, does in db.session.execute(encounters.linked()):
        yield team_id, group_id, Cell(linked=True, does=does)
    for team_id, group_id, heard in db.session.execute(encounters.heard()):
        yield team_id, group_id, Cell(heard=heard)
    for team_id, group_id, met in db.session.execute(encounters.met(now)):
        yield team_id, group_id, Cell(met=met)
    for team_id, group_id, next_at in db.session.execute(encounters.planned(now)):
        yield team_id, group_id, Cell(next_at=next_at)
