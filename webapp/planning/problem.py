"""A season as a problem: who can meet which team, when and where, and which of two plans is better. No web, no database.

Slots are numbered in order of time: everything that is said of a slot is its place in `Problem.slots`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

MONTH = timedelta(days=30)
NEVER, LONGEST = 48, 36
"""Months that a team waited: of one that never met anybody, and at most of one that did."""
MET_AT_ALL = 100
"""Months: two teams that meet somebody go before one that waited longer than both."""

Lost = Literal["team", "slot", "person", "room", "order"]
"""Why a line that was to stay cannot: who it is about, or what, is no longer there or no longer free."""


@dataclass(frozen=True)
class Person:
    """A customer who would like to come; once in a season at most."""

    id: int
    groups: frozenset[int]
    languages: frozenset[str]
    slots: frozenset[int]
    """When they can, and are not resting."""
    met: int = 0
    """How often they met staff lately."""
    story: bool = False

    @property
    def turn(self) -> int:
        """What it is worth that this person is heard, 1 to 8: who had fewer turns goes first."""
        return max(1, 7 - 2 * self.met) + self.story


@dataclass(frozen=True)
class Team:
    """People who work together; they listen together."""

    id: int
    groups: frozenset[int]
    languages: frozenset[str]
    slots: frozenset[int]
    staff: int = 1
    """Who can be missed at once: so many seats."""
    last_met: date | None = None
    planned: int = 0
    """Visits in this season that stand outside the plan."""


@dataclass(frozen=True)
class Room:
    id: int
    seats: int
    slots: frozenset[int]
    """When nobody else has it."""


@dataclass(frozen=True)
class Bounds:
    """What every plan keeps to."""

    visits: int = 1
    """Of one team, at most."""
    storytellers: int = 1
    """At one visit, at most."""
    at_once: int | None = None
    """Visits in one slot, at most; None: as many as there are rooms."""
    apart: timedelta = timedelta(days=28)
    """Between two visits of one team, at least."""
    online: bool = False
    """A visit without a room is a visit too."""


@dataclass(frozen=True, order=True)
class Line:
    """One visit of a plan."""

    slot: int
    team: int
    people: tuple[int, ...]
    room: int | None = None

    @property
    def meetings(self) -> frozenset[tuple[int, int, int]]:
        return frozenset((self.team, self.slot, person) for person in self.people)


class Value(NamedTuple):
    """What a plan is worth; compared from left to right."""

    reach: int
    """Of teams that meet somebody, the months they waited: the least-met count most."""
    turns: int
    """Of customers who are heard, what their turn is worth."""
    kept: int
    """Meetings that are as in the plan that stands."""


@dataclass(frozen=True)
class Problem:
    people: Sequence[Person]
    teams: Sequence[Team]
    rooms: Sequence[Room]
    slots: Sequence[datetime]
    """Wall times, in order."""
    bounds: Bounds = Bounds()
    pins: Sequence[Line] = ()
    """Visits that stay exactly as they are."""
    forbidden: frozenset[tuple[int, int]] = frozenset()
    """Person and team that do not meet."""
    standing: Sequence[Line] = ()
    """The plan that stands."""
    order: Sequence[int] = ()
    """Teams in a drawn order: none meets anybody before one that was drawn earlier has, if that one meets anybody at all."""

    @cached_property
    def person(self) -> Mapping[int, Person]:
        return {each.id: each for each in self.people}

    @cached_property
    def team(self) -> Mapping[int, Team]:
        return {each.id: each for each in self.teams}

    @cached_property
    def room(self) -> Mapping[int, Room]:
        return {each.id: each for each in self.rooms}

    @cached_property
    def drawn(self) -> Mapping[int, int]:
        """Team to its place in the order."""
        return {team: place for place, team in enumerate(self.order)}

    @cached_property
    def stood(self) -> frozenset[tuple[int, int, int]]:
        """The meetings of the plan that stands: team, slot, person."""
        return frozenset(meeting for line in self.standing for meeting in line.meetings)

    def may_meet(self, person: Person, team: Team) -> bool:
        """Whether the team's work is for this person, and they have a language in common."""
        fits = not person.groups.isdisjoint(team.groups) and not person.languages.isdisjoint(team.languages)
        return fits and (person.id, team.id) not in self.forbidden

    def waited(self, team: Team) -> int:
        """Months, NEVER for a team that met nobody yet."""
        if team.last_met is None:
            return NEVER
        return min(LONGEST, max(0, (self.slots[0].date() - team.last_met) // MONTH))

    def reach(self, team: Team) -> int:
        return MET_AT_ALL + self.waited(team)

    def value(self, lines: Iterable[Line]) -> Value:
        lines = list(lines)
        people = [person for line in lines for person in line.people]
        return Value(
            sum(self.reach(self.team[team]) for team in {line.team for line in lines}),
            sum(self.person[person].turn for person in people),
            sum(len(line.meetings & self.stood) for line in lines),
        )

    def close(self, slot: int, other: int) -> bool:
        """Too close together for one team."""
        return abs(self.slots[slot] - self.slots[other]) < self.bounds.apart


@dataclass
class Draft:
    """A plan that is being made: what may still be added, and what that leaves."""

    problem: Problem
    visits: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    """Team and slot to the people who tell."""
    pins: list[Line] = field(default_factory=list)
    lost: list[tuple[Line, Lost]] = field(default_factory=list)
    """Pins that can no longer stand, and why."""
    taken: set[int] = field(default_factory=set)
    held: set[tuple[int, int]] = field(default_factory=set)
    """Slot and room of the pins."""

    def __post_init__(self) -> None:
        for line in self.problem.pins:
            if (why := self._against(line)) is None:
                self.pins.append(line)
                self.taken.update(line.people)
                self.held.add((line.slot, line.room or 0))
            else:
                self.lost.append((line, why))

    def _against(self, line: Line) -> Lost | None:
        team, room = self.problem.team.get(line.team), self.problem.room.get(line.room or 0)
        people = [self.problem.person.get(each) for each in line.people]
        if team is None:
            return "team"
        if line.slot not in team.slots or self._full(team, line.slot) or self._too_close(team, line.slot):
            return "slot"
        if not people or any(each is None or each.id in self.taken or line.slot not in each.slots for each in people):
            return "person"
        if line.room is None and not self.problem.bounds.online:
            return "room"
        if line.room and (room is None or line.slot not in room.slots or (line.slot, room.id) in self.held):
            return "room"
        return None if self._in_order(line.team, line.slot) else "order"

    def _full(self, team: Team, slot: int) -> bool:
        """Whether this team, or this slot, has as many visits as it may."""
        bounds = self.problem.bounds
        mine = sum(each == team.id for each, _slot in self.keys)
        here = sum(at == slot for _team, at in self.keys)
        return mine + team.planned >= bounds.visits or (bounds.at_once is not None and here >= bounds.at_once)

    @property
    def keys(self) -> list[tuple[int, int]]:
        """Team and slot of every visit so far."""
        return [*((line.team, line.slot) for line in self.pins), *self.visits]

    def may_open(self, team: Team, slot: int, *, alone: bool = False) -> bool:
        """Whether this team can have a visit in this slot, besides all others; `alone`: whatever the drawn order says."""
        if slot not in team.slots or self._full(team, slot) or self._too_close(team, slot):
            return False
        needs = [self.problem.team[each].staff for each, at in self.visits if at == slot]
        return (alone or self._in_order(team.id, slot)) and self.fits(slot, [*needs, team.staff])

    def may_join(self, person: Person, team: Team, slot: int) -> bool:
        return slot in person.slots and person.id not in self.taken and self.problem.may_meet(person, team)

    def put(self, person: Person, team: Team, slot: int) -> None:
        self.visits.setdefault((team.id, slot), []).append(person.id)
        self.taken.add(person.id)

    def seats(self, slot: int) -> list[Room]:
        """The rooms that are left to visits that are not pinned, the biggest first."""
        free = (room for room in self.problem.rooms if slot in room.slots and (slot, room.id) not in self.held)
        return sorted(free, key=lambda room: -room.seats)

    def fits(self, slot: int, needs: Sequence[int]) -> bool:
        """Whether there is a room for each: the biggest need against the biggest room, and so on down."""
        if self.problem.bounds.online:
            return True
        rooms = self.seats(slot)
        pairs = zip(sorted(needs, reverse=True), rooms, strict=False)
        return len(needs) <= len(rooms) and all(need <= room.seats for need, room in pairs)

    def _too_close(self, team: Team, slot: int) -> bool:
        return any(each == team.id and self.problem.close(slot, at) for each, at in self.keys)

    def _in_order(self, team: int, slot: int) -> bool:
        """Whether the drawn order holds when this team (also) meets in this slot."""
        drawn = self.problem.drawn
        if team not in drawn:
            return True
        first: dict[int, int] = {team: slot}
        for each, at in self.keys:
            first[each] = min(at, first.get(each, at))
        at = first[team]
        return all(
            (first[other] <= at if drawn[other] < drawn[team] else first[other] >= at)
            for other in first
            if other in drawn and other != team
        )

    def lines(self) -> list[Line]:
        """The plan, each visit in a room: the one it stands in if that fits, else the smallest that does."""
        stood = {(line.team, line.slot): line.room for line in self.problem.standing}
        left: dict[int, list[Room]] = {}
        lines = list(self.pins)
        for (team, slot), people in sorted(
            self.visits.items(), key=lambda each: (-self.problem.team[each[0][0]].staff, each[0])
        ):
            rooms = left.setdefault(slot, self.seats(slot))
            big_enough = [room for room in rooms if room.seats >= self.problem.team[team].staff]
            known = next((room for room in big_enough if room.id == stood.get((team, slot))), None)
            room = known or (big_enough[-1] if big_enough else None)
            if room is not None:
                rooms.remove(room)
            lines.append(Line(slot, team, tuple(sorted(people)), room.id if room else None))
        return sorted(lines)
