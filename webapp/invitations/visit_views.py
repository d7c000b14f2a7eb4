"""The list of visits, and the page of one: who comes while answers come in, what is leaving, what went out and will."""

import hashlib
import math
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.hosting.afterwards import Afterwards
from webapp.invitations import needs, visit_list
from webapp.invitations.models import Invitation
from webapp.invitations.notices import times
from webapp.invitations.overview import SILENT, Overview
from webapp.invitations.visit_list import Tally
from webapp.invitations.visit_words import five_minutes, heading, icon_of, state_of, title_of, to_whom, why
from webapp.mailing import by_hand
from webapp.templating import language
from webapp.visits import options as choice
from webapp.visits.models import Visit
from webapp.visits.run_sheet import run_sheet

blueprint = Blueprint("visit", __name__)

ATTENDANCE_FROM = timedelta(hours=1)
"""Before the start: from then on the host can tick who is there."""
LONG_HOLD = 600
"""Seconds; a longer hold is told as a time."""
SENDING_REFRESH = 3
"""Seconds between two looks while mail leaves, without script."""


@blueprint.get("/visits")
@access(role("viewer"))
def index() -> str:
    """Visits to come by week; those that were on the other tab. So many on a page."""
    past, page = request.args.get("when") == "past", max(request.args.get("page", 1, int), 1)
    tallies = visit_list.listed(clock.now(), past=past, page=page)
    total, on = visit_list.counted(clock.now(), past=past)
    weeks = [(monday, list(group)) for monday, group in groupby(tallies, key=_monday)]
    today = dates.local(clock.now(), Organisation.required().zone).date()
    return render_template(
        "invitations/visits.html",
        tallies=tallies,
        on=on,
        page=page,
        more=page * visit_list.ON_A_PAGE < total,
        weeks=weeks,
        past=past,
        state_of=state_of,
        title_of=title_of,
        today=today,
    )


@blueprint.get("/visits/<int:visit_id>")
@access(role("viewer"))
def show(visit_id: int) -> str:
    facts = _facts(visit_id)
    return render_template("invitations/visit.html", **facts, afterwards=Afterwards.of(facts["visit"]))


@blueprint.get("/visits/<int:visit_id>/live")
@access(role("viewer"))
def live(visit_id: int) -> Response:
    """Who comes, again, when something is new; else 304."""
    facts = _facts(visit_id)
    since = request.args.get("since", 0, int)
    new = sum(answer.id > since for each in facts["over"].everybody for answer in each.answers)
    response = make_response(render_template("invitations/_who.html", **facts, fragment=True, new=new))
    response.set_etag(facts["etag"])
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@blueprint.get("/visits/<int:visit_id>/sending")
@access(role("viewer"))
def sending(visit_id: int) -> str:
    """How far the mail is: asked for every second while it leaves."""
    return render_template("invitations/_sending.html", **_facts(visit_id), fragment=True)


@blueprint.post("/visits/<int:visit_id>/pause")
@access(role("organiser"))
def pause(visit_id: int) -> Response:
    """No mail about this visit leaves until it is resumed."""
    visit, now, me = _visit(visit_id), clock.now(), _me()
    by_hand.pause(f"thread:{visit.thread}", me.name, now)
    audit.note("paused mail", visit.thread, me, now)
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/resume")
@access(role("organiser"))
def resume(visit_id: int) -> Response:
    visit = _visit(visit_id)
    by_hand.resume(f"thread:{visit.thread}")
    audit.note("resumed mail", visit.thread, _me(), clock.now())
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


def _facts(visit_id: int) -> dict[str, Any]:
    """What the page and its two living parts say."""
    visit, now = _visit(visit_id), clock.now()
    over = Overview(visit, now)
    held = over.held_until
    left = math.ceil((held - now).total_seconds()) if held else 0
    return {
        "visit": visit,
        "zone_said": dates.zone_name(visit.zone, Organisation.required().zone, visit.starts_at, language()),
        "over": over,
        "now": now,
        "today": dates.local(now, visit.zone).date(),
        "at": lambda moment: dates.local(moment, visit.zone),
        "heading": heading(over),
        "etag": _etag(over),
        "last_answer": over.last_answer,
        "hold_left": left,
        "long_hold": LONG_HOLD,
        "refresh_after": left + 1 if left else SENDING_REFRESH if over.sending and not over.sending.over else None,
        "undoable": _undoable(over, left),
        "attending": visit.starts_at <= now + ATTENDANCE_FROM and not visit.cancelled_at and visit.invited_at,
        "options": _options(over) if choice.choosing(visit) else None,
        "spoken": lambda proposal: times.said(proposal.times, language()),
        "notice_name": lambda notice: notice.title[1 if language() == "nl" else 0],
        "icon_of": icon_of,
        "why": why,
        "to_whom": to_whom,
        "sheet": run_sheet(visit.wall, visit.minutes, over.storytellers),
        "talk": five_minutes(),
        "tellers": [each.person for each in over.customers if each.partstat == "accepted" and not each.withdrawn_at],
        "needs": needs.spoken(each for each in over.customers if each.partstat == "accepted" and not each.withdrawn_at),
        "host": visit.host.name,
    }


def _undoable(over: Overview, seconds: int) -> dict[str, str] | None:
    """What the undo bar offers: the newest thing that can still be taken back."""
    visit = over.visit
    if visit.being_cancelled(over.now):
        return {
            "text": _("Cancelled; the mail leaves shortly."),
            "action": url_for("changing.undo_cancel", visit_id=visit.id),
        }
    if choice.being_decided(visit, over.now) and visit.moved_at in (None, visit.decided_at):
        return {"text": _("Chosen; the mail leaves shortly."), "action": url_for("options.undo", visit_id=visit.id)}
    if visit.being_moved(over.now):
        return {
            "text": _("Moved; the mail leaves shortly."),
            "action": url_for("changing.undo_move", visit_id=visit.id),
        }
    if over.held:
        count, undo = len(over.held), url_for("inviting.undo", visit_id=visit.id)
        if seconds > LONG_HOLD:
            text = ngettext("One mail leaves tomorrow.", "%(num)s mails leave tomorrow.", count)
            return {"text": text, "action": undo}
        text = ngettext(
            "One mail leaves in %(seconds)s seconds.",
            "%(num)s mails leave in %(seconds)s seconds.",
            count,
            seconds=seconds,
        )
        return {"text": text, "action": undo}
    return None


def _options(over: Overview) -> dict[str, Any]:
    """Who was asked, and which of the times they can make; None: they did not say."""
    asked = [each for each in over.customers if each.withdrawn_at is None]
    values = choice.values(over.visit)
    rows = [(each, [_can(each, value) for value in values]) for each in asked]
    columns = [
        {"value": value, "slot": slot, "count": sum(bool(can[number]) for _each, can in rows)}
        for number, (value, slot) in enumerate(zip(values, choice.slots(over.visit), strict=True))
    ]
    return {"columns": columns, "rows": rows}


def _can(invitation: Invitation, value: str) -> bool | None:
    if invitation.proposal and not invitation.proposal.because_full:
        return value in invitation.proposal.times.get("slots", ())
    return None if invitation.state in SILENT else False


def _etag(over: Overview) -> str:
    """Changes when what the living part says does."""
    said = [(each.id, each.state, each.answered_at, each.hint, over.next_reminder_of(each)) for each in over.everybody]
    return hashlib.sha256(repr((said, over.visit.seats, over.visit.revision, language())).encode()).hexdigest()[:24]


def _monday(tally: Tally) -> date:
    day = tally.visit.wall.date()
    return day - timedelta(days=day.weekday())


def _visit(visit_id: int) -> Visit:
    return db.session.get(Visit, visit_id) or abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
