"""Files of every kind and in every state become a table, or one clear problem."""

import random
import tracemalloc
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imports.lists import HEADER, Cell, crm, csv_of, customers, people, xlsx_of
from webapp.imports import table, workbook
from webapp.imports.reader import read
from webapp.imports.table import FileProblem, Row

SMALL = [("naam", "e-mail"), ("Zoë", "zoe@uni.example"), ("Łukasz; ‘t Hart, “x”", "l@uni.example")]


def rows(content: bytes) -> list[Row]:
    return list(read(content).rows)


def problem(content: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as raised:
        list(read(content).rows)
    return raised.value


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_separator_in_every_encoding_reads_the_same(delimiter: str, encoding: str) -> None:
    table = read(csv_of(SMALL, delimiter, encoding))
    assert (table.header, table.delimiter) == (("naam", "e-mail"), delimiter)
    assert list(table.rows) == [Row(2, SMALL[1]), Row(3, SMALL[2])]


def test_what_windows_writes_is_read_with_its_accents() -> None:
    table = read(csv_of([("naam", "e-mail"), ("Beyoncé – Öztürk €", "b@uni.example")], ";", "cp1252"))
    assert table.encoding == "cp1252"
    assert next(table.rows).cells[0] == "Beyoncé – Öztürk €"


def test_one_broken_sign_does_not_spoil_a_list_in_utf_8() -> None:
    content = csv_of([("naam", "e-mail"), *[("Zoë Müller", f"z{n}@uni.example") for n in range(20)]])
    found = rows(content.replace("ë".encode(), b"\xeb", 1))
    assert [row.cells[0] for row in found[:2]] == ["Zo\ufffd Müller", "Zoë Müller"]


def test_rows_are_counted_as_a_spreadsheet_counts_them() -> None:
    content = b'naam;notitie\nA;"twee\nregels"\n\nB;een\n;\nC;"met ""aanhaling"""\n'
    assert rows(content) == [Row(2, ("A", "twee\nregels")), Row(4, ("B", "een")), Row(6, ("C", 'met "aanhaling"'))]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(end: str) -> None:
    assert rows(f"naam;e-mail{end}A;a@uni.example{end}".encode()) == [Row(2, ("A", "a@uni.example"))]


def test_the_separator_line_of_excel_is_no_header() -> None:
    table = read(b"sep=|\r\nnaam|e-mail\r\nA;B|a@uni.example")
    assert (table.header, list(table.rows)) == (("naam", "e-mail"), [Row(3, ("A;B", "a@uni.example"))])


def test_commas_in_the_notes_do_not_make_it_comma_separated() -> None:
    content = b"naam;e-mail;notitie\nA;a@uni.example;een, twee, drie\nB;b@uni.example;vier, vijf, zes\n"
    assert read(content).delimiter == ";"


def test_a_title_above_the_header_is_passed_over() -> None:
    assert read(b"Klantenlijst 2026\n\nnaam;e-mail\nA;a@uni.example").header == ("naam", "e-mail")
    assert read(xlsx_of([["Klantenlijst"], [], ["naam", "e-mail"], ["A", "a@uni.example"]])).header == (
        "naam",
        "e-mail",
    )


def test_a_list_without_header_keeps_its_first_person() -> None:
    table = read(b"Anna Bakker;anna@uni.example\nSam de Vries;sam@uni.example")
    assert (table.header, table.has_header) == (("A", "B"), False)
    assert [row.line for row in table.rows] == [1, 2]


def test_a_short_row_is_filled_and_a_long_one_kept() -> None:
    found = rows(b"naam;e-mail;taal\nA\nB;b@uni.example;nl;te veel\nC;c@uni.example;nl;;;\n")
    assert [row.cells for row in found] == [
        ("A", "", ""), ("B", "b@uni.example", "nl", "te veel"), ("C", "c@uni.example", "nl"),
    ]  # fmt: skip


def test_a_workbook_reads_as_somebody_would_type_it() -> None:
    header: list[Cell] = ["naam", "klantnummer", "bedrag", "sinds", "om", "leeg"]
    values: list[Cell] = ["Łukasz", 12.0, 12.5, datetime(2026, 3, 10), datetime(2026, 3, 10, 10, 8), None]  # noqa: DTZ001  (as Excel keeps it)
    table = read(xlsx_of([header, values]))
    assert (table.encoding, list(table.rows)) == (
        "xlsx", [Row(2, ("Łukasz", "12", "12.5", "2026-03-10", "2026-03-10 10:08", ""))],
    )  # fmt: skip


def test_a_formula_in_a_workbook_stays_what_was_typed() -> None:
    assert (
        rows(xlsx_of([["naam", "notitie"], ["A", '=HYPERLINK("http://evil.example")']]))[0].cells[1].startswith("=HYP")
    )


def test_the_two_shapes_people_bring_are_read_whole() -> None:
    table = read(customers())
    assert (table.encoding, table.delimiter, table.header) == ("cp1252", ";", HEADER)
    assert [row.line for row in table.rows] == list(range(2, 122))
    assert (read(crm()).encoding, len(rows(crm()))) == ("utf-8", 60)


@pytest.mark.parametrize("nothing", [b"", b" \r\n\r\n", b"\xef\xbb\xbf", b"naam;e-mail\r\n", b"naam;e-mail\n;\n;;\n"])
def test_a_file_without_rows_says_so(nothing: bytes) -> None:
    assert problem(nothing).key == "file.empty"


def test_an_empty_workbook_says_so() -> None:
    assert problem(xlsx_of([])).key == "file.empty"
    assert problem(xlsx_of([["naam", "e-mail"]])).key == "file.empty"


@pytest.mark.parametrize(
    "content",
    [
        random.Random(1).randbytes(50_000),
        b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(5_000),
        b"%PDF-1.7\n1 0 obj\n",
        b"<!DOCTYPE html><table><tr><td>naam</td></tr></table>",
        b"<?xml version='1.0'?><Workbook/>",
        b"{\\rtf1 naam}",
        b"PK\x03\x04 and then nothing of a zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000),
        b"a" * 600_000,
    ],
    ids=["noise", "png", "pdf", "html", "xml", "rtf", "broken zip", "old xls", "one endless line"],
)
def test_what_is_no_list_is_refused_in_one_sentence(content: bytes) -> None:
    assert problem(content).key == "file.kind"


def test_a_workbook_behind_a_password_says_that() -> None:
    assert problem(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")).key == "file.locked"


def test_a_zip_of_something_else_is_refused() -> None:
    assert problem(_zip({"word/document.xml": b"<a/>"})).key == "file.kind"


def test_a_zip_bomb_is_weighed_before_it_is_opened() -> None:
    bomb = _zip({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": bytes(workbook.MAX_UNPACKED_BYTES + 1)})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert problem(bomb).key == "file.size"
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_a_workbook_with_entities_that_grow_is_refused() -> None:
    lol = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><workbook>&lol;</workbook>'
    assert problem(_zip({"xl/workbook.xml": lol})).key == "file.kind"


def test_a_file_too_big_says_how_big_and_how_big_it_may_be() -> None:
    found = problem(b"naam;e-mail\n" + b"A;a@uni.example\n" * 1_400_000)
    assert (found.key, found.values) == ("file.size", {"size": 22, "max": 20})


def test_too_many_rows_or_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert problem(csv_of([["kolom"] * 501, ["x"] * 501])).key == "file.wide"
    monkeypatch.setattr(table, "MAX_ROWS", 10)
    assert problem(csv_of(people(11))).key == "file.rows"
    assert len(rows(csv_of(people(10)))) == 10


def test_a_quotation_mark_that_is_never_closed_names_its_row() -> None:
    content = 'naam;e-mail\nA;a@uni.example\n"B;b@uni.example\nC;c@uni.example\n'
    assert (problem(content.encode()).key, problem(content.encode()).values) == ("file.quote", {"row": 3})
    assert problem((content + "D;d@uni.example\n" * 5_000).encode()).values == {"row": 3}


def test_memory_stays_flat_while_a_long_list_is_read() -> None:
    content = csv_of(people(20_000))
    tracemalloc.start()
    count = sum(1 for _ in read(content).rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 6_000_000) == (20_000, True)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_at_all_break_the_reader(content: bytes) -> None:
    with suppress(FileProblem):
        assert all(len(row.cells) >= 1 for row in read(content).rows)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_never_breaks_the_reader(at: int, damage: bytes) -> None:
    content = xlsx_of([["naam", "e-mail"], ["A", "a@uni.example"]])
    at %= len(content)
    with suppress(FileProblem):
        list(read(content[:at] + damage + content[at + len(damage) :]).rows)


def _zip(parts: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return file.getvalue()
