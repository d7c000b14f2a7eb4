"""To erase a person: what is only about them goes, what is counted stays without them, and their mailbox is remembered
as a hash. The mailbox itself goes when the last mail to it has left; who else reads it keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Text, cast, delete, exists, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.mailing import erased
from webapp.mailing.ending import end
from webapp.mailing.models import Address, DeliveryEvent, Dispatch, Message, Said, SharedContent, Suppression
from webapp.mailing.notices import Refusal
from webapp.privacy.records import By, Erasure
from webapp.privacy.registry import NOBODY, Held, Kind
from webapp.privacy.walking import Person, about, table, walk
from webapp.staff.models import StaffMember
from webapp.telling.models import Telling
from webapp.visits.models import Visit

RECEIPT = "erased_receipt"
WAITS_FOR_RECEIPT = timedelta(days=7)
"""A mailbox that cannot be reached is wiped all the same."""
AT_ONCE = 100

Whom = Customer | StaffMember | Account


class StillHere(Exception):
    """Who works here, or signs in, is not erased: first they leave."""


def erase(whom: Whom, by: By, account: Account | None, now: datetime, keys: Sequence[str]) -> Erasure:
    """Everything about this person, by the person themselves, an organiser, or the clock. Twice is once."""
    if (isinstance(whom, StaffMember) and whom.left_at is None) or (isinstance(whom, Account) and not whom.disabled_at):
        raise StillHere
    return _Erasing(whom, by, account, now, keys).run()


@dataclass
class _Erasing:
    whom: Whom
    by: By
    account: Account | None
    now: datetime
    keys: Sequence[str]

    def run(self) -> Erasure:
        whom, address = self.whom, self.whom.address
        kind: Kind = whom.__tablename__  # type: ignore[assignment]  # one of the three
        alone = address is not None and not readers_besides(whom, address)
        ids: dict[Kind, Sequence[int]] = {kind: [whom.id]}
        if alone and address is not None:
            ids["address"] = [address.id]
        salutation = (
            whom.name.salutation("en" if address and address.locale == "en" else "nl")
            if isinstance(whom, Customer)
            else ""
        )
        tell = isinstance(whom, Customer) and address is not None and self._may_be_told(address)
        if isinstance(whom, Customer) and address is not None:
            erased.remember(erased.person(address.email, whom.name.full), self.keys, self.now)
        self._leave_visits()
        person = Person(ids)
        self._stop_mail(person)
        self._unsay(person)
        for held, rows in walk(person):
            if held.table != "address":  # it waits for the last mail
                apply(held, rows)
        if not isinstance(whom, Account):
            db.session.execute(update(type(whom)).where(type(whom).id == whom.id).values(erased_at=self.now))
        if alone and address is not None:
            erased.remember(address.email, self.keys, self.now)
            address.suppress("erased", self.now)
        done = Erasure(
            kind=kind, by=self.by, account_id=self.account.id if self.account else None, at=self.now, alone=alone, tell=tell,
            address_id=address.id if address else None, salutation=salutation if tell else "",
        )  # fmt: skip
        db.session.add(done)
        audit.note("erased", f"{kind.partition('_')[0]}-{whom.id}", self.account, self.now, {"by": self.by})
        db.session.flush()
        db.session.expire_all()
        return done

    def _may_be_told(self, address: Address) -> bool:
        """The last mail leaves to who asked for it; asked by somebody else, not to who wants no mail."""
        if self.by == "clock" or address.suppressed_why in ("bounce", "complaint"):
            return False
        return self.by == "person" or address.suppressed_at is None

    def _leave_visits(self) -> None:
        """A seat they had goes to who waits; no draft names them any more."""
        if isinstance(self.whom, Account):
            return
        mine = Invitation.customer_id if isinstance(self.whom, Customer) else Invitation.staff_id
        ahead = select(Invitation).join(Invitation.visit).where(mine == self.whom.id, Visit.starts_at > self.now)
        for invitation in db.session.scalars(ahead.order_by(Invitation.visit_id)).all():
            invitation.withdraw(self.now)
        part = "customers" if isinstance(self.whom, Customer) else "staff"
        drafts = select(Visit).where(Visit.draft[part].op("@>")(cast([self.whom.id], JSONB))).with_for_update(of=Visit)
        for visit in db.session.scalars(drafts).all():
            left = {
                name: [id for id in chosen if name != part or id != self.whom.id]
                for name, chosen in (visit.draft or {}).items()
            }
            visit.draft = left

    def _stop_mail(self, person: Person) -> None:
        """What was planned for them ends here, with the reason. What is leaving at this moment leaves."""
        mine = about("message", person)
        if mine is None:
            return
        queued = select(Message).join(Dispatch).where(Message.end.is_(None), Dispatch.state == "queued", _orm(mine))
        for message in db.session.scalars(queued.with_for_update(of=Dispatch)).all():
            end(message, Refusal("cancelled", "erased"), self.now)
        db.session.flush()

    def _unsay(self, person: Person) -> None:
        """Mail to others may name them: what was said about their visits is forgotten, whoever read it."""
        mine = about("invitation", person)
        threads = (
            []
            if mine is None
            else [f"visit-{id}" for id in db.session.scalars(select(Invitation.visit_id).where(mine))]
        )
        forget_said(select(Message.id).where(Message.thread.in_(threads)))
        if (messages := about("message", person)) is not None:
            forget_said(select(Message.id).where(_orm(messages)))


def forget_said(messages: Any) -> None:
    """What these mails said, and with the last of them what they said alike."""
    going = delete(Said).where(Said.message_id.in_(messages)).returning(Said.shared_id)
    shared = set(db.session.scalars(going))
    unused = (SharedContent.id.in_(shared), ~exists().where(Said.shared_id == SharedContent.id))
    db.session.execute(delete(SharedContent).where(*unused))


def apply(held: Held, rows: Any) -> int:
    """Do to these rows what the registry says; returns how many."""
    here = table(held.table)
    if held.only:
        rows = rows & here.c[held.only].is_not(None)
    if held.erase == "delete":
        return _count(db.session.execute(delete(here).where(rows)))
    if held.erase == "blank":
        return _count(
            db.session.execute(update(here).where(rows).values({name: blank(held, name) for name in held.columns}))
        )
    return 0


def blank(held: Held, name: str) -> Any:
    """What is written over this column."""
    column = table(held.table).c[name]
    if name in held.blank:
        return held.blank[name]
    if column.nullable:
        return null()
    return "" if isinstance(column.type, Text) else b""


def readers_besides(whom: Whom, address: Address) -> bool:
    """Whether somebody else reads this mailbox: the other one of a couple, a customer who also works or signs in here."""
    others = [
        select(Customer.id).where(Customer.address_id == address.id, *_but(whom, Customer)),
        select(StaffMember.id).where(StaffMember.address_id == address.id, *_but(whom, StaffMember)),
        select(Account.id).where(Account.address_id == address.id, Account.name != NOBODY, *_but(whom, Account)),
    ]
    return any(db.session.scalar(each.limit(1)) is not None for each in others)


def _but(whom: Whom, kind: Any) -> tuple[Any, ...]:
    return (kind.id != whom.id,) if isinstance(whom, kind) else ()


def wipe_mailboxes(now: datetime) -> int:
    """A step of every tick: the last mail has left, or never will; the mailbox it went to is forgotten. Returns how many."""
    told = select(Message.id).where(
        Message.notice == RECEIPT, Message.subject_id == Erasure.id, Message.end.is_not(None)
    )
    ready = or_(Erasure.tell.is_(False), exists(told), Erasure.at < now - WAITS_FOR_RECEIPT)
    open_ = select(Erasure).where(Erasure.wiped_at.is_(None), ready).order_by(Erasure.id).limit(AT_ONCE)
    found = db.session.scalars(open_.with_for_update(skip_locked=True)).all()
    for each in found:
        _wipe(each, now)
    return len(found)


def _wipe(each: Erasure, now: datetime) -> None:
    receipt = select(Message.id).where(Message.notice == RECEIPT, Message.subject_id == each.id)
    going = (
        receipt
        if not each.alone
        else select(Message.id).where(or_(Message.id.in_(receipt), Message.address_id == each.address_id))
    )
    forget_said(going)
    db.session.execute(update(Message).where(Message.id.in_(going)).values(reply=None, why_facts=null()))
    db.session.execute(update(DeliveryEvent).where(DeliveryEvent.message_id.in_(going)).values(detail=None))
    if each.alone and each.address_id is not None and not _read_again(each.address_id):
        nobody = func.concat(Address.id, "@erased.invalid")
        shell = {"email": nobody, "unwanted": {}, "suppressed_why": "erased"}
        db.session.execute(update(Address).where(Address.id == each.address_id).values(shell))
        db.session.execute(delete(Suppression).where(Suppression.address_id == each.address_id))
    each.salutation, each.address_id, each.wiped_at = "", None, now


def _read_again(address_id: int) -> bool:
    """Somebody was put at this mailbox since, or tells us something: it is theirs now, and still no mail leaves to it
    before they ask."""
    readers = [select(each.id).where(each.address_id == address_id) for each in (Customer, StaffMember, Telling)]
    return any(db.session.scalar(each.limit(1)) is not None for each in readers)


def _orm(rows: Any) -> Any:
    return Message.id.in_(select(table("message").c.id).where(rows))


def _count(result: Any) -> int:
    assert isinstance(result, CursorResult)
    return result.rowcount
