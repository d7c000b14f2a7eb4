"""Claiming: which mails a sending process takes next, lane by lane, for as long as a lease."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    func,
    literal,
    literal_column,
    not_,
    select,
    update,
)
from sqlalchemy.orm import Session

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing import budgets
from webapp.mailing.ending import end
from webapp.mailing.failpoints import reach
from webapp.mailing.models import LANES, Budget, Dispatch, Message, Pause, Waits
from webapp.mailing.notices import Refusal

ALONE_AFTER = 3
"""Claimed so often, and each time by a process that did not come back: it is claimed alone, in case it is what kills them."""

TOGETHER = 50
"""Mails of a campaign that leave in one turn: told alike, they cost little more than one. A second's work at most."""
TURN = timedelta(microseconds=1)
"""Between two turns of a campaign in line: the finest there is, so that everything is due at once all the same."""


def claim(settings: Settings, owner: int, lanes: Iterable[str]) -> list[int]:
    """Message ids of one batch, now this process's for a lease. Lane by lane: a full one never starves the urgent."""
    lanes = tuple(lanes)
    while (ids := _once(settings, owner, lanes)) == []:
        pass  # everything found has a place in line now, and is not found again
    return ids or []


def _once(settings: Settings, owner: int, lanes: Iterable[str]) -> list[int] | None:
    """Of one batch those that are within their budgets. None: nothing is due."""
    real = clock.real()
    with db.transaction() as session:
        there = session.execute(_THERE).one()
        pauses = set(there.pauses)
        if "all" in pauses:
            return None
        counted = there.counted or budgets.set_up(settings)
        begins = there._mapping
        for lane in (lane for lane in lanes if begins[lane] is not None and begins[lane] <= real):
            for alone in (False, True):
                found = session.scalars(_picked(settings, lane, pauses, real, alone=alone)).all()
                if found:
                    going = budgets.admitted(session, settings, lane, found, real) if counted else found
                    ids = _take(session, settings, owner, going, real, alone=alone)
                    reach("before_claim_commit")
                    return ids
    return None


_THERE = select(
    func.array(select(Pause.scope).scalar_subquery()).label("pauses"),
    exists().select_from(Budget).label("counted"),
    *(
        select(func.min(Dispatch.try_at)).where(Dispatch.lane == number).scalar_subquery().label(lane)
        for lane, number in LANES.items()
    ),
)
"""What holds mail back, and when something is due in each lane: one question, put together once, in place of seven."""


def _picked(settings: Settings, lane: str, pauses: set[str], real: datetime, *, alone: bool) -> Select[int]:
    """A batch of those that never were with a process that died; or one that was, again and again, by itself."""
    left_behind = and_(Dispatch.owner.is_not(None), Dispatch.attempts >= ALONE_AFTER)
    picked = (
        select(Dispatch.message_id)
        .where(due(lane, pauses, real), left_behind if alone else not_(left_behind))
        .order_by(Dispatch.try_at, Dispatch.message_id)
        .limit(literal_column("1" if alone else str(settings.batch)))
        .with_for_update(skip_locked=True, of=Dispatch)
    )
    return picked.join(Message) if pauses else picked


def due(lane: str, pauses: Collection[str], real: datetime) -> ColumnElement[bool]:
    """SQL: what could be claimed. With pauses the message is to be joined."""
    now = and_(Dispatch.lane == LANES[lane], Dispatch.try_at <= real, Dispatch.state == "queued")
    if not pauses:
        return now
    return and_(
        now,
        ("notice:" + Message.notice).not_in(pauses),
        func.coalesce("thread:" + Message.thread, "").not_in(pauses),
    )


def head(lane: str, real: datetime) -> datetime | None:
    """Where the line of this lane begins; None: nobody stands in it. What begins there now takes turns with who does."""
    pauses = set(db.session.scalars(select(Pause.scope)))
    first = select(Dispatch.try_at).where(due(lane, pauses, real)).order_by(Dispatch.try_at).limit(literal_column("1"))
    return db.session.scalar(first.join(Message) if pauses else first)


def _take(
    session: Session, settings: Settings, owner: int, ids: Collection[int], real: datetime, *, alone: bool
) -> list[int]:
    claim = (
        update(Dispatch)
        .where(db.among(Dispatch.message_id, ids))
        .values(try_at=real + settings.lease, owner=owner, attempts=Dispatch.attempts + 1, waits=None)
        .returning(Dispatch.message_id, Dispatch.attempts)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(claim).all()
    if alone and found and found[0].attempts > settings.max_attempts:
        _kills(session, *found[0])
    return [row.message_id for row in found]


def give_back(ids: Collection[int], owner: int, until: datetime, why: Waits | None = None) -> None:
    """They are to leave later: no try. Campaigns that wait for one moment take turns from then on."""
    mine = (db.among(Dispatch.message_id, ids), Dispatch.owner == owner, Dispatch.state == "queued")
    values = {
        "owner": None,
        "waits": why,
        "attempts": Dispatch.attempts - 1,
        "try_at": literal(until) + apart(Dispatch.turn),
    }
    db.session.execute(update(Dispatch).where(*mine).values(values).execution_options(synchronize_session=False))


def apart(turn: SQLColumnExpression[int]) -> ColumnElement[timedelta]:
    """SQL: how far behind the beginning of the line this one of its campaign stands."""
    found: ColumnElement[timedelta] = func.make_interval(
        0, 0, 0, 0, 0, 0, (turn - 1) // TOGETHER * TURN.total_seconds()
    )
    return found


def _kills(session: Session, message_id: int, attempts: int) -> None:
    """Every process that took it, at last it alone, died or never came to an end: it has failed."""
    message = session.get_one(Message, message_id)
    end(message, Refusal("failed", "failed", {"attempts": attempts - 1}), clock.now())
