"""What the estimators say, against published answers and against what a draw makes true."""

import numpy as np
import pytest

from webapp.impact.statistics.effect_size import f_test, hedges_g, holm
from webapp.impact.statistics.summary import Cell, pooled, same_people, welch
from webapp.impact.statistics.two_groups import every_draw, randomisation

CONTROL = (Cell(1705, 1.125615, 1.223090), Cell(1527, 1.133273, 1.273130))  # Wooldridge's injury, Kentucky, log weeks
TREATED = (Cell(1233, 1.382094, 1.298900), Cell(1161, 1.580352, 1.298157))


def test_the_injured_of_kentucky_stayed_home_longer() -> None:
    found = pooled(CONTROL, TREATED)
    assert (round(found.estimate, 5), round(found.error, 5)) == (0.19060, 0.06851)
    assert welch(CONTROL, TREATED).estimate == found.estimate


def test_people_asked_twice_without_correlation_count_as_other_people() -> None:
    before, after = Cell(20, 4, 1), Cell(20, 5, 2)
    assert same_people((before, before), (before, after), 0) == welch((before, before), (before, after))
    with pytest.raises(ValueError, match="same number of people"):
        same_people(CONTROL, TREATED, 0.5)


def test_published_sizes() -> None:
    assert round(hedges_g((10, 8), (4, 5), (20, 20)), 6) == 0.432950
    p, eta = f_test(9.27, (1, 42))
    assert (round(p, 4), round(eta, 3)) == (0.0040, 0.181)
    p, eta = f_test(16.78, (1, 43))
    assert (round(p, 5), round(eta, 3)) == (0.00018, 0.281)
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])


@pytest.mark.parametrize(("teams", "floor"), [(6, 0.100), (8, 0.029)])
def test_the_clearest_result_of_few_teams_is_no_surer_than_the_draw(teams: int, floor: float) -> None:
    treated = np.arange(teams) >= teams // 2
    found = randomisation(np.arange(teams) + 10.0 * treated, treated, every_draw(teams, teams // 2))
    assert round(found.p, 3) == floor
    assert np.isfinite(found.low) == (floor < 0.05)


def test_a_shock_that_all_teams_share_changes_nothing() -> None:
    changes, treated, draws = np.array([1.0, 3, 2, 5, 7, 6, 4, 9]), np.arange(8) % 2 == 0, every_draw(8, 4)
    one, other = (randomisation(changes + shock, treated, draws) for shock in (0, 8))
    for field in ("estimate", "p", "low", "high"):
        assert getattr(one, field) == pytest.approx(getattr(other, field))


def test_the_range_ends_where_the_test_begins_to_reject() -> None:
    changes, treated, draws = np.array([1.0, 3, 2, 5, 7.3, 6, 4, 9]), np.arange(8) >= 4, every_draw(8, 4)
    found = randomisation(changes, treated, draws)
    for end, out in ((found.low, -0.001), (found.high, 0.001)):
        assert randomisation(changes - end * treated, treated, draws).p > 0.05
        assert randomisation(changes - (end + out) * treated, treated, draws).p <= 0.05


@pytest.mark.parametrize("teams", [6, 8, 12])
def test_without_effect_the_test_errs_no_more_than_it_says(teams: int) -> None:
    chance, treated, draws = np.random.default_rng(teams), np.arange(teams) >= teams // 2, every_draw(teams, teams // 2)
    wrong = [randomisation(chance.standard_normal(teams), treated, draws).p <= 0.05 for _ in range(1000)]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1000)


def test_bad_input_says_what_to_do() -> None:
    treated, draws = np.array([True, True, False, False]), every_draw(4, 2)
    with pytest.raises(ValueError, match="leave that team out"):
        randomisation(np.array([1, np.nan, 2, 3]), treated, draws)
    with pytest.raises(ValueError, match="not among the draws"):
        randomisation(np.arange(4.0), treated, draws[1:])
    with pytest.raises(ValueError, match="at least one team"):
        every_draw(4, 4)
