"""What is written to logs by real processes, in good days and bad: no name, no address, no link, nothing that was typed."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from sqlalchemy import Engine, text

from tests import factories as make
from tests.accounts.test_door import PASSWORD
from tests.doors import door
from tests.fixtures.processes import Start
from tests.fixtures.services import Services, wait_until
from tests.fixtures.smtp import Relay
from tests.imports.lists import csv_of, people
from webapp import clock, db
from webapp.accounts import passwords
from webapp.config import Settings
from webapp.local import commands
from webapp.mailing import sweep
from webapp.mailing.models import Message
from webapp.visits.models import Visit

CANARY = "Kanarievogel"
"""In every name, address, note and typed text of this test."""
MAILBOX = "kanarievogel@example.com"
ANNA = "organisator.kanarievogel@uni.example"
BROKEN, FAILED = "Er ging bij ons iets mis", '"event": "task failed"'
LONG = 600
"""Rows of a list that is read by a worker."""


class Browser:
    """Keeps cookies, sends forms with their token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor())

    def open(self, path: str, body: bytes | None = None, **headers: str) -> str:
        try:
            with self.opener.open(Request(self.url + path, body, headers), timeout=20) as answer:
                return str(answer.read().decode(errors="replace"))
        except HTTPError as refused:
            return refused.read().decode()

    def token(self, path: str, name: str = "csrf_token") -> str:
        found = re.search(rf'name="{name}" value="([^"]+)"', self.open(path))
        assert found, path
        return found[1]

    def send(self, path: str, **fields: str) -> str:
        return self.open(path, urlencode(fields).encode())

    def bring(self, path: str, content: bytes) -> str:
        parts = [
            b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + self.token(path).encode(),
            f'--x\r\nContent-Disposition: form-data; name="file"; filename="{CANARY}.csv"\r\n\r\n'.encode() + content,
            b"--x--\r\n",
        ]
        return self.open(path, b"\r\n".join(parts), **{"Content-Type": "multipart/form-data; boundary=x"})


@contextmanager
def away(engine: Engine, table: str) -> Iterator[None]:
    """While this table is not there, whatever needs it fails with everything it had in hand."""

    def rename(old: str, new: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(f'ALTER TABLE "{old}" RENAME TO "{new}"'))

    rename(table, f"{table}_away")
    try:
        yield
    finally:
        rename(f"{table}_away", table)


@contextmanager
def refused(engine: Engine, table: str) -> Iterator[None]:
    """While the database refuses every row of this table, and says which it was."""
    with engine.begin() as connection:
        connection.execute(text(f'ALTER TABLE "{table}" ADD CONSTRAINT none_of_them CHECK (false) NOT VALID'))
    try:
        yield
    finally:
        with engine.begin() as connection:
            connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT none_of_them'))


@pytest.fixture
def web(start_process: Start) -> Any:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    part = start_process("web", commands.web(f"127.0.0.1:{port}", processes=1, threads=2))

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, "the web process listens")
    return part, Browser(f"http://127.0.0.1:{port}")


def _one_more(visit_id: int) -> None:
    with db.transaction() as session:
        make.invitation(session.get_one(Visit, visit_id), make.customer(f"Rosa {CANARY}"), at=clock.now())


def test_no_log_knows_anybody(
    database: Engine, web: Any, worker: Any, ask: Any, smtp: Relay, settings: Settings, services: Services
) -> None:
    part, browser = web
    with db.transaction():
        make.organisation()
        anna = make.account(f"Anna {CANARY}", role="admin", email=ANNA)
        anna.password_hash = passwords.hash_of(PASSWORD)
        sweep.sweep(clock.now(), clock.real(), wide=True)
        visit = make.visit(clock.now().replace(tzinfo=None, hour=14, year=clock.now().year + 1), organiser=anna)
        one = make.customer(f"Sam {CANARY}", email=MAILBOX, note=CANARY, organisation=CANARY)
        two = make.customer(f"Bo {CANARY}", email=f"twee.{MAILBOX}")
        asked = [make.invitation(visit, each, at=clock.now()).id for each in (one, two)]
    smtp.refuse(MAILBOX, f"550 5.1.1 <{MAILBOX}> is unknown here")
    smtp.refuse(f"twee.{MAILBOX}", f"421 4.3.2 later, {CANARY}", at="data")
    answer = door(settings, "answer", asked[0])

    # a good day
    browser.send("/login", csrf_token=browser.token("/login"), email=ANNA, password=f"{CANARY} {PASSWORD}")
    browser.send("/login", csrf_token=browser.token("/login"), email=ANNA, password=PASSWORD)
    assert CANARY in browser.open("/customers?view=list")
    assert "<h1>" in browser.open(answer)
    browser.open(answer, urlencode({"nonce": browser.token(answer, "nonce"), "answer": "accepted"}).encode())
    browser.open(f"/search?q={CANARY}")
    browser.open(f"/a/{CANARY}.{CANARY}")
    ask("tasks.sweep.tick")
    ask("tasks.delivery.deliver")

    def ended() -> int:
        with db.transaction(read_only=True) as session:
            return session.query(Message).filter(Message.end.is_not(None)).count()

    wait_until(lambda: ended() >= 1, "a mail was refused")

    # a bad day: it fails while names, links and typed words are in hand
    token = browser.token("/account")
    with away(database, "visit"):
        assert BROKEN in browser.open(answer)
    with away(database, "contact"):
        assert BROKEN in browser.open(f"/customers/{one.id}")
    with refused(database, "room"):
        assert BROKEN in browser.send("/admin/rooms", csrf_token=token, name=CANARY, place=CANARY, seats="12")
    with refused(database, "customer"):
        new = {"given": CANARY, "family": CANARY, "email": f"drie.{MAILBOX}", "ground": "agreed"}
        assert BROKEN in browser.send("/customers/new", csrf_token=token, **new)
    rows = people(LONG)
    rows[1][1] = rows[1][3] = CANARY
    rows[1][5] = f"lijst.{MAILBOX}"
    browser.bring("/customers/import", csv_of(rows))
    for table, task in (("import_row", "tasks.imports.lists"), ("message", "tasks.sweep.wide_tick")):
        before = worker.log.read_text().count(FAILED)
        with refused(database, table):
            if table == "message":
                _one_more(visit.id)
            ask(task)
            wait_until(lambda before=before: worker.log.read_text().count(FAILED) > before, f"{task} fails")  # type: ignore[misc]  # the loop's own value

    logs = {log.name: log.read_text(errors="replace") for log in (part.log, worker.log, *services.folder.glob("*.log"))}
    assert '"event": "request failed"' in logs[part.log.name], "there was something to tell"
    secrets = (CANARY.lower(), answer.rpartition("/")[2].lower(), PASSWORD.lower())
    told = [
        f"{name}: {line[:300]}"
        for name, log in logs.items()
        for line in log.splitlines()
        if any(each in line.lower() for each in secrets)
    ]
    assert not told, "\n".join(told)
