"""Two hundred canaries: names, addresses, phone numbers, links and free text go through a whole run, and sing nowhere.

Looked through is all that a run leaves behind outside the database and the mail itself: what processes say, every command
that the broker was ever given, files, the metrics, and the pages that other people see. `tests/test_logs.py` looks at
logs while everything breaks; here everything works, and some of it breaks.
"""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import pytest
import redis
from sqlalchemy import Engine

from tests import factories as make
from tests.accounts.test_door import PASSWORD
from tests.doors import door
from tests.fixtures.processes import Start
from tests.fixtures.services import Services, wait_until
from tests.fixtures.smtp import Relay
from tests.imports.lists import csv_of, people
from tests.test_logs import BROKEN, Browser, away, refused
from webapp import clock, db, rounds
from webapp.accounts import passwords
from webapp.config import Settings
from webapp.links import Keys
from webapp.local import commands
from webapp.local.part import Part
from webapp.mailing import sweep
from webapp.mailing.models import Message

PLANTED = 200
TOKEN = "a token for numbers only"


@dataclass
class Canaries:
    """Strings that stand nowhere else."""

    sung: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def word(self, kind: str) -> str:
        """A word of its own: letters, so that it passes for a name."""
        number = "".join("qwrtzpsdfg"[int(digit)] for digit in f"{next(self._numbers):03}")
        self.sung.append(f"Kanarie{kind}{number}")
        return self.sung[-1]

    def address(self) -> str:
        return f"{self.word('adres').lower()}@example.com"

    def phone(self) -> str:
        self.sung.append(f"6987{next(self._numbers):05}")
        return f"+31{self.sung[-1]}"

    def link(self, path: str) -> str:
        """A link as it was mailed; its key is the secret."""
        self.sung.append(path.rpartition("/")[2].partition("?")[0])
        return path

    def in_(self, text: str) -> list[str]:
        text = text.lower()
        return [each for each in self.sung if each.lower() in text]


class Eavesdropper(threading.Thread):
    """Hears every command that the broker is given."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True, name="eavesdropper")
        self.heard: list[str] = []
        self._client = redis.Redis.from_url(url)
        self._monitor = self._client.monitor()  # type: ignore[no-untyped-call]  # redis ships half its types
        self._monitor.__enter__()  # from here on
        self.start()

    def run(self) -> None:
        try:
            for each in self._monitor.listen():
                self.heard.append(str(each["command"]))
        except (OSError, ValueError, redis.RedisError):
            return

    def stop(self) -> str:
        self._monitor.connection.disconnect()
        self._client.close()
        self.join(2)
        return "\n".join(self.heard)


@dataclass
class Run:
    """A web process and a worker, with their own place for files."""

    web: Part
    worker: Part
    browser: Browser
    folder: Path


@pytest.fixture
def run(start_process: Start, start_worker: Start, tmp_path: Path) -> Run:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "files"
    folder.mkdir()
    told = {"TMPDIR": str(folder), "METRICS_TOKEN": TOKEN}
    web = start_process("web", commands.web(f"127.0.0.1:{port}", processes=1, threads=2), **told)
    worker = start_worker(**told)

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, "the web process listens")
    return Run(web, worker, Browser(f"http://127.0.0.1:{port}"), folder)


def files_of(folder: Path) -> str:
    return "\n".join(
        f"{path.name}\n{path.read_bytes().decode('latin-1')}"
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def test_no_canary_sings(
    database: Engine, run: Run, ask: object, smtp: Relay, settings: Settings, services: Services, valkey: str,
    capfd: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    assert callable(ask)
    birds, browser = Canaries(), run.browser
    ear = Eavesdropper(valkey)
    with db.transaction():
        make.organisation()
        anna = make.account(f"Anna {birds.word('naam')}", role="admin", email=birds.address(), phone=birds.phone())
        anna.password_hash = passwords.hash_of(PASSWORD)
        sweep.sweep(clock.now(), clock.real(), wide=True)
        visit = make.visit(clock.now().replace(tzinfo=None, hour=14, year=clock.now().year + 1), organiser=anna)
        asked = []
        for _ in range(30):
            customer = make.customer(
                f"{birds.word('voornaam')} {birds.word('naam')}", email=birds.address(), phone=birds.phone(),
                note=birds.word("notitie"), organisation=birds.word("bedrijf"),
            )  # fmt: skip
            asked.append(make.invitation(visit, customer, at=clock.now()))
        ids, addresses = [each.id for each in asked], [each.customer.address_id for each in asked if each.customer]
        ours = [(each.customer_id, each.address.email if each.address else "") for each in asked]
        mail = anna.email
    answers = [birds.link(door(settings, "answer", id)) for id in ids[:5]]
    data = [birds.link(door(settings, "data", id)) for id in addresses[:3] if id]
    smtp.refuse(ours[5][1], f"550 5.1.1 <{ours[5][1]}> unknown")
    smtp.refuse(ours[6][1], f"421 4.3.2 later, {birds.word('antwoord')}", at="data")

    # Somebody who organises
    browser.send("/login", csrf_token=browser.token("/login"), email=mail, password=birds.word("wachtwoord"))
    browser.send("/login", csrf_token=browser.token("/login"), email=mail, password=PASSWORD)
    token = browser.token("/account")
    assert birds.in_(browser.open("/customers?view=list"))
    for customer_id, _ in ours[:3]:
        assert birds.in_(browser.open(f"/customers/{customer_id}"))
        browser.send(f"/customers/{customer_id}/note", csrf_token=token, note=birds.word("notitie"))
        browser.send(f"/customers/{customer_id}/contacts", csrf_token=token, note=birds.word("gezegd"))
    browser.open(f"/search?q={birds.word('gezocht')}")
    browser.open("/customers/export")
    browser.open(f"/customers?group={birds.word('groep')}")
    browser.send(f"/customers/{ours[0][0]}/export", csrf_token=token)
    browser.send(f"/customers/{ours[1][0]}/erase", csrf_token=token, name=birds.word("verkeerd"))
    browser.send("/admin/rooms", csrf_token=token, name=birds.word("ruimte"), place=birds.word("plaats"), seats="12")
    for path in ("/admin/privacy", "/admin/audit", "/today", "/messages", "/visits"):
        assert "<h1" in browser.open(path)
    rows = people(20)
    for row in rows[1:]:
        row[1], row[3], row[5], row[6], row[10] = (
            birds.word("lijst"),
            birds.word("lijst"),
            birds.address(),
            birds.phone(),
            birds.word("lijst"),
        )
    browser.bring("/customers/import", csv_of(rows))

    # Customers
    stranger = Browser(browser.url)
    for path in answers[:3]:
        given = {"nonce": stranger.token(path, "nonce"), "answer": "accepted"}
        stranger.open(path, urlencode(given).encode())
    times = {"nonce": stranger.token(f"{answers[3]}/times", "nonce"), "note": birds.word("ander")}
    stranger.open(f"{answers[3]}/times", urlencode(times).encode())
    file = stranger.open(f"{data[0]}/file", urlencode({"nonce": stranger.token(f"{data[0]}/file", "nonce")}).encode())
    assert "Uw gegevens staan klaar" in file
    erasing = {"nonce": stranger.token(f"{data[1]}/erase", "nonce"), "customer": str(ours[1][0])}
    assert "Uw gegevens zijn gewist" in stranger.open(f"{data[1]}/erase", urlencode(erasing).encode())
    stranger.send("/link", scope="answer", email=birds.address())

    # Workers, and mail that comes in
    for task in ("tasks.sweep.tick", "tasks.sweep.wide_tick", "tasks.delivery.deliver", "tasks.imports.lists"):
        ask(task)

    def ended() -> int:
        with db.transaction(read_only=True) as session:
            return session.query(Message).filter(Message.end.is_not(None)).count()

    wait_until(lambda: ended() >= 20, "most mail has left")
    keys = Keys.of(*settings.secret_keys)
    for _ in range(3):
        who, about, said_ = (
            f"{birds.word('afzender')} <{birds.address()}>",
            birds.word("onderwerp"),
            birds.word("brief"),
        )
        rounds.take(f"From: {who}\r\nSubject: {about}\r\n\r\n{said_}\r\n".encode(), keys)

    # What breaks, and what others see of it
    wrong = f"/a/{birds.word('link')}.x"
    seen = [seen_at(stranger, path) for path in ("/erased", wrong, "/nergens", data[1])]
    with away(database, "visit"):
        seen.append(seen_at(stranger, answers[4]))
        assert BROKEN in seen[-1]
    with refused(database, "contact"):
        written = {"csrf_token": token, "note": birds.word("gezegd")}
        seen.append(browser.send(f"/customers/{ours[2][0]}/contacts", **written))
    with refused(database, "customer"):
        new = {
            "given": birds.word("nieuw"),
            "family": birds.word("nieuw"),
            "email": birds.address(),
            "ground": "agreed",
        }
        seen.append(browser.send("/customers/new", csrf_token=token, **new))
    assert [BROKEN in each for each in seen[-2:]] == [True, True]
    numbers = browser.open("/metrics", Authorization=f"Bearer {TOKEN}")
    seen.append(numbers)
    assert "firsthand_" in numbers

    said = capfd.readouterr()
    places = {
        "the broker": ear.stop(),
        "files of the processes": files_of(run.folder),
        "the home of the processes": files_of(tmp_path),
        "logs of the services": "\n".join(path.read_text(errors="replace") for path in services.folder.rglob("*.log")),
        "what this process said": said.out + said.err,
        "files for everybody": files_of_ours(),
    } | {f"page {number}": page for number, page in enumerate(seen)}
    assert len(birds.sung) >= PLANTED
    assert "kombu" in places["the broker"] or "tasks." in places["the broker"], "there was something to hear"
    assert '"event": "request failed"' in places["the home of the processes"], "there was something to tell"
    assert {place: birds.in_(text) for place, text in places.items() if birds.in_(text)} == {}


def seen_at(browser: Browser, path: str) -> str:
    """A page without its own address, which who asked for it has already."""
    return browser.open(path).replace(path, "")


def files_of_ours() -> str:
    """Names and contents of small files that lie where everybody may write, and are as young as this run."""
    found = []
    for folder in (Path("/tmp"), Path("/dev/shm")):
        for path in folder.glob("*"):
            if path.is_file() and os.access(path, os.R_OK) and path.stat().st_size < 1_000_000:
                found.append(path.name)
    return "\n".join(found)
