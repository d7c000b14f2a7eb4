"""The check page before mail leaves: whose it is, the real mail of each, a test to oneself; then sending, held and undone."""

from collections import Counter
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.letters import TABS, Letter, headers
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.customers.owners import ask_owner
from webapp.customers.owners import owners as owners_of
from webapp.customers.refusing import why_not
from webapp.invitations import inviting
from webapp.invitations.inviting import LeftOut, Person, Selection
from webapp.invitations.models import Invitation, MailSample
from webapp.invitations.notices.customers import VisitInvitation
from webapp.invitations.notices.samples import Sample
from webapp.invitations.previewing import invitation_for
from webapp.mailframe import LINKS_OPEN_THE_PAGE, framed
from webapp.mailing import quiet
from webapp.mailing.mime import Mail
from webapp.mailing.models import Message
from webapp.staff.models import StaffMember
from webapp.templating import language
from webapp.visits import forms
from webapp.visits.models import Visit

blueprint = Blueprint("inviting", __name__)

REASON_AT_MOST = 500


@blueprint.post("/visits/count")
@access(role("organiser"))
def count() -> str:
    """How many mails the form would have to check, as it stands: for its buttons."""
    teams = forms.ids(request.form, "teams")
    staff = select(StaffMember.id).where(StaffMember.team_id.in_(teams), StaffMember.left_at.is_(None))
    visit = Visit()
    visit.choose(forms.ids(request.form, "customers"), db.session.scalars(staff))
    return render_template("visits/_count.html", count=len(Selection.of(visit, clock.now()).by_mail))


@blueprint.get("/visits/<int:visit_id>/check")
@access(role("organiser"))
def check(visit_id: int) -> str | Response:
    """Who gets mail, the mail of one of them, who is phoned, who is left out; one press from sending."""
    visit = _visit(visit_id)
    if not visit.draft or visit.cancelled_at is not None or visit.starts_at <= clock.now():
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    selection = Selection.of(visit, clock.now())
    people = inviting.worst_first(selection.by_mail, language())
    shown = next((person for person in people if key_of(person) == request.args.get("to")), None)
    shown = shown or (people[0] if people else None)
    place = people.index(shown) if shown else 0
    tab = request.args.get("tab", "mail")
    letter = _mail(_letter(shown, visit)) if shown else None
    return render_template(
        "invitations/check.html",
        visit=visit,
        zone_said=dates.zone_name(visit.zone, Organisation.required().zone, visit.starts_at, language()),
        selection=selection,
        people=people,
        shown=shown,
        place=place,
        before=people[place - 1] if place else None,
        after=people[place + 1] if place + 1 < len(people) else None,
        tab=tab if tab in TABS else TABS[0],
        letter=letter,
        headers=headers(letter) if letter else [],
        overridden=[
            (person, why_not(limit.why, limit.facts), visit.anyway[person.id])
            for person in (*selection.by_mail, *selection.by_phone)
            if isinstance(person, Customer) and (limit := selection.overridden.get(person.id))
        ],
        no_reason=request.args.get("anyway", ""),
        languages=Counter(person.address.locale for person in people if person.address),
        left_out=[(each, why_left_out(each)) for each in selection.left_out],
        key_of=key_of,
        frame=LINKS_OPEN_THE_PAGE,
        test_key=forms.new_key(),
        sample=_sample(request.args.get("test", "")),
        may_wait=clock.now() + inviting.until_tomorrow(visit, clock.now()) < visit.starts_at,
        day_at=_day_at(visit),
        hold_seconds=round(edge.settings().hold.total_seconds()),
        customer_page=lambda person: f"/customers/{person.id}" if isinstance(person, Customer) else None,
    )


@blueprint.get("/visits/<int:visit_id>/check/<key>/mail")
@access(role("organiser"))
def mail(visit_id: int, key: str) -> Response:
    """The html of one mail, alone, for the frame on the check page; its links lead to pages that only show."""
    visit = _visit(visit_id)
    return framed(_mail(_letter(_person(visit, key), visit)).html, links_work=True)


@blueprint.get("/visits/<int:visit_id>/check/<key>/page")
@blueprint.get("/visits/<int:visit_id>/check/<key>/page/<path:rest>")
@access(role("organiser"))
def page(visit_id: int, key: str, rest: str = "") -> Response:
    """What a link in that mail will open: invited in a rehearsal, shown, and forgotten."""
    with db.rehearsal():
        visit = _visit(visit_id)
        person = _person(visit, key)
        ours = [person.id]
        visit.choose(ours if isinstance(person, Customer) else [], [] if isinstance(person, Customer) else ours)
        inviting.invite(visit, clock.now(), edge.settings().hold, None)
        asked = Invitation.customer_id if isinstance(person, Customer) else Invitation.staff_id
        invitation = db.session.scalars(
            select(Invitation).where(Invitation.visit_id == visit.id, asked == person.id)
        ).one()
        shown = f"/preview/answer/{invitation.id}/{rest}".rstrip("/")
        pages = current_app.create_url_adapter(request)
        assert pages is not None  # there is a request
        endpoint, values = pages.match(shown, method="GET")
        return make_response(current_app.view_functions[endpoint](**values))


@blueprint.post("/visits/<int:visit_id>/check/<key>/test")
@access(role("organiser"))
def test(visit_id: int, key: str) -> Response:
    """Exactly one mail to who pressed, as this person would get it; what became of it shows on the page."""
    visit, now, pressed = _visit(visit_id), clock.now(), request.form.get("key", "")
    if not forms.is_key(pressed):
        abort(400)
    letter = _letter(_person(visit, key), visit)
    sample = insert(MailSample).values(key=pressed, account_id=_me().id, content=letter.as_sample().to_json(), at=now)
    db.session.execute(sample.on_conflict_do_nothing())
    return redirect(url_for("inviting.check", visit_id=visit.id, to=key, test=pressed, _anchor="test"), 303)


@blueprint.get("/visits/<int:visit_id>/check/test/<key>")
@access(role("organiser"))
def tested(visit_id: int, key: str) -> str:
    """What became of the test: asked for every second until it is known."""
    return render_template("invitations/_sample.html", visit=_visit(visit_id), sample=_sample(key) or abort(404))


@blueprint.post("/visits/<int:visit_id>/check/owners")
@access(role("organiser"))
def owners(visit_id: int) -> Response:
    """Ask the relationship owner of everybody who waits for that; their mail leaves after the hold."""
    visit, now, me = _visit(visit_id), clock.now(), _me()
    waiting = [each.person for each in Selection.of(visit, now).left_out if each.why == "owner_first"]
    customers = [each for each in waiting if isinstance(each, Customer)]
    whose = owners_of(customers)
    for customer in customers:
        ask_owner(customer, whose[customer.id], "visit", me, now, edge.settings().hold)
    count = len(customers)
    audit.note("asked owners", visit.thread, me, now, {"number": count})
    asked = ngettext(
        "One owner is asked; here stands what they say.",
        "%(num)s questions to owners leave; here stands what they say.",
        count,
    )
    flash(asked if count else _("There was nobody to ask."))
    return redirect(url_for("inviting.check", visit_id=visit.id, _anchor="left"), 303)


@blueprint.post("/visits/<int:visit_id>/check/anyway")
@access(role("organiser"))
def anyway(visit_id: int) -> Response:
    """Ask somebody although something is against it, with a reason, or leave them out after all. Not over a refusal:
    of who said no, a reason changes nothing."""
    visit = _visit(visit_id)
    reason, customer_id = request.form.get("reason", "").strip()[:REASON_AT_MOST], request.form.get("customer", "")
    if not customer_id.isdigit() or not visit.draft:
        abort(404)
    leave_out = "leave_out" in request.form
    visit.ask_anyway(visit.anyway | {int(customer_id): "" if leave_out else reason})
    missing = None if reason or leave_out else f"c{customer_id}"
    return redirect(url_for("inviting.check", visit_id=visit.id, anyway=missing, _anchor="left"), 303)


@blueprint.route("/visits/<int:visit_id>/invite", methods=["GET", "POST"])
@access(role("organiser"))
def choose(visit_id: int) -> str | Response:
    """More people later: only who was not invited yet."""
    visit = _visit(visit_id)
    customers, staff = inviting.not_invited(visit)
    if request.method == "GET":
        chosen = forms.ids(request.args, "customers")
        teams = sorted({each.team for each in staff if each.team}, key=lambda team: team.name)
        return render_template(
            "invitations/choose.html",
            visit=visit,
            customers=[each for each in customers if each.id in chosen] or customers,
            teams=[(team, sum(each.team is team for each in staff)) for team in teams],
            chosen=chosen,
        )
    teams_chosen = forms.ids(request.form, "teams")
    visit.choose(forms.ids(request.form, "customers"), [each.id for each in staff if each.team_id in teams_chosen])
    return redirect(url_for("inviting.check", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/invitations")
@access(role("organiser"))
def send(visit_id: int) -> Response:
    """Everybody on the check page is invited; the mail leaves after the hold. A second press invites nobody twice."""
    visit, now, me = _visit(visit_id), clock.now(), _me()
    later = request.form.get("when") == "tomorrow"
    hold = inviting.until_tomorrow(visit, now) if later else edge.settings().hold
    count = inviting.invite(visit, now, hold, me)
    if count:
        audit.note("invited", visit.thread, me, now, {"number": count})
    else:
        flash(_("Everybody was invited already."), "warning")
    return redirect(url_for("visit.show", visit_id=visit.id), 303)


@blueprint.post("/visits/<int:visit_id>/invitations/undo")
@access(role("organiser"))
def undo(visit_id: int) -> Response:
    """Within the hold: nothing left, and the selection is as it was."""
    visit, now, me = _visit(visit_id), clock.now(), _me()
    count = inviting.undo_invite(visit, now)
    if not count and visit.invited_at is not None:
        flash(_("Too late: the mail is leaving already."), "warning")
        return redirect(url_for("visit.show", visit_id=visit.id), 303)
    if count:
        audit.note("took back invitations", visit.thread, me, now, {"number": count})
        flash(_("Undone. Nothing was sent."), "saved")
    return redirect(url_for("inviting.check", visit_id=visit.id), 303)


def _day_at(visit: Visit) -> str | None:
    """When the mail leaves, if it is night now, on the clock of the visit."""
    now = clock.now()
    due_at = now + edge.settings().hold
    at = quiet.planned(edge.settings(), VisitInvitation, visit.zone, visit.starts_at, due_at)
    here, today = dates.local(at, visit.zone), dates.local(now, visit.zone).date()
    return dates.stamp(here, language(), today) if at > due_at else None


def key_of(person: Person) -> str:
    """How somebody not invited yet is named in an address: no name, and no invitation to number."""
    return f"{'c' if isinstance(person, Customer) else 's'}{person.id}"


def _day_of(moment: datetime) -> str:
    return dates.date(dates.local(moment, Organisation.required().zone), language())


def why_left_out(left_out: LeftOut) -> str:
    since = _day_of(left_out.since) if left_out.since else ""
    words: dict[str, str] = {
        "invited": _("Invited already, on %(date)s.", date=since),
        "taken_back": _("Was invited, and the invitation was taken back."),
        "left": _("Does not work here any more."),
        "host": _("Is the host, and gets a mail of their own two working days before."),
    }
    return words.get(left_out.why) or why_not(left_out.why, {"since": left_out.since, **left_out.facts})


def _sample(key: str) -> dict[str, Any] | None:
    """How a test of mine is doing."""
    sample = db.session.scalar(select(MailSample).where(MailSample.key == key, MailSample.account_id == _me().id))
    if sample is None:
        return None
    planned = select(Message).where(Message.notice == Sample.name, Message.subject_id == sample.id)
    message = db.session.scalar(planned)
    settings, zone = edge.settings(), Organisation.required().zone
    at = dates.local(message.ended_at, zone) if message and message.ended_at else None
    end = message.end if message else None
    waits = end is None and not settings.mail_off
    return {"key": key, "at": at, "end": end, "waits": waits, "server": settings.mail_server, "email": _me().email}


def _letter(person: Person, visit: Visit) -> Letter:
    pages = url_for("inviting.page", visit_id=visit.id, key=key_of(person))
    return invitation_for(person, visit, clock.now(), pages, edge.settings())


def _mail(letter: Letter) -> Mail:
    return letter.mail(edge.settings(), clock.now())


def _person(visit: Visit, key: str) -> Person:
    """Somebody of the draft who gets mail."""
    return next((each for each in Selection.of(visit, clock.now()).by_mail if key_of(each) == key), None) or abort(404)


def _visit(visit_id: int) -> Visit:
    return db.session.get(Visit, visit_id) or abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
