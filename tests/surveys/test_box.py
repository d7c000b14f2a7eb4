"""The ballot box: an answer counts once, and nobody can tell whose it is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from tests import factories
from webapp import db
from webapp.surveys import box
from webapp.surveys.models import Ballot, Register, WaitingBallot
from webapp.visits.models import Visit

OPENED = factories.NOW


def register(people: int, visit: Visit | None = None) -> list[Register]:
    factories.organisation()
    visit = visit or factories.visit()
    return [factories.register(factories.invitation(visit, factories.customer()), OPENED) for _ in range(people)]


def fill(entries: list[Register], at: datetime = OPENED) -> None:
    for number, entry in enumerate(entries):
        box.cast(entry, {"heard": number % 5 + 1}, at)


def test_an_answer_counts_once(session: Session) -> None:
    (entry,) = register(1)
    box.cast(entry, {"heard": 4}, OPENED)
    with pytest.raises(box.NotOpen):
        box.cast(entry, {"heard": 5}, OPENED)
    assert [ballot.answers for ballot in session.scalars(select(WaitingBallot))] == [{"heard": 4}]


def test_after_seven_days_the_box_is_closed(session: Session) -> None:
    (entry,) = register(1)
    with pytest.raises(box.NotOpen):
        box.cast(entry, {"heard": 4}, OPENED + timedelta(days=7))


def test_ballots_wait_until_there_are_five(session: Session) -> None:
    entries = register(5)
    fill(entries[:4])
    assert box.empty_due(OPENED) == 0
    fill(entries[4:])
    assert box.empty_due(OPENED) == 5
    assert session.scalars(select(WaitingBallot)).all() == []


def test_when_the_window_closes_the_rest_is_moved(session: Session) -> None:
    fill(register(2))
    assert box.empty_due(OPENED + timedelta(days=8)) == 2


def test_ballots_of_two_visits_are_not_put_together_to_make_five(session: Session) -> None:
    factories.organisation()
    for _ in range(2):
        fill(register(3, factories.visit()))
    assert box.empty_due(OPENED) == 0


def test_a_ballot_says_nothing_about_a_person_or_a_moment() -> None:
    assert {column.key for column in inspect(Ballot).columns} == {"key", "wave_id", "answers"}
    assert {column.key for column in inspect(WaitingBallot).columns} == {"key", "wave_id", "answers"}


@pytest.mark.usefixtures("database")
def test_not_even_row_versions_join_register_and_ballots() -> None:
    """Whoever owns the database sees transaction numbers (xmin) and places (ctid): those tell nothing either."""
    with db.transaction():
        ids = [entry.id for entry in register(8)]
    for number, id in enumerate(ids):
        with db.transaction() as own:
            box.cast(own.get_one(Register, id), {"heard": number % 5 + 1}, OPENED)
    with db.transaction():
        box.empty_due(OPENED)
    with db.transaction() as own:
        registered = set(own.scalars(text("select xmin::text from register where answered")))
        moved = own.execute(text("select xmin::text, answers ->> 'heard' from ballot order by ctid")).all()
        assert len({version for version, _ in moved}) == 1
        assert registered.isdisjoint({version for version, _ in moved})
        assert len(moved) == 8


def test_only_points_of_the_scale_are_taken(session: Session) -> None:
    (entry,) = register(1)
    given = {"heard": "6", "respected": "<script>", "worth": "5", "again": "", "complete": "Dank.\n", "extra": "1"}
    assert box.checked(entry.wave, given) == {"worth": 5, "complete": "Dank."}
