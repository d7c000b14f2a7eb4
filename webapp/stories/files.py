"""Stories in files: a letter as text or DOCX, or many as CSV. Nothing in a file is run, fetched or unpacked too big."""

import csv
import re
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from webapp.imports.delimited import read_text
from webapp.imports.table import FileProblem
from webapp.stories import arc

FILE_AT_MOST = 5 * 1024 * 1024
DOCUMENT_AT_MOST = 20 * 1024 * 1024
"""Unpacked: the one part of a DOCX that is read."""
PARTS_AT_MOST = 2_000
STORIES_AT_MOST = 500
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
COLUMNS = {
    "email": ("email", "e-mail", "mail", "e-mailadres", "emailadres", "adres"),
    "name": ("naam", "name", "verteller", "storyteller", "klant", "customer"),
    "title": ("titel", "title", "kop", "heading"),
    "text": ("verhaal", "tekst", "story", "text", "bericht", "message"),
    "language": ("taal", "language", "locale"),
}


class Unreadable(Exception):
    """`why`: `too_big`, `kind`, `empty`, `columns`, `too_many`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Written:
    """One story as it stood in a file, and what is said there about who told it."""

    text: str
    title: str = ""
    name: str = ""
    email: str = ""
    language: str = ""


def read(content: bytes, filename: str) -> list[Written]:
    """The stories of a file. Raises Unreadable."""
    if len(content) > FILE_AT_MOST:
        raise Unreadable("too_big")
    if content.startswith(b"PK"):
        return [_only(_docx(content))]
    if filename.lower().endswith((".csv", ".tsv")):
        return _csv(content)
    try:
        rows, encoding, _ = read_text(content)
        del rows
        return [_only(content.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace"))]
    except FileProblem as problem:
        raise Unreadable("kind") from problem


def _only(text: str) -> Written:
    text = arc.cleaned(text)
    if not text:
        raise Unreadable("empty")
    return Written(text[: arc.TEXT_AT_MOST])


def _docx(content: bytes) -> str:
    """The paragraphs of the document; headers, notes and comments stay out."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            document = next((each for each in parts if each.filename == "word/document.xml"), None)
            if len(parts) > PARTS_AT_MOST or document is None:
                raise Unreadable("kind")
            with archive.open(document) as part:
                raw = part.read(DOCUMENT_AT_MOST + 1)
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise Unreadable("kind") from error
    if len(raw) > DOCUMENT_AT_MOST:
        raise Unreadable("too_big")
    return _words(raw)


class _Paragraphs:
    """What expat tells of a WordprocessingML document, as text."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.size = 0
        self.reading = self.deleted = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition(" ")
        if space != WORD:
            return
        self.reading += tag == "t"
        self.deleted += tag == "del"
        if tag in ("br", "cr"):
            self.found.append("\n")
        elif tag == "tab":
            self.found.append(" ")

    def end(self, name: str) -> None:
        space, _, tag = name.rpartition(" ")
        if space == WORD:
            self.reading -= tag == "t"
            self.deleted -= tag == "del"
            if tag == "p":
                self.found.append("\n\n")

    def text(self, words: str) -> None:
        if self.reading and not self.deleted:
            self.size += len(words)
            if self.size > 20 * arc.TEXT_AT_MOST:
                raise Unreadable("too_big")
            self.found.append(words)


def _words(raw: bytes) -> str:
    """No document type is accepted, so no entity can grow, and nothing outside is asked for."""
    paragraphs, parser = _Paragraphs(), expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise Unreadable("kind")

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = lambda *_: 0
    parser.StartElementHandler, parser.EndElementHandler = paragraphs.start, paragraphs.end
    parser.CharacterDataHandler = paragraphs.text
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise Unreadable("kind") from error
    return "".join(paragraphs.found)


def _csv(content: bytes) -> list[Written]:
    """One story a row, under a heading that says which column is which, in Dutch or English."""
    try:
        rows, _, _ = read_text(content)
        cells = [row.cells for row in rows if any(cell.strip() for cell in row.cells)]
    except (FileProblem, csv.Error) as problem:
        raise Unreadable("kind") from problem
    if not cells:
        raise Unreadable("empty")
    places = _places([str(cell) for cell in cells[0]])
    if "text" not in places:
        raise Unreadable("columns")
    if len(cells) - 1 > STORIES_AT_MOST:
        raise Unreadable("too_many")
    found = [
        Written(**{name: arc.cleaned(str(row[place])) if place < len(row) else "" for name, place in places.items()})
        for row in cells[1:]
    ]
    found = [each for each in found if each.text]
    if not found:
        raise Unreadable("empty")
    return found


def _places(headings: list[str]) -> dict[str, int]:
    bare = [re.sub(r"[\s_]+", "", heading.strip().lower().lstrip("\ufeff")) for heading in headings]
    return {
        name: next(place for place, heading in enumerate(bare) if heading in spellings)
        for name, spellings in COLUMNS.items()
        if any(heading in spellings for heading in bare)
    }
