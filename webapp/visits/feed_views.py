"""Calendars to follow: made, given away and renewed by who organises; read by whoever has the link."""

from typing import cast

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from webapp import clock, db, edge, links
from webapp.access import access, link, role
from webapp.accounts import audit
from webapp.links import PATHS, Link, Scope
from webapp.staff.models import StaffMember, Team
from webapp.visits import feeds
from webapp.visits.feeds import SCOPES, Of
from webapp.visits.models import Room

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/visits/calendars")
@access(role("organiser"))
def index() -> str:
    """Every calendar there can be, with the link of those that were made."""
    me = current_user.account
    host = db.session.scalar(select(StaffMember).where(StaffMember.account_id == me.id, StaffMember.left_at.is_(None)))
    teams = db.session.scalars(select(Team).order_by(Team.name)).all()
    rooms = Room.open_ones()
    mine: list[tuple[Of, int, str]] = [("feed_organiser", me.id, _("Visits that I organise"))]
    mine += [("feed_host", host.id, _("Visits that I host"))] if host else []
    of_teams: list[tuple[Of, int, str]] = [("feed_team", each.id, each.name) for each in teams]
    of_rooms: list[tuple[Of, int, str]] = [("feed_room", each.id, each.name) for each in rooms]
    made = links.existing([(of, id) for of, id, _name in (*mine, *of_teams, *of_rooms)])
    return render_template(
        "visits/feeds.html",
        parts=[(_("My calendars"), "mine", mine), (_("Teams"), "teams", of_teams), (_("Rooms"), "rooms", of_rooms)],
        addresses={pair: address(pair[0], door) for pair, door in made.items()},
    )


@blueprint.post("/visits/calendars")
@access(role("organiser"))
def make() -> Answer:
    """A link to a calendar; with `renew` what was handed out before stops working."""
    of, id = next((each for each in SCOPES if each == request.form.get("of")), None), request.form.get("id", 0, int)
    whose = feeds.owner(of, id) if of else None
    me = current_user.account
    if of is None or whose is None or (of == "feed_organiser" and id != me.id):
        abort(404)
    links.ensure(of, [id])
    if "renew" in request.form:
        db.session.get_one(Link, (of, id)).revoke()
        flash(_("The old link of “%(name)s” works no more.", name=feeds.name(whose)), "saved")
    audit.note("made a calendar link", f"{of.replace('_', '-')}-{id}", me, clock.now())
    return redirect(url_for("feeds.index", _anchor=f"{of}-{id}"), 303)


def address(of: Scope, door: links.Door) -> str:
    return f"{edge.settings().base_url}/{PATHS[of]}/{edge.keys().token(door)}"


@blueprint.get("/fo/<token>")
@access(link("feed_organiser"))
def of_organiser(token: str) -> Response:
    return _calendar("feed_organiser")


@blueprint.get("/fh/<token>")
@access(link("feed_host"))
def of_host(token: str) -> Response:
    return _calendar("feed_host")


@blueprint.get("/ft/<token>")
@access(link("feed_team"))
def of_team(token: str) -> Response:
    return _calendar("feed_team")


@blueprint.get("/fr/<token>")
@access(link("feed_room"))
def of_room(token: str) -> Response:
    return _calendar("feed_room")


def _calendar(of: Of) -> Response:
    whose = feeds.owner(of, edge.opened().subject_id)
    if whose is None:
        raise edge.NoSuchLink
    file = feeds.written(whose, edge.settings().base_url, clock.now())
    response = Response(file, mimetype="text/calendar")
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return cast(Response, response.make_conditional(request))
