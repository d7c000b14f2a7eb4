"""A colleague's own page: the next visits and their answer to each, an open questionnaire, and which mail they get."""

from contextlib import suppress

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from webapp import clock, dates, edge
from webapp.access import access, link
from webapp.invitations.choosing import Choices
from webapp.invitations.models import AnswerKind, Closed, Invitation
from webapp.invitations.places import Places
from webapp.privacy.models import Reader
from webapp.privacy.views import at, below, here, opened
from webapp.surveys.models import Register

blueprint = Blueprint("my_page", __name__)

ANSWERS: tuple[AnswerKind, ...] = ("accepted", "declined", "waiting", "left")


@blueprint.get("/m/<token>")
@access(link("staff"))
def show(token: str) -> str:
    reader, now = _colleague(), clock.now()
    return render_template(
        "privacy/my_page.html",
        reader=reader,
        ahead=[invitation for invitation in reader.ahead(now) if invitation.staff_id],
        choices=lambda each: Choices.of(each, Places(Invitation, each.visit, now).fits(each)).kinds,
        surveys=[(each.invitation.visit, url) for each in _open(reader) if (url := edge.door("survey", each.id))],
        mapping=[(each, url) for each in reader.mapping(now) if (url := edge.door("mapping", each.id))],
        stop_url=edge.door("stop", reader.address.id),
        answer_url=lambda invitation: edge.door("answer", invitation.id),
        place=here,
        below=below,
        today=at(now).date(),
        local=lambda moment, visit: dates.local(moment, visit.zone),
    )


@blueprint.post("/m/<token>")
@access(link("staff"))
def answer(token: str) -> Response:
    """Say yes or no to one of the visits, or join or leave its waiting list."""
    kind = next((kind for kind in ANSWERS if kind == request.form.get("answer")), None)
    asked = request.form.get("invitation", "")
    invitation = next(
        (each for each in _colleague().ahead(clock.now()) if each.staff_id and str(each.id) == asked), None
    )
    if kind and invitation:
        with suppress(Closed):  # the page says what became of it
            invitation.answer(kind, clock.now(), nonce=g.nonce)
    return redirect(here() + (f"#visit-{invitation.visit_id}" if invitation else ""), 303)


def _colleague() -> Reader:
    reader = opened()
    if reader.staff is None or reader.staff.left_at is not None:
        raise edge.NoSuchLink
    return reader


def _open(reader: Reader) -> list[Register]:
    """Questionnaires that are open now and were not answered."""
    now = clock.now()
    return [each for each in reader.surveys() if each.opens_at <= now < each.closes_at and not each.answered]
