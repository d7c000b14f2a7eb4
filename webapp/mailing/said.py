"""What mails said: what a whole campaign is told stands there once, beside what each reader was told alone."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Text, Uuid, delete, exists, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from webapp import db
from webapp.mailing.models import Message, Said, SharedContent
from webapp.mailing.notices import Content

NAMESPACE = UUID("6f1a3c0e-52d1-4f7e-9d5b-3f0f5a1b7c42")
"""Ours, from which the number of a text is worked out (RFC 9562, section 5.5)."""
FRESH = timedelta(days=1)
"""So long what was used counts as being in use, so that it is not written again for every batch."""


def keep(contents: Iterable[Content], now: datetime) -> list[tuple[UUID, dict[str, Any]]]:
    """For each the number of what it shares, which is stored from now on, and what is its own."""
    owns = [(content, content.own) for content in contents]
    written = [(_written(content.shared(own)), own) for content, own in owns]
    if texts := dict(sorted(text for text, _ in written)):
        rows = db.given(literal(f"[{','.join(texts.values())}]", Text), id=Uuid(), content=JSONB())
        new = insert(SharedContent).from_select(
            ["id", "content", "used_at"], select(rows.c.id, rows.c.content, literal(now))
        )
        used = {"used_at": new.excluded.used_at}
        old = SharedContent.used_at < new.excluded.used_at - FRESH
        db.session.execute(new.on_conflict_do_update(index_elements=[SharedContent.id], set_=used, where=old))
    return [(id, own) for (id, _), own in written]


def store(contents: Sequence[tuple[int, Content, datetime]], now: datetime) -> None:
    """Message, content and when it was said, for mail that left already."""
    kept = keep((content for _, content, _ in contents), now)
    rows = [
        {"message_id": id, "shared_id": shared, "own": own, "at": at}
        for (id, _, at), (shared, own) in zip(contents, kept, strict=True)
    ]
    if rows:
        db.session.execute(insert(Said), rows)


def content(message_id: int) -> Content | None:
    """What this mail said; None: wiped, or it never was about to leave."""
    found = select(SharedContent.content, Said.own).join(Said, Said.shared_id == SharedContent.id)
    row = db.session.execute(found.where(Said.message_id == message_id)).one_or_none()
    return Content.joined(*row) if row else None


def wipe(before: datetime, at_once: int) -> int:
    """Forget what was said before then, and what was answered to it, so many at most; returns how many."""
    old = (
        select(Said.message_id).where(Said.at < before).order_by(Said.at).limit(literal(at_once, literal_execute=True))
    )
    wiped = db.session.scalars(delete(Said).where(Said.message_id.in_(old)).returning(Said.message_id)).all()
    db.session.execute(update(Message).where(db.among(Message.id, wiped)).values(reply=None))
    unused = (SharedContent.used_at < before, ~exists().where(Said.shared_id == SharedContent.id))
    db.session.execute(delete(SharedContent).where(*unused))
    return len(wiped)


def _written(shared: tuple[Any, ...]) -> tuple[UUID, str]:
    """The number, and the row as JSON."""
    try:
        return _written_once(shared)
    except TypeError:  # a value in it is a list
        return _written_once.__wrapped__(shared)


@lru_cache(maxsize=256)
def _written_once(shared: tuple[Any, ...]) -> tuple[UUID, str]:
    text = json.dumps(shared, ensure_ascii=False)
    id = uuid5(NAMESPACE, text)
    return id, f'{{"id":"{id}","content":{text}}}'
