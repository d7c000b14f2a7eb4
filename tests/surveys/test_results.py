"""Nothing is shown about fewer than five, nor what subtraction would tell."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.surveys import results
from webapp.surveys.instruments import CUSTOMER, STAFF
from webapp.surveys.models import SHOWN_FROM
from webapp.surveys.results import shown


def test_four_answers_show_nothing_and_five_do() -> None:
    four = [{"heard": 4}] * 4
    assert results.customer_scores(four) == []
    (score,) = results.customer_scores([*four, {"heard": 5}])
    assert (score.name, score.mean, score.n, score.counts) == ("heard", 4.2, 5, (0, 0, 0, 4, 1))


def test_a_reversed_question_is_turned() -> None:
    everybody = {item.name: (1 if item.reversed else 7) for item in STAFF}
    assert [score.mean for score in results.staff_scores([everybody] * 5)] == [7.0, 7.0, 7.0, 7.0]


def test_rather_not_say_is_not_a_number() -> None:
    ballots: list[dict[str, Any]] = [{"heard": 4}] * 4 + [{"heard": "rather_not"}]
    assert results.customer_scores(ballots) == []


def test_one_answer_of_three_does_not_make_a_construct() -> None:
    assert results.construct("impact", [{"impact_1": 7}] * 9) is None


def test_open_words_are_read_from_five_on() -> None:
    said = [{"complete": f"Dank {number}"} for number in range(5)]
    assert (results.words(said[:4]), len(results.words(said))) == ([], 5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 4}, set()),
        ({"a": 5}, {"a"}),
        ({"a": 8, "b": 4}, set()),
        ({"a": 8, "b": 4, "c": 9}, {"c"}),
        ({"a": 8, "b": 3, "c": 3}, {"a"}),
        ({"a": 8, "b": 0}, {"a"}),
    ],
)
def test_a_small_group_hides_another_when_the_total_would_give_it_away(
    counts: dict[str, int], expected: set[str]
) -> None:
    assert shown(counts) == expected


@given(st.dictionaries(st.integers(), st.integers(0, 30), max_size=8))
def test_what_is_hidden_is_nobody_or_at_least_five(counts: dict[int, int]) -> None:
    visible = shown(counts)
    assert all(counts[key] >= SHOWN_FROM for key in visible)
    hidden = sum(n for key, n in counts.items() if key not in visible)
    assert hidden == 0 or hidden >= SHOWN_FROM or not visible


def test_the_questions_are_those_of_version_one() -> None:
    assert (len(CUSTOMER), len(STAFF), sum(item.reversed for item in STAFF)) == (5, 9, 3)
