"""Who is about to be invited, who is left out and why, and sending it: rows that wait for the hold to pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.accounts.models import Account
from webapp.customers import asks
from webapp.customers.asks import Ask
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.invitations.models import Invitation
from webapp.staff.models import StaffMember
from webapp.visits import wall
from webapp.visits.models import Visit

REMIND_1_AFTER, REMIND_2_AFTER, UNANSWERED_AFTER = 3, 7, 8
"""Working days after the invitation."""
LATER = time(8, 30)
"""When mail leaves that is sent tomorrow."""

Person = Customer | StaffMember
Why = asks.Why | Literal["invited", "taken_back", "left", "host"]


@dataclass(frozen=True)
class LeftOut:
    """Somebody chosen who gets no invitation, and why."""

    person: Person
    why: Why
    since: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def may_be_overridden(self) -> bool:
        return self.why in asks.MENDABLE


@dataclass(frozen=True)
class Selection:
    """What pressing the button would do now: who gets mail, who is phoned, who is left out."""

    by_mail: Sequence[Person]
    by_phone: Sequence[Person]
    left_out: Sequence[LeftOut]
    overridden: Mapping[int, asks.MayNotAsk]
    """What the organiser asks over, by customer."""

    @classmethod
    def of(cls, visit: Visit, now: datetime) -> "Selection":
        """Of a visit's draft; people erased since are in none of the three."""
        invited = {(i.customer_id, i.staff_id): i for i in _invitations(visit)}
        chosen = [(person, _left_out(person, visit, invited)) for person in _chosen(visit)]
        open_to = [person for person, left_out in chosen if left_out is None and isinstance(person, Customer)]
        against, anyway = asks.limits(open_to, now), visit.anyway
        by_limit = {
            id: LeftOut(person, limit.why, limit.facts.get("since"), limit.facts)
            for id, person in ((each.id, each) for each in open_to)
            if (limit := against.get(id)) is not None and id not in anyway
        }
        chosen = [
            (person, left_out or (by_limit.get(person.id) if isinstance(person, Customer) else None))
            for person, left_out in chosen
        ]
        asked = [person for person, left_out in chosen if left_out is None]
        return cls(
            by_mail=[person for person in asked if _mailable(person)],
            by_phone=[person for person in asked if not _mailable(person)],
            left_out=[left_out for _, left_out in chosen if left_out],
            overridden={id: limit for id, limit in against.items() if id in anyway},
        )

    def __len__(self) -> int:
        return len(self.by_mail) + len(self.by_phone)


def invite(visit: Visit, now: datetime, hold: timedelta, by: Account | None) -> int:
    """Everybody of the draft who may be asked gets an invitation, which leaves after the hold; returns how many.

    Twice, from two tabs or by two organisers, invites nobody twice: the visit's row is locked, the second finds no draft.
    """
    db.session.execute(select(Visit.id).where(Visit.id == visit.id).with_for_update())
    db.session.refresh(visit, ["draft", "cancelled_at"])
    if visit.cancelled_at is not None or visit.starts_at <= now:
        return 0
    asks.hold_all((visit.draft or {}).get("customers", []))
    selection, anyway = Selection.of(visit, now), visit.anyway
    released_at = now + hold
    same = {
        "visit_id": visit.id,
        "invited_at": now,
        "invited_by_id": by.id if by else None,
        "released_at": released_at,
        "remind_1_at": wall.working_days_later(released_at, REMIND_1_AFTER, visit.zone),
        "remind_2_at": wall.working_days_later(released_at, REMIND_2_AFTER, visit.zone),
        "unanswered_at": wall.working_days_later(released_at, UNANSWERED_AFTER, visit.zone),
    }
    rows = [
        {
            **same,
            "customer_id": person.id if isinstance(person, Customer) else None,
            "staff_id": person.id if isinstance(person, StaffMember) else None,
            "by_phone": by_phone,
            "calendar_uid": uuid4(),
        }
        for people, by_phone in ((selection.by_mail, False), (selection.by_phone, True))
        for person in people
    ]
    visit.draft = None
    if not rows:
        return 0
    visit.invited_at = visit.invited_at or now
    asked = [person for person in (*selection.by_mail, *selection.by_phone) if isinstance(person, Customer)]
    Ask.take_all(asked, "visit", by, now, visit.thread, {id: anyway[id] for id in selection.overridden})
    for id, against in selection.overridden.items():
        asks.note_override(id, against, by, now)
    new = insert(Invitation).on_conflict_do_nothing().returning(Invitation.id)
    return len(db.session.scalars(new, rows).all())


def until_tomorrow(visit: Visit, now: datetime) -> timedelta:
    """The hold of invitations that leave tomorrow morning, on the venue's clock."""
    return wall.days_later(now, 1, visit.zone, LATER) - now


def undo_invite(visit: Visit, now: datetime) -> int:
    """Within the hold: what has not been released goes back into the draft; returns how many."""
    held = (
        delete(Invitation)
        .where(
            Invitation.visit_id == visit.id,
            Invitation.released_at > now,
            Invitation.partstat == "needs-action",
            Invitation.answered_at.is_(None),
        )
        .returning(Invitation.customer_id, Invitation.staff_id)
    )
    back = db.session.execute(held).all()
    draft: dict[str, Any] = visit.draft or {"customers": [], "staff": []}
    if back:
        customers = [row.customer_id for row in back if row.customer_id]
        reasons = visit.anyway | _never_asked(visit, customers)
        visit.choose(
            [*draft["customers"], *customers], [*draft["staff"], *(row.staff_id for row in back if row.staff_id)]
        )
        visit.ask_anyway(reasons)
    if not _invitations(visit):
        visit.invited_at = None
    return len(back)


def _never_asked(visit: Visit, customer_ids: Sequence[int]) -> dict[int, str]:
    """Nothing left, so nobody was asked; returns why somebody would have been, although something was against it."""
    mine = (Ask.kind == "visit", Ask.about == visit.thread, db.among(Ask.customer_id, customer_ids))
    gone = db.session.execute(delete(Ask).where(*mine).returning(Ask.customer_id, Ask.reason)).all()
    return {row.customer_id: row.reason for row in gone if row.reason}


def not_invited(visit: Visit) -> tuple[list[Customer], list[StaffMember]]:
    """Who could still be invited: customers who may be asked, and everybody who works here but the host."""
    theirs = _invitations(visit)
    customers = select(Customer).where(
        Customer.may_be_asked(), Customer.id.not_in([each.customer_id for each in theirs if each.customer_id])
    )
    staff = select(StaffMember).where(
        StaffMember.left_at.is_(None),
        StaffMember.id.not_in([visit.host_id, *(each.staff_id for each in theirs if each.staff_id)]),
    )
    return (
        list(db.session.scalars(customers.order_by(Customer.sorting, Customer.id))),
        list(db.session.scalars(staff.order_by(StaffMember.sorting, StaffMember.id))),
    )


def worst_first(people: Sequence[Person], locale: str) -> list[Person]:
    """In order of name, save that the first one shown is the hardest to get right: another language, the longest name."""
    ordered = sorted(people, key=lambda person: (isinstance(person, StaffMember), person.sorting))
    if not ordered:
        return []
    worst = max(ordered, key=lambda person: (_locale(person) != locale, person.name.length))
    return [worst, *(person for person in ordered if person is not worst)]


def _chosen(visit: Visit) -> list[Person]:
    draft = visit.draft or {"customers": [], "staff": []}
    customers = db.session.scalars(
        select(Customer)
        .where(Customer.id.in_(draft["customers"]))
        .options(selectinload(Customer.consents), selectinload(Customer.contacts))
        .order_by(Customer.sorting, Customer.id)
    )
    staff = db.session.scalars(
        select(StaffMember).where(StaffMember.id.in_(draft["staff"])).order_by(StaffMember.sorting, StaffMember.id)
    )
    return [*customers, *staff]


def _invitations(visit: Visit) -> Sequence[Invitation]:
    return db.session.scalars(select(Invitation).where(Invitation.visit_id == visit.id)).all()


def _left_out(person: Person, visit: Visit, invited: dict[tuple[int | None, int | None], Invitation]) -> LeftOut | None:
    """Why this person is not asked; None: they are. What they said themselves comes before what we lack."""
    if isinstance(person, Customer):
        already = invited.get((person.id, None))
        if person.ground not in MAY_BE_ASKED:
            return LeftOut(person, person.ground)  # type: ignore[arg-type]  # a Ground that is a Why
    else:
        already = invited.get((None, person.id))
        if person.left_at is not None:
            return LeftOut(person, "left", person.left_at)
        if person.id == visit.host_id:
            return LeftOut(person, "host")
    if already is not None:
        return LeftOut(person, "taken_back" if already.withdrawn_at else "invited", already.invited_at)
    address = person.address
    if address is None:
        return None if person.phone else LeftOut(person, "no_address")
    if "invitations" in address.unwanted:
        return LeftOut(person, "unwanted", address.unwanted_since["invitations"])
    if address.suppressed_at is None or (address.suppressed_why == "bounce" and person.phone):
        return None
    return LeftOut(person, address.suppressed_why, address.suppressed_at)  # type: ignore[arg-type]  # a SuppressionReason


def _mailable(person: Person) -> bool:
    return person.address is not None and person.address.suppressed_at is None


def _locale(person: Person) -> str:
    return person.address.locale if person.address else "nl"
