"""Scenarios of workers that die or stop."""

from typing import Any

from tests.chaos import campaign
from tests.chaos.checker import Counts
from tests.chaos.killer import Killer
from tests.chaos.world import World
from tests.mailing.talk import Fault

BLIND: dict[str, Any] = {"RELAY_LOG": ""}
SLOW = Fault("dot", after=0.004)
"""Every mail takes a moment, so that a kill finds some under way."""


def kill(world: World, *, evidence: bool = True) -> tuple[Counts, list[str]]:
    """`kill -9` of a random worker for every ten mails, under a campaign."""
    with world.scene("kill", FIRSTHAND_BATCH="20", **BLIND if not evidence else {}) as scene:
        scene.relay.script = lambda _: SLOW
        campaign.found()
        scene.usual(processes=3)
        meant = campaign.invite(scene.n)
        with Killer(scene, every=10) as killer:
            scene.settle(len(meant))
        counts = scene.check(meant)
        if killer.struck < scene.n // 15:
            counts.complaints.append(f"only {killer.struck} kills")
        return counts, [f"kills {killer.struck}"]
