"""Visits on a calendar: what stands where, and moved by hand and by keys to the page that says who hears of it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.conftest import Open
from tests.browser.reading import Reading
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db

pytestmark = pytest.mark.browser


@pytest.fixture
def thursday(database: object) -> int:
    """Bellers avond A, Thursday 3 December, 14:00 to 14:45."""
    with db.transaction():
        factories.organisation()
        return factories.visit(teams=[factories.team("Bellers avond A")]).id


def by_dragging(page: Page) -> None:
    page.get_by_role("link", name="Bellers avond A").drag_to(page.locator("[data-day='2026-12-10']"))


def by_keys(page: Page) -> None:
    page.get_by_role("link", name="Bellers avond A").focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#status")).to_contain_text("gaat naar donderdag 10 december")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("way", [by_dragging, by_keys])
def test_a_visit_is_taken_to_another_day_and_nothing_changes_before_who_hears_is_seen(
    open_page: Open, thursday: int, way: object
) -> None:
    page = open_page("/visits/month?day=2026-12-03", locale="nl-NL")
    assert callable(way)
    way(page)
    page.wait_for_url(re.compile("/move/check"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Van do 3 dec, 14:00 naar do 10 dec, 14:00")
    page.get_by_role("button", name="Verplaats zonder mail").click()
    page.goto(page.url.split("/visits")[0] + "/visits/week?day=2026-12-10")
    expect(page.locator("[data-day='2026-12-10']")).to_contain_text("14:00 Bellers avond A")


def test_escape_leaves_a_visit_where_it_was(open_page: Open, thursday: int) -> None:
    page = open_page("/visits/month?day=2026-12-03", locale="nl-NL")
    page.get_by_role("link", name="Bellers avond A").focus()
    for key in ("m", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(page.locator(".over")).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/visits/{thursday}")


def days(client: FlaskClient, address: str) -> tuple[str, str]:
    """The heading, and all words of the page, in English."""
    page = Reading.of(client.get(f"{address}&lang=en").text)
    return page.headings[0][1], page.words()


def test_a_visit_stands_on_the_day_of_its_own_clock(app: Flask, clock: Clock) -> None:
    """One in Auckland on the first of the month begins on the last day of the month before, by the clock of Utrecht."""
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
        first = factories.VISIT_AT.replace(day=1, hour=8)
        factories.visit(first, zone="Pacific/Auckland", teams=[factories.team("Auckland")])
    browser = signed_in(app, "viewer")
    heading, words = days(browser, "/visits/month?day=2026-12-31")
    assert heading == "December 2026"
    assert "Tuesday 1 December 1 Tue 1 Dec 08:00 Auckland , not sent yet" in words
    heading, words = days(browser, "/visits/week?day=2026-12-09")
    assert heading == "Week 50: Mon 7 Dec to Sun 13 Dec"
    assert "No visits in this week." in words


@pytest.mark.parametrize("day", ["", "yesterday", "0001-01-01", "9999-12-31"])
def test_an_address_with_no_day_of_a_calendar_opens_on_today(app: Flask, clock: Clock, day: str) -> None:
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
    assert days(signed_in(app, "viewer"), f"/visits/month?day={day}")[0] == "November 2026"
