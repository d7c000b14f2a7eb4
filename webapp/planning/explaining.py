"""Why a visit is in the plan, and why a team is in none: as facts; the pages make the words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from webapp.planning.problem import Draft, Line, Person, Problem, Team

For = Literal["never_met", "waited", "first_turn", "turns", "story", "language", "only_slot", "weekday"]
Against = Literal[
    "no_group", "nobody", "language", "forbidden", "no_slot", "no_room", "no_hour", "order", "full", "taken"
]


@dataclass(frozen=True)
class Reason:
    """`person` for what is about one of them; the facts: `months`, `n`, `language`, `weekday` (Monday is 0)."""

    kind: For
    person: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def reasons(problem: Problem, line: Line) -> list[Reason]:
    """Why this team meets these people, then."""
    team = problem.team[line.team]
    waited = problem.waited(team)
    found = [Reason("never_met") if team.last_met is None else Reason("waited", facts={"months": waited})]
    if team.last_met is not None and waited == 0:
        found.clear()
    for each in line.people:
        found.extend(_about(problem, problem.person[each], team))
    return found


def _about(problem: Problem, person: Person, team: Team) -> Iterable[Reason]:
    if person.met == 0:
        yield Reason("first_turn", person.id)
    else:
        yield Reason("turns", person.id, {"n": person.met})
    if person.story:
        yield Reason("story", person.id)
    common = person.languages & team.languages
    if len({language for each in problem.people for language in each.languages}) > 1 and common:
        yield Reason("language", person.id, {"language": min(common)})
    together, days = person.slots & team.slots, {problem.slots[slot].weekday() for slot in person.slots}
    if len(together) == 1:
        yield Reason("only_slot", person.id)
    elif len(days) == 1 and len({slot.weekday() for slot in problem.slots}) > 1:
        yield Reason("weekday", person.id, {"weekday": days.pop()})


def unreached(problem: Problem, lines: Sequence[Line]) -> dict[int, Against]:
    """By team that meets nobody in this plan: what stands in the way first."""
    met = {line.team for line in lines}
    return {
        team.id: _against(problem, team, lines)
        for team in problem.teams
        if team.id not in met and team.planned == 0
    }  # fmt: skip


def _against(problem: Problem, team: Team, lines: Sequence[Line]) -> Against:
    mine = [each for each in problem.people if each.groups & team.groups]
    understood = [each for each in mine if each.languages & team.languages]
    wished = [each for each in understood if (each.id, team.id) not in problem.forbidden]
    empty = Draft(Problem(problem.people, problem.teams, problem.rooms, problem.slots, problem.bounds))
    open_slots = {slot for slot in team.slots if empty.may_open(team, slot)}
    common = {slot for each in wished for slot in each.slots} & open_slots
    checks: tuple[tuple[bool, Against], ...] = (
        (not team.groups, "no_group"),
        (not mine, "nobody"),
        (not understood, "language"),
        (not wished, "forbidden"),
        (not team.slots, "no_slot"),
        (not open_slots, "no_room"),
        (not common, "no_hour"),
    )
    for holds, why in checks:
        if holds:
            return why
    heard = {person for line in lines for person in line.people}
    if all(each.id in heard or not each.slots & open_slots for each in wished):
        return "taken"
    return "order" if team.id in problem.drawn else "full"
