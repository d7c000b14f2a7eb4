"""The coverage map: who named, heard, met or never met whom, and what it comes to."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests import factories
from tests.fixtures.database import Clock
from tests.groups.test_pages import signed_in
from webapp import db
from webapp.board import on_lists
from webapp.board.coverage import Coverage, Filters
from webapp.groups import merging
from webapp.staff.models import Team
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("database")
NOW = factories.NOW


def levels(shown: Coverage) -> dict[tuple[str, str], str]:
    return {(row.name, group.name): cell.level for row, group, cell in shown.cells}


def met(team: Team, group: str, days_ago: int = 10) -> None:
    visit = factories.visit((NOW - timedelta(days=days_ago)).replace(tzinfo=None), teams=[team])
    invitation = factories.invitation(visit, factories.customer(group=group), NOW - timedelta(days=days_ago + 5))
    factories.answer(invitation)
    factories.attendance(invitation)
    listened(visit, team)
    visit.finished_at = visit.ends_at


def listened(visit: Visit, team: Team, present: bool = True) -> None:
    """A colleague of the team said yes, and was ticked as there or not."""
    invitation = factories.invitation(visit, factories.staff_member(team=team))
    factories.answer(invitation)
    factories.attendance(invitation, present)


def test_a_cell_says_the_most_that_happened_between_a_team_and_a_group() -> None:
    with db.transaction():
        team = factories.team("ICT", "support")
        students, parents, alumni = (factories.group(each) for each in ("Student", "Ouder", "Alumnus"))
        factories.group("Leverancier")
        met(team, "Student")
        met(team, "Student", 20)
        coming = factories.visit(teams=[team])
        factories.answer(factories.invitation(coming, factories.customer(group="Ouder")))
        factories.asked(factories.mapping_round(), factories.staff_member(team=team), "alumnus", "student")
        factories.team_link(team, alumni, "Zij bouwen het formulier.")
        shown = Coverage(NOW)
        assert levels(shown) == {
            ("ICT", "Alumnus"): "never", ("ICT", "Ouder"): "planned", ("ICT", "Student"): "met",
        }  # fmt: skip
        cells = next(row for row in shown.rows if row.name == "ICT").cells
        assert (cells[students.id].met, cells[students.id].named) == (2, 1)
        assert cells[parents.id].next_at == coming.starts_at
        assert (cells[alumni.id].does, cells[alumni.id].named) == ("Zij bouwen het formulier.", 1)
        assert [group.name for group in shown.never_met] == ["Alumnus", "Leverancier"]


def test_who_was_cancelled_withdrawn_or_not_there_was_not_met() -> None:
    with db.transaction():
        team = factories.team()
        factories.team_link(team, factories.group("Student"))
        past = (NOW - timedelta(days=3)).replace(tzinfo=None)
        alone = factories.visit(past, teams=[team])
        factories.attendance(factories.invitation(alone, factories.customer(group="Student")), present=False)
        listened(alone, team)
        off = factories.visit(past, teams=[team])
        factories.answer(factories.invitation(off, factories.customer(group="Student")))
        factories.cancel(off)
        back = factories.invitation(factories.visit(teams=[team]), factories.customer(group="Student"))
        factories.answer(back)
        back.withdrawn_at = NOW
        db.session.flush()
        assert list(levels(Coverage(NOW)).values()) == ["never"]


def test_a_team_of_which_nobody_was_there_met_nobody() -> None:
    with db.transaction():
        absent, there = factories.team("ICT"), factories.team("Bellers")
        visit = factories.visit((NOW - timedelta(days=3)).replace(tzinfo=None), teams=[absent])
        factories.attendance(factories.invitation(visit, factories.customer(group="Student")))
        factories.team_link(absent, factories.group("Student"))
        listened(visit, absent, present=False)
        listened(visit, there)
        shown = Coverage(NOW)
        assert levels(shown) == {("ICT", "Student"): "never", ("Bellers", "Student"): "met"}
        assert [row.name for row in shown.met_nobody] == ["ICT"]


def test_who_said_yes_and_was_not_ticked_yet_did_not_meet() -> None:
    with db.transaction():
        team = factories.team("ICT")
        visit = factories.visit((NOW - timedelta(days=3)).replace(tzinfo=None), teams=[team])
        factories.team_link(team, factories.group("Student"))
        factories.answer(factories.invitation(visit, factories.customer(group="Student")))
        listened(visit, team)
        assert list(levels(Coverage(NOW)).values()) == ["never"]


def test_what_a_merged_group_met_counts_for_the_one_it_was_merged_into() -> None:
    with db.transaction():
        team = factories.team("ICT")
        student, young = factories.group("Student"), factories.group("Jongere")
        met(team, "Student")
        factories.team_link(team, young)
        merging.merge([student], young, None, NOW + timedelta(hours=1))
        assert levels(Coverage(NOW)) == {("ICT", "Jongere"): "met"}
        merging.part([student])
        assert levels(Coverage(NOW)) == {("ICT", "Jongere"): "never", ("ICT", "Student"): "met"}


def test_a_visit_with_two_teams_of_a_layer_is_one_visit_of_that_layer() -> None:
    with db.transaction():
        one, other, group = factories.team(), factories.team(), factories.group("Student")
        past = (NOW - timedelta(days=3)).replace(tzinfo=None)
        visit = factories.visit(past, teams=[one, other])
        factories.attendance(factories.invitation(visit, factories.customer(group="Student")))
        listened(visit, one)
        listened(visit, other)
        (layer,) = Coverage(NOW).layers
        assert (layer.name, layer.cells[group.id].met) == ("front_line", 1)


def test_gaps_begin_with_whom_a_team_works_for_and_most_named() -> None:
    with db.transaction():
        team, round = factories.team("ICT"), factories.mapping_round()
        factories.group("Alumnus")
        factories.group("Ouder")
        linked = factories.group("Student")
        factories.team_link(team, linked)
        for names in (("Ouder", "Alumnus"), ("Ouder",)):
            factories.asked(round, factories.staff_member(team=team), *names)
        assert [group.name for _row, group, _cell in Coverage(NOW).gaps] == ["Student", "Ouder", "Alumnus"]


def test_filters_leave_a_part_of_the_map() -> None:
    with db.transaction():
        ict, calls = factories.team("ICT", "support"), factories.team("Bellers")
        student, supplier = factories.group("Student"), factories.group("Drukker", kind="supplier")
        for team in (ict, calls):
            factories.team_link(team, student)
            factories.team_link(team, supplier)
        assert list(levels(Coverage(NOW, Filters(layer="support", kind="supplier")))) == [("ICT", "Drukker")]


def test_names_on_lists_that_are_no_group_are_offered_the_most_used_first() -> None:
    with db.transaction():
        known = factories.group("Starters")
        for name in ("Starters", "Alumni", "Alumni", "Startende ondernemers", ""):
            factories.customer(group=name)
        found = on_lists.names_on_lists()
        assert [(each.name, each.count, [group.id for group in each.alike]) for each in found] == [
            ("Alumni", 2, []), ("Startende ondernemers", 1, [known.id]),
        ]  # fmt: skip
        assert on_lists.customers_by_group() == {known.id: 1}


def test_the_page_begins_with_the_conclusion(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    with db.transaction():
        ict, group = factories.team("ICT", "support"), factories.group("Student")
        factories.team_link(ict, group, "Zij bouwen het formulier.")
    page = client.get("/groups").text
    assert "<h1>ICT heeft nog nooit iemand ontmoet voor wie het werkt</h1>" in page
    assert f'href="/customers/whom?group={group.id}&amp;team={ict.id}"' in page
    assert "Zij bouwen het formulier." in page
    assert client.get("/groups?layer=support&time=past&by=layer").status_code == 200
    with db.transaction():
        met(db.session.get_one(Team, ict.id), "Student")
    assert "<h1>Elk team heeft ontmoet of gehoord voor wie het werkt</h1>" in client.get("/groups").text
