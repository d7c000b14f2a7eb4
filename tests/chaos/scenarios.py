"""Every scenario by its name: a function of the world that gives the counts, and what else its line says."""

from collections.abc import Callable
from functools import partial

from tests.chaos import crashes, facts, machines, outages, postfix, refusals
from tests.chaos.checker import Counts
from tests.chaos.world import World

Scenario = Callable[[World], tuple[Counts, list[str]]]
SCENARIOS: dict[str, Scenario] = {
    "points": crashes.points,
    "postfix": postfix.postfix,
    "kill": crashes.kill,
    "crowd": facts.crowd,
    "broker": outages.broker,
    "kill-blind": partial(crashes.kill, evidence=False),
    "points-blind": partial(crashes.points, evidence=False),
    "stop": crashes.stop,
    "poison": crashes.poison,
    "moves": facts.moves,
    "database": outages.database,
    "beats": outages.beats,
    "line": outages.line,
    "smtp": refusals.smtp,
    "tls": refusals.tls,
    "links": machines.links,
    "headers": machines.headers,
}
"""The longest first, so that none of them runs on alone."""
WITHOUT_EVIDENCE = {"kill-blind", "points-blind"}
"""One more copy may leave, of a mail in doubt, with the same bytes."""
