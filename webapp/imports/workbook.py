"""XLSX: the rows of the first sheet that has any. Nothing in it is run, and no zip is opened that would become too big."""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from io import BytesIO
from itertools import chain
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from webapp.imports.table import MAX_CELL, MAX_COLUMNS, FileProblem, Row, megabytes

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""An XLSX is a zip; this is what it may become."""
MAX_PARTS = 2_000
"""Files inside that zip: sheets, pictures, drawings."""
EMPTY_ROWS = 10_000
"""After so many, nothing follows: some programs format a sheet down to its last row."""


def read_workbook(content: bytes) -> Iterator[Row]:
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
            raise FileProblem("file.size", size=megabytes(unpacked), max=megabytes(MAX_UNPACKED_BYTES))
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
