"""One mail as it was sent, or as it would be sent now; its links open pages that only show, never what works."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy.orm import joinedload

from webapp import db, edge
from webapp.accounts.models import Organisation
from webapp.board.upcoming import AHEAD, Due
from webapp.i18n import Language
from webapp.mailing import mime, rewording, said
from webapp.mailing.mime import Mail
from webapp.mailing.models import Address, Message
from webapp.mailing.notices import Content, Notice
from webapp.mailing.post import Post


@dataclass(frozen=True)
class Letter:
    """A mail, taken apart for reading."""

    mail: Mail
    headers: Sequence[tuple[str, str]]


def find(message_id: int) -> Message | None:
    return db.session.get(Message, message_id, options=[joinedload(Message.dispatch), joinedload(Message.address)])


def of(message: Message, now: datetime) -> Letter | None:
    """As it was sent; one that did not leave yet, as it would. None: wiped, or never written."""
    notice = Notice.all.get(message.notice)
    if notice is None:
        return None
    if content := said.content(message.id):
        return _letter(message, notice, content, _sent_at(message, now))
    rows = notice.load(now, [message.subject_id]) if message.dispatch is not None else ()
    return _letter(message, notice, _content(message, notice, rows[0]), now) if rows else None


def planned(notice: type[Notice], due: Due, now: datetime) -> Letter | None:
    """As it would be, from the facts of now."""
    query = notice.upcoming(now, now + AHEAD).where(notice.about == due.subject_id)
    row = db.session.execute(query.add_columns(*notice.entities).options(*notice.options())).first()
    if row is None:
        return None
    address = db.session.get_one(Address, due.address_id)
    message = Message(
        public_id="0" * 32, notice=notice.name, subject_id=due.subject_id, locale=address.locale, thread=due.thread
    )
    return _letter(message, notice, _content(message, notice, row), due.due_at, address)


def _content(message: Message, notice: type[Notice], row: Sequence[Any]) -> Content:
    language = _language(message)
    return rewording.worded(notice, language, notice.content(language, *row[5:]))


def _letter(
    message: Message, notice: type[Notice], content: Content, at: datetime, address: Address | None = None
) -> Letter:
    post = Post.of(edge.settings(), Organisation.required().name)
    address = address or message.address
    urls = post.preview(post.refs(notice, content, address.id))
    mail = post.mail(message, notice, content, urls, address.email, at.replace(microsecond=0))
    parsed = message_from_bytes(mime.build(mail), policy=policy.default)
    return Letter(mail, [(name, str(value)) for name, value in parsed.items()])


def _sent_at(message: Message, now: datetime) -> datetime:
    marked = message.dispatch.mime_date if message.dispatch else None
    return marked or message.accepted_at or message.ended_at or now


def _language(message: Message) -> Language:
    return "nl" if message.locale == "nl" else "en"
