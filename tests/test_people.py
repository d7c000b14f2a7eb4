"""How people are called, and when two names are the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.i18n import LANGUAGES
from webapp.people import MAX_LENGTH, PersonName

SAM = PersonName("", "Sam", "de", "Vries")
MRS = PersonName("mevrouw", "Esther", "de", "Vries")
MR = PersonName("de heer", "Daan", "van den", "Berg")


@pytest.mark.parametrize(
    ("typed", "title", "first", "particle", "family"),
    [
        # Dutch
        ("Femke van Dijk", "", "Femke", "van", "Dijk"),
        ("Łukasz van der Meer", "", "Łukasz", "van der", "Meer"),
        ("Beyoncé-Lou van den Berg", "", "Beyoncé-Lou", "van den", "Berg"),
        ("Ruben 't Hart", "", "Ruben", "'t", "Hart"),
        ("Ruben ’t Hart", "", "Ruben", "’t", "Hart"),
        ("Rik van 't Hoff", "", "Rik", "van 't", "Hoff"),
        ("Jan in 't Veld", "", "Jan", "in 't", "Veld"),
        ("'t Hart", "", "", "'t", "Hart"),
        ("van Dijk", "", "", "van", "Dijk"),
        ("De Vries", "", "", "de", "Vries"),
        ("Van den Berg", "", "", "van den", "Berg"),
        ("Hedy d'Ancona", "", "Hedy", "d'", "Ancona"),
        ("Olga Smit-Kroes", "", "Olga", "", "Smit-Kroes"),
        ("Anna Maria de Vries", "", "Anna Maria", "de", "Vries"),
        ("A.M. de Vries", "", "A.M.", "de", "Vries"),
        ("sam de vries", "", "sam", "de", "vries"),
        # Belgian: as they write it
        ("Marie Van Dijk", "", "Marie", "", "Van Dijk"),
        ("Jan Op de Beeck", "", "Jan", "", "Op de Beeck"),
        # From further away
        ("Sanne Yılmaz", "", "Sanne", "", "Yılmaz"),
        ("Daan El Amrani", "", "Daan", "", "El Amrani"),
        ("El Amrani", "", "", "", "El Amrani"),
        ("Fatima el Amrani", "", "Fatima", "el", "Amrani"),
        ("Ahmed Ben Ali", "", "Ahmed", "", "Ben Ali"),
        ("Ben Jansen", "", "Ben", "", "Jansen"),
        ("Siân O'Brien", "", "Siân", "", "O'Brien"),
        ("Leonardo da Vinci", "", "Leonardo", "da", "Vinci"),
        ("Ludwig von der Tann", "", "Ludwig", "von der", "Tann"),
        ("Lan Nguyễn", "", "Lan", "", "Nguyễn"),
        ("משה כהן", "", "משה", "", "כהן"),
        ("李雷", "", "李雷", "", ""),
        # One name, no name
        ("Sukarno", "", "Sukarno", "", ""),
        ("van", "", "van", "", ""),
        ("", "", "", "", ""),
        (" \t\r\n ", "", "", "", ""),
        # With a title
        ("mevrouw Sam de Vries", "mevrouw", "Sam", "de", "Vries"),
        ("Mw. De Vries", "mevrouw", "", "de", "Vries"),
        ("mevr. Bakker", "mevrouw", "", "", "Bakker"),
        ("Mrs De Vries", "mevrouw", "", "de", "Vries"),
        ("de heer Daan van den Berg", "de heer", "Daan", "van den", "Berg"),
        ("De heer Jansen", "de heer", "", "", "Jansen"),
        ("dhr. Jansen", "de heer", "", "", "Jansen"),
        ("Mr Jansen", "de heer", "", "", "Jansen"),
        ("Ms. Jansen", "Ms", "", "", "Jansen"),
        ("Dr Anna Jansen", "dr.", "Anna", "", "Jansen"),
        ("Prof. Jansen", "professor", "", "", "Jansen"),
        ("mr. Anna Jansen", "", "mr. Anna", "", "Jansen"),  # a Dutch lawyer, not a mister
        ("Heer", "", "Heer", "", ""),
        # Family name first
        ("Vries, Sam de", "", "Sam", "de", "Vries"),
        ("de Vries, Sam", "", "Sam", "de", "Vries"),
        ("Meer, mevr. Zoë van der", "", "mevr. Zoë", "van der", "Meer"),
        ("Berg, van den", "", "", "van den", "Berg"),
        ("El Amrani, Yara", "", "Yara", "", "El Amrani"),
        ("Jansen,", "", "Jansen,", "", ""),
    ],
)
def test_a_name_typed_in_one_field_is_taken_apart(
    typed: str, title: str, first: str, particle: str, family: str
) -> None:
    assert PersonName.parse(typed) == PersonName(title, first, particle, family)
    assert PersonName.parse(f"  {typed}\u00a0 ") == PersonName(title, first, particle, family)


def test_a_family_name_typed_with_its_particle_is_taken_apart() -> None:
    assert PersonName(given="Beyoncé-Lou", family="van Dijk") == PersonName("", "Beyoncé-Lou", "van", "Dijk")
    assert PersonName(given="Quirine", family="'t Hart").sort_key == "hart  quirine  t"
    assert PersonName(given="Daan", family="El Amrani").family == "El Amrani"
    assert PersonName(given="Marie", family="Van Dijk").family == "Van Dijk"
    assert PersonName("", "Sam", "de", "van Vries") == PersonName("", "Sam", "de", "van Vries")


def test_after_a_title_the_particle_has_a_capital() -> None:
    assert (MRS.formal("nl"), MRS.formal("en")) == ("mevrouw De Vries", "Mrs De Vries")
    assert (MR.formal("nl"), MR.formal("en")) == ("de heer Van den Berg", "Mr Van den Berg")
    assert PersonName("mevrouw", "Yara", "'t", "Hart").formal("nl") == "mevrouw 't Hart"
    assert PersonName("mevrouw", "Yara", "van 't", "Hart").formal("nl") == "mevrouw Van 't Hart"
    assert PersonName("mevrouw", "Hedy", "d'", "Ancona").formal("nl") == "mevrouw D'Ancona"
    assert PersonName("de heer", "Ahmed", "el", "Amrani").formal("en") == "Mr El Amrani"


def test_alone_the_particle_has_a_capital_and_after_a_first_name_it_has_none() -> None:
    assert SAM.full == "Sam de Vries"
    assert PersonName("", "", "de", "Vries").full == "De Vries"
    assert PersonName("", "", "van der", "Meer").first == "Van der Meer"


@pytest.mark.parametrize(
    ("name", "nl", "en"),
    [
        (MRS, "Beste mevrouw De Vries,", "Dear Mrs De Vries,"),
        (MR, "Beste meneer Van den Berg,", "Dear Mr Van den Berg,"),
        (SAM, "Beste Sam de Vries,", "Dear Sam de Vries,"),
        (PersonName("", "Sukarno"), "Beste Sukarno,", "Dear Sukarno,"),
        (PersonName("mevrouw", "Sukarno"), "Beste Sukarno,", "Dear Sukarno,"),
        (PersonName("mevrouw", "", "", "Bakker"), "Beste mevrouw Bakker,", "Dear Mrs Bakker,"),
        (PersonName("", "", "de", "Vries"), "Beste De Vries,", "Dear De Vries,"),
        (PersonName("Ms", "Sam", "de", "Vries"), "Beste mevrouw De Vries,", "Dear Ms De Vries,"),
        (PersonName("dr.", "Sam", "de", "Vries"), "Beste dr. De Vries,", "Dear Dr De Vries,"),
        (PersonName("Prof.", "Sam", "de", "Vries"), "Beste professor De Vries,", "Dear Professor De Vries,"),
        (PersonName("Mx", "Sam", "de", "Vries"), "Beste Sam de Vries,", "Dear Mx De Vries,"),
        (PersonName("De heer/mevrouw", "Sam", "de", "Vries"), "Beste Sam de Vries,", "Dear Sam de Vries,"),
        (PersonName(), "Goedendag,", "Hello,"),
    ],
)
def test_a_letter_greets_as_the_reader_is_called_and_never_guesses(name: PersonName, nl: str, en: str) -> None:
    assert (name.salutation("nl"), name.salutation("en")) == (nl, en)


def test_the_answer_page_speaks_to_the_reader_and_a_staff_mail_about_them() -> None:
    assert (MR.addressed("nl"), MR.addressed("en")) == ("meneer Van den Berg", "Mr Van den Berg")
    assert (MR.formal("nl"), MR.formal("en")) == ("de heer Van den Berg", "Mr Van den Berg")
    assert SAM.addressed("nl") == "Sam de Vries"
    assert SAM.first == "Sam"


@pytest.mark.parametrize("typed", ["dhr.", "Dhr", "DE HEER", "meneer", "Heer", "Mr", "Mr.", "hr."])
def test_a_title_is_kept_in_one_spelling(typed: str) -> None:
    assert PersonName(typed, "Daan", "van den", "Berg") == MR


def test_a_list_shortens_the_first_name() -> None:
    assert SAM.short == "S. de Vries"
    assert PersonName("", "Mehmet", "de", "Vries").short == "M. de Vries"
    assert PersonName("", "A.M.", "", "Jansen").short == "A.M. Jansen"
    assert PersonName("", "IJsbrand", "", "Jansen").short == "IJ. Jansen"
    assert PersonName("", "Ümit", "", "Bakker").short == "Ü. Bakker"
    assert PersonName("", "Sukarno").short == "Sukarno"
    assert PersonName("", "", "de", "Vries").short == "De Vries"


def test_a_picture_shows_two_initials() -> None:
    names = ["Quirine ter Horst", "Daan El Amrani", "Mehmet Smit-Kroes", "Łukasz Jansen", "Siân O'Brien", "Sukarno", ""]
    assert [PersonName.parse(name).initials for name in names] == ["QH", "DA", "MS", "ŁJ", "SO", "S", ""]
    assert PersonName.parse("Marie Van Dijk").initials == "MD"
    assert PersonName.parse("ümit 't hart").initials == "ÜH"
    assert PersonName(given="(Sam)", family="“Bakker”").initials == "SB"
    assert PersonName(given="नीरज", family="शर्मा").initials == "नीश"


def test_a_list_stands_in_order_of_family_name_without_particle_or_accent() -> None:
    names = ["Sam de Vries", "Anna Smit", "Ümit Öztürk", "Zoë van der Meer", "Bas Smit-Kroes", "Łukasz Łaski", "Adele"]
    ordered = sorted((PersonName.parse(name) for name in names), key=lambda name: name.sort_key)
    assert [name.full for name in ordered] == [
        "Adele",
        "Łukasz Łaski",
        "Zoë van der Meer",
        "Ümit Öztürk",
        "Anna Smit",
        "Bas Smit-Kroes",
        "Sam de Vries",
    ]
    assert MRS.sort_key == "vries  esther  de"
    assert PersonName.parse("Marie Van Dijk").sort_key == "van dijk  marie  "


def test_the_same_name_written_twice_is_recognised() -> None:
    def same(*names: str) -> int:
        return len({PersonName.parse(name).normalised for name in names})

    assert same("Sam de Vries", "SAM DE VRIES", "sam  de vries", "mevrouw Sam de Vries", "Vries, Sam de") == 1
    assert same("Sam De Vries", "Sam de Vries") == 1
    assert same("Beyoncé-Lou van Dijk", "Beyonce Lou van Dijk") == 1
    assert same("Zoë Yılmaz", "Zoe\u0308 Yilmaz", "ZOE YILMAZ") == 1
    assert same("Łukasz Nguyễn", "Lukasz Nguyen") == 1
    assert same("Siân O'Brien", "Sian O’Brien", "Sian OBrien") == 1
    assert same("Sam de Vries", "Sam de Vriens") == 2
    assert same("...", "!!!") == 2
    assert same("देवी", "देव") == 2  # the marks of other scripts are letters, not accents


def test_a_name_is_at_most_two_hundred_characters() -> None:
    assert not PersonName("", "E", "van der", "D" * (MAX_LENGTH - 10)).too_long
    assert PersonName("", "E", "van der", "D" * (MAX_LENGTH - 9)).too_long
    assert PersonName("", "E", "van der", "D" * (MAX_LENGTH - 10)).length == MAX_LENGTH
    assert PersonName.parse("Elif van der " + "D" * 5000).too_long


def test_a_name_from_right_to_left_leaves_the_sentence_in_order() -> None:
    moshe = PersonName.parse("משה כהן")
    assert moshe.full == "\u2068משה כהן\u2069"
    assert moshe.salutation("nl") == "Beste \u2068משה כהן\u2069,"
    assert PersonName("de heer", "أحمد", "", "علي").addressed("nl") == "\u2068meneer علي\u2069"
    assert moshe.given == "משה"


def test_what_cannot_be_seen_is_no_part_of_a_name() -> None:
    assert PersonName(given="Sam\r\nBcc: evil@example.org").full == "Sam Bcc: evil@example.org"
    assert PersonName(given="Sam\u202e", family="\u2066Vries\x00").full == "Sam Vries"
    assert PersonName(given="\ufeffSam\u200b", family="Vries\ud800").full == "Sam Vries"
    assert not PersonName(given="\u200b\u200d", family=" ")
    assert PersonName(given="Sam", family="de\u00a0Vries") == SAM
    assert PersonName(given="Zoe\u0308").given == "Zoë"
    assert PersonName(given="می\u200cنا").given == "می\u200cنا"  # a joiner that belongs to the spelling


@given(st.text())
@example("'")
@example(",")
@example(", ,")
@example("de heer")
@example("d'")
@example("van de")
@example("\u0300")
def test_whatever_is_typed_can_be_called_something(typed: str) -> None:
    name = PersonName.parse(typed)
    for locale in LANGUAGES:
        said = (name.full, name.first, name.short, name.initials, name.formal(locale), name.addressed(locale))
        for text in (*said, name.salutation(locale), name.sort_key, name.normalised):
            assert text.encode().decode() == text
            assert not set(text) & set("\r\n\x00\u2028\u202e")
    assert name.salutation("nl").endswith(",")
    assert PersonName(name.title, name.given, name.particle, name.family) == name
