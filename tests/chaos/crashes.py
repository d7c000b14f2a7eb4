"""Workers that die: anywhere, exactly there, for a while, or because of one mail."""

import signal
import time
from collections import deque
from random import Random
from typing import Any

from sqlalchemy import func, select

from tests.chaos import campaign
from tests.chaos.checker import Counts
from tests.chaos.killer import Killer, family, strike
from tests.chaos.outbox import wait_for
from tests.chaos.world import BACKOFF_AT_LEAST, HURRY, LEASE, Scene, World
from tests.mailing.talk import Fault
from webapp import db, rounds
from webapp.local.part import Part
from webapp.mailing.failpoints import POINTS
from webapp.mailing.models import DeliveryEvent, Message

BLIND: dict[str, Any] = {"RELAY_LOG": ""}
SLOW = Fault("dot", after=0.004)
"""Every mail takes a moment, so that a kill finds some under way."""
SLOWER = Fault("dot", after=0.05)
AHEAD = 4
"""Workers that are to die take a second to load: so many load while others die."""
AT_EACH_POINT = 10
"""Mails; a claim takes as many, in two groups."""
ASKED_AGAIN = 15.0
"""Seconds after which a worker that has not come to its point is given work again: this machine may be slow."""
OF_EACH_MAIL = {"before_render", "before_envelope", "before_content", "after_dot", "after_250"}
BY_A_TICK = {
    "before_plan_commit", "before_doubt_commit", "after_doubt_commit", "before_settled_commit", "after_settled_commit",
}  # fmt: skip


def kill(world: World, *, evidence: bool = True) -> tuple[Counts, list[str]]:
    """`kill -9` of a random worker for every ten mails, under a campaign."""
    with world.scene("kill", FIRSTHAND_BATCH="20", **{} if evidence else BLIND) as scene:
        scene.relay.script = lambda _: SLOW
        campaign.found()
        scene.usual(processes=3)
        meant = campaign.invite(scene.n if evidence else scene.n // 2)
        with Killer(scene, every=10) as killer:
            scene.settle(len(meant))
        counts = scene.check(meant)
        if killer.struck < len(meant) // 15:
            counts.complaints.append(f"only {killer.struck} kills")
        return counts, [f"kills {killer.struck}"]


def points(world: World, *, evidence: bool = True) -> tuple[Counts, list[str]]:
    """A worker dies at each named point, twice for N=500, twenty times for N=10000; a healthy one mends it."""
    rounds_of_it = max(2, world.n // 500) if evidence else 1
    told: dict[str, Any] = {"FIRSTHAND_BATCH": str(AT_EACH_POINT), "FIRSTHAND_GROUP": str(AT_EACH_POINT // 2)}
    with world.scene("points", **told | ({} if evidence else BLIND)) as scene:
        campaign.found()
        healthy = scene.worker("tick,post", processes=2)
        dice = Random(world.seed)
        plan = [(point, dice.randint(1, AT_EACH_POINT)) for _ in range(rounds_of_it) for point in POINTS]
        doomed: deque[tuple[str, str, Part]] = deque()
        meant: list[str] = []
        alive: list[str] = []
        for at in range(len(plan) + AHEAD):
            if at < len(plan):
                doomed.append(doom(scene, f"doom-{at}", *plan[at]))
            if at >= AHEAD:
                point, queue, part = doomed.popleft()
                scene.ready(healthy, part)
                meant += crash(scene, point, queue, part)
                if (end := part.ended()) != -signal.SIGKILL:
                    alive.append(f"passed {point} alive" if end is None else f"ended with {end} before {point}")
                    part.kill()
            if at % len(POINTS) == len(POINTS) - 1:
                mend(scene, len(meant))
        mend(scene, len(meant))
        counts = scene.check(meant)
        counts.complaints += alive
        return counts, [f"{len(POINTS)} points, {len(plan) - len(alive)} of {len(plan)} died there"]


def doom(scene: Scene, queue: str, point: str, nth: int) -> tuple[str, str, Part]:
    """A worker with a queue of its own, that dies at this point."""
    which = f"{point}:{nth}" if point in OF_EACH_MAIL else point
    return point, queue, scene.worker(queue, keep=False, FIRSTHAND_FAIL_POINT=which)


def crash(scene: Scene, point: str, queue: str, part: Part) -> list[str]:
    """Make work for it and let it die, again with new work where it was too slow; returns what is meant to be mailed."""
    meant: list[str] = []
    until = time.monotonic() + 60
    while part.ended() is None and time.monotonic() < until:
        meant += campaign.invite(AT_EACH_POINT)
        if point != "before_plan_commit":
            rounds.tick(scene.settings)
        if point in BY_A_TICK - {"before_plan_commit"}:
            in_doubt(scene)
        scene.ask("tasks.sweep.tick" if point in BY_A_TICK else "tasks.delivery.deliver", queue)
        asked = time.monotonic()
        while part.ended() is None and time.monotonic() < asked + ASKED_AGAIN:
            time.sleep(0.01)
    return meant


def in_doubt(scene: Scene) -> None:
    """Make sure that there is a mail in doubt: mark some, and never send them."""
    with rounds.sender(scene.settings) as sender:
        assert sender is not None
        wait_for(lambda: sender.mark(sender.prepare(sender.claim(["campaign"])), ()), "a mail to be marked in time", 60)
    time.sleep(2 * HURRY + 0.1)


def mend(scene: Scene, planned: int) -> None:
    """Let the healthy worker go on until all is settled."""

    def settled() -> bool:
        scene.ask("tasks.sweep.wide_tick")
        scene.ask("tasks.delivery.deliver")
        scene.hurry(only_later_than=BACKOFF_AT_LEAST)
        time.sleep(0.4)
        return scene.planned() >= planned and scene.left() == 0

    wait_for(settled, f"what the crashes left to be mended; {scene.left()} are under way", 120)
    scene.quiet()


def stop(world: World) -> tuple[Counts, list[str]]:
    """Two of three sending processes are stopped for longer than a lease, and go on; again and again."""
    with world.scene("stop", FIRSTHAND_BATCH="20") as scene:
        scene.relay.script = lambda _: SLOWER
        campaign.found()
        scene.usual(processes=3)
        meant, stops = campaign.invite(scene.n), 0
        while scene.planned() < len(meant) or scene.left():
            scene.hurry(only_later_than=BACKOFF_AT_LEAST)
            some = [child for part in scene.workers for child in family(part.pid)]
            some = scene.dice.sample(some, min(2, len(some)))
            stops += sum(strike(pid, signal.SIGSTOP) for pid in some)
            time.sleep(LEASE * 1.3)
            for pid in some:
                strike(pid, signal.SIGCONT)
            time.sleep(0.7)
        counts = scene.check(meant)
        counts.complaints += overwritten()
        return counts, [f"stops {stops}"]


def overwritten() -> list[str]:
    """Mails whose acceptance was written down twice: by the owner of then, and by the one after it."""
    twice = select(DeliveryEvent.message_id).where(DeliveryEvent.state == "accepted")
    twice = twice.group_by(DeliveryEvent.message_id).having(func.count() > 1)
    with db.transaction(read_only=True) as session:
        found = session.scalars(twice).all()
    return [f"{len(found)} written over"] if found else []


def poison(world: World) -> tuple[Counts, list[str]]:
    """One mail kills every process that renders it: it ends failed, and its neighbours flow."""
    tries = 5
    with world.scene("poison", max(50, world.n // 5), FIRSTHAND_MAX_ATTEMPTS=str(tries)) as scene:
        campaign.found()
        meant = campaign.invite(scene.n)
        rounds.tick(scene.settings)
        with db.transaction(read_only=True) as session:
            deadly = scene.dice.choice(session.scalars(select(Message.id).order_by(Message.id)).all())
        scene.told["FIRSTHAND_FAIL_POINT"] = f"before_render@{deadly}"
        scene.usual()
        began = time.monotonic()
        wait_for(lambda: scene.relay.number() >= scene.n - 1, "the neighbours to leave", 120)
        neighbours = time.monotonic() - began
        scene.settle(len(meant))
        counts = scene.check(meant)
        with db.transaction(read_only=True) as session:
            ends = dict(session.execute(select(Message.end, func.count()).group_by(Message.end)).tuples().all())
            end = session.get_one(Message, deadly).end
        if (end, ends.get("sent")) != ("failed", scene.n - 1):
            counts.complaints.append(f"the deadly one ended {end}; {ends}")
        return counts, [f"poison {end}, neighbours in {neighbours:.0f} s"]
