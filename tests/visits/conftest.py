"""A desk for the tests of pages."""

import pytest
from flask import Flask

from tests.fixtures.database import Clock
from tests.visits.desk import Desk
from tests.visits.desk import desk as desk_of


@pytest.fixture
def desk(app: Flask, clock: Clock) -> Desk:
    return desk_of(app, clock)
