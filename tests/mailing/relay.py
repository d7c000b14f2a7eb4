"""A real SMTP relay on loopback. It follows a script of faults and keeps the ground truth: what it took, for whom."""

import json
import re
import socket
import subprocess
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Self

from tests.mailing.talk import Fault, HangUp, Talk


@dataclass(frozen=True)
class Copy:
    """A mail this relay took responsibility for."""

    sender: str
    recipient: str
    content: bytes
    queue_id: str

    @property
    def parsed(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID: *(<[^>]*>)", self.content, re.IGNORECASE | re.MULTILINE)
        return found[1].decode() if found else ""


@dataclass
class Relay:
    """Started and stopped as a context. Every option has the manners of a healthy relay as its default."""

    script: Callable[[str], Fault | None] | None = None
    """Asked for the fault of whoever, or whatever, has no plan; for random faults."""
    pipelining: bool = True
    certificate: Path | None = None
    """A PEM file with key and certificate: offers STARTTLS, or with `implicit` speaks TLS from the first octet on."""
    implicit: bool = False
    login: bool = False
    """Offers AUTH, and demands it."""
    greeting: str = "220 relay.example ESMTP"
    most: int = 1_000_000
    """Mails on one connection; then 421."""
    lenient: bool = False
    """Answers 354 to DATA even when nobody may receive the mail, as no relay should."""
    injects: bytes = b""
    """Octets sent in the clear right behind the answer to STARTTLS, as somebody in between would."""
    log: Path | None = None
    """Where each accepted mail is written, one JSON object a line, before its 250: the evidence for other processes."""

    accepted: list[Copy] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    """Every command heard, on any connection; a password as [password]."""
    connections: int = 0
    reads: int = 0
    """How often something arrived: about the number of writes of the other side."""

    def __post_init__(self) -> None:
        self._faults: dict[str, deque[Fault]] = {}
        self.lock, self._stopping = Lock(), Event()
        self._threads: list[Thread] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def plan(self, recipient: str, *faults: Fault) -> None:
        """These faults, one for each mail to `recipient` from now on; then all is well.

        "*" is whoever has no plan of their own, "connection" the next connections, before any mail, and "mail" the next
        MAIL whose recipient is not known yet: without pipelining.
        """
        with self.lock:
            self._faults.setdefault(recipient, deque()).extend(faults)

    def hang_up(self) -> None:
        """Close every connection, as after a restart."""
        with self.lock:
            for each in self._open:
                _shut(each)

    def copies(self, recipient: str) -> list[Copy]:
        with self.lock:
            return [copy for copy in self.accepted if copy.recipient == recipient]

    def heard(self, verb: str) -> list[str]:
        """All commands that begin with this word."""
        with self.lock:
            return [command for command in self.commands if command.upper().startswith(verb)]

    def fault(self, recipient: str) -> Fault | None:
        with self.lock:
            planned = self._faults.get(recipient)
            if not planned and recipient not in {"connection", "mail"}:
                planned = self._faults.get("*")
            if planned:
                return planned.popleft()
        return self.script(recipient) if self.script else None

    def accept(self, sender: str, recipient: str, content: bytes) -> str:
        with self.lock:
            copy = Copy(sender, recipient, content, f"Q{len(self.accepted) + 1:06}")
            self.accepted.append(copy)
            if self.log:
                with self.log.open("a") as file:
                    file.write(json.dumps({"message_id": copy.message_id, "to": recipient}) + "\n")
        return copy.queue_id

    def wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # answers are small, and nobody waits for them
            with self.lock:
                self.connections += 1
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        talk = Talk(self, sock)
        with suppress(OSError, HangUp):
            talk.run()
        self.forget(talk.sock)
        talk.sock.close()

    def track(self, sock: socket.socket) -> None:
        with self.lock:
            self._open.add(sock)
        if self._stopping.is_set():
            _shut(sock)

    def forget(self, sock: socket.socket) -> None:
        with self.lock:
            self._open.discard(sock)


def certificate(folder: Path, name: str = "127.0.0.1") -> Path:
    """A new key with a self-signed certificate for `name`, in one file."""
    path, key = folder / f"{name}.pem", folder / f"{name}.key"
    kind = "IP" if name[0].isdigit() else "DNS"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(path)], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + key.read_bytes())
    return path


def nobody() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
