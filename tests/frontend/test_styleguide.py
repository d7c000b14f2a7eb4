"""Every component in a real browser: axe in six views, and what a keyboard and a finger need."""

import pytest
from playwright.sync_api import Page

from tests.frontend import axe

pytestmark = pytest.mark.browser
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, select, summary, label.choice')]
  .filter(el => el.checkVisibility() && !el.closest('p, li > span, .skip'))
  .filter(el => { const {width, height} = el.getBoundingClientRect(); return width > 1 && (width < 24 || height < 24) })
  .map(el => el.outerHTML.slice(0, 80))"""
CUT_OFF = """() => [...document.querySelectorAll('.button, .chip, .count, h1, h2')]
  .filter(el => el.checkVisibility() && (el.scrollHeight > el.clientHeight + 2 || el.scrollWidth > el.clientWidth + 2))
  .map(el => el.outerHTML.slice(0, 80))"""
# WCAG 1.4.12, the four values a reader may set
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""


@pytest.fixture
def guide(page: Page, address: str) -> Page:
    page.goto(f"{address}/styleguide.html?lang=nl&undo=1")
    return page


def test_axe_finds_nothing_in_six_views(guide: Page) -> None:
    assert axe.all_problems(guide) == []


@pytest.mark.parametrize("page_name", ["errors/refused.html", "errors/broken.html", "door.html"])
def test_axe_finds_nothing_on_the_other_frames(page: Page, address: str, page_name: str) -> None:
    page.goto(f"{address}/{page_name}?lang=nl")
    assert axe.all_problems(page) == []


def test_nothing_is_said_against_the_policy(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/styleguide.html")
    assert said == []


def test_a_link_page_is_one_page_one_stylesheet_and_two_fonts(page: Page, address: str) -> None:
    """The icon of the tab, which the browser fetches for itself, apart."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.resource_type))
    page.goto(f"{address}/errors/refused.html?lang=nl")
    page.evaluate("document.fonts.ready")
    assert sorted(kind for kind in asked if kind != "other") == ["document", "font", "font", "stylesheet"]


def test_a_finger_finds_everything(guide: Page) -> None:
    guide.set_viewport_size({"width": 320, "height": 640})
    assert guide.evaluate(SMALL_TARGETS) == []


def test_wider_letters_are_not_cut_off(guide: Page) -> None:
    guide.set_viewport_size({"width": 320, "height": 640})
    guide.evaluate(
        "css => { const s = new CSSStyleSheet(); s.replaceSync(css); document.adoptedStyleSheets = [s] }", SPACED
    )
    assert guide.evaluate(CUT_OFF) == []
    assert guide.evaluate("document.documentElement.scrollWidth") == 320


def test_nothing_moves_for_who_asked_for_rest(guide: Page) -> None:
    guide.emulate_media(reduced_motion="reduce")
    guide.hover(".button.primary")
    assert guide.evaluate("document.getAnimations().length") == 0


def test_the_focus_can_be_seen_at_every_stop(page: Page, address: str) -> None:
    page.goto(f"{address}/styleguide.html")
    seen = 0
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "() => { const el = document.activeElement, over = el.closest('.choice') ?? el;"
            " const style = getComputedStyle(el.matches('.cover') ? el : over, el.matches('.cover') ? '::after' : null);"
            " return [style.outlineStyle, parseFloat(style.outlineWidth)] }"
        )
        assert outline == ["solid", 3], page.evaluate("document.activeElement.outerHTML")
        seen += 1
    assert seen == 40


def test_without_script_the_menu_opens_all_the_same(new_context, address: str) -> None:  # type: ignore[no-untyped-def]
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/styleguide.html?lang=nl")
    page.get_by_role("button", name="Menu van Anna Bakker").click()
    assert page.get_by_role("link", name="Berichten").is_visible()
