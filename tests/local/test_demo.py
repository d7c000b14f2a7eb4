"""One demo, and everything that happens to it: parts die, it is killed, it is started twice, it is stopped."""

import os
import re
import signal
import smtplib
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.fixtures.firsthand import Firsthand, alive
from tests.fixtures.services import wait_until
from webapp.local.mailbox import Mailbox

Start = Callable[..., Firsthand]
PARTS = ("web", "worker tick", "worker post", "beat", "mail catcher", "broker", "database")


pytestmark = pytest.mark.xdist_group("demo")  # one demo serves them all, so one process runs them


@pytest.fixture(scope="module")
def runs() -> list[Firsthand]:
    """The demos that ran on this module's folder, one after another."""
    return []


@pytest.fixture
def demo(start: Start, runs: list[Firsthand]) -> Firsthand:
    """A running demo; on the same folder and port as the one before it."""
    if not runs or runs[-1].process.poll() is not None:
        runs.append(start("demo", home=runs[0].home, port=runs[0].port) if runs else start("demo"))
        runs[-1].says("Ctrl-C")
    wait_until(runs[-1].answers, "the site answers")
    return runs[-1]


def test_it_says_where_it_is_and_how_to_get_in(demo: Firsthand) -> None:
    assert f"Ready: http://127.0.0.1:{demo.port}" in demo.lines
    assert f"Mailbox: http://127.0.0.1:{demo.port}/demo/mailbox" in demo.lines


def test_only_the_one_who_started_it_can_read_its_folder(demo: Firsthand) -> None:
    secret = {"secret-key": 0o600, "told.json": 0o600, "db": 0o700, "run": 0o700, "mailbox": 0o700, "log": 0o700}
    assert {name: (demo.home / name).stat().st_mode & 0o777 for name in secret} == secret


def test_a_second_start_beside_it_is_refused_in_one_sentence(demo: Firsthand, start: Start) -> None:
    second = start("demo", home=demo.home)
    assert second.process.wait(10) == 1
    line = second.says("already runs")
    assert second.lines == [line]
    assert str(demo.process.pid) in line


def test_a_port_in_use_is_named(demo: Firsthand, start: Start) -> None:
    second = start("demo", port=demo.port)
    assert second.process.wait(20) == 1
    assert second.lines == [second.says(f"Port {demo.port} is in use", "PORT=")]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_is_started_again_and_said_so(demo: Firsthand, name: str) -> None:
    before = demo.part(name)
    os.kill(before, signal.SIGKILL)
    assert demo.says(f"The {name} stopped (signal 9) and is started again")
    wait_until(lambda: demo.part(name) != before and alive(demo.part(name)), f"another {name}")
    wait_until(demo.answers, "the site answers")


def test_mail_is_kept_for_its_recipient(demo: Firsthand) -> None:
    port = int(re.findall(r'"MAIL_PORT": "(\d+)"', (demo.home / "told.json").read_text())[0])
    with smtplib.SMTP("127.0.0.1", port) as post:
        post.sendmail("visits@example.org", ["noor@example.org"], b"Subject: Kom je?\r\n\r\nJa.\r\n")
    mailbox = Mailbox(demo.home / "mailbox")
    mail = mailbox.mails("Noor@example.org")[0]
    assert (mail.subject, mail.sender, mailbox.message(mail).get_content().strip()) == (
        "Kom je?",
        "visits@example.org",
        "Ja.",
    )


def test_after_all_of_it_was_killed_the_next_start_goes_on(demo: Firsthand, start: Start) -> None:
    key, family = (demo.home / "secret-key").read_text(), demo.family()
    mails = len(Mailbox(demo.home / "mailbox"))
    for pid in family:
        with suppress(ProcessLookupError):  # it followed the one it came from
            os.kill(pid, signal.SIGKILL)
    again = start("demo", home=demo.home, port=demo.port)
    again.says("Ready: ")
    assert (demo.home / "secret-key").read_text() == key
    assert len(Mailbox(demo.home / "mailbox")) >= mails
    assert again.stop() == 0


def test_after_the_supervisor_was_killed_nothing_stays_behind(demo: Firsthand, start: Start) -> None:
    family = demo.family()
    demo.stop(signal.SIGKILL)
    again = start("demo", home=demo.home, port=demo.port)
    again.says("Ready: ")
    assert [pid for pid in family if alive(pid)] == []
    assert again.stop() == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_everything_within_five_seconds(demo: Firsthand, how: signal.Signals) -> None:
    family = demo.family()
    at = time.monotonic()
    assert demo.stop(how) == 0
    assert time.monotonic() - at < 5
    assert [pid for pid in family if alive(pid)] == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", demo.port))


def test_ctrl_c_while_it_starts_stops_it_too(start: Start) -> None:
    starting = start("up")
    wait_until(lambda: (starting.home / "db").exists(), "the database is made")
    assert starting.stop() == 0
    assert not starting.says("Stopping.").startswith("Ready")
