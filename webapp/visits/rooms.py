"""The rooms a visit can be in: add one, mend it, close it. A room that visits took place in is closed, never lost."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.visits import forms
from webapp.visits.forms import Typed
from webapp.visits.models import SEATS, Room

blueprint = Blueprint("rooms", __name__)

WORDS = ("place", "address", "meeting_point", "travel_line")
"""How people find it: each one line, all of them may be empty."""
WORDS_AT_MOST = 300
Page = str | tuple[str, int] | Response


@blueprint.get("/admin/rooms")
@access(role("organiser"))
def index() -> str:
    return _page(Typed({"seats": str(SEATS)}))


@blueprint.post("/admin/rooms")
@access(role("organiser"))
def add() -> Page:
    form = forms.typed(request.form)
    values = _values(form, None)
    if form.problems:
        return _page(form), 422
    room = Room(**values)
    db.session.add(room)
    db.session.flush()
    _note("added room", room)
    return redirect(url_for("rooms.index"), 303)


@blueprint.route("/admin/rooms/<int:room_id>", methods=["GET", "POST"])
@access(role("organiser"))
def edit(room_id: int) -> Page:
    """Its name and how people find it. Mail that still has to leave says what stands here then."""
    room = db.session.get(Room, room_id) or abort(404)
    if request.method == "GET":
        known = {name: getattr(room, name) for name in ("name", *WORDS)} | {"seats": str(room.seats)}
        return render_template("visits/room.html", room=room, typed=Typed(known), errors=[])
    form = forms.typed(request.form)
    values = _values(form, room)
    if form.problems:
        errors = [(problem.field, problem.text) for problem in form.problems]
        return render_template("visits/room.html", room=room, typed=form, errors=errors), 422
    for name, value in values.items():
        setattr(room, name, value)
    _note("changed room", room)
    flash(_("Saved."), "saved")
    return redirect(url_for("rooms.index"), 303)


@blueprint.post("/admin/rooms/<int:room_id>/closing")
@access(role("organiser"))
def close(room_id: int) -> Response:
    """No new visits here; those that were planned stay."""
    room = db.session.get(Room, room_id) or abort(404)
    room.closed_at = room.closed_at or clock.now()
    _note("closed room", room)
    undo = url_for("rooms.reopen", room_id=room.id)
    flash({"text": _("%(room)s is closed.", room=room.name), "action": undo}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(url_for("rooms.index"), 303)


@blueprint.post("/admin/rooms/<int:room_id>/opening")
@access(role("organiser"))
def reopen(room_id: int) -> Response:
    room = db.session.get(Room, room_id) or abort(404)
    room.closed_at = None
    _note("opened room", room)
    return redirect(url_for("rooms.index"), 303)


def _values(form: Typed, room: Room | None) -> dict[str, object]:
    name = form.line("name")
    same = select(Room.id).where(func.lower(Room.name) == name.lower(), Room.id != (room.id if room else 0))
    if not name:
        form.refuse("name", _("Fill in the name of the room."))
    elif db.session.scalar(same) is not None:
        form.refuse("name", _("There is a room of this name already. Open or change that one."))
    seats = form.count("seats", forms.SEATS_AT_MOST)
    return {"name": name, "seats": seats} | {word: form.line(word, WORDS_AT_MOST) for word in WORDS}


def _page(form: Typed) -> str:
    rooms = db.session.scalars(select(Room).order_by(Room.closed_at.is_not(None), Room.name)).all()
    errors = [(problem.field, problem.text) for problem in form.problems]
    return render_template("visits/rooms.html", rooms=rooms, typed=form, errors=errors)


def _note(what: str, room: Room) -> None:
    audit.note(what, f"room-{room.id}", current_user.account, clock.now())
