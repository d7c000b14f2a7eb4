"""How long things are kept, and the nightly step that lets go of what is older. A setting only ever shortens.

Once a day, from two o'clock on the organisation's clock: a tick does one batch of each kind and writes down how many, the
next one goes on, until nothing is left; then the report of that day is closed. Stopped half-way, it goes on where it was.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp import clock, dates, db, logs
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.hosting.models import Exposure, Incident, Promise
from webapp.invitations.care import Care
from webapp.invitations.models import Attendance, Invitation
from webapp.links import Link
from webapp.mailing import said
from webapp.mailing.models import Said
from webapp.privacy.erasing import erase
from webapp.privacy.records import DataExport, Retention, RetentionReport
from webapp.privacy.registry import REGISTRY, of_table
from webapp.privacy.walking import table
from webapp.surveys.models import Register
from webapp.visits.models import Visit

Kind = Literal["mail", "links", "attendance", "stories", "customers", "audit"]
NIGHT = time(2)
MONTH = timedelta(days=365) / 12


@dataclass(frozen=True)
class Kept:
    """One kind: its usual length, which is the longest, and the shortest that makes sense."""

    kind: Kind
    unit: Literal["days", "months"]
    longest: int
    shortest: int


KINDS: tuple[Kept, ...] = (
    Kept("mail", "days", 30, 1),
    Kept("links", "days", 30, 1),
    Kept("attendance", "months", 12, 1),
    Kept("stories", "months", 6, 1),
    Kept("customers", "months", 12, 1),
    Kept("audit", "months", 24, 6),
)
BATCHES: dict[Kind, int] = {
    "mail": 1_000,
    "links": 1_000,
    "attendance": 500,
    "stories": 100,
    "customers": 50,
    "audit": 500,
}
"""Rows of a kind that one tick lets go of at most."""


def kept() -> dict[Kind, int]:
    """How long each kind is kept here, in its own unit."""
    set_ = {row.kind: row.units for row in db.session.scalars(select(Retention))}
    return {each.kind: min(each.longest, set_.get(each.kind, each.longest)) for each in KINDS}


class TooLong(Exception):
    """Longer than usual, or shorter than makes sense."""


def shorten(kind: Kept, units: int, by: Account, now: datetime) -> None:
    """Keep this kind so long from now on; the usual length is the longest."""
    if not kind.shortest <= units <= kind.longest:
        raise TooLong(kind.kind)
    row = {"kind": kind.kind, "units": units, "set_at": now, "set_by_id": by.id}
    told = insert(Retention).values(row)
    db.session.execute(told.on_conflict_do_update(index_elements=[Retention.kind], set_=row))
    audit.note("changed retention", f"retention-{kind.kind}", by, now, {"units": units})


def before(kind: Kind, now: datetime, lengths: dict[Kind, int] | None = None) -> datetime:
    """What is older than this goes. By the real clock: a demo that runs ahead forgets nothing."""
    units = (lengths or kept())[kind]
    unit = next(each.unit for each in KINDS if each.kind == kind)
    return now - (timedelta(days=units) if unit == "days" else units * MONTH)


# What is old


def _contacts() -> Iterator[tuple[Any, ColumnElement[bool]]]:
    """SQL: every moment of contact with a customer, over all tables whose line in the registry names one."""
    for held in REGISTRY:
        if not held.contact or held.table == "customer":
            continue
        here, theirs = table(held.table), _of_customer(held.table)
        if held.table == "consent":
            theirs &= here.c.ground != "ended"  # the clock said that, and nobody to nobody
        yield here.c[held.contact], theirs
    yield Visit.ends_at, and_(Visit.id == Invitation.visit_id, Invitation.customer_id == Customer.id)


def _of_customer(name: str) -> ColumnElement[bool]:
    """SQL: a row of this table is about `Customer`, by the first of its ways."""
    here = table(name)
    if "customer_id" in here.c:
        return here.c.customer_id == Customer.id
    way = here.c[of_table(name)[0].ways[0]]
    nearer = next(iter(way.foreign_keys)).column
    return way.in_(select(nearer).where(_of_customer(nearer.table.name)).correlate(Customer))


def last_contact() -> ColumnElement[datetime]:
    """SQL: the last moment of contact with a customer."""
    moments = [select(func.max(at)).where(theirs).correlate(Customer).scalar_subquery() for at, theirs in _contacts()]
    return func.greatest(Customer.added_at, *moments)


def old_customers(until: datetime) -> Select[Any]:
    """Customers with whom there was no contact since then; who tells a story that is shared stays."""
    story = table("story")
    shared = exists().where(
        story.c.customer_id == Customer.id, story.c.shared_at.is_not(None), story.c.withdrawn_at.is_(None)
    )
    since = [exists(select(1).where(theirs, at >= until).correlate(Customer)) for at, theirs in _contacts()]
    return select(Customer).where(
        Customer.erased_at.is_(None), Customer.added_at < until, ~shared, *(~each for each in since)
    )


def old_attendance(until: datetime) -> Select[Any]:
    old = select(Attendance).join(Attendance.invitation).join(Invitation.visit)
    return old.where(Visit.ends_at < until)


def old_links(until: datetime) -> Select[Any]:
    """Of visits that are over. What stands under every mail goes on: whoever wants to stop mail, can."""
    of_visit = {
        "answer": select(Invitation.id).join(Invitation.visit),
        "survey": select(Register.id).join(Register.invitation).join(Invitation.visit),
        "host": select(Visit.id),
    }
    old = [
        and_(Link.scope == scope, Link.subject_id.in_(found.where(Visit.ends_at < until)))
        for scope, found in of_visit.items()
    ]
    return select(Link).where(Link.expires_at.is_(None), or_(*old))


def old_stories(until: datetime) -> Any:
    """Told or begun, and shared with nobody since."""
    story = table("story")
    return and_(
        story.c.shared_at.is_(None),
        func.greatest(story.c.begun_at, story.c.told_at, story.c.approved_at, story.c.amended_at) < until,
    )


# Letting go, a batch at a time; each returns how many


def _mail(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    return said.wipe(until, BATCHES["mail"])


def _links(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    going = old_links(until).with_only_columns(Link.selector).limit(BATCHES["links"])
    closing = update(Link).where(Link.selector.in_(going)).values(expires_at=now).returning(Link.selector)
    return len(db.session.scalars(closing.execution_options(synchronize_session=False)).all())


def _attendance(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    """Who came is no longer kept; how many came is."""
    rows = db.session.scalars(old_attendance(until).order_by(Attendance.id).limit(BATCHES["attendance"])).all()
    counts: dict[int, dict[str, int]] = {}
    for each in rows:
        audience = "customer" if each.invitation.customer_id else "staff"
        of_visit = counts.setdefault(each.invitation.visit_id, {})
        name = audience if each.present else f"{audience}_absent"
        of_visit[name] = of_visit.get(name, 0) + 1
    for visit_id, came in sorted(counts.items()):
        visit = db.session.get_one(Visit, visit_id, with_for_update={"of": Visit}, populate_existing=True)
        so_far = visit.came or {}
        visit.came = {name: so_far.get(name, 0) + came.get(name, 0) for name in {**so_far, **came}}
    db.session.execute(delete(Attendance).where(Attendance.id.in_([each.id for each in rows])))
    over = select(Invitation.id).join(Invitation.visit).where(Visit.ends_at < until)
    db.session.execute(delete(Care).where(Care.invitation_id.in_(over)))
    then = select(Visit.id).where(Visit.ends_at < until)
    db.session.execute(delete(Promise).where(Promise.visit_id.in_(then)))
    db.session.execute(delete(Incident).where(Incident.visit_id.in_(then)))
    db.session.execute(update(Exposure).where(Exposure.visit_id.in_(then)).values(debrief=""))
    return len(rows)


def _stories(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    story = table("story")
    going = select(story.c.id).where(old_stories(until)).order_by(story.c.id).limit(BATCHES["stories"])
    return len(db.session.execute(delete(story).where(story.c.id.in_(going)).returning(story.c.id)).all())


def _customers(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    going = (
        old_customers(until)
        .order_by(Customer.id)
        .limit(BATCHES["customers"])
        .with_for_update(of=Customer, skip_locked=True)
    )
    found = db.session.scalars(going).all()
    for each in found:
        erase(each, "clock", None, now, keys)
    return len(found)


def _audit(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    return audit.cut(until, now, BATCHES["audit"])


def _exports(until: datetime, now: datetime, keys: Sequence[str]) -> int:
    """Files that were made for somebody are there for a week."""
    old = and_(DataExport.content.is_not(None), DataExport.expires_at < now)
    return len(db.session.scalars(update(DataExport).where(old).values(content=None).returning(DataExport.id)).all())


LETTING_GO: dict[Kind, Callable[[datetime, datetime, Sequence[str]], int]] = {
    "mail": _mail,
    "links": _links,
    "attendance": _attendance,
    "stories": _stories,
    "customers": _customers,
    "audit": _audit,
}


# The night


def nightly(now: datetime, keys: Sequence[str]) -> None:
    """A step of every tick. By the real clock: a demo that runs ahead forgets nothing."""
    night(min(now, clock.real()), keys)


def night(now: datetime, keys: Sequence[str]) -> RetentionReport | None:
    """One batch of every kind, once the night has begun and until nothing is left; None: not now."""
    organisation = Organisation.current()
    if organisation is None:
        return None
    local = dates.local(now, organisation.zone)
    if local.time() < NIGHT:
        return None
    report = _begun(local.date(), now)
    if report is None:
        return None
    counts, lengths, left = dict(report.counts), kept(), False
    for kind, let_go in LETTING_GO.items():
        done = _tried(kind, lambda let_go=let_go, kind=kind: let_go(before(kind, now, lengths), now, keys), counts)  # type: ignore[misc]  # the loop's own values
        counts[kind] = counts.get(kind, 0) + done
        left |= done >= BATCHES[kind]
    counts["exports"] = counts.get("exports", 0) + _exports(now, now, keys)
    report.counts = counts
    if not left:
        report.done_at = now
        numbers = {name: number for name, number in counts.items() if number}
        audit.note("retention", f"night-{report.day.isoformat()}", None, now, numbers)
        audit.anchor()
        old = RetentionReport.begun_at < before("audit", now, lengths)
        db.session.execute(delete(RetentionReport).where(old))
    db.session.flush()
    return report


def _begun(day: date, now: datetime) -> RetentionReport | None:
    """The open report of this day, ours for this transaction; None: it is closed, or somebody else has it."""
    last = db.session.scalar(select(RetentionReport).where(RetentionReport.day == day))
    if last is not None and last.done_at is not None:
        return None
    new = insert(RetentionReport).values(day=day, begun_at=now, counts={})
    db.session.execute(new.on_conflict_do_nothing())
    mine = select(RetentionReport).where(RetentionReport.day == day, RetentionReport.done_at.is_(None))
    return db.session.scalar(mine.with_for_update(skip_locked=True))


def _tried(kind: Kind, let_go: Callable[[], int], counts: dict[str, Any]) -> int:
    """One kind that fails keeps none of the others, and stands in the report."""
    try:
        with db.session.begin_nested():
            return let_go()
    except Exception as error:
        logs.failed("retention failed", error, kind=kind)
        counts["failed"] = sorted({*counts.get("failed", []), kind})
        return 0


# What comes


@dataclass(frozen=True)
class Coming:
    """What the coming days will let go of, by kind; of customers also who, and when."""

    counts: dict[Kind, int]
    customers: list[tuple[Customer, datetime]]


AHEAD = timedelta(days=30)
NAMED_AT_MOST = 50
COUNTED_TO = 1_000


def coming(now: datetime) -> Coming:
    """If nothing changes: what goes in the coming thirty days. More than a thousand are not counted."""
    lengths = kept()
    until = {kind: before(kind, now + AHEAD, lengths) for kind in LETTING_GO}
    story = table("story")
    found: dict[Kind, Select[Any]] = {
        "mail": select(Said.message_id).where(Said.at < until["mail"]),
        "links": old_links(until["links"]).with_only_columns(Link.selector),
        "attendance": old_attendance(until["attendance"]).with_only_columns(Attendance.id),
        "stories": select(story.c.id).where(old_stories(until["stories"])),
        "customers": old_customers(until["customers"]).with_only_columns(Customer.id),
        "audit": select(audit.AuditEntry.id).where(audit.AuditEntry.at < until["audit"]),
    }
    counts = {kind: _at_most(query) for kind, query in found.items()}
    last = last_contact()
    going = old_customers(until["customers"]).add_columns(last).order_by(last, Customer.id).limit(NAMED_AT_MOST)
    named = [
        (customer, max(now, at + (now - before("customers", now, lengths))))
        for customer, at in db.session.execute(going)
    ]
    return Coming(counts, named)


def _at_most(query: Select[Any]) -> int:
    some = query.limit(COUNTED_TO + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def reports(limit: int = 30) -> Sequence[RetentionReport]:
    """The last nights, the newest first."""
    return db.session.scalars(select(RetentionReport).order_by(RetentionReport.day.desc()).limit(limit)).all()
