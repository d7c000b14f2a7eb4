"""The audit log: who did what, in a chain that shows when somebody changes, drops or invents a row."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DBAPIError

from tests import factories as make
from tests.factories import NOW
from webapp import db
from webapp.accounts import audit
from webapp.accounts.audit import AuditEntry
from webapp.accounts.auditing import main, report

pytestmark = pytest.mark.usefixtures("database")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def noted(count: int, at: datetime = NOW, sealed: bool = True) -> None:
    with db.transaction():
        anna = make.account()
        for number in range(count):
            audit.note("changed customer", f"customer-{number}", anna, at, {"number": number, "ü": "é"})
    if sealed:
        with db.transaction():
            audit.seal(NOW)


def checked() -> tuple[int, int | None]:
    with db.transaction(read_only=True):
        found = audit.check()
        return found.rows, found.broken


def behind_our_back(engine: Engine, *statements: str) -> None:
    """Somebody who may do anything in the database, triggers or not."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_deed_is_a_row_that_a_tick_seals() -> None:
    noted(3, sealed=False)
    assert checked() == (0, None)
    with db.transaction():
        assert audit.seal(NOW) == 3
        assert audit.seal(NOW) == 0
    assert checked() == (3, None)


def test_nobody_changes_or_removes_a_row(database: Engine) -> None:
    noted(3)
    noted(1, sealed=False)
    for statement in (
        update(AuditEntry).values(what="nothing"),
        update(AuditEntry).where(AuditEntry.place.is_(None)).values(account_id=None),
        delete(AuditEntry).where(AuditEntry.place == 2),
        delete(AuditEntry).where(AuditEntry.place == 1),
        delete(AuditEntry).where(AuditEntry.place.is_(None)),
        text("TRUNCATE audit_entry"),
    ):
        with pytest.raises(DBAPIError, match="audit log"), db.transaction() as session:
            session.execute(statement)
    assert checked() == (3, None)


@pytest.mark.parametrize(
    ("tampered", "broken"),
    [
        ("UPDATE audit_entry SET what = 'nothing' WHERE place = 3", 3),
        ("UPDATE audit_entry SET facts = '{\"number\": 7}' WHERE place = 2", 2),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE place = 4", 4),
        ("DELETE FROM audit_entry WHERE place = 3", 3),
        ("DELETE FROM audit_entry WHERE place <= 2", 3),
        ("UPDATE audit_entry SET account_id = NULL WHERE place = 1", 1),
    ],
)
def test_the_first_row_that_does_not_hold_is_named(database: Engine, tampered: str, broken: int) -> None:
    noted(5)
    behind_our_back(database, tampered)
    assert checked()[1] == broken
    with db.transaction(read_only=True):
        assert report(audit.check()).startswith(f"Broken at row {broken}.")


def test_the_oldest_end_may_be_cut_and_the_chain_says_so(database: Engine) -> None:
    noted(4, LONG_AGO)
    noted(2)
    with db.transaction():
        assert audit.cut(NOW - timedelta(days=700), NOW) == 4
    with db.transaction():
        audit.seal(NOW)
        assert db.session.scalars(select(AuditEntry.place).order_by(AuditEntry.place)).all() == [5, 6, 7]
    assert checked() == (3, None)
    behind_our_back(database, "DELETE FROM audit_entry WHERE place = 5")
    assert checked()[1] == 6


def test_the_newest_row_stays_however_old_it_is() -> None:
    noted(3, LONG_AGO)
    with db.transaction():
        assert audit.cut(NOW, NOW) == 2
    with db.transaction():
        assert audit.cut(NOW, NOW) == 0


def test_a_long_transaction_holds_nobody_up_and_is_linked_when_it_is_there() -> None:
    """Whose row was made first and committed last stands later in the chain; nothing waits for it."""
    with db.transaction():
        anna = make.account().id
    with db.transaction():
        audit.note("imported customers", "import-1", anna, NOW)
        db.session.flush()
        others = [Thread(target=_deed, args=(anna,)) for _ in range(4)]
        for each in others:
            each.start()
        for each in others:
            each.join(10)
        assert not any(each.is_alive() for each in others)
        assert checked() == (4, None)
    with db.transaction():
        audit.seal(NOW)
        last = audit.newest()
        assert last is not None
        assert (last.place, last.what) == (5, "imported customers")
    assert checked() == (5, None)


def _deed(anna: int) -> None:
    with db.transaction():
        audit.note("changed customer", "customer-1", anna, NOW)
    sealed = 0
    while not sealed:  # another one may be sealing at this moment, and take ours along
        with db.transaction():
            sealed = audit.seal(NOW) or _all_sealed()


def _all_sealed() -> bool:
    return db.session.scalar(select(AuditEntry.id).where(AuditEntry.place.is_(None)).limit(1)) is None


def test_the_command_says_whether_the_chain_holds(database: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    noted(3)
    assert main(check=True) == 0
    assert capsys.readouterr().out.startswith("The chain holds: 3 rows. Head: ")
    assert main(check=False) == 0
    assert capsys.readouterr().out.startswith("Row 3, sealed as ")
    behind_our_back(database, "UPDATE audit_entry SET what = 'nothing' WHERE place = 2")
    assert main(check=True) == 1
    assert (
        capsys.readouterr().out == "Broken at row 2. It was changed after it was sealed. Rows before it that hold: 1.\n"
    )
