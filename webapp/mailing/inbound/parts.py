"""From bytes to headers and texts. Everything is capped, a mail inside a mail stays text, and nothing raises."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from html import unescape

MAX_OCTETS = 1_000_000
"""Of a mail that are looked at; what people write and what servers report stands before any attachment."""
MAX_LINES = 20_000
MAX_MULTIPARTS = 30
"""So deep and so wide at most; a mail with more is read by its headers alone."""
MAX_PARAMETERS = 50
"""Of one Content-Type: the standard library takes the square of it."""
MAX_HEADER = 2_000
MAX_TEXT = 100_000

_INNER = re.compile(rb"^(content-type:[ \t]*(?:\n[ \t]+)?)message/", re.IGNORECASE | re.MULTILINE)
_TYPES = re.compile(rb"^content-type:.*(?:\n[ \t].*)*", re.IGNORECASE | re.MULTILINE)
_MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)
_MBOX = re.compile(rb"\A>?From [^\n]*\n")
_MESSAGE = "text/x-message-"


@dataclass(frozen=True)
class Part:
    type: str
    """`text/plain`, `message/delivery-status`, ..., in small letters."""
    name: str
    text: str

    @property
    def prose(self) -> str:
        return without_tags(self.text) if self.type == "text/html" else self.text


@dataclass(frozen=True)
class Letter:
    """A mail, taken apart one level deep: what it brought back is one part, whole."""

    headers: "Message[str, str]"
    parts: tuple[Part, ...]
    raw: str

    def header(self, name: str) -> str:
        return _decoded(self.headers.get(name))

    def all(self, *names: str) -> list[str]:
        return [_decoded(each) for name in names for each in self.headers.get_all(name, [])[:20]]

    def addresses(self, *names: str) -> list[str]:
        """The addresses in these headers, in small letters."""
        try:
            return [address.lower() for _, address in getaddresses(self.all(*names)) if "@" in address]
        except (ValueError, IndexError):
            return []

    @property
    def sender(self) -> str:
        return next(iter(self.addresses("From")), "")

    @property
    def type(self) -> str:
        return self.headers.get_content_type().replace(_MESSAGE, "message/")

    def of(self, *types: str) -> list[Part]:
        return [part for part in self.parts if part.type in types]

    @property
    def prose(self) -> str:
        """What people are meant to read: the plain texts, or else what is in the HTML."""
        legible = [part for part in self.parts if part.type == "text/plain" or part.type.startswith("multipart/")]
        plain = "\n".join(part.text for part in legible)
        return plain if plain.strip() else "\n".join(part.prose for part in self.of("text/html"))


def take_apart(raw: bytes) -> Letter:
    """Line ends of any kind, a line of an mbox before it, damaged parts: whatever is legible is there."""
    raw = raw[:MAX_OCTETS].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    raw = b"\n".join(_MBOX.sub(b"", raw).split(b"\n", MAX_LINES)[:MAX_LINES])
    text = raw[:MAX_OCTETS].decode("utf-8", "replace")
    leaves = _INNER.sub(rb"\1text/x-message-", raw)
    try:
        if len(_MULTIPART.findall(leaves)) > MAX_MULTIPARTS or _too_many_parameters(leaves):
            return Letter(BytesHeaderParser().parsebytes(leaves, headersonly=True), (), text)
        message = message_from_bytes(leaves)
        return Letter(message, tuple(_parts(message)), text)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return Letter(Message(), (), text)  # the standard library stumbles over some damage


def _too_many_parameters(raw: bytes) -> bool:
    return any(each[0].count(b";") > MAX_PARAMETERS for each in _TYPES.finditer(raw))


def _parts(message: "Message[str, str]") -> Iterator[Part]:
    left = MAX_TEXT * 4
    for part in message.walk():
        if part.is_multipart():
            if isinstance(part.epilogue, str) and part.epilogue.strip():
                yield Part("text/x-epilogue", "", part.epilogue[:MAX_TEXT])
            continue
        text = _text(part)[: min(left, MAX_TEXT)]
        left -= len(text)
        yield Part(part.get_content_type().replace(_MESSAGE, "message/"), _decoded(part.get_filename()), text)


def _text(part: "Message[str, str]") -> str:
    if part.get_content_maintype() not in ("text", "application", "multipart"):
        return ""
    try:
        octets = part.get_payload(decode=True)
    except (ValueError, LookupError):
        octets = None
    if not isinstance(octets, bytes):
        found = part.get_payload()
        return found if isinstance(found, str) else ""
    octets = octets[: MAX_TEXT * 4]
    charset = part.get_content_charset() or "utf-8"
    for name in (charset, "utf-8"):
        try:
            return octets.decode(_CHARSETS.get(name, name)).replace("\r\n", "\n")
        except (LookupError, ValueError):
            continue
    return octets.decode("latin-1").replace("\r\n", "\n")


_CHARSETS = {"unicode-1-1-utf-7": "utf-7", "us-ascii": "utf-8", "iso-8859-8-i": "iso-8859-8"}


def _decoded(value: object) -> str:
    text = str(value or "")[:MAX_HEADER]
    with suppress(MessageError, ValueError, LookupError, TypeError, AssertionError):  # else shown as it came
        text = str(make_header(decode_header(text)))
    return " ".join(text.split())


def without_tags(html: str) -> str:
    """What is between the tags. Not by a parser of HTML: the standard one takes the square of a hostile text."""
    words, unseen = [], ""
    for piece in _TAG.split(html[:MAX_TEXT]):
        tag = _NAME.match(piece)
        name = tag[1].lower() if tag else ""
        if unseen:
            unseen = "" if name == f"/{unseen}" else unseen
        elif name in ("style", "script", "head"):
            unseen = name
        elif name:
            words.append("\n" if name in _BREAKS else "")
        else:
            words.append(" ".join(piece.split()) + " " if piece.strip() else "")
    return unescape("".join(words))


_TAG = re.compile(r"(<[^<>]{0,4000}>)")
_NAME = re.compile(r"<\s{0,9}(/?[a-zA-Z!][a-zA-Z0-9]{0,20})")
_BREAKS = ("br", "p", "div", "tr", "li", "blockquote")
