"""Groups, rounds and answers as pages: what an organiser reads and presses, and what a colleague does on a phone."""

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.accounts.test_door import PASSWORD, post
from tests.fixtures.database import Clock
from webapp import db, edge, links
from webapp.accounts import passwords
from webapp.groups.models import Asked, EndUserGroup, MappingRound, Suggestion


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
