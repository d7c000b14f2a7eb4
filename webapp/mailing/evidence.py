"""Evidence from Postfix's own log: which mails it took, which it demonstrably did not, and which it cannot tell yet.

The log must outlive the mail server, as syslog's does: what Postfix writes itself (`maillog_file`) lacks the last lines when
it is killed, and a mail that only they tell of leaves again. Both shapes of a line's moment are read: RFC 3339, and the older
one without a year, in this machine's time. The log may be brought here from the relay's machine; then the clocks must agree
within `grace`.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from webapp import clock
from webapp.mailing.resolution import Word

PATIENCE = timedelta(minutes=10)
"""A relay ends a session that says nothing after five. What the log does not tell by then, it will never tell."""
REMEMBERED = timedelta(days=1)
AT_MOST_OCTETS = 64 * 1024 * 1024
"""Of each file, the last so many are read at the first look."""

_LINE = re.compile(
    rb"(?P<at>\d{4}-\d\d-\d\dT\S+|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) \S+ "
    rb"(?P<instance>postfix[^/\s]*)/(?:\S+/)?(?P<who>\w+)\[(?P<pid>\d+)\]: (?P<what>.*)"
)
_QUEUE_ID = re.compile(rb"(\w+): (.*)")
_MESSAGE_ID = re.compile(rb"message-id=(<[^>\s]+>)")
_OVER = re.compile(rb"disconnect from |lost connection after |timeout after |too many errors ")
_ENDED = re.compile(rb"daemon started|warning: process \S+/smtpd pid (\d+) (?:killed by signal|exit status) ")
"""Postfix' first process about all that were before it, or about this one: they ended without a word."""
_CUT_OFF = re.compile(rb"(?:lost connection|timeout) after DATA ")


@dataclass
class _Session:
    """One connection to the relay: a mail on its way in it may still arrive."""

    since: datetime
    instance: bytes
    """Of several on one machine, each is started by itself."""
    named_at: datetime | None = None
    """When it last came as far as the Message-ID of a mail."""
    queue_id: bytes = b""


class PostfixLog:
    """Reads on where it stopped, also past a rotation; nothing is read while nothing is in doubt. One per process.

    `grace`: how long after the marker a mail may still arrive. `knock` makes a quiet relay write a line, so that its log
    covers the time in question.
    """

    def __init__(self, path: Path, domain: str, grace: timedelta, knock: Callable[[], object] = lambda: None):
        self.path, self.grace, self.knock = path, grace, knock
        self._ours = f"@{domain}>".encode()
        self._file: BinaryIO | None = None
        self._rest = b""
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._ids: dict[bytes, str] = {}
        self._sessions: dict[bytes, _Session] = {}
        self._broken_off: datetime | None = None
        """When sessions last ended without a word; what they had taken whole is queued `grace` later, or it was not taken."""
        self._seen: dict[str, tuple[datetime, bool | None]] = {}
        """Our Message-IDs: taken (True), cut off (False), or begun and no more known (None)."""

    def about(self, marked: Mapping[str, datetime]) -> dict[str, Word]:
        self.read()
        words = {message_id: self.word(message_id, at) for message_id, at in marked.items()}
        if "later" in words.values():
            self.knock()
        return words

    def word(self, message_id: str, marked_at: datetime) -> Word:
        """`absent` only when the log covers the time from the marker on, and nothing is still on its way in."""
        taken = self._seen.get(message_id, (None, False))[1]
        if taken:
            return "accepted"
        if clock.real() - marked_at > PATIENCE:
            return "unknown"
        until = max(marked_at, self._broken_off or marked_at) + self.grace
        if self._first is None or self._last is None or self._last <= until:
            return "later"
        if self._first > marked_at:
            return "unknown"  # what it wrote before is gone
        under_way = any(
            each.since <= until and not (each.named_at and each.named_at > until) for each in self._sessions.values()
        )
        return "later" if taken is None or under_way else "absent"

    def read(self) -> None:
        """Every whole line that came since, in order, from this file and the one before."""
        if self._file is None:
            before = self.path.with_name(self.path.name + ".1")
            for path in (before, self.path):
                self._follow(path)
        else:
            self._take_in()
            if self._rotated():
                self._follow(self.path)
        oldest = (self._last or clock.real()) - REMEMBERED
        self._seen = {each: found for each, found in self._seen.items() if found[0] > oldest}

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._file, self._rest = None, b""

    def _follow(self, path: Path) -> None:
        self.close()
        try:
            self._file = path.open("rb")
        except OSError:
            return
        length = path.stat().st_size
        if length > AT_MOST_OCTETS:
            self._file.seek(length - AT_MOST_OCTETS)
            self._file.readline()
        self._take_in()

    def _rotated(self) -> bool:
        assert self._file  # followed
        try:
            found = self.path.stat()
        except OSError:
            return False  # moved away, and the new one is not there yet
        if found.st_ino == _inode(self._file):
            if found.st_size < self._file.tell():
                self._file.seek(0)  # emptied in its place
                self._rest = b""
                self._take_in()
            return False
        return True

    def _take_in(self) -> None:
        assert self._file  # followed
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in lines:
            found = _LINE.match(line)
            at = _moment(found["at"].decode()) if found else None
            if found and at:
                self._first, self._last = self._first or at + timedelta(seconds=1), at
                self._line(at, found["instance"], found["who"], found["pid"], found["what"])

    def _line(self, at: datetime, instance: bytes, who: bytes, pid: bytes, what: bytes) -> None:
        if who == b"smtpd":
            self._arrival(at, instance, pid, what)
            return
        if who == b"master":
            self._end(at, instance, what)
            return
        found = _QUEUE_ID.match(what)
        if not found:
            return
        queue_id, what = found.groups()
        if who == b"cleanup" and (named := _MESSAGE_ID.search(what)):
            for session in self._sessions.values():
                if session.queue_id == queue_id:
                    session.named_at = at
            if named[1].endswith(self._ours):
                self._ids[queue_id] = named[1].decode()
                self._seen.setdefault(self._ids[queue_id], (at, None))
        elif who == b"qmgr" and queue_id in self._ids:
            if b"queue active" in what:
                self._seen[self._ids[queue_id]] = (at, True)
            elif what == b"removed":
                del self._ids[queue_id]

    def _end(self, at: datetime, instance: bytes, what: bytes) -> None:
        """What was killed says nothing any more; what it had taken whole is in the queue, and soon found there."""
        if found := _ENDED.match(what):
            self._broken_off = at
            all_of_it = [pid for pid, session in self._sessions.items() if session.instance == instance]
            for pid in [found[1]] if found[1] else all_of_it:
                self._cut_off(at, self._sessions.pop(pid, None))

    def _arrival(self, at: datetime, instance: bytes, pid: bytes, what: bytes) -> None:
        session = self._sessions.get(pid)
        if what.startswith(b"connect from "):
            self._sessions[pid] = _Session(at, instance)
        elif session and _OVER.match(what):
            if _CUT_OFF.match(what):
                self._cut_off(at, session)
            del self._sessions[pid]
        elif session and (found := _QUEUE_ID.match(what)) and found[2].startswith(b"client="):
            session.queue_id = found[1]

    def _cut_off(self, at: datetime, session: _Session | None) -> None:
        message_id = self._ids.get(session.queue_id, "") if session else ""
        if self._seen.get(message_id, (at, True))[1] is None:
            self._seen[message_id] = (at, False)


def _moment(text: str) -> datetime | None:
    try:
        if text[0].isdigit():
            found = datetime.fromisoformat(text)
            return found if found.tzinfo else found.astimezone()
        now = clock.real().astimezone()
        found = datetime.strptime(f"{now.year} {text}", "%Y %b %d %H:%M:%S").astimezone()
        if found > now + timedelta(days=1):  # written last year
            found = datetime.strptime(f"{now.year - 1} {text}", "%Y %b %d %H:%M:%S").astimezone()
        return found.astimezone(UTC)
    except ValueError:
        return None


def _inode(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_ino
