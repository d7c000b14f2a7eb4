"""Difference in differences when only the n, mean and standard deviation of every cell are known."""

from dataclasses import dataclass
from math import isfinite, sqrt


@dataclass(frozen=True)
class Cell:
    """n people, their mean and standard deviation (n - 1 below the line), in the unit of the metric."""

    n: int
    mean: float
    sd: float

    def __post_init__(self) -> None:
        if self.n < 2 or not isfinite(self.mean) or not isfinite(self.sd) or self.sd < 0:
            raise ValueError("A cell needs at least two people, a mean and a standard deviation of zero or more.")


@dataclass(frozen=True)
class Difference:
    """The estimate and its standard error, in the unit of the metric."""

    estimate: float
    error: float


def _estimate(control: tuple[Cell, Cell], treated: tuple[Cell, Cell]) -> float:
    return (treated[1].mean - treated[0].mean) - (control[1].mean - control[0].mean)


def pooled(control: tuple[Cell, Cell], treated: tuple[Cell, Cell]) -> Difference:
    """Other people before than after, one variance for all four cells: the regression's ordinary standard error."""
    cells = (*control, *treated)
    variance = sum((c.n - 1) * c.sd**2 for c in cells) / sum(c.n - 1 for c in cells)
    return Difference(_estimate(control, treated), sqrt(variance * sum(1 / c.n for c in cells)))


def welch(control: tuple[Cell, Cell], treated: tuple[Cell, Cell]) -> Difference:
    """Other people before than after, every cell its own variance (Welch 1947)."""
    return Difference(_estimate(control, treated), sqrt(sum(c.sd**2 / c.n for c in (*control, *treated))))


def same_people(control: tuple[Cell, Cell], treated: tuple[Cell, Cell], r: float) -> Difference:
    """The same people before and after, whose two answers correlate r, from -1 to 1."""
    if not -1 <= r <= 1:
        raise ValueError("The correlation between before and after lies between -1 and 1.")
    variance = 0.0
    for before, after in (control, treated):
        if before.n != after.n:
            raise ValueError("The same people before and after means the same number of people in both cells.")
        variance += (before.sd**2 + after.sd**2 - 2 * r * before.sd * after.sd) / before.n
    return Difference(_estimate(control, treated), sqrt(max(0.0, variance)))
