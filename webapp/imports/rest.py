"""The rows that were not taken over, as a file that Dutch Excel opens and that can be mended and brought again."""

import csv
import re
from collections.abc import Iterator
from io import StringIO

from webapp.imports.models import Import

_RUNS = re.compile(r"[=@\t\r＝＠]|[+\-＋－](?![\d(][\d\s().\-/]*$)")
"""A spreadsheet takes such a cell for a formula. A phone number, `+31 6 ...`, is none."""


def neutral(cell: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{cell}" if _RUNS.match(cell) else cell


def rest_of(of: Import) -> Iterator[str]:
    """The file in pieces: the list's own columns, with what was mended; semicolons, UTF-8 with a byte order mark."""
    line = StringIO()
    writer = csv.writer(line, delimiter=";")
    at = {column: field for field, column in of.mapping.items()}

    def written(cells: list[str]) -> str:
        line.seek(0)
        line.truncate()
        writer.writerow(map(neutral, cells))
        return line.getvalue()

    yield "\ufeff" + written(of.header)
    for row in of.rest():
        yield written([str(row.typed.get(at.get(n, ""), cell)) for n, cell in enumerate(row.cells)])
