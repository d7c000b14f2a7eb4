"""One person asked to one visit: what became of it, and what an organiser records: said on the phone, taken back, dealt with."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.invitations.models import AnswerKind, Closed, Invitation, Proposal
from webapp.invitations.notices import times
from webapp.invitations.views import times_wanted
from webapp.templating import language

blueprint = Blueprint("recording", __name__)

ON_THE_PHONE: dict[str, AnswerKind] = {"accepted": "accepted", "declined": "declined", "other": "other"}
ICONS = {"accepted": "check-circle", "declined": "x-circle", "other": "swap", "waiting": "seat", "left": "seat"}


@blueprint.get("/visits/<int:visit_id>/invitations/<int:id>")
@access(role("viewer"))
def show(visit_id: int, id: int) -> str:
    """Everything that was said, and the buttons to record something."""
    invitation = _invitation(visit_id, id)
    zone = invitation.visit.zone
    return render_template(
        "invitations/recording.html",
        invitation=invitation,
        visit=invitation.visit,
        today=dates.local(clock.now(), zone).date(),
        now=clock.now(),
        at=lambda moment: dates.local(moment, zone),
        spoken=lambda proposal: times.said(proposal.times, language()),
        happened=_happened(invitation),
        organises=current_user.account.may("organiser"),
        over=None,
    )


@blueprint.post("/visits/<int:visit_id>/invitations/<int:id>/answer")
@access(role("organiser"))
def answer(visit_id: int, id: int) -> Response:
    """What somebody said on the phone; the receipt goes to them by mail."""
    invitation, name = _invitation(visit_id, id), ""
    kind = ON_THE_PHONE.get(request.form.get("answer", "")) or abort(400)
    wanted = times_wanted() if kind == "other" else None
    if wanted and not wanted["dayparts"]:
        flash(_("Choose at least one time."), "warning")
        return redirect(_page(invitation), 303)
    try:
        invitation.answer(kind, clock.now(), channel="phone", recorded_by=_me(), times=wanted)
    except Closed:
        flash(
            _(
                "There is nothing to answer any more: the visit has begun or was cancelled, or the invitation was taken back."
            ),
            "warning",
        )
        return redirect(_page(invitation), 303)
    _note(invitation, "recorded by phone", answer=kind)
    name = invitation.person.name.full
    words = {
        "accepted": _("Recorded: %(name)s is coming.", name=name),
        "declined": _("Recorded: %(name)s is not coming.", name=name),
        "waiting": _("Recorded: %(name)s is on the waiting list; all seats are taken.", name=name),
        "proposed": _("Recorded: %(name)s suggests another time.", name=name),
        "willing": _("Recorded: %(name)s is willing another time; the places are taken.", name=name),
    }
    flash(words.get(invitation.state) or words["proposed"], "saved")
    return redirect(_page(invitation), 303)


@blueprint.post("/visits/<int:visit_id>/invitations/<int:id>/withdrawal")
@access(role("organiser"))
def withdraw(visit_id: int, id: int) -> Response:
    """Take the invitation back; who knew of it is told after a minute, so long it can be undone."""
    invitation = _invitation(visit_id, id)
    invitation.withdraw(clock.now())
    _note(invitation, "took an invitation back")
    done = _("The invitation of %(name)s was taken back.", name=invitation.person.name.full)
    _offer_undo(done, url_for("recording.undo_withdrawal", visit_id=visit_id, id=id))
    return redirect(_page(invitation), 303)


@blueprint.post("/visits/<int:visit_id>/invitations/<int:id>/withdrawal/undo")
@access(role("organiser"))
def undo_withdrawal(visit_id: int, id: int) -> Response:
    invitation = _invitation(visit_id, id)
    invitation.undo_withdrawal(clock.now())
    _note(invitation, "gave an invitation back")
    return redirect(_page(invitation), 303)


@blueprint.post("/proposals/<int:id>/decision")
@access(role("organiser"))
def decide(id: int) -> Response:
    """The other time was dealt with: it no longer waits on today."""
    proposal = db.session.get(Proposal, id) or abort(404)
    proposal.decided_at = proposal.decided_at or clock.now()
    _note(proposal.invitation, "dealt with a proposal")
    done = _("The other time of %(name)s is dealt with.", name=proposal.invitation.person.name.full)
    _offer_undo(done, url_for("recording.undo_decision", id=id))
    return redirect(_page(proposal.invitation), 303)


@blueprint.post("/proposals/<int:id>/decision/undo")
@access(role("organiser"))
def undo_decision(id: int) -> Response:
    proposal = db.session.get(Proposal, id) or abort(404)
    proposal.decided_at = None
    _note(proposal.invitation, "put a proposal back")
    return redirect(_page(proposal.invitation), 303)


def _happened(invitation: Invitation) -> list[dict[str, Any]]:
    """The story of one invitation, the newest first: when, what, by whom, and a proposal's words."""
    said: dict[str, str] = {
        "accepted": _("Said yes"), "declined": _("Said no"), "tentative": _("Said maybe"), "other": _("Suggested another time"),
        "waiting": _("Joined the waiting list"), "left": _("Left the waiting list"),
    }  # fmt: skip
    moments: list[tuple[datetime, str, str, str, Proposal | None]] = [
        (invitation.invited_at, _("Invited"), "", "send", None)
    ]
    for given in invitation.answers:
        willing = given.proposal is not None and given.proposal.because_full
        what = _("Willing another time; the places were taken") if willing else said[given.kind]
        by = given.recorded_by.name if given.recorded_by else ""
        how = _("by phone, recorded by %(name)s", name=by) if given.channel == "phone" else ""
        moments.append((given.given_at, what, how, ICONS.get(given.kind, "clock"), given.proposal))
    if invitation.hint and invitation.hint_at:
        moments.append((invitation.hint_at, _("Tapped an answer, not confirmed yet"), "", "hourglass", None))
    if invitation.stopped_at:
        moments.append((invitation.stopped_at, _("Wants no more mail about this visit"), "", "bounce", None))
    if invitation.withdrawn_at:
        moments.append((invitation.withdrawn_at, _("Invitation taken back"), "", "undo", None))
    keys = ("at", "what", "how", "icon", "proposal")
    return [dict(zip(keys, moment, strict=True)) for moment in sorted(moments, key=lambda each: each[0])][::-1]


def _invitation(visit_id: int, id: int) -> Invitation:
    found = db.session.get(Invitation, id)
    return found if found is not None and found.visit_id == visit_id else abort(404)


def _note(invitation: Invitation, what: str, **facts: object) -> None:
    audit.note(what, f"invitation-{invitation.id}", _me(), clock.now(), facts)


def _offer_undo(text: str, action: str) -> None:
    bar: Any = {"text": text, "action": action}  # the frame shows it as a bar with a button
    flash(bar, "undo")


def _page(invitation: Invitation) -> str:
    """Back to where the button was: the page of this person, or the visit, or today."""
    back = request.form.get("next", "")
    return safe_path(back) if back else url_for("recording.show", visit_id=invitation.visit_id, id=invitation.id)


def _me() -> Account:
    account: Account = current_user.account
    return account
