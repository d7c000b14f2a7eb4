"""Sending invitations in a browser: counted clicks, progress that survives leaving, undo with the keyboard, no script."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import Engine

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.processes import Live
from tests.fixtures.services import wait_until
from tests.fixtures.smtp import Relay
from tests.test_access import signed_in
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.visits.models import Visit

pytestmark = pytest.mark.browser

SOME, MANY = 36, 200
CLICKS_AT_MOST = 4
"""From the selection on: team, check, send; one is spare."""
RELAY_TAKES = timedelta(milliseconds=50)


class Organiser:
    """Anna at her desk: counts what she clicks."""

    def __init__(self, page: Page, live: Live) -> None:
        self.page, self.live, self.clicks = page, live, 0

    def open(self, path: str) -> None:
        self.page.goto(self.live.url + path)

    def click(self, name: str) -> None:
        self.page.locator("main").get_by_role("button", name=re.compile(name)).first.click()
        self.clicks += 1

    def press(self, key: str) -> None:
        self.page.wait_for_load_state()  # keys are heard from then on
        self.page.keyboard.press(key)

    def tick(self, name: str) -> None:
        self.page.get_by_label(re.compile(name)).check()
        self.clicks += 1

    def reads(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(re.compile(words))


@pytest.fixture
def organisation(database: Engine, clock: Clock, settings: Settings) -> None:
    """A team of two, a room, and mail of every kind known since a moment."""
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        make.room(name="Kamer 1")
        team = make.team("Bellers avond A")
        for name in ("Tariq Müller", "Femke van Dijk"):
            make.staff_member(name, team)
    rounds.tick(settings, wide=True)


def customers(count: int) -> str:
    with db.transaction():
        return ",".join(str(make.customer(f"Klant {number:03}").id) for number in range(count))


@pytest.fixture
def enter(app: Flask, live: Live, new_context: Callable[..., BrowserContext]) -> Callable[..., Organiser]:
    """Sign Anna in, in a browser with these options."""
    cookie = signed_in(app, "organiser").get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None

    def enter(**options: object) -> Organiser:
        context = new_context(**options)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live.url}])
        return Organiser(context.new_page(), live)

    return enter


@pytest.fixture
def workers(settings: Settings) -> Callable[[], Callable[[], None]]:
    """`stop = workers()`: rounds of the workers go on beside the browser until `stop()`."""

    def start() -> Callable[[], None]:
        enough = Event()

        def go_on() -> None:
            while not enough.is_set():
                with suppress(TimeoutError):
                    rounds.deliver(settings, 0.5)

        thread = Thread(target=go_on)
        thread.start()

        def stop() -> None:
            enough.set()
            thread.join()

        return stop

    return start


def the_visit() -> int:
    with db.transaction():
        return db.session.query(Visit).one().id


def pass_the_hold(settings: Settings, clock: Clock) -> None:
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)


@pytest.mark.usefixtures("organisation")
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_from_a_selection_to_36_mails_in_few_clicks_and_no_typing(
    enter: Callable[..., Organiser], settings: Settings, clock: Clock, smtp: Relay, script: bool
) -> None:
    anna = enter(java_script_enabled=script)
    anna.open(f"/visits/new?customers={customers(SOME)}")
    anna.clicks = 0
    anna.tick("^Bellers avond A")
    if script:
        expect(anna.page.locator("#count-above")).to_have_text("Controleer 38 mails")
    anna.click("^Controleer")
    anna.reads("38 mails staan klaar")
    anna.click("^Verstuur 38 uitnodigingen")
    anna.reads(r"Ma 7 dec: 0\s×\sja, 38\s×\snog geen antwoord")
    assert anna.clicks <= CLICKS_AT_MOST
    pass_the_hold(settings, clock)
    rounds.deliver(settings, 20)
    assert len(smtp.mails) == len({mail.recipient for mail in smtp.mails}) == 38
    if not script:
        anna.open(f"/visits/{the_visit()}")
    expect(anna.page.get_by_text("38 verstuurd.")).to_be_visible()


@pytest.mark.usefixtures("organisation")
def test_progress_rises_survives_leaving_and_a_double_click_sends_once(
    enter: Callable[..., Organiser],
    workers: Callable[[], Callable[[], None]],
    settings: Settings,
    clock: Clock,
    smtp: Relay,
) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(MANY)}")
    anna.click("^Controleer")
    anna.reads("200 mails staan klaar")
    anna.page.get_by_role("button", name="Verstuur 200 uitnodigingen").dblclick()
    anna.reads("200")
    smtp.tarpit = RELAY_TAKES.total_seconds()
    pass_the_hold(settings, clock)
    stop = workers()
    try:
        progress = anna.page.locator("progress")
        expect(progress).to_have_attribute("max", "200")
        first = int(progress.get_attribute("value") or 0)
        wait_until(lambda: int(progress.get_attribute("value") or 0) > first, "progress", 20)
        expect(anna.page.locator("#sending b")).to_have_text(re.compile(r"^\d+ van 200$"))
        before = int(progress.get_attribute("value") or 0)
        anna.open("/visits")
        anna.open(f"/visits/{the_visit()}")
        assert int(progress.get_attribute("value") or 0) >= before
        expect(anna.page.get_by_text("200 verstuurd.")).to_be_visible(timeout=60_000)
    finally:
        stop()
    assert len(smtp.mails) == len({mail.recipient for mail in smtp.mails}) == MANY


@pytest.mark.usefixtures("organisation")
def test_undo_stands_for_as_long_as_the_hold_and_works_by_keyboard(
    enter: Callable[..., Organiser], settings: Settings, clock: Clock, smtp: Relay
) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(3)}")
    anna.click("^Controleer")
    anna.click("^Verstuur")
    clock.forward(seconds=56)
    undo = anna.page.get_by_role("button", name="Maak ongedaan")
    expect(anna.page.get_by_text(re.compile(r"^De mail gaat over ([1-4]|één) seconden? weg"))).to_be_visible()
    expect(undo).to_be_visible()
    undo.focus()
    expect(undo).to_be_focused()
    anna.press("Enter")
    anna.reads("3 mails staan klaar")
    pass_the_hold(settings, clock)
    rounds.deliver(settings, 5)
    with db.transaction():
        assert (smtp.mails, Invitation.of_visit(db.session.query(Visit).one().id)) == ([], [])


@pytest.mark.usefixtures("organisation")
def test_the_letter_u_undoes_and_after_the_hold_the_bar_is_gone(
    enter: Callable[..., Organiser], settings: Settings, clock: Clock
) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(2)}")
    anna.click("^Controleer")
    undo = anna.page.get_by_role("button", name="Maak ongedaan")
    anna.click("^Verstuur")
    expect(undo).to_be_visible()
    anna.press("u")
    anna.reads("2 mails staan klaar")
    anna.click("^Verstuur")
    expect(undo).to_be_visible()
    pass_the_hold(settings, clock)
    expect(undo).to_have_count(0)


@pytest.mark.usefixtures("organisation")
def test_brackets_go_through_the_mails_and_a_test_shows_its_result_in_place(
    enter: Callable[..., Organiser], settings: Settings, smtp: Relay
) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(3)}")
    anna.click("^Controleer")
    for place, key in (("1 van 3", "]"), ("2 van 3", "]"), ("3 van 3", "[")):
        expect(anna.page.get_by_text(place, exact=True)).to_be_visible()
        anna.press(key)
    expect(anna.page.get_by_text("2 van 3", exact=True)).to_be_visible()
    anna.click("^Stuur een test naar mij")
    expect(anna.page.get_by_text("is onderweg")).to_be_visible()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    expect(anna.page.get_by_text(re.compile("^Naar jou verstuurd om 09:0"))).to_be_visible()
    assert [mail.subject[:7] for mail in smtp.mails] == ["[Test] "]


@pytest.mark.usefixtures("organisation")
def test_a_link_in_the_mail_on_the_check_page_opens_what_its_reader_will_see(enter: Callable[..., Organiser]) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(1)}")
    anna.click("^Controleer")
    anna.page.frame_locator("iframe").get_by_role("link", name="Ja, ik kom").click()
    anna.reads("Nog één tik")
    expect(anna.page.get_by_text("Voorbeeld: knoppen doen hier niets.")).to_be_visible()
    expect(anna.page.get_by_role("button", name="Bevestig: ja, ik kom")).to_be_disabled()


@pytest.mark.usefixtures("organisation")
def test_an_answer_appears_on_the_open_page(enter: Callable[..., Organiser], clock: Clock) -> None:
    anna = enter()
    anna.open(f"/visits/new?customers={customers(2)}")
    anna.click("^Controleer")
    anna.click("^Verstuur")
    anna.reads(r"0\s×\sja")
    anna.page.mouse.move(5, 5)
    with db.transaction():
        Invitation.of_visit(db.session.query(Visit).one().id)[0].answer("accepted", clock.forward(minutes=2))
    expect(anna.page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"1\s×\sja"), timeout=8_000)
    expect(anna.page.get_by_text("1 van 3 vertellers komen")).to_be_visible()


@pytest.mark.usefixtures("organisation")
def test_without_script_a_visit_is_planned_moved_ticked_and_finished(
    enter: Callable[..., Organiser], clock: Clock, settings: Settings
) -> None:
    anna = enter(java_script_enabled=False)
    anna.open(f"/visits/new?customers={customers(2)}")
    anna.click("^Controleer")
    anna.click("^Verstuur")
    visit_id = the_visit()
    pass_the_hold(settings, clock)
    rounds.deliver(settings, 5)
    anna.open(f"/visits/{visit_id}/move")
    anna.page.fill("[name=date]", "2026-12-08")
    anna.click("^Bekijk wie mail krijgt")
    anna.reads("Van ma 7 dec, 14:00 naar di 8 dec, 14:00")
    anna.click("^Verplaats en mail 2 mensen")
    anna.reads("Di 8 dec")
    with db.transaction():
        visit = db.session.get_one(Visit, visit_id)
        Invitation.of_visit(visit_id)[0].answer("accepted", clock.forward(hours=1))
        clock.at(visit.starts_at)
    anna.open(f"/visits/{visit_id}/attendance")
    anna.click("^Iedereen is er")
    expect(anna.page.get_by_text("1 van 1 is er")).to_be_visible()
    anna.click("^Rond af en bedank 1")
    expect(anna.page.get_by_text("Afgerond. Eén persoon krijgt een bedankje.")).to_be_visible()
