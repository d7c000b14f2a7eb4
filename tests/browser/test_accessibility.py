"""Every page for everybody: axe in six views, nothing that scrolls sideways, nothing too small, nobody else asked."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests import factories as make
from tests.browser import pages
from tests.browser.conftest import PHONE, Eyes
from tests.browser.filled import Names
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.frontend import axe
from webapp import clock as application_clock
from webapp import db

pytestmark = pytest.mark.browser

SIZES = ["target-size", "scrollable-region-focusable"]
AGAIN: dict[str, list[str] | None] = {
    "1280 dark": axe.COLOURS,
    "390 dark": axe.COLOURS,
    "320 light": SIZES,
    "320 dark": axe.COLOURS,
}
"""Where a page is only held to what can have changed since the view before; the matrix holds it to everything again."""
EVERYTHING_AGAIN: dict[str, list[str] | None] = {}

FINGER_PIXELS = {False: 24, True: 44}
"""The least a target measures; more where somebody opens a mail on a phone."""
TOO_SMALL = """least => [...document.querySelectorAll('a, button, select, summary, textarea, input, label.choice')]
  .filter(el => el.checkVisibility({visibilityProperty: true}) && !el.closest('.skip, .sr-only, dialog:not([open])'))
  .filter(el => !(el.tagName == 'A' && getComputedStyle(el).display == 'inline'))
  .filter(el => !(el.tagName == 'INPUT' && (el.closest('label') || el.type == 'hidden')))
  .filter(el => { const {width, height} = el.getBoundingClientRect(); return width > 1 && Math.min(width, height) < least })
  .map(el => `smaller than ${least} pixels: ` + el.outerHTML.slice(0, 120))"""
SQUEEZED = """() => [...document.querySelectorAll('main p')]
  .filter(el => el.checkVisibility({visibilityProperty: true}) && !el.closest('.sr-only'))
  .filter(el => el.textContent.trim().length > 20 && el.clientWidth < 70)
  .map(el => 'a word a line: ' + el.outerHTML.slice(0, 120))"""


WRONG: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("/login", "main form", {"email": "geen adres"}),
    ("{welcome}", "main form", {"password": "kort"}),
    ("/account", "main form", {"name": ""}),
    ("/account", "form[action='/account/password']", {"password": "kort"}),
    ("/customers/new", "main form", {}),
    ("/customers/{customer}/edit", "main form", {"given": "", "family": "", "email": "x"}),
    ("/customers/{customer}/address", "main form", {"email": "x@"}),
    ("/customers/{customer}/consents", "main form[novalidate]", {}),
    ("/customers/{customer}", "#notes", {"note": "x" * 20_000}),
    ("/customers/{customer}", "form[action$='/contacts']", {"note": "x" * 20_000}),
    ("/customers/import", "main form", {}),
    ("/staff/new", "main form", {}),
    ("/staff/{member}", "main form[novalidate]", {"email": "x"}),
    ("/staff/teams/new", "main form", {}),
    ("/staff/teams/{team}/edit", "main form", {"name": ""}),
    ("/visits/new", "#plan", {"date": "ooit", "from": "straks", "seats": "0"}),
    ("/visits/{draft}/edit", "#plan", {"date": "23-11-2026", "from": "08:00", "until": "08:30"}),
    ("/visits/{coming}/cancellation", "main form", {"reason_nl": "x" * 400}),
    ("/admin/rooms", "main form[novalidate]", {"name": ""}),
    ("/admin/rooms/{room}", "main form", {"name": ""}),
    ("/admin/users", "main form[novalidate]", {"email": "x"}),
    ("/admin/organisation", "main form", {"name": ""}),
    ("{customer_needs_action}/times", "main form", {}),
    ("{customer_survey}", "main form", {}),
    ("{staff_survey}", "main form", {}),
    ("{mapping}", "main form", {}),
    ("/groups/new", "main form[novalidate]", {"name": ""}),
)
"""A page, a form on it, and what is typed there."""
FILL_IN = """([form, fields]) => {
  const to = document.querySelector(form)
  for (const [name, value] of Object.entries(fields)) to.elements[name].value = value
  to.submit()
}"""

EMPTY = [template for template in pages.ORGANISER if "{" not in template]
WITHOUT_ANYTHING = ("/customers/{customer}", "/visits/{visit}", "/visits/{visit}/check", "/visits/{visit}/invite",
                    "/visits/{visit}/attendance", "/staff/teams/{team}", "/effect/visits/{visit}")  # fmt: skip
"""Of something that was just made."""


def problems(page: Page, again: Mapping[str, list[str] | None]) -> list[str]:
    """Of all six views, each with the view it is in."""
    return [f"{view}: {problem}" for view in axe.views(page) for problem in axe.problems(page, again.get(view))]


def on_a_phone(page: Page) -> list[str]:
    """Of one view: 390 pixels wide, light."""
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return axe.problems(page)


def too_small(page: Page, on_link: bool) -> list[str]:
    found: list[str] = page.evaluate(TOO_SMALL, FINGER_PIXELS[on_link]) + page.evaluate(SQUEEZED)
    return found


def opened(names: Names, eyes: Eyes, template: str) -> Page:
    """A page of the filled state, as who may see it."""
    if template not in (*pages.DOOR, *pages.LINK):
        eyes.sign_in(names["cookie"])
    return eyes.open(pages.address(template, names))


# The filled state


def test_no_page_is_forgotten(app: Flask, names: Names, make_app: Callable[..., Flask]) -> None:
    """Whoever adds a page adds it to `pages.py`."""
    demo = make_app(demo=True)
    addresses = [pages.address(each.partition("?")[0], names | {"kept": "x"}) for each in pages.EVERYWHERE]
    known = {demo.url_map.bind("localhost").match(address)[0] for address in addresses}
    assert {rule.endpoint for rule, _ in pages.views(demo)} - known - set(pages.NO_PAGE) == set()


@pytest.mark.parametrize("template", [each for each in pages.EVERYTHING if each not in pages.PREVIEW])
def test_nothing_stands_in_anybodys_way(names: Names, eyes: Eyes, template: str) -> None:
    page = opened(names, eyes, template)
    assert problems(page, AGAIN) + too_small(page, template in pages.LINK) == []
    assert (eyes.elsewhere, eyes.said) == ([], [])


@pytest.mark.parametrize("template", pages.PREVIEW)
def test_nothing_stands_in_the_way_in_what_shows_a_page_of_others(names: Names, eyes: Eyes, template: str) -> None:
    """The pages themselves were looked at in every view."""
    assert on_a_phone(opened(names, eyes, template)) == []
    assert (eyes.elsewhere, eyes.said) == ([], [])


@pytest.mark.parametrize("opener", ["[popovertarget=account]", "[data-open=shortcuts]"])
def test_nothing_stands_in_the_way_of_what_opens_on_top(names: Names, eyes: Eyes, opener: str) -> None:
    page = opened(names, eyes, "/account")
    page.click("[popovertarget=account]")
    page.click(opener) if "shortcuts" in opener else None
    assert problems(page, AGAIN) + too_small(page, on_link=False) == []


# When something went wrong


@pytest.mark.parametrize(("template", "form", "fields"), WRONG)
def test_nothing_stands_in_the_way_of_who_made_a_mistake(
    names: Names, eyes: Eyes, template: str, form: str, fields: dict[str, str]
) -> None:
    page = opened(names, eyes, template)
    with page.expect_navigation() as answer:
        page.evaluate(FILL_IN, [form, fields])
    assert answer.value.status == 422
    assert page.title().startswith("Fout: ")
    assert on_a_phone(page) == []
    assert page.evaluate("document.activeElement.matches('.summary')"), "what is wrong has the focus"


# When there is nothing yet


@pytest.fixture
def empty(eyes: Eyes, database: object, clock: Clock) -> Names:
    """Somebody who has just set up; one customer, team and visit without anything."""
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        anna = make.account(role="admin")
        eyes.sign_in(anna.sign_in(application_clock.real(), "tests")[1])
        visit = make.visit(organiser=anna, draft={"customers": [], "staff": []})
        return {"customer": str(make.customer().id), "visit": str(visit.id), "team": str(make.team().id)}


@pytest.mark.parametrize("template", WITHOUT_ANYTHING)
def test_nothing_stands_in_the_way_where_something_is_new(eyes: Eyes, empty: Names, template: str) -> None:
    assert on_a_phone(eyes.open(pages.address(template, empty))) == []


@pytest.fixture
def first_day(eyes: Eyes, database: object, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        eyes.sign_in(make.account(role="admin").sign_in(application_clock.real(), "tests")[1])


@pytest.mark.usefixtures("first_day")
@pytest.mark.parametrize("template", EMPTY)
def test_nothing_stands_in_the_way_on_the_first_day(eyes: Eyes, template: str) -> None:
    assert on_a_phone(eyes.open(template)) == []


@pytest.mark.usefixtures("database")
def test_nothing_stands_in_the_way_of_who_sets_up(eyes: Eyes) -> None:
    page = eyes.open("/setup")
    assert on_a_phone(page) == []
    with page.expect_navigation():
        page.evaluate(FILL_IN, ["main form", {"password": "kort"}])
    assert on_a_phone(page) == []


# Everything again, in all views and both languages


@pytest.mark.matrix
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("template", pages.EVERYTHING)
def test_matrix_filled(names: Names, eyes: Eyes, template: str, language: str) -> None:
    opened(names, eyes, template)
    page = eyes.open(pages.in_language(pages.address(template, names), language))
    assert problems(page, EVERYTHING_AGAIN) == []


@pytest.mark.matrix
@pytest.mark.parametrize(("template", "form", "fields"), WRONG)
def test_matrix_wrong(names: Names, eyes: Eyes, template: str, form: str, fields: dict[str, str]) -> None:
    page = opened(names, eyes, template)
    with page.expect_navigation():
        page.evaluate(FILL_IN, [form, fields])
    assert problems(page, EVERYTHING_AGAIN) == []


@pytest.mark.matrix
@pytest.mark.usefixtures("first_day")
@pytest.mark.parametrize("template", EMPTY)
def test_matrix_empty(eyes: Eyes, template: str) -> None:
    assert problems(eyes.open(template), EVERYTHING_AGAIN) == []
