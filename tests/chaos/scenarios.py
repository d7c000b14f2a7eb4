"""Every scenario by its name: a function of the world that gives the counts, and what else its line says."""

from collections.abc import Callable
from functools import partial

from tests.chaos import crashes
from tests.chaos.checker import Counts
from tests.chaos.world import World

Scenario = Callable[[World], tuple[Counts, list[str]]]
SCENARIOS: dict[str, Scenario] = {
    "kill": crashes.kill,
    "kill-blind": partial(crashes.kill, evidence=False),
}
WITHOUT_EVIDENCE = {"kill-blind"}
"""One more copy may leave, of a mail in doubt, with the same bytes."""
