"""The season planner against its bound and against the plan made at once: `python -m tests.bench.season`.

The goal (300 customers, 40 half-days, 60 teams): within 1 % of the bound in 10 seconds on two cores, never below greedy.
"""

from datetime import datetime, timedelta
from random import Random

from webapp.planning.greedy import greedy
from webapp.planning.problem import Bounds, Person, Problem, Room, Team
from webapp.planning.solving import Effort, solve

MONDAY = datetime(2027, 1, 4, 9)  # noqa: DTZ001  (a wall time)


def season(people: int, slots: int, teams: int, rooms: int, bounds: Bounds, seed: int = 1) -> Problem:
    """People can in a fifth of the half-days, teams in two fifths, rooms are free in three tenths."""
    random, groups = Random(seed), max(4, teams // 4)
    when = [MONDAY + timedelta(days=n // 2 + n // 10 * 2, hours=5 * (n % 2)) for n in range(slots)]

    def some(share: float) -> frozenset[int]:
        return frozenset(slot for slot in range(slots) if random.random() < share)

    def met() -> datetime | None:
        return None if random.random() < 0.3 else MONDAY - timedelta(days=random.randint(0, 900))

    persons = [
        Person(
            id, frozenset({random.randrange(groups)}), frozenset({"nl" if random.random() < 0.8 else "en"}), some(0.2),
            random.choice([0, 0, 0, 1, 1, 2]), random.random() < 0.3,
        )
        for id in range(1, people + 1)
    ]  # fmt: skip
    every = [
        Team(
            id, frozenset(random.sample(range(groups), random.choice([1, 1, 2, 3]))),
            frozenset({"nl", "en"} if random.random() < 0.6 else {"nl"}), some(0.4), random.randint(3, 14),
            last.date() if (last := met()) else None,
        )
        for id in range(1, teams + 1)
    ]  # fmt: skip
    places = [Room(id, random.choice([6, 8, 10, 12, 16]), some(0.3)) for id in range(1, rooms + 1)]
    return Problem(persons, every, places, when, bounds)


def main() -> None:
    for rooms, bounds in (
        (12, Bounds()),
        (3, Bounds(visits=2, storytellers=2)),
        (12, Bounds(visits=3, storytellers=3)),
    ):
        problem = season(300, 40, 60, rooms, bounds)
        at_once, found = problem.value(greedy(problem)), solve(problem, Effort(seconds=10, workers=2))
        print(
            f"{rooms} rooms, {bounds.visits} visits, {bounds.storytellers} tell: at once {tuple(at_once)}, "
            f"found {tuple(found.value)}, bound {tuple(found.bound)}, gap {found.gap} %, {found.seconds:.1f} s"
        )


if __name__ == "__main__":
    main()
