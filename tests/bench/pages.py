"""Pages over a hundred thousand customers, twenty organisers at once, against the shortest page that shows as much."""

import http.client
import random
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories as make
from tests.bench import campaign, floor_page
from tests.bench.ground import Ground
from tests.doors import press
from tests.fixtures.services import started
from webapp import clock, db, links
from webapp.accounts.doors import sign_in_link
from webapp.accounts.models import Account
from webapp.application import create_app
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.local import commands
from webapp.local.part import Part
from webapp.stages import standing

ORGANISERS = 20
SECONDS = 4.0
"""Of each look at each page; every other one at the floor."""
PATIENCE = 10.0
"""Seconds, after which nobody waits any longer: the page counts as having taken so long."""
FLOOR = "tests.bench.floor_page:app"
Path = Callable[[], str]
"""Another one each time, as people have."""


@dataclass(frozen=True)
class Found:
    per_second: float
    milliseconds: list[float]

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20)[-1]


@contextmanager
def web(ground: Ground, application: str, told: dict[str, str]) -> Iterator[int]:
    """The port of a server of two processes, as the product has."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        command = commands.web(f"fd://{listening.fileno()}")
        command[-1] = application
        part = Part("web", command, ground.folder / "web.log", told, files=(listening.fileno(),))
        part.log.write_text("")
        started(part)
        try:
            yield listening.getsockname()[1]
        finally:
            part.kill()


def look(port: int, path: Path, cookie: str = "") -> Found:
    """What twenty people get who do nothing but look, each over one connection."""
    took: list[float] = []
    shown: list[bool] = []
    until = time.monotonic() + SECONDS

    def one() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        while time.monotonic() < until:
            began = time.perf_counter()
            try:
                connection.request("GET", path(), headers={"Cookie": cookie} if cookie else {})
                answer = connection.getresponse()
                answer.read()
                shown.append(answer.status == 200)
            except TimeoutError:
                connection.close()  # the next one is over another
            took.append((time.perf_counter() - began) * 1000)
        connection.close()

    with ThreadPoolExecutor(ORGANISERS) as people:
        for each in [people.submit(one) for _ in range(ORGANISERS)]:
            each.result()
    return Found(sum(shown) / SECONDS, took)


def measure(ground: Ground, n: int, runs: int = 3) -> dict[str, list[tuple[Found, Found]]]:
    """By page: what the product gave, and the floor right before it."""
    random.seed(7)
    url = ground.database().render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(floor_page.TABLE)
        connection.execute(floor_page.FILL, (n,))
        connection.execute("analyze floor_person")
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    told = ground.told(engine.url.render_as_string(hide_password=False))
    settings = Settings.from_environment(told)
    campaign.invite(n)
    with db.transaction():
        standing.settle(clock.now())  # as the next tick does
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection_:
        connection_.exec_driver_sql("vacuum analyze")
    cookie, doors = _signed_in(settings), _doors(settings)

    def after() -> str:
        return f"/list?after=Sam+{random.randrange(n):07}"

    def row() -> str:
        return f"/row?key={random.randrange(n) + 1}"

    pages: dict[str, tuple[Path, Path, str]] = {
        "board": (after, lambda: "/customers", cookie),
        "list": (after, lambda: "/customers?view=list", cookie),
        "search": (after, lambda: f"/search?q={random.choice(('vries', 'sam', 'de+vri', 'p77'))}", cookie),
        "answer page": (row, lambda: random.choice(doors), ""),
    }
    with web(ground, FLOOR, told | {"FLOOR_DSN": url}) as floor, web(ground, commands.APPLICATION, told) as product:
        for to_floor, to_product, cookies in pages.values():  # everything is loaded
            look(floor, to_floor), look(product, to_product, cookies)
        found: dict[str, list[tuple[Found, Found]]] = {name: [] for name in pages}
        for _ in range(runs):
            for name, (to_floor, to_product, cookies) in pages.items():
                least = look(floor, to_floor)
                found[name].append((look(product, to_product, cookies), least))
    engine.dispose()
    return found


def _signed_in(settings: Settings) -> str:
    """The cookie of an organiser."""
    client: FlaskClient = create_app(settings).test_client()
    with db.transaction() as session:
        account = session.scalar(select(Account).limit(1)) or make.account(role="organiser")
        session.flush()
        way = sign_in_link(settings, account).removeprefix(settings.base_url)
    told = press(client, way)
    assert told.status_code == 303
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in (client._cookies or {}).values())


def _doors(settings: Settings) -> list[str]:
    keys = links.Keys.of(*settings.secret_keys)
    with db.transaction() as session:
        ids = session.scalars(select(Invitation.id).order_by(Invitation.id).limit(1_000)).all()
        return [f"/a/{keys.token(door)}" for door in links.ensure("answer", ids).values()]
