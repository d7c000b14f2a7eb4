"""Times to choose from: asked in one mail, answered in two taps, chosen by who organises or by the rule of the visit."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.doors import door, nonce, press
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from tests.visits.desk import Desk, heading, summary, text
from tests.visits.desk import desk as desk_of
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.visits import options
from webapp.visits.models import Visit

FIRST, SECOND, THIRD = "2026-12-07T14:00", "2026-12-08T14:00", "2026-12-10T11:00"


@pytest.fixture
def desk(app: Flask, clock: Clock) -> Desk:
    return desk_of(app, clock)


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def planned(database: Engine, desk: Desk, settings: Settings) -> int:
    """Three times to choose from, nobody invited yet: Monday at two, Tuesday at two, Thursday at eleven."""
    rounds.tick(settings, wide=True)
    visit_id = desk.planned()
    offer(desk, visit_id)
    return visit_id


@pytest.fixture
def asked(planned: int, desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> int:
    desk.press(desk.open(f"/visits/{planned}/check"), "/invitations")
    leave(settings, clock)
    return planned


def offer(desk: Desk, visit_id: int, **more: str) -> None:
    told = desk.press(desk.open(f"/visits/{visit_id}/options"), "/options", slot=[SECOND, THIRD], **more)
    assert told.status_code == 303, text(told)


def leave(settings: Settings, clock: Clock) -> None:
    """The hold passes, and the workers do a round."""
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)


def invited(visit_id: int) -> dict[str, int]:
    with db.transaction():
        return {each.person.name.family: each.id for each in Invitation.of_visit(visit_id)}


def suits(phone: FlaskClient, settings: Settings, id: int, *values: str) -> int:
    return press(phone, door(settings, "answer", id), answer="other", slot=list(values)).status_code


def choose(desk: Desk, visit_id: int, value: str) -> None:
    check = desk.open(f"/visits/{visit_id}/options/check?slot={value}")
    told = desk.press(check, "/decision")
    assert (told.status_code, told.location) == (303, f"/visits/{visit_id}")


def at(visit_id: int) -> tuple[str, bool]:
    with db.transaction():
        visit = db.session.get_one(Visit, visit_id)
        return visit.wall.strftime(options.SPELLED), visit.decided_at is not None


def states(visit_id: int) -> dict[str, str]:
    with db.transaction():
        return {each.person.name.family: each.state for each in Invitation.of_visit(visit_id) if each.customer_id}


def test_three_times_at_most_are_offered(planned: int, desk: Desk) -> None:
    page = desk.open(f"/visits/{planned}/options")
    assert len(re.findall(r'name="slot"[^>]* checked', page.text)) == 2
    told = desk.press(page, "/options", slot=[SECOND, THIRD, "2026-12-09T14:00"])
    assert (told.status_code, summary(told)) == (
        422, ["Vink er hoogstens twee aan: met het eigen moment zijn het er drie."],
    )  # fmt: skip
    assert desk.press(page, "/options", slot=[]).status_code == 303
    with db.transaction():
        assert db.session.get_one(Visit, planned).options is None


def test_customers_are_asked_which_time_suits_and_colleagues_wait(asked: int, smtp: Relay) -> None:
    subjects = sorted(mail.subject for mail in smtp.mails)
    assert subjects == [
        "May we hear your story? Choose what suits you", *["Mogen we uw verhaal horen? Kies wat u past"] * 2,
    ]  # fmt: skip
    words = next(mail for mail in smtp.mails if "uw verhaal" in mail.subject).text("plain")
    assert "maandag 7 december, 14:00 uur: http" in words
    assert "Geen van deze: http" in words


def test_two_taps_pass_on_what_suits(asked: int, phone: FlaskClient, settings: Settings, smtp: Relay) -> None:
    mail = next(mail for mail in smtp.mails if "uw verhaal" in mail.subject).text("plain")
    link = re.search(r"dinsdag 8 december, 14:00 uur: http://[^/]+(\S+)", mail)
    assert link
    page = phone.get(link[1])
    assert heading(page).startswith("Nog één tik")
    assert re.findall(r'value="([^"]*)" checked', page.text) == [SECOND]
    told = phone.post(link[1].partition("?")[0], data={"nonce": nonce(page), "slot": SECOND, "answer": "other"})
    assert told.status_code == 303
    assert "U kunt wel op: dinsdag 8 december, 14:00 uur." in text(phone.get(told.location))


def test_nothing_ticked_asks_again(asked: int, phone: FlaskClient, settings: Settings) -> None:
    told = press(phone, door(settings, "answer", invited(asked)["Vries"]), answer="other")
    assert (told.status_code, summary(told)) == (422, ["Kies minstens één moment, of “Geen van deze”."])


def test_who_can_when_is_seen_and_one_time_is_chosen(
    asked: int, desk: Desk, phone: FlaskClient, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    ids = invited(asked)
    suits(phone, settings, ids["Vries"], FIRST, THIRD)
    suits(phone, settings, ids["Boer"], SECOND)
    leave(settings, clock)
    smtp.mails.clear()
    seen = text(desk.open(f"/visits/{asked}"))
    assert "Sam de Vries kan kan niet kan" in seen
    assert "Noor de Boer kan niet kan kan niet" in seen
    assert "Kunnen 1 Kies deze ma 7 dec, 14:00 1 Kies deze di 8 dec, 14:00 1 Kies deze do 10 dec, 11:00" in seen

    check = desk.open(f"/visits/{asked}/options/check?slot={THIRD}")
    assert heading(check) == "Het wordt do 10 dec, 11:00"
    assert "Kies en mail 3 mensen" in text(check)
    assert at(asked) == (FIRST, False)
    choose(desk, asked, THIRD)
    assert at(asked) == (THIRD, True)
    leave(settings, clock)
    subjects = sorted(mail.subject for mail in smtp.mails if "Het wordt" in mail.subject or "It will" in mail.subject)
    assert subjects == ["Het wordt donderdag 10 december, 11:00 uur"] * 2 + ["It will be Thursday 10 December, 11:00"]
    words = {mail.recipient: mail.text("plain") for mail in smtp.mails}
    assert sum("een van de momenten die u koos" in each for each in words.values()) == 1
    assert sum("had u niet gekozen" in each for each in words.values()) == 1
    assert states(asked)["Vries"] == "accepted"
    assert (states(asked)["Boer"], states(asked)["Meer-Öztürk"]) == ("proposed", "needs-action")
    leave(settings, clock)
    leave(settings, clock)
    assert sum("verhaal horen" in mail.subject for mail in smtp.mails) == 0


def test_colleagues_are_invited_once_a_time_is_chosen(
    asked: int, desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    smtp.mails.clear()
    choose(desk, asked, SECOND)
    leave(settings, clock)
    told = ("Het wordt", "It will be")
    colleagues = [mail.subject for mail in smtp.mails if not mail.subject.startswith(told)]
    assert (len(smtp.mails), colleagues) == (6, ["Dinsdag 8 december, 14:00 uur: hoor het uit eerste hand"] * 3)


def test_undone_within_the_hold_there_is_a_choice_again_and_nobody_hears(
    asked: int, desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    smtp.mails.clear()
    for value in (THIRD, FIRST):
        choose(desk, asked, value)
        told = desk.press(desk.open(f"/visits/{asked}"), "/decision/undo")
        assert "Teruggezet. Er is niets verstuurd." in text(desk.open(told.location))
    leave(settings, clock)
    assert (at(asked), smtp.mails) == ((FIRST, False), [])


def test_a_time_whose_room_was_taken_meanwhile_is_not_chosen(asked: int, desk: Desk) -> None:
    other = desk.planned(date="2026-12-10", **{"from": "11:00", "until": "11:45", "room": str(desk.rooms[0])})
    assert other != asked
    told = desk.open(f"/visits/{asked}/options/check?slot={THIRD}")
    assert told.status_code == 303
    assert "de ruimte is net bezet" in text(desk.open(told.location))
    assert at(asked) == (FIRST, False)


def test_by_its_rule_the_first_time_that_enough_can_make_is_chosen(
    planned: int, desk: Desk, phone: FlaskClient, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    offer(desk, planned, first_yes="1")
    with db.transaction():
        db.session.get_one(Visit, planned).storyteller_places = 2
    desk.press(desk.open(f"/visits/{planned}/check"), "/invitations")
    leave(settings, clock)
    ids = invited(planned)
    suits(phone, settings, ids["Vries"], SECOND, THIRD)
    assert at(planned) == (FIRST, False)
    suits(phone, settings, ids["Boer"], THIRD)
    assert at(planned) == (THIRD, True)
    leave(settings, clock)
    assert [states(planned)[name] for name in ("Vries", "Boer")] == ["accepted", "accepted"]


def test_who_answers_after_the_choice_is_asked_for_that_time(
    asked: int, desk: Desk, phone: FlaskClient, settings: Settings
) -> None:
    link = door(settings, "answer", invited(asked)["Vries"])
    opened = nonce(phone.get(link))
    choose(desk, asked, THIRD)
    told = phone.post(link, data={"nonce": opened, "slot": SECOND, "answer": "other"})
    assert told.status_code == 409
    assert "donderdag 10 december" in text(told).lower()
    assert states(asked)["Vries"] == "needs-action"


def test_an_organiser_chooses_while_a_customer_answers_and_one_of_both_is_first(
    asked: int, desk: Desk, app: Flask, settings: Settings, clock: Clock
) -> None:
    link = door(settings, "answer", invited(asked)["Vries"])
    start = threading.Barrier(2)
    check = desk.open(f"/visits/{asked}/options/check?slot={THIRD}")

    def answers(_: int) -> int:
        with app.test_client() as phone:
            opened = nonce(phone.get(link))
            start.wait(10)
            return phone.post(link, data={"nonce": opened, "slot": THIRD, "answer": "other"}).status_code

    def chooses(_: int) -> int:
        start.wait(10)
        return desk.press(check, "/decision").status_code

    with ThreadPoolExecutor(2) as both:
        answered, chosen = [
            each.result() for each in [both.submit(copy_context().run, each, 0) for each in (answers, chooses)]
        ]
    assert (chosen, answered in (303, 409)) == (303, True)
    leave(settings, clock)
    assert at(asked) == (THIRD, True)
    assert states(asked)["Vries"] == ("accepted" if answered == 303 else "needs-action")
