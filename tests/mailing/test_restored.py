"""A database that was put back from a backup does not know what was mailed since: nothing leaves until somebody looked."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, select

from tests import factories
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.services import Cleaner, Services
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.accounts.models import Account, MailTest
from webapp.config import Settings
from webapp.mailing import by_hand
from webapp.mailing.models import Pause
from webapp.mailing.sweep import sweep


@pytest.fixture
def anna(database: Engine, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
        factories.account(email="a.bakker@uni.example")
        sweep(time.now(), time.real(), wide=True)


def mailed(settings: Settings, smtp: Relay) -> int:
    """Somebody asks for a test mail, and the workers do a round; how many mails arrived so far."""
    with db.transaction() as session:
        session.add(MailTest(account=session.scalars(select(Account)).one(), at=time.now()))
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    return len(smtp.mails)


def pauses() -> list[tuple[str, str]]:
    with db.transaction(read_only=True) as session:
        return [(pause.scope, pause.by) for pause in session.scalars(select(Pause))]


@pytest.fixture
def put_back(
    database: Engine, services: Services, process_name: str, _cleaner: Cleaner
) -> Iterator[Callable[[], None]]:
    """`put_back()`: from then on all this lies in another database."""
    made: list[Engine] = []

    def restore() -> None:
        database.dispose()
        _cleaner.close()  # a database is copied while nobody is in it
        name = database.url.database
        assert name is not None
        made.append(db.connect(services.make_database(f"restored_{process_name}", name)))

    yield restore
    for engine in made:
        engine.dispose()
    db.bind(database)


@pytest.mark.usefixtures("anna")
def test_mail_leaves_where_the_data_have_always_been(settings: Settings, smtp: Relay) -> None:
    assert [mailed(settings, smtp), mailed(settings, smtp)] == [1, 2]
    assert pauses() == []


@pytest.mark.usefixtures("anna")
def test_after_a_restore_nothing_leaves_until_somebody_resumes(
    settings: Settings, smtp: Relay, put_back: Callable[[], None]
) -> None:
    assert mailed(settings, smtp) == 1
    put_back()
    assert mailed(settings, smtp) == 1
    assert pauses() == [("all", "Firsthand, na het terugzetten van een back-up")]
    with db.transaction():
        by_hand.resume("all")
    assert mailed(settings, smtp) == 3, "what waited, and what was asked for since"
    assert pauses() == []
