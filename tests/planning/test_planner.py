"""The planner against the rules said otherwise, against every plan there is, and against what people may expect of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.planning.rules import broken, every_plan, months_ago, person, room, slots, small, team
from webapp.planning.explaining import Reason, reasons, unreached
from webapp.planning.greedy import greedy
from webapp.planning.problem import Bounds, Draft, Line, Problem, Value
from webapp.planning.solving import Effort, Solved, solve

QUICK = Effort(seconds=5, workers=1)
ids, half_days = some.integers(1, 3), some.frozensets(some.integers(0, 2)).map(sorted)


@some.composite
def problems(draw: some.DrawFn) -> Problem:
    """Small, and of every kind: some with two visits or storytellers, pins, forbidden pairs, a plan that stands, an order."""
    groups = some.frozensets(some.integers(1, 2), min_size=1).map(sorted)
    people = [
        person(id, draw(groups), draw(half_days), met=draw(some.integers(0, 2)), story=draw(some.booleans()),
               languages=draw(some.sampled_from(["nl", "en", "nl en"])))
        for id in range(1, 1 + draw(some.integers(0, 3)))
    ]  # fmt: skip
    teams = [
        team(id, draw(groups), draw(half_days), staff=draw(some.integers(1, 9)),
             languages=draw(some.sampled_from(["nl", "nl en"])),
             last_met=draw(some.sampled_from([None, months_ago(1), months_ago(14)])))
        for id in range(1, 1 + draw(some.integers(1, 3)))
    ]  # fmt: skip
    rooms = [
        room(id, draw(some.sampled_from([4, 12])), draw(half_days)) for id in range(1, 1 + draw(some.integers(1, 2)))
    ]
    lines = some.builds(lambda s, t, p, r: Line(s, t, (p,), r), some.integers(0, 2), ids, ids, some.integers(1, 2))
    return Problem(
        people, teams, rooms, slots(3),
        Bounds(
            visits=draw(some.integers(1, 2)), storytellers=draw(some.integers(1, 2)), online=draw(some.booleans()),
            at_once=draw(some.sampled_from([None, 1])), apart=timedelta(hours=draw(some.sampled_from([1, 20]))),
        ),
        pins=draw(some.lists(lines, max_size=2, unique=True)),
        forbidden=draw(some.frozensets(some.tuples(ids, ids), max_size=2)),
        standing=draw(some.lists(lines, max_size=3, unique_by=lambda line: (line.team, line.slot))),
        order=draw(some.permutations([1, 2, 3]).map(lambda order: order[:2]) | some.just([])),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(problems())
def test_every_plan_keeps_every_rule_and_none_is_below_the_plan_that_was_made_at_once(problem: Problem) -> None:
    first, found = greedy(problem), solve(problem, QUICK)
    kept = Draft(problem).pins

    assert broken(problem, first) == []
    assert broken(problem, found.lines) == []
    assert [pin for pin in kept if pin not in found.lines] == []
    assert problem.value(first) <= found.value <= found.bound
    assert found.value == problem.value(found.lines)
    assert found.proven


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(problems())
def test_no_plan_is_better_than_the_one_that_is_found(problem: Problem) -> None:
    problem = replace(problem, pins=Draft(problem).pins)

    assert solve(problem, QUICK).value == max(map(problem.value, every_plan(problem)))


def test_the_team_that_never_met_anybody_goes_before_one_that_met_last_month() -> None:
    problem = small(teams=[team(1, last_met=months_ago(1)), team(2)], people=[person(1)])

    assert solve(problem, QUICK).lines == [Line(0, 2, (1,), 1)]


def test_who_was_heard_least_is_heard_first() -> None:
    problem = small(teams=[team(1)], people=[person(1, met=2), person(2, met=1), person(3, met=3, story=True)])

    assert [line.people for line in solve(problem, QUICK).lines] == [(2,)]


def test_planned_again_as_little_as_possible_changes() -> None:
    stood = [Line(0, 3, (2,), 1), Line(1, 1, (3,), 1), Line(2, 2, (1,), 1)]

    assert solve(small(standing=stood), QUICK).lines == stood
    again = solve(small(standing=stood, forbidden=frozenset({(3, 1)})), QUICK)
    assert again.value == Value(3 * 148, 3 * 7, 1)
    assert len([line for line in again.lines if line in stood]) == 1


def test_a_pin_stays_with_its_people_and_its_room() -> None:
    pin = Line(2, 1, (3,), 2)
    problem = small(rooms=[room(1, 20), room(2, 4)], teams=[team(1, staff=9), team(2), team(3)], pins=[pin])

    assert pin in solve(problem, QUICK).lines


def test_a_pin_that_can_no_longer_stand_says_why() -> None:
    pins = [
        Line(0, 9, (1,), 1), Line(0, 1, (9,), 1), Line(0, 1, (1,), 9), Line(1, 1, (1,), 1), Line(1, 2, (2,), 1),
        Line(2, 1, (2,), 1), Line(0, 3, (3,), 1),
    ]  # fmt: skip

    draft = Draft(small(pins=pins, order=[2, 1, 3]))

    assert draft.pins == [Line(1, 1, (1,), 1)]
    assert [why for _line, why in draft.lost] == ["team", "person", "room", "room", "slot", "order"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_teams_meet_in_the_order_that_was_drawn(order: tuple[int, ...]) -> None:
    found = solve(small(order=order), QUICK)

    assert [line.team for line in found.lines] == list(order)


def test_a_drawn_team_that_can_meet_nobody_holds_up_no_other() -> None:
    found = solve(small(teams=[team(1, (9,)), team(2), team(3)], order=[1, 3, 2]), QUICK)

    assert [line.team for line in found.lines] == [3, 2]


def test_a_big_team_gets_the_big_room_also_when_a_small_one_stands_there() -> None:
    problem = small(
        teams=[team(1, (1,), [0], staff=4), team(2, (1,), [0], staff=12)], rooms=[room(1, 4), room(2, 12)],
        standing=[Line(0, 1, (1,), 2)],
    )  # fmt: skip

    assert [(line.team, line.room) for line in solve(problem, QUICK).lines] == [(1, 1), (2, 2)]


def test_each_better_plan_is_heard_of_and_the_last_one_is_the_answer() -> None:
    heard: list[Solved] = []

    found = solve(small(), QUICK, heard.append)

    assert heard[-1].value == found.value
    assert [each.value for each in heard] == sorted({each.value for each in heard})


def test_stopped_before_the_search_the_plan_that_was_made_at_once_is_the_answer() -> None:
    problem = small()

    found = solve(problem, QUICK, stop=lambda: True)

    assert found.lines == greedy(problem)
    assert found.gap == 0


def test_the_gap_is_of_the_first_aim_that_is_not_known_to_be_reached() -> None:
    def gap(value: Value, bound: Value) -> int:
        return Solved([], value, bound, 0.0).gap

    assert gap(Value(300, 40, 2), Value(300, 40, 2)) == 0
    assert gap(Value(300, 40, 2), Value(303, 99, 9)) == 1
    assert gap(Value(300, 40, 2), Value(300, 41, 0)) == 3


@pytest.mark.parametrize(
    ("why", "values"),
    [
        ("no_group", {"teams": [team(1, ())]}),
        ("nobody", {"teams": [team(1, (2,))]}),
        ("language", {"teams": [team(1, languages="en")]}),
        ("forbidden", {"forbidden": frozenset({(1, 1), (2, 1), (3, 1)}), "teams": [team(1)]}),
        ("no_slot", {"teams": [team(1, when=[])]}),
        ("no_room", {"teams": [team(1, staff=13)]}),
        ("no_hour", {"teams": [team(1, when=[0])], "people": [person(1, when=[1, 2])]}),
        ("taken", {"teams": [team(1, last_met=months_ago(1)), team(2)], "people": [person(1)]}),
        ("full", {"teams": [team(1, last_met=months_ago(1), when=[0]), team(2, when=[0])]}),
    ],
)
def test_a_team_that_meets_nobody_hears_why(why: str, values: dict[str, Any]) -> None:
    problem = small(**values)

    assert unreached(problem, solve(problem, QUICK).lines) == {1: why}


def test_a_line_says_why() -> None:
    problem = Problem(
        [person(1, languages="nl", when=[0, 2]), person(2, languages="en", met=2, story=True, when=[1])],
        [team(1, last_met=months_ago(14)), team(2)], [room()], slots(4),
    )  # fmt: skip

    assert reasons(problem, Line(0, 1, (1,), 1)) == [
        Reason("waited", facts={"months": 14}),
        Reason("first_turn", 1),
        Reason("language", 1, {"language": "nl"}),
    ]
    assert reasons(problem, Line(1, 2, (2,), 1)) == [
        Reason("never_met"),
        Reason("turns", 2, {"n": 2}),
        Reason("story", 2),
        Reason("language", 2, {"language": "en"}),
        Reason("only_slot", 2),
    ]


def test_who_can_only_on_one_weekday_is_a_reason() -> None:
    problem = Problem([person(1, when=[2, 3])], [team(1, when=range(6))], [room()], slots(6))

    assert reasons(problem, Line(2, 1, (1,), 1))[-1] == Reason("weekday", 1, {"weekday": 1})
