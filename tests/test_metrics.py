"""What Prometheus reads."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import clock as application_clock
from webapp import db
from webapp.mailing.models import Dispatch, Message
from webapp.mailing.sweep import beat

TOKEN = "a token for prometheus"


@pytest.fixture
def watched(make_app: Callable[..., Flask], database: object, clock: Clock) -> Flask:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
    return make_app(metrics_token=TOKEN)


def read(app: Flask) -> dict[str, float]:
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_who_does_not_know_the_token_finds_no_such_page(watched: Flask, app: Flask) -> None:
    asked = [("Bearer wrong",), ("",), ("Bearer ",)]
    assert [watched.test_client().get("/metrics", headers={"Authorization": a}).status_code for (a,) in asked] == [
        404
    ] * 3
    assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404, "no token is set"


def test_a_quiet_installation_has_nothing_due(watched: Flask) -> None:
    assert read(watched) == {
        "firsthand_due": 0, "firsthand_oldest_due_seconds": 0, "firsthand_under_way": 0, "firsthand_unknown": 0,
        "firsthand_retried": 0, 'firsthand_waiting{why="quiet"}': 0, 'firsthand_waiting{why="domain"}': 0,
        'firsthand_waiting{why="relay"}': 0,
    }  # fmt: skip


def test_mail_is_counted_by_what_becomes_of_it(watched: Flask) -> None:
    real = application_clock.real()
    with db.transaction() as session:
        for number, (state, attempts, due) in enumerate([("queued", 0, 90), ("queued", 2, -60), ("unknown", 1, 0)]):
            message = Message(
                public_id=f"m{number}", notice="mail_test", subject_id=number, occurrence="", locale="nl",
                address_id=make.address().id, due_at=NOW, planned_at=NOW,
            )  # fmt: skip
            session.add(message)
            session.flush()
            at = real - timedelta(seconds=due)
            later = NOW + timedelta(days=1)
            session.add(Dispatch(
                message_id=message.id, lane=0, try_at=at, not_after=later, state=state, attempts=attempts,
                owner=None, resends=0,
            ))  # fmt: skip
        session.add(Message(
            public_id="gone", notice="mail_test", subject_id=9, occurrence="", locale="nl", end="sent",
            address_id=make.address().id, due_at=NOW, planned_at=NOW,
        ))  # fmt: skip
        beat("sweep", NOW, real - timedelta(seconds=30))
    found = read(watched)
    assert {name: found[f"firsthand_{name}"] for name in ("due", "under_way", "unknown", "retried")} == {
        "due": 1, "under_way": 3, "unknown": 1, "retried": 1,
    }  # fmt: skip
    assert found['firsthand_ended_in_a_day{end="sent"}'] == 1
    assert 90 <= found["firsthand_oldest_due_seconds"] < 100
    assert 30 <= found['firsthand_heartbeat_age_seconds{part="sweep"}'] < 40
