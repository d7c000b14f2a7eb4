"""A table of people: its header, and a stream of rows.

Rows are counted as a spreadsheet counts them: the header is row 1, an empty row counts, a line end in quotes does not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from webapp.imports.addresses import LOOKS_LIKE_ONE

MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 20_000
"""Characters; a longer cell is a quotation mark that was never closed, or no list."""
SAMPLE = 40
"""Rows that are looked at to find the separator and the header."""


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


def table(rows: Iterable[Row], encoding: str, delimiter: str = "") -> Table:
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


def megabytes(size: int) -> int:
    return -(-size // (1024 * 1024))
