"""Whom mail about a visit is for: queries without a clock, put together from facts that stop mail."""

from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, and_, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from webapp.customers.models import Customer
from webapp.invitations.models import Answer, Attendance, Invitation, Proposal, WaitingPlace
from webapp.mailing.models import Dispatch, Message
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit, VisitMove
from webapp.visits.options import CHOOSING

_other = aliased(Invitation)
_person = aliased(Customer)

STANDS = and_(Invitation.withdrawn_at.is_(None), Invitation.stopped_at.is_(None))
"""The organiser did not take the invitation back, and the person did not stop the mail about this visit."""

ON = Visit.cancelled_at.is_(None)
WORKS_HERE = StaffMember.left_at.is_(None)

UNANSWERED = and_(Invitation.partstat == "needs-action", ~exists().where(Answer.invitation_id == Invitation.id))
"""Whoever suggested another time, or waits for a seat, has answered."""

OPEN = and_(UNANSWERED, Invitation.by_phone.is_(False))
"""Asked by mail, and silent."""

COMES = Invitation.partstat == "accepted"

_last_word = select(Proposal).join(Answer, Proposal.answer_id == Answer.id).where(
    Answer.invitation_id == Invitation.id, Answer.latest
)  # fmt: skip
WANTED = ~_last_word.where(Proposal.because_full).exists()
"""Not somebody who found the places taken: this visit is not theirs."""

_told = VisitMove.before["move_told_at"].astext
TOLD_PLACE = (
    select(func.jsonb_build_array(VisitMove.before["room_id"], VisitMove.before["link"], type_=JSONB))
    .where(VisitMove.visit_id == Visit.id, VisitMove.undone_at.is_(None))
    .where(or_(_told.is_(None), cast(_told, DateTime(timezone=True)) <= VisitMove.at))
    .order_by(VisitMove.id.desc())
    .limit(1)
    .correlate(Visit)
    .scalar_subquery()
)
"""Room and link that people knew before the move they are told of: where its first step, not told before, began."""

SUGGESTED = _last_word.with_only_columns(Proposal.times).correlate(Invitation).scalar_subquery()
"""The other times in somebody's last answer; None when it holds none."""


ASKED_FOR = and_(CHOOSING, func.jsonb_array_length(Proposal.times["dayparts"]) == 0)
"""Chose from the times that were offered, which is no other time."""
BOOKED = exists().where(Answer.invitation_id == Invitation.id, Answer.latest, Answer.given_at == Visit.moved_at)
"""Who moved the visit by booking a free time: the receipt told it."""


def customers(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Invitations of customers that stand, to visits that are on."""
    return _invitations().join(Invitation.customer).where(STANDS, ON, *conditions)


def staff(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Invitations that stand of people who work here, to visits that are on."""
    return _invitations().join(Invitation.staff).where(STANDS, ON, WORKS_HERE, *conditions)


def told(person: Any, before: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Customers (`Invitation.customer`) or staff who knew of the visit then, whether it is on now or not: its mail may
    have left to them, or they answered. Whoever said no hears nothing more."""
    leaving = exists().where(Dispatch.message_id == Message.id, Dispatch.state != "queued")
    left = exists().where(
        Message.notice.in_(("visit_invitation", "visit_invitation_staff")),
        Message.subject_id == Invitation.id,
        or_(Message.accepted_at.is_not(None), Message.end == "unknown", leaving),
        func.coalesce(Message.accepted_at, Message.planned_at) < before,
    )
    answered = exists().where(Answer.invitation_id == Invitation.id, Answer.given_at < before)
    knows = (Invitation.partstat != "declined", Invitation.stopped_at.is_(None), or_(left, answered))
    return _invitations().join(person).where(*knows, *conditions)


def _invitations() -> Select[Any]:
    return select(Invitation).join(Invitation.visit)


def taken(person: Any) -> Any:
    """SQL: how many of these people come to the visit."""
    comes = (_other.visit_id == Visit.id, person.is_not(None), _other.partstat == "accepted")
    count = select(func.count()).where(*comes, _other.withdrawn_at.is_(None))
    return count.correlate(Visit).scalar_subquery()


_line = (
    select(func.count())
    .select_from(WaitingPlace)
    .join(_other, WaitingPlace.invitation_id == _other.id)
    .where(_other.visit_id == Visit.id, WaitingPlace.ended_at.is_(None))
    .correlate(Visit)
    .scalar_subquery()
)
PLACES_LEFT = (taken(_other.customer_id) < Visit.storyteller_places).label("places_left")
SEATS_LEFT = (taken(_other.staff_id) + _line < Visit.seats).label("seats_left")
"""A seat that came free goes to who waits."""

PRESENT = (
    select(func.count())
    .select_from(Attendance)
    .join(_other, Attendance.invitation_id == _other.id)
    .where(_other.visit_id == Visit.id, _other.staff_id.is_not(None), Attendance.present)
    .correlate(Visit)
    .scalar_subquery()
)
"""How many colleagues were there."""

TELLERS = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_build_array(
                        func.coalesce(_person.title, ""), _person.given, _person.particle, _person.family, _person.phone
                    ),
                    _person.sorting,
                ),
                type_=JSONB,
            ),
            literal([], JSONB),
        )
    )
    .join(_other, _other.customer_id == _person.id)
    .where(_other.visit_id == Visit.id, _other.partstat == "accepted", _other.withdrawn_at.is_(None))
    .correlate(Visit)
    .scalar_subquery()
)
"""The storytellers who come: lists of the parts of a name, and a phone number."""
