"""Times to choose from: offered before anybody is invited, and one chosen when people have said what suits."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.letters import Letter
from webapp.invitations.moments import FreeTimes
from webapp.invitations.notices.customers import DateDecided
from webapp.invitations.previewing import told, worst_first
from webapp.mailframe import LINKS_OPEN_THE_PAGE, framed
from webapp.templating import language
from webapp.visits import options
from webapp.visits.models import RoomTaken, Slot, TooLate, Visit

blueprint = Blueprint("options", __name__)

Page = str | tuple[str, int] | Response


@blueprint.get("/visits/<int:visit_id>/options")
@access(role("organiser"))
def show(visit_id: int) -> Page:
    """The free times nearest to its own; those offered now are ticked."""
    visit = _to_offer(visit_id)
    return _page(visit, options.values(visit))


@blueprint.post("/visits/<int:visit_id>/options")
@access(role("organiser"))
def save(visit_id: int) -> Page:
    visit, values = _to_offer(visit_id, lock=True), request.form.getlist("slot")
    if len(values) >= options.AT_MOST:
        return _page(visit, values, [("slots", _("Tick at most two: with its own time that makes three."))], 422)
    free = FreeTimes(visit, clock.now())
    found = [moment for value in values if (moment := free.at(value))]
    if len(found) < len(values):
        return _page(visit, values, [("slots", _("One of these times was just taken. These are free now."))], 409)
    options.offer(visit, [moment.slot for moment in found], bool(request.form.get("first_yes")))
    audit.note("offered times", visit.thread, current_user.account, clock.now(), {"times": options.values(visit)})
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.get("/visits/<int:visit_id>/options/check")
@access(role("organiser"))
def check(visit_id: int) -> Page:
    """Who hears that it is this time, and the mail of each; nothing is chosen yet."""
    visit = _ahead(visit_id)
    slot = _asked(visit)
    try:
        letters = _letters(visit_id)
    except RoomTaken:
        return _room_taken(visit, slot)
    shown = _shown(letters)
    return render_template(
        "invitations/options_check.html",
        visit=visit,
        slot=slot,
        value=request.args.get("slot"),
        letters=letters,
        shown=shown,
        mail=shown.mail(edge.settings(), clock.now()) if shown else None,
        frame=LINKS_OPEN_THE_PAGE,
    )


@blueprint.get("/visits/<int:visit_id>/options/mail")
@access(role("organiser"))
def mail(visit_id: int) -> Response:
    """The html of one of those mails, for the frame."""
    try:
        shown = _shown(_letters(visit_id)) or abort(404)
    except RoomTaken:
        abort(404)
    return framed(shown.mail(edge.settings(), clock.now()).html, links_work=True)


@blueprint.post("/visits/<int:visit_id>/decision")
@access(role("organiser"))
def decided(visit_id: int) -> Page:
    """Chosen; the mail leaves after the hold."""
    visit = _ahead(visit_id, lock=True)
    if not options.choosing(visit):  # by a double click, or by itself a moment before
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    slot = _asked(visit)
    try:
        options.decide(visit, clock.now(), edge.settings().hold, current_user.account, slot)
    except RoomTaken:
        return _room_taken(visit, slot)
    audit.note("chose a time", visit.thread, current_user.account, clock.now(), {"to": f"{slot.when:%Y-%m-%d %H:%M}"})
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/decision/undo")
@access(role("organiser"))
def undo(visit_id: int) -> Response:
    visit = _visit(visit_id, lock=True)
    try:
        options.undo_decision(visit, clock.now(), edge.settings().hold)
    except TooLate:
        flash(_("Too late: the mail is leaving already."), "warning")
    except RoomTaken:
        flash(_("Somebody else has the room at that time now. Choose another time or room."), "warning")
    else:
        audit.note("took back a choice", visit.thread, current_user.account, clock.now())
        flash(_("Undone. Nothing was sent."), "saved")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


def _letters(visit_id: int) -> Sequence[Letter]:
    """Whom this choice would be told to. Raises RoomTaken."""
    with db.rehearsal():
        visit = _ahead(visit_id)
        options.decide(visit, clock.now(), edge.settings().hold, None, _asked(visit))
        if visit.decide_told_at is None:
            return []
        return worst_first(told(visit, (DateDecided,), visit.decide_told_at, edge.settings()), language())


def _shown(letters: Sequence[Letter]) -> Letter | None:
    wanted = request.args.get("to")
    return next((letter for letter in letters if letter.key == wanted), None) or next(iter(letters), None)


def _room_taken(visit: Visit, slot: Slot) -> Page:
    """Nothing is chosen; the page to move it names what is free nearby."""
    when = f"{dates.day(slot.when, language())}, {dates.time(slot.when, language())}"
    flash(_("%(when)s: the room was just taken. Choose another one, or move the visit.", when=when), "warning")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


def _asked(visit: Visit) -> Slot:
    """The time that is to be chosen: one of those offered."""
    value = request.values.get("slot", "")
    found = dict(zip(options.values(visit), options.slots(visit), strict=True))
    return found.get(value) or abort(404)


def _page(visit: Visit, chosen: Sequence[str], errors: Sequence[tuple[str, str]] = (), code: int = 200) -> Page:
    free = FreeTimes(visit, clock.now())
    named = [moment for value in chosen if (moment := free.at(value))]
    moments = sorted({moment.value: moment for moment in (*free.near(visit.wall), *named)}.items())
    page = render_template(
        "invitations/options_set.html",
        visit=visit,
        moments=[moment for _value, moment in moments],
        chosen=chosen,
        errors=errors,
    )
    return page, code


def _to_offer(visit_id: int, *, lock: bool = False) -> Visit:
    """A visit to which nobody was invited yet."""
    visit = _ahead(visit_id, lock=lock)
    return visit if visit.invited_at is None else abort(404)


def _ahead(visit_id: int, *, lock: bool = False) -> Visit:
    visit = _visit(visit_id, lock=lock)
    if visit.cancelled_at is not None or visit.starts_at <= clock.now():
        abort(404)
    return visit


def _visit(visit_id: int, *, lock: bool = False) -> Visit:
    locked = {"of": Visit, "key_share": True} if lock else None
    return db.session.get(Visit, visit_id, with_for_update=locked) or abort(404)
