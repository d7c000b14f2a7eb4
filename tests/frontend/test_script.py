"""What the organiser's pages do by themselves, with the keyboard, the pointer and the clock."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

pytestmark = pytest.mark.browser
DROP = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["naam"], "klanten.csv"));
  const drop = new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true});
  document.querySelector("[data-drop]").dispatchEvent(drop);
}"""


@pytest.fixture
def posted(page: Page) -> list[tuple[str, str]]:
    """Every form that was posted: path and body. Each is answered with the same page again, at its own address."""
    found: list[tuple[str, str]] = []

    def answer(route: Route) -> None:
        request = route.request
        if request.method != "POST":
            route.continue_()
            return
        found.append((re.sub(r"^https?://[^/]+", "", request.url), request.post_data or ""))
        route.fulfill(status=204)

    page.route("**/*", answer)
    return found


@pytest.fixture
def board(page: Page, address: str, posted: list[tuple[str, str]]) -> Page:
    page.goto(f"{address}/board.html")
    return page


def ticked(page: Page) -> list[str]:
    values: list[str] = page.eval_on_selector_all(".tick:checked", "all => all.map(t => t.value)")
    return values


def test_slash_goes_to_the_search(board: Page) -> None:
    board.keyboard.press("/")
    expect(board.locator("#q")).to_be_focused()
    assert board.locator("#q").input_value() == ""


def test_typing_a_letter_in_a_field_does_nothing_else(board: Page) -> None:
    board.locator("#q").press_sequentially("?juxe/")
    assert board.locator("#q").input_value() == "?juxe/"
    expect(board.locator("#shortcuts")).to_be_hidden()


def test_j_and_k_walk_the_rows_and_e_does_what_a_row_asks(board: Page) -> None:
    board.evaluate("document.querySelector('[data-done]').onclick = () => { document.title = 'gedaan' }")
    board.get_by_role("link", name="Eerste", exact=True).focus()
    board.keyboard.press("j")
    expect(board.get_by_role("link", name="Tweede")).to_be_focused()
    board.keyboard.press("k")
    expect(board.get_by_role("link", name="Eerste", exact=True)).to_be_focused()
    board.keyboard.press("e")
    assert board.title() == "gedaan"


def test_letters_do_nothing_outside_a_list(board: Page) -> None:
    board.get_by_role("link", name="Klanten").focus()
    board.keyboard.press("j")
    expect(board.get_by_role("link", name="Klanten")).to_be_focused()


def test_shortcuts_are_listed_and_can_be_switched_off_for_good(board: Page) -> None:
    board.keyboard.press("?")
    expect(board.locator("#shortcuts")).to_be_visible()
    board.get_by_label("Gebruik sneltoetsen").uncheck()
    board.keyboard.press("Escape")
    board.keyboard.press("?")
    expect(board.locator("#shortcuts")).to_be_hidden()
    board.reload()
    board.keyboard.press("?")
    expect(board.locator("#shortcuts")).to_be_hidden()


def test_u_and_control_z_undo(page: Page, address: str, posted: list[tuple[str, str]]) -> None:
    page.goto(f"{address}/board.html?undo=1")
    page.keyboard.press("u")
    expect(page.locator("[data-sent]")).to_be_attached()
    assert [path for path, _ in posted] == ["/undone"]
    page.goto(f"{address}/board.html?undo=1")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-sent]")).to_be_attached()
    assert [path for path, _ in posted] == ["/undone", "/undone"]


def test_what_was_done_is_said_and_the_focus_stays(page: Page, address: str) -> None:
    page.goto(f"{address}/board.html?undo=1")
    expect(page.locator("#status")).to_have_text("3 mails gaan over 60 seconden weg.")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_shift_click_takes_everybody_in_between(board: Page) -> None:
    board.locator(".tick").nth(1).click()
    board.locator(".tick").nth(4).click(modifiers=["Shift"])
    assert ticked(board) == ["2", "3", "4", "5"]
    expect(board.locator("[data-count]")).to_have_text("4")


def test_the_first_so_many_are_taken_by_typing_their_number(board: Page) -> None:
    board.get_by_label("Kies de eerste").fill("3")
    assert ticked(board) == ["1", "2", "3"]
    expect(board.locator("[data-count]")).to_have_text("3")


def test_a_button_pressed_twice_sends_once(board: Page, posted: list[tuple[str, str]]) -> None:
    board.get_by_role("button", name="Nodig uit").dblclick()
    expect(board.locator("[data-invite]")).to_have_text("Bezig…")
    assert [path for path, _ in posted] == ["/invite"]


@pytest.mark.parametrize("way", ["select", "arrow", "drag"])
def test_a_card_moves_by_select_by_arrow_and_by_drag_alike(
    board: Page, posted: list[tuple[str, str]], way: str
) -> None:
    card = board.locator("#card-sam")
    if way == "select":
        card.get_by_label("Leg vast over sam").select_option("willing")
        card.get_by_role("button", name="Bewaar").click()
    elif way == "arrow":
        card.get_by_role("link", name="sam").focus()
        board.keyboard.press("ArrowRight")
    else:
        card.drag_to(board.locator("#willing"), source_position={"x": 2, "y": 2})
    expect(board.locator("[data-sent]")).to_be_attached()
    assert posted == [("/moved/sam", "fact=willing")]


def test_a_card_that_was_moved_has_the_focus_back(page: Page, address: str) -> None:
    page.goto(f"{address}/board.html#card-kim")
    expect(page.locator("#card-kim")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="kim")).to_be_focused()


def test_a_file_that_is_dropped_is_sent(board: Page, posted: list[tuple[str, str]]) -> None:
    board.evaluate(DROP)
    expect(board.locator(".drop[data-sent]")).to_be_attached()
    assert [path for path, _ in posted] == ["/upload"]


class Feed:
    """Answers `/feed` with what there is; 304 when the page has it already."""

    def __init__(self, page: Page) -> None:
        self.version, self.html, self.asked = "1", "<p>Nog niemand</p>", [""]
        page.route("**/feed*", self.answer)

    def answer(self, route: Route) -> None:
        known = route.request.headers.get("if-none-match", "")
        self.asked.append(known)
        if known == f'"{self.version}"':
            route.fulfill(status=304)
        else:
            route.fulfill(body=self.html, headers={"ETag": f'"{self.version}"', "Content-Type": "text/html"})

    def says(self, html: str) -> None:
        self.version, self.html = str(int(self.version) + 1), html


@pytest.fixture
def feed(page: Page) -> Feed:
    page.clock.install()
    return Feed(page)


NEWS = """<p>Sam komt</p><span hidden data-said="1 nieuw antwoord" data-show="Toon 1 nieuw"></span>
<template data-for="waiting-count">5</template>"""


def test_an_answer_appears_within_seconds_and_is_said_once(page: Page, address: str, feed: Feed) -> None:
    feed.says(NEWS)
    page.goto(f"{address}/live.html")
    page.clock.run_for(5100)
    expect(page.locator("[data-live]")).to_contain_text("Sam komt")
    expect(page.locator("#status")).to_have_text("1 nieuw antwoord")
    expect(page.locator("#waiting-count")).to_have_text("5")


def test_nothing_new_costs_nothing(page: Page, address: str, feed: Feed) -> None:
    feed.says(NEWS)
    page.goto(f"{address}/live.html")
    page.clock.run_for(5100)
    expect(page.locator("#status")).to_have_text("1 nieuw antwoord")
    with page.expect_response(lambda answer: "/feed" in answer.url):
        page.clock.run_for(5100)
    expect(page.locator("[data-live]")).to_contain_text("Sam komt")
    assert feed.asked[-1] == '"2"'


def test_who_is_in_the_list_is_not_pushed_aside(page: Page, address: str, feed: Feed) -> None:
    feed.says(NEWS)
    page.goto(f"{address}/live.html")
    page.get_by_role("link", name="Eerste", exact=True).focus()
    page.clock.run_for(5100)
    expect(page.get_by_role("button", name="Toon 1 nieuw")).to_be_visible()
    expect(page.get_by_role("link", name="Eerste", exact=True)).to_be_focused()
    page.get_by_role("button", name="Toon 1 nieuw").click()
    expect(page.locator("[data-live]")).to_contain_text("Sam komt")


def test_nobody_there_asks_less_often(page: Page, address: str, feed: Feed) -> None:
    page.goto(f"{address}/live.html")
    page.clock.run_for(130_000)
    expect(page.locator("[data-live]")).to_be_visible()
    before = len(feed.asked)
    page.clock.run_for(60_000)
    assert len(feed.asked) - before <= 3


def test_on_a_link_page_nothing_runs(new_context: Callable[..., BrowserContext], address: str) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/errors/refused.html?lang=nl")
    assert page.locator("script").count() == 0
