"""Lists as people's systems export them, invented, with faults on purpose."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO, StringIO

from openpyxl import Workbook

HEADER = (
    "Aanhef", "Voornaam", "Tussenvoegsel", "Achternaam", "Organisatie", "E-mailadres", "Telefoon", "Taal",
    "Klantgroep", "Relatiebeheerder", "Opmerking",
)  # fmt: skip
Cell = str | int | float | datetime | None

_GIVEN = ("Sanne", "Ümit", "Łukasz", "Zoë", "Ismaël", "Beyoncé-Lou", "Pieter", "Noor", "Tariq", "Siân")
_FAMILY = (("van der", "Meer"), ("", "Öztürk"), ("", "El Amrani"), ("'t", "Hart"), ("", "O'Brien"), ("ter", "Horst"))
_TITLES = ("mevrouw", "de heer", "")


def csv_of(rows: Iterable[Sequence[str]], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    text = StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding, "ignore")


def xlsx_of(rows: Iterable[Sequence[Cell]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Lijst")
    for row in rows:
        sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def person(number: int) -> list[str]:
    """Somebody invented: always the same one for the same number. Their owner is no colleague of the sample: nobody has
    to agree before they are asked."""
    given = _GIVEN[number % len(_GIVEN)]
    particle, family = _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    phone = f"+31 6 {10000000 + number * 7919 % 90000000}"
    language, group = ("en", "leverancier") if number % 4 == 3 else ("nl", "oud-student")
    return [
        _TITLES[number % 3], given, particle, family, "", f"persoon.{number}@student.example", phone, language,
        group, "m.smit@uni.example", "",
    ]  # fmt: skip


def people(count: int) -> list[list[str]]:
    return [list(HEADER), *map(person, range(2, count + 2))]


def customers() -> bytes:
    """120 customers, as a Dutch spreadsheet saves them: 114 new, four in error, two asked, one formula.

    Rows 8, 24 and 42 have no usable address, 51 a name without end, 61 and 62 the address of 13 and 14 with another
    name, 34 a formula for a note.
    """
    rows = people(120)
    email, note = HEADER.index("E-mailadres"), HEADER.index("Opmerking")
    rows[8 - 1][email] = "geen adres"
    rows[24 - 1][email] = "twee@@student.example"
    rows[42 - 1][email] = ""
    rows[34 - 1][note] = '=HYPERLINK("http://evil.example";"klik")'
    rows[51 - 1][3] = "D" * 300
    rows[61 - 1][email] = rows[13 - 1][email].upper()
    rows[62 - 1][email] = rows[14 - 1][email]
    return csv_of(rows, ";", "cp1252")


def crm() -> bytes:
    """60 contacts, as a customer system exports them: a byte order mark, its own headers, languages in words."""
    header = (
        "Record ID", "First Name", "Last Name", "Email", "Phone Number", "Contact owner", "Lead Status", "Company name",
        "Preferred language", "Create Date", "Marketing contact status",
    )  # fmt: skip
    languages = ("", "English", "Dutch")
    rows = [
        [
            str(5100 + n), given, f"{particle} {family}".strip(), f"contact.{n}@alumni.example", "", "A. Bakker", "OPEN",
            "Bakkerij Roos" if n % 2 else "", languages[n % 3], "2026-03-10 10:08", "Marketing contact",
        ]
        for n in range(60)
        for _, given, particle, family, *_ in [person(n)]
    ]  # fmt: skip
    return csv_of([header, *rows], ",", "utf-8-sig")


def staff() -> bytes:
    """A dozen staff in three teams."""
    teams = (("Bellers avond A", "front line"), ("Beurzenbureau", "back office"), ("ICT", "support"))
    rows = [
        [f"{given} {particle} {family}".replace("  ", " "), f"collega.{n}@uni.example", *teams[n % 3], "nl"]
        for n in range(12)
        for _, given, particle, family, *_ in [person(n)]
    ]
    return csv_of([["name", "email", "team", "layer", "language"], *rows], ",")
