"""Calendars that follow the visits: what a calendar reads, an update in place, and a link that can be taken back."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from tests import factories as make
from tests.doors import door
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.config import Settings
from webapp.visits.models import Visit


@pytest.fixture
def thursday(clock: Clock, database: object) -> Visit:
    """Bellers avond A on Thursday 3 December, 14:00; invited, and Sam de Vries tells."""
    clock.at(make.NOW)
    with db.transaction():
        make.organisation()
        visit = make.visit(teams=[make.team("Bellers avond A")], invited_at=make.NOW)
        make.answer(make.invitation(visit, make.customer("Sam de Vries")))
        make.visit(teams=visit.teams, room=make.room(name="Kelder"))  # being prepared: nobody knows of it yet
        db.session.expunge(visit)
    return visit


def events(client: FlaskClient, path: str) -> list[tuple[str, int, datetime, str, str]]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return [
        (
            str(each["UID"]),
            int(each.decoded("SEQUENCE")),
            each.decoded("DTSTART"),
            str(each["SUMMARY"]),
            str(each["STATUS"]),
        )
        for each in Calendar.from_ical(answer.data).walk("VEVENT")
    ]


def test_all_four_show_the_same_visit_and_no_name_of_a_customer(
    client: FlaskClient, thursday: Visit, settings: Settings
) -> None:
    with db.transaction():
        team = db.session.get_one(Visit, thursday.id).teams[0].id
    whose = {
        "feed_organiser": thursday.organiser_id, "feed_host": thursday.host_id, "feed_team": team,
        "feed_room": thursday.room_id or 0,
    }  # fmt: skip
    pages = [door(settings, scope, id) for scope, id in whose.items()]  # type: ignore[arg-type]  # each is a Scope
    starts = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
    seen = {page: events(client, page) for page in pages}
    assert [[each[1:] for each in found] for found in seen.values()] == [
        [(0, starts, "Klantbezoek bij Bellers avond A", "CONFIRMED")]
    ] * 4
    assert len({found[0][0] for found in seen.values()}) == 1
    assert "Sam" not in "".join(client.get(page).text for page in pages)


def test_a_move_and_a_cancellation_arrive_in_place(
    client: FlaskClient, thursday: Visit, settings: Settings, clock: Clock
) -> None:
    page = door(settings, "feed_host", thursday.host_id)
    before = client.get(page)
    assert client.get(page, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    [(uid, *_rest)] = events(client, page)
    with db.transaction():
        make.move(db.session.get_one(Visit, thursday.id), datetime.fromisoformat("2026-12-10T10:00"))
    assert client.get(page, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200
    moved = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    assert events(client, page) == [(uid, 1, moved, "Klantbezoek bij Bellers avond A", "CONFIRMED")]
    with db.transaction():
        make.cancel(db.session.get_one(Visit, thursday.id))
    assert events(client, page) == [(uid, 2, moved, "Klantbezoek bij Bellers avond A", "CANCELLED")]
    clock.at(make.NOW + timedelta(days=60))
    assert events(client, page) == []


def test_each_is_written_in_its_readers_language(client: FlaskClient, thursday: Visit, settings: Settings) -> None:
    with db.transaction():
        host = db.session.get_one(Visit, thursday.id).host
        assert host.address
        host.address.locale = "en"
    page = door(settings, "feed_host", thursday.host_id)
    assert "Customer visit at Bellers avond A" in client.get(page).text.replace("\r\n ", "")


def test_a_link_is_made_followed_and_renewed(app: Flask, client: FlaskClient, thursday: Visit) -> None:
    desk = signed_in(app, "organiser")
    page = desk.get("/visits/calendars").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "of": "feed_room", "id": str(thursday.room_id)}

    def link() -> str:
        found = re.search(r'href="webcal://[^/"]+(/fr/[^"]+)"', desk.get("/visits/calendars").text)
        assert found
        return unescape(found[1])

    desk.post("/visits/calendars", data=form)
    first = link()
    assert len(events(client, first)) == 1
    desk.post("/visits/calendars", data=form | {"renew": "1"})
    assert (client.get(first).status_code, len(events(client, link()))) == (404, 1)


def test_nobody_takes_the_calendar_of_another_organiser(app: Flask, thursday: Visit) -> None:
    desk = signed_in(app, "admin")
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/visits/calendars").text)
    assert token
    wrong = [("feed_organiser", thursday.organiser_id), ("feed_room", 999_999), ("answer", 1)]
    given = [{"csrf_token": token[1], "of": of, "id": id} for of, id in wrong]
    assert [desk.post("/visits/calendars", data=each).status_code for each in given] == [404, 404, 404]
