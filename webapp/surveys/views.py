"""Answering a questionnaire from a link, and reading what people said."""

from contextlib import suppress
from datetime import datetime

from flask import Blueprint, abort, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link, role
from webapp.accounts.models import Organisation
from webapp.surveys import box, results
from webapp.surveys.instruments import ANCHORS, CHECKS, CONSTRUCTS, CUSTOMER, INTRO, STAFF, Item, items
from webapp.surveys.models import SHOWN_FROM, Register
from webapp.visits.models import Visit

blueprint = Blueprint("surveys", __name__)
FIRST_ANSWER = "q1"
"""In a customer's mail: the tapped answer to the first question. A hint until the page is posted."""


def _entry() -> Register:
    entry = db.session.get(Register, edge.opened().subject_id)
    if entry is None:
        abort(404)
    address = entry.invitation.address
    g.language = address.locale if address else None
    return entry


@blueprint.get("/s/<token>")
@access(link("survey"))
def survey(token: str) -> str | tuple[str, int]:
    """The questions; who has answered sees thanks, and no answers: they cannot be found again."""
    entry = _entry()
    if entry.answered:
        return _thanks(entry)
    if entry.closes_at <= clock.now() and not g.preview:
        return render_template("surveys/closed.html", **_about(entry)), 410
    given = {}
    if entry.wave.audience == "customer":
        given[CUSTOMER[0].name] = request.args.get(FIRST_ANSWER, "")
    return _form(entry, given, _first_page(entry))


@blueprint.post("/s/<token>")
@access(link("survey"))
def answer(token: str) -> Response | str | tuple[str, int]:
    """Into the box. The two checks come on a page after the nine, so that they colour nothing."""
    entry = _entry()
    given = {item.name: request.form.get(item.name, "") for item in items(entry.wave.audience, entry.wave.label)}
    answers = box.checked(entry.wave, given)
    first, last = _first_page(entry), _last_page(entry)
    if not answers:
        return _form(entry, given, first, error=_("Answer at least one question; you may skip the others.")), 422
    if last and request.form.get("page") == "first":
        return _form(entry, given, last)
    with suppress(box.NotOpen):  # answered already: a double click, or the back button; the page says thanks
        box.cast(entry, answers, clock.now())
    return redirect(f"/s/{token}", 303)


def _first_page(entry: Register) -> tuple[Item, ...]:
    return CUSTOMER if entry.wave.audience == "customer" else STAFF


def _last_page(entry: Register) -> tuple[Item, ...]:
    return CHECKS if (entry.wave.audience, entry.wave.label) == ("staff", "after") else ()


def _form(entry: Register, given: dict[str, str], page: tuple[Item, ...], error: str = "") -> str:
    language = edge.language()
    return render_template(
        "surveys/survey.html",
        page=page,
        first=page in (STAFF, CUSTOMER),
        more=_last_page(entry) if page == STAFF else (),
        given=given,
        error=error,
        errors=[(page[0].name, error)] if error else [],
        rather_not=box.RATHER_NOT,
        intro=INTRO[language == "en"],
        anchors=[words[language == "en"] for words in ANCHORS],
        end_users=_end_users(language),
        language=language,
        shown_from=SHOWN_FROM,
        total=len(items(entry.wave.audience, entry.wave.label)),
        **_about(entry),
    )


def _thanks(entry: Register) -> str:
    return render_template("surveys/thanks.html", **_about(entry))


def _about(entry: Register) -> dict[str, object]:
    host = entry.invitation.visit.host
    return {"audience": entry.wave.audience, "host": host, "sender": Organisation.required().survey_sender}


def _end_users(language: str) -> str:
    organisation = Organisation.required()
    return organisation.end_users_en if language == "en" else organisation.end_users_nl


@blueprint.get("/effect")
@access(role("viewer"))
def effect() -> str:
    """What colleagues and customers said over the last twelve months, and which visits can be read by themselves."""
    now = clock.now()
    since = now - results.POOLED_OVER
    shown = results.visits_shown("staff", "after", since)
    visits = db.session.scalars(
        select(Visit)
        .where(Visit.starts_at > since, Visit.starts_at <= now, Visit.cancelled_at.is_(None))
        .order_by(Visit.starts_at.desc())
    ).all()
    customers = results.ballots("customer", "after", since)
    return render_template(
        "surveys/effect.html",
        staff=_staff_results(since),
        staff_response=results.response("staff", since, now),
        customers=results.customer_scores(customers),
        customer_words=results.words(customers),
        customer_response=results.response("customer", since, now),
        visits=visits,
        shown=shown,
        **_labels(),
    )


@blueprint.get("/effect/visits/<int:visit_id>")
@access(role("viewer"))
def effect_of_visit(visit_id: int) -> str:
    """One visit: the staff's answers from five on; customers are few, so only the pool speaks for them."""
    now = clock.now()
    since = now - results.POOLED_OVER
    visit = db.session.get(Visit, visit_id)
    if visit is None:
        abort(404)
    shown = visit.id in results.visits_shown("staff", "after", since)
    return render_template(
        "surveys/effect_of_visit.html",
        visit=visit,
        staff=_staff_results(since, visit.id) if shown else None,
        response=results.response("staff", since, now, visit.id),
        customer_response=results.response("customer", since, now, visit.id),
        **_labels(),
    )


def _staff_results(since: datetime, visit_id: int | None = None) -> dict[str, object]:
    """The scores right after the visit, those after four weeks by name, and the two checks.

    Four weeks stand beside "after" only where both are many enough; the visits differ, so no difference is claimed.
    """
    after = results.ballots("staff", "after", since, visit_id)
    later = results.ballots("staff", "four_weeks", since, visit_id)
    return {
        "scores": results.staff_scores(after),
        "later": {score.name: score for score in results.staff_scores(later)},
        "checks": results.check_scores(after),
    }


def _labels() -> dict[str, object]:
    en = edge.language() == "en"
    return {
        "names": {"overall": _("All together"), **{name: words[en] for name, words in CONSTRUCTS.items()}},
        "questions": {item.name: item.words("en" if en else "nl") for item in (*CUSTOMER, *CHECKS)},
        "ends": {item.name: item.anchors("en" if en else "nl") for item in (*CUSTOMER, *CHECKS)},
        "shown_from": SHOWN_FROM,
    }
