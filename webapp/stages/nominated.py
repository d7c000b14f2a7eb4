"""What became of who was nominated: found in the facts by a tick, and written down once, for the mail about it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, or_, select

from webapp import db
from webapp.customers.models import Consent, Contact, Customer
from webapp.customers.nominations import Nomination
from webapp.customers.owners import OwnerQuestion
from webapp.invitations.models import Invitation
from webapp.stories.models import Story
from webapp.visits.models import Visit

THREE_MONTHS = timedelta(days=91)
ENOUGH_FOR_ONE_TICK = 500


def tell_outcomes(now: datetime) -> int:
    """Of open nominations the first outcome: comes to tell, shared a story, or not now; that too after three months."""
    count = 0
    for outcome, condition in _outcomes(now):
        found = select(Nomination).where(Nomination.outcome.is_(None), condition).order_by(Nomination.at, Nomination.id)
        held = found.limit(ENOUGH_FOR_ONE_TICK).with_for_update(skip_locked=True)
        for nomination in db.session.scalars(held).all():
            nomination.outcome, nomination.outcome_at = outcome, now
            if outcome == "planned":
                _where(nomination, now)
            count += 1
    db.session.flush()
    return count


def _outcomes(now: datetime) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """The best news first."""
    whom, since = Nomination.customer_id, Nomination.at
    comes = (Invitation.partstat == "accepted", Invitation.withdrawn_at.is_(None), Visit.cancelled_at.is_(None))
    asked = select(Invitation.id).join(Invitation.visit).where(Invitation.customer_id == whom)
    yield "planned", exists(asked.where(*comes, Visit.starts_at > since, Invitation.answered_at >= since))
    yield "story", exists().where(Story.customer_id == whom, Story.approved_at >= since, Story.readable())
    no = Contact.customer_id == whom, Contact.what == "declined", Contact.undone_at.is_(None), Contact.at >= since
    held = (
        OwnerQuestion.customer_id == whom, OwnerQuestion.answer == "not_now", OwnerQuestion.answered_at >= since,
    )  # fmt: skip
    withdrew = Consent.customer_id == whom, Consent.ground == "withdrawn", Consent.at >= since
    declined = asked.where(Invitation.partstat == "declined", Invitation.answered_at >= since)
    yield "not_now", or_(
        exists().where(*no), exists().where(*held), exists().where(*withdrew, Consent.use == "to_be_asked"),
        exists(declined), since <= now - THREE_MONTHS, _erased(),
    )  # fmt: skip


def _erased() -> ColumnElement[bool]:
    return exists().where(Customer.id == Nomination.customer_id, Customer.erased_at.is_not(None))


def _where(nomination: Nomination, now: datetime) -> None:
    """The first visit that somebody comes to."""
    mine = (Invitation.customer_id == nomination.customer_id, Invitation.partstat == "accepted")
    visits = (
        select(Visit).join(Invitation).where(*mine, Invitation.withdrawn_at.is_(None), Visit.cancelled_at.is_(None))
    )
    later = visits.where(Visit.starts_at > nomination.at).order_by(Visit.starts_at).limit(1)
    if (visit := db.session.scalars(later).first()) is not None:
        nomination.visit_day = visit.wall.date()
        nomination.visit_team = visit.teams[0].name if visit.teams else ""
