"""What tests of mail begin with; and Hypothesis without a stopwatch: on a busy machine a slow example is no finding."""

from datetime import timedelta

import hypothesis
import pytest

from tests import factories as make
from tests.fixtures.database import Clock
from webapp import clock as time
from webapp import db
from webapp.mailing.sweep import install

hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.fixture
def founded(database: object, clock: Clock) -> None:
    """An organisation, in which every kind of mail exists since yesterday."""
    clock.at(make.NOW)
    with db.transaction():
        make.organisation()
        install(time.now() - timedelta(days=1))
