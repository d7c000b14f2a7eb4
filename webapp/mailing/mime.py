"""From a finished mail to the bytes on the wire: same mail, same bytes, for ever (RFC 5322, 2045-2047, 8058)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple, Self

from email_validator import validate_email

WORD_OCTETS = 64  # of one encoded word, so that "Reply-To: " and a word stay within the 76 of RFC 2047, section 2
ADDRESS_OCTETS, LOCAL_OCTETS = 254, 64  # RFC 5321, section 4.5.3.1, angle brackets taken off

# What needs no encoding at all, and is read back the same by everybody: short, printable, no doubled or outer space.
_PLAIN = re.compile(rf"(?!.*(?:=\?|  ))[!-~](?:[ -~]{{0,{WORD_OCTETS - 2}}}[!-~])?")
_BREAK = re.compile(r"\r\n|\r|\n")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
_METHOD = re.compile(r"[A-Z]{1,20}")
_LANG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")

# One octet in the "Q" encoding that is safe in a display name too (RFC 2047, section 5, rule 3).
_Q = [chr(o) if chr(o).isascii() and (chr(o).isalnum() or chr(o) in "!*+-/") else f"={o:02X}" for o in range(256)]
_Q[ord(" ")] = "_"


class Filled(str):
    """A text that knows what it was put together from: what others have too, an own value, and so on in turn."""

    pieces: tuple[str, ...]

    @classmethod
    def of(cls, pieces: Sequence[str]) -> Self:
        text = cls("".join(pieces))
        text.pieces = tuple(pieces)
        return text


@dataclass(frozen=True)
class Mail:
    """A mail that is ready to leave: everything decided, nothing encoded."""

    message_id: str  # "<...@domain>", deterministic
    date: datetime  # aware, frozen at first transmission
    envelope_from: str  # the VERP sender; goes to the relay, never into a header
    sender: tuple[str, str]  # name, address
    to: tuple[str, str]
    reply_to: tuple[str, str] | None
    subject: str
    text: str
    html: str
    lang: str  # "nl" or "en"
    calendar: bytes | None = None
    method: str | None = None  # PUBLISH, REQUEST or CANCEL; equals the METHOD in the calendar
    references: str | None = None  # the first mail about this visit, so that one visit is one thread
    one_click: str | None = None  # the address of RFC 8058


def build(mail: Mail) -> bytes:
    """The mail with CRLF line ends, 7-bit, not dot-stuffed. ValueError says which value cannot be mailed."""
    address(mail.envelope_from)
    if mail.date.tzinfo is None:
        raise ValueError("A mail's date needs a time zone.")
    text, text_encoding = _body(mail.text)
    html, html_encoding = _body(mail.html)
    slots = {
        "Date": _date(mail.date, mail.date.utcoffset()),
        "From": mailbox(mail.sender),
        "To": mailbox(mail.to),
        "Subject": subject(mail.subject),
        "Message-ID": _whole(_MESSAGE_ID, mail.message_id, "Message-ID"),
        "Content-Language": _whole(_LANG, mail.lang, "language"),
        **_optional(mail),
    }
    headers = tuple(slots)
    stamp = hashlib.sha256(mail.message_id.encode()).hexdigest()[:24]
    slots |= {"alternative": f"=_{stamp}.a", "text_encoding": text_encoding, "html_encoding": html_encoding}
    bodies = {"text": text, "html": html}
    if mail.calendar is not None:
        slots |= {"mixed": f"=_{stamp}.m", "method": _method(mail.method, mail.calendar)}
        bodies["calendar"] = _base64(mail.calendar)
    wire = {name: value.encode("ascii") for name, value in slots.items()} | bodies
    pieces = list(_skeleton(headers, calendar=mail.calendar is not None))
    pieces[1::2] = [wire[slot.decode()] for slot in pieces[1::2]]
    return b"".join(pieces)


@lru_cache(maxsize=64)  # a batch has one
def _date(moment: datetime, offset: timedelta | None) -> str:
    """`offset` tells apart what is one moment on two clocks."""
    return format_datetime(moment)


def header_value(text: str) -> str:
    """The one gate of every header (RFC 5322, section 2.2): a line break or a NUL would start a header of its own."""
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError(f"A header cannot hold a line break or a NUL: {text!r}.")
    return text


@lru_cache(maxsize=1024)  # a campaign has one
def subject(text: str) -> str:
    return text if _PLAIN.fullmatch(header_value(text)) else _words(text)


@lru_cache(maxsize=1024)  # from whom a campaign is, and who reads the answers
def mailbox(who: tuple[str, str]) -> str:
    name, email = header_value(who[0]), address(who[1])
    if not name:
        return email
    if _PLAIN.fullmatch(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{name} <{email}>" if len(name) + len(email) < WORD_OCTETS else f"{name}\r\n <{email}>"
    return f"{_words(name)}\r\n <{email}>"


@lru_cache(maxsize=1024)  # asked six times for a mail
def address(email: str) -> str:
    """The address as relays know it: a domain outside ASCII in its IDNA form; such a local part is refused."""
    if not _ADDRESS.fullmatch(header_value(email)):
        email = validate_email(email, check_deliverability=False, allow_smtputf8=False).ascii_email or ""
    if len(email) > ADDRESS_OCTETS or email.index("@") > LOCAL_OCTETS:
        raise ValueError(f"This address is too long to be mailed: {email}.")
    return email


def _optional(mail: Mail) -> dict[str, str]:
    headers = {}
    if mail.reply_to:
        headers["Reply-To"] = mailbox(mail.reply_to)
    if mail.references:
        headers["In-Reply-To"] = headers["References"] = _whole(_MESSAGE_ID, mail.references, "References")
    if mail.one_click:
        headers["List-Unsubscribe"] = f"<{_whole(_URL, mail.one_click, 'List-Unsubscribe')}>"
        if mail.one_click.startswith("https:"):  # one click is defined for https alone (RFC 8058, section 3.1)
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _whole(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(header_value(text)):
        raise ValueError(f"This is no {what} that can be mailed: {text!r}.")
    return text


def _method(method: str | None, calendar: bytes) -> str:
    """Outlook refuses a mail whose MIME method differs from the METHOD in the calendar (RFC 6047, section 2.4)."""
    method = _whole(_METHOD, method or "", "calendar method")
    if f"\r\nMETHOD:{method}\r\n".encode() not in calendar:
        raise ValueError(f"The calendar does not hold METHOD:{method}.")
    return method


def _words(text: str) -> str:
    """Encoded words (RFC 2047), one a line, none of which cuts a character in two."""
    words, word = [], ""
    room = WORD_OCTETS - len("=?utf-8?q??=")
    for character in text:
        code = "".join(_Q[octet] for octet in character.encode())
        if len(word) + len(code) > room:
            words.append(word)
            word = ""
        word += code
    return "\r\n ".join(f"=?utf-8?q?{word}?=" for word in [*words, word])


def _body(text: str) -> tuple[bytes, str]:
    """The shorter of quoted-printable and base64; neither can hold "=_", so no boundary can occur in it."""
    pieces = text.pieces if isinstance(text, Filled) else (text,)
    quoted: list[bytes] = []
    octets, line = 0, ""
    for at, piece in enumerate(pieces):
        if at % 2 and piece.isprintable():  # an own value, as good as always; not to be kept
            line += piece
            continue
        start, lines, rest = _lines(piece)
        line += start
        if lines is not None:
            whole = f"{line}\r\n".encode()
            quoted += (_quoted(whole), lines.quoted)
            octets += len(whole) + lines.octets
            line = rest
    if line or not octets:
        whole = f"{line}\r\n".encode()
        quoted.append(_quoted(whole))
        octets += len(whole)
    body = b"".join(quoted)
    if len(body) * 3 > octets * 4:
        return _base64("\r\n".join(_BREAK.split(text.removesuffix("\n") + "\n")).encode()), "base64"
    return body, "quoted-printable"


class _Whole(NamedTuple):
    """Lines that end where they are."""

    quoted: bytes
    octets: int


@lru_cache(maxsize=512)  # what the mails of a campaign have in common
def _lines(piece: str) -> tuple[str, _Whole | None, str]:
    """What belongs to a line that began before, the whole lines (None: no line ends in it), the beginning of another."""
    start, *lines = _BREAK.split(piece)
    if not lines:
        return start, None, ""
    whole = "".join(f"{line}\r\n" for line in lines[:-1]).encode()
    return start, _Whole(_quoted(whole), len(whole)), lines[-1]


def _quoted(lines: bytes) -> bytes:
    """Line by line the same as all at once, and so it can be kept for parts."""
    return binascii.b2a_qp(lines, istext=True)


def _base64(octets: bytes) -> bytes:
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")


@lru_cache(maxsize=64)
def _skeleton(headers: tuple[str, ...], *, calendar: bool) -> list[bytes]:
    """What all mails of one shape share, built once by `email` itself and cut where the values go: text, slot, text...

    Filling it takes a twentieth of building the tree for every mail.
    """
    tree = EmailMessage(policy=SMTP.clone(header_factory=HeaderRegistry(use_default_map=False)))
    tree.set_content(_slot("text"), cte="7bit")
    tree.add_alternative(_slot("html"), subtype="html", cte="7bit")
    encodings = [_slot("text_encoding"), _slot("html_encoding"), "base64"]
    if calendar:
        tree.add_alternative(_slot("calendar"), subtype="calendar", params={"method": _slot("method")}, cte="7bit")
    _finish(tree, _slot("alternative"), encodings)
    if calendar:  # of another type, or some clients show the visit twice
        file = _slot("calendar").encode()
        tree.add_attachment(
            file, "application", "ics", filename="invite.ics", params={"name": "invite.ics"}, cte="7bit"
        )
        _finish(tree, _slot("mixed"), [None, "base64"])
    for name in headers:
        tree[name] = _slot(name)
    tree["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answer, please
    tree["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # the same for Exchange
    return re.split(rb"slot\.([\w-]+)\.slot(?:\r\n(?=\r\n--))?", tree.as_bytes())  # a body brings its own line end


def _finish(tree: EmailMessage, boundary: str, encodings: Sequence[str | None]) -> None:
    tree.set_boundary(boundary)
    for part, encoding in zip(tree.iter_parts(), encodings, strict=False):
        del part["MIME-Version"]
        if encoding:
            part.replace_header("Content-Transfer-Encoding", encoding)


def _slot(name: str) -> str:
    return f"slot.{name}.slot"
