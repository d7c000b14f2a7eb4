"""Pages say of a mail that waits why it does, and until when: for the day, or for a place where too much was sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories as make
from tests.board.conftest import Organiser
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import db, rounds
from webapp.config import Settings
from webapp.mailing.models import Message
from webapp.mailing.sweep import install

NIGHT = (time(20), time(8))
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
"""Half past nine in the Netherlands."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, quiet_hours=NIGHT)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(quiet_hours=NIGHT)


@pytest.fixture
def evening(anna: Organiser, clock: Clock) -> Organiser:
    clock.at(EVENING)
    with db.transaction():
        install(EVENING - timedelta(days=30))
    return anna


def invite(anna: Organiser, at: datetime = EVENING, **people: int) -> int:
    """So many at each domain are asked to a visit of Anna's."""
    with db.transaction():
        visit = make.visit(organiser=anna.account, invited_at=at)
        for domain, number in people.items():
            for one in range(number):
                make.invitation(visit, make.customer("Sam de Vries", email=f"{domain}{one}@{domain}.example"), at)
        return visit.id


def send(settings: Settings) -> None:
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)


def last_mail(anna: Organiser) -> str:
    with db.transaction() as session:
        number = session.scalars(select(Message.id).order_by(Message.id.desc())).first()
    return anna.text(f"/messages/{number}")


def test_an_ask_that_waits_for_the_day_says_so(evening: Organiser, settings: Settings, smtp: Relay) -> None:
    visit = invite(evening, uni=1)
    send(settings)
    assert "wacht Wacht tot 08:00 uur: vragen sturen we alleen overdag." in last_mail(evening)
    assert "De mail gaat weg: morgen, 08:00. Vragen sturen we alleen overdag." in evening.text(f"/visits/{visit}")


def test_what_will_fall_due_at_night_is_announced_for_the_morning(evening: Organiser) -> None:
    invite(evening, EVENING + timedelta(hours=1), uni=1)
    page = evening.text("/messages")
    assert "Dinsdag 24 november 08:00 Sam de Vries Uitnodiging" in page
    assert "Vragen sturen we alleen overdag." in page


def test_what_falls_due_by_day_is_announced_as_before(evening: Organiser) -> None:
    invite(evening, uni=1)
    assert "Donderdag 26 november 21:30" not in evening.text("/messages")
    assert "Vrijdag 27 november 08:00 Sam de Vries Eerste herinnering" in evening.text("/messages")


def test_the_check_page_says_before_the_press_that_mail_will_wait(evening: Organiser, clock: Clock) -> None:
    with db.transaction():
        visit = make.visit(organiser=evening.account)
        visit.choose([make.customer().id], [])
        number = visit.id
    said = "De mail gaat weg: morgen, 08:00. Vragen sturen we alleen overdag."
    assert said in evening.text(f"/visits/{number}/check")
    clock.at(make.NOW)
    assert "overdag" not in evening.text(f"/visits/{number}/check")


def test_a_mail_over_its_budget_says_who_takes_no_more(anna: Organiser, settings: Settings, smtp: Relay) -> None:
    with db.transaction():
        install(make.NOW - timedelta(days=1))
    invite(anna, make.NOW - timedelta(minutes=1), uni=2)
    send(replace(settings, mail_domain_rate=1))
    assert "wacht Wacht even: uni.example neemt niet meer mails tegelijk aan." in last_mail(anna)


def test_where_the_relay_is_full_the_relay_is_named(anna: Organiser, settings: Settings, smtp: Relay) -> None:
    with db.transaction():
        install(make.NOW - timedelta(days=1))
    invite(anna, make.NOW - timedelta(minutes=1), uni=2)
    send(replace(settings, mail_rate=1))
    assert f"Wacht even: {smtp.host} neemt niet meer mails tegelijk aan." in last_mail(anna)
