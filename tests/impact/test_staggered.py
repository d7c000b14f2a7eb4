"""Teams that start one after another: against published answers, another package, and what a draw makes true."""

from itertools import permutations

import numpy as np
import pytest
from causaldata import castle
from diff_diff import CallawaySantAnna, ImputationDiD
from numpy.typing import NDArray
from pandas import DataFrame
from statsmodels.api import OLS

from webapp.impact.statistics.staggered import (
    band,
    by_distance,
    by_group,
    by_period,
    effects,
    evenly,
    imputation,
    over_groups,
    over_teams,
    randomisation,
    simple,
    two_way,
)

# The county means of Callaway and Sant'Anna's example, 2003 to 2007: first year with a higher wage, counties, log jobs.
COUNTIES = (
    (5, 309, (5.6546300225, 5.5919999981, 5.6048084338, 5.6388962821, 5.6611325404)),
    (1, 20, (6.1796968336, 6.106563563, 6.0594520867, 6.0267043543, 6.0853879884)),
    (3, 40, (6.5739936282, 6.5178837163, 6.5279413332, 6.5574345745, 6.5430409682)),
    (4, 131, (5.8429064964, 5.8107831276, 5.8208656703, 5.8238663992, 5.8200482468)),
)
ORDERS = np.array(list(permutations([2, 3, 4, 5, 6, 7])))


def states() -> tuple[DataFrame, NDArray[np.float64], NDArray[np.int_], list[int]]:
    rows = castle.load_pandas().data[["sid", "year", "homicide", "lag0"]].astype(float).astype({"year": int})
    rows["effyear"] = (rows["year"] * rows["lag0"]).groupby(rows["sid"]).transform("max").astype(int)
    years = sorted(rows["year"].unique())
    values = rows.pivot(index="sid", columns="year", values="homicide").to_numpy()
    first = rows.groupby("sid")["effyear"].first()
    return rows, values, np.array([years.index(year) if year else len(years) for year in first]), years


def test_the_published_answer_about_wages_and_jobs() -> None:
    values = np.repeat([means for _, _, means in COUNTIES], [n for _, n, _ in COUNTIES], axis=0)
    starts = np.repeat([start for start, _, _ in COUNTIES], [n for _, n, _ in COUNTIES])
    found = effects(values, starts, never_only=True)
    cohort = [one.estimate for one in found if one.start == 1]
    assert np.round(cohort, 7).tolist() == [-0.0105032, -0.0704232, -0.1372587, -0.1008114]
    assert round(simple(found, starts).estimate, 7) == -0.0399513
    assert round(over_groups(by_group(found, starts), starts).estimate, 7) == -0.0310183
    after = [one for distance, one in by_distance(found, starts).items() if distance >= 0]
    assert round(evenly(after).estimate, 7) == -0.0772398
    assert round(two_way(values, starts).estimate, 7) == -0.0365489
    assert over_teams(values, starts).estimate == pytest.approx(simple(effects(values, starts), starts).estimate)


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_another_package_finds_the_same_in_the_states_that_changed_their_law(control: str) -> None:
    rows, values, starts, years = states()
    theirs = CallawaySantAnna(control_group=control).fit(rows, "homicide", "sid", "year", "effyear")
    found = effects(values, starts, never_only=control == "never_treated")
    for one in found:
        other = theirs.group_time_effects[(years[one.start], years[one.period])]
        assert (one.estimate, one.error) == pytest.approx((other["effect"], other["se"]))
    ours = simple(found, starts)
    assert (ours.estimate, ours.error) == pytest.approx((theirs.overall_att, theirs.overall_se))
    along = theirs.aggregate("event_study")
    expected = {
        int(distance): (effect, error)
        for distance, effect, error in zip(along.event_time, along.att, along.se, strict=True)
        if np.isfinite(error)
    }
    several = by_distance(found, starts)
    assert {distance: (one.estimate, one.error) for distance, one in several.items()} == {
        distance: pytest.approx(expected[distance]) for distance in several
    }
    drawn = band(list(several.values()), seed=1)
    ratios = np.array(drawn.errors) / [one.error for one in several.values()]
    assert ratios == pytest.approx(np.ones(len(several)), abs=0.25)
    assert 1.96 < drawn.critical < 4


def test_the_check_and_the_diagnostic_agree_with_another_package() -> None:
    rows, values, starts, _ = states()
    theirs = ImputationDiD().fit(rows, "homicide", "sid", "year", "effyear")
    assert imputation(values, starts) == pytest.approx(theirs.overall_att, rel=1e-6)
    visited = (np.arange(values.shape[1]) >= starts[:, None]).astype(float).ravel()
    design = np.hstack([visited[:, None], np.kron(np.eye(50), np.ones((11, 1))), np.tile(np.eye(11)[:, 1:], (50, 1))])
    fit = OLS(values.ravel(), design).fit()
    assert two_way(values, starts).estimate == pytest.approx(fit.params[0])
    late = np.array(
        [1, 1, 5, 5, 5]
    )  # nobody waits at the end, so the early teams are what the late ones are measured by
    assert two_way(np.zeros((5, 8)), late).backwards > 0


def test_a_shock_that_all_teams_share_changes_nothing() -> None:
    chance = np.random.default_rng(3)
    values, starts = chance.standard_normal((6, 9)), np.array([2, 2, 4, 4, 9, 9])
    one, other = (simple(effects(values + shock, starts), starts) for shock in (0, chance.standard_normal(9) * 5))
    assert (one.estimate, one.error) == pytest.approx((other.estimate, other.error))


def test_one_lift_for_all_is_found_whichever_way_it_is_averaged() -> None:
    starts = np.array([2, 2, 4, 6, 9])
    values = np.arange(9) * 0.3 + np.arange(5)[:, None] + 0.9 * (np.arange(9) >= starts[:, None])
    found = effects(values, starts)
    assert imputation(values, starts) == pytest.approx(0.9)
    assert over_teams(values, starts).estimate == pytest.approx(0.9)
    for averaged in (by_group, by_period):
        assert evenly(averaged(found, starts).values()).estimate == pytest.approx(0.9)
    assert [round(one.estimate, 9) for one in by_distance(found, starts).values()] == [0] * 5 + [0.9] * 7


def test_the_order_that_was_drawn_is_judged_by_the_orders_that_could_have_been() -> None:
    chance, starts = np.random.default_rng(8), ORDERS[0]
    wrong, covered = [], []
    for _ in range(200):
        found = randomisation(chance.standard_normal((6, 8)) + 0.9 * (np.arange(8) >= starts[:, None]), starts, ORDERS)
        wrong.append(found.p <= 0.05)
        covered.append(found.low <= 0.9 <= found.high)
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 200)
    assert np.mean(wrong) > 0.05


def test_without_a_lift_the_order_errs_no_more_than_it_says() -> None:
    chance = np.random.default_rng(9)
    wrong = [randomisation(chance.standard_normal((6, 8)), ORDERS[0], ORDERS).p <= 0.05 for _ in range(200)]
    assert np.mean(wrong) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_range_of_an_order_ends_where_the_test_begins_to_reject() -> None:
    values, starts = np.random.default_rng(5).standard_normal((6, 8)), ORDERS[0]
    found, visits = randomisation(values, starts, ORDERS), np.arange(8) >= starts[:, None]
    assert found.estimate == pytest.approx(simple(effects(values, starts), starts).estimate)
    for end, out in ((found.low, -0.001), (found.high, 0.001)):
        assert randomisation(values - end * visits, starts, ORDERS).p > 0.05
        assert randomisation(values - (end + out) * visits, starts, ORDERS).p <= 0.05


@pytest.mark.parametrize(
    "starts", [[6, 8, 10, 12, 20], [2, 3, 4, 5, 6, 7], [4, 4, 6, 6, 8, 8, 12, 12], [3, 5, 7, 9] * 3]
)
def test_leaving_out_every_team_in_turn_gives_a_range_that_holds_with_few_teams(starts: list[int]) -> None:
    chance, order = np.random.default_rng(len(starts)), np.array(starts)
    covered = []
    for _ in range(300):
        noise = chance.standard_normal((2, len(order), 12 if max(starts) < 20 else 20))
        low, high = over_teams(noise[0] + 0.5 * noise[1].cumsum(axis=1), order).range()
        covered.append(low <= 0 <= high)
    assert np.mean(covered) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / 300)


def test_one_visited_team_has_no_range() -> None:
    with pytest.raises(ValueError, match="no range"):
        over_teams(np.zeros((5, 8)), np.array([4, 8, 8, 8, 8]))


def test_bad_input_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="before its visit"):
        effects(np.zeros((2, 3)), np.array([0, 3]))
    with pytest.raises(ValueError, match="nothing to average"):
        simple(effects(np.zeros((2, 3)), np.array([1, 1])), np.array([1, 1]))
    with pytest.raises(ValueError, match="same starts"):
        randomisation(np.zeros((2, 3)), np.array([1, 3]), np.array([[1, 1]]))
