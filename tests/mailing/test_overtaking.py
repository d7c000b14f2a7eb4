"""A mail that was made ready, and the facts that changed before it left: nobody hears the older news after the newer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests import factories as make
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.mailing.delivery import Sender
from webapp.mailing.models import Message
from webapp.mailing.sweep import sweep
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def sam(clock: Clock, settings: Settings, smtp: Relay) -> int:
    """Comes to a visit, and knows when it is."""
    clock.at(make.NOW)
    with db.transaction():
        make.organisation()
        sweep(time.now(), time.real(), wide=True)
    with db.transaction():
        invitation = make.invitation(make.visit(), make.customer())
        make.left(invitation, "visit_invitation")
        make.answer(invitation)
        id = invitation.id
    clock.forward(minutes=10)
    return id


@pytest.fixture
def slow(settings: Settings) -> Iterator[Sender]:
    with rounds.sender(settings) as sender:
        assert sender is not None
        yield sender


def move(invitation: int, hours: int) -> None:
    with db.transaction():
        visit = db.session.get_one(Invitation, invitation).visit
        make.move(db.session.get_one(Visit, visit.id), visit.wall + timedelta(hours=hours), now=time.now())


def told(smtp: Relay) -> list[str]:
    sequences = [mail.text("calendar") for mail in smtp.mails if "visit_moved" in mail.message["Message-ID"]]
    return [line for text in sequences for line in text.splitlines() if line.startswith("SEQUENCE")]


def test_news_that_was_overtaken_while_it_was_under_way_does_not_leave(
    sam: int, slow: Sender, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    move(sam, 1)
    rounds.tick(settings)
    ready = slow.prepare(slow.claim(["urgent"]))
    clock.forward(minutes=2)
    move(sam, 2)
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    assert slow.mark(ready, ()) == []
    assert told(smtp) == ["SEQUENCE:2"]


def test_newer_news_waits_until_the_older_is_out_of_the_way(
    sam: int, slow: Sender, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    move(sam, 1)
    rounds.tick(settings)
    marked = slow.mark(slow.prepare(slow.claim(["urgent"])), ())
    clock.forward(minutes=2)
    move(sam, 2)
    rounds.tick(settings)
    assert rounds.deliver(settings, 5) == 0
    with db.transaction() as session:
        assert [each.end for each in session.query(Message).filter_by(notice="visit_moved")] == [None, None]
    assert len(marked) == 1
