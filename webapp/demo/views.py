"""The demo's mailbox, where a newcomer can be the customer, and what the bar asks for."""

import hashlib
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, db, edge
from webapp.access import access, public, role
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.customers.models import Customer
from webapp.demo import bar, others, time_machine
from webapp.local.home import Home
from webapp.local.mailbox import Mail, Mailbox
from webapp.mailframe import LINKS_OPEN_THE_PAGE, framed
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember
from webapp.templating import language

blueprint = Blueprint("demo", __name__)
SHOWN_AT_MOST = 100
BESIDE = 12
"""Mails of the same person beside the open one."""


@blueprint.get("/demo/mailbox")
@access(public)
def mailbox() -> str:
    """Every mail that left, newest first; of everybody, or of one person."""
    return render_template("demo/mailbox.html", **_listed())


@blueprint.get("/demo/mailbox/live")
@access(public)
def live() -> AnyResponse:
    """The same, again, when there is more."""
    facts = _listed()
    new = facts["total"] - request.args.get("since", facts["total"], int)
    response = make_response(render_template("demo/_mails.html", new=max(new, 0), **facts))
    said = f"{facts['total']} {facts['person']} {language()}"
    response.set_etag(hashlib.sha256(said.encode()).hexdigest()[:24])
    response.headers["Cache-Control"] = "no-cache"
    return response.make_conditional(request)


@blueprint.get("/demo/mailbox/<id>")
@access(public)
def mail(id: str) -> str:
    """One mail as its recipient sees it."""
    found, box = _found(id), _mailbox()
    message = box.message(found)
    parts = {"text": _part(message, "text/plain"), "calendar": _part(message, "text/calendar")}
    ways = ["html", *(name for name, part in parts.items() if part), "headers"]
    way = request.args.get("as", "html")
    return render_template(
        "demo/mail.html",
        mail=found,
        to=next((name for name, _email in getaddresses([str(message.get("To", ""))]) if name), ""),
        ways=ways,
        way=way if way in ways else "html",
        parts=parts,
        headers=[(name, str(value)) for name, value in message.items()],
        beside=box.mails(found.recipient)[:BESIDE],
        frame=LINKS_OPEN_THE_PAGE,
    )


@blueprint.get("/demo/mailbox/<id>/html")
@access(public)
def mail_html(id: str) -> Response:
    return framed(_part(_mailbox().message(_found(id)), "text/html"), links_work=True)


@blueprint.get("/demo/mailbox/<id>/invite.ics")
@access(public)
def mail_calendar(id: str) -> Response:
    part = _part(_mailbox().message(_found(id)), "text/calendar")
    return Response(part, mimetype="text/calendar") if part else abort(404)


@blueprint.post("/demo/clock")
@access(role("viewer"))
def move_clock() -> AnyResponse:
    """Note where the clock is to go; the workers take it there, through every due moment."""
    now, page = clock.now(), safe_path(request.form.get("next"))
    target = bar.goals(bar.meant(page, now), now).get(request.form.get("to", ""))
    if target is None or not time_machine.set_out(target):
        flash(_("That moment has passed; the clock only goes forward."), "warning")
    return redirect(page, 303)


@blueprint.post("/demo/answers")
@access(role("viewer"))
def let_others_answer() -> AnyResponse:
    others.ask(clock.now())
    return redirect(safe_path(request.form.get("next")), 303)


@blueprint.get("/demo/bar")
@access(role("viewer"))
def again() -> Response:
    """The bar while something is going on; when that is over, the page is read again: it is another time there."""
    found = bar.current(safe_path(request.args.get("on")))
    response = make_response(render_template("frames/demo_bar.html", demo=found))
    if not found.busy:
        response.headers["HX-Refresh"] = "true"
    return response


def _listed() -> dict[str, Any]:
    person = request.args.get("to", "").strip().lower()
    box = _mailbox()
    mails, recipients = box.mails(person or None), box.recipients()
    names = _names(list(recipients))
    return {
        "mails": mails[:SHOWN_AT_MOST],
        "total": len(mails),
        "person": person,
        "people": recipients,
        "names": names,
        "options": [(email, f"{names.get(email, email)} ({count})") for email, count in recipients.items()],
        "shown_at_most": SHOWN_AT_MOST,
    }


def _names(emails: list[str]) -> dict[str, str]:
    """Whose mailboxes these are, as far as we know."""
    accounts = select(Address.email, Account).join(Account, Account.address_id == Address.id)
    names = {email: account.name for email, account in db.session.execute(accounts.where(Address.email.in_(emails)))}
    customers = db.session.scalars(select(Customer).join(Customer.address).where(Address.email.in_(emails)))
    staff = db.session.scalars(select(StaffMember).join(StaffMember.address).where(Address.email.in_(emails)))
    people: list[Customer | StaffMember] = [*customers, *staff]
    return names | {person.address.email: person.name.full for person in people if person.address}


def _mailbox() -> Mailbox:
    home = edge.settings().home
    return Mailbox(Home(home).mailbox) if home else abort(404)


def _found(id: str) -> Mail:
    return _mailbox().mail(id) or abort(404)


def _part(message: EmailMessage, kind: str) -> str:
    part = next((part for part in message.walk() if part.get_content_type() == kind), None)
    return str(part.get_content()) if part is not None else ""
