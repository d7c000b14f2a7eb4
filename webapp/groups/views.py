"""A group: added, changed, linked to teams, merged with another; all of it can be undone."""

from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload
from werkzeug.wrappers import Response

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.groups import merging, suggesting
from webapp.groups.forms import KIND_NAMES, LAYER_NAMES, RELATION_NAMES, TEXT_AT_MOST, TIME_NAMES, GroupForm
from webapp.groups.models import EndUserGroup, TeamGroupLink
from webapp.staff.models import Team

blueprint = Blueprint("groups", __name__)
Page = str | tuple[str, int] | Response


@blueprint.route("/groups/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    form = GroupForm(name=request.args.get("name", "")[:TEXT_AT_MOST])
    if not form.validate_on_submit():
        return _form(form)
    made = merging.add(form.name.data, me(), clock.now())
    _write(made, form)
    note("added group", made)
    say_undo(_("%(name)s is a group now.", name=made.name), url_for("groups.remove", group_id=made.id))
    return redirect(url_for("groups.show", group_id=made.id), 303)


@blueprint.get("/groups/<int:group_id>")
@access(role("viewer"))
def show(group_id: int) -> Page:
    """What the teams do for it, under which names it goes, and which groups look like it."""
    group = _group(group_id)
    if group.stands_for_id:
        return redirect(url_for("groups.show", group_id=group.stands_for_id), 302)
    family = db.session.scalars(select(EndUserGroup).where(EndUserGroup.root() == group.id)).all()
    links = db.session.scalars(
        select(TeamGroupLink)
        .join(TeamGroupLink.team)
        .where(TeamGroupLink.group_id.in_([each.id for each in family]))
        .options(selectinload(TeamGroupLink.team), selectinload(TeamGroupLink.group))
        .order_by(Team.name, TeamGroupLink.id)
    ).all()
    near = [each for each in suggesting.alike([group.folded]).get(group.folded, []) if each.id != group.id]
    return render_template(
        "groups/group.html",
        group=group,
        spellings=sorted((each for each in family if each.id != group.id), key=lambda each: each.folded),
        links=links,
        teams=db.session.scalars(select(Team).order_by(Team.name)).all(),
        near=near,
        others=[each for each in standing() if each.id != group.id],
        text_at_most=TEXT_AT_MOST,
        **labels(),
    )


@blueprint.route("/groups/<int:group_id>/edit", methods=["GET", "POST"])
@access(role("organiser"))
def edit(group_id: int) -> Page:
    group = _group(group_id)
    form = GroupForm(obj=group)
    form.group_id = group.id
    if not form.validate_on_submit():
        return _form(form, group)
    merging.rename(group, form.name.data, me(), clock.now())
    _write(group, form)
    note("changed group", group)
    flash(_("Saved."))
    return redirect(url_for("groups.show", group_id=group.id), 303)


@blueprint.post("/groups/<int:group_id>/removal")
@access(role("organiser"))
def remove(group_id: int) -> Response:
    """Undo of adding it: only while nothing hangs on it."""
    group = _group(group_id)
    if not merging.remove(group):
        flash(_("Too late to undo: teams or other names belong to it by now. Merge it instead."), "warning")
        return redirect(url_for("groups.show", group_id=group.id), 303)
    note("removed group", group)
    flash(_("Undone."))
    return redirect("/groups", 303)


@blueprint.post("/groups/<int:group_id>/links")
@access(role("organiser"))
def link(group_id: int) -> Response:
    """What the work of a team does for this group. The last text counts."""
    group, team = _group(group_id), db.session.get(Team, request.form.get("team", 0, type=int))
    if team is None:
        flash(_("Choose a team."), "warning")
        return redirect(url_for("groups.show", group_id=group.id, _anchor="teams"), 303)
    does = request.form.get("does", "").strip()[:TEXT_AT_MOST]
    row = {"team_id": team.id, "group_id": group.id, "does": does, "added_at": clock.now(), "added_by_id": me().id}
    new_link = insert(TeamGroupLink).values(row)
    db.session.execute(new_link.on_conflict_do_update(index_elements=["team_id", "group_id"], set_={"does": does}))
    note("linked team", group)
    flash(_("Saved."))
    return redirect(url_for("groups.show", group_id=group.id, _anchor="teams"), 303)


@blueprint.post("/groups/links/<int:link_id>/removal")
@access(role("organiser"))
def unlink(link_id: int) -> Response:
    found = db.session.get(TeamGroupLink, link_id) or abort(404)
    group, fields = found.group, {"team": found.team_id, "does": found.does}
    db.session.delete(found)
    note("unlinked team", group)
    text = _("%(team)s is no longer linked to %(group)s.", team=found.team.name, group=group.name)
    say_undo(text, url_for("groups.link", group_id=group.id), fields)
    shown = group.stands_for_id or group.id
    return redirect(url_for("groups.show", group_id=shown, _anchor="teams"), 303)


@blueprint.get("/groups/merging")
@access(role("organiser"))
def merging_page() -> Page:
    """Which of the ticked groups stays; the others become its other names."""
    groups = _chosen(request.args.getlist("groups", type=int))
    if len(groups) < 2:
        flash(_("Tick two groups or more to merge them."), "warning")
        return redirect("/groups#all", 303)
    return render_template("groups/merging.html", groups=groups, **labels())


@blueprint.post("/groups/merging")
@access(role("organiser"))
def merge() -> Response:
    groups = _chosen(request.form.getlist("groups", type=int))
    into = next((each for each in groups if each.id == request.form.get("into", type=int)), None)
    merged = merging.merge(groups, into, me(), clock.now()) if into else []
    if into is None or not merged:
        flash(_("Choose which group stays."), "warning")
        return redirect("/groups#all", 303)
    note("merged groups", into)
    text = ngettext("Merged into %(into)s.", "%(num)s groups merged into %(into)s.", len(merged), into=into.name)
    say_undo(text, url_for("groups.part", group_id=into.id), {"groups": ",".join(str(each.id) for each in merged)})
    return redirect(url_for("groups.show", group_id=into.id), 303)


@blueprint.post("/groups/<int:group_id>/parts")
@access(role("organiser"))
def part(group_id: int) -> Response:
    """Undo of merging, at once or a year later: these are groups of their own again."""
    group = _group(group_id)
    ids = [int(each) for each in request.form.get("groups", "").split(",") if each.isdigit()]
    parts = db.session.scalars(select(EndUserGroup).where(EndUserGroup.id.in_(ids))).all()
    merging.part([each for each in parts if each.stands_for_id == group.id])
    note("parted groups", group)
    flash(_("Undone."))
    return redirect(url_for("groups.show", group_id=group.id), 303)


def standing() -> list[EndUserGroup]:
    """All groups, by name."""
    return list(db.session.scalars(select(EndUserGroup).where(EndUserGroup.standing()).order_by(EndUserGroup.folded)))


def labels() -> dict[str, object]:
    return {"kinds": KIND_NAMES, "times": TIME_NAMES, "relations": RELATION_NAMES, "layers": LAYER_NAMES}


def me() -> Account:
    account: Account = current_user.account
    return account


def note(what: str, group: EndUserGroup) -> None:
    audit.note(what, f"group-{group.id}", me(), clock.now())


def say_undo(text: str, action: str, fields: dict[str, object] | None = None) -> None:
    flash({"text": text, "action": action, "fields": fields or {}}, "undo")  # type: ignore[arg-type]  # the frame shows it


def _form(form: GroupForm, group: EndUserGroup | None = None) -> Page:
    page = render_template("groups/form.html", form=form, group=group)
    return (page, 422) if form.is_submitted() else page


def _write(group: EndUserGroup, form: GroupForm) -> None:
    group.kind, group.time, group.relation = form.kind.data, form.time.data, form.relation.data
    group.description = (form.description.data or "").strip()


def _chosen(ids: Iterable[int]) -> list[EndUserGroup]:
    chosen = set(ids)
    return [each for each in standing() if each.id in chosen]


def _group(group_id: int) -> EndUserGroup:
    return db.session.get(EndUserGroup, group_id) or abort(404)
