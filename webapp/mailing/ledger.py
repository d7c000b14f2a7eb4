"""What delivery writes for a whole group at once: markers before the final dot, and what was accepted after it.

One statement each, put together once: row by row they cost more than everything else about a mail.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Connection,
    DateTime,
    Integer,
    Interval,
    Text,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.types import TypeEngine

from webapp import db
from webapp.mailing.models import DeliveryEvent, Dispatch, Message, Said
from webapp.mailing.status import Outcome

MOMENT = DateTime(timezone=True)
EVENT_CHARACTERS = 500


@dataclass(frozen=True)
class Marker:
    """What is kept of a mail that is about to leave."""

    id: int
    date: datetime
    sha256: str
    mime_id: str
    shared: str
    own: dict[str, Any]


def _given(**types: TypeEngine[Any]) -> CTE:
    """The rows a statement is told, which it reads once, however often it names them."""
    return select(db.given(bindparam("given", type_=Text), **types)).cte("given")


def _marking() -> Any:
    given = _given(id=BigInteger(), date=MOMENT, sha256=Text(), mime_id=Text(), shared=Uuid(), own=JSONB())
    mail, dispatch = Message.__table__, Dispatch.__table__
    now, hurry = bindparam("now", type_=MOMENT), bindparam("hurry", type_=Interval)
    other, theirs = mail.alias("other"), dispatch.alias("theirs")
    leaving = and_(theirs.c.state == "transmitting", theirs.c.marked_at > now - hurry)
    overtaken = exists(
        select(1)
        .select_from(other.outerjoin(theirs, theirs.c.message_id == other.c.id))
        .where(
            mail.c.occurrence != "",  # without one it is told once
            other.c.notice == mail.c.notice,
            other.c.subject_id == mail.c.subject_id,
            other.c.id != mail.c.id,
            or_(other.c.id > mail.c.id, leaving),
        )
        .correlate(mail)
    )
    marked = (
        update(dispatch)  # type: ignore[arg-type]  # a Table, typed as FromClause
        .where(
            dispatch.c.message_id == given.c.id,
            mail.c.id == given.c.id,
            dispatch.c.owner == bindparam("by", type_=BigInteger),
            dispatch.c.state == "queued",
            dispatch.c.try_at - hurry - hurry > now,  # on this side, so that it is found by its number
            ~overtaken,
        )
        .values(
            state="transmitting",
            marked_at=now,
            mime_date=given.c.date,
            mime_id=given.c.mime_id,
            mime_sha256=func.decode(given.c.sha256, "hex"),
        )
        .returning(dispatch.c.message_id)
        .cte("marked")
    )
    new = insert(Said).from_select(
        ["message_id", "shared_id", "own", "at"],
        select(given.c.id, given.c.shared, given.c.own, bindparam("at", type_=MOMENT)).where(
            given.c.id == marked.c.message_id
        ),
    )
    again = {name: new.excluded[name] for name in ("shared_id", "own", "at")}
    return new.on_conflict_do_update(index_elements=[Said.message_id], set_=again).returning(Said.message_id)


def _accepting() -> Any:
    given = _given(id=BigInteger(), code=Integer(), enhanced=Text(), text=Text(), queue_id=Text())
    mail, dispatch, now = Message.__table__, Dispatch.__table__, bindparam("now", type_=MOMENT)
    gone = (
        delete(dispatch)  # type: ignore[arg-type]  # as above
        .where(
            dispatch.c.message_id == given.c.id,
            dispatch.c.state != "queued",
            dispatch.c.owner == bindparam("by", type_=BigInteger),
        )
        .returning(dispatch.c.message_id)
        .cte("gone")
    )
    sent = (
        update(mail)  # type: ignore[arg-type]  # as above
        .where(mail.c.id == gone.c.message_id, given.c.id == gone.c.message_id)
        .values(
            end="sent", accepted_at=now, ended_at=now, stage="dot", code=given.c.code, enhanced=given.c.enhanced,
            reply=given.c.text, queue_id=given.c.queue_id,
        )
        .returning(mail.c.id)
        .cte("sent")
    )  # fmt: skip
    event = select(given.c.id, now, literal("accepted"), func.left(given.c.text, EVENT_CHARACTERS))
    return (
        insert(DeliveryEvent.__table__)  # type: ignore[arg-type]  # as above
        .from_select(
            ["message_id", "at", "state", "detail"],
            event.where(given.c.id == gone.c.message_id),
            include_defaults=False,
        )
        .add_cte(sent)
    )


_MARK, _ACCEPT = _marking(), _accepting()


def mark(
    connection: Connection, group: Sequence[Marker], owner: int, at: datetime, now: datetime, hurry: timedelta
) -> set[int]:
    """Mark as leaving what is still this owner's, leased for twice the hurry, and keep what it says; returns which.

    Of several mails about one thing only the newest leaves, and not while an older one has been leaving less than a hurry.
    """
    told = {"given": _rows(map(vars, group)), "by": owner, "at": at, "now": now, "hurry": hurry}
    return set(connection.execute(_MARK, told).scalars()) if group else set()


def accepted(connection: Connection, group: Sequence[tuple[int, Outcome]], owner: int, now: datetime) -> None:
    """Write that these were taken, where they are still this owner's; a late word of a former owner changes nothing."""
    rows = [
        {"id": id, "code": said.code, "enhanced": said.enhanced, "text": said.text, "queue_id": said.queue_id}
        for id, said in group
    ]
    if rows:
        connection.execute(_ACCEPT, {"given": _rows(rows), "by": owner, "now": now})


def _rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """As JSON; its strings hold no NUL: the edge refuses one."""
    return json.dumps(list(rows), default=datetime.isoformat)
