"""A mail in doubt, and somebody who opens its link: then it arrived, whatever the relay did not say."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories as make
from tests.doors import door
from tests.fixtures.database import Clock
from tests.fixtures.smtp import DROP_AFTER_DOT, Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.mailing.models import Dispatch, Message
from webapp.mailing.sweep import sweep

pytestmark = pytest.mark.usefixtures("database")
SAM = "sam@customer.example"


@pytest.fixture
def invitation(clock: Clock, settings: Settings, smtp: Relay) -> int:
    """The mail that asked Sam is in doubt: the connection went after the final dot."""
    clock.at(make.NOW - timedelta(hours=1))
    with db.transaction():
        make.organisation()
        sweep(time.now(), time.real(), wide=True)
    with db.transaction():
        id = make.invitation(make.visit(), make.customer("Sam de Vries", email=SAM)).id
    smtp.drop(SAM, DROP_AFTER_DOT)
    clock.forward(minutes=61)
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    assert states() == ["unknown"]
    return id


def states() -> list[str]:
    with db.transaction() as session:
        return list(session.scalars(select(Dispatch.state)))


def ends() -> list[str | None]:
    with db.transaction() as session:
        return list(session.scalars(select(Message.end).order_by(Message.id)))


def look(settings: Settings, smtp: Relay, clock: Clock) -> None:
    clock.forward(minutes=1)
    rounds.tick(settings)
    rounds.deliver(settings, 5)


def test_who_opens_the_link_of_a_mail_in_doubt_has_it_and_gets_no_second_copy(
    invitation: int, client: FlaskClient, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    clock.forward(minutes=1)
    assert client.get(door(settings, "answer", invitation), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    look(settings, smtp, clock)
    assert (states(), ends(), len(smtp.mails)) == ([], ["sent"], 1)


def test_one_that_stayed_in_doubt_is_settled_by_an_answer_days_later(
    invitation: int, client: FlaskClient, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    smtp.drop(SAM, DROP_AFTER_DOT)
    look(settings, smtp, clock)
    look(settings, smtp, clock)
    assert (states(), ends(), len(smtp.mails)) == ([], ["unknown"], 2)
    clock.forward(days=2)
    client.get(door(settings, "answer", invitation))
    look(settings, smtp, clock)
    assert (ends()[0], len(smtp.mails)) == ("sent", 2)


def test_a_page_of_ours_that_leads_there_proves_nothing(
    invitation: int, client: FlaskClient, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    path = door(settings, "answer", invitation)
    client.get(path, headers={"Sec-Fetch-Site": "same-origin"})
    client.get(path, headers={"Referer": f"http://localhost{path}"})
    look(settings, smtp, clock)
    assert (ends(), len(smtp.mails)) == (["sent"], 2)


def test_a_link_that_another_mail_had_too_proves_nothing(
    invitation: int, client: FlaskClient, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    with db.transaction() as session:
        asked = session.scalars(select(Message)).one()
        again = Message(
            public_id="7" * 32, notice="visit_moved", subject_id=invitation, locale="nl", due_at=asked.due_at,
            planned_at=asked.planned_at, address_id=asked.address_id, end="sent", accepted_at=asked.due_at + timedelta(seconds=1),
        )  # fmt: skip
        session.add(again)
    client.get(door(settings, "answer", invitation))
    look(settings, smtp, clock)
    assert len(smtp.mails) == 2
