"""What a name means: decided by a person, never silently, and undone in one place."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from webapp import db
from webapp.customers.models import Customer
from webapp.groups import merging, suggesting
from webapp.groups.models import EndUserGroup, Suggestion

pytestmark = pytest.mark.usefixtures("database")
NOW = factories.NOW + timedelta(hours=1)


def groups_of_customers() -> dict[str, int | None]:
    rows = db.session.execute(select(Customer.group, EndUserGroup.of_customer(Customer.group)))
    return {name: group for name, group in rows}  # noqa: C416  (rows, not pairs)


def waiting() -> list[str]:
    return [each.text for each in suggesting.names("waiting")]


def test_names_that_look_alike_stand_together_and_wait_for_a_person() -> None:
    with db.transaction():
        round, team = factories.mapping_round(), factories.team()
        group = factories.group("Starters")
        factories.asked(round, factories.staff_member(team=team), "startende ondernemers", "Alumni")
        factories.asked(round, factories.staff_member(team=team), "Startende ondernémers")
        found = suggesting.names("waiting", round.id)
        assert [(each.text.casefold().replace("é", "e"), each.count) for each in found] == [
            ("startende ondernemers", 2), ("alumni", 1),
        ]  # fmt: skip
        assert [each.id for each in found[0].alike] == [group.id]
        assert found[1].alike == []
        assert [at for _person, at, _layer in found[0].people] == [team.name]


def test_a_name_that_was_decided_about_holds_for_everybody_who_gives_it_and_is_undone_in_one_place() -> None:
    with db.transaction():
        round = factories.mapping_round()
        group = factories.group("Starters")
        factories.asked(round, factories.staff_member(), "Startende ondernemers")
        spelling = merging.spell("Startende ondernemers", group, None, NOW)
        assert spelling
        factories.asked(factories.mapping_round(), factories.staff_member(), "startende  ondernemers")
        assert waiting() == []
        assert [each.group_id for each in suggesting.names("group")] == [group.id]
        merging.part([spelling])
        assert waiting() == ["Startende ondernemers"]


def test_a_name_set_aside_waits_no_more_until_it_is_taken_back() -> None:
    with db.transaction():
        factories.asked(factories.mapping_round(), factories.staff_member(), "Mijn moeder")
        assert merging.set_aside(["mijn moeder"], None, NOW) == ["mijn moeder"]
        assert merging.set_aside(["mijn moeder"], None, NOW) == []
        assert waiting() == []
        merging.take_back(["mijn moeder"])
        assert waiting() == ["Mijn moeder"]


def test_customers_go_along_with_their_group_however_often_it_is_merged_and_come_back() -> None:
    with db.transaction():
        starters, young, firms = (factories.group(each) for each in ("Starters", "Jonge bedrijven", "Bedrijven"))
        factories.customer(group="Starters")
        factories.customer(group="Onbekend")
        merging.merge([starters], young, None, NOW)
        assert groups_of_customers() == {"Starters": young.id, "Onbekend": None}
        merging.merge([young], firms, None, NOW)
        assert groups_of_customers()["Starters"] == firms.id
        merging.part([young])
        assert groups_of_customers()["Starters"] == young.id
        merging.part([starters])
        assert groups_of_customers()["Starters"] == starters.id


def test_two_groups_are_never_merged_into_each_other() -> None:
    with db.transaction():
        one, other = factories.group("Starters"), factories.group("Bedrijven")
        merging.merge([one], other, None, NOW)
        assert merging.merge([other], one, None, NOW) == []
        assert (one.stands_for_id, other.stands_for_id) == (other.id, None)


def test_a_group_under_another_name_keeps_its_old_one_for_lists_and_answers() -> None:
    with db.transaction():
        group = factories.group("Starters")
        factories.customer(group="Starters")
        factories.asked(factories.mapping_round(), factories.staff_member(), "starters")
        merging.rename(group, "Startende ondernemers", None, NOW)
        assert groups_of_customers() == {"Starters": group.id}
        assert db.session.scalars(select(Suggestion.means())).all() == [group.id]
        merging.rename(group, "Starters", None, NOW)
        assert sorted(db.session.scalars(select(EndUserGroup.name))) == ["Startende ondernemers", "Starters"]
        assert groups_of_customers() == {"Starters": group.id}


def test_a_new_group_is_undone_while_nothing_hangs_on_it() -> None:
    with db.transaction():
        group = merging.add("Alumni", None, NOW)
        link = factories.team_link(factories.team(), group)
        assert not merging.remove(group)
        db.session.delete(link)
        db.session.flush()
        assert merging.remove(group)
        assert merging.find("Alumni") is None
