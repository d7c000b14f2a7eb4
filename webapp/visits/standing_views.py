"""Standing slots for who organises: what there is, a new one, changing it, and closing it."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Organisation
from webapp.staff.models import Team
from webapp.templating import language
from webapp.visits import forms, wall
from webapp.visits.forms import Typed
from webapp.visits.models import SEATS, STORYTELLER_PLACES, Room
from webapp.visits.standing import EVERY_WEEK, HORIZON_WEEKS, LAST, NOTICE_HOURS, Series, days
from webapp.visits.views import ME, facts_of, host_of, hosts, rooms_to_choose

blueprint = Blueprint("standing", __name__)
Page = str | tuple[str, int] | Response

NOTICE_AT_MOST, HORIZON_AT_MOST = 24 * 28, 52
"""Hours, and weeks."""
A_MONDAY = date(2026, 1, 5)
TWO_MONTHS = timedelta(days=62)
"""Any rule has a day within them."""


@blueprint.get("/visits/standing")
@access(role("viewer"))
def index() -> str:
    every = select(Series).options(selectinload(Series.teams)).order_by(Series.closed_at.is_not(None), Series.id)
    now = clock.now()
    found = [(each, each.days(now)[:1]) for each in db.session.scalars(every)]
    return render_template("visits/standing.html", series=found, rule_of=rule_of, until=_until)


@blueprint.route("/visits/standing/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    if request.method == "POST":
        return _save(None)
    values = {
        "nth": "1", "weekday": "3", "from": dates.clock(wall.USUAL_START), "until": dates.clock(wall.USUAL_END),
        "zone": Organisation.required().zone, "host": ME, "seats": str(SEATS), "room": _first_room(),
        "storyteller_places": str(STORYTELLER_PLACES), "notice": str(NOTICE_HOURS), "horizon": str(HORIZON_WEEKS),
    }  # fmt: skip
    return _page(Typed(values), None)


@blueprint.route("/visits/standing/<int:series_id>", methods=["GET", "POST"])
@access(role("organiser"))
def edit(series_id: int) -> Page:
    """Days that are booked stay as they are; what changes here is about days to come."""
    series = db.session.get(Series, series_id) or abort(404)
    if request.method == "POST":
        return _save(series)
    values = {
        "name": series.name, "nth": str(series.nth), "weekday": str(series.weekday), "from": dates.clock(series.starts),
        "until": dates.clock(_until(series)), "zone": series.zone, "link": series.link, "host": str(series.host_id),
        "room": str(series.room_id or ""), "seats": str(series.seats), "notice": str(series.notice_hours),
        "storyteller_places": str(series.storyteller_places), "horizon": str(series.horizon_weeks),
    }  # fmt: skip
    return _page(Typed(values, {"teams": [team.id for team in series.teams]}), series)


@blueprint.post("/visits/standing/<int:series_id>/closing")
@access(role("organiser"))
def close(series_id: int) -> Response:
    """No new bookings; the visits that were booked stay."""
    series = db.session.get(Series, series_id) or abort(404)
    series.closed_at = series.closed_at or clock.now()
    _note("closed standing slot", series)
    undo = url_for("standing.reopen", series_id=series.id)
    flash({"text": _("%(name)s is closed. What was booked stays.", name=series.name), "action": undo}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(url_for("standing.index"), 303)


@blueprint.post("/visits/standing/<int:series_id>/opening")
@access(role("organiser"))
def reopen(series_id: int) -> Response:
    series = db.session.get(Series, series_id) or abort(404)
    series.closed_at = None
    _note("opened standing slot", series)
    return redirect(url_for("standing.index"), 303)


def rule_of(nth: int, weekday: int) -> str:
    """`elke donderdag`, `elke eerste donderdag van de maand`."""
    day = dates.day(A_MONDAY + timedelta(days=weekday), language()).split()[0]
    said: dict[int, str] = {
        EVERY_WEEK: _("every %(day)s", day=day),
        1: _("every first %(day)s of the month", day=day),
        2: _("every second %(day)s of the month", day=day),
        3: _("every third %(day)s of the month", day=day),
        4: _("every fourth %(day)s of the month", day=day),
        LAST: _("every last %(day)s of the month", day=day),
    }
    return said[nth]


def _save(series: Series | None) -> Page:
    """Written down, or the same page with all that was typed."""
    form = forms.typed(request.form)
    values = _values(form)
    if form.problems:
        return _page(form, series), 422
    if series is None:
        me = current_user.account
        series = Series(created_at=clock.now(), organiser=me, **values)
        db.session.add(series)
    for name, value in values.items():
        setattr(series, name, value)
    db.session.flush()
    _note("saved standing slot", series)
    flash(_("Saved."), "saved")
    return redirect(url_for("standing.index"), 303)


def _values(form: Typed) -> dict[str, Any]:
    """What was typed, read as a visit on the first of its days would be."""
    name = form.line("name")
    if not name:
        form.refuse("name", _("Fill in a name."))
    nth, weekday = _one_of(form, "nth", range(LAST + 1)), _one_of(form, "weekday", range(7))
    if form["room"] == forms.NEW_ROOM:
        form.values["room"] = ""
    tomorrow = dates.local(clock.now(), Organisation.required().zone).date() + timedelta(days=2)
    form.values["date"] = next(days(nth, weekday, tomorrow, tomorrow + TWO_MONTHS)).isoformat()
    slot = forms.slot_of(form, Room.open_ones(), clock.now(), language())
    facts = {name: value for name, value in facts_of(form).items() if not name.startswith("reason")}
    more = {
        "notice_hours": form.count("notice", NOTICE_AT_MOST),
        "horizon_weeks": form.count("horizon", HORIZON_AT_MOST),
    }
    if slot is None or form.problems:
        return {}
    where = {"room": slot.room, "link": slot.link, "zone": slot.zone}
    when = {"nth": nth, "weekday": weekday, "starts": slot.when.time(), "minutes": slot.minutes}
    return {"name": name, "host": host_of(form["host"]), **when, **where, **facts, **more}


def _one_of(form: Typed, name: str, known: range) -> int:
    if form[name] in map(str, known):
        return int(form[name])
    form.refuse(name, _("Choose one from the list."))
    return known[0]


def _until(series: Series) -> datetime:
    return datetime.combine(A_MONDAY, series.starts) + timedelta(minutes=series.minutes)


def _first_room() -> str:
    rooms = Room.open_ones()
    return str(rooms[0].id) if rooms else ""


def _page(form: Typed, series: Series | None) -> str:
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    return render_template(
        "visits/standing_form.html",
        typed=form,
        series=series,
        errors=[(problem.field, problem.text) for problem in form.problems],
        rooms=[(key, text) for key, text in rooms_to_choose(Room.open_ones()) if key != forms.NEW_ROOM],
        hosts=hosts(),
        teams=teams,
        numbers=_numbers(),
        weekdays=[(day, dates.day(A_MONDAY + timedelta(days=day), language()).split()[0]) for day in range(7)],
    )


def _numbers() -> list[tuple[int, str]]:
    return [
        (EVERY_WEEK, _("every week")), (1, _("the first of the month")), (2, _("the second of the month")),
        (3, _("the third of the month")), (4, _("the fourth of the month")), (LAST, _("the last of the month")),
    ]  # fmt: skip


def _note(what: str, series: Series) -> None:
    audit.note(what, f"series-{series.id}", current_user.account, clock.now())
