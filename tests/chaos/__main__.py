"""Runs the scenarios, each in a process of its own, a line for each; then a table, and a status: do all of them hold?"""

import argparse
import json
import resource
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from tests.chaos.checker import Counts
from tests.chaos.scenarios import SCENARIOS, WITHOUT_EVIDENCE
from tests.chaos.world import HURRY, LEASE, TICK, NotHere, World, environment_is_ours

AT_ONCE = 3
"""Scenarios mostly wait: for leases, and for what was killed to come back."""
LONGEST = 4 * 3600


@dataclass(frozen=True)
class Done:
    """How one scenario went. `ran` False: what it needs is not here, so nobody knows whether it holds."""

    name: str
    ok: bool
    said: str
    seconds: float
    ran: bool = True

    @property
    def line(self) -> str:
        return f"chaos {self.name}: {self.said} ({self.seconds:.1f} s)"


def perform(name: str, seed: int, n: int, keep: bool) -> Done:
    """One scenario, in this process."""
    began = time.monotonic()
    counts, extra = Counts(), list[str]()
    try:
        with World(seed, n, keep) as world:
            if keep:
                print(f"chaos {name}: logs in {world.services.folder}", file=sys.stderr, flush=True)
            counts, extra = SCENARIOS[name](world)
    except NotHere as missing:
        return Done(name, False, f"NOT RUN: {missing}", time.monotonic() - began, ran=False)
    except Exception as error:
        traceback.print_exc()
        counts.complaints.append(f"{type(error).__name__}: {error}")
    faults = counts.faults(evidence=name not in WITHOUT_EVIDENCE)
    said = [f"lost {counts.lost + counts.silent}", f"doubled {counts.doubled}", f"unknown {counts.unknown}"]
    said += [f"of {counts.meant}", *extra, "ok" if not faults else "FAILED: " + "; ".join(faults)]
    return Done(name, not faults, " ".join(said), time.monotonic() - began)


def in_a_process(name: str, chosen: argparse.Namespace) -> Done:
    """The same, in a process of its own; prints its line as soon as it is there."""
    command = [sys.executable, "-m", "tests.chaos", "--one", name, "--seed", str(chosen.seed), "--n", str(chosen.n)]
    began = time.monotonic()
    ran = subprocess.run([*command, *["--keep"] * chosen.keep], stdout=subprocess.PIPE, text=True, timeout=LONGEST)
    try:
        done = Done(**json.loads(ran.stdout.splitlines()[-1]))
    except (IndexError, ValueError):
        done = Done(name, False, f"FAILED: ended with status {ran.returncode}", time.monotonic() - began)
    print(done.line, flush=True)
    return done


def table(done: list[Done]) -> str:
    """Scenario, and what came of it."""
    widest = max(len(each.name) for each in done)
    return "\n".join(f"| {each.name:<{widest}} | {each.said} |" for each in done)


def verdict(done: list[Done]) -> str:
    """How many hold; what could not run does not, and is named."""
    missing = "".join(f", NOT RUN: {each.name}" for each in done if not each.ran)
    return f"{sum(each.ok for each in done)} of {len(done)} hold{missing}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--only", default="", help="names of scenarios, separated by commas")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="scenarios side by side")
    parser.add_argument("--keep", action="store_true", help="leave logs and databases behind")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    environment_is_ours()
    if chosen.one:
        print(json.dumps(asdict(perform(chosen.one, chosen.seed, chosen.n, chosen.keep))))
        return 0
    names = [name for name in chosen.only.split(",") if name] or list(SCENARIOS)
    print(f"chaos: seed {chosen.seed}, n {chosen.n}, lease {LEASE} s, hurry {HURRY} s, tick {TICK} s", flush=True)
    began = time.monotonic()
    with ThreadPoolExecutor(chosen.at_once) as hands:
        done = list(hands.map(lambda name: in_a_process(name, chosen), names))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = f"{time.monotonic() - began:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of processor time"
    print(f"\n{table(done)}\n\nchaos: {verdict(done)}, {took}", flush=True)
    return 0 if all(each.ok for each in done) else 1


if __name__ == "__main__":
    sys.exit(main())
