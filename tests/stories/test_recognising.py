"""What may tell who a story is about is marked, in Dutch and English; and what is only a sentence is not."""

from itertools import pairwise

import pytest

from webapp.stories.recognising import marks, replaced

DUTCH = (
    "Ik werkte bij de bakker in de Dorpsstraat 12 te Gouda. Op 14 maart 2021 belde mevrouw De Groot mij, om 17:45 uur. "
    "Het kostte 1.250 euro. Mail naar sam@post.example of bel 06-12345678. Mijn postcode is 2801 AB."
)
ENGLISH = (
    "We lived at 5 Mill Lane in Oxford. On March 3rd, 2020 Priya phoned at 9:30 am. It was £1,200. "
    "I said: they never give up. When I left, Dr Ellis waved."
)


def found(text: str, *names: str) -> set[tuple[str, str]]:
    return {(mark.kind, mark.text) for mark in marks(text, names)}


def test_dutch_names_places_dates_numbers_and_ways_to_reach_somebody_are_marked() -> None:
    wanted = {
        ("place", "Dorpsstraat 12"), ("place", "Gouda"), ("date", "14 maart 2021"), ("name", "De Groot"),
        ("date", "17:45 uur"), ("contact", "sam@post.example"), ("contact", "06-12345678"), ("place", "2801 AB"),
    }  # fmt: skip
    assert wanted - found(DUTCH) == set()
    assert [text for kind, text in found(DUTCH) if kind == "number"] == ["1.250 euro"]


def test_english_names_places_dates_and_numbers_are_marked() -> None:
    wanted = {
        ("place", "Oxford"), ("date", "March 3rd, 2020"), ("name", "Priya"), ("number", "£1,200"), ("name", "Dr Ellis"),
    }  # fmt: skip
    assert wanted - found(ENGLISH) == set()


def test_the_first_word_of_a_sentence_is_no_name_unless_we_know_it() -> None:
    assert found("Toen werd het stil. Niemand zei iets.") == set()
    assert found("Youssef zei niets.", "Youssef") == {("name", "Youssef")}


def test_our_own_headings_are_not_marked() -> None:
    text = "De omslag\nToen belde Anna."
    assert [mark.text for mark in marks(text, headings=["De omslag"])] == ["Anna"]
    assert marks("Before\nEvery night I walked.", headings=["Before"]) == []


def test_marks_stand_in_order_and_never_over_each_other() -> None:
    all_marks = marks(DUTCH + " " + ENGLISH, ["Groot"])
    assert all(one.end <= other.start for one, other in pairwise(all_marks))
    assert all((DUTCH + " " + ENGLISH)[mark.start : mark.end] == mark.text for mark in all_marks)


@pytest.mark.parametrize(("language", "said"), [("nl", "[naam]"), ("en", "[name]")])
def test_one_click_replaces_the_whole_word_everywhere(language: str, said: str) -> None:
    assert replaced("Toen belde Anna; Annabel niet.", "Anna", "name", language) == f"Toen belde {said}; Annabel niet."  # type: ignore[arg-type]  # a Language


def test_a_name_over_two_lines_is_one_name_and_replaced_as_one() -> None:
    assert ("name", "Peter\nJohnson") in found("Then came Peter\nJohnson in.")
    assert replaced("Then came Peter\nJohnson in.", "Peter\r\nJohnson", "name", "en") == "Then came [name] in."
