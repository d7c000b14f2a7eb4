"""The host looks after who tells: what is agreed beforehand and what is done afterwards stays as it was ticked."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories as make
from tests.doors import door, press
from tests.fixtures.database import Clock
from webapp import db
from webapp.config import Settings
from webapp.invitations.care import Care
from webapp.invitations.models import Invitation
from webapp.privacy import retention

AGREED: dict[str, Any] = {"pause": "  hand  omhoog ", "companion": "haar zus", "done": ["called", "pause"]}


@pytest.fixture
def teller(client: FlaskClient, settings: Settings, clock: Clock) -> tuple[str, int]:
    """The host's page of a visit, and the invitation of who tells at it."""
    clock.at(make.NOW)
    with db.transaction():
        make.organisation()
        invitation = make.invitation(make.visit(), make.customer())
        make.answer(invitation)
        ids = invitation.visit_id, invitation.id
    return door(settings, "host", ids[0]), ids[1]


def kept() -> list[tuple[str, str, dict[str, str]]]:
    """Word, companion, and the day and hour of each tick."""
    with db.transaction():
        found = db.session.scalars(select(Care)).all()
        return [(each.pause, each.companion, {step: at[:13] for step, at in each.done.items()}) for each in found]


def test_what_was_agreed_stands_on_the_page_again_and_a_tick_keeps_its_moment(
    client: FlaskClient, teller: tuple[str, int], clock: Clock
) -> None:
    page, invitation = teller
    assert "Bel de volgende dag" not in client.get(page).text
    press(client, page, care=invitation, **AGREED)
    clock.at(make.NOW + timedelta(hours=1))
    answer = press(client, page, care=invitation, **AGREED | {"done": ["called"]})
    assert answer.location.endswith(f"?kept={invitation}#care-{invitation}")
    assert kept() == [("hand omhoog", "haar zus", {"called": "2026-11-23T08"})]
    shown = client.get(answer.location).text
    assert ('value="hand omhoog"' in shown, 'value="called" checked' in shown, 'value="pause" checked' in shown) == (
        True, True, False,
    )  # fmt: skip


def test_after_the_visit_the_host_ticks_what_is_still_to_be_done(
    client: FlaskClient, teller: tuple[str, int], clock: Clock
) -> None:
    page, invitation = teller
    clock.at(make.NOW + timedelta(days=30))
    shown = client.get(page).text
    assert [text in shown for text in ("Betaal de onkosten.", "Bel de volgende dag: hoe gaat het?")] == [True, True]
    press(client, page, care=invitation, done=["next_day", "something else"])
    assert kept() == [("", "", {"next_day": "2026-12-23T08"})]


def test_nobody_else_is_looked_after_through_this_page(client: FlaskClient, teller: tuple[str, int]) -> None:
    with db.transaction():
        other = make.invitation(make.visit(), make.customer()).id
    assert [press(client, teller[0], care=each).status_code for each in (other, "x")] == [404, 404]
    assert kept() == []


def test_a_year_later_it_is_forgotten(client: FlaskClient, teller: tuple[str, int]) -> None:
    press(client, teller[0], care=teller[1], **AGREED)
    with db.transaction():
        assert db.session.get_one(Invitation, teller[1]).care is not None
        retention.night(make.NOW + timedelta(days=400), ("k" * 40,))
    assert kept() == []
