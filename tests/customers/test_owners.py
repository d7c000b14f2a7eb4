"""The relationship owner is asked first, by two buttons; without an answer in three working days we decide."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests import factories as make
from tests.board.conftest import Organiser
from tests.doors import door, heading, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.config import Settings
from webapp.customers.asks import Ask, MayNotAsk
from webapp.customers.models import Customer
from webapp.customers.owners import OwnerQuestion, ask_owner, last_questions, silent

MINUTE = timedelta(minutes=1)


@pytest.fixture
def question(client: FlaskClient, clock: Clock, anna: Organiser) -> int:
    """Anna asked Karin whether Sam may be asked."""
    with db.transaction():
        karin = make.staff_member("Karin Visser")
        sam = make.customer(relationship_owner="Karin Visser")
        return ask_owner(sam, karin, "visit", anna.account, NOW, MINUTE).id


def test_an_owner_says_yes_in_two_taps_and_a_look_changes_nothing(
    client: FlaskClient, settings: Settings, question: int
) -> None:
    page = client.get(door(settings, "owner", question) + "?answer=yes")
    assert heading(page) == "Is dit een goed moment om jouw klant te vragen?"
    assert may_be_asked(question) == "owner_waits"
    told = press(client, door(settings, "owner", question) + "?answer=yes", answer="yes")
    assert told.status_code == 303
    assert heading(client.get(told.location)) == "Dank je: we mogen vragen"
    assert may_be_asked(question) == "yes"


def test_an_owner_who_says_not_now_is_obeyed_and_can_think_again(
    client: FlaskClient, settings: Settings, question: int
) -> None:
    path = door(settings, "owner", question)
    press(client, path, answer="not_now")
    assert may_be_asked(question) == "owner"
    press(client, path, answer="yes")
    assert may_be_asked(question) == "yes"
    assert press(client, path, answer="perhaps").status_code == 400


def test_without_an_answer_in_three_working_days_we_decide(question: int, anna: Organiser, clock: Clock) -> None:
    thursday = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
    with db.transaction():
        assert db.session.get_one(OwnerQuestion, question).due_at == thursday
        assert db.session.scalars(silent(thursday - MINUTE)).all() == []
        assert db.session.scalars(silent(thursday)).all() == [question]
        sam = db.session.get_one(OwnerQuestion, question).customer_id
    clock.at(thursday)
    assert may_be_asked(question, thursday) == "owner_silent"
    assert anna.post(f"/customers/{sam}/owner/decide", answer="yes").status_code == 303
    assert may_be_asked(question, thursday) == "yes"


def test_an_organiser_asks_the_owner_once(anna: Organiser) -> None:
    with db.transaction():
        make.staff_member("Karin Visser", email="karin@uni.example")
        sam, bo = make.customer(relationship_owner="KARIN@uni.example").id, make.customer("Bo Kaya").id
    for _ in range(2):
        assert anna.post(f"/customers/{sam}/owner", kind="story").status_code == 303
    assert anna.post(f"/customers/{bo}/owner", kind="story").status_code == 404
    with db.transaction():
        found = last_questions([sam, bo])
        assert {each: found[each].kind for each in found} == {sam: "story"}


def may_be_asked(question_id: int, now: datetime = NOW) -> str:
    with db.transaction() as session:
        question = session.get_one(OwnerQuestion, question_id)
        try:
            Ask.take(session.get_one(Customer, question.customer_id), "visit", None, now)
        except MayNotAsk as refused:
            return refused.why
        finally:
            session.rollback()
        return "yes"
