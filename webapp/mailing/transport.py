"""From the bytes of a mail to the relay's answer, over one reused, pipelined connection (RFC 5321, RFC 2920)."""

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Self

from webapp.config import Settings
from webapp.mailing.failpoints import reach
from webapp.mailing.mime import address
from webapp.mailing.server import Connection, NotOpened, Stage
from webapp.mailing.status import TIMED_OUT, Kind, Outcome, judged, outcome
from webapp.mailing.wire import Gone, Late, Wire

__all__ = ["Outcome", "Outgoing", "Relay", "Stage"]

CLOSING = 421  # "closing the connection", an answer to any command (RFC 5321, section 3.8)
GRANTED = {"mail": range(200, 300), "rcpt": range(200, 300), "data": range(354, 355)}
LOST: dict[str, Kind] = {"mail": "unsent", "rcpt": "deferred", "data": "deferred", "dot": "unknown"}
"""What becomes of a mail whose connection goes before the answer. Before that to MAIL it was not about this mail."""


@dataclass(frozen=True)
class Outgoing:
    """One copy for one mailbox. The content is what `mime.build` makes: CRLF, 7-bit, not dot-stuffed."""

    envelope_from: str
    recipient: str
    content: bytes

    def __post_init__(self) -> None:
        address(self.envelope_from)
        address(self.recipient)
        lines = self.content.count(b"\r\n")
        if not self.content.endswith(b"\r\n") or self.content.count(b"\r") + self.content.count(b"\n") != 2 * lines:
            raise ValueError("A mail's lines end in CRLF; a bare one would let it smuggle in a mail of its own.")
        if not self.content.isascii():
            raise ValueError("A mail is sent in 7-bit octets; this one is not encoded.")

    def commands(self, *, afresh: bool) -> list[tuple[str, bytes]]:
        """What leads up to the content, with the stage each belongs to."""
        reset = [("mail", b"RSET\r\n")] if afresh else []
        return [
            *reset,
            ("mail", f"MAIL FROM:<{address(self.envelope_from)}>\r\n".encode()),
            ("rcpt", f"RCPT TO:<{address(self.recipient)}>\r\n".encode()),
            ("data", b"DATA\r\n"),
        ]

    def body(self) -> bytes:
        """The content, dot-stuffed, and the final dot (RFC 5321, section 4.5.2)."""
        dot = b"." if self.content.startswith(b".") else b""
        return b"".join((dot, self.content.replace(b"\r\n.", b"\r\n.."), b".\r\n"))


class Relay:
    """The way out: one connection, opened when it is first needed, kept for the next group.

    with Relay.of(settings) as relay:
        for outcome in relay.transmit(group, hurry=5): ...
    """

    def __init__(self, connection: Connection, *, dot_seconds: float = 600, idle_seconds: float = 30):
        """`idle_seconds`: after which a connection is no longer trusted to be open; relays hang up in silence."""
        self.connection, self.dot_seconds, self.idle_seconds = connection, dot_seconds, idle_seconds
        self._wire: Wire | None = None
        self._stage = "mail"

    @classmethod
    def of(cls, settings: Settings, trust: ssl.SSLContext | None = None) -> Self:
        return cls(Connection.of(settings, trust), dot_seconds=settings.dot_timeout.total_seconds())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def check(self) -> list[Stage]:
        """How far a new connection comes, stage by stage: for "send a test"."""
        return self.connection.check()

    def open(self) -> Outcome | None:
        """Be connected; or why not, which then holds for every mail. Needs no marker: nothing can leave by it."""
        if self._wire and self._wire.stale(self.idle_seconds):
            self.close()
        if not self._wire:
            try:
                self._wire = Wire(self.connection.configure_host())
            except NotOpened as failed:
                return failed.outcome
        return None

    def close(self) -> None:
        if self._wire:
            self._wire.quit()
            self._wire = None

    def transmit(self, group: Sequence[Outgoing], hurry: float) -> Iterator[Outcome]:
        """One outcome for each mail, in order, as soon as it is known. The group has just been marked.

        `hurry`: seconds from this call after which no final dot is sent any more. The first of a group never ends
        unsent, so that every group gets somewhere.
        """
        return self._transmit(list(group), hurry, monotonic() + hurry)

    def _transmit(self, group: list[Outgoing], hurry: float, latest: float) -> Iterator[Outcome]:
        before = self._wire
        failure = self.open() if group else None
        if failure:
            yield from [failure] * len(group)
            return
        reused = before is not None and self._wire is before
        try:
            for at, mail in enumerate(group):
                then = group[at + 1] if at + 1 < len(group) else None
                result = self._send(mail, then, hurry, latest) if self._wire else Outcome("unsent", "connect")
                if at == 0 and result.kind == "unsent":
                    if reused and result.stage == "mail" and monotonic() < latest and not self.open():
                        result = self._send(mail, then, hurry, latest)  # the relay had hung up since the last group
                    result = replace(result, kind="deferred") if result.kind == "unsent" else result
                yield result
        except BaseException:
            self._drop()  # stopped in the middle: nobody would hear the answers that are still to come
            raise

    def _send(self, mail: Outgoing, then: Outgoing | None, hurry: float, latest: float) -> Outcome:
        assert self._wire  # opened by `_transmit`
        began, self._stage = monotonic(), "mail"
        reach("before_envelope")
        try:
            refused = self._envelope(self._wire, mail, latest)
            if refused:
                return refused
            reach("before_content")
            self._content(self._wire, mail, then, latest)
            reach("after_dot")
            reply = self._wire.reply(self.dot_seconds)
            reach("after_250")
            if reply.code == CLOSING:
                self._drop()
            if reply.code in range(200, 300):
                return outcome("accepted", "dot", reply, mail.recipient)
            if reply.code < 400:
                raise Gone("not an answer to the final dot")
            return judged("dot", reply, mail.recipient)
        except Late:
            self._drop()
            its_own_fault = monotonic() - began > hurry / 2
            return Outcome("deferred" if its_own_fault else "unsent", self._stage, text=TIMED_OUT)
        except Gone as gone:
            self._drop()
            kind = LOST[self._stage]
            if gone.reply:
                return outcome(kind, self._stage, gone.reply, mail.recipient)
            return Outcome(kind, self._stage, text=str(gone))

    def _envelope(self, wire: Wire, mail: Outgoing, latest: float) -> Outcome | None:
        """MAIL, RCPT, DATA. None: the content may follow; otherwise who refused what."""
        refused, granted = None, False
        commands = mail.commands(afresh=wire.unfinished)
        seconds = self.connection.command_seconds
        if wire.pipelining and not wire.ahead:
            wire.say(b"".join(command for _, command in commands), seconds)
        wire.ahead, wire.unfinished = False, True
        for self._stage, command in commands:
            if not wire.pipelining:
                if refused:
                    break
                wire.say(command, seconds)
            reply = wire.reply(seconds, latest)
            if reply.code == CLOSING:
                raise Gone("closing", reply)
            granted = reply.code in GRANTED[self._stage]
            if not granted and reply.code < 400:
                raise Gone("not an answer to the command")
            if not granted and not refused:
                refused = judged(self._stage, reply, mail.recipient)
        if refused and granted:
            self._drop()  # the server waits for the content of a mail to nobody
        return refused

    def _content(self, wire: Wire, mail: Outgoing, then: Outgoing | None, latest: float) -> None:
        """Content and final dot in one write, behind which the commands of the next mail ride along.

        The mail is in doubt from the moment the last octet of the dot was handed over, and not before.
        """
        octets = mail.body()
        end, sent = len(octets), 0
        wire.unfinished = False
        wire.ahead = wire.pipelining and then is not None
        if then and wire.ahead:
            octets += b"".join(command for _, command in then.commands(afresh=False))
        whole = memoryview(octets)
        while sent < len(octets):
            left = latest - monotonic() if sent < end else self.dot_seconds
            if left <= 0:
                raise Late
            sent += wire.hand_over(whole[sent:], min(left, self.connection.command_seconds))
            if sent >= end:
                self._stage = "dot"

    def _drop(self) -> None:
        if self._wire:
            self._wire.drop()
            self._wire = None
