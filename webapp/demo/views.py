"""The demo's mailbox, where a newcomer can be the customer, and the bar that moves the clock."""

from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, db, edge
from webapp.access import access, public, role
from webapp.accounts.models import Organisation
from webapp.accounts.signing_in import safe_path
from webapp.demo import time_machine
from webapp.local.mailbox import Mail, Mailbox
from webapp.mailframe import framed
from webapp.visits import wall
from webapp.visits.models import Visit

blueprint = Blueprint("demo", __name__)
SHOWN_AT_MOST = 200
FOUR_WEEKS = 28


def _mailbox() -> Mailbox:
    home = edge.settings().home
    assert home is not None  # the demo has a folder of its own
    return Mailbox(Path(home) / "mailbox")


@blueprint.get("/demo/mailbox")
@access(public)
def mailbox() -> str:
    """Every mail that left, newest first, by person."""
    person = request.args.get("to") or None
    box = _mailbox()
    mails = box.mails(person)
    return render_template(
        "demo/mailbox.html", mails=mails[:SHOWN_AT_MOST], total=len(mails), person=person, people=box.recipients()
    )


@blueprint.get("/demo/mailbox/<id>")
@access(public)
def mail(id: str) -> str:
    """One mail as its recipient sees it: html, text, calendar, headers."""
    found = _found(id)
    message = _mailbox().message(found)
    return render_template(
        "demo/mail.html",
        mail=found,
        text=_part(message, "text/plain"),
        calendar=_part(message, "text/calendar"),
        headers=message.items(),
        view=request.args.get("view", "html"),
    )


@blueprint.get("/demo/mailbox/<id>/html")
@access(public)
def mail_html(id: str) -> Response:
    return framed(_part(_mailbox().message(_found(id)), "text/html"), links_work=True)


@blueprint.get("/demo/mailbox/<id>/invite.ics")
@access(public)
def mail_calendar(id: str) -> Response:
    return Response(_part(_mailbox().message(_found(id)), "text/calendar"), mimetype="text/calendar")


def _found(id: str) -> Mail:
    found = _mailbox().mail(id)
    if found is None:
        abort(404)
    return found


def _part(message: EmailMessage, kind: str) -> str:
    part = next((part for part in message.walk() if part.get_content_type() == kind), None)
    return str(part.get_content()) if part is not None else ""


@blueprint.post("/demo/clock")
@access(role("viewer"))
def move_clock() -> AnyResponse:
    """Note where the clock is to go; the workers take it there, through every due moment."""
    now = clock.now()
    time_machine.set_out(_target(request.form.get("to", "")))
    if not time_machine.under_way() and clock.now() - now < timedelta(minutes=1):
        flash(_("That moment has passed; the clock only goes forward."), "warning")
    return redirect(safe_path(request.form.get("next")), 303)


def _target(to: str) -> "clock.datetime":
    """Where a button leads: of the next visit the eve, the start; four weeks after the last one that began."""
    now = clock.now()
    zone = Organisation.required().zone
    visits = select(Visit).where(Visit.cancelled_at.is_(None))
    following = db.session.scalar(visits.where(Visit.starts_at > now).order_by(Visit.starts_at).limit(1))
    last = db.session.scalar(visits.where(Visit.starts_at <= now).order_by(Visit.starts_at.desc()).limit(1))
    if to == "eve" and following:
        return following.eve_at + timedelta(minutes=1)
    if to == "visit" and following:
        return following.ends_at
    if to == "later" and (last or following):
        visit = last or following
        assert visit is not None  # one of the two is there
        return wall.days_later(visit.ends_at, FOUR_WEEKS + 1, zone) + timedelta(minutes=1)
    return now + timedelta(days=1)


@blueprint.get("/demo/progress")
@access(public)
def progress() -> str:
    """The bar again, while the clock is under way: the last one asks no more."""
    return render_template("demo/bar.html", **state())


def state() -> dict[str, object]:
    """What the bar says: the clock, whether it moves, and how many mails left since it was asked to."""
    shift = time_machine.shift()
    mails = time_machine.mails_since() if shift else 0
    said = ngettext("One mail left.", "%(num)s mails left.", mails) if mails else _("No mail left.")
    return {"moving": bool(shift and shift.target), "moved": bool(shift), "mails_said": said}
