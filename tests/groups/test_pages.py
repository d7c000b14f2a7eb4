"""Groups, rounds and answers as pages: what an organiser reads and presses, and what a colleague does on a phone."""

import re
from datetime import timedelta
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.accounts.test_door import PASSWORD, post
from tests.fixtures.database import Clock
from webapp import db, edge, links
from webapp.accounts import passwords
from webapp.groups.models import Asked, EndUserGroup, MappingRound, Suggestion, TeamGroupLink
from webapp.mailing.models import Address


def signed_in(client: FlaskClient, clock: Clock) -> FlaskClient:
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        factories.account(email="a.bakker@uni.example").password_hash = passwords.hash_of(PASSWORD)
    post(client, "/login", email="a.bakker@uni.example", password=PASSWORD)
    return client


def colleagues(per_layer: int = 3) -> None:
    with db.transaction():
        for layer in ("front_line", "back_office", "support", "management"):
            team = factories.team(f"Team {layer}", layer)
            for number in range(per_layer):
                factories.staff_member(f"Kim Jansen{number}", team)


def start(client: FlaskClient) -> int:
    page = client.get("/groups/rounds/new").text
    fields = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition('/groups/rounds"')[2])
    )
    sent = client.post("/groups/rounds", data=fields)
    return int(sent.headers["Location"].rpartition("/")[2])


def door(client: FlaskClient, asked_id: int) -> str:
    with db.transaction(), client.application.app_context():
        return "/k/" + edge.keys().token(links.ensure("mapping", [asked_id])[asked_id])


def nonce(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


def answered(client: FlaskClient, path: str, **fields: object) -> str:
    sent = client.post(path, data={"nonce": nonce(client.get(path).text)} | fields)
    assert sent.status_code == 303, sent.text
    return client.get(path).text


def names() -> list[tuple[int, str, bool]]:
    with db.transaction():
        said = db.session.scalars(select(Suggestion).order_by(Suggestion.question, Suggestion.id))
        return [(each.question, each.text, each.ticked) for each in said]


def test_before_a_round_starts_the_real_mail_of_each_is_read_and_its_link_only_shows(
    client: FlaskClient, clock: Clock
) -> None:
    signed_in(client, clock)
    colleagues()
    with db.transaction():
        email = db.session.scalars(select(Address).order_by(Address.id.desc())).first()
        assert email
        email.locale = "en"  # the hardest to get right comes first
        address = email.email
    page = client.get("/groups/rounds/new").text
    assert (address in page, "Whom is your work for? Three short questions" in page) == (True, True)
    frame = re.search(r'<iframe src="([^"]+)"', page)
    assert frame
    mail = client.get(unescape(frame[1]))
    assert "default-src 'none'" in mail.headers["Content-Security-Policy"]
    link = re.search(r'href="http://[^"/]+(/groups/rounds/new/\d+/page)"', mail.text)
    assert link
    assert "Preview: buttons do nothing here." in client.get(link[1]).text
    after = re.search(r'href="([^"]+)#mail"[^>]*data-next', page)
    assert after
    assert address not in re.sub(
        r"<iframe.*", "", client.get(unescape(after[1])).text.partition("<dl>")[2].partition("</dl>")[0]
    )
    with db.transaction():
        assert db.session.scalars(select(MappingRound)).all() == []


def test_without_groups_the_page_says_what_it_is_for(client: FlaskClient, clock: Clock) -> None:
    assert "Voor wie werken jullie? Voeg een eerste groep toe" in signed_in(client, clock).get("/groups").text


def test_a_group_is_added_and_a_second_one_by_the_same_name_is_not(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    chosen = {"kind": "customer", "time": "present", "relation": "direct", "description": "Zij krijgen een beurs."}
    post(client, "/groups/new", name="Beursstudent", **chosen)
    again = post(client, "/groups/new", name="  beursstudent ", **chosen)
    assert again.status_code == 422
    assert "Deze naam hoort al bij een groep: Beursstudent." in again.text
    with db.transaction():
        assert [each.name for each in db.session.scalars(select(EndUserGroup))] == ["Beursstudent"]


def test_a_round_goes_from_its_start_to_an_answer_to_a_group(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    colleagues()
    number = start(client)
    with db.transaction():
        assert db.session.get_one(MappingRound, number).asked_count == 12
        first = db.session.scalars(select(Asked).order_by(Asked.id)).first()
        assert first
        path = door(client, first.id)
    clock.at(factories.NOW + timedelta(hours=1))
    page = answered(client, path, q1=["Beursstudenten", "Ouders; de decaan"], q3=["Alumni"])
    assert "Dit heb je gezegd" in page
    assert names() == [
        (1, "Beursstudenten", False), (1, "Ouders", False), (1, "de decaan", False), (3, "Alumni", False),
    ]  # fmt: skip
    shown = client.get(f"/groups/rounds/{number}").text
    assert "1 van 12 collega’s hebben geantwoord" in shown
    assert "“Beursstudenten”" in shown
    post(
        client, "/groups/decisions", f"/groups/rounds/{number}", names="Beursstudenten", what="new", name="Beursstudent"
    )
    with db.transaction():
        found = db.session.scalars(select(EndUserGroup).order_by(EndUserGroup.id)).all()
        assert [(each.name, each.stands_for_id) for each in found] == [
            ("Beursstudent", None), ("Beursstudenten", found[0].id),
        ]  # fmt: skip
    page = client.get("/groups").text
    assert "Beursstudent" in page
    assert 'data-level="never"' in page
    assert re.search(r"/customers/whom\?group=\d+&amp;team=\d+", page)


def asked_on_a_phone(client: FlaskClient, clock: Clock) -> str:
    """Somebody's way to the three questions, of a round that is open."""
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        asked = factories.asked(factories.mapping_round(), factories.staff_member(team=factories.team())).id
    return door(client, asked)


def test_answers_are_changed_until_the_round_closes_and_then_read_back(client: FlaskClient, clock: Clock) -> None:
    path = asked_on_a_phone(client, clock)
    answered(client, path, q1="Studenten", q2="Ouders")
    assert 'value="Ouders"' in client.get(path + "?change=1").text
    assert (
        client.post(path, data={"nonce": nonce(client.get(path + "?change=1").text), "q1": "Alumni"}).status_code == 303
    )
    assert names() == [(1, "Alumni", False)]
    page = client.get(path + "?change=1").text
    clock.at(factories.NOW + timedelta(days=14))
    assert client.post(path, data={"nonce": nonce(page), "q1": "Te laat"}).status_code == 410
    assert "Alumni" in client.get(path).text
    assert names() == [(1, "Alumni", False)]


def test_nothing_filled_in_asks_for_one_name(client: FlaskClient, clock: Clock) -> None:
    path = asked_on_a_phone(client, clock)
    sent = client.post(path, data={"nonce": nonce(client.get(path).text), "q1": " "})
    assert sent.status_code == 422
    assert "Noem minstens één groep" in sent.text


def test_a_look_answers_nothing_and_after_the_round_there_is_nothing_to_answer(
    client: FlaskClient, clock: Clock
) -> None:
    path = asked_on_a_phone(client, clock)
    client.get(path)
    assert names() == []
    clock.at(factories.NOW + timedelta(days=15))
    assert client.get(path).status_code == 410


def test_a_group_is_ticked_and_a_name_that_looks_like_one_is_asked_about(client: FlaskClient, clock: Clock) -> None:
    path = asked_on_a_phone(client, clock)
    with db.transaction():
        group = factories.group("Starters").id
    page = answered(client, path, g1=str(group), q2="startende ondernemers")
    assert names() == [(1, "Starters", True), (2, "startende ondernemers", False)]
    assert "Ik bedoel de groep Starters" in page
    with db.transaction():
        said = db.session.scalars(select(Suggestion.id).where(Suggestion.question == 2)).one()
    meant = {"nonce": nonce(page), "name": said, "group": group}
    assert "= Starters" in client.post(path + "/meant", data=meant, follow_redirects=True).text
    again = meant | {"nonce": nonce(client.get(path).text), "group": 0}
    assert "= Starters" not in client.post(path + "/meant", data=again, follow_redirects=True).text


def test_a_round_is_taken_back_within_the_hold_and_stopped_after_it(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    colleagues()
    first = start(client)
    post(client, f"/groups/rounds/{first}/undo", f"/groups/rounds/{first}")
    assert client.get(f"/groups/rounds/{first}").status_code == 404
    second = start(client)
    clock.at(factories.NOW + timedelta(hours=1))
    post(client, f"/groups/rounds/{second}/undo", f"/groups/rounds/{second}")
    post(client, f"/groups/rounds/{second}/stop", f"/groups/rounds/{second}")
    assert "Gestopt op" in client.get(f"/groups/rounds/{second}").text
    post(client, f"/groups/rounds/{second}/reopening", f"/groups/rounds/{second}")
    assert "Open tot" in client.get(f"/groups/rounds/{second}").text


def test_groups_are_merged_and_parted_again(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    with db.transaction():
        one, other = factories.group("Starters").id, factories.group("Ondernemers").id
    clock.at(factories.NOW + timedelta(hours=1))
    look = f"/groups/merging?groups={one}&groups={other}"
    assert "Voeg 2 groepen samen" in client.get(look).text
    done = post(client, "/groups/merging", look, groups=[one, other], into=other)
    assert done.headers["Location"].endswith(f"/groups/{other}")
    assert "Starters" in client.get(f"/groups/{other}").text
    post(client, f"/groups/{other}/parts", f"/groups/{other}", groups=str(one))
    with db.transaction():
        assert db.session.get_one(EndUserGroup, one).merged_into_id is None


def test_a_name_from_a_list_becomes_a_group_or_another_name_of_one(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    with db.transaction():
        factories.customer(group="Starters")
        factories.customer(group="starters")
    assert "Op lijsten, en nog geen groep" in client.get("/groups").text
    post(client, "/groups/decisions", "/groups", names="Starters", what="new", back="/groups")
    with db.transaction():
        group = db.session.scalars(select(EndUserGroup.id)).one()
    post(client, "/groups/decisions", "/groups", names="starters", what="same", group=group, back="/groups")
    page = client.get("/groups").text
    assert "Op lijsten, en nog geen groep" not in page
    assert "2 mensen op onze lijsten" in page


def test_a_team_is_linked_with_what_it_does_and_unlinked_again(client: FlaskClient, clock: Clock) -> None:
    signed_in(client, clock)
    with db.transaction():
        group, team = factories.group("Starters").id, factories.team("ICT").id
    page = f"/groups/{group}"
    post(client, f"{page}/links", page, team=team, does="Zij bouwen het formulier.")
    post(client, f"{page}/links", page, team=team, does="Zij bouwen alles.")
    assert "Zij bouwen alles." in client.get(page).text
    with db.transaction():
        link = db.session.scalars(select(TeamGroupLink.id)).one()
    post(client, f"/groups/links/{link}/removal", page)
    with db.transaction():
        assert db.session.scalars(select(TeamGroupLink)).all() == []


def test_my_page_shows_the_round_that_is_open(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        person = factories.staff_member()
        asked = factories.asked(factories.mapping_round(), person).id
        mailbox = person.address_id or 0
        with client.application.app_context():
            mine = "/m/" + edge.keys().token(links.ensure("staff", [mailbox])[mailbox])
    path = door(client, asked)
    assert path in client.get(mine).text
    clock.at(factories.NOW + timedelta(days=15))
    assert path not in client.get(mine).text
