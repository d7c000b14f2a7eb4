"""Answering on a phone, in Debian's Chromium: two taps, no typing, with and without JavaScript; and what axe says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests import factories as make
from tests.doors import door
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.processes import Live
from tests.frontend import axe
from webapp import db
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.links import Scope

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
LATER = NOW + timedelta(hours=1)
TARGET = 44  # CSS pixels a finger needs on pages behind links (ux.md F.1, 4)
SMALL = f"""() => [...document.querySelectorAll('main a.button, main button, main .text-link, main label.choice')]
  .filter(el => el.checkVisibility())
  .filter(el => {{ const box = el.getBoundingClientRect(); return box.height < {TARGET} && !el.matches('.small') }})
  .map(el => el.outerHTML.slice(0, 90))"""

Phone = Callable[..., Page]


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Phone:
    def take(**options: Any) -> Page:
        usual = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
        return new_context(**(usual | options)).new_page()

    return take


@pytest.fixture
def ids(clock: Clock, database: object) -> dict[str, int]:
    """Sam and Bo were asked to tell, Femke, Tariq and Noor to listen; there is one seat, and one place to tell."""
    clock.at(LATER)
    with db.transaction():
        make.organisation()
        team = make.team("Team Vergunningen")
        visit = make.visit(teams=[team], seats=1, storyteller_places=1)
        asked = {
            name: make.invitation(visit, make.customer(name, group="studenten"))
            for name in ("mevrouw Sam de Vries", "Bo Jansen")
        }
        asked |= {name: make.invitation(visit, make.staff_member(name, team)) for name in ("Femke", "Tariq", "Noor")}
        return {name.split()[-1] if " " in name else name: invitation.id for name, invitation in asked.items()}


def tap(page: Page, button: str) -> None:
    """With a finger, and see what comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=button).tap()


def state(id: int) -> str:
    with db.transaction():
        return db.session.get_one(Invitation, id).state


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_taps_and_nothing_typed_are_a_yes(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int], script: bool
) -> None:
    page = phone(java_script_enabled=script)
    page.goto(live.url + door(settings, "answer", ids["Vries"]) + "?answer=accepted")  # the first tap, in the mail
    assert page.locator("h1").inner_text() == "Nog één tik, mevrouw De Vries"
    assert "Dank" not in page.inner_text("body")

    tap(page, "Bevestig: ja, ik kom")

    assert page.locator("h1").inner_text() == "U komt donderdag 3 december"
    assert page.get_by_role("link", name="Zet in mijn agenda").is_visible()
    assert state(ids["Vries"]) == "accepted"


def test_another_time_takes_three_taps(phone: Phone, live: Live, settings: Settings, ids: dict[str, int]) -> None:
    """The link in the mail, a free time, the button; one tap more for who can make none of these."""
    page = phone(java_script_enabled=False)
    page.goto(live.url + door(settings, "answer", ids["Vries"]) + "/times")
    page.locator("#slots label.choice").nth(1).tap()
    tap(page, "Geef mijn momenten door")
    said = page.inner_text("main").partition("U kunt wel op: ")[2].partition(".")[0]
    assert said.endswith(" uur")
    assert state(ids["Vries"]) == "proposed"

    page.goto(live.url + door(settings, "answer", ids["Vries"]) + "/times")
    page.locator("summary", has_text="Geen van deze").tap()
    page.locator("label.choice", has_text="ochtend").first.tap()
    tap(page, "Geef mijn momenten door")
    assert f"U kunt wel op: {said}; maandagochtend." in page.inner_text("main")


def test_on_the_smallest_phone_the_answer_is_there_without_scrolling(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int]
) -> None:
    page = phone(viewport=SMALL_PHONE)
    for who in ("Vries", "Femke"):
        for wish in ("", "?answer=accepted", "?answer=declined", "?lang=en"):
            page.goto(live.url + door(settings, "answer", ids[who]) + wish)
            box = page.locator("button.primary").bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= SMALL_PHONE["height"], (who, wish)
            assert page.inner_text("h1").startswith(("Nog één tik", "One more tap"))


def test_a_browser_that_opens_every_link_of_the_mail_answers_nothing(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int]
) -> None:
    page = phone()
    path = live.url + door(settings, "answer", ids["Vries"])
    for link in ("?answer=accepted", "/times", "?answer=declined"):
        page.goto(path + link)
    with db.transaction():
        found = db.session.get_one(Invitation, ids["Vries"])
        assert (found.state, found.hint, found.nudge_at) == ("needs-action", None, None)


def test_a_colleague_with_one_thumb(phone: Phone, live: Live, settings: Settings, ids: dict[str, int]) -> None:
    page = phone(java_script_enabled=False)
    page.goto(live.url + door(settings, "answer", ids["Femke"]) + "?answer=accepted")
    tap(page, "Bevestig: ik ben erbij")
    assert page.locator("h1").inner_text() == "Je bent erbij: donderdag 3 december, 14:00 uur"

    page.goto(live.url + door(settings, "answer", ids["Tariq"]) + "?answer=accepted")
    tap(page, "Zet mij op de wachtlijst")
    assert page.locator("h1").inner_text() == "Je staat op de wachtlijst voor donderdag 3 december"


def test_a_page_is_one_page_one_stylesheet_and_two_fonts_from_here(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int]
) -> None:
    page = phone()
    asked: list[tuple[str, str]] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append((request.resource_type, request.url)))
    page.on("console", lambda message: said.append(message.text))
    page.goto(live.url + door(settings, "answer", ids["Vries"]))
    page.evaluate("document.fonts.ready")

    kinds = sorted(kind for kind, _ in asked if kind != "other")  # the icon of the tab
    assert kinds == ["document", "font", "font", "stylesheet"]
    assert all(url.startswith(live.url) for _, url in asked)
    assert said == []
    assert page.context.cookies() == []


def test_the_keyboard_gets_there_in_the_order_one_reads(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int]
) -> None:
    page = phone()
    page.goto(live.url + door(settings, "answer", ids["Vries"]))
    stops = []
    for _ in range(6):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.innerText.trim()"))
    assert stops[:5] == [
        "Naar de inhoud", "English", "Bevestig: ja, ik kom", "Liever een ander moment", "Nee, liever niet",
    ]  # fmt: skip
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert state(ids["Vries"]) == "accepted"


def doors(ids: dict[str, int], settings: Settings) -> dict[str, str]:
    """Every page behind a link, in every state it can be in."""
    with db.transaction():
        invitation = {name: db.session.get_one(Invitation, id) for name, id in ids.items()}
        address = {name: each.address.id for name, each in invitation.items() if each.address}

    def to(scope: Scope, who: str, more: str = "") -> str:
        return door(settings, scope, ids[who] if scope == "answer" else address[who]) + more

    for name in ids:
        to("stop", name), to("data", name)
    return {
        "answer": to("answer", "Vries"),
        "no": to("answer", "Vries", "?answer=declined"),
        "times": to("answer", "Vries", "/times"),
        "colleague": to("answer", "Femke"),
        "stop": to("stop", "Vries"),
        "data": to("data", "Vries"),
        "my page": to("staff", "Femke"),
        "old link": "/a/x.y",
        "link sent": "/link/sent",
    }


def later_doors(ids: dict[str, int], settings: Settings) -> dict[str, str]:
    """And after the answers."""
    for name in ("Vries", "Jansen", "Femke", "Tariq"):
        with db.transaction():
            db.session.get_one(Invitation, ids[name]).answer("accepted", LATER)
    with db.transaction():
        noor = db.session.get_one(Invitation, ids["Noor"])
        noor.answer("declined", LATER)
        address = db.session.get_one(Invitation, ids["Jansen"]).address
        assert address is not None
        address.suppress("stop", LATER)
        stopped = address.id
    answered = {name: door(settings, "answer", id) for name, id in ids.items()}
    return {
        "receipt": answered["Vries"] + "/done",
        "change": answered["Vries"] + "?change=1",
        "willing": answered["Jansen"] + "/done",
        "seat": answered["Femke"] + "/done",
        "waiting": answered["Tariq"] + "/done",
        "off the list": answered["Tariq"] + "?answer=left",
        "not coming": answered["Noor"] + "/done",
        "full": answered["Noor"] + "?answer=accepted",
        "stopped": door(settings, "stop", stopped),
    }


@pytest.mark.parametrize(("language", "theme"), [("nl", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_any_of_these_pages(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int], language: str, theme: Any
) -> None:
    page = phone()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    for pages in (doors, later_doors):
        for name, path in pages(ids, settings).items():
            page.goto(live.url + path + ("&" if "?" in path else "?") + f"lang={language}")
            assert page.evaluate("document.documentElement.lang") == language
            found[name] = axe.problems(page) + page.evaluate(SMALL)
    assert {name: problems for name, problems in found.items() if problems} == {}


def test_axe_finds_nothing_when_something_went_wrong(
    phone: Phone, live: Live, settings: Settings, ids: dict[str, int]
) -> None:
    page = phone()
    page.goto(live.url + door(settings, "answer", ids["Vries"]) + "/times")
    page.get_by_label("Nog iets? (hoeft niet)").fill("liefst in januari")
    tap(page, "Geef mijn momenten door")

    assert page.title().startswith("Fout: ")
    assert page.evaluate("document.activeElement.innerText").startswith("Eén ding klopt nog niet")
    assert page.get_by_label("Nog iets? (hoeft niet)").input_value() == "liefst in januari"
    assert axe.problems(page) == []


@pytest.mark.matrix
def test_axe_finds_nothing_in_six_views(phone: Phone, live: Live, settings: Settings, ids: dict[str, int]) -> None:
    page = phone(is_mobile=False)
    found: dict[str, list[str]] = {}
    for pages in (doors, later_doors):
        for name, path in pages(ids, settings).items():
            page.goto(live.url + path)
            found[name] = axe.all_problems(page)
    assert {name: problems for name, problems in found.items() if problems} == {}
