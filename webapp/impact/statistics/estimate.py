"""What every estimator on team means gives back."""

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """An average and its standard error in the unit of the metric (or in logs), judged by Student's t with `df`."""

    estimate: float
    error: float
    df: float

    @property
    def p(self) -> float:
        """Two-sided. Without any spread it is 0, or 1 where there is no difference either."""
        if self.error == 0:
            return float(self.estimate == 0)
        return float(2 * stats.t.sf(abs(self.estimate) / self.error, self.df))

    def range(self, level: float = 0.95) -> tuple[float, float]:
        """The lowest and highest value that fit the data at `level`, between 0 and 1."""
        if not 0 < level < 1:
            raise ValueError("A level lies between 0 and 1.")
        margin = float(stats.t.ppf(0.5 + level / 2, self.df)) * self.error
        return self.estimate - margin, self.estimate + margin
