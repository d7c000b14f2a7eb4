"""Every sample in both languages, written once: the tests only read them."""

import pytest
from sqlalchemy import Engine

from tests.emails.samples import SAMPLES, Sample, Stage
from webapp import clock, db
from webapp.i18n import LANGUAGES, Language
from webapp.mailing.mime import Mail
from webapp.mailing.notices import Content

Key = tuple[str, Language]
"""Name of the sample, and language."""
Contents = dict[Key, tuple[Sample, Content]]
Mails = dict[Key, Mail]


@pytest.fixture(scope="session")
def contents(_engine: Engine) -> Contents:
    """What each says. Nothing is committed."""
    found: Contents = {}
    for language in LANGUAGES:
        with db.transaction() as session:
            stage = Stage(language)
            for sample in SAMPLES:
                before = session.begin_nested()
                found[sample.name, language] = sample, sample.content(stage)
                before.rollback()
                session.expire_all()
            session.rollback()
    clock.run_ahead(clock.real() - clock.real())
    return found


@pytest.fixture(scope="session")
def mails(contents: Contents) -> Mails:
    return {key: sample.written(content, key[1]) for key, (sample, content) in contents.items()}
