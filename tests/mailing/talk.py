"""One connection of the test relay: SMTP as a relay speaks it, and the faults of the script."""

import base64
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # the relay makes the talk, the talk tells the relay
    from tests.mailing.relay import Relay

Stage = Literal["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot"]

USERNAME, PASSWORD = "firsthand", "correct horse"


@dataclass(frozen=True)
class Fault:
    """What goes wrong for one mail, and at which command. `body`: in the middle of the content."""

    at: Stage
    say: str | None = None
    """This answer, for example "450 4.2.0 greylisted", in place of the usual one."""
    drop: bool = False
    """Hang up without an answer. At `dot` the mail is kept all the same, unless `say` tells that it was not."""
    after: float = 0
    """Seconds of waiting before the answer."""


class HangUp(Exception):
    pass


class Talk:
    """One connection."""

    def __init__(self, relay: "Relay", sock: socket.socket):
        self.relay, self.sock = relay, sock
        self.buffer = b""
        self.carried, self.known = 0, False
        self.sender: str | None = None
        self.recipient: str | None = None
        self.fault: Fault | None = None
        self.asked = False
        """Whether the script was asked about this mail."""
        relay.track(sock)

    def run(self) -> None:
        self.fault = self.relay.fault("connection")
        if self.relay.implicit:
            self.secure()
        self.answer("greeting", self.relay.greeting)
        for line in self.lines():
            verb, _, rest = line.partition(" ")
            handler = getattr(self, "do_" + verb.lower(), None)
            if handler is None:
                self.say("500 5.5.1 What?")
            else:
                handler(rest)

    def do_ehlo(self, name: str) -> None:
        can = ["relay.example", "8BITMIME", "ENHANCEDSTATUSCODES"]
        can += ["PIPELINING"] * self.relay.pipelining
        can += ["STARTTLS"] * bool(self.relay.certificate and not isinstance(self.sock, ssl.SSLSocket))
        can += ["AUTH PLAIN LOGIN"] * self.relay.login
        lines = [f"250-{each}" for each in can[:-1]] + [f"250 {can[-1]}"]
        self.answer("ehlo", "\r\n".join(lines))

    def do_starttls(self, _: str) -> None:
        if not self.relay.certificate:
            self.say("502 5.5.1 No TLS here")
            return
        if self.answer("starttls", "220 2.0.0 Go"):
            self.sock.sendall(self.relay.injects)
            self.buffer = b""
            self.secure()

    def do_auth(self, rest: str) -> None:
        method, _, answer = rest.partition(" ")
        given = base64.b64decode(answer).split(b"\0")[1:] if method == "PLAIN" else []
        self.known = given == [USERNAME.encode(), PASSWORD.encode()]
        self.answer("auth", "235 2.7.0 Welcome" if self.known else "535 5.7.8 Not you")

    def do_mail(self, rest: str) -> None:
        if self.relay.login and not self.known:
            self.say("530 5.7.0 Authentication required")
        elif self.sender is not None:
            self.say("503 5.5.1 Nested MAIL command")
        elif self.carried >= self.relay.most:
            self.say("421 4.7.0 Too many mails on one connection")
            raise HangUp
        else:
            # The recipient decides the fault, and with pipelining is known already.
            upcoming = re.search(rb"RCPT TO:<([^>]*)>", self.buffer)
            self.fault = self.relay.fault(upcoming[1].decode() if upcoming else "mail")
            self.asked = upcoming is not None
            if self.answer("mail", "250 2.1.0 Ok"):
                self.sender = _address(rest)

    def do_rcpt(self, rest: str) -> None:
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
            return
        if not self.asked:
            self.fault, self.asked = self.relay.fault(_address(rest)), True
        if self.answer("rcpt", "250 2.1.5 Ok"):
            self.recipient = _address(rest)

    def do_data(self, _: str) -> None:
        if self.recipient is None and not self.relay.lenient:
            self.say("554 5.5.1 No valid recipients")
            return
        if not self.answer("data", "354 Go on"):
            return
        if self.fault and self.fault.at == "body":
            self.line()
            raise HangUp
        content = self.content()
        sender, recipient, fault = self.sender or "", self.recipient, self.fault
        kept = fault is None or fault.at != "dot" or not fault.say
        queue_id = self.relay.accept(sender, recipient, content) if kept and recipient else ""
        self.carried += 1
        self.answer("dot", f"250 2.0.0 Ok: queued as {queue_id}")
        self.reset()

    def do_rset(self, _: str) -> None:
        self.reset()
        self.say("250 2.0.0 Ok")

    def do_quit(self, _: str) -> None:
        self.say("221 2.0.0 Bye")
        raise HangUp

    def reset(self) -> None:
        self.sender = self.recipient = self.fault = None
        self.asked = False

    def answer(self, stage: Stage, usual: str) -> bool:
        """Say what is usual here, or what the script says. True: the usual."""
        fault = self.fault
        if fault is None or fault.at != stage:
            self.say(usual)
            return True
        self.relay.wait(fault.after)
        if fault.drop:
            raise HangUp
        self.say(fault.say or usual)
        if fault.say and fault.say.startswith("421"):
            raise HangUp
        return fault.say is None

    def say(self, text: str) -> None:
        self.sock.sendall(text.encode() + b"\r\n")

    def lines(self) -> Iterator[str]:
        while True:
            line = self.line().decode("ascii", "replace")
            with self.relay.lock:
                self.relay.commands.append("AUTH [password]" if line.upper().startswith("AUTH ") else line)
            yield line

    def line(self) -> bytes:
        return self.until(b"\r\n")

    def content(self) -> bytes:
        """What lies before the final dot, with the stuffing taken out."""
        self.buffer = b"\r\n" + self.buffer
        found = self.until(b"\r\n.\r\n") + b"\r\n"
        return found.replace(b"\r\n.", b"\r\n")[2:]

    def until(self, end: bytes) -> bytes:
        while end not in self.buffer:
            octets = self.sock.recv(1 << 16)
            if not octets:
                raise HangUp
            with self.relay.lock:
                self.relay.reads += 1
            self.buffer += octets
        found, _, self.buffer = self.buffer.partition(end)
        return found

    def secure(self) -> None:
        assert self.relay.certificate  # a test that asks for TLS gives one
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.relay.certificate)
        self.relay.forget(self.sock)
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.relay.track(self.sock)


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
