"""Services that go away: the broker, the database, beat, and the line to the relay."""

import signal
import time
from collections.abc import Callable
from threading import Event, Thread

import redis
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.chaos import campaign
from tests.chaos.checker import Counts
from tests.chaos.outbox import wait_for
from tests.chaos.pages import Pages
from tests.chaos.world import BACKOFF_AT_LEAST, Scene, World
from tests.fixtures.services import started
from tests.mailing.talk import Fault

CATCHES_UP = 30.0
ADDED = 0.3
"""Seconds that a page may take longer, at the 99th percentile."""
SLOW = Fault("dot", after=0.004)


def gone_seconds(world: World) -> float:
    """How long "for minutes" lasts: a scale, so that a short run is short."""
    return min(120.0, 6.0 + world.n / 100)


def broker(world: World) -> tuple[Counts, list[str]]:
    """The broker is flushed, killed, gone for a while, and half-open; pages are asked and answered all the time."""
    faults: dict[str, Callable[[Scene], None]] = {
        "flushed": _flush,
        "killed": _kill_broker,
        "gone": _broker_gone,
        "half-open": _half_open,
    }
    with world.scene("broker") as scene:
        campaign.found()
        scene.usual()
        pages = Pages(scene)
        meant, doors = _invite_and_open(scene, pages)
        scene.settle(len(meant))
        _look(pages, list(doors.values()) * 5, 3.0)
        quiet, extra = pages.slowest(), []
        complaints: list[str] = []
        worst = 0.0
        for name, fault in faults.items():
            more, next_doors = _invite_and_open(scene, pages)
            meant += more
            _break_and_look(scene, pages, doors, fault)
            worst = max(worst, pages.slowest() - quiet)
            seconds = _catch_up(scene, len(meant) + len(pages.acknowledged))
            extra.append(f"{name} {seconds:.0f} s")
            if seconds > CATCHES_UP:
                complaints.append(f"caught up only after {seconds:.0f} s ({name})")
            doors = next_doors
        counts = scene.check(meant)
        counts.complaints += complaints + pages.lost()
        if worst > ADDED:
            counts.complaints.append(f"pages took {worst * 1000:.0f} ms longer")
        return counts, [*extra, f"pages +{max(worst, 0) * 1000:.0f} ms, answers {len(pages.acknowledged)}"]


def _invite_and_open(scene: Scene, pages: Pages) -> tuple[list[str], dict[int, str]]:
    """More mail to send, and the links of some of it: for who answers later, when it has left."""
    meant = campaign.invite(scene.n // 5)
    return meant, pages.doors([int(about.split()[1]) for about in meant[:40]])


def _break_and_look(scene: Scene, pages: Pages, doors: dict[int, str], fault: Callable[[Scene], None]) -> None:
    """Somebody opens pages and answers while it happens."""
    over = Event()

    def ask() -> None:
        asked = iter(doors.items())
        while not over.is_set():
            _look(pages, list(doors.values()), 0.2)
            for id, door in asked:
                pages.answer(id, door, "accepted" if id % 2 else "declined")
                break

    reader = Thread(target=ask)
    reader.start()
    fault(scene)  # in this thread: what it starts ends with the thread that started it
    over.set()
    reader.join()


def _look(pages: Pages, paths: list[str], seconds: float) -> None:
    until = time.monotonic() + seconds
    for path in paths:
        if time.monotonic() > until:
            return
        pages.status(path)


def _catch_up(scene: Scene, planned: int) -> float:
    return scene.settle(planned, 4 * CATCHES_UP)


def _flush(scene: Scene) -> None:
    with redis.Redis(port=scene.broker_line.port) as client:
        for _ in range(10):
            client.flushall()
            time.sleep(0.2)


def _kill_broker(scene: Scene) -> None:
    for _ in range(2):
        scene.world.broker.kill()
        started(scene.world.broker)
        time.sleep(1)


def _broker_gone(scene: Scene) -> None:
    scene.world.broker.kill()
    time.sleep(gone_seconds(scene.world))
    started(scene.world.broker)


def _half_open(scene: Scene) -> None:
    scene.broker_line.stall()
    time.sleep(gone_seconds(scene.world))
    scene.broker_line.resume()


def database(world: World) -> tuple[Counts, list[str]]:
    """PostgreSQL is restarted, fast and at once, and every connection is ended, in the middle of a campaign."""
    faults: dict[str, Callable[[Scene], None]] = {
        "fast": lambda scene: _restart(scene, signal.SIGINT),
        "immediate": lambda scene: _restart(scene, signal.SIGQUIT),
        "connections": _end_connections,
    }
    with world.scene("database") as scene:
        scene.relay.script = lambda _: SLOW
        campaign.found()
        scene.usual()
        meant: list[str] = []
        extra, complaints = [], []
        for name, fault in faults.items():
            before = scene.relay.number()
            meant += campaign.invite(scene.n // 3)
            wait_for(lambda before=before: scene.relay.number() > before + 5, "the campaign to begin", 60)  # type: ignore[misc]
            fault(scene)
            seconds = _catch_up(scene, len(meant))
            extra.append(f"{name} {seconds:.0f} s")
            if seconds > CATCHES_UP:
                complaints.append(f"recovered only after {seconds:.0f} s ({name})")
        counts = scene.check(meant)
        counts.complaints += complaints
        return counts, extra


def _restart(scene: Scene, how: signal.Signals) -> None:
    part = scene.world.database
    part.ask_to_stop(how)
    wait_for(lambda: part.ended() is not None, "the database to stop", 30)
    part.sweep_up()
    scene.world.services.postgres.free_the_way()
    started(part)


def _end_connections(scene: Scene) -> None:
    admin = create_engine(scene.world.services.postgres.url("postgres"), poolclass=NullPool)
    ended = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'chaos%'"
    )
    for _ in range(5):
        with admin.connect() as connection:
            connection.execute(ended)
        time.sleep(0.3)


def beats(world: World) -> tuple[Counts, list[str]]:
    """Three beats at once; then none for longer than the narrow window, while mail falls due; then one again."""
    window = 4.0
    gap = min(600.0, 2 * window + world.n / 500)
    with world.scene("beats", FIRSTHAND_NARROW_WINDOW=str(window)) as scene:
        campaign.found()
        scene.usual()
        clocks = [scene.beat(), scene.beat()]
        meant = campaign.invite(scene.n // 2)
        scene.settle(len(meant))
        for part in [*clocks, *[each for each in scene.others if each.name == "beat"]]:
            part.kill()
        scene.quiet()
        meant += campaign.invite(scene.n // 2)
        time.sleep(gap)
        silent = scene.planned() <= scene.n // 2
        scene.beat()
        seconds = scene.settle(len(meant))
        counts = scene.check(meant)
        if not silent:
            counts.complaints.append("somebody ticked while there was no beat")
        return counts, ["3 beats", f"none for {gap:.0f} s, then all in {seconds:.0f} s"]


def line(world: World) -> tuple[Counts, list[str]]:
    """The line to the relay is slow, breaks, and is half-open while workers die: what was held back arrives later."""
    with world.scene("line", max(60, world.n // 4)) as scene:
        campaign.found()
        scene.usual()
        scene.relay_line.delay = 0.02
        meant, stalls = campaign.invite(scene.n), 0
        while scene.planned() < len(meant) or scene.left():
            before = scene.relay.number()
            scene.hurry(only_later_than=BACKOFF_AT_LEAST)
            time.sleep(0.5)
            if scene.relay.number() - before < 3:
                continue
            scene.relay_line.stall()
            time.sleep(0.3)
            scene.workers[1].kill()
            time.sleep(3)
            scene.relay_line.resume()
            stalls += 1
            time.sleep(1)
            if stalls > 2 and scene.relay.number() < scene.n:
                scene.relay_line.cut()
            if stalls > 5:
                break
        scene.settle(len(meant))
        return scene.check(meant), [f"half-open {stalls} times with a worker dying in it"]
