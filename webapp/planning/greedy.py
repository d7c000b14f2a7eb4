"""A plan at once, without search: team by team, the one that waited longest first. The solver begins where this ends."""

from collections.abc import Iterable, Sequence

from webapp.planning.problem import Draft, Line, Person, Problem, Team


def greedy(problem: Problem, known: Sequence[Line] = ()) -> list[Line]:
    """The best of a few: from nothing, and from what still holds of the plan that stands and of one that is known."""
    firsts: list[Sequence[Line]] = [(), *filter(None, (problem.standing, known))]
    return max((_filled(problem, first) for first in firsts), key=problem.value)


def _filled(problem: Problem, first: Iterable[Line]) -> list[Line]:
    draft = Draft(problem)
    for line in sorted(first, key=lambda line: (problem.drawn.get(line.team, 0), line)):
        _keep(draft, line)
    met = {team for team, _slot in draft.keys}
    for _round in range(problem.bounds.visits):
        for team in sorted(problem.teams, key=lambda team: _urgency(problem, team, met)):
            _open(draft, team)
        met = set()
    _join(draft)
    return draft.lines()


def _urgency(problem: Problem, team: Team, met: set[int]) -> tuple[bool, int, int, int]:
    """Who has not met yet in the drawn order, then who waited longest, then who has the least choice."""
    place = problem.drawn.get(team.id, len(problem.order))
    return team.id in met, place, -problem.waited(team), len(team.slots)


def _keep(draft: Draft, line: Line) -> None:
    """What of a line that stands still can."""
    team = draft.problem.team.get(line.team)
    if team is None or not draft.may_open(team, line.slot):
        return
    for each in line.people[: draft.problem.bounds.storytellers]:
        person = draft.problem.person.get(each)
        if person is not None and draft.may_join(person, team, line.slot):
            draft.put(person, team, line.slot)


def _open(draft: Draft, team: Team) -> None:
    """One visit for this team: with whoever had the fewest turns, in the first slot that will do."""
    problem = draft.problem
    able = [each for each in problem.people if each.id not in draft.taken and problem.may_meet(each, team)]
    slots = [slot for slot in sorted(team.slots) if draft.may_open(team, slot)]
    for person in sorted(able, key=lambda each: (-each.turn, len(each.slots), each.id)):
        slot = next((slot for slot in slots if slot in person.slots), None)
        if slot is not None:
            draft.put(person, team, slot)
            return


def _join(draft: Draft) -> None:
    """Who can still tell at a visit that has a place."""
    problem = draft.problem
    for (team_id, slot), people in sorted(draft.visits.items()):
        team = problem.team[team_id]
        able: list[Person] = [each for each in problem.people if draft.may_join(each, team, slot)]
        for person in sorted(able, key=lambda each: (-each.turn, each.id))[: problem.bounds.storytellers - len(people)]:
            draft.put(person, team, slot)
