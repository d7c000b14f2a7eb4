"""`firsthand up`, and the commands that are given beside it from another terminal."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from tests.fixtures.firsthand import Firsthand
from webapp.accounts.models import Account
from webapp.mailing.models import Address

Start = Callable[..., Firsthand]
pytestmark = pytest.mark.xdist_group("up")  # one installation serves them all, so one process runs them


@pytest.fixture(scope="module")
def up(start: Start) -> Firsthand:
    up = start("up")
    up.says("Ctrl-C")
    return up


@pytest.fixture
def ask(start: Start, up: Firsthand) -> Callable[..., tuple[int, list[str]]]:
    """A command at another terminal, told only where the state is: its status and what it says."""

    def give(*command: str, **environment: str) -> tuple[int, list[str]]:
        given = start(*command, home=up.home, port=up.port, **environment)
        status = given.process.wait(30)
        given.stop()
        return status, given.lines

    return give


def test_it_says_how_to_begin_and_has_nothing_of_the_demo(up: Firsthand) -> None:
    site = f"http://127.0.0.1:{up.port}"
    code = up.says("Setup code: ").split()[2]
    assert up.lines == [f"Ready: {site}", f"Setup code: {code} (open {site}/setup)", "Ctrl-C stops it."]
    told = json.loads((up.home / "told.json").read_text())
    assert (told["FIRSTHAND_DEMO"], "MAIL_SERVER" in told) == ("0", False)


def test_the_setup_code_can_be_asked_for_again(up: Firsthand, ask: Callable[..., tuple[int, list[str]]]) -> None:
    assert ask("setup-code") == (0, [up.says("Setup code: ").split()[2]])


def test_who_is_locked_out_is_given_a_link(up: Firsthand, ask: Callable[..., tuple[int, list[str]]]) -> None:
    told = json.loads((up.home / "told.json").read_text())
    engine = create_engine(told["DATABASE_URL"], poolclass=NullPool)
    with Session(engine) as session:
        address = Address(email="noor@example.org")
        session.add(Account(address=address, name="Noor de Wit", role="admin", created_at=datetime.now(UTC)))
        session.commit()
    status, lines = ask("sign-in-link", "Noor@example.org")
    assert (status, len(lines)) == (0, 1)
    assert lines[0].startswith(f"http://127.0.0.1:{up.port}/login/")


def test_who_has_no_account_is_given_none(ask: Callable[..., tuple[int, list[str]]]) -> None:
    assert ask("sign-in-link", "nobody@example.org") == (
        1,
        ["There is no account with the address nobody@example.org."],
    )


def test_migrating_what_is_up_to_date_changes_nothing(ask: Callable[..., tuple[int, list[str]]]) -> None:
    assert ask("migrate") == (0, [])


def test_a_process_that_was_told_nothing_says_what_is_missing(start: Start, place: Callable[[], Path]) -> None:
    alone = start("web", home=place())
    assert alone.process.wait(20) == 1
    alone.stop()
    assert alone.lines == [
        "DATABASE_URL is missing; set it to, for example, postgresql://firsthand:password@db/firsthand."
    ]


def test_a_wrong_setting_is_named_before_anything_is_made(start: Start, place: Callable[[], Path]) -> None:
    home = place() / "home"
    wrong = start("up", home=home, MAIL_SERVER="smtp.example.org")
    assert wrong.process.wait(20) == 1
    wrong.stop()
    assert wrong.lines == [
        "MAIL_DEFAULT_SENDER is missing while MAIL_SERVER is set; set it to, for example, Visits <visits@example.org>."
    ]
    assert not home.exists()


def test_a_demo_cannot_reach_real_people_or_their_database(start: Start, place: Callable[[], Path]) -> None:
    file = place() / "file"
    file.touch()  # it stops here, before anything is made
    demo = start("demo", home=file, DATABASE_URL="postgresql://db/real", MAIL_SERVER="smtp.example.org")
    assert demo.process.wait(20) == 1
    demo.stop()
    assert demo.lines[:2] == [
        "The demo keeps to itself: DATABASE_URL is not used.",
        "The demo keeps to itself: MAIL_SERVER is not used.",
    ]
