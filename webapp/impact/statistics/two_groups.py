"""Two groups of teams, before and after: judged by the draws that could have been."""

from dataclasses import dataclass
from itertools import combinations
from math import comb, floor

import numpy as np
from numpy.typing import NDArray

MOST_DRAWS = 20_000


@dataclass(frozen=True)
class Randomisation:
    """The difference, its two-sided p and range, in the unit of the changes; a range may be without end."""

    estimate: float
    p: float
    low: float
    high: float


def every_draw(teams: int, treated: int) -> NDArray[np.bool_]:
    """All ways to draw `treated` out of `teams`, without strata: (draws, teams), true where a team is treated."""
    if not 0 < treated < teams:
        raise ValueError("Both groups need at least one team.")
    if comb(teams, treated) > MOST_DRAWS:
        raise ValueError(f"More than {MOST_DRAWS} draws are possible: give a sample of them instead.")
    chosen = np.array(list(combinations(range(teams), treated)))
    draws = np.zeros((len(chosen), teams), dtype=np.bool_)
    np.put_along_axis(draws, chosen, True, axis=1)
    return draws


def randomisation(
    changes: NDArray[np.float64], treated: NDArray[np.bool_], draws: NDArray[np.bool_], alpha: float = 0.05
) -> Randomisation:
    """The difference in mean change between teams, against every draw that was possible, the real one among them.

    `changes` and `treated` are (teams,), `draws` is (draws, teams). The range holds every constant effect the test
    does not reject. For one draw the effects at which it is at least as extreme as the real one form an interval
    around the estimate, so the ends are order statistics and nothing is searched. Rosenbaum (2002), chapter 2.
    """
    if changes.ndim != 1 or treated.shape != changes.shape or draws.shape[1:] != changes.shape:
        raise ValueError("Give one change and one group per team, and draws over the same teams.")
    if not np.isfinite(changes).all():
        raise ValueError("A team has no change: leave that team out of the changes and of the draws.")
    sizes = draws.sum(axis=1)
    if not 0 < treated.sum() < len(treated) or ((sizes == 0) | (sizes == len(treated))).any():
        raise ValueError("Both groups need at least one team.")
    if not (draws == treated).all(axis=1).any():
        raise ValueError("The real draw is not among the draws that were possible.")
    weights = draws / sizes[:, None] - ~draws / (len(treated) - sizes)[:, None]
    estimate = float(changes[treated].mean() - changes[~treated].mean())
    drawn, overlap = weights @ changes, weights @ treated.astype(np.float64)
    return against_draws(estimate, drawn, overlap, float(np.abs(changes).max()), alpha)


def against_draws(
    estimate: float, drawn: NDArray[np.float64], overlap: NDArray[np.float64], scale: float, alpha: float
) -> Randomisation:
    """`estimate` among what every draw finds, (draws,): `drawn` in the values and `overlap` in the visits themselves.

    `scale` is the size of the largest value: sums that differ by its rounding are the same sum.
    """
    if not 0 < alpha < 1:
        raise ValueError("Alpha lies between 0 and 1.")
    slack = 1e-9 * max(1.0, scale)
    p = float(np.mean(np.abs(drawn) >= abs(estimate) - slack))
    inner = np.abs(overlap) < 1 - 1e-9
    ends = np.stack(
        [
            (estimate - drawn[inner]) / (1 - overlap[inner]),
            (estimate + drawn[inner]) / (1 + overlap[inner]),
        ]
    )
    endless = np.full(int((~inner).sum()), np.inf)
    lows = np.sort(np.concatenate([-endless, ends.min(axis=0)]))
    highs = np.sort(np.concatenate([endless, ends.max(axis=0)]))[::-1]
    last = floor(alpha * len(drawn) + 1e-9)
    return Randomisation(estimate, p, float(lows[last]), float(highs[last]))
