"""Somebody we do not know tells us something: two taps, nothing read before the second, and gone when it never comes."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories
from tests.board.conftest import Organiser
from tests.doors import door, heading, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.mailing import erased as mailbox
from webapp.mailing.models import Address
from webapp.mailing.sweep import sweep
from webapp.privacy.erasing import erase, wipe_mailboxes
from webapp.stories.models import Story
from webapp.telling.models import Campaign, Telling

TOLD = {
    "text": "Ik kreeg mijn vergunning op tijd.",
    "name": "mevrouw Sam de Vries",
    "email": "Sam@Elders.example",
    "uses": ["story_inside", "to_be_asked"],
    "attribution": "first_name",
}


@pytest.fixture
def stranger(client: FlaskClient, clock: Clock) -> FlaskClient:
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
        factories.account("Noor Haddad")
        sweep(NOW - timedelta(days=1), time.real(), wide=True)
    return client


def send(
    client: FlaskClient, path: str = "/vertel", after: float = 60, key: str = "", **changes: object
) -> TestResponse:
    """Open the page, write for a minute, and send."""
    found = re.search(r'name="form" value="([^"]+)"', client.get(path).text)
    assert found
    with time_machine.travel(time.real() + timedelta(seconds=after)):
        return client.post(
            path, data=TOLD | {"form": key or found[1]} | changes, headers={"Origin": "http://localhost"}
        )


def tellings() -> list[Telling]:
    with db.transaction():
        return db.session.query(Telling).order_by(Telling.id).all()


def test_told_confirmed_from_the_mailbox_and_waiting_for_the_organiser(
    stranger: FlaskClient, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    answer = send(stranger, before="Lang wachten.", not_to_be_told="Mijn straat.")
    assert (answer.status_code, answer.location, "Set-Cookie" in answer.headers) == (303, "/vertel?sent=1", False)
    assert heading(stranger.get(answer.location)) == "Nog één tik, in uw mail"
    clock.at(NOW + timedelta(minutes=2))
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)
    (mail,) = smtp.to("sam@elders.example")
    assert mail.message["Subject"] == "Klopt dit e-mailadres?"
    assert "Vries" not in mail.text("plain") + mail.text("html"), "nobody mails others through us"
    found = re.search(r"/c/[\w.-]+", mail.text("plain"))
    assert found
    page = stranger.get(found[0])
    assert heading(page) == "Nog één tik: was u dit?"
    assert "alleen mijn voornaam" in page.text
    with db.transaction():
        assert (db.session.query(Customer).count(), db.session.query(Story).count()) == (0, 0), "a look changes nothing"
    assert press(stranger, found[0], what="confirm").status_code == 303
    assert heading(stranger.get(found[0])) == "Dank u wel. Uw verhaal is binnen"
    assert 'name="what"' not in stranger.get(found[0]).text
    with db.transaction():
        story, customer = db.session.query(Story).one(), db.session.query(Customer).one()
        assert (customer.name.full, customer.source) == ("Sam de Vries", "page")
        assert customer.address is not None
        assert (customer.uses_agreed, customer.last("story_inside").attribution) == (  # type: ignore[union-attr]  # they agreed
            ["to_be_asked", "story_inside"], "first_name",
        )  # fmt: skip
        assert {consent.channel for consent in customer.consents} == {"page"}
        assert (story.state, story.source, story.customer_id) == ("told", "page", customer.id)
        assert story.text == "Ik kreeg mijn vergunning op tijd.\n\nEerst\nLang wachten."
        assert story.not_to_be_told == "Mijn straat."
        (telling,) = db.session.query(Telling)
        assert (telling.name, telling.text, telling.before, telling.address_id) == ("", "", "", None)


def test_a_known_customer_is_not_changed_by_what_was_typed(stranger: FlaskClient, settings: Settings) -> None:
    with db.transaction():
        known = factories.customer("de heer Robin Smit", email="sam@elders.example", phone="06 1").id
    send(stranger)
    press(stranger, door(settings, "confirm", tellings()[0].id), what="confirm")
    with db.transaction():
        customer = db.session.query(Customer).one()
        assert (customer.id, customer.name.full, customer.phone, customer.source) == (
            known,
            "Robin Smit",
            "06 1",
            "list",
        )
        assert db.session.query(Story).one().customer_id == known


def erased(customer: Customer, settings: Settings) -> None:
    erase(customer, "person", None, time.now(), settings.secret_keys)


def test_who_was_erased_and_tells_us_something_by_themselves_is_welcome(
    stranger: FlaskClient, settings: Settings
) -> None:
    with db.transaction():
        erased(factories.customer("mevrouw Sam de Vries", email="sam@elders.example"), settings)
        wipe_mailboxes(time.now() + timedelta(days=8))
    send(stranger)
    with db.transaction():
        db.session.query(Address).filter_by(email="sam@elders.example").one().suppress("erased", time.now())
    press(stranger, door(settings, "confirm", tellings()[0].id), what="confirm")
    with db.transaction():
        back = db.session.query(Customer).filter_by(source="page").one()
        assert back.address is not None
        assert (back.name.full, back.address.suppressed_at) == ("Sam de Vries", None)
        gone = ["sam@elders.example", mailbox.person("sam@elders.example", "Sam de Vries")]
        assert mailbox.among(gone, settings.secret_keys) == set()


def test_half_of_a_couple_that_was_erased_comes_back_as_themselves(stranger: FlaskClient, settings: Settings) -> None:
    with db.transaction():
        bo = factories.customer("de heer Bo Smit", email="sam@elders.example").id
        erased(factories.customer("mevrouw Sam de Vries", email="sam@elders.example"), settings)
    send(stranger)
    press(stranger, door(settings, "confirm", tellings()[0].id), what="confirm")
    with db.transaction():
        story = db.session.query(Story).one()
        assert story.customer is not None
        assert (story.customer.name.full, story.customer_id == bo) == ("Sam de Vries", False)


def test_the_mailbox_of_who_is_writing_to_us_is_not_forgotten_under_their_hands(
    stranger: FlaskClient, settings: Settings
) -> None:
    with db.transaction():
        erased(factories.customer("mevrouw Sam de Vries", email="sam@elders.example"), settings)
    send(stranger)
    with db.transaction():
        wipe_mailboxes(time.now() + timedelta(days=8))
        assert [each.address.email for each in db.session.query(Telling) if each.address] == ["sam@elders.example"]


def test_known_and_unknown_addresses_get_the_same_page(stranger: FlaskClient) -> None:
    with db.transaction():
        factories.customer(email="bekend@elders.example")
    pages = [send(stranger, email=email) for email in ("bekend@elders.example", "nieuw@elders.example")]
    assert len({(page.status_code, page.location, page.text) for page in pages}) == 1


def test_nobody_confirms_and_after_seven_days_nothing_is_left(
    stranger: FlaskClient, settings: Settings, clock: Clock
) -> None:
    send(stranger)
    clock.at(NOW + timedelta(days=7))
    rounds.tick(settings, wide=True)
    assert len(tellings()) == 1
    clock.at(NOW + timedelta(days=7, minutes=5))
    rounds.tick(settings, wide=True)
    with db.transaction():
        assert db.session.query(Telling).count() == 0
        assert db.session.query(Address).filter(Address.email.like("%elders%")).count() == 0


def test_who_did_not_write_it_erases_it_with_one_tap(stranger: FlaskClient, settings: Settings) -> None:
    send(stranger)
    answer = press(stranger, door(settings, "confirm", tellings()[0].id), what="deny")
    assert heading(answer) == "Alles is gewist"
    assert tellings() == []


def test_what_is_no_person_is_thanked_and_forgotten_and_who_is_quick_is_asked_again(stranger: FlaskClient) -> None:
    assert send(stranger, website="http://buy.example").status_code == 303
    quick = send(stranger, after=0.5)
    assert (quick.status_code, "Dat ging wel erg snel" in quick.text, "op tijd." in quick.text) == (422, True, True)
    late = send(stranger, after=25 * 3600)
    assert (late.status_code, "stond al een dag open" in late.text) == (422, True)
    assert send(stranger, key="verzonnen").status_code == 422
    assert tellings() == []


def test_pressed_twice_it_is_told_once(stranger: FlaskClient) -> None:
    found = re.search(r'name="form" value="([^"]+)"', stranger.get("/vertel").text)
    assert found
    assert [send(stranger, key=found[1]).status_code for _ in range(2)] == [303, 303]
    assert len(tellings()) == 1


def test_what_lacks_is_said_and_what_was_typed_stays(stranger: FlaskClient) -> None:
    answer = send(stranger, text="", email="geen adres", attribution="")
    assert answer.status_code == 422
    assert "Schrijf eerst iets" in answer.text
    assert "Kies wat er bij uw verhaal staat" in answer.text
    assert 'value="mevrouw Sam de Vries"' in answer.text
    assert answer.text.count("checked") == 2, "what was ticked, and nothing beforehand"
    assert "checked" not in stranger.get("/vertel").text
    assert send(stranger, text="x" * 12_001).status_code == 422


def test_one_address_gets_no_more_than_three_mails_a_day(stranger: FlaskClient) -> None:
    codes = [send(stranger, email="steeds@elders.example").status_code for _ in range(4)]
    assert codes == [303, 303, 303, 429]
    assert send(stranger, email="ander@elders.example").status_code == 303


def test_a_form_from_another_site_is_refused(stranger: FlaskClient) -> None:
    assert stranger.post("/vertel", data=TOLD, headers={"Origin": "https://elders.example"}).status_code == 403
    assert stranger.post("/vertel", data=TOLD).status_code == 403


def test_both_languages_and_a_link_of_its_own(anna: Organiser, app: Flask, settings: Settings) -> None:
    with db.transaction():
        team = factories.team("Bellers").id
    made = anna.post(
        "/stories/campaigns", slug="Open-dag", title="Hoe was de open dag?", group="Studenten", team_id=team
    )
    assert made.status_code == 303
    assert "bestaat al" in anna.post("/stories/campaigns", slug="open-dag", team_id=0).text
    assert "overgetypt" in anna.post("/stories/campaigns", slug="open dag!", team_id=0).text
    shown = anna.text(made.location)
    assert f"{settings.base_url}/vertel/open-dag" in shown
    assert f"{settings.base_url}/tell/open-dag" in shown
    assert anna.get(f"{made.location}/code.svg").text.startswith("<svg")
    assert "Hoe was de open dag?" in anna.text(f"{made.location}/card")
    stranger = app.test_client()
    assert heading(stranger.get("/vertel/open-dag")) == "Hoe was de open dag?"
    assert heading(stranger.get("/tell")) == "Tell us your story"
    assert stranger.get("/tell/nothing").status_code == 404
    assert send(stranger, "/tell/open-dag").location == "/tell/open-dag?sent=1"
    assert tellings()[0].locale == "en"
    press(stranger, door(settings, "confirm", tellings()[0].id), what="confirm")
    with db.transaction():
        story = db.session.query(Story).one()
        assert (story.group, story.locale) == ("Studenten", "en")
    assert "Via “Hoe was de open dag?” kwam één verhaal" in anna.text(made.location)
    anna.post(f"{made.location}/closing")
    assert heading(stranger.get("/vertel/open-dag")) == "Deze pagina is gesloten"
    assert stranger.post("/vertel/open-dag", data=TOLD, headers={"Origin": "http://localhost"}).status_code == 200
    assert len(tellings()) == 1
    with db.transaction():
        assert db.session.query(Campaign).one().slug == "open-dag"
