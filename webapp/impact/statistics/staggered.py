"""Teams that start one after another, compared with teams that have not started yet.

Callaway and Sant'Anna (2021), Journal of Econometrics 225(2), without covariates. Every team counts the same.
Everywhere `values` is (teams, periods) and `starts` is (teams,): the first period with the visit, `periods` or more
for never. The other two estimators are a check and a diagnostic: they are never the answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from webapp.impact.statistics.estimate import Estimate
from webapp.impact.statistics.two_groups import Randomisation, against_draws

Floats = NDArray[np.float64]
Starts = NDArray[np.integer]

CELLS_AT_ONCE = 2**18  # of a table of draws: what fits in the cache of one core
NOTHING = "There is nothing to average: no period after a start has a team to compare with."


@dataclass(frozen=True)
class Effect:
    """An average in the unit of the metric; `influence` is what each team (teams,) adds to its uncertainty."""

    estimate: float
    influence: Floats

    @property
    def error(self) -> float:
        """The standard error over teams. It is an approximation for many teams, and says 0 if every start has one."""
        return float(np.sqrt((self.influence**2).sum()) / len(self.influence))


@dataclass(frozen=True)
class GroupTime(Effect):
    """The teams that started in period `start`, in `period`; before the start it is the step from the period before."""

    start: int
    period: int
    share: float


@dataclass(frozen=True)
class Band:
    """For several effects their errors, and how many of those to go up and down so that all ranges hold together."""

    errors: tuple[float, ...]
    critical: float


@dataclass(frozen=True)
class TwoWay:
    """Fixed effects of team and period. `backwards` is the share of visited cells that count with a minus sign."""

    estimate: float
    backwards: float


def effects(values: Floats, starts: Starts, never_only: bool = False) -> list[GroupTime]:
    """One effect per start and period, where there was a team to compare with: one not yet visited, or never."""
    values = _checked(values, starts)
    periods, found = values.shape[1], []
    for start in np.unique(starts[starts < periods]):
        treated = starts == start
        for period in range(1, periods):
            waiting = starts >= periods if never_only else (starts > period) & ~treated
            if not waiting.any():
                continue
            change = values[:, period] - values[:, start - 1 if period >= start else period - 1]
            over, under = float(change[treated].mean()), float(change[waiting].mean())
            influence = treated / treated.mean() * (change - over) - waiting / waiting.mean() * (change - under)
            found.append(GroupTime(over - under, influence, int(start), period, float(treated.mean())))
    return found


def simple(found: Sequence[GroupTime], starts: Starts) -> Effect:
    """All periods after a start, every team and period counting the same."""
    return _by_size([one for one in found if one.period >= one.start], starts)


def by_group(found: Sequence[GroupTime], starts: Starts) -> dict[int, Effect]:
    """For each start, the average over the periods after it."""
    return _along(found, starts, lambda one: one.start, after=True)


def by_distance(found: Sequence[GroupTime], starts: Starts) -> dict[int, Effect]:
    """For each number of periods since the start; below 0, what differed before any visit."""
    return _along(found, starts, lambda one: one.period - one.start, after=False)


def by_period(found: Sequence[GroupTime], starts: Starts) -> dict[int, Effect]:
    """For each period, over the teams that had started by then."""
    return _along(found, starts, lambda one: one.period, after=True)


def over_groups(groups: dict[int, Effect], starts: Starts) -> Effect:
    """The effects of all starts, every team counting the same."""
    return _by_size(
        [GroupTime(one.estimate, one.influence, g, g, float((starts == g).mean())) for g, one in groups.items()], starts
    )


def evenly(several: Iterable[Effect]) -> Effect:
    """The plain average of effects, as over distances (without those below 0) or periods."""
    rows = list(several)
    if not rows:
        raise ValueError(NOTHING)
    return Effect(float(np.mean([one.estimate for one in rows])), np.mean([one.influence for one in rows], axis=0))


def band(several: Sequence[Effect], seed: int, draws: int = 999, level: float = 0.95) -> Band:
    """Multiplier bootstrap over teams: every team's influence is kept or turned round, by lot, `draws` times.

    Section 4.1 of the paper; the error is the distance between the quartiles, so that an outlier does not make it.
    """
    teams = len(several[0].influence)
    bits = np.random.PCG64(seed).random_raw(draws * teams).reshape(draws, teams)  # this stream is fixed for good
    signs = 1.0 - 2.0 * (bits >> np.uint64(63)).astype(np.float64)
    drawn = signs @ np.stack([one.influence for one in several], axis=1) / teams
    low, high = np.quantile(drawn, [0.25, 0.75], axis=0)
    errors = (high - low) / 1.3489795003921634  # between the quartiles of the normal distribution
    real = errors > 0
    most = np.abs(drawn[:, real] / errors[real]).max(axis=1) if real.any() else np.zeros(draws)
    return Band(tuple(map(float, errors)), float(np.quantile(most, level)))


def over_teams(values: Floats, starts: Starts) -> Estimate:
    """The simple average, with its error from leaving out every team in turn, and t with teams - 1.

    It holds with few teams and with one team per start, where the influence of a team on its own start is 0. Cluster
    jackknife: MacKinnon, Nielsen and Webb (2023), Journal of Applied Econometrics 38(5), CV3.
    """
    values = _checked(values, starts)
    teams, periods = values.shape
    distinct, place, counts = np.unique(starts, return_inverse=True, return_counts=True)
    found = _average(values @ weights(distinct, counts, periods).T, place)
    without = np.empty(teams)
    for start in range(len(distinct)):
        counts[start] -= 1
        try:
            table = values @ weights(distinct, counts, periods).T
        except ValueError:
            raise ValueError("Without one of the teams there is nothing to compare: no range can be given.") from None
        counts[start] += 1
        left = place == start
        without[left] = table[np.arange(teams), place].sum() - table[left, start]
    return Estimate(found, float(np.sqrt((teams - 1) / teams * ((without - found) ** 2).sum())), teams - 1)


def randomisation(values: Floats, starts: Starts, draws: Starts, alpha: float = 0.05) -> Randomisation:
    """The simple average against every draw of the order that was possible, the real one among them.

    `draws` is (draws, teams): the same starts over other teams. The average is linear in the values, and how much a
    team adds depends on its own start alone: so each draw is a sum over a table. For the same reason a constant effect
    taken off shifts each draw by what that draw would have found in the visits themselves.
    """
    values = _checked(values, starts)
    teams, periods = values.shape
    distinct, place, counts = np.unique(starts, return_inverse=True, return_counts=True)
    if draws.shape[1:] != starts.shape:
        raise ValueError("Every draw gives the same starts to the same teams.")
    rows = weights(distinct, counts, periods).T
    tables = (values @ rows, (np.arange(periods) >= starts[:, None]).astype(np.float64) @ rows)
    drawn, overlap = np.empty(len(draws)), np.empty(len(draws))
    real, at_once = False, max(1, CELLS_AT_ONCE // teams)
    lookup = np.full(int(distinct[-1]) + 1, -1)
    lookup[distinct] = np.arange(len(distinct))
    offsets = np.arange(teams) * len(distinct)
    for first in range(0, len(draws), at_once):
        some = draws[first : first + at_once]
        if (
            some.min() < 0
            or some.max() > distinct[-1]
            or any(((some == start).sum(axis=1) != count).any() for start, count in zip(distinct, counts, strict=True))
        ):
            raise ValueError("Every draw gives the same starts to the same teams.")
        real = real or bool((some == starts).all(axis=1).any())
        cells = lookup[some] + offsets
        for table, into in zip(tables, (drawn, overlap), strict=True):
            into[first : first + at_once] = table.ravel()[cells].sum(axis=1)
    if not real:
        raise ValueError("The real draw is not among the draws that were possible.")
    return against_draws(_average(tables[0], place), drawn, overlap, float(np.abs(values).max()), alpha)


def imputation(values: Floats, starts: Starts) -> float:
    """The simple average when each team's weeks without the visit are filled in from its own level and the others' course.

    Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91(6): a check that uses all weeks before the start
    where the main estimator uses one. Periods in which nobody waits any more are left out there too.
    """
    values = _checked(values, starts)
    waiting = np.arange(values.shape[1]) < starts[:, None]
    known = waiting.any(axis=0)
    values, waiting = values[:, known], waiting[:, known].astype(np.float64)
    visited = waiting == 0
    if not visited.any():
        raise ValueError(NOTHING)
    seen = waiting.sum(axis=1, keepdims=True)
    level = (waiting * values).sum(axis=1, keepdims=True) / seen
    course = np.linalg.lstsq(
        np.diag(waiting.sum(axis=0)) - (waiting / seen).T @ waiting,
        (waiting * (values - level)).sum(axis=0),
        rcond=None,
    )[0]
    expected = level - waiting @ course[:, None] / seen + course
    return float((values - expected)[visited].mean())


def two_way(values: Floats, starts: Starts) -> TwoWay:
    """The regression with fixed effects of team and period, which compares with teams that have started already.

    Only to show how far off it would be: de Chaisemartin and D'Haultfœuille (2020), American Economic Review 110(9).
    """
    values = _checked(values, starts)
    visited = (np.arange(values.shape[1]) >= starts[:, None]).astype(np.float64)
    rest = visited - visited.mean(axis=0) - visited.mean(axis=1, keepdims=True) + visited.mean()
    if not (rest**2).sum() > 1e-9:
        raise ValueError(NOTHING)
    backwards = float((rest[visited == 1] < -1e-12).mean())
    return TwoWay(float((rest * values).sum() / (rest**2).sum()), backwards)


def weights(distinct: Starts, counts: Starts, periods: int) -> Floats:
    """The simple average is a sum of values: how much those of a team count, by its start, (distinct starts, periods).

    `counts` is how many teams start in each of the `distinct` periods (in rising order; `periods` or more for never).
    """
    found, total = np.zeros((len(distinct), periods)), 0
    for group, (start, size) in enumerate(zip(distinct, counts, strict=True)):
        for period in range(start, periods) if size else ():
            waiting = distinct > period
            if not (others := int(counts[waiting].sum())):
                break
            found[group, [period, start - 1]] += 1, -1
            found[waiting, period] -= size / others
            found[waiting, start - 1] += size / others
            total += size
    if not total:
        raise ValueError(NOTHING)
    return found / total


def _average(table: Floats, place: Starts) -> float:
    return float(table[np.arange(len(table)), place].sum())


def _checked(values: Floats, starts: Starts) -> Floats:
    if values.ndim != 2 or starts.shape != values.shape[:1]:
        raise ValueError("Give one row of values and one start per team.")
    if not np.isfinite(values).all():
        raise ValueError("A team has a period without a value: leave that team or that period out.")
    if (starts < 1).any():
        raise ValueError("Every team needs at least one period before its visit.")
    return values.astype(np.float64)


def _along(
    found: Sequence[GroupTime], starts: Starts, key: Callable[[GroupTime], int], after: bool
) -> dict[int, Effect]:
    kept = [one for one in found if one.period >= one.start or not after]
    return {k: _by_size([one for one in kept if key(one) == k], starts) for k in sorted({key(one) for one in kept})}


def _by_size(cells: Sequence[GroupTime], starts: Starts) -> Effect:
    """Weighted by how many teams started then, a share that is itself estimated: the second part of the influence."""
    if not cells:
        raise ValueError(NOTHING)
    estimates, shares = np.array([one.estimate for one in cells]), np.array([one.share for one in cells])
    total, members = shares.sum(), np.stack([starts == one.start for one in cells]) - shares[:, None]
    weighing = members / total - np.outer(shares, members.sum(axis=0)) / total**2
    influence = shares / total @ np.stack([one.influence for one in cells]) + estimates @ weighing
    return Effect(float(shares @ estimates / total), influence)
