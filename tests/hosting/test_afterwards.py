"""The day itself: what a host writes down about a visit stays, waits for whom it is for, and is forgotten in time."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories as make
from tests.browser.reading import Reading
from tests.doors import door, nonce, press
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import clock as application_clock
from webapp import db, rounds
from webapp.accounts.models import Account
from webapp.config import Settings
from webapp.hosting.models import Exposure, Incident, Promise
from webapp.invitations.models import Invitation
from webapp.mailing.models import Message
from webapp.privacy import retention
from webapp.visits.models import Visit

BEGUN = make.NOW + timedelta(days=10, hours=5)  # the visit is at 14:00 on the Thursday of the week after
EXPOSURE: dict[str, Any] = {
    "part": "exposure", "told": "customer", "way": "live", "minutes": "6", "others": "2", "debrief": "Geen klant. Een mens.",
}  # fmt: skip


@pytest.fixture
def page(client: FlaskClient, settings: Settings, clock: Clock) -> str:
    """The host's page of a visit that has begun: Sam tells, Bo is asked, Vera of the team is not."""
    clock.at(make.NOW)
    with db.transaction():
        make.organisation()
        team = make.team()
        make.staff_member("Vera Groen", team)
        visit = make.visit(teams=[team])
        make.answer(make.invitation(visit, make.customer("Sam de Vries")))
        make.answer(make.invitation(visit, make.staff_member("Bo Smit", team)))
        visit_id = visit.id
    clock.at(BEGUN)
    return door(settings, "host", visit_id)


def promise(**values: Any) -> dict[str, Any]:
    with db.transaction():
        to = db.session.scalars(select(Invitation.id).where(Invitation.customer_id.is_not(None))).one()
        owner = db.session.scalars(select(Account.id).order_by(Account.id)).first()
    usual = {"part": "promise", "promise": "De foto sturen", "to_whom": to, "owner": owner, "due": "2026-12-10"}
    return usual | values


def token(desk: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', desk.get("/today").text)
    assert found
    return found[1]


def words(answer: Any) -> str:
    return Reading.of(answer.text).words()


def test_how_it_was_told_stands_on_the_page_again(client: FlaskClient, page: str) -> None:
    answer = press(client, page, **EXPOSURE)
    assert answer.location == f"{page}?written=exposure#after"
    press(client, page, **EXPOSURE | {"minutes": "7"})
    with db.transaction():
        kept = db.session.scalars(select(Exposure)).one()
        assert (kept.told, kept.way, kept.minutes, kept.others) == ("customer", "live", 7, 2)
    assert "Geen klant. Een mens." in client.get(page).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"told": "somebody"}, "Kies wie het vertelde."),
        ({"way": ""}, "Kies of het ter plekke of online was."),
        ({"minutes": "0"}, "Vul hele minuten in: 1 tot en met 600."),
        ({"minutes": "٥"}, "Vul hele minuten in: 1 tot en met 600."),
        ({"others": "-1"}, "Vul een heel getal in: 0 tot en met 999."),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(
    client: FlaskClient, page: str, wrong: dict[str, str], said: str
) -> None:
    answer = press(client, page, **EXPOSURE | wrong)
    assert (answer.status_code, said in words(answer), "Geen klant. Een mens." in answer.text) == (422, True, True)
    with db.transaction():
        assert db.session.scalars(select(Exposure)).all() == []


def test_a_promise_waits_for_whoever_keeps_it_until_it_is_done(app: Flask, client: FlaskClient, page: str) -> None:
    for _ in range(2):  # a phone that sends twice
        press(client, page, **promise())
    with db.transaction():
        kept = db.session.scalars(select(Promise)).one()
        secret = kept.owner.sign_in(application_clock.real(), "tests")[1]
        assert (kept.words, kept.due) == ("De foto sturen", date(2026, 12, 10))
        number = kept.id
    desk = app.test_client()
    with desk.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    assert "Beloofd aan Sam de Vries : De foto sturen" in words(desk.get("/today"))
    said = desk.post(f"/promises/{number}/kept", data={"next": "/today", "csrf_token": token(desk)})
    assert said.location == "/today"
    assert "De foto sturen" not in desk.get("/today").text
    assert "klaar" in words(client.get(page))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"promise": " "}, "Schrijf op wat er beloofd is."),
        ({"to_whom": "999999"}, "Kies aan wie."),
        ({"owner": "999999"}, "Kies wie het nakomt."),
        ({"due": "2026-12-02"}, "Kies een dag vanaf vandaag."),
        ({"due": "morgen"}, "Kies een dag vanaf vandaag."),
    ],
)
def test_a_promise_says_to_whom_by_whom_and_by_when(
    client: FlaskClient, page: str, wrong: dict[str, str], said: str
) -> None:
    answer = press(client, page, **promise(**wrong))
    assert (answer.status_code, said in words(answer)) == (422, True)


def test_what_went_wrong_waits_for_who_organises_until_it_is_seen_to(
    app: Flask, client: FlaskClient, page: str
) -> None:
    press(client, page, part="incident", words="De lift was stuk.")
    desk = signed_in(app, "admin")
    assert "De lift was stuk." in desk.get("/today?whose=others").text
    with db.transaction():
        incident = db.session.scalars(select(Incident)).one()
        number, visit = incident.id, incident.visit_id
    desk.post(f"/incidents/{number}/seen", data={"csrf_token": token(desk)})
    assert "De lift was stuk." not in desk.get("/today?whose=others").text
    assert "De lift was stuk." in desk.get(f"/visits/{visit}").text


def test_a_colleague_who_walks_in_was_there_and_gets_no_mail_from_before(
    client: FlaskClient, page: str, settings: Settings, clock: Clock
) -> None:
    vera = next(line for line in client.get(page).text.splitlines() if "Vera Groen" in line and "walked_in" in line)
    number = vera.partition('name="walked_in" value="')[2].partition('"')[0]
    press(client, page, walked_in=number)
    press(client, page, walked_in=number)
    with db.transaction():
        came = db.session.scalars(select(Invitation).where(Invitation.staff_id == int(number))).one()
        assert (came.partstat, came.attendance is not None and came.attendance.present) == ("accepted", True)
        address = came.staff.address_id if came.staff else 0
    press(client, page, all="1", finish="1")
    for days in (0, 1, 2, 3):
        clock.at(BEGUN + timedelta(days=days, hours=1))
        rounds.tick(settings, wide=True)
    with db.transaction():
        mail = select(Message.notice).where(Message.address_id == address).order_by(Message.notice)
        assert list(db.session.scalars(mail)) == ["staff_after_survey"]


def test_before_it_has_begun_nothing_is_written_down_and_nobody_walks_in(
    client: FlaskClient, page: str, clock: Clock
) -> None:
    form = nonce(client.get(page))
    clock.at(BEGUN - timedelta(days=1))
    assert client.post(page, data={"nonce": form, **EXPOSURE}).status_code == 400
    assert "Vera Groen" not in client.get(page).text


def test_with_who_was_there_the_words_of_the_day_are_forgotten(client: FlaskClient, page: str) -> None:
    for form in (EXPOSURE, promise(), {"part": "incident", "words": "De lift was stuk."}):
        press(client, page, **form)
    with db.transaction():
        retention.night(BEGUN + timedelta(days=400), ("k" * 40,))
    with db.transaction():
        assert [db.session.scalars(select(table)).all() for table in (Promise, Incident)] == [[], []]
        assert [(each.minutes, each.debrief) for each in db.session.scalars(select(Exposure))] == [(6, "")]
        assert db.session.scalars(select(Visit)).one().came is None
