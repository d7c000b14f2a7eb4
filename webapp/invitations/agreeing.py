"""Another time that is agreed: booked at once by a customer, or chosen by who organises and told after the hold."""

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from webapp import db
from webapp.invitations.models import Answer, Closed, Invitation, Proposal
from webapp.invitations.moments import Moment
from webapp.visits.models import Visit


def book(invitation: Invitation, moment: Moment, now: datetime, nonce: str | None) -> None:
    """The visit moves there at once, and the others hear of it. Raises RoomTaken when somebody was just before, and
    Closed; the old time stands then."""
    visit = invitation.visit
    if reason := invitation.closed(now):
        raise Closed(reason)
    visit.move(now, timedelta(0), None, moment.slot)
    invitation.answer("accepted", now, nonce=nonce)


def settle_agreed(now: datetime) -> None:
    """A step of every tick: once a new time is told, who had said that it suits is expected."""
    time = func.to_char(Visit.wall, 'YYYY-MM-DD"T"HH24:MI')
    agreed = (
        select(Proposal.id, Invitation.id, Invitation.visit_id)
        .join(Answer, Proposal.answer_id == Answer.id)
        .join(Invitation, Proposal.invitation_id == Invitation.id)
        .join(Visit, Invitation.visit_id == Visit.id)
        .where(
            Answer.latest,
            Proposal.decided_at.is_(None),
            Proposal.because_full.is_(False),
            Proposal.times["slots"].contains(func.to_jsonb(time)),
            Invitation.withdrawn_at.is_(None),
            Visit.cancelled_at.is_(None),
            Visit.starts_at > now,
            or_(Visit.move_told_at <= now, Visit.decide_told_at <= now),
            or_(Visit.moved_at >= Proposal.at, Visit.decided_at >= Proposal.at),
        )
    )
    for proposal_id, invitation_id, _visit in db.session.execute(
        agreed.order_by(Invitation.visit_id, Proposal.id)
    ).all():
        db.session.get_one(Proposal, proposal_id).decided_at = now
        db.session.get_one(Invitation, invitation_id).answer("accepted", now, channel="agreed")
