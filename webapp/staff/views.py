"""Teams with their layer, and the people in them: read, added and changed by hand. Who has left keeps their history."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.mailing import by_hand
from webapp.mailing.models import Address
from webapp.staff.forms import LAYERS, MemberForm, TeamForm
from webapp.staff.models import StaffMember, Team

blueprint = Blueprint("staff", __name__)
Page = str | tuple[str, int] | Response

NAMED = 12
"""People of a team shown on the page of all teams; the rest stands on its own page."""
TEAMS_AT_ONCE = 60


@blueprint.get("/staff")
@access(role("viewer"))
def index() -> str:
    """All teams, with the people in them."""
    layer = next((layer for layer, _name in LAYERS if layer == request.args.get("layer")), "")
    teams = select(Team).order_by(Team.name).limit(TEAMS_AT_ONCE)
    if layer:
        teams = teams.where(Team.layer == layer)
    if after := request.args.get("after", ""):
        known = db.session.get(Team, int(after)) if after.isdigit() else None
        teams = teams.where(Team.name > known.name) if known else teams
    shown = db.session.scalars(teams).all()
    working = (
        select(StaffMember.team_id, func.count()).where(StaffMember.left_at.is_(None)).group_by(StaffMember.team_id)
    )
    counts = {team_id: count for team_id, count in db.session.execute(working)}  # noqa: C416  (rows, not pairs)
    return render_template(
        "staff/index.html",
        teams=shown,
        people={team.id: _some(team) for team in shown},
        counts=counts,
        total=sum(counts.values()),
        number_of_teams=db.session.scalar(select(func.count()).select_from(Team)),
        without=_in_no_team() if not layer else [],
        layer=layer,
        layers=LAYERS,
        following=shown[-1].id if len(shown) == TEAMS_AT_ONCE else None,
    )


@blueprint.get("/staff/teams/<int:team_id>")
@access(role("viewer"))
def team(team_id: int) -> str:
    """One team: who works in it, and who did."""
    found = _team(team_id)
    members = select(StaffMember).where(StaffMember.team_id == found.id).order_by(StaffMember.sorting)
    everybody = db.session.scalars(members).all()
    return render_template(
        "staff/team.html",
        team=found,
        working=[each for each in everybody if each.left_at is None],
        left=[each for each in everybody if each.left_at is not None and each.erased_at is None],
        layers=dict(LAYERS),
    )


@blueprint.route("/staff/teams/new", methods=["GET", "POST"])
@access(role("organiser"))
def new_team() -> Page:
    form = TeamForm()
    if form.validate_on_submit():
        made = Team(name=form.name.data, layer=form.layer.data)
        db.session.add(made)
        db.session.flush()
        return redirect(url_for("staff.team", team_id=made.id), 303)
    return _form("staff/team_form.html", form)


@blueprint.route("/staff/teams/<int:team_id>/edit", methods=["GET", "POST"])
@access(role("organiser"))
def edit_team(team_id: int) -> Page:
    found = _team(team_id)
    form = TeamForm(obj=found)
    form.team_id = found.id
    if form.validate_on_submit():
        found.name, found.layer = form.name.data, form.layer.data
        flash(_("Saved."))
        return redirect(url_for("staff.team", team_id=found.id), 303)
    return _form("staff/team_form.html", form, team=found)


@blueprint.route("/staff/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    form = MemberForm(locale=Organisation.required().locale, team=request.args.get("team", ""))
    form.team.choices = _teams()
    if form.validate_on_submit():
        member = StaffMember(added_at=clock.now())
        db.session.add(member)
        _write(member, form)
        flash(_("%(name)s has been added.", name=member.name.full))
        return _to_team(member)
    return _form("staff/member_form.html", form)


@blueprint.route("/staff/<int:member_id>", methods=["GET", "POST"])
@access(role("organiser"))
def edit(member_id: int) -> Page:
    member = _member(member_id)
    known = {
        "email": member.address.email if member.address else "",
        "family": f"{member.particle} {member.family}".strip(),
        "locale": member.address.locale if member.address else Organisation.required().locale,
        "team": str(member.team_id or ""),
    }
    shown = {"title": member.title or "", "given": member.given, "phone": member.phone}
    form = MemberForm(data=known | shown)
    form.member_id, form.team.choices = member.id, _teams()
    if form.validate_on_submit():
        _write(member, form)
        flash(_("Saved."))
        return _to_team(member)
    return _form("staff/member_form.html", form, member=member)


@blueprint.post("/staff/<int:member_id>/departure")
@access(role("organiser"))
def leave(member_id: int) -> Response:
    """Does not work here any more: gets no more mail, and keeps the past."""
    member = _member(member_id)
    member.left_at = member.left_at or clock.now()
    _note("noted departure", member)
    text = _("%(name)s does not work here any more.", name=member.name.full)
    flash({"text": text, "action": url_for("staff.come_back", member_id=member.id)}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return _to_team(member)


@blueprint.post("/staff/<int:member_id>/return")
@access(role("organiser"))
def come_back(member_id: int) -> Response:
    member = _member(member_id)
    member.left_at = None
    _note("noted return", member)
    flash(_("%(name)s works here again.", name=member.name.full))
    return _to_team(member)


def _some(team: Team) -> list[StaffMember]:
    """The first of those who work there."""
    working = select(StaffMember).where(StaffMember.team_id == team.id, StaffMember.left_at.is_(None))
    return list(db.session.scalars(working.order_by(StaffMember.sorting).limit(NAMED)))


def _in_no_team() -> list[StaffMember]:
    alone = select(StaffMember).where(StaffMember.team_id.is_(None), StaffMember.left_at.is_(None))
    return list(db.session.scalars(alone.order_by(StaffMember.sorting).limit(TEAMS_AT_ONCE)))


def _teams() -> list[SelectChoice]:
    teams = db.session.scalars(select(Team).order_by(Team.name))
    return [SelectChoice("", _("No team")), *(SelectChoice(str(each.id), each.name) for each in teams)]


def _form(template: str, form: MemberForm | TeamForm, **shown: object) -> Page:
    page = render_template(template, form=form, **shown)
    return (page, 422) if form.is_submitted() else page


def _write(member: StaffMember, form: MemberForm) -> None:
    """Take over what was typed; mail that did not reach the old address leaves after all."""
    old = member.address
    member.name, member.phone = form.name, form.phone.data or ""
    member.team = db.session.get(Team, int(form.team.data)) if form.team.data else None
    member.address = Address.of(form.email.data, form.locale.data) if form.email.data else None
    if member.address is not None:
        member.address.locale = form.locale.data
    db.session.flush()
    if member.address is not None and old is not None and old.id != member.address.id:
        by_hand.address_mended(old.id, member.address, clock.now(), clock.real())


def _to_team(member: StaffMember) -> Response:
    return redirect(url_for("staff.team", team_id=member.team_id) if member.team_id else url_for("staff.index"), 303)


def _team(team_id: int) -> Team:
    return db.session.get(Team, team_id) or abort(404)


def _member(member_id: int) -> StaffMember:
    found = db.session.get(StaffMember, member_id, options=[selectinload(StaffMember.team)])
    return found if found is not None and found.erased_at is None else abort(404)


def _note(what: str, member: StaffMember) -> None:
    account: Account = current_user.account
    audit.note(what, f"staff-{member.id}", account, clock.now())
