"""Headers find their field by themselves, in Dutch, in English and in the words of customer systems."""

import pytest

from tests.imports.lists import HEADER, crm, staff
from webapp.imports.columns import Kind, automatic, chosen, ignored, missing, picked
from webapp.imports.reader import read


def mapped(header: str, kind: Kind = "customers") -> dict[str, str]:
    names = header.split(";")
    return {field: names[at] for field, at in automatic(kind, names).items()}


def test_a_dutch_list_is_understood_whole() -> None:
    found = automatic("customers", HEADER)
    assert (ignored(HEADER, found), missing("customers", found)) == ([], [])
    assert found == {
        "title": 0, "given": 1, "particle": 2, "family": 3, "organisation": 4, "email": 5, "phone": 6, "language": 7,
        "group": 8, "owner": 9, "note": 10,
    }  # fmt: skip


def test_a_crm_maps_by_itself_and_what_is_not_read_is_named() -> None:
    header = read(crm()).header
    found = automatic("customers", header)
    assert missing("customers", found) == []
    assert ignored(header, found) == ["Record ID", "Lead Status", "Create Date", "Marketing contact status"]
    assert {field: header[at] for field, at in found.items()} == {
        "given": "First Name", "family": "Last Name", "email": "Email", "phone": "Phone Number",
        "organisation": "Company name", "owner": "Contact owner", "language": "Preferred language",
    }  # fmt: skip


def test_a_staff_list_is_understood_whole() -> None:
    header = read(staff()).header
    assert automatic("staff", header) == {"name": 0, "email": 1, "team": 2, "layer": 3, "language": 4}
    assert mapped("Collega;Mailadres;Afdeling;Laag;Taal;Mobiel", "staff").keys() == {
        "name", "email", "team", "layer", "language", "phone",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("naam;e-mail;groep;taal", {"name": "naam", "email": "e-mail", "group": "groep", "language": "taal"}),
        ("name;email;group;language", {"name": "name", "email": "email", "group": "group", "language": "language"}),
        ("E-mail Address;First Name;Last Name", {"email": "E-mail Address", "given": "First Name", "family": "Last Name"}),
        ("Given Name;E-mail 1 - Value", {"given": "Given Name", "email": "E-mail 1 - Value"}),
        ("VOORNAAM;E-MAIL (werk) *;Naam", {"given": "VOORNAAM", "email": "E-MAIL (werk) *", "family": "Naam"}),
        ("Mobile Phone Number;Phone Number;Name", {"phone": "Phone Number", "name": "Name"}),
    ],
)  # fmt: skip
def test_headers_of_many_systems_find_their_field(header: str, fields: dict[str, str]) -> None:
    assert mapped(header) == fields


def test_a_contact_beside_a_first_and_last_name_is_not_read() -> None:
    assert "name" not in mapped("Contact;First Name;Last Name;Email")


def test_an_address_column_is_known_by_what_is_in_it() -> None:
    sample = [("Sam de Vries", "sam@uni.example"), ("Anna", "anna@uni.example")]
    assert automatic("customers", ("A", "B"), sample) == {"email": 1, "name": 0}
    assert automatic("customers", ("Wie", "Waar bereikbaar", "Sinds"), [(*row, "2020") for row in sample]) == {
        "email": 1
    }


def test_what_is_missing_is_named() -> None:
    assert missing("customers", automatic("customers", ("kleur", "maat"))) == ["name", "email"]
    assert missing("customers", automatic("customers", ("naam", "telefoon"))) == []
    assert missing("staff", automatic("staff", ("naam", "telefoon"))) == ["email"]


def test_a_choice_by_hand_replaces_what_we_thought() -> None:
    found = chosen("customers", ("wie", "waar", "x"), {0: "name", 1: "email", 2: "", 9: "phone"})
    assert found == {"name": 0, "email": 1}
    assert picked(found, ("Sam", "sam@uni.example", "y")) == {"name": "Sam", "email": "sam@uni.example"}
