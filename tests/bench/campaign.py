"""A campaign with everything on, against the floor: Celery, still-due check, suppression, ledger, events, templates."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
from celery import Celery
from sqlalchemy import Engine, exists, func, insert, select

from tests import factories as make
from tests.bench import floor_campaign
from tests.bench.ground import Ground
from tests.fixtures.services import started
from webapp import clock, db
from webapp.config import Settings
from webapp.customers.models import Consent, Customer
from webapp.invitations.models import Invitation
from webapp.local import commands
from webapp.local.part import Part
from webapp.mailing import sweep
from webapp.mailing.models import Address, Dispatch, Message
from webapp.people import PersonName

PROCESSES = 2
PER_VISIT = 500


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """The port of a relay without delay, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        command = commands.module("tests.bench.sink", str(listening.fileno()))
        part = Part("sink", command, folder / "sink.log", {"PATH": "/usr/bin:/bin"}, files=(listening.fileno(),))
        part.start()
        try:
            yield listening.getsockname()[1]
        finally:
            part.kill()


def floor(ground: Ground, n: int, group: int) -> float:
    """Mails per second of the floor program, in groups of so many."""
    url = ground.database().render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(floor_campaign.TABLE)
        connection.execute(floor_campaign.FILL, (n,))
        connection.execute("analyze floor_mail")
    with sink(ground.folder) as port:
        command = [sys.executable, "-m", "tests.bench.floor_campaign", url, str(port), str(group)]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
        times = [tuple(map(float, each.communicate()[0].split())) for each in running]
    with psycopg.connect(url) as connection:
        sent = connection.execute("select count(*) from floor_mail where state = 'sent'").fetchone()
    assert sent == (n,)
    return n / (max(end for _, end in times) - min(begin for begin, _ in times))


def campaign(ground: Ground, n: int, group: int) -> float:
    """Mails per second of Firsthand's own workers: from the first claim until nothing is under way."""
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    with sink(ground.folder) as port:
        told = ground.told(engine.url.render_as_string(hide_password=False)) | {
            "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "FIRSTHAND_GROUP": str(group),
        }  # fmt: skip
        settings = Settings.from_environment(told)
        invite(n)
        plan(engine, n)
        worker = Part(
            "worker", commands.worker("post", processes=PROCESSES, log_level="INFO"), ground.folder / "worker.log", told
        )
        worker.log.write_text("")
        worker.ready = lambda: " ready." in worker.log.read_text()
        started(worker)
        try:
            seconds = _until_gone(settings)
        finally:
            worker.kill()
    with db.transaction(read_only=True) as session:
        sent = session.scalar(select(func.count()).select_from(Message).where(Message.end == "sent"))
    assert sent == n
    engine.dispose()
    return n / seconds


def _until_gone(settings: Settings) -> float:
    under_way = select(exists().select_from(Dispatch))
    with Celery("bench", broker=settings.broker_url) as asks, db.engine().connect() as connection:
        began = asked = time.perf_counter()
        for _ in range(PROCESSES):
            asks.send_task("tasks.delivery.deliver", queue="post", ignore_result=True)
        while connection.execute(under_way).scalar():
            connection.rollback()
            time.sleep(0.02)
            if time.perf_counter() - asked > 2:  # as often as beat does
                asks.send_task("tasks.delivery.deliver", queue="post", ignore_result=True)
                asked = time.perf_counter()
        return time.perf_counter() - began


def invite(n: int, ago: timedelta = timedelta(0)) -> None:
    """So many customers, in Dutch and in English, asked to visits of 500 each, so long ago."""
    now = clock.now() - ago
    with db.transaction() as session:
        make.organisation()
        sweep.install(now - timedelta(hours=1))
        visits = [
            make.visit(
                at=(now + timedelta(days=10)).replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None),
                storyteller_places=PER_VISIT,
                created_at=now,
            ).id
            for _ in range(-(-n // PER_VISIT))
        ]
        addresses = session.scalars(
            insert(Address).returning(Address.id, sort_by_parameter_order=True),
            [{"email": f"p{at}@d{at % 50}.example", "locale": ("nl", "en")[at % 2]} for at in range(n)],
        ).all()
        sample = Customer()
        sample.name = PersonName.parse("mevrouw Sam de Vries")
        named = {part: getattr(sample, part) for part in ("title", "given", "particle", "family", "sorting")}
        customers = session.scalars(
            insert(Customer).returning(Customer.id, sort_by_parameter_order=True),
            [named | {"address_id": id, "locale": ("nl", "en")[at % 2], "added_at": now}
             for at, id in enumerate(addresses)],
        ).all()  # fmt: skip
        session.execute(
            insert(Consent),
            [{"customer_id": id, "ground": "existing", "wording": "", "channel": "import", "at": now}
             for id in customers],
        )  # fmt: skip
        session.execute(
            insert(Invitation),
            [{"visit_id": visits[at // PER_VISIT], "customer_id": id, "invited_at": now, "released_at": now,
              "calendar_uid": uuid4(), "remind_1_at": now + timedelta(days=4), "remind_2_at": now + timedelta(days=8),
              "unanswered_at": now + timedelta(days=9)} for at, id in enumerate(customers)],
        )  # fmt: skip


def plan(engine: Engine, n: int) -> None:
    """The sweep, and what autovacuum would have done by then."""
    with db.transaction():
        assert sweep.sweep(clock.now(), clock.real(), wide=True) == n
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")
