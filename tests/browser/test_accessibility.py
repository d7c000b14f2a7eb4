"""Every page for everybody: axe in six views, nothing that scrolls sideways, nothing too small, nobody else asked."""

from collections.abc import Callable

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
COLOURS = ["color-contrast"]
AGAIN = {"1280 dark": COLOURS, "390 dark": COLOURS, "320 light": SIZES, "320 dark": COLOURS}
"""Where a page is only held to what can have changed since the view before; the matrix holds it to everything again."""

FINGER_PIXELS = {False: 24, True: 44}
"""The least a target measures; more where somebody opens a mail on a phone."""
TOO_SMALL = """least => [...document.querySelectorAll('a, button, select, summary, textarea, input, label.choice')]
  .filter(el => el.checkVisibility({visibilityProperty: true}) && !el.closest('.skip, .sr-only, dialog:not([open])'))
  .filter(el => !(el.tagName == 'A' && el.closest('p, li, dd, td') && getComputedStyle(el).display == 'inline'))
  .filter(el => !(el.tagName == 'INPUT' && (el.closest('label') || el.type == 'hidden')))
  .filter(el => { const {width, height} = el.getBoundingClientRect(); return width > 1 && Math.min(width, height) < least })
  .map(el => `smaller than ${least} pixels: ` + el.outerHTML.slice(0, 120))"""


def problems(page: Page, again: dict[str, list[str]]) -> list[str]:
    """Of all six views, each with the view it is in."""
    return [
        f"{view}: {problem}" for view in axe.views(page) for problem in axe.problems(page, again.get(view))
    ]  # fmt: skip


def too_small(page: Page, on_link: bool) -> list[str]:
    found: list[str] = page.evaluate(TOO_SMALL, FINGER_PIXELS[on_link])
    return found


def test_no_page_is_forgotten(app: Flask, names: Names, make_app: Callable[..., Flask]) -> None:
    """Whoever adds a page adds it to `pages.py`."""
    demo = make_app(demo=True)
    known = set(pages.NO_PAGE)
    matcher = demo.url_map.bind("localhost")
    for template in (*pages.EVERYTHING[:-1], *pages.DEMO):
        known.add(matcher.match(pages.address(template.partition("?")[0], names | {"kept": "x"}))[0])
    assert {rule.endpoint for rule, _ in pages.views(demo)} - known == set()


@pytest.mark.parametrize("template", pages.EVERYTHING)
def test_nothing_stands_in_anybodys_way(eyes: Eyes, names: Names, template: str) -> None:
    on_link = template in pages.LINK
    if template in (*pages.ORGANISER, *pages.PREVIEW, *pages.SAID):
        eyes.sign_in(names["cookie"])
    page = eyes.open(pages.address(template, names))
    found = problems(page, AGAIN) + too_small(page, on_link)
    assert found == []
    assert (eyes.elsewhere, eyes.said) == ([], [])
