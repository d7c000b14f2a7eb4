"""Letters come as text, as a Word document, or many in a list; nothing in a file is run, fetched or unpacked too big."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from webapp.stories import files
from webapp.stories.files import Unreadable, read

HEAD = f'<w:document xmlns:w="{files.WORD}"><w:body>'
FOOT = "</w:body></w:document>"


def document(body: str, before: str = "") -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{before}{HEAD}{body}{FOOT}')
    return packed.getvalue()


def paragraph(*texts: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in texts) + "</w:p>"


def why(content: bytes, name: str = "brief.docx") -> str:
    with pytest.raises(Unreadable) as found:
        read(content, name)
    return found.value.why


def test_a_word_document_gives_its_paragraphs_and_not_what_was_struck_out() -> None:
    struck = "<w:p><w:del><w:r><w:t>weg</w:t></w:r></w:del><w:r><w:t>Twee.</w:t></w:r></w:p>"
    (story,) = read(document(paragraph("Eé", "n.") + struck), "brief.docx")
    assert story.text == "Eén.\n\nTwee."


def test_a_document_type_is_refused_so_no_entity_grows_and_nothing_outside_is_asked_for() -> None:
    laughing = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert why(document(paragraph("&b;"), laughing)) == "kind"
    assert why(document(paragraph("&x;"), '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>')) == "kind"


def test_a_document_that_would_unpack_too_big_is_refused() -> None:
    assert why(document(paragraph("a" * (files.DOCUMENT_AT_MOST + 1)))) == "too_big"
    assert why(b"x" * (files.FILE_AT_MOST + 1), "brief.txt") == "too_big"


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"%PDF-1.7", b"\x00\x01\x02\x03" * 40])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    assert why(content, "brief.txt") == "kind"


def test_text_of_windows_is_read_with_its_accents() -> None:
    assert read("Beste café".encode("cp1252"), "brief.txt")[0].text == "Beste café"


def test_a_list_gives_one_story_a_row_whatever_its_columns_are_called() -> None:
    rows = "E-mail;Titel;Verhaal\nsam@post.example;Stil;Het was stil.\n;;Nog een.\n;leeg;\n"
    assert [(each.email, each.title, each.text) for each in read(rows.encode(), "lijst.csv")] == [
        ("sam@post.example", "Stil", "Het was stil."), ("", "", "Nog een."),
    ]  # fmt: skip
    assert why(b"naam;kleur\nSam;rood\n", "lijst.csv") == "columns"
