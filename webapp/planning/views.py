"""A season for who organises: begin, see it searched, look at every line and why, pin or set aside, plan again, accept."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Organisation
from webapp.planning import saying
from webapp.planning.accepting import accept
from webapp.planning.models import PlannedLine, Season, SeasonPlan, together
from webapp.staff.models import StaffMember, Team
from webapp.visits import forms
from webapp.visits.forms import Typed
from webapp.visits.models import LASTS, Room
from webapp.visits.views import ME, host_known, host_of, hosts

blueprint = Blueprint("season", __name__)
Page = str | tuple[str, int] | Response

FROM, LASTS_WEEKS, LONGEST = timedelta(weeks=3), timedelta(weeks=12), timedelta(days=366)
"""A season opens so far ahead, for so long; at most."""
STARTS = ("10:00", "14:00")
VISITS_AT_MOST, STORYTELLERS_AT_MOST, AT_ONCE_AT_MOST = 6, 3, 50


@blueprint.get("/season")
@access(role("organiser"))
def index() -> Response:
    last = Season.latest()
    return redirect(url_for("season.show", season_id=last.id) if last else url_for("season.new"))


@blueprint.route("/season/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    """The bounds, filled in already."""
    if request.method == "POST":
        return _begin()
    begins = dates.local(clock.now(), Organisation.required().zone).date() + FROM
    begins += timedelta(days=-begins.weekday())
    values = {
        "begins": begins.isoformat(), "ends": (begins + LASTS_WEEKS - timedelta(days=3)).isoformat(),
        "morning": STARTS[0], "afternoon": STARTS[1], "visits": "1", "storytellers": "1", "staff": "12", "host": ME,
    }  # fmt: skip
    return _form(Typed(values))


@blueprint.get("/season/<int:season_id>")
@access(role("organiser"))
def show(season_id: int) -> str:
    """How far the search is; when it is over, the plan."""
    season = _found(season_id)
    if season.plan.runs:
        return render_template("planning/running.html", season=season, plan=season.plan)
    return _review(season)


@blueprint.get("/season/<int:season_id>/progress")
@access(role("organiser"))
def progress(season_id: int) -> Response:
    """Asked for every second; when the search is over the page looks again as a whole."""
    plan = _found(season_id).plan
    response = Response(render_template("planning/_progress.html", plan=plan))
    if not plan.runs:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/season/<int:season_id>/stop")
@access(role("organiser"))
def stop(season_id: int) -> Response:
    """The best plan so far is the plan."""
    season = _found(season_id)
    plan = db.session.get_one(SeasonPlan, season.plan.id, with_for_update={"of": SeasonPlan})
    if plan.runs and plan.stop_asked_at is None:
        plan.stop_asked_at = clock.now()
    return _to(season)


@blueprint.post("/season/<int:season_id>/plans")
@access(role("organiser"))
def again(season_id: int) -> Response:
    """Pins stay, what was set aside does not come back, and of the rest as little as possible changes."""
    season = _found(season_id)
    season.again(current_user.account, clock.now())
    return _to(season)


@blueprint.post("/season/<int:season_id>/lines/<int:line_id>/pin")
@access(role("organiser"))
def pin(season_id: int, line_id: int) -> Response:
    """Pin a visit, or let go of it: everybody who tells at it."""
    lines, now = _lines(season_id, line_id), clock.now()
    pinned = lines[0].pinned_at is None
    for line in lines:
        line.pinned_at, line.refused_at = (now if pinned else None), None
    return _to(lines[0].plan.season, f"line-{lines[0].id}")


@blueprint.post("/season/<int:season_id>/lines/<int:line_id>/refusal")
@access(role("organiser"))
def refuse(season_id: int, line_id: int) -> Response:
    """Rather somebody else for this team; or it will do after all."""
    lines, now = _lines(season_id, line_id), clock.now()
    refused = lines[0].refused_at is None
    for line in lines:
        line.refused_at, line.pinned_at = (now if refused else None), None
    return _to(lines[0].plan.season, f"line-{lines[0].id}")


@blueprint.post("/season/<int:season_id>/acceptance")
@access(role("organiser"))
def take_over(season_id: int) -> Response:
    """Visits, of one line or of all; whoever is to come is chosen, and nobody is mailed."""
    season = _found(season_id)
    if season.plan.runs:
        return _to(season)
    only = forms.ids(request.form, "lines") or None
    done, failed = accept(season.plan, only, current_user.account, clock.now())
    audit.note("accepted season plan", f"season-{season.id}", current_user.account, clock.now(), {"visits": done})
    if done:
        flash(
            ngettext(
                "One visit was made. Nothing was mailed: check its mails on its page.",
                "%(num)s visits were made. Nothing was mailed: check the mails on the page of each.",
                done,
            ),
            "saved",
        )
    if failed:
        flash(
            ngettext(
                "One visit could not be made: its room was taken meanwhile. Plan again.",
                "%(num)s visits could not be made: their rooms were taken meanwhile. Plan again.",
                failed,
            ),
            "warning",
        )
    return _to(season)


def _begin() -> Page:
    form = forms.typed(request.form)
    values = _values(form)
    if form.problems:
        return _form(form), 422
    me, now = current_user.account, clock.now()
    season = Season(
        created_at=now, organiser=me, host=host_of(form["host"]), minutes=LASTS // timedelta(minutes=1),
        zone=Organisation.required().zone, drawn=[], **values,
    )  # fmt: skip
    db.session.add(season)
    db.session.flush()
    season.again(me, now)
    audit.note("asked for a season plan", f"season-{season.id}", me, now)
    return _to(season)


def _values(form: Typed) -> dict[str, Any]:
    begins, ends = forms.day_of(form, "begins"), forms.day_of(form, "ends")
    today = dates.local(clock.now(), Organisation.required().zone).date()
    if begins and ends and not begins <= ends <= begins + LONGEST:
        form.refuse("ends", _("The last day comes after the first, at most a year later."))
    elif ends and ends <= today:
        form.refuse("ends", _("This season is over already. Choose a later day."))
    starts = [at for name in ("morning", "afternoon") if form[name].strip() and (at := forms.clock_of(form, name))]
    if not starts and not form.problems:
        form.refuse("morning", _("Fill in a time."))
    if not host_known(form["host"]):
        form.refuse("host", _("Choose who welcomes the customers."))
    link = form.line("link", forms.LINK_AT_MOST)
    if link and not link.startswith("https://"):
        form.refuse("link", _("This is not an address of a page. It begins with https://."))
    return {
        "begins": begins, "ends": ends, "starts": sorted({dates.clock(at) for at in starts}), "link": link,
        "visits": form.count("visits", VISITS_AT_MOST), "storytellers": form.count("storytellers", STORYTELLERS_AT_MOST),
        "staff": form.count("staff", forms.SEATS_AT_MOST), "own_languages": form["own_languages"] == "yes",
        "at_once": form.count("at_once", AT_ONCE_AT_MOST) if form["at_once"].strip() else None,
    }  # fmt: skip


def _form(form: Typed) -> str:
    """With what is lacking before there can be any plan."""
    lacks = {
        "teams": not db.session.scalar(select(func.count(StaffMember.team_id)).where(StaffMember.left_at.is_(None))),
        "rooms": not Room.open_ones(),
    }
    errors = [(problem.field, problem.text) for problem in form.problems]
    return render_template("planning/new.html", typed=form, errors=errors, hosts=hosts(), lacks=lacks)


def _review(season: Season) -> str:
    plan = season.plan
    visits = together(plan.lines)
    teams = {team.id: team.name for team in db.session.scalars(select(Team).order_by(Team.name))}
    open_ones = [each for each in visits if not each[0].visit_id and not each[0].refused_at]
    by_team: dict[int, dict[date, list[list[PlannedLine]]]] = {}
    for each in visits:
        by_team.setdefault(each[0].team_id, {}).setdefault(_monday(each[0].wall), []).append(each)
    weeks = [week for week, _each in groupby(sorted(_monday(each[0].wall) for each in visits))]
    return render_template(
        "planning/review.html",
        season=season,
        plan=plan,
        visits=visits,
        open_ones=open_ones,
        teams=teams,
        by_team=dict(sorted(by_team.items(), key=lambda each: teams[each[0]])),
        weeks=weeks,
        reason=saying.reason,
        unmet=[saying.against(why, teams[team]) for team, why in plan.unreached if team in teams],
        lost=[saying.lost(why, teams.get(team, "–")) for team, why in plan.lost],
    )


def _monday(day: date) -> date:
    return date(day.year, day.month, day.day) - timedelta(days=day.weekday())


def _found(season_id: int) -> Season:
    season: Season = db.session.get(Season, season_id) or abort(404)
    return season


def _lines(season_id: int, line_id: int) -> list[PlannedLine]:
    """All of one visit that is not a visit yet, in the plan that counts."""
    season = _found(season_id)
    line = next((each for each in season.plan.lines if each.id == line_id and not each.visit_id), None)
    if line is None or season.plan.runs:
        abort(404)
    return [each for each in season.plan.lines if each.key == line.key]


def _to(season: Season, anchor: str | None = None) -> Response:
    return redirect(url_for("season.show", season_id=season.id, _anchor=anchor), 303)
