"""Standardised sizes, and the p-values of a few outcomes together."""

from collections.abc import Sequence
from math import isfinite, sqrt

from scipy import stats


def hedges_g(means: tuple[float, float], sds: tuple[float, float], ns: tuple[int, int]) -> float:
    """First minus second group in pooled standard deviations, for small groups corrected by 1 - 3 / (4 df - 1).

    Hedges (1981), Journal of Educational Statistics 6(2).
    """
    if min(ns) < 2 or not all(map(isfinite, (*means, *sds))) or min(sds) < 0 or max(sds) == 0:
        raise ValueError("Each group needs at least two people, a mean and a standard deviation; not both may be zero.")
    df = sum(ns) - 2
    pooled = sqrt(((ns[0] - 1) * sds[0] ** 2 + (ns[1] - 1) * sds[1] ** 2) / df)
    return (means[0] - means[1]) / pooled * (1 - 3 / (4 * df - 1))


def f_test(f: float, df: tuple[int, int]) -> tuple[float, float]:
    """The p-value and the partial eta squared of an F with df degrees of freedom (between, within)."""
    if not isfinite(f) or f < 0 or min(df) < 1:
        raise ValueError("An F is zero or more, with at least one degree of freedom on either side.")
    return float(stats.f.sf(f, *df)), f * df[0] / (f * df[0] + df[1])


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values of at most three secondary outcomes, adjusted, in the order given (Holm 1979)."""
    if len(ps) > 3 or not all(0 <= p <= 1 for p in ps):
        raise ValueError("Give at most three p-values, each between 0 and 1.")
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        adjusted[place] = highest
    return adjusted
