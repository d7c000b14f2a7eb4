"""Measures, a line each: `bench <name>: <ratio> of <floor> (goal <goal>)`. The raw runs go to a file."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench import campaign, claims, latency, lists, old_mail, pages
from tests.bench.ground import Ground, ground
from webapp.config import Settings


@dataclass(frozen=True)
class Line:
    """`value` is a ratio, or milliseconds where `floor` says so. `raw` is what it was worked out from."""

    name: str
    value: float
    floor: str
    goal: str
    met: bool
    raw: object

    def __str__(self) -> str:
        return f"bench {self.name}: {self.value:.3g} {self.floor} (goal {self.goal}){'' if self.met else ' MISSED'}"


def mail(on: Ground, n: int, runs: int) -> Iterator[Line]:
    """Interleaved: what else the machine does falls on floor and product alike."""
    raw: list[dict[str, float]] = []
    for _ in range(runs):
        raw.append({
            "floor": campaign.floor(on, n, 100), "floor of tens": campaign.floor(on, n, 10),
            "tens": campaign.campaign(on, n, 10), "hundreds": campaign.campaign(on, n, 100),
        })  # fmt: skip
    for name, goal in (("tens", 0.4), ("hundreds", 0.5)):
        ratio = median(run[name] / run["floor"] for run in raw)
        yield Line(f"campaign of {n:,}, groups of {name}", ratio, "of the floor", f">= {goal}", ratio >= goal, raw)
    large = campaign.campaign(on, 5 * n, 10)
    ratio = large / median(run["tens"] for run in raw)
    yield Line(f"campaign of {5 * n:,}", ratio, f"of the rate of {n:,}", ">= 0.9", ratio >= 0.9, large)


def receipts(on: Ground, n: int) -> Iterator[Line]:
    found = latency.seconds(on, n)
    late = latency.p95(found)
    yield Line(f"receipts during a campaign of {n:,}, due to accepted, p95", late, "s", "<= 5 s", late <= 5, found)


def people(on: Ground, n: int) -> Iterator[Line]:
    for name, runs in pages.measure(on, n).items():
        goal = 0.4 if name == "answer page" else 0.3
        ratio = median(product.per_second / floor.per_second for product, floor in runs)
        late = median(product.p95 for product, _ in runs)
        raw = [
            {"product": product.per_second, "floor": floor.per_second, "p95": product.p95} for product, floor in runs
        ]
        yield Line(f"{name}, {n:,} customers", ratio, "of the floor page", f">= {goal}", ratio >= goal, raw)
        if name != "answer page":
            yield Line(f"{name}, p95 of {pages.ORGANISERS} at once", late, "ms", "<= 150 ms", late <= 150, raw)


def sweep(on: Ground, scale: float) -> Iterator[Line]:
    found = old_mail.milliseconds(on, int(100_000 * scale), int(1_000_000 * scale))
    for name, most in (("narrow", 50.0), ("wide", 500.0)):
        goal = f"<= {most:.0f} ms"
        yield Line(f"sweep, {name}, after a campaign", found[name], "ms", goal, found[name] <= most, found)


def claim(on: Ground, scale: float) -> Iterator[Line]:
    """Of one campaign, and of two thousand small ones that take turns."""
    n, most = int(100_000 * scale), 50.0
    for campaigns in (1, max(n // 50, 1)):
        found = claims.milliseconds(on, n, campaigns)
        value, of = claims.p99(found), "one campaign" if campaigns == 1 else f"{campaigns:,} campaigns"
        yield Line(
            f"claim, {n:,} due of {of}, {claims.CLAIMERS} claimers", value, "ms", "<= 50 ms", value <= most, found
        )


def contacts(on: Ground, n: int) -> Iterator[Line]:
    list = lists.content(n)
    floor = lists.floor(on, list)
    read, applied = lists.product(on, list, n)
    ratio = (read + applied) / floor
    raw = {"floor": floor, "read": read, "applied": applied}
    yield Line(f"import of {n} contacts", ratio, "times COPY and upsert", "<= 4", ratio <= 4, raw)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--n", type=int, default=20_000, help="mails of a campaign")
    parser.add_argument("--runs", type=int, default=5, help="of floor and product, one after the other")
    parser.add_argument("--scale", type=float, default=1.0, help="of what lies there: 0.1 for a quick look")
    parser.add_argument("--only", choices=["mail", "receipts", "sweep", "claims", "pages", "contacts"])
    parser.add_argument("--raw", type=Path, default=Path("bench.json"), help="where the raw runs go")
    chosen = parser.parse_args()
    for name in [each.metadata["name"] for each in Settings.__dataclass_fields__.values()]:
        os.environ.pop(name, None)
    lines: list[Line] = []
    with ground() as on:
        parts: dict[str, Callable[[], Iterator[Line]]] = {
            "mail": lambda: mail(on, chosen.n, chosen.runs),
            "receipts": lambda: receipts(on, int(100_000 * chosen.scale)),
            "sweep": lambda: sweep(on, chosen.scale),
            "claims": lambda: claim(on, chosen.scale),
            "pages": lambda: people(on, int(100_000 * chosen.scale)),
            "contacts": lambda: contacts(on, int(100_000 * chosen.scale)),
        }
        for name, part in parts.items():
            for line in part() if chosen.only in (None, name) else ():
                print(line, flush=True)
                lines.append(line)
    chosen.raw.write_text(json.dumps([asdict(line) for line in lines], indent=1))
    return 0 if all(line.met for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
