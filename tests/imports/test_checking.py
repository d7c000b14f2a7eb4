"""A row becomes a person, with everything said that needs a look."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.lists import crm, customers, staff
from webapp.imports.checking import Checked, Earlier, Problem, check, digits
from webapp.imports.columns import Kind, automatic, picked
from webapp.imports.reader import read


def checked(kind: Kind, content: bytes) -> dict[int, Checked]:
    table, earlier = read(content), Earlier()
    mapping = automatic(kind, table.header)
    return {row.line: earlier.compare(row.line, check(kind, picked(mapping, row.cells))) for row in table.rows}


def row(**cells: str) -> Checked:
    return check("customers", {"name": "Sam de Vries", "email": "sam@uni.example"} | cells)


def keys(found: Checked) -> list[str]:
    return [problem.key for problem in found.problems]


def test_the_list_of_120_gives_114_and_six_that_need_a_look() -> None:
    found = checked("customers", customers())
    states = Counter("error" if row.in_error else "asked" if row.asked else "ready" for row in found.values())
    assert states == {"ready": 114, "error": 4, "asked": 2}
    assert {line: row.problems for line, row in found.items() if row.problems} == {
        8: (Problem("email", "email.none"),),
        24: (Problem("email", "email.ats"),),
        34: (Problem("note", "row.formula", "notice", {"char": "="}),),
        42: (Problem("email", "row.no_address_phone"),),
        51: (Problem("family", "row.long", values={"n": 309, "max": 200}),),
        61: (Problem("email", "row.twice", "ask", {"other": 13}),),
        62: (Problem("email", "row.twice", "ask", {"other": 14}),),
    }
    assert found[34].values["note"] == '=HYPERLINK("http://evil.example";"klik")'


def test_the_lists_of_a_crm_and_of_staff_need_no_look_at_all() -> None:
    assert all(not row.problems for row in checked("customers", crm()).values())
    assert all(not row.problems for row in checked("staff", staff()).values())


def test_a_name_is_read_from_its_parts_or_whole() -> None:
    parts = check("customers", {"title": "dhr.", "given": "Sam", "family": "van der Meer", "email": "s@uni.example"})
    assert parts.values["title"] == "de heer"
    assert (parts.values["given"], parts.values["particle"], parts.values["family"]) == ("Sam", "van der", "Meer")
    assert row(name="mevrouw Sam van der Meer").name.full == "Sam van der Meer"
    sorted_name = check("customers", {"given": "Sam", "family": "Vries, de", "email": "s@uni.example"})
    assert (sorted_name.values["particle"], sorted_name.values["family"]) == ("de", "Vries")


def test_a_job_title_is_no_salutation() -> None:
    assert row(title="Manager").values["title"] == ""


def test_a_row_without_name_is_in_error() -> None:
    assert [(p.column, p.key) for p in row(name="").problems] == [("name", "row.no_name")]
    assert [p.column for p in check("customers", {"given": "", "family": "", "email": "s@uni.example"}).problems] == [
        "given"
    ]


def test_without_address_only_phoning_is_possible_and_somebody_has_to_say_so() -> None:
    assert keys(row(email="")) == ["row.no_address"]
    assert keys(row(email="n.v.t.", phone="06 12345678")) == ["row.no_address_phone"]
    kept = check("customers", {"name": "Sam", "email": "geen", "phone": "06 12345678"}, without_address=True)
    assert (kept.problems, kept.values["email"], kept.values["phone"]) == ((), "", "06 12345678")


@pytest.mark.parametrize(
    "phone", ["+31 6 51455649", "(020) 123 45 67", "06-12345678", "0031612345678", "020 1234567 tst. 12"]
)
def test_a_phone_number_stays_as_it_reads(phone: str) -> None:
    assert (row(phone=phone).values["phone"], keys(row(phone=phone))) == (phone, [])


def test_what_is_no_phone_number_is_left_out_and_said() -> None:
    found = row(phone="bel via Anna")
    assert (found.values["phone"], keys(found), found.in_error) == ("", ["row.phone"], False)


def test_one_number_is_one_number_however_it_is_written() -> None:
    assert len({digits(phone) for phone in ("+31 6 12345678", "0612345678", "0031 (0)6-1234 5678")}) == 1


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("NL", "nl"),
        ("Nederlands", "nl"),
        ("nl-BE", "nl"),
        ("Dutch", "nl"),
        ("English", "en"),
        ("en_GB", "en"),
        ("", ""),
    ],
)
def test_a_language_is_a_code_or_a_word(typed: str, language: str) -> None:
    assert row(language=typed).values["language"] == language


def test_a_language_we_do_not_have_is_in_error() -> None:
    assert row(language="Deutsch").problems == (Problem("language", "row.language", values={"value": "Deutsch"}),)


@pytest.mark.parametrize(
    ("typed", "layer"),
    [
        ("front line", "front_line"),
        ("Uitvoering", "front_line"),
        ("back-office", "back_office"),
        ("Leiding", "management"),
    ],
)
def test_a_layer_is_known_in_both_languages(typed: str, layer: str) -> None:
    found = check("staff", {"name": "Sam", "email": "s@uni.example", "team": "ICT", "layer": typed})
    assert (found.values["layer"], found.problems) == (layer, ())


def test_a_layer_nobody_knows_is_in_error() -> None:
    assert keys(check("staff", {"name": "Sam", "email": "s@uni.example", "layer": "kelder"})) == ["row.layer"]


def test_the_same_person_twice_is_counted_once_and_another_name_is_asked() -> None:
    earlier = Earlier()
    names = ("Zoë Müller", "zoe muller", "Jan Bos", "Jan Bos")
    found = [earlier.compare(line, row(name=name)) for line, name in enumerate(names, 2)]
    assert [keys(each) for each in found] == [[], ["row.same"], ["row.twice"], ["row.twice"]]
    assert [each.problems[0].values["other"] for each in found[1:]] == [2, 2, 2]


def test_once_somebody_is_kept_apart_the_next_row_of_that_name_is_theirs() -> None:
    earlier = Earlier()
    earlier.compare(2, row(name="Zoë Müller"))
    earlier.compare(3, row(name="Jan Bos"), "keep")
    assert earlier.compare(4, row(name="Jan Bos")).problems[0] == Problem("name", "row.same", "notice", {"other": 3})


def test_a_row_in_error_is_nobody_yet_for_the_rows_below_it() -> None:
    earlier = Earlier()
    earlier.compare(2, row(name="", email="sam@uni.example"))
    assert earlier.compare(3, row(name="Sam", email="sam@uni.example")).problems == ()


def test_people_without_address_are_the_same_by_name_and_phone() -> None:
    earlier = Earlier()
    phoned = [
        check("customers", {"name": name, "phone": "06 12345678"}, without_address=True)
        for name in ("Sam", "Sam", "Jo")
    ]
    assert [keys(earlier.compare(line, found)) for line, found in enumerate(phoned)] == [[], ["row.same"], []]


def test_line_ends_and_signs_that_cannot_be_seen_leave_every_field() -> None:
    nasty = "a\r\nBcc: x@evil.example\u202e\u200b\x07"
    found = row(name=nasty, organisation=nasty, group=nasty, owner=nasty, note=nasty)
    for field, value in found.values.items():
        assert not {"\r", "\u202e", "\u200b", "\x07"} & set(value)
        assert "\n" not in value or field == "note"


def test_what_is_too_long_says_how_long_it_may_be() -> None:
    assert row(group="x" * 201).problems == (Problem("group", "row.too_long", values={"n": 201, "max": 200}),)
    assert keys(row(note="x" * 2_001)) == ["row.too_long"]


@pytest.mark.parametrize("typed", ["=1+1", "@SUM(A1)", "+cmd|x", "-cmd", "＝1"])
def test_a_formula_is_kept_as_text_and_said(typed: str) -> None:
    found = row(organisation=typed)
    assert (found.values["organisation"], keys(found), found.in_error) == (typed, ["row.formula"], False)


def test_a_sign_that_could_not_be_read_is_pointed_out() -> None:
    assert keys(row(name="Zo\ufffd Müller")) == ["row.sign"]


@given(st.dictionaries(st.sampled_from(["name", "email", "phone", "language", "group", "note", "title"]), st.text()))
def test_no_cells_break_the_check(cells: dict[str, str]) -> None:
    found = check("customers", cells)
    assert all("\r" not in value and "\x00" not in value for value in found.values.values())
