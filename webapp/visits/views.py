"""Planning a visit, and the rooms it can be in. Who comes and what is mailed stands in `webapp/invitations`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.staff.models import StaffMember, Team
from webapp.templating import language
from webapp.visits import forms, slots
from webapp.visits.forms import Typed
from webapp.visits.models import SEATS, STORYTELLER_PLACES, Room, RoomTaken, Slot, Visit

blueprint = Blueprint("visits", __name__)

LISTED_AT_MOST = 100
"""Customers shown to choose from when nobody was chosen on their own page."""
ME = "me"
Page = str | tuple[str, int] | Response


@blueprint.route("/visits/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    """A form that is filled in already. POST only brings along whom to invite, when they are too many for an address."""
    chosen = forms.ids(request.values, "customers")
    rooms = Room.open_ones()
    usual = slots.usual(clock.now(), Organisation.required().zone, rooms)
    values = forms.spelled(usual) | {
        "room": str(usual.room.id) if usual.room else forms.NEW_ROOM,
        "host": ME,
        "seats": str(SEATS),
        "storyteller_places": str(STORYTELLER_PLACES),
        "key": forms.new_key(),
    }
    return _page(Typed(values, {"customers": chosen, "listed": chosen}), rooms, None)


@blueprint.post("/visits")
@access(role("organiser"))
def create() -> Page:
    """Plan it. The same form sent again, by a double click or with another time, is the same visit."""
    key = request.form.get("key", "")
    if not forms.is_key(key):
        abort(400)
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    visit = db.session.scalar(select(Visit).where(Visit.key == key))
    if visit is not None and visit.invited_at is not None:
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    return _save(visit)


@blueprint.get("/visits/<int:visit_id>/edit")
@access(role("organiser"))
def edit(visit_id: int) -> Page:
    """Everything while nobody was invited; after that what needs no mail: places, host, reason, teams."""
    visit = db.session.get(Visit, visit_id) or abort(404)
    slot = Slot(visit.wall, visit.zone, visit.minutes, visit.fold, visit.room, visit.link)
    values = forms.spelled(slot) | {
        "host": str(visit.host_id),
        "seats": str(visit.seats),
        "storyteller_places": str(visit.storyteller_places),
        "reason_nl": visit.reason_nl,
        "reason_en": visit.reason_en,
    }
    chosen = (visit.draft or {}).get("customers", [])
    lists = {"customers": chosen, "listed": chosen, "teams": [team.id for team in visit.teams]}
    return _page(Typed(values, lists), Room.open_ones(), visit)


@blueprint.post("/visits/<int:visit_id>/edit")
@access(role("organiser"))
def update(visit_id: int) -> Page:
    visit = db.session.get(Visit, visit_id, with_for_update={"of": Visit}) or abort(404)
    return _save(visit)


def _save(visit: Visit | None) -> Page:
    """Plan it, plan it anew, or change what needs no mail; else the same page, with all that was typed and chosen."""
    form, rooms = forms.typed(request.form), Room.open_ones()
    sent = visit is not None and visit.invited_at is not None
    slot = None if sent else forms.slot_of(form, rooms, clock.now(), language())
    facts = facts_of(form)
    code = 422
    if not form.problems:
        try:
            visit = _written(visit, slot, facts | {"host": host_of(form["host"])}, form)
        except RoomTaken:
            assert slot is not None  # nothing else takes a room
            refuse_room(form, slot, rooms, visit)
            code = 409
    if form.problems or visit is None:
        return _page(form, rooms, visit), code
    if sent:
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    visit.choose(form.lists["customers"], _members(visit.teams))
    return redirect(url_for("inviting.check", visit_id=visit.id), 303)


def _written(visit: Visit | None, slot: Slot | None, facts: dict[str, Any], form: Typed) -> Visit:
    slot = slot and in_room(slot, form)
    if visit is None:
        assert slot is not None  # a new visit has a time
        me: Account = current_user.account
        return Visit.plan(clock.now(), slot, key=form["key"], organiser=me, **facts)
    if slot is not None:
        visit.replan(slot, **facts)
    else:
        visit.change(**facts)
    return visit


def in_room(slot: Slot, form: Typed) -> Slot:
    """With its room in this transaction; one that was typed is made."""
    if form["room"] == forms.NEW_ROOM:
        return replace(slot, room=Room.named(forms.one_line(form["room_name"])))
    return replace(slot, room=db.session.get(Room, slot.room.id) if slot.room else None)


def facts_of(form: Typed) -> dict[str, Any]:
    """What is not about time and place."""
    if not host_known(form["host"]):
        form.refuse("host", _("Choose who welcomes the customers."))
    form.line("room_name")
    return {
        "seats": form.count("seats", forms.SEATS_AT_MOST),
        "storyteller_places": form.count("storyteller_places", forms.STORYTELLERS_AT_MOST),
        "reason_nl": form.line("reason_nl", forms.SENTENCE_AT_MOST),
        "reason_en": form.line("reason_en", forms.SENTENCE_AT_MOST),
        "teams": list(db.session.scalars(select(Team).where(Team.id.in_(form.lists["teams"])))),
    }


def refuse_room(form: Typed, slot: Slot, rooms: Sequence[Room], visit: Visit | None) -> None:
    """The room is taken: say so, with what is free nearby."""
    free = slots.nearest(slot, rooms, clock.now(), visit)
    assert slot.room is not None  # it was taken
    said = dates.listed([slot_label(each) for each in free], language()) or _("nothing within two weeks")
    text = _(
        "%(room)s was just taken. Free nearby: %(slots)s. What you typed is still here.",
        room=slot.room.name,
        slots=said,
    )
    form.refuse("room", text, free)


def rooms_to_choose(rooms: Sequence[Room]) -> list[tuple[object, str]]:
    known: list[tuple[object, str]] = [(room.id, room.name) for room in rooms]
    return [*known, (forms.NEW_ROOM, _("Another room…")), ("", _("No room: online"))]


def slot_label(slot: Slot) -> str:
    """`do 3 dec 15:00 uur in kamer 2.14`."""
    when = f"{dates.day_short(slot.when, language())} {dates.time(slot.when, language())}"
    said: str = _("%(when)s in %(room)s", when=when, room=slot.room.name) if slot.room else when
    return said


def host_known(typed: str) -> bool:
    return typed == ME or (typed.isdigit() and typed in {str(key) for key, _name in hosts()})


def host_of(typed: str) -> StaffMember:
    if typed == ME:
        return StaffMember.of(current_user.account, clock.now())
    return db.session.get_one(StaffMember, int(typed))


def hosts() -> list[tuple[str | int, str]]:
    """Who can welcome customers: me first, then everybody who works here."""
    me: Account = current_user.account
    mine = (StaffMember.account_id.is_distinct_from(me.id), StaffMember.address_id.is_distinct_from(me.address_id))
    others = select(StaffMember).where(StaffMember.left_at.is_(None), *mine).order_by(StaffMember.sorting)
    return [(ME, me.name), *((each.id, each.name.full) for each in db.session.scalars(others))]


def _members(teams: Sequence[Team]) -> list[int]:
    working = select(StaffMember.id).where(
        StaffMember.team_id.in_([team.id for team in teams]), StaffMember.left_at.is_(None)
    )
    return list(db.session.scalars(working))


def _page(form: Typed, rooms: Sequence[Room], visit: Visit | None) -> str:
    """With the customers it was opened with; when it was with none, those who may be asked."""
    people = select(Customer).order_by(Customer.sorting, Customer.id)
    if form.lists.get("listed"):
        people = people.where(Customer.id.in_(form.lists["listed"]))
    else:
        people = people.where(Customer.may_be_asked()).limit(LISTED_AT_MOST)
    teams = select(Team).options(selectinload(Team.members)).order_by(Team.name)
    return render_template(
        "visits/form.html",
        typed=form,
        errors=[(problem.field, problem.text) for problem in form.problems],
        rooms=rooms,
        rooms_to_choose=rooms_to_choose(rooms),
        teams=[(team, sum(each.left_at is None for each in team.members)) for team in db.session.scalars(teams)],
        hosts=hosts(),
        customers=db.session.scalars(people).all(),
        visit=visit,
        sent=visit is not None and visit.invited_at is not None,
        slot_label=slot_label,
        pick_value=forms.pick_value,
    )
