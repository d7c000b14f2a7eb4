"""An import undone: who was new goes, who was changed gets back what they had, who has been invited since stays."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select
from sqlalchemy.orm import aliased

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.customers.models import Consent, Customer
from webapp.db import Base
from webapp.imports.bulk import one_of
from webapp.imports.known import Known, KnownCustomers, KnownStaff
from webapp.imports.models import Import, ImportRow
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember, Team


def ask_to_undo(of: Import, account: Account, now: datetime) -> None:
    """Somebody pressed the button, within its day."""
    if of.can_be_undone(now):
        of.undo_asked_at, of.undo_by = now, account


def undo(of: Import, now: datetime) -> None:
    """Take back an import of which that was asked. A second time does nothing."""
    if of.undo_by is None or of.undone_at is not None:
        return
    _put_back(of)
    _unsay(of, of.undo_by, now)
    _remove(of)
    of.undone_at = now
    audit.note(f"import of {of.kind} undone", f"import-{of.id}", of.undo_by, now)
    db.session.flush()
    db.session.expire_all()


def stayed(of: Import) -> Select[Any]:
    """The people who were new and could not go, because something has happened with them since."""
    noun, column = _person(of)
    return select(noun).where(noun.id.in_(select(column).where(ImportRow.import_id == of.id, ImportRow.state == "new")))


def _person(of: Import) -> tuple[Any, Any]:
    return (Customer, ImportRow.customer_id) if of.kind == "customers" else (StaffMember, ImportRow.staff_id)


def _put_back(of: Import) -> None:
    """Give back what was changed, the last change first, save where somebody changed it again since."""
    known: type[Known] = KnownCustomers if of.kind == "customers" else KnownStaff
    noun, _column = _person(of)
    changed = of.rows().where(ImportRow.before.is_not(None)).order_by(None).order_by(ImportRow.line.desc())
    for row in db.session.scalars(changed).all():
        before = row.before or {}
        for person in known.met(noun.id == (row.customer_id or row.staff_id)) if before else ():
            ours = {field: old for field, old in before.items() if person.says[field] == row.changes[field][1]}
            known.write(db.session.get_one(noun, person.id), ours)
    db.session.flush()


def _unsay(of: Import, account: Account, now: datetime) -> None:
    """Who was known before may be asked on the ground they had, unless they said something since."""
    if of.kind != "customers":
        return
    ours, later = aliased(Consent), aliased(Consent)
    already = select(ImportRow.customer_id).where(ImportRow.import_id == of.id, ImportRow.state != "new")
    new = exists().where(
        ImportRow.import_id == of.id, ImportRow.state == "new", ImportRow.customer_id == ours.customer_id
    )
    said = select(ours).where(
        ours.customer_id.in_(already), ~new, ours.channel == "import", ours.at == of.applied_at,
        ~exists().where(later.customer_id == ours.customer_id, later.use == ours.use, later.id > ours.id),
    )  # fmt: skip
    for consent in db.session.scalars(said).all():
        earlier = db.session.scalar(
            select(Consent)
            .where(Consent.customer_id == consent.customer_id, Consent.use == consent.use, Consent.id < consent.id)
            .order_by(Consent.id.desc())
            .limit(1)
        )
        db.session.add(
            Consent(
                customer_id=consent.customer_id, ground=earlier.ground if earlier else "not_yet",
                wording=earlier.wording if earlier else "", locale=earlier.locale if earlier else consent.locale,
                channel="import", recorded_by_id=account.id, at=now, version=earlier.version if earlier else 0,
                expires_at=earlier.expires_at if earlier else None,
            )
        )  # fmt: skip
    db.session.flush()


def _remove(of: Import) -> None:
    """Remove who was new and with whom nothing has happened, their addresses, and the teams made for them."""
    noun, column = _person(of)
    new = select(column).where(ImportRow.import_id == of.id, ImportRow.state == "new")
    nothing_since = ~referred_to(noun.id, but=("consent", "import_row"))
    if noun is Customer:
        nothing_since &= ~exists().where(Consent.customer_id == Customer.id, Consent.at != of.applied_at)
    going = delete(noun).where(noun.id.in_(new), nothing_since).returning(noun.address_id)
    left = [address_id for address_id in db.session.scalars(going) if address_id is not None]
    for alone, ids in ((Address, left), (Team, of.made_teams)):
        if ids:
            db.session.execute(delete(alone).where(one_of(alone.id, ids), ~referred_to(alone.id)))


def referred_to(column: Any, but: tuple[str, ...] = ()) -> ColumnElement[bool]:
    """SQL: a row of some table, whichever step it belongs to, is about this one."""
    target = column.property.columns[0]
    return or_(
        *(
            exists(select(key.parent).where(key.parent == column))
            for table in Base.metadata.tables.values()
            if table.name not in but
            for key in table.foreign_keys
            if key.column is target
        )
    )
