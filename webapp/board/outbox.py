"""The outbox: what will leave, what is leaving, what left, and what did not and why; each mail as it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import joinedload

from webapp import clock, dates, db
from webapp.accounts.models import Account
from webapp.board.outcomes import Outcome, Pauses, of, title
from webapp.board.saying import wall
from webapp.customers.models import Customer
from webapp.mailing.by_hand import TROUBLE
from webapp.mailing.models import Address, Dispatch, Message, Pause, Said
from webapp.staff.models import StaffMember
from webapp.stages.rule import at_most, counted
from webapp.templating import language
from webapp.visits.models import Visit

ON_A_PAGE = 50
STATES = ("planned", "leaving", "sent", "failed", "not_sent")
NOT_SENT = ("superseded", "cancelled", "suppressed", "expired", "not_needed", "held")
PERSONS_NAMED = 3


@dataclass(frozen=True)
class Line:
    """One mail on the page: when, to whom, which kind, and how it stands."""

    message: Message
    to: str
    title: str
    about: str
    outcome: Outcome

    @property
    def at(self) -> datetime:
        """When it left, ended or was written down, on the organisation's clock."""
        message = self.message
        return wall(message.accepted_at or message.ended_at or message.planned_at)

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def can_try_again(self) -> bool:
        return self.message.end in ("failed", "unknown", "bounced", "cancelled")

    @property
    def can_stop(self) -> bool:
        return self.message.dispatch is not None and self.message.dispatch.state == "queued"


def pauses() -> Pauses:
    """What is held back now, by scope."""
    return {pause.scope: pause for pause in db.session.scalars(select(Pause).order_by(Pause.at))}


def in_state(state: str) -> ColumnElement[bool] | None:
    """SQL: messages in one of STATES; None for all."""
    match state:
        case "leaving":
            return Message.id.in_(select(Dispatch.message_id))
        case "sent":
            return Message.end.in_(("sent", "delayed"))
        case "failed":
            return Message.unsent.in_(TROUBLE)
        case "not_sent":
            return Message.unsent.in_(NOT_SENT)
        case _:
            return None


def messages(state: str = "", notice: str = "", thread: str = "") -> Select[Any]:
    """The last one first."""
    query = select(Message).order_by(Message.id.desc())
    if (wanted := in_state(state)) is not None:
        query = query.where(wanted)
    if notice:
        query = query.where(Message.notice == notice)
    return query.where(Message.thread == thread) if thread else query


def page(query: Select[Any], before: int | None) -> tuple[Sequence[Message], int | None]:
    """The next so many, from before the message with that id; and the id the following page begins before."""
    if before is not None:
        query = query.where(Message.id < before)
    query = query.options(joinedload(Message.dispatch), joinedload(Message.address))
    found = db.session.scalars(query.limit(at_most(ON_A_PAGE + 1))).all()
    more = len(found) > ON_A_PAGE
    return found[:ON_A_PAGE], found[ON_A_PAGE - 1].id if more else None


def counts() -> dict[str, int]:
    """How many in each state; more than a thousand are not counted."""
    found = {state: in_state(state) for state in STATES if state != "planned"}
    return {state: counted(select(Message.id).where(where)) for state, where in found.items() if where is not None}


def lines(found: Sequence[Message], now: datetime, held: Pauses) -> list[Line]:
    names = _names(found)
    days = visit_days({message.thread for message in found if message.thread})
    return [
        Line(
            message,
            names[message.id],
            title(message.notice),
            days.get(message.thread or "", ""),
            of(message, held, now),
        )
        for message in found
    ]


def _names(found: Sequence[Message]) -> dict[int, str]:
    """To whom each is: as the mail itself says, else who reads that mailbox."""
    to_name = select(Said.message_id, Said.own["to_name"].astext).where(
        db.among(Said.message_id, [message.id for message in found])
    )
    said: dict[int, str] = {row[0]: row[1] for row in db.session.execute(to_name)}
    known = people({message.address_id for message in found if not said.get(message.id)})
    return {
        message.id: said.get(message.id) or ", ".join(known.get(message.address_id, ())) or message.address.email
        for message in found
    }


def people(addresses: set[int]) -> dict[int, list[str]]:
    """Who reads these mailboxes, by name."""
    found: dict[int, list[str]] = {}
    if not addresses:
        return found
    customers = select(Customer).where(Customer.address_id.in_(addresses)).order_by(Customer.sorting)
    staff = select(StaffMember).where(StaffMember.address_id.in_(addresses)).order_by(StaffMember.sorting)
    for person in (*db.session.scalars(customers), *db.session.scalars(staff)):
        if person.address_id is not None and len(found.setdefault(person.address_id, [])) < PERSONS_NAMED:
            found[person.address_id].append(person.name.full)
    for account in db.session.scalars(select(Account).where(Account.address_id.in_(addresses))):
        found.setdefault(account.address_id, [account.name])
    return found


def visit_days(threads: set[str]) -> dict[str, str]:
    """The day of each visit, by its thread: `do 3 dec`."""
    ids = [int(thread.removeprefix("visit-")) for thread in threads if thread.removeprefix("visit-").isdigit()]
    rows = db.session.execute(select(Visit.id, Visit.wall).where(Visit.id.in_(ids))) if ids else ()
    today = wall(clock.now()).date()
    return {f"visit-{id}": dates.day_short(at, language(), today) for id, at in rows}


def last_accepted() -> datetime | None:
    """When the mail server last took a mail."""
    last = select(Message.accepted_at).where(Message.accepted_at.is_not(None)).order_by(Message.id.desc()).limit(1)
    return db.session.scalar(last)


def per_day(due: Sequence[tuple[datetime, int]], now: datetime, days: int) -> list[tuple[date, int]]:
    """Mails per day from today on."""
    first = wall(now).date()
    count: dict[date, int] = {first + timedelta(days=n): 0 for n in range(days)}
    for at, number in due:
        day = max(wall(at).date(), first)
        if day in count:
            count[day] += number
    return list(count.items())


def trouble() -> ColumnElement[bool]:
    """SQL: went wrong, and nobody has seen to it."""
    return and_(Message.unsent.in_(TROUBLE), Message.settled_at.is_(None))


def named(addresses: set[int]) -> dict[int, str]:
    """One name for each of these mailboxes: who reads it, or the address."""
    known = people(addresses)
    mails = select(Address.id, Address.email).where(Address.id.in_(addresses))
    return {id: (known.get(id) or [email])[0] for id, email in db.session.execute(mails)} if addresses else {}
