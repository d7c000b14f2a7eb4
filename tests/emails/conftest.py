"""Every sample in both languages, written once: the tests only read them."""

import pytest
from sqlalchemy import Engine

from tests.emails.samples import SAMPLES, Stage
from webapp import clock, db
from webapp.i18n import LANGUAGES, Language
from webapp.mailing.mime import Mail

Mails = dict[tuple[str, Language], Mail]


@pytest.fixture(scope="session")
def mails(_engine: Engine) -> Mails:
    """By name of the sample and language. Nothing is committed."""
    written: Mails = {}
    for language in LANGUAGES:
        with db.transaction() as session:
            stage = Stage(language)
            for sample in SAMPLES:
                before = session.begin_nested()
                written[sample.name, language] = sample.written(stage)
                before.rollback()
                session.expire_all()
            session.rollback()
    clock.run_ahead(clock.real() - clock.real())
    return written
