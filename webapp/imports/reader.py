"""A file becomes a table: CSV in the separators and encodings that systems write, or the first filled XLSX sheet.

Rows are counted as a spreadsheet counts them: the header is row 1, an empty row counts, a line end in quotes does not.
"""

import codecs
import csv
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, TextIOWrapper
from itertools import chain, islice
from typing import Any, NamedTuple
from zipfile import ZipFile

from openpyxl import load_workbook

from webapp.imports.addresses import LOOKS_LIKE_ONE

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""An XLSX is a zip; this is what it may become."""
MAX_PARTS = 2_000
"""Files inside that zip: sheets, pictures, drawings."""
MAX_CELL = 20_000
"""Characters; a longer cell is a quotation mark that was never closed, or no list."""
DELIMITERS = ";,\t|"
SAMPLE = 40
"""Rows that are looked at to find the separator and the header."""
EMPTY_ROWS = 10_000
"""After so many, nothing follows: some programs format a sheet down to its last row."""

csv.field_size_limit(MAX_CELL)

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OTHER_KINDS = (b"%pdf", b"{\\rtf", b"<!doctype", b"<html", b"<?xml", b"<table")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')


class FileProblem(Exception):
    """A file that cannot be read as a list. `key` says which sentence, `values` what stands in it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class Row(NamedTuple):
    """One row below the header, as wide as the header at least."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """What a file holds. `rows` is a stream, to be read once; it may still raise FileProblem."""

    header: tuple[str, ...]
    rows: Iterator[Row]
    encoding: str
    """`utf-8`, `utf-16`, `cp1252`; `xlsx` for a workbook."""
    delimiter: str = ""
    has_header: bool = True
    """False: the first row is a person already, and the columns are called A, B, C."""


def read(content: bytes) -> Table:
    """The table in `content`; raises FileProblem when there is none. What the file is called does not matter."""
    if len(content) > MAX_BYTES:
        raise FileProblem("file.size", size=_megabytes(len(content)), max=_megabytes(MAX_BYTES))
    if not content.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise FileProblem("file.empty")
    if content.startswith(_ZIP):
        return _table(_sheet(content), "xlsx")
    if content.startswith(_OLE):
        raise FileProblem("file.locked" if _ENCRYPTED in content else "file.kind")
    encoding, start = _encoding(content)
    if content[start : start + 64].lstrip().lower().startswith(_OTHER_KINDS):
        raise FileProblem("file.kind")
    delimiter, skipped = _delimiter(content, start, encoding)
    return _table(_records(_text(content, start, encoding), delimiter, skipped), encoding, delimiter)


# From rows to a table


def _table(rows: Iterable[Row], encoding: str, delimiter: str = "") -> Table:
    """Find the header: the first row that is filled, below a title that stands alone in its row."""
    stream = iter(rows)
    sample = list(islice(stream, SAMPLE))
    filled = [row for row in sample if any(row.cells)]
    if not filled:
        raise FileProblem("file.empty")
    widest = max(_filled(row) for row in filled)
    head = next((row for row in filled if min(widest, 2) <= _filled(row)), filled[0])
    has_header = not any(LOOKS_LIKE_ONE.fullmatch(cell) for cell in head.cells)
    rest = [row for row in sample if row.line > head.line or (row.line == head.line and not has_header)]
    body = (row for row in chain(rest, stream) if any(row.cells))
    first = next(body, None)
    if first is None:
        raise FileProblem("file.empty")
    header = _trimmed(head.cells) if has_header else tuple(map(_letter, range(widest)))
    return Table(header, _capped(chain([first], body), len(header)), encoding, delimiter, has_header)


def _capped(rows: Iterable[Row], width: int) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise FileProblem("file.rows", max=MAX_ROWS)
        cells = _trimmed(row.cells)
        yield Row(row.line, cells + ("",) * (width - len(cells)))


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Without the empty cells at the end, which spreadsheets add at will."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    if end > MAX_COLUMNS:
        raise FileProblem("file.wide", max=MAX_COLUMNS)
    return cells[:end]


def _filled(row: Row) -> int:
    return sum(map(bool, row.cells))


def _letter(column: int) -> str:
    """What a spreadsheet calls a column: A, B, ... Z, AA."""
    return (_letter(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _megabytes(size: int) -> int:
    return -(-size // (1024 * 1024))


# CSV


def _encoding(content: bytes) -> tuple[str, int]:
    """How the text is written, and where it starts after a byte order mark. Raises FileProblem for what is no text."""
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return encoding, len(mark)
    even, odd = content[:4096:2], content[1:4096:2]
    for encoding, letters, zeros in (("utf-16-le", even, odd), ("utf-16-be", odd, even)):
        if zeros.count(0) > len(zeros) // 2 and letters.count(0) <= len(letters) // 10:
            return encoding, 0
    if len(_CONTROLS.findall(content[:65536])) > len(content[:65536]) // 500 or b"\x00" in content:
        raise FileProblem("file.kind")
    return _eight_bits(content), 0


def _eight_bits(content: bytes) -> str:
    """UTF-8 when it is, or nearly is; else what Windows in western Europe writes."""
    try:
        for _ in codecs.iterdecode((content[at : at + 65536] for at in range(0, len(content), 65536)), "utf-8"):
            pass
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        return "utf-8" if sum(not c.isascii() for c in text) - broken > 10 * broken else "cp1252"
    return "utf-8"


def _text(content: bytes, start: int, encoding: str) -> TextIOWrapper:
    stream = BytesIO(content)
    stream.seek(start)
    return TextIOWrapper(stream, encoding, errors="replace", newline="")


def _delimiter(content: bytes, start: int, encoding: str) -> tuple[str, int]:
    """The separator, and how many lines stand before the list (`sep=;`, as Excel writes it)."""
    sample = list(islice(_text(content[: start + 512 * 1024], start, encoding), SAMPLE * 2))
    if len(sample) == 1 and len(sample[0]) > MAX_CELL:
        raise FileProblem("file.kind")
    if said := _SEPARATOR_LINE.fullmatch(sample[0].strip()):
        return said[1], 1

    def agreement(delimiter: str) -> tuple[float, int]:
        """How many rows are as wide as most are, and how wide."""
        try:
            widths = [len(row) for row in islice(csv.reader(sample, delimiter=delimiter), SAMPLE) if any(row)]
        except csv.Error:
            return 0.0, 0
        common = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
        return (widths.count(common) / len(widths), common) if common > 1 else (0.0, 0)

    return max(DELIMITERS, key=agreement), 0


def _records(text: TextIOWrapper, delimiter: str, skipped: int) -> Iterator[Row]:
    """The rows of a CSV. A quotation mark that is opened and never closed would swallow the people after it: said."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    line = 0
    with closing(text):
        try:
            for line, cells in enumerate(reader, 1):
                if lines.ended and _is_open(lines.taken, delimiter):
                    raise FileProblem("file.quote", row=line)
                lines.taken.clear()
                if line > skipped:
                    yield Row(line, tuple(cell.strip() for cell in cells))
        except csv.Error:
            raise FileProblem("file.quote", row=line + 1) from None


class _Lines:
    """The lines of a text, remembering those of the row under way."""

    def __init__(self, text: TextIOWrapper) -> None:
        self.text, self.taken, self.ended = text, list[str](), False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = next(self.text)
        except StopIteration:
            self.ended = True
            raise
        self.taken.append(line)
        return line


def _is_open(lines: list[str], delimiter: str) -> bool:
    """Whether the last row of a file ends inside quotes."""
    try:
        list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


# XLSX


def _sheet(content: bytes) -> Iterator[Row]:
    """The rows of the first sheet that has any. A formula stays what was typed; its outcome is never asked for."""
    try:
        _weigh(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of styles and extensions that do not matter here
            book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
            with closing(book):
                for sheet in book.worksheets:
                    if sheet.sheet_state == "visible":
                        sheet.reset_dimensions()  # a workbook may lie about its size
                        found = _rows(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True))
                        first = next(found, None)
                        if first:
                            yield from chain([first], found)
                            return
    except FileProblem:
        raise
    except Exception as error:  # a broken workbook fails in a hundred ways, and all mean one thing
        raise FileProblem("file.kind") from error


def _rows(sheet: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    """The rows that hold something, numbered as the sheet numbers them."""
    last = 0
    for line, values in enumerate(sheet, 1):
        end = len(values)
        while end and values[end - 1] is None:
            end -= 1
        if end:
            last = line
            yield Row(line, tuple(map(_cell, values[:end])))
        elif line - last > EMPTY_ROWS:
            return


def _weigh(content: bytes) -> None:
    """Refuse a zip that is no workbook, or that would become too big; `zipfile` reads no more than is declared."""
    with ZipFile(BytesIO(content)) as file:
        parts = file.infolist()
        if "xl/workbook.xml" not in file.namelist() or len(parts) > MAX_PARTS:
            raise FileProblem("file.kind")
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED_BYTES:
            raise FileProblem("file.size", size=_megabytes(unpacked), max=_megabytes(MAX_UNPACKED_BYTES))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with file.open(part) as opened:
                    if b"<!DOCTYPE" in opened.read(4096).upper():  # an entity can grow without end
                        raise FileProblem("file.kind")


def _cell(value: Any) -> str:
    """A cell as somebody would type it: no `.0` behind a number, a date without midnight."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[: MAX_CELL + 1]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time().isoformat() == "00:00:00" else "%Y-%m-%d %H:%M")
    return str(value)
