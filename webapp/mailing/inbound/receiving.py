"""A mail came in: kept once, read, and handed to whom it concerns, in one transaction."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.links import Keys
from webapp.mailing.inbound import consequences, tokens
from webapp.mailing.inbound.models import IncomingMail
from webapp.mailing.inbound.parts import MAX_OCTETS
from webapp.mailing.inbound.reading import read
from webapp.mailing.inbound.readings import Reading
from webapp.mailing.models import Dispatch, Message

NOBODYS = "nobody's"
"""Nothing here knew whom it concerns: it is left for a person in the mailbox."""

FAILED = "failed"
"""Our own mistake: it waits there too."""
LATER = "later"
"""About a mail whose own outcome is being written down this moment: it stays unread for the next look."""


class NotYet(Exception):
    """See LATER."""


@dataclass(frozen=True)
class Incoming:
    """One mail, as the slices above are given it."""

    reading: Reading
    message: Message | None
    """The mail of ours that it is about, proven."""
    key: str
    """The same mail, the same key."""
    now: datetime


Reader = Callable[[Incoming], str | None]
"""What a slice does with a mail: says what came of it, or None when it does not concern it."""


def receive(raw: bytes, keys: Keys, readers: Sequence[Reader], now: datetime, real: datetime) -> str | None:
    """What came of it; None when these bytes came before, and nothing changes. Raises NotYet."""
    mail = _new(raw, real)
    if mail is None:
        return None
    reading = read(raw)
    message = tokens.about(keys, reading)
    if message is not None:
        _hold(message)
        consequences.proves(message, now)
    incoming = Incoming(reading, message, mail.sha256.hex(), now)
    mail.kind, mail.message_id = reading.kind, message.id if message else None
    mail.came_of = next((said for each in (report, *readers) if (said := each(incoming)) is not None), NOBODYS)
    return mail.came_of


def keep(raw: bytes, real: datetime) -> None:
    """A mail that could not be dealt with: it waits for a person, and holds up nobody."""
    if mail := _new(raw, real):
        mail.kind = mail.came_of = FAILED


def report(incoming: Incoming) -> str | None:
    """What concerns the mail itself, whatever it was about."""
    reading, message, now = incoming.reading, incoming.message, incoming.now
    match reading.kind:
        case "report" | "receipt":
            return "noted"
        case "autoreply":
            return consequences.of_automatic(message, now) if message else "counted"
        case "bounce" | "delivered" if message:
            return consequences.of_report(reading, message, now)
        case "complaint" | "stop" if message:
            return consequences.of_complaint(reading, message, now)
        case "bounce" | "delivered" | "complaint":
            return "not about our mail"  # or nobody can show that it is: anybody can write a report
        case _:
            return None


def _hold(message: Message) -> None:
    """Ours until the transaction ends: first its way, then the mail itself, as delivery does, or each would wait for the
    other."""
    way = select(Dispatch).where(Dispatch.message_id == message.id).with_for_update()
    dispatch = db.session.scalar(way)
    if dispatch is not None and dispatch.state == "transmitting":
        raise NotYet
    db.session.refresh(message, with_for_update=True)


def _new(raw: bytes, real: datetime) -> IncomingMail | None:
    """The row of a mail that never came before. Whoever brings the same one at the same time waits, and has none."""
    digest = hashlib.sha256(raw).digest()
    values = {"sha256": digest, "received_at": real, "raw": raw[:MAX_OCTETS], "kind": "", "came_of": ""}
    made = insert(IncomingMail).values(values).on_conflict_do_nothing().returning(IncomingMail.id)
    id = db.session.scalar(made)
    return db.session.get(IncomingMail, id) if id is not None else None
