"""Whom could we ask? Who fits and was asked least comes first, with the reasons in words; who may not be asked is not there."""

from datetime import timedelta

from tests import factories as make
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from webapp import db
from webapp.customers.asks import Ask
from webapp.customers.nominations import nominate
from webapp.customers.requests import ConsentRequest
from webapp.groups.models import EndUserGroup, TeamGroupLink

DAY = timedelta(days=1)


def group(name: str) -> EndUserGroup:
    made = EndUserGroup(added_at=NOW)
    made.call(name)
    return make.added(made)


def names(page: str, *among: str) -> list[str]:
    return sorted((each for each in among if each in page), key=page.index)


def test_who_was_asked_least_and_longest_ago_comes_first_and_it_says_why(anna: Organiser) -> None:
    with db.transaction():
        sam, bo, mila = (make.customer(name, group="starters") for name in ("Sam de Vries", "Bo Kaya", "Mila Post"))
        Ask.take(sam, "visit", None, NOW - 20 * DAY)
        Ask.take(bo, "story", None, NOW - 200 * DAY)
        mila.record("willing", NOW - DAY, None)
        make.customer("Anders Niet", ground="withdrawn")
        make.customer("Nog Niet", ground="not_yet")
    page = anna.text("/customers/whom")
    assert names(page, "Sam de Vries", "Bo Kaya", "Mila Post") == ["Mila Post", "Bo Kaya", "Sam de Vries"]
    assert names(page, "Anders Niet", "Nog Niet") == []
    for why in (
        "Wil graag komen.",
        "Werd nog nooit gevraagd.",
        "Hoort bij: starters.",
        "Was nog nooit bij een bezoek.",
    ):
        assert why in page, why


def test_who_rests_or_was_asked_enough_is_not_there_and_who_has_an_owner_says_so(anna: Organiser) -> None:
    with db.transaction():
        make.staff_member("Karin Visser")
        rests, enough = make.customer("Roos Rust"), make.customer("Gijs Genoeg")
        make.customer("Olga Owner", relationship_owner="Karin Visser")
        visit = make.visit(at=make.VISIT_AT - 20 * DAY)
        make.attendance(make.invitation(visit, rests))
        for days in (100, 50):
            Ask.take(enough, "visit", None, NOW - days * DAY)
    page = anna.text("/customers/whom")
    assert names(page, "Roos Rust", "Gijs Genoeg", "Olga Owner") == ["Olga Owner"]
    assert "Karin Visser is de vaste contactpersoon, en wordt eerst gevraagd." in page


def test_a_gap_on_the_map_is_filled_by_who_belongs_to_the_group_under_any_spelling(anna: Organiser) -> None:
    with db.transaction():
        starters, tenants, team = group("starters"), group("huurders"), make.team("Vergunningen")
        spelled = group("startende ondernemers")
        spelled.merged_into_id = spelled.stands_for_id = starters.id
        spelled.merged_at = NOW
        make.added(TeamGroupLink(team_id=team.id, group_id=starters.id, does="geeft vergunningen", added_at=NOW))
        make.customer("Sam de Vries", group="startende ondernemers")
        make.customer("Bo Kaya", group="huurders", locale="en")
        ids = starters.id, tenants.id, team.id
    both = ("Sam de Vries", "Bo Kaya")
    assert names(anna.text(f"/customers/whom?group={ids[0]}"), *both) == ["Sam de Vries"]
    assert names(anna.text(f"/customers/whom?group={ids[1]}"), *both) == ["Bo Kaya"]
    assert names(anna.text("/customers/whom?language=en"), *both) == ["Bo Kaya"]
    linked = anna.text(f"/customers/whom?team={ids[2]}")
    assert names(linked, *both) == ["Sam de Vries"]
    assert "Vergunningen doet dit voor hen: geeft vergunningen" in linked
    assert "Nu is er niemand om te vragen" in anna.text(f"/customers/whom?team={ids[2]}&group={ids[0]}&language=en")


def test_who_was_nominated_for_a_gap_is_there_with_what_to_do(anna: Organiser) -> None:
    with db.transaction():
        starters, tenants, karin = group("starters"), group("huurders"), make.staff_member("Karin Visser")
        sam, bo = (make.customer(name, group="starters", ground=None) for name in ("Sam de Vries", "Bo Kaya"))
        nominate(karin, sam, "Opende een bakkerij.", True, NOW)
        nominate(karin, bo, "", True, NOW)
        nominate(karin, make.customer("Wil Niet", group="starters", ground="withdrawn"), "", True, NOW)
        nominate(karin, make.customer("Mo Aydin", group="huurders", ground=None, email=""), "", True, NOW)
        ConsentRequest.send(bo, "", None, NOW, DAY)
        ids = starters.id, tenants.id, sam.id
    page = anna.get(f"/customers/whom?group={ids[0]}").text
    assert "Voorgedragen door Karin Visser: “Opende een bakkerij.” Vraag toestemming" in words(page)
    assert f'href="/customers/{ids[2]}/ask-consent"' in page
    assert "Bo Kaya Voorgedragen door Karin Visser Om toestemming gevraagd op ma 23 nov" in words(page)
    assert names(page, "Nu is er niemand om te vragen", "Wil Niet", "Mo Aydin") == []
    other = anna.text(f"/customers/whom?group={ids[1]}")
    assert "Mo Aydin Voorgedragen door Karin Visser Leg vast wat aan de telefoon is afgesproken" in other


def test_no_score_is_shown(anna: Organiser) -> None:
    with db.transaction():
        make.customer()
    assert "%" not in words(anna.get("/customers/whom").text)
