"""Delivery: claim what is to go, ask once more whether it is still due, render, mark, transmit, record.

The owner's number fences every later write, the marker is committed before the final dot, and an advisory lock tells
a slow process from a dead one. No transaction is open while SMTP talks. `resolution.py` mends what a crash left behind.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import randbits
from time import monotonic
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, func, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing import budgets, claiming, connections, ledger, preparing
from webapp.mailing.ending import record
from webapp.mailing.failpoints import reach
from webapp.mailing.models import Dispatch, Message
from webapp.mailing.post import Post
from webapp.mailing.preparing import Ready
from webapp.mailing.status import TIMED_OUT
from webapp.mailing.transport import Outcome, Outgoing, Relay

RELAY_AWAY = timedelta(seconds=30)
"""A relay that cannot be reached is asked again this soon."""


class Sender:
    """One sending process: its number, its lock, its connection to the relay."""

    def __init__(self, settings: Settings, post: Post, relay: Relay):
        self.settings, self.post, self.relay = settings, post, relay
        self.owner = randbits(62)
        self._lock: Connection | None = None

    def __enter__(self) -> Self:
        self._lock = db.engine().connect()
        self._lock.detach()  # of its own: what is set here is for nobody else
        with self._lock.begin():
            # The same two statements all the time, found by number also where the table was small as they were planned.
            self._lock.execute(text("set plan_cache_mode = force_generic_plan; set enable_seqscan = off"))
            self._lock.execute(select(func.pg_advisory_lock(self.owner)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.relay.close()
        if self._lock is not None:
            with suppress(SQLAlchemyError):  # the connection is gone, and the lock with it
                self._lock.close()
            self._lock = None

    def work(self, lanes: Collection[str], seconds: float) -> int:
        """Send until nothing is due in these lanes or the time is up; returns how many mails the relay accepted."""
        until, sent = monotonic() + seconds, 0
        assert self._lock is not None  # held from beginning to end
        if not connections.admitted(self._lock, self.settings, urgent=set(lanes) == {"urgent"}):
            return 0  # as many as may are at it
        while monotonic() < until:
            claimed = self.claim(lanes)
            if not claimed:
                break
            sent += self.send(claimed)
        return sent

    def claim(self, lanes: Iterable[str]) -> list[int]:
        return claiming.claim(self.settings, self.owner, lanes)

    def send(self, claimed: Sequence[int]) -> int:
        """One claimed batch, in groups: the outcome of one group is recorded with the marker of the next."""
        accepted = 0
        outcomes: list[tuple[Ready, Outcome]] = []
        reach("after_claim_commit")
        ready = self.prepare(claimed)
        reach("after_render")
        away = self.relay.open() if ready else None
        if away is not None:
            self.wait_for_relay(ready, away)
            return 0
        size = self.settings.group
        for at in range(0, len(ready), size):
            latest = monotonic() + self.settings.hurry.total_seconds()
            group = self.mark(ready[at : at + size], outcomes)
            outcomes = list(zip(group, self.transmit(group, latest), strict=True))
            accepted += sum(outcome.kind == "accepted" for _, outcome in outcomes)
        self.mark((), outcomes)
        return accepted

    def transmit(self, group: Sequence[Ready], latest: float) -> Sequence[Outcome]:
        """No final dot leaves later than the hurry after the marker, also when this process was stopped in between."""
        left = latest - monotonic()
        if left <= 0:
            return [Outcome("unsent", "mail", text=TIMED_OUT)] * len(group)
        outgoing = [Outgoing(each.sender, each.recipient, each.raw) for each in group]
        outcomes = list(self.relay.transmit(outgoing, left))
        budgets.heard(self.settings, zip([each.recipient for each in group], outcomes, strict=True))
        return outcomes

    def wait_for_relay(self, ready: Sequence[Ready], away: Outcome) -> None:
        """The relay cannot be reached, or is not to be trusted. That says nothing about these mails: no try is counted."""
        budgets.heard(self.settings, [("", away)])
        ids = [each.id for each in ready]
        with db.transaction() as session:
            claiming.give_back(ids, self.owner, clock.real() + RELAY_AWAY)
            said = {"stage": away.stage, "code": away.code, "enhanced": away.enhanced, "reply": away.text}
            session.execute(update(Message).where(db.among(Message.id, ids)).values(said))

    def prepare(self, claimed: Sequence[int]) -> list[Ready]:
        return preparing.prepare(self.settings, self.post, self.owner, claimed)

    def mark(self, group: Sequence[Ready], before: Sequence[tuple[Ready, Outcome]]) -> list[Ready]:
        """Commit the outcome of the group before and the marker of this one; returns who may be transmitted.

        Marked only while the lease has twice the hurry left, and only what is still this process's.
        """
        assert self._lock is not None  # held from beginning to end; where it is lost, this raises
        self._record([(ready.id, outcome) for ready, outcome in before if outcome.kind != "accepted"])
        taken = [(ready.id, outcome) for ready, outcome in before if outcome.kind == "accepted"]
        now, real, hurry = clock.now(), clock.real(), self.settings.hurry
        with self._lock.begin():
            ledger.accepted(self._lock, taken, self.owner, now)
            marked = ledger.mark(self._lock, [each.marker for each in group], self.owner, now, real, hurry)
            reach("before_outcome_commit" if before else "before_marker_commit")
        reach("after_outcome_commit" if before else "after_marker_commit")
        self._wait_their_turn([each.id for each in group if each.id not in marked], real)
        return [ready for ready in group if ready.id in marked]

    def _record(self, outcomes: Sequence[tuple[int, Outcome]]) -> None:
        if outcomes:
            with db.transaction():
                for id, outcome in outcomes:
                    record(self.settings, self.owner, id, outcome)

    def _wait_their_turn(self, ids: Sequence[int], real: datetime) -> None:
        """Those that are still ours and may not leave now: asked again when whoever is in the way is gone."""
        if not ids:
            return
        mine = (
            Dispatch.owner == self.owner,
            Dispatch.state == "queued",
            Dispatch.try_at > real + 2 * self.settings.hurry,
        )
        waiting = {"owner": None, "try_at": real + self.settings.hurry, "attempts": Dispatch.attempts - 1}
        with db.transaction() as session:
            session.execute(update(Dispatch).where(db.among(Dispatch.message_id, ids), *mine).values(waiting))
