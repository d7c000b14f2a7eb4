"""Another time that is agreed: booked at once by a customer, or chosen by who organises and told after the hold."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from webapp import db
from webapp.invitations.models import Answer, Closed, Invitation, Proposal
from webapp.invitations.moments import Moment
from webapp.visits import options
from webapp.visits.models import RoomTaken, Visit


def book(invitation: Invitation, moment: Moment, now: datetime, nonce: str | None) -> None:
    """The visit moves there at once, and the others hear of it. Raises RoomTaken when somebody was just before, and
    Closed; the old time stands then."""
    visit = invitation.visit
    if reason := invitation.closed(now):
        raise Closed(reason)
    visit.move(now, timedelta(0), None, moment.slot)
    invitation.answer("accepted", now, nonce=nonce)


def choose_first(visit: Visit, now: datetime, hold: timedelta) -> None:
    """By the rule of the visit: the first time that as many can make as there are places, or were asked. A time whose
    room was taken meanwhile is passed over. Called with the visit's row locked."""
    if not visit.first_yes or not options.choosing(visit):
        return
    asked = [each for each in Invitation.of_visit(visit.id) if each.customer_id and each.withdrawn_at is None]
    wishes = [each.proposal.times.get("slots", ()) for each in asked if each.proposal and each.state == "proposed"]
    enough = min(visit.storyteller_places, sum(each.partstat != "declined" for each in asked))
    for value, slot in zip(options.values(visit), options.slots(visit), strict=True):
        if enough and sum(value in suits for suits in wishes) >= enough:
            with suppress(RoomTaken):
                options.decide(visit, now, hold, None, slot)
                return


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
            func.greatest(Visit.move_told_at, Visit.decide_told_at) <= now,
            options.DATED,
        )
    )
    for proposal_id, invitation_id, _visit in db.session.execute(
        agreed.order_by(Invitation.visit_id, Proposal.id)
    ).all():
        db.session.get_one(Proposal, proposal_id).decided_at = now
        db.session.get_one(Invitation, invitation_id).answer("accepted", now, channel="agreed")
    of_choice = (
        select(Proposal.id)
        .join(Invitation, Proposal.invitation_id == Invitation.id)
        .join(Visit, Invitation.visit_id == Visit.id)
        .where(
            Visit.decide_told_at <= now,
            Proposal.at <= Visit.decided_at,
            Proposal.decided_at.is_(None),
            func.jsonb_array_length(Proposal.times["dayparts"]) == 0,
            Proposal.times["slots"].is_not(None),
        )
    )
    db.session.execute(update(Proposal).where(Proposal.id.in_(of_choice)).values(decided_at=now))
