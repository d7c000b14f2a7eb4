"""What it takes to claim a batch, with a hundred thousand mails due and eight processes at it."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from statistics import quantiles

from sqlalchemy import text

from tests.bench.ground import Ground
from webapp import clock, db
from webapp.config import Settings
from webapp.mailing import claiming

CLAIMERS, CLAIMS = 8, 50
"""So that six tenths are still due at the end."""
SENDING_SECONDS = 0.04
"""From one claim of a process to its next, at least: a hundred mails, at the best rate there was."""
FILL = (
    "insert into address (email, locale) select 'p' || n || '@d' || n % 50 || '.example', 'nl' from generate_series(1, :n) n",
    """insert into message (public_id, notice, subject_id, occurrence, address_id, locale, thread, due_at, planned_at)
       select 'c' || n, 'visit_invitation', n, '', n, 'nl', 'visit-' || n % :campaigns, :at, :at
         from generate_series(1, :n) n""",
    """insert into dispatch (message_id, lane, turn, try_at, not_after)
       select id, 2, turn, :at + (turn - 1) / 50 * interval '1 microsecond', :at + interval '7 days'
         from (select id, row_number() over (partition by thread order by id) as turn from message) planned""",
)


def milliseconds(ground: Ground, n: int, campaigns: int, **told: str) -> list[float]:
    """Of every claim; the mails are of so many campaigns, planned as the sweep plans them."""
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    given = {"n": n, "campaigns": campaigns, "at": clock.real() - timedelta(minutes=1)}
    with db.transaction() as session:
        for statement in FILL:
            session.execute(text(statement), given)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze")
    environment = ground.told(engine.url.render_as_string(hide_password=False)) | told
    engine.dispose()
    command = [sys.executable, "-m", "tests.bench.claims", str(time.time() + 4)]  # by then all have loaded
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) for _ in range(CLAIMERS)]
    return [each for process in running for each in json.loads(process.communicate()[0])]


def p99(found: list[float]) -> float:
    return quantiles(found, n=100)[-1]


def main(begin: float) -> None:
    settings = Settings.from_environment(os.environ)
    engine = db.connect(settings.database_url, pool_size=1)
    claiming.claim(settings, os.getpid(), ("campaign",))  # the connection is there, its statements are known
    time.sleep(max(begin - time.time(), 0))
    took = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        claimed = claiming.claim(settings, os.getpid(), ("urgent", "normal", "campaign"))
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(SENDING_SECONDS)
        assert len(claimed) == settings.batch or "MAIL_RATE" in os.environ
    engine.dispose()
    print(json.dumps(took))


if __name__ == "__main__":
    main(float(sys.argv[1]))
