"""The other side: a relay that follows a script, keeps the ground truth, and writes the log that Postfix would write."""

import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import local
from typing import TextIO

from tests.chaos.checker import Copy
from tests.mailing.relay import Relay as PlainRelay


@dataclass
class Relay(PlainRelay):
    """`taken()` is the history of what it accepted. Of each mail it writes down the lines that Postfix writes."""

    postfix_log: Path = Path("/dev/null")
    _log: TextIO = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._log = self.postfix_log.open("a", buffering=1)
        self._pids, self._mine = count(1000), local()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._log.close()

    def taken(self) -> list[Copy]:
        with self.lock:
            return [Copy(each.message_id, each.recipient, each.content) for each in self.accepted]

    def number(self) -> int:
        return len(self.accepted)

    def accept(self, sender: str, recipient: str, content: bytes) -> str:
        queue_id = super().accept(sender, recipient, content)
        message_id = self.accepted[int(queue_id[1:]) - 1].message_id
        self.write(f"smtpd[{self._mine.pid}]", f"{queue_id}: client=localhost[127.0.0.1]")
        self.write("cleanup[900]", f"{queue_id}: message-id={message_id}")
        self.write("qmgr[901]", f"{queue_id}: from=<{sender}>, size={len(content)}, nrcpt=1 (queue active)")
        self.write("qmgr[901]", f"{queue_id}: removed")
        return queue_id

    def _serve(self, sock: socket.socket) -> None:
        self._mine.pid = next(self._pids)
        self.write(f"smtpd[{self._mine.pid}]", "connect from localhost[127.0.0.1]")
        try:
            super()._serve(sock)
        finally:
            self.write(f"smtpd[{self._mine.pid}]", "disconnect from localhost[127.0.0.1]")

    def write(self, who: str, what: str) -> None:
        line = f"{datetime.now(UTC).isoformat()} relay postfix/{who}: {what}\n"
        with self.lock:
            self._log.write(line)
