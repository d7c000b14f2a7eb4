"""Answering from a link, on a phone, without script; and reading the result."""

import re
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.accounts.test_door import PASSWORD, post
from tests.fixtures.database import Clock
from webapp import db, edge, links
from webapp.accounts import passwords
from webapp.surveys import box
from webapp.surveys.instruments import CHECKS, CUSTOMER, STAFF
from webapp.surveys.models import Register, WaitingBallot


def survey_path(client: FlaskClient, staff: bool = False) -> str:
    with db.transaction():
        factories.organisation()
        person = factories.staff_member() if staff else factories.customer()
        entry = factories.register(factories.invitation(factories.visit(), person), factories.NOW)
        link = links.ensure("survey", [entry.id])[entry.id]
        with client.application.app_context():
            return "/s/" + edge.keys().token(link)


def nonce(page: str) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_number_tapped_in_the_mail_is_ready_on_the_page(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    page = client.get(survey_path(client) + "?q1=4").text
    assert re.search(r'name="heard" value="4" checked', page)


def test_a_tap_alone_is_no_answer(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    client.get(survey_path(client) + "?q1=4")
    with db.transaction():
        assert db.session.scalars(select(WaitingBallot)).all() == []
        assert not db.session.scalars(select(Register)).one().answered


def test_a_customer_sends_one_answer_and_is_thanked(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    path = survey_path(client)
    page = client.get(path + "?q1=4").text
    answer = client.post(path, data={"nonce": nonce(page), "heard": "4"}, follow_redirects=True)
    assert "Uw antwoorden zijn binnen" in answer.text
    assert "checked" not in client.get(path).text
    with db.transaction():
        assert [ballot.answers for ballot in db.session.scalars(select(WaitingBallot))] == [{"heard": 4}]


def test_nothing_filled_in_asks_for_one_answer(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    path = survey_path(client)
    answer = client.post(path, data={"nonce": nonce(client.get(path).text)})
    assert answer.status_code == 422
    assert "<title>Fout:" in answer.text


def test_staff_answer_nine_questions_and_then_two_about_the_visit(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    path = survey_path(client, staff=True)
    page = client.get(path).text
    assert "check_real" not in page
    second = client.post(path, data={"nonce": nonce(page), "page": "first", "impact_1": "6"})
    assert second.status_code == 200
    assert 'name="impact_1" value="6"' in second.text
    fields = {"nonce": nonce(second.text), "impact_1": "6", "check_real": "7", "check_pushed": "rather_not"}
    assert client.post(path, data=fields).status_code == 303
    with db.transaction():
        assert [ballot.answers for ballot in db.session.scalars(select(WaitingBallot))] == [
            {"impact_1": 6, "check_real": 7, "check_pushed": "rather_not"}
        ]


def test_after_the_window_the_page_says_so(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    path = survey_path(client)
    clock.at(factories.NOW + timedelta(days=8))
    assert client.get(path).status_code == 410


def signed_in(client: FlaskClient) -> FlaskClient:
    with db.transaction():
        factories.organisation()
        factories.account(email="a.bakker@uni.example").password_hash = passwords.hash_of(PASSWORD)
    post(client, "/login", email="a.bakker@uni.example", password=PASSWORD)
    return client


def fill_boxes(customers: int, staff: int) -> int:
    """A visit after which so many answered, as one number everywhere; its id."""
    with db.transaction():
        visit = factories.visit()
        for count, person, answers in (
            (customers, factories.customer, {item.name: 4 for item in CUSTOMER if item.points}),
            (staff, factories.staff_member, {item.name: 6 for item in (*STAFF, *CHECKS)}),
        ):
            for _ in range(count):
                box.cast(
                    factories.register(factories.invitation(visit, person()), factories.NOW), answers, factories.NOW
                )
        id = visit.id
    with db.transaction():
        box.empty_due(factories.NOW + timedelta(days=8))
    return id


def test_from_five_answers_on_the_page_says_what_people_said(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW + timedelta(days=20))
    signed_in(client)
    fill_boxes(customers=5, staff=6)
    page = client.get("/effect").text
    assert "11 van 11 mensen hebben geantwoord" in page
    assert "geven 6 collega’s gemiddeld een 4,7 op een schaal van 1 tot 7" in page
    assert "Voelde u zich gehoord?" in page


def test_under_five_the_page_shows_no_figures(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW + timedelta(days=20))
    signed_in(client)
    id = fill_boxes(customers=4, staff=4)
    for path in ("/effect", f"/effect/visits/{id}"):
        page = client.get(path).text
        assert "Vanaf 5 tonen we cijfers" in page
        assert '<svg class="plot"' not in page


def test_before_the_first_visit_the_page_says_what_it_is_for(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    assert "Nog niets te lezen" in signed_in(client).get("/effect").text


def test_the_button_can_be_pressed_and_in_a_preview_it_cannot(client: FlaskClient, clock: Clock) -> None:
    clock.at(factories.NOW)
    path = survey_path(client)
    assert "disabled" not in client.get(path).text
    with db.transaction():
        id = db.session.scalars(select(Register.id)).one()
    assert "disabled" in signed_in(client).get(f"/preview/survey/{id}").text
