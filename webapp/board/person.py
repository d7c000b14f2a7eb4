"""One customer, complete: the stage, what was and what will be, consent, how to reach them, notes."""

from flask import Blueprint, abort, render_template, request, session, url_for
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp import clock, db
from webapp.access import access, role
from webapp.board import filtering, moves, timeline
from webapp.board.asking import Asking
from webapp.board.cards import Card
from webapp.board.people import REFUSED
from webapp.board.saying import day_short, place, today
from webapp.board.wording import ground_name
from webapp.invitations.models import Invitation
from webapp.mailing.models import Pause
from webapp.visits.models import Visit
from webapp.visits.standing import Series

blueprint = Blueprint("person", __name__)


@blueprint.get("/customers/<int:customer_id>")
@access(role("viewer"))
def show(customer_id: int) -> str:
    now = clock.now()
    card = filtering.one(customer_id, now) or abort(404)
    customer = card.customer
    pauses = {pause.scope: pause for pause in db.session.scalars(select(Pause))}
    only_mail = request.args.get("only") == "mail"
    to_come, past = timeline.of(customer, pauses, only_mail)
    return render_template(
        "board/person.html",
        card=card,
        customer=customer,
        to_come=to_come,
        past=past,
        only_mail=only_mail,
        next_visit=_next_visit(card),
        consent=customer.last("to_be_asked"),
        ground=ground_name(customer.ground),
        asking=Asking(customer, now),
        chooses=customer.agreed("live_visit") and bool(Series.open_ones()),
        as_customer=_as_customer(card),
        refused=session.pop(REFUSED, None),
        options=moves.options,
        day_short=day_short,
        today=today(),
        place=place,
    )


def _next_visit(card: Card) -> Visit | None:
    """The visit somebody is expected at, or asked to."""
    ahead = [each.visit for each in card.invitations if each.visit.starts_at > card.now and each.partstat != "declined"]
    visit = min((each for each in ahead if each.cancelled_at is None), key=lambda each: each.starts_at, default=None)
    if visit is None:
        return None
    return db.session.scalars(select(Visit).where(Visit.id == visit.id).options(selectinload(Visit.teams))).one()


def _as_customer(card: Card) -> str:
    """What this person would see now: the page of their answer, or what we know about them."""
    asked: list[Invitation] = [each for each in card.invitations if each.released_at <= card.now]
    if asked:
        return url_for("preview.invitations.answer", subject_id=asked[-1].id)
    return url_for("preview.privacy.data", subject_id=card.customer.address_id) if card.customer.address_id else ""
