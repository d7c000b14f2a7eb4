"""Without a mouse: from signing in to mail sent, a nomination, a card on the board, a consent taken back; every stop on the
way seen; what moves, and what stands in the way."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import factories as make
from tests.accounts.test_door import PASSWORD
from tests.browser import pages
from tests.browser.conftest import Eyes
from tests.browser.filled import Names
from tests.doors import door
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.stories import making
from webapp import clock as time
from webapp import db
from webapp.accounts import passwords
from webapp.accounts.models import Account
from webapp.config import Settings
from webapp.invitations.models import Invitation

pytestmark = pytest.mark.browser

TABS_AT_MOST = 60
A_PAGE_HAS_AT_MOST = 400
"""Stops; more would be a trap."""
SOME = 12
MAIN_PAGES = ("/today", "/customers?view=list", "/visits/{coming}", "/visits/{draft}/check", "{customer_needs_action}")
# In a frame the mail itself shows where one is.
STOP = """() => {
  const el = document.activeElement, seen = el.closest('.choice') ?? el
  const style = getComputedStyle(el.matches('.cover') ? el : seen, el.matches('.cover') ? '::after' : null)
  const {left, top, width, height} = el.getBoundingClientRect()
  const there = document.elementFromPoint(left + width / 2, top + height / 2)
  const covered = el.tagName != 'IFRAME' && !el.matches('.cover') && there && !seen.contains(there) && !there.contains(el)
  return {what: el.outerHTML.slice(0, 110), end: el == document.body,
    outline: el.tagName == 'IFRAME' || style.outlineStyle != 'none' && parseFloat(style.outlineWidth) >= 2,
    covered: Boolean(covered)}
}"""


class Keyboard:
    """Presses Tab, counts it, and looks where it got."""

    def __init__(self, page: Page) -> None:
        self.page, self.tabs = page, 0
        self.wrong: list[str] = []

    def tab(self) -> bool:
        """One stop further; False at the end of the page."""
        self.page.keyboard.press("Tab")
        self.tabs += 1
        stop = self.page.evaluate(STOP)
        if not stop["end"] and (stop["covered"] or not stop["outline"]):
            self.wrong.append(f"{'covered' if stop['covered'] else 'not seen'}: {stop['what']}")
        return not stop["end"]

    def to(self, what: Locator) -> None:
        for _ in range(TABS_AT_MOST):
            if what.evaluate("el => el == document.activeElement"):
                return
            self.tab()
        raise AssertionError(f"not reached with {TABS_AT_MOST} tabs: {what}")

    def skip(self) -> None:
        """Past the masthead, by the link that is there for it."""
        self.tab()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#main")).to_be_focused()

    def press(self, what: Locator, key: str = "Enter") -> None:
        self.to(what)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


@pytest.fixture
def organisation(database: object, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        anna = make.account(email="a.bakker@uni.example")
        anna.password_hash = passwords.hash_of(PASSWORD)
        make.staff_member("Anna Bakker", make.team("Bellers avond A"), account_id=anna.id)
        make.room()
        for number in range(SOME + 3):
            make.customer(f"Klant {chr(65 + number)}")


@pytest.mark.usefixtures("organisation")
def test_from_signing_in_to_mail_sent_without_a_mouse(eyes: Eyes) -> None:
    page = eyes.open("/login")
    keys = Keyboard(page)
    keys.to(page.locator("#email"))
    page.keyboard.type("a.bakker@uni.example")
    keys.to(page.locator("summary"))
    page.keyboard.press("Enter")
    keys.to(page.locator("#password"))
    page.keyboard.type(PASSWORD)
    keys.press(page.get_by_role("button", name="Log in", exact=True))

    keys.press(page.locator(".main-nav a[href='/customers']"))
    keys.skip()
    keys.press(page.locator("main a", has_text="Lijst"))
    keys.skip()
    keys.to(page.locator("[data-first]"))
    page.keyboard.type(str(SOME))
    keys.press(page.locator("[data-invite]"))

    keys.skip()
    keys.press(page.locator("button[form=plan]").first)
    expect(page.locator("h1")).to_contain_text(f"{SOME} mails staan klaar")
    keys.skip()
    keys.press(page.locator("form[action$='/invitations'] button.primary"))

    with db.transaction():
        assert db.session.query(Invitation).count() == SOME
    assert keys.wrong == []
    assert keys.tabs <= TABS_AT_MOST


def as_anna(eyes: Eyes, path: str) -> Page:
    with db.transaction():
        anna = Account.by_email("a.bakker@uni.example")
        assert anna
        secret = anna.sign_in(time.real(), "tests")[1]
    eyes.sign_in(secret)
    return eyes.open(path)


@pytest.mark.usefixtures("organisation")
def test_a_colleague_nominates_somebody_without_a_mouse(eyes: Eyes, settings: Settings) -> None:
    """Three presses from the page that the mail leads to, and two fields; Enter answers no question by itself."""
    with db.transaction():
        make.customer("Sam de Vries")
        address = make.staff_member().address_id
    assert address
    page = eyes.open(door(settings, "staff", address))
    keys = Keyboard(page)
    keys.press(page.get_by_role("link", name="Draag een klant voor"))
    keys.to(page.locator("#name"))
    page.keyboard.type("S. de Vries")
    keys.to(page.locator("#reach"))
    page.keyboard.type("s.devries@thuis.example")
    question = page.get_by_role("heading", name="Er staat al een Sam de Vries; dezelfde?")
    for _again in range(2):
        keys.press(page.locator("#reach"))
        expect(question).to_be_visible()
    keys.press(page.get_by_role("button", name="Nee, iemand anders"))
    expect(page.locator("h1")).to_contain_text("Dank je.")
    assert keys.wrong == []
    board = as_anna(eyes, "/customers").locator("#found .card").filter(has_text="S. de Vries")
    expect(board).to_contain_text("voorgedragen door Tariq Yılmaz")


@pytest.mark.usefixtures("organisation")
def test_a_card_moves_and_is_put_back_without_a_mouse(eyes: Eyes) -> None:
    page = as_anna(eyes, "/customers")
    card = f"#{page.locator('#found .card').first.get_attribute('id')}"
    keys = Keyboard(page)
    keys.skip()
    keys.to(page.locator(card).get_by_role("combobox"))
    page.keyboard.type("Zei ja")
    expect(page.locator(f"#willing {card}")).to_be_focused()
    expect(page.locator("#status")).to_contain_text("staat nu bij “wil komen”.")
    page.keyboard.press("u")
    expect(page.locator(f"#found {card}")).to_be_visible()
    assert keys.wrong == []


@pytest.mark.usefixtures("organisation")
def test_a_consent_taken_back_without_a_mouse_takes_the_story_away_at_once(eyes: Eyes, settings: Settings) -> None:
    with db.transaction():
        team = make.team()
        story, reader = making.shared(team=team), make.staff_member(team=team)
        number, teller, address = story.id, story.customer and story.customer.address_id, reader.address_id
    assert teller
    assert address
    read = f"{door(settings, 'staff', address)}/stories/{number}"
    expect(eyes.open(read).get_by_text(making.TEXT).first).to_be_visible()
    page = eyes.open(door(settings, "data", teller))
    keys = Keyboard(page)
    keys.press(page.get_by_role("button", name="Trek in: Uw verhaal, voor medewerkers"))
    expect(page.get_by_role("status")).to_have_text("Ingetrokken. Het geldt nu, overal.")
    assert keys.wrong == []
    gone = eyes.open(read)
    expect(gone.get_by_text("Dit verhaal is ingetrokken door wie het vertelde.")).to_be_visible()
    assert "Fatima" not in gone.content()
    assert eyes.elsewhere == []


@pytest.mark.parametrize("template", MAIN_PAGES)
def test_every_stop_is_seen_and_nothing_lies_over_it(names: Names, eyes: Eyes, template: str) -> None:
    if template in pages.ORGANISER:
        eyes.sign_in(names["cookie"])
    keys = Keyboard(eyes.open(pages.address(template, names)))
    while keys.tab():
        assert keys.tabs < A_PAGE_HAS_AT_MOST, "a trap"
    assert keys.tabs > 3
    assert keys.wrong == []


@pytest.mark.parametrize("template", MAIN_PAGES)
def test_nothing_moves_for_who_asked_for_rest(names: Names, eyes: Eyes, template: str) -> None:
    if template in pages.ORGANISER:
        eyes.sign_in(names["cookie"])
    eyes.page.emulate_media(reduced_motion="reduce")
    page = eyes.open(pages.address(template, names))
    page.locator("main :is(a, button)").first.hover()
    moving = "document.getAnimations().filter(each => each.effect.getComputedTiming().duration > 10).length"
    assert page.evaluate(moving) == 0
