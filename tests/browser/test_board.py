"""The board under the hand: three ways to move a card with one result, selecting people, and news that comes by itself."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests import factories
from tests.browser.conftest import Open
from tests.factories import NOW
from tests.frontend import axe
from webapp import db
from webapp.accounts.models import Account
from webapp.customers.models import Contact, Customer
from webapp.invitations.models import Invitation
from webapp.stages.standing import Standings

pytestmark = pytest.mark.browser
DAY = timedelta(days=1)
ANNOUNCED_MS = 10_000
"""What a customer does stands on Today within six seconds: looked for every five; a busy machine takes longer to answer."""


@pytest.fixture
def sam(database: object) -> int:
    with db.transaction():
        factories.customer("Mo Aydin", added_at=NOW - 4 * DAY)
        return factories.customer("Sam de Vries", added_at=NOW - 3 * DAY).id


def by_select(page: Page, card: str) -> None:
    page.locator(card).get_by_label("Leg vast over Sam de Vries").select_option(label="Zei ja aan de telefoon")


def by_arrow_key(page: Page, card: str) -> None:
    """Two columns on: from found past asked, which only an invitation leads to."""
    page.locator(card).get_by_role("link").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"{card} .refusal")).to_contain_text("Dit gaat vanzelf, na een uitnodiging.")
    expect(page.locator(card)).to_be_focused()


def by_dragging(page: Page, card: str) -> None:
    page.locator(card).drag_to(page.locator("#willing h2"))


@pytest.mark.parametrize("move", [by_select, by_dragging], ids=["select", "drag"])
def test_a_card_moves_keeps_the_focus_and_can_be_put_back(
    open_page: Open, sam: int, move: Callable[[Page, str], None]
) -> None:
    page = open_page("/customers")
    card = f"#c{sam}"
    expect(page.locator("#found .count")).to_have_text("2")
    move(page, card)
    expect(page.locator(f"#willing {card}")).to_be_focused()
    expect(page.locator("#found .count")).to_have_text("1")
    expect(page.locator("#willing .count")).to_have_text("1")
    expect(page.locator("#status")).to_have_text("Sam de Vries staat nu bij “wil komen”.")
    page.keyboard.press("u")
    expect(page.locator(f"#found {card}")).to_be_visible()
    with db.transaction():
        contact = db.session.scalars(select(Contact)).one()
        assert (contact.what, contact.undone_at is not None) == ("willing", True)


def test_the_arrow_keys_move_a_card_or_say_why_not(open_page: Open, sam: int) -> None:
    page = open_page("/customers")
    by_arrow_key(page, f"#c{sam}")
    with db.transaction():
        db.session.get_one(Customer, sam).record("willing", NOW - DAY, None)
        invitation = factories.invitation(factories.visit(), db.session.get_one(Customer, sam), NOW - 2 * DAY).id
    page.reload()
    page.locator(f"#c{sam}").get_by_role("link", name="Sam de Vries").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#planned #c{sam}")).to_be_focused()
    with db.transaction():
        assert db.session.get_one(Invitation, invitation).partstat == "accepted"


def test_the_select_works_without_script(open_page: Open, sam: int) -> None:
    page = open_page("/customers", java_script_enabled=False)
    card = page.locator(f"#c{sam}")
    card.get_by_label("Leg vast over Sam de Vries").select_option(label="Zei ja aan de telefoon")
    card.get_by_role("button", name="Leg vast").click()
    expect(page.locator(f"#willing #c{sam}")).to_be_visible()
    page.get_by_role("button", name="Maak ongedaan").click()
    with db.transaction():
        assert Standings(NOW).of(sam)[0] == "found"


def test_shift_click_takes_a_range_and_the_number_takes_the_first(open_page: Open, sam: int) -> None:
    with db.transaction():
        for n in range(10):
            factories.customer(f"Sam N{n}")
    page = open_page("/customers?view=list")
    ticks = page.locator("tbody .tick")
    ticks.nth(2).click()
    ticks.nth(6).click(modifiers=["Shift"])
    button = page.get_by_role("button", name=re.compile("^Nodig uit"))
    expect(button).to_have_text("Nodig uit 5")
    page.get_by_label("De eerste").fill("3")
    expect(button).to_have_text("Nodig uit 3")
    button.click()
    expect(page).to_have_url(re.compile("/visits/new$"))
    expect(page.locator("input[name=customers]:checked")).to_have_count(3)


def test_the_first_so_many_are_selected_without_script_too(open_page: Open, sam: int) -> None:
    page = open_page("/customers?view=list", java_script_enabled=False)
    page.get_by_label("De eerste").fill("2")
    page.get_by_role("button", name="Kies deze").click()
    expect(page.locator("tbody .tick:checked")).to_have_count(2)


def test_another_time_stands_on_today_without_asking_for_the_page_again(open_page: Open, sam: int) -> None:
    with db.transaction():
        organiser = db.session.scalars(select(Account)).first()
        visit = factories.visit(organiser=organiser)
        invitation = factories.invitation(visit, db.session.get_one(Customer, sam), NOW - DAY).id
    page = open_page("/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("Goedemorgen Anna, alles is gedaan")
    with db.transaction():
        factories.proposal(db.session.get_one(Invitation, invitation))
    told = page.get_by_text("Sam de Vries stelt een ander moment voor").first
    expect(told).to_be_visible(timeout=ANNOUNCED_MS)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile("ding wacht op jou", re.IGNORECASE), timeout=ANNOUNCED_MS
    )


@pytest.mark.parametrize("path", ["/today", "/customers", "/messages", "/staff", "/search?q=niemand", "/customers/new"])
def test_empty_pages_are_for_everybody_on_a_phone(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844})
    assert axe.problems(page) == []


def test_errors_are_for_everybody_on_a_phone(open_page: Open) -> None:
    page = open_page("/customers/new", viewport={"width": 390, "height": 844})
    page.get_by_role("button", name="Voeg toe").click()
    expect(page.locator(".summary")).to_be_focused()
    assert page.title().startswith("Fout: Voeg iemand toe")
    assert axe.problems(page) == []


def test_a_refused_card_is_for_everybody(open_page: Open, sam: int) -> None:
    page = open_page("/customers")
    by_arrow_key(page, f"#c{sam}")
    assert axe.all_problems(page) == []


def test_script_in_a_name_runs_nowhere(open_page: Open, sam: int) -> None:
    with db.transaction():
        nasty = factories.customer(
            '<img src=x onerror="document.title=1">', group='"><script>document.title=1</script>'
        )
        nasty.record("note", NOW, None, "<script>document.title=1</script>")
        number = nasty.id
    page = open_page("/customers")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    base = page.url.removesuffix("/customers")
    for path in ("/customers", "/customers?view=list", f"/customers/{number}", "/search?q=img", "/today"):
        page.goto(base + path)
        assert page.title() != "1"
    assert said == []
