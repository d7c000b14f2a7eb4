"""A file becomes a table, whatever it is called: XLSX by its first bytes, else text; or one clear problem."""

from webapp.imports.delimited import read_text
from webapp.imports.table import FileProblem, Table, megabytes, table
from webapp.imports.workbook import read_workbook

MAX_BYTES = 20 * 1024 * 1024
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(content: bytes) -> Table:
    """The table in `content`; raises FileProblem when there is none."""
    if len(content) > MAX_BYTES:
        raise FileProblem("file.size", size=megabytes(len(content)), max=megabytes(MAX_BYTES))
    if not content.strip(b"\x00 \r\n\t\xef\xbb\xbf"):
        raise FileProblem("file.empty")
    if content.startswith(_ZIP):
        return table(read_workbook(content), "xlsx")
    if content.startswith(_OLE):  # an old .xls, or a workbook behind a password
        raise FileProblem("file.locked" if _ENCRYPTED in content else "file.kind")
    return table(*read_text(content))
