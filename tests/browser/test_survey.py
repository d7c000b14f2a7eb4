"""Saying how it was, with a thumb and without script: few taps, nothing typed, and thanks at the end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import factories as make
from tests.browser.conftest import PHONE
from tests.doors import door
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.processes import Live
from webapp import db
from webapp.config import Settings
from webapp.surveys.models import Register, WaitingBallot

pytestmark = pytest.mark.browser

TAPS_OF_A_CUSTOMER = 6
"""The first is in the mail, the last sends."""


@pytest.fixture
def asked(clock: Clock, database: object, settings: Settings) -> dict[str, str]:
    """Sam told and Tariq listened; both have a link."""
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        visit = make.visit()
        invited = {
            "customer": make.invitation(visit, make.customer()),
            "staff": make.invitation(visit, make.staff_member()),
        }
        ids = {who: make.register(each, NOW).id for who, each in invited.items()}
    return {who: door(settings, "survey", id) for who, id in ids.items()}


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True, java_script_enabled=False).new_page()


def given() -> tuple[int, int]:
    """Who answered, and ballots in the box."""
    with db.transaction():
        return db.session.query(Register).filter_by(answered=True).count(), db.session.query(WaitingBallot).count()


def send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("button.primary").tap()


def test_a_customer_needs_six_taps_and_is_thanked(phone: Page, live: Live, asked: dict[str, str]) -> None:
    taps = 1
    phone.goto(live.url + asked["customer"] + "?q1=4")
    for question in phone.locator("fieldset").all()[1:]:
        question.locator("label").nth(2).tap()
        taps += 1
    send(phone)
    assert phone.locator("h1").inner_text() == "Dank u. Uw antwoorden zijn binnen."
    assert (taps + 1 <= TAPS_OF_A_CUSTOMER, given()) == (True, (1, 1))
    phone.goto(live.url + asked["customer"])
    assert phone.locator("input:checked").count() == 0


def test_a_colleague_goes_through_two_pages(phone: Page, live: Live, asked: dict[str, str]) -> None:
    phone.goto(live.url + asked["staff"])
    for _ in range(2):
        for question in phone.locator("fieldset").all():
            question.locator("label").nth(3).tap()
        send(phone)
    assert "antwoorden zijn binnen" in phone.locator("h1").inner_text()
    assert given() == (1, 1)
