"""Delivery: claim what is to go, ask once more whether it is still due, render, mark, transmit, record.

The owner's number fences every later write, the marker is committed before the final dot, and an advisory lock tells
a slow process from a dead one. No transaction is open while SMTP talks. `resolution.py` mends what a crash left behind.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import randbits
from time import monotonic
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, contains_eager

from webapp import clock, db, logs
from webapp.config import Settings
from webapp.mailing import budgets, claiming, connections, ledger, mime
from webapp.mailing.ending import backoff, end, record
from webapp.mailing.failpoints import reach
from webapp.mailing.models import Address, ClockShift, Dispatch, Message
from webapp.mailing.notices import Content, Notice, Refusal
from webapp.mailing.post import Post
from webapp.mailing.status import TIMED_OUT
from webapp.mailing.transport import Outcome, Outgoing, Relay

RELAY_AWAY = timedelta(seconds=30)
"""A relay that cannot be reached is asked again this soon."""
RENDER_TRIES = 3
"""A mail that cannot be rendered is given up sooner than one whose relay is busy."""


@dataclass(frozen=True)
class Ready:
    """A mail rendered and about to be marked."""

    message: Message
    content: Content
    date: datetime
    raw: bytes
    sender: str
    recipient: str


class Sender:
    """One sending process: its number, its lock, its connection to the relay."""

    def __init__(self, settings: Settings, post: Post, relay: Relay):
        self.settings, self.post, self.relay = settings, post, relay
        self.owner = randbits(62)
        self._lock: Connection | None = None

    def __enter__(self) -> Self:
        self._lock = db.engine().connect().execution_options(isolation_level="AUTOCOMMIT")
        self._lock.execute(select(func.pg_advisory_lock(self.owner)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.relay.close()
        if self._lock is not None:
            with suppress(SQLAlchemyError):  # the connection is gone, and the lock with it
                self._lock.execute(select(func.pg_advisory_unlock_all()))
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
        ids = [each.message.id for each in ready]
        with db.transaction() as session:
            session.execute(
                update(Dispatch)
                .where(db.among(Dispatch.message_id, ids), Dispatch.owner == self.owner, Dispatch.state == "queued")
                .values(owner=None, try_at=clock.real() + RELAY_AWAY, attempts=Dispatch.attempts - 1)
            )
            said = {"stage": away.stage, "code": away.code, "enhanced": away.enhanced, "reply": away.text}
            session.execute(update(Message).where(db.among(Message.id, ids)).values(said))

    def prepare(self, claimed: Sequence[int]) -> list[Ready]:
        """Guard and render: who is no longer due ends here, with the reason a person can read."""
        with db.transaction() as session:
            if self.settings.demo:
                ClockShift.follow()  # it may have moved since; a mail looks not due by the clock of before
            now = clock.now()
            messages = session.scalars(
                select(Message)
                .join(Message.dispatch)
                .options(contains_eager(Message.dispatch))
                .where(db.among(Message.id, claimed), Dispatch.owner == self.owner)
                .order_by(Dispatch.attempts, Message.id)  # one that kills its renderer comes last
            ).all()
            due = [each for notice in {m.notice for m in messages} for each in self.guard(notice, messages, now)]
            order = {message.id: place for place, message in enumerate(messages)}
            due.sort(key=lambda each: order[each[0].id])
            refs = [self.post.refs(notice, content, address.id) for _, notice, content, address in due]
            urls = self.post.working(refs)
            return [
                ready
                for (message, notice, content, address), each in zip(due, urls, strict=True)
                if (ready := self.rendered(message, notice, content, address, each))
            ]

    def guard(
        self, name: str, messages: Sequence[Message], now: datetime
    ) -> Iterator[tuple[Message, type[Notice], Content, Address]]:
        """Still due? One query for all messages of one notice; the address is the one of this moment."""
        mine = [message for message in messages if message.notice == name]
        notice = Notice.all.get(name)
        if notice is None:
            for message in mine:
                end(message, Refusal("cancelled", "not_needed"), now)
            return
        rows = {row.subject_id: row for row in reversed(notice.load(now, [message.subject_id for message in mine]))}
        ids = {row.address_id for row in rows.values()}
        addresses = {a.id: a for a in db.session.scalars(select(Address).where(db.among(Address.id, ids)))}
        for message in mine:
            row = rows.get(message.subject_id)
            address = addresses[row.address_id] if row else message.address
            refusal = refuse(message, notice, row, address, now)
            if refusal:
                end(message, refusal, now)
                continue
            assert row is not None  # `refuse` refuses without one
            message.address, message.locale = address, address.locale
            try:
                content = self.said(message, notice, row, address)
            except Exception as error:
                self.give_up(message, error)
                continue
            yield message, notice, content, address

    def said(self, message: Message, notice: type[Notice], row: Any, address: Address) -> Content:
        """What the mail says: as it was when it may have left already, otherwise from the facts of now."""
        assert message.dispatch is not None  # only messages under way are asked about
        if message.dispatch.mime_date is not None and message.content is not None and message.dispatch.resends:
            return Content.from_json(message.content)
        content = notice.content("nl" if message.locale == "nl" else "en", *row[5:])
        return self.post.asked(notice, content, address)

    def rendered(
        self, message: Message, notice: type[Notice], content: Content, address: Address, urls: dict[str, str]
    ) -> Ready | None:
        dispatch = message.dispatch
        assert dispatch is not None  # joined by `prepare`
        date = dispatch.mime_date or clock.now().replace(microsecond=0)
        reach("before_render", message.id)
        try:
            mail = self.post.mail(message, notice, content, urls, address, date)
            raw = mime.build(mail)
        except Exception as error:
            self.give_up(message, error)
            return None
        return Ready(message, content, date, raw, mail.envelope_from, address.email)

    def give_up(self, message: Message, error: Exception) -> None:
        """A mail that cannot be made: tried again a few times, then failed, and its neighbours flow."""
        logs.failed("mail cannot be rendered", error, message=message.id, notice=message.notice)
        assert message.dispatch is not None  # joined by `prepare`
        if message.dispatch.attempts >= RENDER_TRIES:
            end(message, Refusal("failed", "failed", {"attempts": message.dispatch.attempts}), clock.now())
        else:
            message.dispatch.owner = None
            message.dispatch.try_at = clock.real() + backoff(message.dispatch.attempts)

    def mark(self, group: Sequence[Ready], before: Sequence[tuple[Ready, Outcome]]) -> list[Ready]:
        """Commit the outcome of the group before and the marker of this one; returns who may be transmitted.

        Marked only while the lease has twice the hurry left, and only what is still this process's.
        """
        real = clock.real()
        if group and self._lock is not None:
            self._lock.execute(select(1))  # raises when the lock is lost: then others may take our mails up
        taken = [(ready.message.id, outcome) for ready, outcome in before if outcome.kind == "accepted"]
        with db.transaction() as session:
            ledger.accepted(taken, self.owner, clock.now())
            for ready, outcome in before:
                if outcome.kind != "accepted":
                    record(self.settings, self.owner, ready.message.id, outcome)
            hurry = self.settings.hurry
            marked = ledger.mark(list(map(self._marker, group)), self.owner, real, real + 2 * hurry, real - hurry)
            self._wait_their_turn(session, [each.message.id for each in group if each.message.id not in marked], real)
            reach("before_outcome_commit" if before else "before_marker_commit")
        reach("after_outcome_commit" if before else "after_marker_commit")
        return [ready for ready in group if ready.message.id in marked]

    def _marker(self, ready: Ready) -> ledger.Marker:
        message = ready.message
        return ledger.Marker(
            message.id, ready.date, hashlib.sha256(ready.raw).hexdigest(), self.post.message_id(message),
            ready.content.to_json(), message.address_id, message.locale,
        )  # fmt: skip

    def _wait_their_turn(self, session: Session, ids: Sequence[int], real: datetime) -> None:
        """Those that are still ours and may not leave now: asked again when whoever is in the way is gone."""
        if ids:
            session.execute(
                update(Dispatch)
                .where(
                    db.among(Dispatch.message_id, ids),
                    Dispatch.owner == self.owner,
                    Dispatch.state == "queued",
                    Dispatch.try_at > real + 2 * self.settings.hurry,
                )
                .values(owner=None, try_at=real + self.settings.hurry, attempts=Dispatch.attempts - 1)
                .execution_options(synchronize_session=False)
            )


def refuse(message: Message, notice: type[Notice], row: Any, address: Address, now: datetime) -> Refusal | None:
    """Why this message may not leave now; None: it may."""
    dispatch = message.dispatch
    assert dispatch is not None  # only messages under way are asked about
    if row is None:
        if now > dispatch.not_after:
            return Refusal("expired", "expired", {"not_after": dispatch.not_after.isoformat()})
        return notice.why_not(message.subject_id, now) or Refusal("not_needed", "not_needed")
    if row.occurrence != message.occurrence:
        return Refusal("superseded", "superseded")
    if address.suppressed_at is not None and not notice.despite_stop:
        since = {"since": address.suppressed_at.isoformat()}
        return Refusal("suppressed", f"suppressed.{address.suppressed_why}", since)
    return None
