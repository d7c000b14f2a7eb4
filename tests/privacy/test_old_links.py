"""A link that opens nothing: unknown, forged, truncated, revoked, expired and wrong doors look alike, and a new one is mailed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select
from werkzeug.test import TestResponse

from tests import factories as make
from tests.doors import door, heading
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.access import declared, public_form
from webapp.accounts.models import LinkRequest
from webapp.config import Settings
from webapp.links import Link, Scope

OURS = {"Origin": "http://localhost"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ids(clock: Clock, database: object) -> dict[str, int]:
    clock.at(LATER)
    with db.transaction():
        make.organisation()
        sam = make.invitation(make.visit(), make.customer(email="sam@example.com"))
        femke = make.staff_member("Femke van Dijk", email="femke@uni.example")
        assert sam.address is not None
        assert femke.address is not None
        return {"answer": sam.id, "data": sam.address.id, "stop": sam.address.id, "staff": femke.address.id}


def broken(path: str, other: str) -> dict[str, str]:
    """Ways in which a link is not the link from the mail."""
    start, token = path.rsplit("/", 1)
    selector, mac = token.split(".")
    return {
        "unknown": f"{start}/{selector[::-1]}.{mac}",
        "forged": f"{start}/{selector}.{mac[::-1]}",
        "truncated": path[:-4],
        "without a dot": f"{start}/{selector}{mac}",
        "of another door": f"{start}/{other.rsplit('/', 1)[1]}",
        "no link at all": f"{start}/hallo",
        "not ascii": f"{start}/é.ü",
        "huge": f"{start}/{'A' * 5000}.{'B' * 5000}",
    }


def look(page: TestResponse) -> str:
    """The page without the one value that differs: its own address."""
    return re.sub(r'href="[^"]*lang=en"', "", page.text)


def link_of(scope: str, subject: int) -> Link:
    return db.session.scalars(select(Link).where(Link.scope == scope, Link.subject_id == subject)).one()


@pytest.mark.parametrize("scope", ["answer", "data", "stop", "staff"])
def test_every_broken_link_looks_like_every_other(
    client: FlaskClient, settings: Settings, ids: dict[str, int], scope: Scope
) -> None:
    path = door(settings, scope, ids[scope])
    other = door(settings, "stop" if scope != "stop" else "data", ids["data"])
    pages = {how: client.get(address) for how, address in broken(path, other).items()}
    with db.transaction():
        link_of(scope, ids[scope]).revoke()
    pages["revoked"] = client.get(path)

    assert {how: page.status_code for how, page in pages.items()} == dict.fromkeys(pages, 404)
    assert len({look(page) for page in pages.values()}) == 1
    assert heading(pages["forged"]) == "Deze link werkt niet (meer)"


def test_who_holds_an_expired_key_need_not_say_who_they_are(
    client: FlaskClient, settings: Settings, ids: dict[str, int]
) -> None:
    path = door(settings, "answer", ids["answer"])
    with db.transaction():
        link_of("answer", ids["answer"]).expires_at = NOW
    page = client.get(path)
    assert (page.status_code, heading(page)) == (404, "Deze link werkt niet (meer)")
    assert 'name="email"' not in page.text

    told = client.post("/link", data={"scope": "answer", "token": path.rsplit("/", 1)[1]}, headers=OURS)
    assert told.location == "/link/sent"
    with db.transaction():
        request = db.session.scalars(select(LinkRequest)).one()
        assert (request.address_id, request.scope, request.subject_id) == (ids["data"], "answer", ids["answer"])
    assert client.get(path).status_code == 404
    assert client.get(door(settings, "answer", ids["answer"])).status_code == 200


def ask(client: FlaskClient, email: str, scope: str = "answer") -> tuple[int, str]:
    told = client.post("/link", data={"scope": scope, "email": email}, headers=OURS)
    return told.status_code, heading(client.get(told.location)) + client.get(told.location).text


def test_known_and_unknown_addresses_read_the_same(client: FlaskClient, ids: dict[str, int]) -> None:
    known, unknown, nonsense = (
        ask(client, email) for email in ("Sam@Example.com ", "nobody@example.com", "' or 1=1 --")
    )

    assert known == unknown == nonsense
    assert "Kennen wij dit adres, dan ligt er nu een mail." in known[1]
    with db.transaction():
        assert db.session.scalars(select(LinkRequest.address_id)).all() == [ids["data"]]


def test_a_customer_gets_their_next_visit_and_a_colleague_their_own_page(
    client: FlaskClient, ids: dict[str, int], clock: Clock
) -> None:
    ask(client, "sam@example.com")
    ask(client, "femke@uni.example", "staff")
    clock.forward(days=20)
    ask(client, "sam@example.com")

    with db.transaction():
        asked = db.session.scalars(select(LinkRequest).order_by(LinkRequest.id)).all()
        assert [(each.scope, each.subject_id) for each in asked] == [
            ("answer", ids["answer"]), ("staff", ids["staff"]), ("data", ids["data"]),
        ]  # fmt: skip


def test_a_mailbox_is_not_filled_by_asking_and_asking(client: FlaskClient, ids: dict[str, int]) -> None:
    for _ in range(5):
        ask(client, "sam@example.com")
    with db.transaction():
        assert len(db.session.scalars(select(LinkRequest)).all()) == 1


def test_asking_too_often_is_refused(client: FlaskClient, ids: dict[str, int]) -> None:
    codes = [client.post("/link", data={"email": "x"}, headers=OURS).status_code for _ in range(11)]
    assert (codes[0], codes[-1]) == (303, 429)


def test_it_must_be_asked_from_our_own_page(client: FlaskClient, ids: dict[str, int]) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert client.post("/link", data={"email": "sam@example.com"}, headers=headers).status_code == 403
    with db.transaction():
        assert db.session.scalars(select(LinkRequest)).all() == []


def test_only_these_forms_need_no_token(app: Flask) -> None:
    """The public page for a story, and this one; beside the One-Click POST of RFC 8058, which the door of `stop` alone takes."""
    free = [e for e, view in app.view_functions.items() if declared(view, e) is public_form]
    assert sorted(free) == ["old_link.ask", "telling.tell", "telling.vertel"]


def test_it_is_the_same_work_to_say_no(
    client: FlaskClient, settings: Settings, ids: dict[str, int], database: Engine
) -> None:
    """So it takes the same time: nobody learns from a clock which links exist."""
    path = door(settings, "answer", ids["answer"])
    asked: list[str] = []

    def note(*call: Any) -> None:
        asked.append(call[2])

    def work(address: str) -> list[str]:
        asked.clear()
        client.get(address)
        return list(asked)

    client.get("/a/warm.up")
    event.listen(database, "before_cursor_execute", note)
    try:
        done = {how: work(at) for how, at in broken(path, door(settings, "data", ids["data"])).items()}
        with db.transaction():
            link_of("answer", ids["answer"]).revoke()
        done["revoked"] = work(path)
    finally:
        event.remove(database, "before_cursor_execute", note)
    assert {how: statements for how, statements in done.items() if statements != done["unknown"]} == {}
