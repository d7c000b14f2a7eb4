"""What makes a plan a plan, said once more and otherwise than the planner says it; and the best plan by trying all."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations

from webapp.planning.problem import Bounds, Line, Person, Problem, Room, Team

MONDAY = datetime(2027, 1, 4, 9, 0)  # noqa: DTZ001  (a wall time)
ALL = frozenset(range(3))


def slots(count: int) -> list[datetime]:
    """A morning and an afternoon on every working day."""
    return [MONDAY + timedelta(days=n // 2 + n // 10 * 2, hours=5 * (n % 2)) for n in range(count)]


def person(
    id: int, groups: Sequence[int] = (1,), when: Sequence[int] | frozenset[int] = ALL, **values: object
) -> Person:
    spoken = frozenset(str(values.pop("languages", "nl")).split())
    return Person(id, frozenset(groups), spoken, frozenset(when), **values)  # type: ignore[arg-type]  # a shorthand


def team(id: int, groups: Sequence[int] = (1,), when: Sequence[int] | frozenset[int] = ALL, **values: object) -> Team:
    spoken = frozenset(str(values.pop("languages", "nl en")).split())
    return Team(id, frozenset(groups), spoken, frozenset(when), **values)  # type: ignore[arg-type]  # a shorthand


def room(id: int = 1, seats: int = 12, when: Sequence[int] | frozenset[int] = ALL) -> Room:
    return Room(id, seats, frozenset(when))


def months_ago(count: int) -> date:
    return (MONDAY - timedelta(days=30 * count)).date()


def broken(problem: Problem, lines: Sequence[Line]) -> list[str]:
    """Every rule that this plan does not keep."""
    found, bounds = [], problem.bounds
    for line in lines:
        team, pinned = problem.team[line.team], line in problem.pins
        if line.slot not in team.slots:
            found.append(f"team {team.id} cannot in {line.slot}")
        if not line.people or (len(line.people) > bounds.storytellers and not pinned):
            found.append(f"{len(line.people)} tell in {line.slot}")
        for each in map(problem.person.__getitem__, line.people):
            if line.slot not in each.slots:
                found.append(f"person {each.id} cannot in {line.slot}")
            fits = each.groups & team.groups and each.languages & team.languages
            if not pinned and (not fits or (each.id, team.id) in problem.forbidden):
                found.append(f"person {each.id} does not meet team {team.id}")
        if line.room is None:
            if not bounds.online:
                found.append(f"no room in {line.slot}")
            continue
        room = problem.room[line.room]
        if line.slot not in room.slots or (room.seats < team.staff and not pinned):
            found.append(f"room {room.id} will not do in {line.slot}")
    for line, other in combinations(lines, 2):
        if set(line.people) & set(other.people):
            found.append("somebody comes twice")
        if line.slot == other.slot and line.room is not None and line.room == other.room:
            found.append("a room is taken twice")
        if line.team == other.team:
            apart = abs(problem.slots[line.slot] - problem.slots[other.slot])
            if line.slot == other.slot or apart < bounds.apart:
                found.append("a team meets too soon again")
    for team in problem.teams:
        if sum(line.team == team.id for line in lines) > max(0, bounds.visits - team.planned):
            found.append(f"team {team.id} meets too often")
    if bounds.at_once is not None:
        for slot in range(len(problem.slots)):
            if sum(line.slot == slot for line in lines) > bounds.at_once:
                found.append(f"too many at once in {slot}")
    first = [min(line.slot for line in lines if line.team == each) for each in problem.order
             if any(line.team == each for line in lines)]  # fmt: skip
    if first != sorted(first):
        found.append("not in the order that was drawn")
    return found


def every_plan(problem: Problem) -> Iterator[list[Line]]:
    """All plans that keep every rule and hold every pin: for small problems only."""
    people = [each.id for each in problem.people]
    groups = [who for size in range(1, problem.bounds.storytellers + 1) for who in combinations(people, size)]
    rooms: list[int | None] = [*(each.id for each in problem.rooms), *([None] if problem.bounds.online else [])]
    lines = [
        Line(slot, team.id, who, room)
        for team in problem.teams
        for slot in sorted(team.slots)
        for who in groups
        for room in rooms
    ]
    unordered = replace(problem, order=())
    able = [line for line in lines if line not in problem.pins and not broken(unordered, [line])]

    def more(plan: list[Line], at: int) -> Iterator[list[Line]]:
        yield plan
        for place in range(at, len(able)):
            if not broken(unordered, [*plan, able[place]]):
                yield from more([*plan, able[place]], place + 1)

    return (plan for plan in more(list(problem.pins), 0) if not broken(problem, plan))


def small(bounds: Bounds | None = None, **values: object) -> Problem:
    """Three teams, one room, three slots, and somebody for each."""
    defaults: dict[str, object] = {
        "people": [person(1), person(2), person(3)],
        "teams": [team(1), team(2), team(3)],
        "rooms": [room()],
        "slots": slots(3),
    }
    return Problem(**defaults | values, bounds=bounds or Bounds())  # type: ignore[arg-type]  # a shorthand
