"""One open connection to a mail server, octet by octet: what was handed over, and what was answered by when."""

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from time import monotonic

from webapp.mailing.status import TIMED_OUT, Reply

QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux. A relay that writes its answers one by one otherwise waits 40 ms for our acknowledgement of the first."""
QUIT_SECONDS = 2  # a farewell is worth no more
LINE_OCTETS, REPLY_LINES = 4096, 100  # of one answer; no honest server says more

_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)


class Gone(Exception):
    """The connection cannot be used any more."""

    def __init__(self, text: str, reply: Reply | None = None):
        super().__init__(text)
        self.reply = reply


class Late(Exception):
    """The time between the marker and the final dot is over."""


@dataclass
class Wire:
    """A connection that `Connection.configure_host` opened, and what is half done on it."""

    host: smtplib.SMTP
    ahead: bool = False
    """The next mail's commands are out already."""
    unfinished: bool = False
    """A mail was begun and refused, so that the next one starts with RSET."""
    used_at: float = field(default_factory=monotonic)
    _heard: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        assert self.host.sock is not None  # open
        self.sock = self.host.sock
        self.pipelining = self.host.has_extn("pipelining")

    def say(self, octets: bytes, seconds: float) -> None:
        try:
            self.sock.settimeout(seconds)
            self.sock.sendall(octets)
        except OSError as error:
            raise _gone(error) from error

    def hand_over(self, octets: memoryview, seconds: float) -> int:
        """Send a beginning of `octets` and return its length. When this raises Gone, the other side has none of it."""
        try:
            self.sock.settimeout(seconds)
            return self.sock.send(octets)
        except OSError as error:
            raise _gone(error) from error

    def reply(self, seconds: float, latest: float = inf) -> Reply:
        """The next answer, however slowly its octets drip in. Late when `latest` came before it, Gone otherwise."""
        until = min(monotonic() + seconds, latest)
        lines: list[str] = []
        while len(lines) < REPLY_LINES:
            try:
                found = _parsed(self._line(until))
            except OSError as error:
                if monotonic() >= latest:
                    raise Late from error
                raise _gone(error) from error
            if not found:
                break
            code, more, text = found
            lines.append(text)
            if not more:
                self.used_at = monotonic()
                return Reply(code, tuple(lines))
        raise Gone("not an SMTP answer")

    def stale(self, idle_seconds: float) -> bool:
        """Whether the server has hung up, or said something nobody asked for, since it was last used; or may have."""
        if self.ahead or self._heard or monotonic() - self.used_at > idle_seconds:
            return True
        try:
            self.sock.settimeout(0)
            self.sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            pass
        return True

    def quit(self) -> None:
        """Say goodbye and hang up."""
        try:
            if not self.ahead:
                self.say(b"QUIT\r\n", QUIT_SECONDS)
                self.reply(QUIT_SECONDS)
        except Gone:
            pass
        self.drop()

    def drop(self) -> None:
        """Hang up without a word, so that whatever was begun is not finished by anybody."""
        self.host.close()

    def _line(self, until: float) -> bytes:
        while (end := self._heard.find(b"\n")) < 0:
            left = until - monotonic()
            if left <= 0:
                raise TimeoutError(TIMED_OUT)
            self.sock.settimeout(left)
            if QUICK_ACK is not None:
                self.sock.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
            octets = self.sock.recv(LINE_OCTETS)
            if not octets or len(self._heard) > LINE_OCTETS:
                raise ConnectionResetError("connection closed")
            self._heard += octets
        line = bytes(self._heard[:end]).rstrip(b"\r")
        del self._heard[: end + 1]
        return line


@lru_cache(maxsize=64)  # four a mail, and mostly the same ones
def _parsed(line: bytes) -> tuple[int, bool, str] | None:
    """Code, whether the answer goes on, and the text; None: not a line of SMTP."""
    found = _REPLY.fullmatch(line)
    return (int(found[1]), found[2] == b"-", (found[3] or b"").decode("utf-8", "replace")) if found else None


def _gone(error: OSError) -> Gone:
    return Gone(TIMED_OUT if isinstance(error, TimeoutError) else error.strerror or str(error))
