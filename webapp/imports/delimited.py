"""CSV, in the separators and encodings that systems write."""

import codecs
import csv
import re
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO, TextIOWrapper
from itertools import islice

from webapp.imports.table import MAX_CELL, SAMPLE, FileProblem, Row

DELIMITERS = ";,\t|"

csv.field_size_limit(MAX_CELL)

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OTHER_KINDS = (b"%pdf", b"{\\rtf", b"<!doctype", b"<html", b"<?xml", b"<table")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')


def read_text(content: bytes) -> tuple[Iterator[Row], str, str]:
    """The rows, how they are written, and what separates their cells. Raises FileProblem for what is no text."""
    encoding, start = _encoding(content)
    if content[start : start + 64].lstrip().lower().startswith(_OTHER_KINDS):
        raise FileProblem("file.kind")
    delimiter, skipped = _delimiter(content, start, encoding)
    return _records(_text(content, start, encoding), delimiter, skipped), encoding, delimiter


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
