"""The import pages in a browser: mended in place, by keyboard, while a long list is read, and with script switched off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests import factories
from tests.fixtures.database import Clock
from tests.frontend import axe
from tests.imports.lists import csv_of, customers, people
from webapp import clock as application_clock
from webapp import db
from webapp.imports import work

pytestmark = pytest.mark.browser
Open = Callable[[BrowserContext], Page]


@pytest.fixture
def signed_in(app: Flask, live: Any, clock: Clock) -> Open:
    """Gives the page of a context in which an organiser is signed in."""
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        _, secret = factories.account().sign_in(application_clock.real(), "test")
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # of Flask's own sessions
    cookie = {
        "name": app.config["SESSION_COOKIE_NAME"],
        "value": serializer.dumps({"_user_id": secret}),
        "url": live.url,
    }

    def opened(context: BrowserContext) -> Page:
        context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dict will do
        page = context.new_page()
        page.goto(f"{live.url}/customers/import")
        return page

    return opened


@pytest.fixture
def desk(signed_in: Open, new_context: Callable[..., BrowserContext]) -> Page:
    return signed_in(new_context())


@pytest.fixture
def klanten(tmp_path: Path) -> Path:
    file = tmp_path / "klanten.csv"
    file.write_bytes(customers())
    return file


def test_a_row_is_mended_in_place_and_the_counts_follow(desk: Page, klanten: Path) -> None:
    desk.set_input_files("#file", klanten)
    expect(desk.locator("h1")).to_have_text("114 rijen klaar; 4 met een fout; 2 vragen een keuze")
    where = desk.url
    bad = desk.locator("tr", has_text="Rij 8,")
    bad.get_by_label("E-mailadres, rij 8").fill("mehmet@student.example")
    desk.keyboard.press("Tab")
    expect(desk.locator("tr[data-state=mended]")).to_contain_text("Verbeterd")
    expect(desk.locator("h1")).to_have_text("115 rijen klaar; 3 met een fout; 2 vragen een keuze")
    expect(desk.locator("#import-count .no b")).to_have_text("3")
    expect(desk.get_by_role("button", name="Ga verder zonder deze 5")).to_be_visible()
    desk.get_by_role("button", name="Ja, dat bedoelde ik").click()
    expect(desk.locator("tr[data-state=mended]")).to_have_count(2)
    desk.locator("tr", has_text="Rij 61,").get_by_role("button", name="Houd allebei").click()
    expect(desk.get_by_role("button", name="Importeer 117 klanten")).to_be_visible()
    assert desk.url == where
    desk.get_by_text("Zij hebben eerder contact met ons gehad.").click()
    desk.get_by_role("button", name="Importeer 117 klanten").click()
    expect(desk.locator("h1")).to_have_text("117 klanten erbij, 0 bijgewerkt, 0 gelijk.")


def test_enter_in_a_cell_checks_the_row_and_imports_nothing(desk: Page, klanten: Path) -> None:
    desk.set_input_files("#file", klanten)
    desk.get_by_text("Zij hebben eerder contact met ons gehad.").click()
    desk.get_by_label("E-mailadres, rij 8").fill("mehmet@student.example")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_have_text("115 rijen klaar; 3 met een fout; 2 vragen een keuze")


def test_axe_finds_nothing_on_any_of_the_pages(desk: Page, klanten: Path) -> None:
    assert axe.all_problems(desk) == []
    desk.set_input_files("#file", klanten)
    expect(desk.locator("#import-form")).to_be_visible()
    desk.get_by_role("button", name="Importeer 114 klanten").click()
    expect(desk.locator("[role=alert]")).to_contain_text("Kies op welke grond")
    assert axe.all_problems(desk) == []
    desk.get_by_text("Zij hebben eerder contact met ons gehad.").click()
    desk.get_by_role("button", name="Importeer 114 klanten").click()
    expect(desk.locator("h1")).to_contain_text("114 klanten erbij")
    assert axe.all_problems(desk) == []


def test_columns_are_chosen_and_a_bad_file_is_explained_accessibly(desk: Page, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(b"%PDF-1.7")
    desk.set_input_files("#file", file)
    expect(desk.locator("[role=alert]")).to_be_focused()
    assert axe.all_problems(desk) == []
    file.write_bytes(b"wie;bereikbaar;kleur\nSam de Vries;sam@uni.example;rood")
    desk.set_input_files("#file", file)
    expect(desk.locator("h1")).to_have_text("Welke kolom is wat?")
    assert axe.all_problems(desk) == []
    desk.get_by_label("wie").select_option("Naam")
    desk.get_by_role("button", name="Lees het zo").click()
    expect(desk.locator("h1")).to_have_text("Eén rij klaar; geen fouten")


def test_a_long_list_shows_how_far_it_is_and_then_itself(desk: Page, tmp_path: Path) -> None:
    file = tmp_path / "lang.csv"
    file.write_bytes(csv_of(people(600)))
    desk.set_input_files("#file", file)
    expect(desk.locator("h1")).to_have_text("We lezen de lijst")
    assert axe.problems(desk) == []
    work.work()
    expect(desk.locator("h1")).to_have_text("600 rijen klaar; geen fouten")


def test_the_whole_way_without_script(
    signed_in: Open, new_context: Callable[..., BrowserContext], klanten: Path
) -> None:
    page = signed_in(new_context(java_script_enabled=False))
    page.set_input_files("#file", klanten)
    page.get_by_role("button", name="Lees deze lijst").click()
    page.get_by_label("E-mailadres, rij 8").fill("mehmet@student.example")
    page.get_by_role("button", name="Controleer rij 8").click()
    expect(page.locator("h1")).to_have_text("115 rijen klaar; 3 met een fout; 2 vragen een keuze")
    page.get_by_text("Zij hebben gezegd dat wij hen mogen vragen.").click()
    page.get_by_role("button", name="Ga verder zonder deze 5").click()
    expect(page.locator("h1")).to_have_text("115 klanten erbij, 0 bijgewerkt, 0 gelijk.")
    page.get_by_role("button", name="Maak de import ongedaan").click()
    expect(page.locator("h1")).to_have_text("Teruggezet. Alles is zoals het was.")
