"""The sweep: ask every notice who is due, and write one message each. Twice, late or on two machines changes nothing."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import CompoundSelect, DateTime, Text, bindparam, cast, exists, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.mailing.claiming import apart, head
from webapp.mailing.failpoints import reach
from webapp.mailing.models import LANES, Address, Dispatch, Heartbeat, Message, NoticeStart
from webapp.mailing.notices import Notice

TICK_WINDOW = timedelta(minutes=5)
"""What every tick asks. Who says yes at 20:10 is due a reminder since 16:00: the wide window brings it."""
LONGEST_OUTAGE = timedelta(days=60)
"""The wide window reaches back to the last one, at most this far: what fell due meanwhile is planned, then explained."""

ROOM = timedelta(seconds=1)
"""Before now, where nobody stands in line: a million mails have room in it."""


def install(now: datetime) -> dict[str, datetime]:
    """Since when each notice exists, so that a new one does not mail the past. New ones are noted."""
    since = _installed()
    new = [{"notice": name, "at": now} for name in Notice.all if name not in since]
    if new:
        db.session.execute(insert(NoticeStart).on_conflict_do_nothing(), new)
        since = _installed()
    return since


def _installed() -> dict[str, datetime]:
    return {start.notice: start.at for start in db.session.scalars(select(NoticeStart))}


def sweep(now: datetime, real: datetime, *, wide: bool, window: timedelta = TICK_WINDOW) -> int:
    """Plan what is due at `now` (application time); returns how many messages are new.

    Narrow: what fell due in the last five minutes. Wide: everything not lapsed, and all since the last wide sweep.
    """
    since = install(now)
    last = db.session.scalar(select(Heartbeat.application_at).where(Heartbeat.part == "wide sweep"))
    last = last or min(since.values(), default=now)
    outage = min(max(now - last, timedelta(0)), LONGEST_OUTAGE)
    reaches = {name: max(notice.lapses, window) + outage if wide else window for name, notice in Notice.all.items()}
    moments = {name: max(now - reach, since[name]) for name, reach in reaches.items()}
    planned = sum(plan(notice, now, real, moments[notice.name]) for notice in _waiting(now, moments))
    beat("wide sweep" if wide else "sweep", now, real)
    return planned


def _waiting(now: datetime, since: Mapping[str, datetime]) -> list[type[Notice]]:
    """The notices that have somebody new since those moments: in a quiet tick, one statement and no more."""
    known = tuple(Notice.all.values())
    found = set(db.session.scalars(_question(known), {"now": now} | {f"since_{name}": since[name] for name in since}))
    return [notice for notice in known if notice.name in found]


@cache
def _question(notices: tuple[type[Notice], ...]) -> CompoundSelect[str]:
    """Built once: to put these thirty questions together anew takes ten times as long as to have them answered."""
    now = bindparam("now", type_=DateTime(timezone=True))
    asked = []
    for notice in notices:
        due = notice.due(bindparam(f"since_{notice.name}", type_=DateTime(timezone=True)), now).subquery()
        told = exists().where(
            Message.notice == notice.name,
            Message.subject_id == due.c.subject_id,
            Message.occurrence == due.c.occurrence,
        )
        asked.append(
            select(literal(notice.name, Text, literal_execute=True)).where(
                exists(select(1).select_from(due).where(~told))
            )
        )
    return union_all(*asked)


def plan(notice: type[Notice], now: datetime, real: datetime, since: datetime) -> int:
    """One notice: every due (subject, occurrence) that has no message yet gets a message and a dispatch.

    Claimed is in order of `try_at`. So campaigns (a notice about one thread) take turns: each begins where the line does
    now, and its turns stand a tick of the clock apart. A visit of ten does not wait for the rest of twenty thousand.
    """
    due = notice.due(since, now).subquery("due")
    fresh = (
        select(
            func.replace(cast(func.gen_random_uuid(), Text), "-", ""),
            literal(notice.name),
            due.c.subject_id,
            due.c.occurrence,
            due.c.address_id,
            Address.locale,
            due.c.thread,
            due.c.due_at,
            literal(now),
        )
        .join_from(due, Address, Address.id == due.c.address_id)
        .where(
            ~exists().where(
                Message.notice == notice.name,
                Message.subject_id == due.c.subject_id,
                Message.occurrence == due.c.occurrence,
            )
        )
        .order_by(due.c.thread, due.c.subject_id)
    )
    columns = [
        "public_id",
        "notice",
        "subject_id",
        "occurrence",
        "address_id",
        "locale",
        "thread",
        "due_at",
        "planned_at",
    ]
    new = (
        insert(Message).from_select(columns, fresh, include_defaults=False).on_conflict_do_nothing()
        .returning(Message.id, Message.thread, Message.due_at).cte("new")
    )  # fmt: skip
    turn = func.row_number().over(partition_by=new.c.thread, order_by=new.c.id)
    begins = head(notice.lane, real) or real - ROOM
    dispatch = insert(Dispatch).from_select(
        ["message_id", "lane", "turn", "try_at", "not_after"],
        select(
            new.c.id,
            literal(LANES[notice.lane]),
            turn,
            func.least(literal(begins) + apart(turn), literal(real)),
            new.c.due_at + notice.lapses,
        ),
        include_defaults=False,
    )
    planned = len(db.session.execute(dispatch.returning(Dispatch.message_id)).all())
    if planned:
        reach("before_plan_commit")
    return planned


def beat(part: str, now: datetime, real: datetime) -> None:
    """Say that a part of the workers is alive."""
    moments = {"at": real, "application_at": now}
    statement = insert(Heartbeat).values(part=part, **moments)
    db.session.execute(statement.on_conflict_do_update(index_elements=["part"], set_=moments))


def next_due(now: datetime, until: datetime) -> datetime | None:
    """The first moment in (now, until] at which some mail falls due, if nothing changes."""
    moments = [
        db.session.scalar(select(func.min(notice.upcoming(now, until).subquery().c.due_at)))
        for notice in Notice.all.values()
    ]
    return min((moment for moment in moments if moment), default=None)
