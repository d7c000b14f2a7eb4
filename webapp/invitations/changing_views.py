"""Another time or place, and cancelling: who hears of it is seen before, and both are undone within the hold."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.letters import Letter
from webapp.accounts.models import Account
from webapp.invitations.moments import wished
from webapp.invitations.notices.customers import VisitCancelled, VisitMoved
from webapp.invitations.notices.staff import VisitCancelledStaff, VisitMovedStaff
from webapp.invitations.previewing import told, worst_first
from webapp.mailframe import LINKS_OPEN_THE_PAGE, framed
from webapp.templating import language
from webapp.visits import forms
from webapp.visits.forms import Typed
from webapp.visits.models import Room, RoomTaken, Slot, TooLate, Visit
from webapp.visits.views import in_room, refuse_room, rooms_to_choose, slot_label

blueprint = Blueprint("changing", __name__)

Page = str | tuple[str, int] | Response


# Another time or place


@blueprint.get("/visits/<int:visit_id>/move")
@access(role("organiser"))
def move(visit_id: int) -> Page:
    """When and where instead; opens with what stands now, or with what was typed."""
    visit = _ahead(visit_id)
    now_there = forms.spelled(Slot(visit.wall, visit.zone, visit.minutes, visit.fold, visit.room, visit.link))
    return _move_page(visit, Typed(now_there | forms.typed(request.args).values), Room.open_ones())


@blueprint.get("/visits/<int:visit_id>/move/check")
@access(role("organiser"))
def move_check(visit_id: int) -> Page:
    """Who hears of it, and the mail of each; nothing has changed yet."""
    visit, form, rooms = _ahead(visit_id), forms.typed(request.args), Room.open_ones()
    form.values = {"zone": visit.zone} | form.values
    slot = _slot(form, rooms)
    if slot is None:
        return _move_page(visit, form, rooms), 422
    try:
        letters = _moved_letters(visit_id, slot, form)
    except RoomTaken:
        refuse_room(form, slot, rooms, visit)
        return _move_page(visit, form, rooms), 409
    shown = _shown(letters)
    return render_template(
        "invitations/move_check.html",
        visit=visit,
        slot=slot,
        same=(slot.when, slot.minutes) == (visit.wall, visit.minutes) and slot.zone == visit.zone,
        place=forms.one_line(form["room_name"]) if form["room"] == forms.NEW_ROOM else slot.room and slot.room.name,
        fields={name: form[name] for name in forms.SLOT_FIELDS},
        letters=letters,
        shown=shown,
        mail=shown.mail(edge.settings(), clock.now()) if shown else None,
        frame=LINKS_OPEN_THE_PAGE,
    )


@blueprint.get("/visits/<int:visit_id>/move/mail")
@access(role("organiser"))
def move_mail(visit_id: int) -> Response:
    """The html of one of those mails, for the frame."""
    form = forms.typed(request.args)
    slot = _slot(form, Room.open_ones()) or abort(404)
    _ahead(visit_id)
    try:
        shown = _shown(_moved_letters(visit_id, slot, form))
    except RoomTaken:
        abort(404)
    return _framed(shown)


@blueprint.post("/visits/<int:visit_id>/move")
@access(role("organiser"))
def moved(visit_id: int) -> Page:
    """Done; the mail leaves after the hold."""
    visit, form, rooms = _ahead(visit_id, lock=True), forms.typed(request.form), Room.open_ones()
    slot = _slot(form, rooms)
    if slot is None:
        return _move_page(visit, form, rooms), 422
    try:
        visit.move(clock.now(), edge.settings().hold, _me(), in_room(slot, form))
    except RoomTaken:
        refuse_room(form, slot, rooms, visit)
        return _move_page(visit, form, rooms), 409
    _note(visit, "moved visit", to=f"{slot.when:%Y-%m-%d %H:%M}")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/move/undo")
@access(role("organiser"))
def undo_move(visit_id: int) -> Response:
    visit = _visit(visit_id, lock=True)
    try:
        visit.undo_move(clock.now(), edge.settings().hold)
    except TooLate:
        flash(_("Too late: the mail is leaving already."), "warning")
    except RoomTaken:
        flash(_("Somebody else has the room at that time now. Choose another time or room."), "warning")
    else:
        _note(visit, "took back a move")
        flash(_("Undone. Nothing was sent."), "saved")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


# Cancelling


@blueprint.get("/visits/<int:visit_id>/cancellation")
@access(role("organiser"))
def cancel(visit_id: int) -> Page:
    """The reason, and who hears of it."""
    return _cancel_page(_ahead(visit_id), Typed({}))


@blueprint.route("/visits/<int:visit_id>/cancellation/mail", methods=["GET", "POST"])
@access(role("organiser"))
def cancel_mail(visit_id: int) -> Response:
    """The html of one of those mails with the reason as typed, for the frame. A reason stands in no address."""
    _ahead(visit_id)
    return _framed(_shown(_cancelled_letters(visit_id, forms.typed(request.form))))


@blueprint.post("/visits/<int:visit_id>/cancellation")
@access(role("organiser"))
def cancelled(visit_id: int) -> Page:
    visit, form = _visit(visit_id), forms.typed(request.form)
    if visit.cancelled_at is not None:  # by a double click
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    if visit.ends_at <= clock.now():
        abort(404)
    reasons = _reasons(form)
    if form.problems:
        return _cancel_page(visit, form), 422
    db.session.refresh(visit, with_for_update={"of": Visit, "key_share": True})
    visit.cancel(clock.now(), edge.settings().hold, reasons, bool(form["host_will_call"]))
    _note(visit, "cancelled visit")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/cancellation/undo")
@access(role("organiser"))
def undo_cancel(visit_id: int) -> Response:
    visit = _visit(visit_id, lock=True)
    try:
        visit.undo_cancel(clock.now())
    except TooLate:
        flash(_("Too late: the mail is leaving already."), "warning")
    except RoomTaken:
        flash(_("Somebody else has the room at that time now. Plan a new visit."), "warning")
    else:
        _note(visit, "took back a cancellation")
        flash(_("Undone. Nothing was sent."), "saved")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


# Looked at before it happens


def _moved_letters(visit_id: int, slot: Slot, form: Typed) -> list[Letter]:
    """Whom this move would be told to. Raises RoomTaken."""
    with db.rehearsal():
        visit = _visit(visit_id)
        visit.move(clock.now(), edge.settings().hold, None, in_room(slot, form))
        if visit.move_told_at is None:
            return []
        return worst_first(told(visit, (VisitMoved, VisitMovedStaff), visit.move_told_at, edge.settings()), language())


def _cancelled_letters(visit_id: int, form: Typed) -> list[Letter]:
    with db.rehearsal():
        visit = _visit(visit_id)
        visit.cancel(clock.now(), edge.settings().hold, _reasons(form), bool(form["host_will_call"]))
        assert visit.cancel_told_at is not None  # just cancelled
        return worst_first(
            told(visit, (VisitCancelled, VisitCancelledStaff), visit.cancel_told_at, edge.settings()), language()
        )


def _shown(letters: Sequence[Letter]) -> Letter | None:
    """The mail that was asked for, else the first."""
    wanted = request.args.get("to")
    return next((letter for letter in letters if letter.key == wanted), None) or next(iter(letters), None)


def _framed(letter: Letter | None) -> Response:
    found = letter or abort(404)
    return framed(found.mail(edge.settings(), clock.now()).html, links_work=True)


# The pages


def _move_page(visit: Visit, form: Typed, rooms: Sequence[Room]) -> str:
    return render_template(
        "invitations/move.html",
        visit=visit,
        typed=form,
        errors=[(problem.field, problem.text) for problem in form.problems],
        rooms=rooms,
        rooms_to_choose=rooms_to_choose(rooms),
        slot_label=slot_label,
        wishes=[moment.slot for moment in wished(visit, clock.now())],
        pick_value=forms.pick_value,
    )


def _cancel_page(visit: Visit, form: Typed) -> str:
    letters = _cancelled_letters(visit.id, Typed({}))
    return render_template(
        "invitations/cancel.html",
        visit=visit,
        typed=form,
        errors=[(problem.field, problem.text) for problem in form.problems],
        letters=letters,
        shown=_shown(letters),
        frame=LINKS_OPEN_THE_PAGE,
    )


def _slot(form: Typed, rooms: Sequence[Room]) -> Slot | None:
    form.line("room_name")
    return forms.slot_of(form, rooms, clock.now(), language())


def _reasons(form: Typed) -> dict[str, str]:
    return {code: form.line(f"reason_{code}", forms.SENTENCE_AT_MOST) for code in ("nl", "en")}


def _ahead(visit_id: int, *, lock: bool = False) -> Visit:
    """A visit that can still be moved or cancelled."""
    visit = _visit(visit_id, lock=lock)
    if visit.cancelled_at is not None or visit.ends_at <= clock.now():
        abort(404)
    return visit


def _visit(visit_id: int, *, lock: bool = False) -> Visit:
    """To be changed: locked, so that who changes it at the same time waits."""
    locked = {"of": Visit, "key_share": True} if lock else None
    return db.session.get(Visit, visit_id, with_for_update=locked) or abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account


def _note(visit: Visit, what: str, **facts: object) -> None:
    audit.note(what, visit.thread, _me(), clock.now(), facts)
