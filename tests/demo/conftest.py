"""The sample organisation in a database, loaded as a demo loads it: once per process, copied for every test."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from tests.factories import NOW
from tests.fixtures.services import Services
from webapp import clock, db
from webapp.config import Settings
from webapp.demo import sample
from webapp.mailing.models import ClockShift

A_MOMENT = timedelta(seconds=5)


@pytest.fixture
def demo(settings: Settings) -> Settings:
    """Settings of a demo; its mail goes to `smtp`."""
    return replace(settings, demo=True)


@pytest.fixture(scope="session")
def original(services: Services, process_name: str, _settings: Settings, _engine: Engine) -> str:
    """The name of a database with the sample organisation in it."""
    name = f"demo_{process_name}"
    db.bind(create_engine(services.make_database(name), poolclass=NullPool))
    clock.run_ahead(NOW - clock.real())
    with db.transaction():
        sample.load(_settings, clock.now())
    clock.run_ahead(timedelta(0))
    db.bind(_engine)
    return name


@pytest.fixture
def loaded(database: Engine, demo: Settings, services: Services, original: str) -> Iterator[Settings]:
    """A demo whose sample organisation was loaded a moment ago, at NOW; a copy of its own. Its clock is the database's."""
    copy = db.connect(services.make_database(f"{original}_copy", original))
    db.bind(copy)
    with db.transaction():
        ClockShift.locked().ahead_seconds = (NOW + A_MOMENT - clock.real()).total_seconds()
    with db.transaction():
        ClockShift.follow()
    yield replace(demo, database_url=copy.url.render_as_string(hide_password=False))
    copy.dispose()
    db.engine().dispose()  # an application has an engine of its own
    db.bind(database)
    clock.run_ahead(timedelta(0))
