"""Preparing: of what a process claimed, what is still due, rendered. Who is no longer due ends here, with the reason."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update

from webapp import clock, db, logs
from webapp.config import Settings
from webapp.i18n import Language
from webapp.mailing import claiming, erased, ledger, mime, quiet, rewording, said
from webapp.mailing.ending import backoff, end
from webapp.mailing.failpoints import reach
from webapp.mailing.models import Address, ClockShift, Dispatch, Message
from webapp.mailing.notices import Content, Notice, Refusal
from webapp.mailing.post import Post

RENDER_TRIES = 3
"""A mail that cannot be rendered is given up sooner than one whose relay is busy."""


class Claimed(NamedTuple):
    """What of a message and its dispatch is needed to send it; as plain values, for a campaign has many."""

    id: int
    public_id: str
    notice: str
    subject_id: int
    occurrence: str
    address_id: int
    locale: str
    thread: str | None
    not_after: datetime
    mime_date: datetime | None
    attempts: int
    resends: int


class Recipient(NamedTuple):
    """An address as it is at this moment."""

    id: int
    email: str
    locale: str
    suppressed_at: datetime | None
    suppressed_why: str | None
    unwanted: dict[str, str]


@dataclass(frozen=True)
class Due:
    """A mail that may leave."""

    message: Claimed
    notice: type[Notice]
    content: Content
    recipient: Recipient


@dataclass(frozen=True)
class Ready:
    """A mail rendered and about to be marked."""

    id: int
    marker: ledger.Marker
    raw: bytes
    sender: str
    recipient: str


def prepare(settings: Settings, post: Post, owner: int, ids: Sequence[int]) -> list[Ready]:
    """What may leave of these messages, as far as they are still the owner's."""
    with db.transaction():
        if settings.demo:
            ClockShift.follow()  # it may have moved since; a mail looks not due by the clock of before
        db.remember()
        now = clock.now()
        claimed = _claimed(owner, ids)
        kinds = dict.fromkeys(message.notice for message in claimed)
        found = {due.message.id: due for kind in kinds for due in _guard(settings, post, owner, kind, claimed, now)}
        dues = _but_erased(settings, [found[message.id] for message in claimed if message.id in found], now)
        links = post.working([post.refs(due.notice, due.content, due.recipient.id) for due in dues])
        kept = said.keep([due.content for due in dues], now)
        ready = (_rendered(post, *each, now) for each in zip(dues, links, kept, strict=True))
        return [each for each in ready if each]


def _claimed(owner: int, ids: Sequence[int]) -> list[Claimed]:
    columns = [getattr(Message, name, None) or getattr(Dispatch, name) for name in Claimed._fields]
    mine = select(*columns).join(Message.dispatch).where(db.among(Message.id, ids), Dispatch.owner == owner)
    ordered = mine.order_by(Dispatch.attempts, Message.id)  # one that kills its renderer comes last
    return [Claimed(*row) for row in db.session.execute(ordered)]


def _guard(
    settings: Settings, post: Post, owner: int, kind: str, claimed: Sequence[Claimed], now: datetime
) -> Iterator[Due]:
    """Still due? One query for all messages of one notice; the address is the one of this moment."""
    mine = [message for message in claimed if message.notice == kind]
    notice = Notice.all.get(kind)
    if notice is None:
        for message in mine:
            _end(message, Refusal("cancelled", "not_needed"), now)
        return
    rows = {row.subject_id: row for row in reversed(notice.load(now, [message.subject_id for message in mine]))}
    recipients = _recipients(settings, {row.address_id for row in rows.values()}, now)
    nights: dict[datetime, list[int]] = {}
    for message in mine:
        row = rows.get(message.subject_id)
        recipient = recipients[row.address_id] if row else None
        if refusal := _refusal(message, notice, row, recipient, now):
            _end(message, refusal, now)
            continue
        assert row is not None  # there is a refusal without one
        assert recipient is not None
        if day := quiet.until(settings, notice, row, message.not_after, now):
            nights.setdefault(day, []).append(message.id)
            continue
        message = _to(recipient, message)
        try:
            content = _content(post, message, notice, row, recipient)
        except Exception as error:
            _give_up(message, error)
        else:
            yield Due(message, notice, content, recipient)
    for day, ids in nights.items():
        claiming.give_back(ids, owner, clock.real() + (day - now), "quiet")


def _recipients(settings: Settings, ids: set[int], now: datetime) -> dict[int, Recipient]:
    """Who was erased may be on a list once more: from here on the mailbox says so, to whoever looks."""
    columns = [getattr(Address, name) for name in Recipient._fields]
    rows = db.session.execute(select(*columns).where(db.among(Address.id, ids)))
    found = {row[0]: Recipient(*row) for row in rows}
    known = {each.email: each for each in found.values() if each.suppressed_at is None}
    for email in erased.among(known, settings.secret_keys):
        db.session.get_one(Address, known[email].id).suppress("erased", now)
        found[known[email].id] = known[email]._replace(suppressed_at=now, suppressed_why="erased")
    return found


def _but_erased(settings: Settings, dues: list[Due], now: datetime) -> list[Due]:
    """Without customers who were erased while somebody else reads their mailbox, and who came back on a list."""
    people = {
        due.message.id: erased.person(due.recipient.email, due.content.to_name)
        for due in dues
        if due.notice.reader == "customer" and due.content.to_name and not due.notice.despite_stop
    }
    gone = erased.among(set(people.values()), settings.secret_keys)
    for due in dues:
        if people.get(due.message.id) in gone:
            _end(due.message, Refusal("suppressed", "suppressed.erased"), now)
    return [due for due in dues if people.get(due.message.id) not in gone]


def _refusal(
    message: Claimed, notice: type[Notice], row: Any, recipient: Recipient | None, now: datetime
) -> Refusal | None:
    """Why this message may not leave now; None: it may."""
    if row is None or recipient is None:
        if now > message.not_after:
            return Refusal("expired", "expired", {"not_after": message.not_after.isoformat()})
        return notice.why_not(message.subject_id, now) or Refusal("not_needed", "not_needed")
    if row.occurrence != message.occurrence:
        return Refusal("superseded", "superseded")
    if recipient.suppressed_at is not None and not notice.despite_stop:
        since = {"since": recipient.suppressed_at.isoformat()}
        return Refusal("suppressed", f"suppressed.{recipient.suppressed_why}", since)
    if notice.choice in recipient.unwanted:
        return Refusal(
            "suppressed", "suppressed.unwanted", {"since": recipient.unwanted[notice.choice], "choice": notice.choice}
        )
    return None


def _to(recipient: Recipient, message: Claimed) -> Claimed:
    """The message to who reads it now, in their language of now."""
    if (message.address_id, message.locale) == (recipient.id, recipient.locale):
        return message
    now = {"address_id": recipient.id, "locale": recipient.locale}
    db.session.execute(update(Message).where(Message.id == message.id).values(now))
    return message._replace(address_id=recipient.id, locale=recipient.locale)


def _content(post: Post, message: Claimed, notice: type[Notice], row: Any, recipient: Recipient) -> Content:
    """What the mail says: as it was when it may have left already, otherwise from the facts of now."""
    if message.mime_date is not None and message.resends and (before := said.content(message.id)):
        return before
    language: Language = "nl" if message.locale == "nl" else "en"
    content = rewording.worded(notice, language, notice.content(language, *row[5:]))
    return post.asked(notice, content, recipient.email)


def _rendered(
    post: Post, due: Due, urls: Mapping[str, str], kept: tuple[Any, dict[str, Any]], now: datetime
) -> Ready | None:
    message, date = due.message, due.message.mime_date or now.replace(microsecond=0)
    reach("before_render", message.id)
    try:
        mail = post.mail(message, due.notice, due.content, urls, due.recipient.email, date)
        raw = mime.build(mail)
    except Exception as error:
        _give_up(message, error)
        return None
    shared, own = kept
    marker = ledger.Marker(message.id, date, hashlib.sha256(raw).hexdigest(), mail.message_id, str(shared), own)
    return Ready(message.id, marker, raw, mail.envelope_from, due.recipient.email)


def _give_up(message: Claimed, error: Exception) -> None:
    """A mail that cannot be made: tried again a few times, then failed, and its neighbours flow."""
    logs.failed("mail cannot be rendered", error, message=message.id, notice=message.notice)
    if message.attempts >= RENDER_TRIES:
        _end(message, Refusal("failed", "failed", {"attempts": message.attempts}), clock.now())
    else:
        waiting = {"owner": None, "try_at": clock.real() + backoff(message.attempts)}
        db.session.execute(update(Dispatch).where(Dispatch.message_id == message.id).values(waiting))


def _end(message: Claimed, refusal: Refusal, now: datetime) -> None:
    end(db.session.get_one(Message, message.id), refusal, now)
