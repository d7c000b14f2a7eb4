"""Everything a scenario needs, as processes of its own on free ports: database, broker, relay, workers, beat, pages."""

import os
import random
import re
import shutil
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock, Thread

import redis
from celery import Celery
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.chaos import outbox
from tests.chaos.checker import Counts, Intent, check
from tests.chaos.outbox import wait_for
from tests.chaos.proxy import Proxy
from tests.chaos.relay import Relay
from tests.fixtures.firsthand import alive, offspring
from tests.fixtures.services import Services, started, stop
from webapp import db, schema
from webapp.config import Settings
from webapp.local import commands
from webapp.local.part import Part

LEASE, HURRY, TICK = 4.0, 0.5, 0.5
BACKOFF_AT_LEAST = 2 * LEASE
"""Seconds. Nothing else waits so long for its next try."""
DOMAIN = "firsthand.example"
NO_FSYNC = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
"""A process that is killed loses nothing by it; only a machine would."""
TEMPLATE = "firsthand_template"
_TASK = re.compile(r"tasks\.\w+\.\w+\[([-\w]+)\]")


class NotHere(Exception):
    """What a scenario needs is not on this machine."""


class World:
    """The database server and the broker of a run; each scenario gets a database and a relay of its own."""

    def __init__(self, seed: int, n: int, keep: bool = False) -> None:
        self.seed, self.n, self.keep = seed, n, keep
        self.services = Services.new()
        self.services.postgres.make(TEMPLATE)
        self.database = self.services.postgres.part(self.services.folder / "postgres.log", NO_FSYNC)
        self.broker = self.services.valkey("broker")
        self._numbers = iter(range(1, 10_000))

    def __enter__(self) -> "World":
        started(self.database)
        started(self.broker)
        schema.upgrade(create_engine(self.services.postgres.url(TEMPLATE), poolclass=NullPool))
        return self

    def __exit__(self, *_: object) -> None:
        stop(self.database)
        self.broker.kill()
        if not self.keep:
            self.services.remove()

    @contextmanager
    def scene(self, name: str, n: int | None = None, **told: str) -> Iterator["Scene"]:
        """A fresh database with its relay; everything that was started in it ends with it."""
        number = next(self._numbers)
        url = self.services.make_database(f"chaos_{number}")
        engine = db.connect(url, pool_size=8, max_overflow=20)
        scene = Scene(self, f"{number:02}-{name}", n or self.n, url, told)
        try:
            with scene.relay:
                try:
                    yield scene
                finally:
                    scene.close()
        finally:
            engine.dispose()


class Scene:
    """One scenario's surroundings. `workers` are kept running; who is killed comes back."""

    def __init__(self, world: World, name: str, n: int, url: str, told: dict[str, str]) -> None:
        self.world, self.name, self.n, self.seed = world, name, n, world.seed
        self.dice = random.Random(f"{world.seed} {name}")
        self.folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=world.services.folder))
        self.relay = Relay(postfix_log=self.folder / "mail.log")
        self.broker_line = Proxy(str(world.services.folder / "broker" / "valkey.sock"))
        self.relay_line = Proxy(self.relay.port)
        self.site = socket.create_server(("127.0.0.1", 0))
        self.workers: list[Part] = []
        self.others: list[Part] = []
        self.extra: list[str] = []
        """What the scenario wants to say on its line."""
        self.told = {
            "PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1", "HOME": str(self.folder),
            "DATABASE_URL": url,
            "REDIS_URL": f"redis://127.0.0.1:{self.broker_line.port}/0",
            "BASE_URL": f"http://127.0.0.1:{self.site.getsockname()[1]}",
            "SECRET_KEY": "a key for chaos only, of forty characters",
            "MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self.relay_line.port),
            "MAIL_DEFAULT_SENDER": f"Firsthand <visits@{DOMAIN}>", "MAIL_DOMAIN": DOMAIN, "QUIET_HOURS": "off",
            "RELAY_LOG": str(self.folder / "mail.log"),
            "FIRSTHAND_LEASE": str(LEASE), "FIRSTHAND_HURRY": str(HURRY),
            "FIRSTHAND_TICK": str(TICK), "FIRSTHAND_WIDE_TICK": "3",
        } | told  # fmt: skip
        self.settings = Settings.from_environment(self.told)
        self._over, self._dark = Event(), Lock()
        self._keeper = Thread(target=self._keep, daemon=True)
        self._keeper.start()
        self._celery = Celery("chaos", broker=self.settings.broker_url)
        self._celery.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2}

    # Processes

    def start(self, name: str, command: Sequence[str], ready: str = "", **told: str) -> Part:
        """A process, not yet ready, that is told what the scene is told."""
        log = self.folder / f"{name}-{len(self.workers) + len(self.others)}.log"
        part = Part(name, command, log, self.told | told, ready=lambda: ready in log.read_text())
        part.start()
        return part

    def worker(self, queues: str = "tick,post", processes: int = 1, keep: bool = True, **told: str) -> Part:
        """A worker as production starts it, not yet ready; `keep`: started again when it dies."""
        command = commands.worker(queues, processes=processes, log_level="INFO")
        part = self.start(f"worker-{queues.replace(',', '-')}", command, " ready.", **told)
        (self.workers if keep else self.others).append(part)
        return part

    def beat(self, **told: str) -> Part:
        part = self.start("beat", commands.beat(self.folder / f"beat-{len(self.others)}"), **told)
        self.others.append(part)
        return part

    def web(self) -> Part:
        """Pages on `settings.base_url`."""
        name = f"web-{len(self.others)}"
        log = self.folder / f"{name}.log"
        part = Part(name, commands.web(f"fd://{self.site.fileno()}"), log, self.told, files=(self.site.fileno(),))
        part.start()
        self.others.append(part)
        return part

    def usual(self, processes: int = 2) -> None:
        """What production runs: a worker for each queue, and beat. Comes back when they are ready."""
        parts = [self.worker("tick"), self.worker("post", processes)]
        self.beat()
        self.ready(*parts)

    def ready(self, *parts: Part) -> None:
        for part in parts:
            wait_for(part.ready, f"{part.name} to be ready; {part.log}", 60)

    def ask(self, task: str, queue: str | None = None) -> None:
        """Put a task on its queue, as beat does."""
        usual = "tick" if task.startswith("tasks.sweep") else "post"
        self._celery.send_task(task, queue=queue or usual, ignore_result=True, retry=False)

    def quiet(self) -> None:
        """Wait until nothing is queued, and what the workers took has ended: they take all there is at once."""
        with redis.Redis(port=self.broker_line.port) as client:
            wait_for(lambda: not any(client.llen(queue) for queue in commands.QUEUES), "empty queues", 60)
        time.sleep(0.5)
        wait_for(lambda: not any(map(unfinished, self.workers)), "idle workers", 60)

    def _keep(self) -> None:
        while not self._over.wait(0.05):
            with self._dark:
                for part in list(self.workers):
                    if part.ended() is not None:
                        part.sweep_up()
                        part.start()

    def blackout(self, *services: Part) -> None:
        """Everything of ours, and these services, are killed at one moment; then all of it is started again."""
        with self._dark:
            parts = [*services, *self.workers, *self.others]
            for part in parts:
                os.kill(part.pid, signal.SIGSTOP)  # whoever starts others starts no more, so that nobody is overlooked
            pids = [pid for part in parts for pid in (part.pid, *offspring(part.pid))]
            self.dice.shuffle(pids)
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            ended = lambda: all(part.ended() for part in parts) and not any(map(alive, pids))  # noqa: E731
            wait_for(ended, "everything to be dead", 30)
            self.world.services.postgres.free_the_way()
            for part in services:
                started(part)
            for part in [*self.workers, *self.others]:
                part.start()

    def close(self) -> None:
        self._over.set()
        self._keeper.join()
        for part in [*self.workers, *self.others]:
            part.kill()
        self._celery.close()
        self.broker_line.close()
        self.relay_line.close()
        self.site.close()
        if not self.world.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # Histories

    left, planned, hurry = staticmethod(outbox.left), staticmethod(outbox.planned), staticmethod(outbox.hurry)

    def settle(self, planned: int, seconds: float | None = None) -> float:
        """Wait until so many mails were planned, and none is under way; returns how long it took."""
        return outbox.settle(planned, seconds or 180 + self.n / 2, BACKOFF_AT_LEAST)

    def intents(self) -> list[Intent]:
        return outbox.intents(self.settings.mail_domain)

    def check(self, meant: Sequence[str] = ()) -> Counts:
        return check(self.intents(), self.relay.taken(), meant)


def unfinished(worker: Part) -> set[str]:
    """The numbers of the tasks that it says to have received, and no more about, since it was started."""
    said = worker.log.read_text().rpartition(" ready.")[2]
    return {number for number, times in Counter(_TASK.findall(said)).items() if times == 1}


def environment_is_ours() -> None:
    """Nothing of whoever starts the bench may reach its processes."""
    for name in [each.metadata["name"] for each in Settings.__dataclass_fields__.values()]:
        os.environ.pop(name, None)
