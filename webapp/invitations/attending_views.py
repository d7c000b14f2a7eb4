"""The day itself: the host's phone, and the same list for who organises. Both work without script."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, link, role
from webapp.accounts import audit
from webapp.accounts.models import Organisation
from webapp.hosting import afterwards
from webapp.hosting.afterwards import KEPT_WITHIN, PARTS, TOLD_IN_MINUTES, Afterwards, Errors
from webapp.hosting.models import TOLD, WAYS
from webapp.invitations import attending, care, needs
from webapp.invitations.models import Invitation
from webapp.invitations.visit_words import five_minutes
from webapp.templating import language
from webapp.visits import forms
from webapp.visits.models import Visit
from webapp.visits.run_sheet import run_sheet

blueprint = Blueprint("attending", __name__)

Page = str | tuple[str, int] | Response


@blueprint.route("/visits/<int:visit_id>/attendance", methods=["GET", "POST"])
@access(role("organiser"))
def tick(visit_id: int) -> Page:
    """Tick who was there; the second button finishes, and thanks them."""
    visit = db.session.get(Visit, visit_id) or abort(404)
    if visit.cancelled_at is not None or visit.invited_at is None:
        abort(404)
    if request.method == "GET":
        return render_template("invitations/attendance.html", **_facts(visit))
    if "part" in request.form:
        errors = _write_down(visit)
        if errors:
            return render_template("invitations/attendance.html", **_facts(visit, errors)), 422
        return redirect(
            url_for("attending.tick", visit_id=visit.id, written=request.form["part"], _anchor="after"), 303
        )
    finished = _save(visit)
    audit.note("ticked attendance", visit.thread, current_user.account, clock.now())
    if not finished:
        return redirect(url_for("attending.tick", visit_id=visit.id, saved=1), 303)
    here = sum(each.attendance is not None and each.attendance.present for each in Invitation.of_visit(visit.id))
    flash(ngettext("Finished. One person is thanked.", "Finished. %(num)s people are thanked.", here), "saved")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.route("/h/<token>", methods=["GET", "POST"])
@access(link("host"))
def host(token: str) -> Page:
    """This visit on the host's phone: who comes, their numbers, how it goes, who is there."""
    visit = db.session.get(Visit, edge.opened().subject_id)
    if visit is None or visit.cancelled_at is not None:
        raise edge.NoSuchLink
    g.language = visit.host.address.locale if visit.host.address else None
    if request.method == "POST" and "care" in request.form:
        return redirect(_look_after(visit, token), 303)
    errors: Errors = []
    if request.method == "POST" and "part" in request.form:
        errors = _write_down(visit)
        if not errors:
            written = request.form["part"]
            return redirect(url_for("attending.host", token=token, written=written, _anchor="after"), 303)
    elif request.method == "POST":
        _save(visit)
        return redirect(url_for("attending.host", token=token, saved=1, _anchor="who"), 303)
    page = render_template(
        "invitations/host.html",
        **_facts(visit, errors),
        token=token,
        over=visit.ends_at <= clock.now(),
        before=care.BEFORE,
        after=care.AFTER,
        kept=request.args.get("kept", type=int),
    )
    return (page, 422) if errors else page


def _look_after(visit: Visit, token: str) -> str:
    """Keep what was agreed with one storyteller of this visit, and what was looked after."""
    told_by = {str(each.id): each for each in Invitation.of_visit(visit.id) if each.customer_id}
    invitation = told_by.get(request.form["care"]) or abort(404)
    care.keep(invitation, request.form, request.form.getlist("done"), clock.now())
    return url_for("attending.host", token=token, kept=invitation.id, _anchor=f"care-{invitation.id}")


def _write_down(visit: Visit) -> Errors:
    """How it was told, a promise, or what went wrong: once it has begun."""
    now = clock.now()
    if visit.starts_at > now or request.form["part"] not in PARTS:
        abort(400)
    tellers = {each.id for each in Invitation.of_visit(visit.id) if each.customer_id}
    return afterwards.keep(visit, request.form, tellers, dates.local(now, visit.zone).date(), now)


def _save(visit: Visit) -> bool:
    """Keep the ticks; finishing waits until the visit has begun."""
    now = clock.now()
    walked_in = attending.walk_in(visit, set(forms.ids(request.form, "walked_in")), now)
    attending.tick(visit, walked_in.union(forms.ids(request.form, "was")), now, everybody="all" in request.form)
    finished = "finish" in request.form and visit.starts_at <= now
    if finished:
        attending.finish(visit, now)
    return finished


def _facts(visit: Visit, errors: Errors | None = None) -> dict[str, Any]:
    now = clock.now()
    everybody = Invitation.of_visit(visit.id)
    expected, others = attending.expected_first(everybody)
    tellers = [each for each in expected if each.customer_id]
    ticked = [each.attendance.at for each in everybody if each.attendance]
    return {
        "visit": visit,
        "zone_said": dates.zone_name(visit.zone, Organisation.required().zone, visit.starts_at, language()),
        "now": now,
        "today": dates.local(now, visit.zone).date(),
        "expected": expected,
        "others": others,
        "told_by": tellers,
        "told_to": [(each.id, each.person.name.full) for each in tellers],
        "tellers": [each.person for each in tellers],
        "needs": needs.spoken(tellers),
        "there": [each for each in everybody if each.attendance and each.attendance.present],
        "saved_at": dates.local(max(ticked), visit.zone) if ticked and "saved" in request.args else None,
        "begun": visit.starts_at <= now,
        "sheet": run_sheet(visit.wall, visit.minutes, len(tellers)),
        "talk": five_minutes(),
        "host": visit.host.name,
        "errors": errors or [],
        "typed": request.form if errors else {},
        "not_asked": attending.not_asked(visit) if visit.starts_at <= now else [],
        "afterwards": Afterwards.of(visit),
        "told_options": TOLD,
        "ways": WAYS,
        "usual_minutes": TOLD_IN_MINUTES,
        "due_by": dates.local(now + KEPT_WITHIN, visit.zone).date(),
        "written": request.args.get("written"),
    }
