"""A real worker, killed at the worst moment: nothing is lost, nothing goes out twice without saying so."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.fixtures.services import wait_until
from tests.fixtures.smtp import Relay
from webapp import clock, db
from webapp.accounts.models import MailTest
from webapp.mailing.models import DeliveryEvent, Dispatch, Message
from webapp.mailing.sweep import sweep

MAILS = 25
PATIENCE = 120
"""Seconds until all is settled, at the most; on a quiet machine it is four."""
QUICK = {"FIRSTHAND_LEASE": "4", "FIRSTHAND_HURRY": "0.5", "FIRSTHAND_TICK": "0.2"}


def prepare(count: int) -> None:
    with db.transaction() as session:
        factories.organisation()
        account = factories.account(email="a.bakker@uni.example")
        sweep(clock.now(), clock.real(), wide=True)
        session.add_all([MailTest(account=account, at=clock.now()) for _ in range(count)])
    with db.transaction():
        assert sweep(clock.now(), clock.real(), wide=False) == count


def left() -> int:
    with db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Dispatch)) or 0


@pytest.mark.usefixtures("database")
def test_a_worker_sends_what_is_due(worker: Any, ask: Any, smtp: Relay) -> None:
    prepare(MAILS)
    ask("tasks.delivery.deliver")
    smtp.wait_for(MAILS)
    wait_until(lambda: left() == 0, "every mail to be recorded")
    assert max(Counter(mail.message["Message-ID"] for mail in smtp.mails).values()) == 1


@pytest.mark.usefixtures("database")
def test_a_worker_killed_between_the_250_and_its_note_loses_nothing(start_worker: Any, ask: Any, smtp: Relay) -> None:
    """The relay is slow, so the kill falls inside a marked group: in doubt are at most ten, and each says so."""
    prepare(MAILS)
    smtp.tarpit = 0.05
    first = start_worker("post", **QUICK)
    ask("tasks.delivery.deliver")
    smtp.wait_for(13)
    first.kill()
    smtp.tarpit = 0.0
    second = start_worker("tick,post", **QUICK)
    for _ in range(PATIENCE):
        ask("tasks.sweep.tick")
        ask("tasks.delivery.deliver")
        try:
            wait_until(lambda: left() == 0, "all settled", 1)
            break
        except AssertionError:
            continue
    assert left() == 0, second.log.read_text()[-2000:]
    second.kill()
    copies = Counter(str(mail.message["Message-ID"]) for mail in smtp.mails)
    with db.transaction(read_only=True) as session:
        ends = Counter(session.scalars(select(Message.end)))
        doubted = session.scalar(select(func.count()).where(DeliveryEvent.state == "unknown")) or 0
    assert ends == {"sent": MAILS}, "nothing lost, nothing silent"
    assert (len(copies), max(copies.values()) <= 2) == (MAILS, True)
    assert sum(copies.values()) - MAILS <= doubted <= 10, "a second copy only where in doubt"
    doubled = [id for id, n in copies.items() if n > 1]
    for id in doubled:
        same = {mail.raw for mail in smtp.mails if mail.message["Message-ID"] == id}
        assert len(same) == 1, "byte for byte the same"
