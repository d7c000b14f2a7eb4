"""Long lists are read and applied in the background, with progress, and without harm when a part dies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, func, select, text

from tests import factories
from tests.factories import NOW
from tests.fixtures.services import wait_until
from tests.imports.lists import csv_of, people
from webapp import db
from webapp.customers.models import Consent, Customer
from webapp.imports import reading, work
from webapp.imports.applying import ask_to_apply
from webapp.imports.models import Import, ImportRow
from webapp.imports.reading import Reading, upload
from webapp.imports.undoing import ask_to_undo

pytestmark = pytest.mark.usefixtures("database")


def uploaded(content: bytes) -> int:
    with db.transaction():
        factories.organisation()
        return upload("customers", factories.account(), "lijst.csv", content, "nl", NOW).id


def state(import_id: int) -> Import:
    with db.transaction(read_only=True) as session:
        return session.get_one(Import, import_id)


def counts(import_id: int) -> dict[str, int]:
    with db.transaction(read_only=True) as session:
        return {key: n for key, n in session.get_one(Import, import_id).counts().items() if n}


def customers() -> int:
    with db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Customer)) or 0


def asked(import_id: int) -> None:
    with db.transaction() as session:
        ask_to_apply(session.get_one(Import, import_id), "existing", "Bestaand contact.", "nl", NOW)


def test_5000_rows_are_read_and_applied_in_the_background() -> None:
    content = csv_of(people(5_000))
    list_id = uploaded(content)
    assert (state(list_id).waits, state(list_id).total) == (True, 5_001)
    assert work.work() == 1
    assert (counts(list_id), state(list_id).done, state(list_id).is_open) == ({"new": 5_000}, 5_000, True)
    assert work.work() == 0
    asked(list_id)
    assert (work.work(), customers(), state(list_id).done) == (1, 5_000, 5_000)
    with db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 5_000
    again = uploaded(content)
    work.work()
    assert counts(again) == {"same": 5_000}


def test_a_long_list_is_taken_back_in_the_background_once() -> None:
    list_id = uploaded(csv_of(people(1_200)))
    work.work()
    asked(list_id)
    work.work()
    with db.transaction() as session:
        of = session.get_one(Import, list_id)
        ask_to_undo(of, of.account, of.applied_at or NOW)
    assert (state(list_id).waits, customers()) == (True, 1_200)
    assert (work.work(), customers(), state(list_id).waits) == (1, 0, False)
    assert work.work() == 0


def test_progress_is_seen_while_it_is_read() -> None:
    list_id = uploaded(csv_of(people(1_200)))
    with db.transaction() as session:
        under_way = Reading(session.get_one(Import, list_id))
    seen = []
    for _ in range(3):
        with db.transaction():
            under_way.batch()
        seen.append(state(list_id).done)
    assert seen == [500, 1_000, 1_200]


def test_a_reader_that_died_half_way_is_followed_by_another() -> None:
    list_id = uploaded(csv_of(people(1_200)))
    with db.transaction() as session:
        under_way = Reading(session.get_one(Import, list_id))
    with db.transaction():
        under_way.batch()
    work.work()
    assert (counts(list_id), state(list_id).is_open) == ({"new": 1_200}, True)


def test_applying_that_died_half_way_leaves_nothing_and_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    list_id = uploaded(csv_of(people(600)))
    work.work()
    asked(list_id)
    with monkeypatch.context() as broken:
        broken.setattr("webapp.imports.applying.Applying.finish", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work.work()
    assert (customers(), state(list_id).applied_at) == (0, None)
    work.work()
    assert customers() == 600


def test_only_one_works_on_a_list_at_a_time() -> None:
    list_id = uploaded(csv_of(people(600)))
    with db.transaction():
        assert Import.try_alone(list_id) is not None
        assert work.work() == 0
    assert work.work() == 1


def test_two_lists_of_the_same_people_are_taken_over_at_once_and_make_nobody_twice() -> None:
    header, *rows = people(4_000)
    lists = [uploaded(csv_of([header, *each])) for each in (rows, rows[::-1])]
    work.work()
    for list_id in lists:
        asked(list_id)
    with ThreadPoolExecutor() as workers:
        for done in [workers.submit(work.work) for _ in lists]:
            done.result()
    work.work()
    assert [state(list_id).applied_at is not None for list_id in lists] == [True, True]
    assert (customers(), sorted(map(counts, lists), key=list)) == (4_000, [{"new": 4_000}, {"same": 4_000}])


def test_somebody_added_by_hand_while_a_list_is_taken_over_is_there_once(database: Engine) -> None:
    list_id = uploaded(csv_of(people(600)))
    work.work()
    asked(list_id)

    def waits() -> bool:
        with database.connect() as connection:
            return bool(connection.scalar(text("select count(*) from pg_locks where not granted")))

    with ThreadPoolExecutor() as workers:
        with db.transaction():
            factories.customer("Tariq Öztürk", email="persoon.18@student.example")
            done = workers.submit(work.work)
            wait_until(waits, "the worker waits for who is being added")
        done.result()
    assert (customers(), counts(list_id)) == (600, {"new": 599, "changed": 1})


def test_a_list_that_breaks_half_way_says_where_and_is_left_alone() -> None:
    rows = csv_of(people(600)) + b'mevrouw;"Sam;;de Vries;;sam@uni.example\r\n'
    list_id = uploaded(rows)
    work.work()
    assert (state(list_id).failed, state(list_id).waits) == ({"key": "file.quote", "values": {"row": 602}}, False)
    assert work.work() == 0


@pytest.mark.usefixtures("valkey")
def test_a_worker_reads_what_was_uploaded(worker: object, ask: Callable[[str], None]) -> None:
    list_id = uploaded(csv_of(people(reading.AT_ONCE + 1)))
    ask("tasks.imports.lists")
    wait_until(lambda: state(list_id).is_open, "the list is read", 20)
    with db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 501
