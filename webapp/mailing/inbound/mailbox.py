"""The mailbox that answers come to, over IMAP (RFC 9051): what is unread, fetched without marking it; then marked as dealt with.

Marking comes last and by itself: a mail whose mark was lost is fetched again, and changes nothing.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from webapp.config import Settings
from webapp.mailing.inbound.parts import MAX_OCTETS

AT_ONCE = 200
"""Mails fetched in one round at most; the next round fetches the rest."""
SEEN, SEEN_FOR_A_PERSON = r"(\Seen)", r"(\Seen \Flagged)"
_NUMBERS = re.compile(rb"[\d ]*")


class Unreadable(Exception):
    """The mailbox cannot be read now; the sentence says what the server, or we, had against it."""


class Mailbox:
    """One connection, for one round: `with Mailbox.of(settings) as mailbox: for uid, raw in mailbox.unread(): ...`"""

    def __init__(self, connection: imaplib.IMAP4, folder: str):
        self._connection, self._folder = connection, folder

    @classmethod
    def of(cls, settings: Settings, trust: ssl.SSLContext | None = None) -> Self:
        """Signed in. No password leaves over a line that others can read, nor to a server that cannot show who it is."""
        assert settings.imap_server is not None  # asked before
        host, port, seconds = settings.imap_server, settings.imap_port, settings.connect_timeout.total_seconds()
        trust = trust or ssl.create_default_context()
        connection: imaplib.IMAP4 | None = None
        try:
            if settings.imap_use_ssl:
                connection = imaplib.IMAP4_SSL(host, port, ssl_context=trust, timeout=seconds)
            else:
                connection = imaplib.IMAP4(host, port, timeout=seconds)
                secure(connection, host, trust)
            connection.login(settings.imap_username, settings.imap_password)
        except (OSError, imaplib.IMAP4.error) as error:
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown()
            raise Unreadable(type(error).__name__) from None  # its own words may hold what we sent
        return cls(connection, settings.imap_folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._connection.logout()

    def unread(self) -> Iterator[tuple[bytes, bytes]]:
        """Number and bytes of each mail that nobody dealt with, the oldest first; only the beginning of a huge one."""
        self._told(self._connection.select(f'"{self._folder}"'))
        found = self._told(self._connection.uid("SEARCH", "UNSEEN"))
        numbers = found[0] if found and isinstance(found[0], bytes) and _NUMBERS.fullmatch(found[0]) else b""
        for number in numbers.split()[:AT_ONCE]:
            parts = self._told(self._connection.uid("FETCH", number.decode(), f"(BODY.PEEK[]<0.{MAX_OCTETS}>)"))
            raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if raw is not None:  # else somebody took it away meanwhile
                yield number, raw

    def done(self, number: bytes, *, for_a_person: bool = False) -> None:
        flags = SEEN_FOR_A_PERSON if for_a_person else SEEN
        self._told(self._connection.uid("STORE", number.decode(), "+FLAGS.SILENT", flags))

    def _told(self, answer: tuple[str, Sequence[object]]) -> Sequence[object]:
        status, data = answer
        if status != "OK":
            raise Unreadable(status)
        return data


def secure(connection: imaplib.IMAP4, host: str, trust: ssl.SSLContext) -> None:
    """STARTTLS, except on this very machine, where the line is nobody's."""
    if _loopback(host):
        return
    if "STARTTLS" not in connection.capabilities:
        raise ssl.SSLError("no TLS")
    connection.starttls(trust)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
