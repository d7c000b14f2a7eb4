"""A past that was lived: facts at their moments, in order, and the mail they brought, as it left then."""

from collections.abc import Callable, Container, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select

from webapp import clock, db
from webapp.mailing import said
from webapp.mailing.ending import end
from webapp.mailing.housekeeping import KEPT
from webapp.mailing.models import Address, DeliveryEvent, Message
from webapp.mailing.notices import Content, Notice, Refusal
from webapp.mailing.post import Post

Act = Callable[[datetime], object]
A_MOMENT = timedelta(seconds=2)
"""From due to accepted by the relay."""
GUARD_COLUMNS = 5
"""Of a due row; what the mail is about follows."""
TAKEN = {"stage": "dot", "code": 250, "enhanced": "2.0.0", "reply": "2.0.0 Ok: queued"}
REFUSED = {"stage": "rcpt", "code": 550, "enhanced": "5.1.1", "reply": "5.1.1 No such mailbox here"}


class Past:
    """What happened before `now`. Acts may call for further acts; what lies ahead of `now` does not happen yet."""

    def __init__(self, post: Post, now: datetime, gone: Container[str]) -> None:
        self.post, self.now = post, now
        self.gone = gone
        """Mailboxes that do not exist any more."""
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = count()
        self._asked: dict[str, datetime] = {}
        self._contents: dict[Message, Content] = {}

    def at(self, moment: datetime, *acts: Act) -> None:
        for act in acts:
            heappush(self._acts, (moment, next(self._order), act))

    def live(self) -> None:
        """Let everything up to now happen, each thing by the clock of its own moment."""
        ahead = clock.now() - clock.real()
        try:
            while self._acts and self._acts[0][0] <= self.now:
                moment, _order, act = heappop(self._acts)
                clock.run_ahead(moment - clock.real())
                act(moment)
                db.session.flush()
        finally:
            clock.run_ahead(ahead)

    def mail(self, *notices: type[Notice]) -> Act:
        """An act: what fell due of these since they were last asked leaves."""

        def leave(now: datetime) -> None:
            for notice in notices:
                since = self._asked.get(notice.name, now - notice.lapses)
                self._asked[notice.name] = now
                due = notice.due(since, now)
                if self._kept(now):
                    due = due.add_columns(*notice.entities).options(*notice.options())
                self._leave(notice, db.session.execute(due).all())

        return leave

    def _kept(self, moment: datetime) -> bool:
        """Whether what was said then is still kept; of older mail the words need not be found."""
        return moment + A_MOMENT > self.now - KEPT

    def _leave(self, notice: type[Notice], due: Sequence[Row[Any]]) -> None:
        if not due:
            return
        wanted = select(Address).where(Address.id.in_({row.address_id for row in due}))
        addresses = {each.id: each for each in db.session.scalars(wanted)}
        messages = [self._message(notice, row, addresses[row.address_id]) for row in due]
        db.session.add_all(messages)
        db.session.flush()
        for message in messages:
            self._say(message)
        said.store([(each.id, content, each.due_at + A_MOMENT) for each, content in self._contents.items()], self.now)
        self._contents.clear()

    def _message(self, notice: type[Notice], row: Row[Any], address: Address) -> Message:
        message = Message(
            public_id=uuid4().hex, notice=notice.name, subject_id=row.subject_id, occurrence=row.occurrence,
            address=address, locale=address.locale, thread=row.thread, due_at=row.due_at, planned_at=row.due_at,
        )  # fmt: skip
        if address.suppressed_at is not None and not notice.despite_stop:
            return message
        at, exists = message.due_at + A_MOMENT, address.email not in self.gone
        if self._kept(message.due_at):
            self._contents[message] = notice.content("en" if message.locale == "en" else "nl", *row[GUARD_COLUMNS:])
        for name, value in (TAKEN if exists else REFUSED).items():
            setattr(message, name, value)
        message.end, message.ended_at = "sent" if exists else "failed", at
        if exists:
            message.accepted_at = at
        else:
            message.why, message.why_facts = "failed", {"attempts": 1}
        return message

    def _say(self, message: Message) -> None:
        """Sent; or it came back, and later ones are not sent at all. What it said is kept as long as ever."""
        at, address = message.due_at + A_MOMENT, message.address
        if message.end is None and address.suppressed_at is not None:
            since = {"since": address.suppressed_at.isoformat()}
            end(message, Refusal("suppressed", f"suppressed.{address.suppressed_why}", since), at)
            return
        if message.end == "failed":
            address.suppress("bounce", at)
        state = "accepted" if message.end == "sent" else "refused"
        said = f"{message.code} {message.reply}"
        db.session.add(DeliveryEvent(message_id=message.id, at=at, state=state, detail=said))
