"""Three questions in a minute, behind the link in the mail: on a phone, no account, no script."""

from flask import Blueprint, abort, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link
from webapp.groups import asking, suggesting
from webapp.groups.models import NAME_AT_MOST, QUESTIONS, Asked, EndUserGroup, Suggestion, TeamGroupLink

blueprint = Blueprint("mapping_answer", __name__)
Page = str | tuple[str, int] | Response

FIELDS = 3
"""Empty fields for names under each question; a field takes several, between semicolons."""
TICKS = 6
"""Groups to tick under a question; the others are suggested while typing."""
KNOWN_AT_MOST = 60


@blueprint.get("/k/<token>")
@access(link("mapping"))
def questions(token: str) -> Page:
    """The questions; who has answered reads back what they said."""
    asked = _asked()
    if asked.answered_at and not (asked.round.open(clock.now()) and "change" in request.args):
        return _read_back(asked)
    if not asked.round.open(clock.now()) and not g.preview:
        return render_template("groups/mapping_closed.html", asked=asked, **_more(asked)), 410
    return _form(asked)


@blueprint.post("/k/<token>")
@access(link("mapping"))
def answer(token: str) -> Page:
    asked = _asked()
    names = {n: request.form.getlist(f"q{n}") for n in QUESTIONS}
    ticks = {n: request.form.getlist(f"g{n}", type=int) for n in QUESTIONS}
    if not any(name.strip() for typed in names.values() for name in typed) and not any(ticks.values()):
        return _form(asked, error=_("Name at least one group; you may skip the other questions.")), 422
    try:
        asking.answer(asked, names, ticks, clock.now())
    except asking.Closed:
        return render_template("groups/mapping_closed.html", asked=asked, **_more(asked)), 410
    return redirect(_here(token), 303)


@blueprint.post("/k/<token>/meant")
@access(link("mapping"))
def meant(token: str) -> Response:
    """A name that looks like a group: this is the one I meant, or it is not."""
    asked = _asked()
    try:
        asking.meant(asked, request.form.get("name", 0, type=int), request.form.get("group", 0, type=int), clock.now())
    except asking.Closed:
        return redirect(_here(token), 303)
    return redirect(_here(token), 303)


def _form(asked: Asked, error: str = "") -> str:
    posted = request.method == "POST"
    ticks = {1: _ticks(asked, later=False), 2: _ticks(asked, later=True), 3: []}
    ids = {n: {each.id for each in groups} for n, groups in ticks.items()}
    said = {n: [each for each in asked.suggestions if each.question == n] for n in QUESTIONS}
    typed = {
        n: request.form.getlist(f"q{n}")
        if posted
        else [s.text for s in said[n] if not (s.ticked and s.group_id in ids[n])]
        for n in QUESTIONS
    }
    ticked = {
        n: set(request.form.getlist(f"g{n}", type=int)) if posted else {s.group_id for s in said[n] if s.ticked}
        for n in QUESTIONS
    }
    return render_template(
        "groups/mapping.html",
        asked=asked,
        ticks=ticks,
        known=_known(),
        typed={n: [*typed[n], *[""] * FIELDS][: max(FIELDS, len(typed[n]) + 1)] for n in QUESTIONS},
        ticked=ticked,
        error=error,
        errors=[("q1", error)] if error else [],
        name_at_most=NAME_AT_MOST,
        **_more(asked),
    )


def _read_back(asked: Asked) -> str:
    """What was said, and for a name that looks like a group, whether that is meant."""
    open_ = asked.round.open(clock.now())
    means: dict[int, int | None] = dict(
        db.session.execute(select(Suggestion.id, Suggestion.means()).where(Suggestion.asked_id == asked.id)).all()
    )
    unknown = [each.folded for each in asked.suggestions if means.get(each.id) is None]
    groups = {each.id: each for each in db.session.scalars(select(EndUserGroup).where(EndUserGroup.standing()))}
    return render_template(
        "groups/mapping_done.html",
        asked=asked,
        is_open=open_,
        said={n: [each for each in asked.suggestions if each.question == n] for n in QUESTIONS},
        means={id: groups.get(group_id) for id, group_id in means.items() if group_id},
        alike=suggesting.alike(unknown, most=1) if unknown and open_ else {},
        **_more(asked),
    )


def _more(asked: Asked) -> dict[str, object]:
    address = asked.staff.address_id
    page = edge.door("staff", address) if address else None
    return {
        "by": asked.round.started_by,
        "nominate_url": f"{page}/nominate" if page and not g.preview else None,
        "my_page_url": page,
    }


def _ticks(asked: Asked, *, later: bool) -> list[EndUserGroup]:
    """The groups that this team works for as far as is known, then those that most named. `later`: whom our work reaches
    through others, or at another time; else the others."""
    through = or_(EndUserGroup.relation == "indirect", EndUserGroup.time != "present")
    named = (
        select(func.count(Suggestion.id))
        .where(Suggestion.folded == EndUserGroup.folded)
        .correlate(EndUserGroup)
        .scalar_subquery()
    )
    linked = select(TeamGroupLink.id).where(
        TeamGroupLink.group_id == EndUserGroup.id, TeamGroupLink.team_id == asked.team_id
    )
    query = select(EndUserGroup).where(EndUserGroup.standing(), through if later else ~through)
    return list(
        db.session.scalars(query.order_by(linked.exists().desc(), named.desc(), EndUserGroup.folded).limit(TICKS))
    )


def _known() -> list[str]:
    """For who types: the names there are."""
    query = select(EndUserGroup.name).where(EndUserGroup.standing()).order_by(EndUserGroup.folded)
    return list(db.session.scalars(query.limit(KNOWN_AT_MOST)))


def _asked() -> Asked:
    found = db.session.get(Asked, edge.opened().subject_id)
    if found is None or found.staff.left_at is not None:
        if g.preview:
            abort(404)
        raise edge.NoSuchLink
    g.language = found.staff.address.locale if found.staff.address else None
    return found


def _here(token: str) -> str:
    return f"/k/{token}" + (f"?lang={edge.language()}" if "lang" in request.args else "")
