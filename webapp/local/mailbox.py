"""Every mail that left in the demo, as its recipient got it: kept by the catcher, shown by the Mailbox pages.

One file per mail, and one line per mail in an index that only grows. The line is written last: a mail is in the
mailbox when its line is, and the sender is told "250" after that.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

_ID_BYTES = 9


@dataclass(frozen=True)
class Mail:
    """One line of the mailbox. `recipient` and `sender` are of the envelope; `caught_at` is real time, UTC."""

    id: str
    recipient: str
    sender: str
    subject: str
    from_: str
    date: str
    caught_at: str

    @property
    def caught(self) -> datetime:
        return datetime.fromisoformat(self.caught_at)

    @property
    def sent(self) -> datetime:
        """When it says it was sent: by the demo's clock, which runs ahead of the one it was caught by."""
        try:
            return parsedate_to_datetime(self.date).astimezone(UTC)
        except ValueError:
            return self.caught


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._index = folder / "index.jsonl"

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> list[Mail]:
        """Store one accepted mail for each recipient. On disk when this returns."""
        message = message_from_bytes(raw, policy=default)
        mails = []
        for recipient in recipients:
            mail = Mail(
                id=secrets.token_urlsafe(_ID_BYTES),
                recipient=recipient,
                sender=sender,
                subject=str(message.get("Subject", "")),
                from_=str(message.get("From", "")),
                date=str(message.get("Date", "")),
                caught_at=datetime.now(UTC).isoformat(),
            )
            self._path(mail.id).write_bytes(raw)
            self._append(json.dumps(asdict(mail), ensure_ascii=False) + "\n")
            mails.append(mail)
        return mails

    def _append(self, line: str) -> None:
        file = os.open(self._index, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(file).st_size
            broken = size > 0 and os.pread(file, 1, size - 1) != b"\n"  # a line that was cut off by a crash
            os.write(file, ("\n" * broken + line).encode())
        finally:
            os.close(file)

    def mails(self, recipient: str | None = None) -> list[Mail]:
        """Newest first; of one recipient, or of everybody."""
        wanted = recipient.casefold() if recipient else None
        found = [mail for mail in self._lines() if wanted is None or mail.recipient.casefold() == wanted]
        return found[::-1]

    def recipients(self) -> dict[str, int]:
        """Who has mail, and how many, most recent first."""
        return Counter(mail.recipient.lower() for mail in self.mails())

    def __len__(self) -> int:
        return sum(1 for _ in self._lines())

    def mail(self, id: str) -> Mail | None:
        return next((mail for mail in self._lines() if mail.id == id), None)

    def raw(self, mail: Mail) -> bytes:
        """The bytes as they came over SMTP."""
        return self._path(mail.id).read_bytes()

    def message(self, mail: Mail) -> EmailMessage:
        return message_from_bytes(self.raw(mail), policy=default)

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}.eml"

    def _lines(self) -> Iterator[Mail]:
        try:
            text = self._index.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        for line in text.split("\n"):
            try:
                yield Mail(**json.loads(line))
            except (ValueError, TypeError):
                continue  # empty, or cut off by a crash before "250"
