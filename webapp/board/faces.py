"""Cards as they are shown: worked out and drawn once, and anew when a row they were read from, or what the clock makes of
it, is another. The database says whether that is so, in the statement that asks who is shown."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_wtf.csrf import generate_csrf
from jinja2.runtime import Macro
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, DateTime, Row, Select, SelectBase, bindparam, func, inspect, select
from sqlalchemy.orm import aliased

from webapp import db
from webapp.accounts.models import Organisation
from webapp.board.cards import Card, Chip, cards
from webapp.board.moves import Option, options
from webapp.board.saying import today
from webapp.customers.models import Consent, Contact, Customer
from webapp.customers.nominations import Nomination
from webapp.invitations.models import Answer, Attendance, Invitation, Proposal
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import StaffMember
from webapp.stages.rule import Stage
from webapp.templating import here, language
from webapp.visits.models import Visit

NOW = bindparam("now", None, DateTime(timezone=True))
KEPT_AT_MOST = 5_000
"""In each process; then it begins anew."""
KEPT_FOR = timedelta(hours=1)
"""Everything, at most."""
TOKEN, BACK = "\0token", "\0back"
"""In what is kept, in place of what differs for each reader. No text of ours has such a character in it."""


@dataclass(frozen=True)
class Face:
    """What a card says: plain values, in the language of the page."""

    id: int
    stage: Stage
    since: datetime
    name: PersonName
    under: str
    days: str
    chip: Chip
    can_be_invited: bool
    nominated_by: str
    options: Sequence[Option]
    drawn: dict[Hashable, str] = field(default_factory=dict)

    @classmethod
    def of(cls, card: Card) -> "Face":
        return cls(
            card.id, card.stage, card.since, card.name, card.under, card.days, card.chip, card.can_be_invited,
            card.nominated_by, options(card),
        )  # fmt: skip


_kept: dict[Hashable, Face] = {}
_since: list[datetime] = []
"""When the first of these was made."""


def forget() -> None:
    _kept.clear()
    _since.clear()


def forget_old(now: datetime) -> None:
    """Asked at the end of every request: of somebody who was erased, no process keeps a name for longer."""
    if _since and not timedelta() <= now - _since[0] < KEPT_FOR:
        forget()


def marked(shown: SelectBase) -> Select[Any]:
    """Of whom a statement gives `id`, `stage`, `since` and the `number` by which they stand: what `faces` asks of them."""
    who = shown.subquery("shown")
    found = select(who, *_marks()).join_from(who, Customer, Customer.id == who.c.id).outerjoin(Customer.address)
    return found.order_by(who.c.number, who.c.id)


def faces(rows: Sequence[Row[Any]], now: datetime) -> list[Face]:
    """In the order of the rows. Only what is new is read."""
    said_on = (today(), language())
    keys: list[Hashable] = [(*row, said_on) for row in rows]
    missing = [row for row, key in zip(rows, keys, strict=True) if key not in _kept]
    if missing:
        new = {card.id: Face.of(card) for card in _cards(missing, now)}
        if len(_kept) + len(new) > KEPT_AT_MOST:
            forget()
        if not _since:
            _since.append(now)
        _kept.update({key: new[row.id] for row, key in zip(rows, keys, strict=True) if row.id in new})
    return [_kept[key] for key in keys]


def _cards(rows: Sequence[Row[Any]], now: datetime) -> list[Card]:
    ids = [row.id for row in rows]
    people = {each.id: each for each in db.session.scalars(select(Customer).where(db.among(Customer.id, ids)))}
    return cards([(people[row.id], row.stage, row.since) for row in rows], now)


def _marks() -> Sequence[ColumnElement[int]]:
    """Numbers that are others as soon as one row is that a card of this customer is read from."""
    mine = (Invitation.customer_id == Customer.id, Invitation.withdrawn_at.is_(None))
    moments = (
        Invitation.released_at, Invitation.remind_1_at, Invitation.remind_2_at, Invitation.unanswered_at,
        Visit.starts_at, Visit.ends_at,
    )  # fmt: skip
    colleague, present = aliased(Invitation), aliased(Attendance)
    return (
        _mark(Customer, Address),
        select(Organisation.rest_days).scalar_subquery(),
        select(_all(Consent)).where(Consent.customer_id == Customer.id).scalar_subquery(),
        select(_all(Contact)).where(Contact.customer_id == Customer.id).scalar_subquery(),
        select(_all(Nomination, StaffMember)).select_from(Nomination).join(StaffMember)
        .where(Nomination.customer_id == Customer.id).scalar_subquery(),
        select(_all(Invitation, Visit, Attendance, *(moment <= NOW for moment in moments)))
        .select_from(Invitation).join(Visit).outerjoin(Attendance).where(*mine).scalar_subquery(),
        select(_all(Answer, Proposal))
        .select_from(Invitation).join(Answer).outerjoin(Proposal, Proposal.answer_id == Answer.id)
        .where(*mine).scalar_subquery(),
        select(_all(colleague, present))
        .select_from(Invitation)
        .join(colleague, colleague.visit_id == Invitation.visit_id)
        .outerjoin(present, present.invitation_id == colleague.id)
        .where(*mine, colleague.staff_id.is_not(None)).scalar_subquery(),
    )  # fmt: skip


def _mark(*read: Any) -> ColumnElement[int]:
    """A number of whole rows, and of what else is given."""
    whole = [each if isinstance(each, ColumnElement) else inspect(each).selectable.table_valued() for each in read]
    return func.hash_record_extended(func.row(*whole), 0)


def _all(*read: Any) -> ColumnElement[int]:
    """Of all rows together, in whatever order."""
    return func.bit_xor(_mark(*read))


def drawn(macro: Macro, face: Face, role: str, *more: Hashable) -> Markup:
    """What a macro draws of a face for a role; drawn once for each `more`, which it is given and all else it depends on."""
    token, back = generate_csrf(), f'name="next" value="{escape(here(first=None))}"'
    key = (macro.name, role, *more)
    if key not in face.drawn:
        face.drawn[key] = macro(face, *more).replace(token, TOKEN).replace(back, BACK)
    return Markup(face.drawn[key].replace(TOKEN, token).replace(BACK, back))  # noqa: S704  (a macro drew it)
