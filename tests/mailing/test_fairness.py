"""Campaigns take turns: a visit of ten that is invited after one of hundreds does not wait for all of them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.mailing import by_hand
from webapp.mailing.claiming import TOGETHER
from webapp.mailing.delivery import Sender
from webapp.mailing.models import Message

pytestmark = pytest.mark.usefixtures("founded", "smtp")
LARGE, SMALL, BATCH = 120, 3, 10
IN_A_TURN = TOGETHER // BATCH


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """In batches so small that a campaign takes several."""
    return replace(settings, batch=BATCH)


def invite(number: int, settings: Settings) -> str:
    """So many are asked to a visit of their own; returns its thread."""
    with db.transaction():
        visit = make.visit(storyteller_places=number)
        for _ in range(number):
            make.invitation(visit, make.customer())
        thread = visit.thread
    rounds.tick(settings, wide=True)
    return thread


def threads(claimed: list[int]) -> list[str | None]:
    with db.transaction() as session:
        return list(session.scalars(select(Message.thread).where(Message.id.in_(claimed))))


def claims(settings: Settings, number: int) -> list[list[str | None]]:
    with rounds.sender(settings) as sender:
        assert isinstance(sender, Sender)
        return [threads(sender.claim(["urgent", "normal", "campaign"])) for _ in range(number)]


def test_a_small_visit_invited_after_a_large_one_leaves_with_its_next_mails(settings: Settings) -> None:
    large = invite(LARGE, settings)
    claims(settings, 2)
    small = invite(SMALL, settings)
    *turn, next = claims(settings, IN_A_TURN - 1)
    assert turn == [[large] * BATCH] * (IN_A_TURN - 2)
    assert (next.count(small), next.count(large)) == (SMALL, BATCH - SMALL)


def test_visits_that_are_invited_together_take_turns(settings: Settings) -> None:
    with db.transaction():
        visits = [make.visit(storyteller_places=LARGE) for _ in range(2)]
        for visit in visits:
            for _ in range(LARGE):
                make.invitation(visit, make.customer())
        first, second = (visit.thread for visit in visits)
    rounds.tick(settings, wide=True)
    found = [(batch.count(first), batch.count(second)) for batch in claims(settings, 4 * IN_A_TURN)]
    turns = [(BATCH, 0)] * IN_A_TURN + [(0, BATCH)] * IN_A_TURN
    assert found == turns * 2


def test_a_visit_that_is_paused_does_not_move_the_place_where_others_begin(settings: Settings) -> None:
    held = invite(LARGE, settings)
    with db.transaction():
        by_hand.pause(f"thread:{held}", "Anna", time.now())
    large = invite(LARGE, settings)
    claims(settings, 2)
    small = invite(SMALL, settings)
    *_, next = claims(settings, IN_A_TURN - 1)
    assert (next.count(held), next.count(small), next.count(large)) == (0, SMALL, BATCH - SMALL)


def test_every_mail_of_every_campaign_leaves_once(settings: Settings, smtp: Relay) -> None:
    for number in (LARGE, SMALL, SMALL):
        invite(number, settings)
    assert rounds.deliver(settings, 20) == LARGE + 2 * SMALL
    assert len({mail.recipient for mail in smtp.mails}) == len(smtp.mails) == LARGE + 2 * SMALL
