"""A season from the bounds to visits: searched in the background, looked at, pinned, planned again, and accepted."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.visits.desk import Desk, desk, heading, summary, text
from webapp import clock as clocks
from webapp import db
from webapp.customers.asks import Ask
from webapp.invitations.models import Invitation
from webapp.mailing.models import Message
from webapp.planning import work
from webapp.planning.gathering import problem_of, slots
from webapp.planning.models import PlannedLine, Season, SeasonPlan
from webapp.planning.problem import Problem
from webapp.planning.solving import Effort
from webapp.staff.models import Team
from webapp.visits.models import Room, Visit

QUICK = Effort(seconds=5, workers=1)


@pytest.fixture
def season(app: Flask, clock: Clock) -> tuple[Desk, int]:
    """Two teams, each for a group of which somebody is willing, and a season that was asked for."""
    here = desk(app, clock)
    with db.transaction():
        parents, students = make.group("Ouders"), make.group("Studenten")
        make.team_link(db.session.get_one(Team, here.team), parents)
        other = make.team("ICT")
        make.staff_member("Bas Kok", other)
        make.team_link(other, students)
        for name, group in (("Yara Smit", "Ouders"), ("Lan Vo", "Ouders"), ("Rosa Blom", "Studenten")):
            make.customer(name, group=group)
        made = make.season(make.account("Karim Visser"))
        return here, made.id


def lines(season_id: int) -> list[tuple[str, str]]:
    with db.transaction(read_only=True) as session:
        plan = session.get_one(Season, season_id).plan
        return sorted((line.team.name, line.customer.name.full) for line in plan.lines)


def line_id(season_id: int, team: str) -> int:
    with db.transaction(read_only=True) as session:
        plan = session.get_one(Season, season_id).plan
        return next(line.id for line in plan.lines if line.team.name == team)


def gathered(season_id: int) -> Problem:
    with db.transaction(read_only=True) as session:
        return problem_of(session.get_one(Season, season_id).plan, NOW)


def count(of: type[db.Base]) -> int:
    with db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


def press(here: Desk, path: str, ending: str, **fields: object) -> int:
    return here.press(here.open(path), ending, **fields).status_code


def test_who_is_willing_and_not_resting_asked_enough_or_in_a_visit_is_in_the_problem(season: tuple[Desk, int]) -> None:
    with db.transaction():
        make.customer("Marta Nee", ground="withdrawn", group="Ouders")
        asked = make.customer("Els Vaak", group="Ouders")
        for _n in range(9):
            make.added(Ask(customer_id=asked.id, kind="story", at=NOW - timedelta(days=30)))
        chosen = make.customer("Piet Straks", group="Ouders")
        make.visit().choose([chosen.id], [])

    problem = gathered(season[1])

    with db.transaction(read_only=True):
        names = {each: db.session.get_one(type(chosen), each).name.full for each in problem.person}
    assert sorted(names.values()) == ["Lan Vo", "Rosa Blom", "Yara Smit"]


def test_a_room_and_a_team_that_have_a_visit_are_not_free_then(season: tuple[Desk, int]) -> None:
    here, season_id = season
    with db.transaction():
        team, room = db.session.get_one(Team, here.team), db.session.get_one(Room, here.rooms[0])
        make.visit(datetime(2026, 12, 15, 14, 30), teams=[team], room=room, invited_at=NOW)  # noqa: DTZ001  (a wall time)

    problem = gathered(season_id)

    taken = problem.slots.index(datetime(2026, 12, 15, 14))  # noqa: DTZ001  (a wall time)
    assert set(range(len(problem.slots))) - problem.team[here.team].slots == {taken}
    assert set(range(len(problem.slots))) - problem.room[here.rooms[0]].slots == {taken}
    assert problem.team[here.team].planned == 1


def test_slots_are_on_working_days_and_at_no_time_that_the_clock_jumps_over(clock: Clock) -> None:
    clock.at(NOW)
    both = Season(begins=date(2027, 3, 26), ends=date(2027, 3, 30), zone="Europe/Amsterdam", starts=["10:00"])
    asia = Season(begins=date(2027, 3, 26), ends=date(2027, 3, 26), zone="Asia/Jerusalem", starts=["02:30", "10:00"])

    assert [each.day for each in slots(both, NOW)] == [26, 29, 30]
    assert [each.hour for each in slots(asia, NOW)] == [10]


def test_a_plan_is_made_and_every_team_meets_somebody_of_its_group(season: tuple[Desk, int]) -> None:
    _here, season_id = season

    assert work.work(QUICK)
    assert not work.work(QUICK)

    assert [team for team, _name in lines(season_id)] == ["Bellers avond A", "ICT"]
    with db.transaction(read_only=True) as session:
        plan = session.get_one(Season, season_id).plan
        assert (plan.reached, plan.teams, plan.gap, plan.unreached) == (2, 2, 0, [])


def test_a_plan_whose_worker_died_is_taken_again_and_what_was_found_is_kept(season: tuple[Desk, int]) -> None:
    _here, season_id = season
    with db.transaction():
        assert SeasonPlan.take(clocks.real() - timedelta(seconds=90))
    assert work.work(QUICK)
    found = lines(season_id)
    with db.transaction() as session:
        plan = session.get_one(Season, season_id).plan
        assert plan.takes == 2
        plan.finished_at, plan.leased_until = None, clocks.real() + timedelta(seconds=50)
    assert not work.work(QUICK)
    with db.transaction() as session:
        session.get_one(Season, season_id).plan.leased_until = clocks.real() - timedelta(seconds=1)
        session.get_one(Season, season_id).plan.stop_asked_at = NOW

    assert work.work(QUICK)

    assert lines(season_id) == found


def test_what_a_worker_finds_after_another_took_over_is_not_written(season: tuple[Desk, int]) -> None:
    _here, season_id = season
    with db.transaction(read_only=True) as session:
        mine = session.get_one(Season, season_id).plan.id
    late = work._Keeping(mine, 0, gathered(season_id))
    assert work.work(QUICK)

    assert late.asked_to_stop()
    late.finish(None)

    assert len(lines(season_id)) == 2


def test_what_ended_too_many_workers_is_not_tried_again(season: tuple[Desk, int]) -> None:
    here, season_id = season
    with db.transaction() as session:
        session.get_one(Season, season_id).plan.takes = 5

    assert work.work(QUICK)

    assert not work.work(QUICK)
    assert heading(here.open(f"/season/{season_id}")) == "Het plan kon niet worden gemaakt"


def test_a_season_begins_from_the_form(app: Flask, clock: Clock) -> None:
    here = desk(app, clock)

    told = here.press(here.open("/season/new"), "/new")

    assert told.status_code == 303
    with db.transaction(read_only=True) as session:
        made = session.scalars(select(Season)).one()
        assert (made.begins, made.ends, made.starts) == (date(2026, 12, 14), date(2027, 3, 5), ["10:00", "14:00"])
        assert (made.visits, made.storytellers, made.staff, made.at_once) == (1, 1, 12, None)
    page = here.open(told.location)
    assert heading(page) == "We maken het seizoensplan"
    assert '<meta http-equiv="refresh"' in page.text
    assert here.open("/season").location == told.location


def test_what_is_wrong_in_the_form_is_said_and_nothing_is_lost(app: Flask, clock: Clock) -> None:
    here = desk(app, clock)

    told = here.press(
        here.open("/season/new"), "/new", begins="5-3-2027", ends="1-3-2027", morning="laat", visits="9", link="x"
    )

    assert told.status_code == 422
    assert summary(told) == [
        "De laatste dag komt na de eerste, hoogstens een jaar later.",
        "laat is geen tijd. Schrijf bijvoorbeeld 14:00.",
        "Dit is geen adres van een pagina. Zo'n adres begint met https://.",
        "Vul een heel getal in van 1 tot en met 6.",
    ]
    assert 'value="5-3-2027"' in told.text


def test_stopped_before_a_worker_began_the_first_plan_is_the_plan(season: tuple[Desk, int]) -> None:
    here, season_id = season

    assert press(here, f"/season/{season_id}", "/stop") == 303
    assert "beste plan blijft" in text(here.open(f"/season/{season_id}"))
    assert work.work(QUICK)

    assert len(lines(season_id)) == 2


def test_planned_again_a_pin_stays_and_who_was_set_aside_does_not_come_back(season: tuple[Desk, int]) -> None:
    here, season_id = season
    work.work(QUICK)
    (team, first), (_ict, other) = lines(season_id)
    path = f"/season/{season_id}"

    assert press(here, path, f"/lines/{line_id(season_id, team)}/refusal") == 303
    assert press(here, path, f"/lines/{line_id(season_id, 'ICT')}/pin") == 303
    assert press(here, path, "/plans") == 303
    work.work(QUICK)

    (_team, instead), (_ict, still) = lines(season_id)
    assert {first, instead} == {"Yara Smit", "Lan Vo"}
    assert still == other
    with db.transaction(read_only=True) as session:
        assert [line.pinned_at is not None for line in session.get_one(Season, season_id).plan.lines] in (
            [True, False],
            [False, True],
        )


def test_accepted_lines_are_visits_with_everybody_chosen_and_nobody_mailed(season: tuple[Desk, int]) -> None:
    here, season_id = season
    work.work(QUICK)

    page = here.open(f"/season/{season_id}")
    assert heading(page) == "2 van 2 teams ontmoeten iemand"
    assert press(here, f"/season/{season_id}", "/acceptance") == 303
    assert press(here, f"/season/{season_id}", "/plans") == 303

    with db.transaction(read_only=True) as session:
        made = session.scalars(select(Visit).order_by(Visit.id)).all()
        assert len(made) == 2
        assert [each.invited_at for each in made] == [None, None]
        drafts = {each.teams[0].name: each.draft for each in made}
        assert drafts["Bellers avond A"] is not None
        assert drafts["Bellers avond A"]["staff"] == sorted(here.staff)
    assert count(Invitation) == count(Message) == count(Ask) == 0
    work.work(QUICK)
    assert lines(season_id) == []


def test_one_line_is_accepted_and_a_line_whose_room_was_taken_says_so(season: tuple[Desk, int]) -> None:
    here, season_id = season
    work.work(QUICK)
    ict = line_id(season_id, "ICT")
    page = here.open(f"/season/{season_id}")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]

    def accept(ids: Sequence[int]) -> str:
        sent = {"csrf_token": token, "lines": list(ids)}
        return text(here.client.post(f"/season/{season_id}/acceptance", data=sent, follow_redirects=True))

    assert "Er is één bezoek gemaakt" in accept([ict])
    assert count(Visit) == 1
    with db.transaction() as session:
        left = session.get_one(PlannedLine, line_id(season_id, "Bellers avond A"))
        make.visit(left.wall, room=left.room)
    assert "De ruimte is intussen bezet" in accept([])
    assert count(Visit) == 2


def test_a_team_without_anybody_to_meet_hears_why(season: tuple[Desk, int]) -> None:
    here, season_id = season
    with db.transaction():
        make.staff_member("Kees Prins", make.team("Leiding"))
    work.work(QUICK)

    assert "Leiding is nog aan geen groep klanten gekoppeld." in text(here.open(f"/season/{season_id}"))
