"""The bar on top: where the clock can go, what happened on the way, and the others who answer through their own links."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext
from sqlalchemy import func, select

from tests.accounts.test_door import post
from tests.browser.filled import signed_in
from tests.demo.test_time_machine import coming
from tests.fixtures.processes import Live
from tests.fixtures.smtp import Relay
from tests.frontend import axe
from webapp import clock, db, rounds
from webapp.accounts.models import Account
from webapp.config import Settings
from webapp.demo import others, time_machine
from webapp.invitations.models import Answer, Invitation
from webapp.local.home import Home
from webapp.local.mailbox import Mailbox
from webapp.mailing.models import ClockShift
from webapp.visits.models import Visit


def _cookie() -> str:
    """Anna's, in a browser of hers."""
    with db.transaction() as session:
        anna = session.scalars(select(Account).where(Account.role == "admin")).one()
        return anna.sign_in(clock.real(), "a browser")[1]


@pytest.fixture
def anna(loaded: Settings, make_app: Callable[..., Flask], tmp_path: Path) -> FlaskClient:
    return signed_in(make_app(demo=True, home=tmp_path, database_url=loaded.database_url), _cookie())


def _shift() -> ClockShift:
    with db.transaction():
        return ClockShift.locked()


def test_the_bar_says_what_the_clock_says_and_which_visit_is_meant(anna: FlaskClient) -> None:
    page = anna.get("/effect").text
    assert "Voorbeeld. De klok staat op ma 23 nov, 09:00 uur." in page
    assert "Bezoek van do 3 dec:" in page


@pytest.mark.parametrize("to", ["day", "eve", "visit", "later"])
def test_a_button_asks_for_its_moment_and_stays_on_the_page(anna: FlaskClient, to: str) -> None:
    answer = post(anna, "/demo/clock", "/effect", to=to, next="/effect")
    assert (answer.status_code, answer.location) == (303, "/effect")
    with db.transaction():
        visit, target = coming(), _shift().target
        assert target is not None
        if to == "eve":
            assert visit.eve_at < target < visit.starts_at
        if to == "visit":
            assert target == visit.ends_at


def test_what_has_passed_is_refused_in_words(anna: FlaskClient) -> None:
    with db.transaction() as session:
        visit = coming()
        session.get_one(ClockShift, 1).ahead_seconds = (visit.ends_at - clock.real()).total_seconds() + 60
    post(anna, "/demo/clock", "/effect", to="eve", next="/effect")
    assert "Dat moment is geweest" in anna.get("/effect").text
    assert _shift().target is None


def test_the_page_of_a_visit_means_that_visit(anna: FlaskClient) -> None:
    with db.transaction() as session:
        online = session.scalars(select(Visit).where(Visit.link != "")).one()
    assert "Bezoek van ma 30 nov:" in anna.get(f"/visits/{online.id}").text


def test_the_bar_is_asked_for_again_until_the_clock_is_there(anna: FlaskClient, loaded: Settings, smtp: Relay) -> None:
    post(anna, "/demo/clock", "/effect", to="day", next="/effect")
    moving = anna.get("/demo/bar?on=/effect")
    assert "hx-get" in moving.text
    assert "HX-Refresh" not in moving.headers
    time_machine.travel(loaded)
    there = anna.get("/demo/bar?on=/effect")
    assert there.headers["HX-Refresh"] == "true"
    assert "Eén dag verder." in there.text
    assert "Er gingen" in there.text


def test_who_did_not_sign_in_moves_no_clock(anna: FlaskClient) -> None:
    stranger = anna.application.test_client()
    assert stranger.post("/demo/clock", data={"to": "day"}).status_code in (302, 400)
    assert _shift().target is None


# Against pages on a real port


@pytest.fixture
def demo_pages(loaded: Settings, start_live: Callable[..., Live], tmp_path: Path) -> Live:
    return start_live(demo=True, home=tmp_path, database_url=loaded.database_url)


def test_the_others_answer_through_their_own_links_once(demo_pages: Live, loaded: Settings, smtp: Relay) -> None:
    """Who was mailed and is silent; not who has no mailbox, and not who tapped and may be you."""
    rounds.tick(loaded, wide=True)
    rounds.deliver(loaded, 20)
    with db.transaction() as session:
        before = session.scalars(select(func.max(Answer.id))).one()
        others.ask(clock.now())
    others.answer(loaded)
    with db.transaction() as session:
        new = session.scalars(select(Answer).where(Answer.id > before)).all()
        assert len(new) >= 3
        assert {(answer.channel, answer.nonce is not None) for answer in new} == {("link", True)}
        states = {each.person.name.full: each.state for each in Invitation.of_visit(coming().id)}
        assert states["Wilhelmina Pinas"] == "needs-action"
        assert states["Tyrone Pinas"] == "needs-action"
        assert states["Lan Nguyễn"] == "hinted"
        last = session.scalars(select(func.max(Answer.id))).one()
        others.ask(clock.now())
    others.answer(loaded)
    with db.transaction() as session:
        assert session.scalars(select(func.max(Answer.id))).one() == last
        assert ClockShift.locked().answers_asked_at is None


def test_nobody_answers_unless_asked(demo_pages: Live, loaded: Settings) -> None:
    with db.transaction() as session:
        before = session.scalars(select(func.count()).select_from(Answer)).one()
    others.answer(loaded)
    with db.transaction() as session:
        assert session.scalars(select(func.count()).select_from(Answer)).one() == before


@pytest.mark.browser
@pytest.mark.parametrize("locale", ["nl-NL", "en-GB"])
def test_axe_has_nothing_against_the_mailbox(
    demo_pages: Live,
    loaded: Settings,
    smtp: Relay,
    tmp_path: Path,
    new_context: Callable[..., BrowserContext],
    locale: str,
) -> None:
    """Empty, with mail, and one opened in each of its forms; in six views."""
    page = new_context(locale=locale, bypass_csp=True).new_page()
    box = Mailbox(Home(tmp_path).mailbox)
    box.folder.mkdir()
    page.goto(f"{demo_pages.url}/demo/mailbox")
    assert axe.all_problems(page) == []
    rounds.tick(loaded, wide=True)
    rounds.deliver(loaded, 20)
    kept = [box.keep(caught.sender, [caught.recipient], caught.raw)[0] for caught in smtp.mails]
    for path in ("", f"/{kept[0].id}", f"/{kept[0].id}?as=text", f"/{kept[0].id}?as=headers"):
        page.goto(f"{demo_pages.url}/demo/mailbox{path}")
        assert axe.all_problems(page) == [], path
