"""One visit at a glance, read only: who comes, what is leaving, what went out and what will, and what went wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import db, edge
from webapp.invitations.models import Invitation, State
from webapp.invitations.notices.customers import VisitInvitation
from webapp.mailing import quiet
from webapp.mailing.by_hand import TROUBLE
from webapp.mailing.models import Message, Pause
from webapp.mailing.notices import Notice
from webapp.visits.models import Visit

LOOK_AHEAD = timedelta(days=45)
"""After the visit: the last survey about it is four weeks later."""
SENDING_AT_MOST = timedelta(hours=12)
"""A mailing that is not done by then is no longer shown as leaving; the list of what went out still says so."""
JUST_SENT = timedelta(minutes=5)
INVITES = ("visit_invitation", "visit_invitation_staff")
SILENT = ("needs-action", "hinted")
"""Silence is never a no, and a tap that was not confirmed is no answer."""


@dataclass
class Mailing:
    """Mails of one kind that left, or will, within one hour; what customers and staff get for one occasion is one kind."""

    notice: type[Notice]
    at: datetime
    customers: int = 0
    staff: int = 0
    others: int = 0
    sent: int = 0
    trouble: int = 0

    @property
    def count(self) -> int:
        return self.customers + self.staff + self.others

    def add(self, notice: type[Notice], at: datetime, count: int, sent: int, trouble: int) -> None:
        readers = {"customer": "customers", "staff": "staff", "survey": "staff"}
        side = readers.get(notice.reader, "others")
        setattr(self, side, getattr(self, side) + count)
        self.at, self.sent, self.trouble = min(self.at, at), self.sent + sent, self.trouble + trouble


@dataclass(frozen=True)
class Sending:
    """How far the last invitations are."""

    released_at: datetime
    total: int
    done: int
    sent: int
    trouble: int
    last_at: datetime | None

    @property
    def over(self) -> bool:
        return self.done >= self.total

    def seconds_left(self, now: datetime) -> int | None:
        """At the speed so far; None while there is none to measure."""
        spent = (now - self.released_at).total_seconds()
        return round(spent / self.done * (self.total - self.done)) + 1 if self.done and spent > 0 else None


class Overview:
    """Everything the page of one visit says, asked once."""

    def __init__(self, visit: Visit, now: datetime):
        self.visit, self.now = visit, now

    @cached_property
    def everybody(self) -> Sequence[Invitation]:
        return Invitation.of_visit(self.visit.id)

    @property
    def asked(self) -> list[Invitation]:
        """Whose invitation stands."""
        return [each for each in self.everybody if each.withdrawn_at is None]

    @cached_property
    def customers(self) -> list[Invitation]:
        return sorted((each for each in self.everybody if each.customer_id), key=_by_answer)

    @cached_property
    def staff(self) -> list[Invitation]:
        return sorted((each for each in self.everybody if each.staff_id), key=_by_answer)

    @property
    def storytellers(self) -> int:
        return sum(each.partstat == "accepted" for each in self._standing(self.customers))

    @property
    def coming(self) -> int:
        return sum(each.partstat == "accepted" for each in self._standing(self.staff))

    @property
    def offered(self) -> int:
        return sum(each.state == "offered" for each in self.staff)

    @property
    def waiting(self) -> int:
        return sum(each.state == "waiting" for each in self.staff)

    @property
    def yes(self) -> int:
        return sum(each.partstat == "accepted" for each in self.asked)

    @property
    def open(self) -> int:
        """Silence is never a no."""
        return sum(each.state in SILENT for each in self.asked)

    @property
    def to_call(self) -> list[Invitation]:
        """Who has no mailbox, and who has not answered when mail asks no more; of a visit that is off, who said yes and
        is not told by mail."""
        return [each for each in self.asked if self._must_be_phoned(each)]

    def _must_be_phoned(self, invitation: Invitation) -> bool:
        if self.visit.cancelled_at is None:
            return invitation.state in SILENT and (invitation.by_phone or invitation.unanswered_at <= self.now)
        address = invitation.person.address
        told = address is not None and address.suppressed_at is None and invitation.stopped_at is None
        return invitation.partstat == "accepted" and not told and self.visit.starts_at > self.now

    @property
    def here(self) -> list[Invitation]:
        """Who was there."""
        return [each for each in self.everybody if each.attendance and each.attendance.present]

    def next_reminder_of(self, invitation: Invitation) -> datetime | None:
        """When this person is reminded next, if nothing changes."""
        if invitation.state not in SILENT or invitation.by_phone or invitation.stopped_at:
            return None
        moments = (invitation.remind_1_at, invitation.remind_2_at)
        return next((at for at in moments if self.now < at < self.visit.starts_at), None)

    @property
    def next_reminder(self) -> datetime | None:
        return min(filter(None, map(self.next_reminder_of, self.asked)), default=None)

    @property
    def last_answer(self) -> int:
        """The newest answer, by number."""
        return max((answer.id for each in self.everybody for answer in each.answers), default=0)

    @staticmethod
    def _standing(invitations: Sequence[Invitation]) -> list[Invitation]:
        return [each for each in invitations if each.withdrawn_at is None]

    # What leaves

    @cached_property
    def held(self) -> list[Invitation]:
        """Invitations that can still be taken back."""
        return [each for each in self.everybody if each.released_at > self.now]

    @property
    def held_until(self) -> datetime | None:
        """Until when something can be undone: invitations, a move, a cancellation."""
        visit = self.visit
        moments = [
            *(each.released_at for each in self.held),
            visit.move_told_at,
            visit.decide_told_at,
            visit.cancel_told_at,
        ]
        return min((at for at in moments if at and at > self.now), default=None)

    @cached_property
    def sending(self) -> Sending | None:
        """The last mailing of invitations, while it leaves and shortly after."""
        mailed = [each for each in self.everybody if not each.by_phone and each.released_at <= self.now]
        if not mailed:
            return None
        released_at = max(each.released_at for each in mailed)
        batch = [each.id for each in mailed if each.released_at == released_at]
        ended = select(Message.end, func.count(), func.max(Message.ended_at)).where(
            Message.notice.in_(INVITES), Message.subject_id.in_(batch), Message.ended_at.is_not(None)
        )  # fmt: skip
        ends = {end: (count, at) for end, count, at in db.session.execute(ended.group_by(Message.end))}
        sending = Sending(
            released_at,
            len(batch),
            sum(count for count, _at in ends.values()),
            ends.get("sent", (0, None))[0],
            sum(ends[end][0] for end in TROUBLE if end in ends),
            max((at for _count, at in ends.values() if at), default=None),
        )
        recent = (sending.last_at or released_at) > self.now - (JUST_SENT if sending.over else SENDING_AT_MOST)
        return sending if recent else None

    @cached_property
    def paused(self) -> Pause | None:
        """A kill switch that holds this visit's mail."""
        scopes = ("all", f"thread:{self.visit.thread}")
        return db.session.scalar(select(Pause).where(Pause.scope.in_(scopes)).order_by(Pause.scope))

    @cached_property
    def went_out(self) -> list[Mailing]:
        """What was planned to leave, the first one first."""
        hour = func.date_trunc("hour", Message.due_at)
        rows = db.session.execute(
            select(
                Message.notice,
                func.min(Message.due_at),
                func.count(),
                func.count().filter(Message.end == "sent"),
                func.count().filter(Message.end.in_(TROUBLE)),
            )
            .where(Message.thread == self.visit.thread)
            .group_by(Message.notice, hour)
        )
        return _folded((Notice.all[name], *rest) for name, *rest in rows if name in Notice.all)

    @cached_property
    def will_go_out(self) -> list[Mailing]:
        """What becomes due if nothing changes: the same questions as the sweep's, with a later clock."""
        until = max(self.visit.ends_at, self.now) + LOOK_AHEAD
        found = []
        for notice in Notice.all.values():
            if notice.thread is None:
                continue
            due = notice.upcoming(self.now, until).subquery()
            rows = select(due.c.due_at, func.count()).where(due.c.thread == self.visit.thread).group_by(due.c.due_at)
            found += [(notice, self.leaves(notice, at), count, 0, 0) for at, count in db.session.execute(rows)]
        return _folded(found)

    def leaves(self, notice: type[Notice], due_at: datetime) -> datetime:
        """When a mail leaves that falls due then: nobody is asked anything at night."""
        return quiet.planned(edge.settings(), notice, self.visit.zone, self.visit.starts_at, due_at)

    @property
    def day_at(self) -> datetime | None:
        """Invitations wait until then, because it is night, or will be when they leave; None: they do not."""
        due_at = max((each.released_at for each in self.held), default=self.now)
        at = self.leaves(VisitInvitation, due_at)
        waiting = self.held or (self.sending and not self.sending.over)
        return at if waiting and at > due_at else None

    @cached_property
    def trouble(self) -> Sequence[Message]:
        """Mails that did not get there, the last one first."""
        troubled = select(Message).where(
            Message.thread == self.visit.thread, Message.end.in_(TROUBLE), Message.settled_at.is_(None)
        )
        found = troubled.options(joinedload(Message.address)).order_by(Message.ended_at.desc())
        return db.session.scalars(found.limit(20)).all()

    def reader_of(self, message: Message) -> Invitation | None:
        """Whom of those asked a mail was to."""
        return next((each for each in self.everybody if each.person.address_id == message.address_id), None)


def _folded(rows: Iterable[Any]) -> list[Mailing]:
    """Rows of (notice, at, count, sent, trouble) by occasion and hour, in order of time."""
    found: dict[tuple[str, datetime], Mailing] = {}
    for notice, at, *counts in sorted(rows, key=lambda row: (row[1], row[0].reader != "customer", row[0].name)):
        occasion = (notice.name.replace("_staff", ""), at.replace(minute=0, second=0, microsecond=0))
        found.setdefault(occasion, Mailing(notice, at)).add(notice, at, *counts)
    return sorted(found.values(), key=lambda mailing: (mailing.at, mailing.notice.name))


ORDER: tuple[State, ...] = (
    "accepted", "offered", "proposed", "willing", "hinted", "tentative", "waiting", "needs-action", "lapsed", "declined",
    "withdrawn",
)  # fmt: skip
"""Who comes first, who is out last."""


def _by_answer(invitation: Invitation) -> tuple[int, str]:
    return ORDER.index(invitation.state), invitation.person.sorting
