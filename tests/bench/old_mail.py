"""The sweep beside a long history: a million old messages, and a campaign of a hundred thousand that has just left."""

import time
from datetime import timedelta

from sqlalchemy import text

from tests.bench.campaign import invite
from tests.bench.ground import Ground
from webapp import clock, db
from webapp.mailing import sweep

TRIES = 5
AGO = timedelta(minutes=10)
"""Since the campaign: its mail may still be leaving, and the tick's window is past it."""
OLD = """insert into message (public_id, notice, subject_id, occurrence, address_id, locale, due_at, planned_at,
                     "end", ended_at, accepted_at)
  select 'old' || n, 'thank_you_with_survey', -n, '', (select min(id) from address), 'nl', :at, :at,
         'sent', :at, :at from generate_series(1, :n) n"""


def milliseconds(ground: Ground, campaign: int, old: int) -> dict[str, float]:
    """The slowest of a few narrow, and of a few wide sweeps with nothing to plan, and planning the campaign."""
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    invite(campaign, AGO)
    with db.transaction() as session:
        session.execute(text(OLD), {"at": clock.now() - timedelta(days=90), "n": old})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")
        found = {"planning": _took(wide=True, planned=campaign)}
        connection.exec_driver_sql("analyze")
        found |= {name: max(_took(wide=name == "wide", planned=0) for _ in range(TRIES)) for name in ("wide", "narrow")}
    engine.dispose()
    return found


def _took(wide: bool, planned: int) -> float:
    began = time.perf_counter()
    with db.transaction():
        assert sweep.sweep(clock.now(), clock.real(), wide=wide) == planned
    return (time.perf_counter() - began) * 1000
