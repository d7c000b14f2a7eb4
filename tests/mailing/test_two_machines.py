"""Two machines, each with workers and a beat of its own, share one database and one broker: everybody hears once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chaos import campaign, outbox
from tests.chaos.checker import check
from tests.chaos.relay import Relay
from tests.fixtures.processes import Start
from tests.fixtures.services import wait_until
from tests.mailing.talk import Fault
from webapp import clock, db
from webapp.invitations.models import Invitation
from webapp.local import commands
from webapp.local.part import Part

N = 100
DOMAIN = "firsthand.example"
PATIENCE = 120
"""Seconds until all is settled, at the most; on a quiet machine it is three."""
TOLD = {"FIRSTHAND_LEASE": "4", "FIRSTHAND_HURRY": "0.5", "FIRSTHAND_TICK": "0.4", "FIRSTHAND_WIDE_TICK": "2"}
SLOW = Fault("dot", after=0.01)
"""Every mail takes a moment, so that both are at it together, and a kill finds some under way."""


class Machine:
    """Its processes, in a folder of its own."""

    def __init__(self, name: str, folder: Path, start: Callable[..., Part]) -> None:
        folder.mkdir()
        self.workers = [
            start(f"{name}-{queue}", [*commands.worker(queue, log_level="INFO"), "--hostname", f"{queue}@{name}"])
            for queue in commands.QUEUES
        ]
        self.beat = start(f"{name}-beat", commands.beat(folder / "beat"))

    def ready(self) -> bool:
        return all(" ready." in part.log.read_text() for part in self.workers)

    def done(self) -> set[str]:
        """The tasks that its workers finished."""
        lines = [
            line for part in self.workers for line in part.log.read_text().splitlines() if " succeeded in " in line
        ]
        return {line.partition("Task ")[2].partition("[")[0] for line in lines}

    def kill(self) -> None:
        for part in (*self.workers, self.beat):
            part.kill()


@pytest.fixture
def postfix(tmp_path: Path) -> Iterator[Relay]:
    with Relay(postfix_log=tmp_path / "mail.log") as relay:
        relay.script = lambda _: SLOW
        yield relay


@pytest.fixture
def machines(
    database: object, postfix: Relay, start_process: Start, tmp_path: Path
) -> Iterator[tuple[Machine, Machine]]:
    def start(name: str, command: list[str]) -> Part:
        folder = tmp_path / name.partition("-")[0]
        told = {"HOME": str(folder), "MAIL_PORT": str(postfix.port), "RELAY_LOG": str(tmp_path / "mail.log")}
        return start_process(name, command, **TOLD, **told)

    campaign.found()
    one, two = (Machine(name, tmp_path / name, start) for name in ("one", "two"))
    wait_until(lambda: one.ready() and two.ready(), "both machines are ready", PATIENCE)
    yield one, two
    one.kill()
    two.kill()


def answer(invitations: list[str]) -> list[str]:
    """These people say yes or no; returns what must be mailed to them."""
    with db.transaction():
        invited = [db.session.get_one(Invitation, int(about.split()[1])) for about in invitations]
        answers = [each.answer(("accepted", "declined")[each.id % 2], clock.now()) for each in invited]
        db.session.flush()
        return [f"answer_receipt {each.id}" for each in answers]


def settle(number: int) -> None:
    outbox.settle(number, PATIENCE, backoff_at_least=8)


def test_two_machines_tell_everybody_once_and_one_of_them_goes_on_alone(
    machines: tuple[Machine, Machine], postfix: Relay
) -> None:
    one, two = machines
    meant = campaign.invite(N)
    settle(N)
    meant += answer(meant[: N // 2])
    settle(len(meant))
    assert check(outbox.intents(DOMAIN), postfix.taken(), meant).faults() == []
    wait_until(lambda: "tasks.delivery.deliver" in one.done() & two.done(), "both have sent")

    meant += campaign.invite(N)
    wait_until(lambda: postfix.number() > len(meant) - N + 10, "the next campaign leaves", PATIENCE)
    one.kill()
    meant += answer(meant[N // 2 : N])
    settle(len(meant))
    found = check(outbox.intents(DOMAIN), postfix.taken(), meant)
    assert (found.faults(), found.taken) == ([], len(meant))
