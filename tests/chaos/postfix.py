"""A campaign through a real Postfix, while everything is killed again and again; what lies in the mailboxes is counted."""

import os
import re
import socket
import time
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from sqlalchemy import func, select

from tests.chaos import campaign
from tests.chaos.checker import Copy, Counts, check
from tests.chaos.outbox import wait_for
from tests.chaos.world import NotHere, World
from tests.fixtures.postfix import Postfix, installed
from tests.fixtures.services import started, stop
from webapp import db
from webapp.mailing.models import Message

AT_LEAST = 2000
BLACKOUTS = 4
"""One of them spares Postfix, which then finds its clients gone in the middle of a mail."""
HURRY = "1"
"""Its log tells whole seconds only."""
MAILBOX = "everybody/Maildir"
SYSLOG = ("postlog_service_name = syslog",)
_ADDED = re.compile(rb"\A(?:(?:Return-Path|X-Original-To|Delivered-To|Received):.*\n(?:[ \t].*\n)*)+")
_QUEUE_ID, _TO = re.compile(rb"\sid (\w+)"), re.compile(rb"^Delivered-To: (\S+)", re.MULTILINE)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.MULTILINE | re.IGNORECASE)


def postfix(world: World) -> tuple[Counts, list[str]]:
    """Workers, beat, broker, database and Postfix are killed at three moments while 2,000 invitations leave."""
    if not installed():
        raise NotHere("there is no Postfix to start here: as root, apt-get install postfix")
    relay = Postfix.make(world.services.folder / "postfix", f"static:{MAILBOX}/", *SYSLOG)
    n, log, part = max(world.n, AT_LEAST), relay.folder / "mail.log", relay.part
    told = {"MAIL_PORT": str(relay.port), "RELAY_LOG": str(log), "FIRSTHAND_HURRY": HURRY}
    try:
        with Syslog(relay.folder / "queue/public/syslog", log), world.scene("postfix", n, **told) as scene:
            started(part)
            campaign.found()
            scene.usual()
            meant = campaign.invite(scene.n, domain="customer.example")
            spared = scene.dice.randrange(BLACKOUTS)
            for at, moment in enumerate(sorted(scene.dice.sample(range(n // 20, n * 19 // 20), BLACKOUTS))):
                wait_for(lambda moment=moment: arrived(relay) >= moment, f"{moment} mails to arrive", 180)  # type: ignore[misc]
                time.sleep(scene.dice.random() / 20)
                scene.blackout(world.database, world.broker, *[part] * (at != spared))
            seconds = scene.settle(len(meant), 300)
            wait_for(lambda: not queued(relay), "Postfix to deliver what it took", 60)
            found = delivered(relay)
            proved = proved_by_its_log()
            taken = {(each.queue_id, each.copy) for each in found}
            counts = check(scene.intents(), [copy for _, copy in taken], meant)
    finally:
        stop(part)
    killed = f"all killed {BLACKOUTS} times, Postfix {BLACKOUTS - 1}, settled in {seconds:.0f} s"
    lay = f"{len(found)} in the mailbox, {proved} of the unknown"
    return counts, [f"{killed}, {lay}", *repeated(len(found) - len(taken))]


class Syslog(Thread):
    """Writes down what the parts of Postfix say, and outlives them. Their own writer, killed with them, loses the last lines."""

    def __init__(self, address: Path, log: Path) -> None:
        super().__init__(daemon=True)
        self._socket, self._log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), log
        self._socket.bind(str(address))
        address.chmod(0o666)

    def __enter__(self) -> None:
        self.start()

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self._socket.close()

    def run(self) -> None:
        with self._log.open("ab", buffering=0) as log:
            while line := self._socket.recv(1 << 16):
                log.write(line.rstrip(b"\n") + b"\n")


def proved_by_its_log() -> int:
    """Mails in doubt that Postfix had taken."""
    with db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).where(Message.stage == "evidence")) or 0


def repeated(number: int) -> list[str]:
    """Not ours: the relay died between putting a mail into the mailbox and noting it."""
    return [f"({number} of them twice by Postfix itself)"] if number else []


class Delivered(NamedTuple):
    """A mail in the mailbox; under one `queue_id` Postfix took one mail, which it may deliver again when it was killed."""

    copy: Copy
    queue_id: str


def arrived(relay: Postfix) -> int:
    """How many mails have arrived."""
    try:
        return len(os.listdir(relay.folder / "homes" / MAILBOX / "new"))
    except FileNotFoundError:
        return 0


def queued(relay: Postfix) -> list[Path]:
    """Mails that Postfix took and has not delivered: whole ones may be executed."""
    files = [path for name in ("incoming", "active", "deferred") for path in (relay.folder / "queue" / name).rglob("*")]
    return [path for path in files if path.is_file() and path.stat().st_mode & 0o100]


def delivered(relay: Postfix) -> list[Delivered]:
    """Everything in the mailbox, without what Postfix wrote above it."""
    found = []
    for path in (relay.folder / "homes" / MAILBOX / "new").iterdir():
        raw = path.read_bytes()
        added = _ADDED.match(raw)
        assert added
        to, queue_id = _TO.search(added[0]), _QUEUE_ID.search(added[0])
        message_id = _MESSAGE_ID.search(raw)
        assert to
        assert queue_id
        assert message_id
        copy = Copy(message_id[1].decode(), to[1].decode(), raw[added.end() :])
        found.append(Delivered(copy, queue_id[1].decode()))
    return found
