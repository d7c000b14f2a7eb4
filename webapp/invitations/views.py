"""Pages behind the link of an invitation: the answer in two taps, another time, the receipt. A GET changes no answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, link
from webapp.accounts.models import Organisation
from webapp.invitations import needs
from webapp.invitations.agreeing import book, choose_first
from webapp.invitations.choosing import SETTLED, Choices
from webapp.invitations.models import Answer, AnswerKind, Closed, Invitation
from webapp.invitations.moments import SHOWN, FreeTimes, read
from webapp.invitations.notices import calendar, staff, times, whom
from webapp.invitations.places import Places
from webapp.visits import options
from webapp.visits.calendar import write
from webapp.visits.facts import facts
from webapp.visits.models import RoomTaken, Visit

blueprint = Blueprint("invitations", __name__)
Page = str | tuple[str, int] | Response

PAGES = ("/done", "/times", "/short-notice", "/needs", "/cal.ics")
WORKS_AFTER_VISIT = timedelta(days=30)
DAYPARTS = tuple(f"{day}-{part}" for day in times.DAYS[:5] for part in ("morning", "afternoon", "evening"))
NEAREST = 3
"""Free times named when one was just taken."""
NOTE_AT_MOST = 500
"""Characters."""
CUSTOMERS: dict[str, AnswerKind] = {"accepted": "accepted", "declined": "declined"}
STAFF: dict[str, AnswerKind] = {"accepted": "accepted", "declined": "declined", "waiting": "waiting", "left": "left"}


@blueprint.route("/a/<token>", methods=["GET", "POST"])
@access(link("answer"))
def answer(token: str) -> Page:
    """The intended answer is the first and biggest button; who has answered sees the receipt."""
    invitation = _opened()
    if request.method == "POST":
        return _take_down(invitation)
    wish = request.args.get("answer", "")
    _note_tap(invitation, wish)
    return _over(invitation) or _answer_page(invitation, wish)


@blueprint.get("/a/<token>/done")
@access(link("answer"))
def done(token: str) -> Page:
    """The receipt: what, when, where, and what happens next."""
    invitation = _opened()
    if invitation.state not in SETTLED:
        return redirect(_here(), 303)
    return _over(invitation) or _receipt(invitation)


@blueprint.route("/a/<token>/times", methods=["GET", "POST"])
@access(link("answer"))
def other_times(token: str) -> Page:
    """Days and dayparts that suit better. The old time stands until another one is agreed."""
    invitation = _opened()
    if invitation.staff_id:
        return redirect(_here(), 303)
    if request.method == "POST":
        return _take_down_times(invitation)
    if "chosen" not in request.args:  # straight from the mail, not from the page with the three answers
        _note_tap(invitation, "other")
    return _over(invitation) or _times_page(invitation, invitation.proposal.times if invitation.proposal else {})


@blueprint.post("/a/<token>/short-notice")
@access(link("answer"))
def short_notice(token: str) -> Page:
    """Customers say whether they would like a mail an hour before."""
    invitation = _opened()
    invitation.short_notice_at = clock.now() if request.form.get("wanted") else None
    return redirect(_here("/done"), 303)


@blueprint.post("/a/<token>/needs")
@access(link("answer"))
def needed(token: str) -> Page:
    """Customers who come say what they need."""
    invitation = _opened()
    if invitation.customer_id and invitation.state == "accepted" and not invitation.closed(clock.now()):
        needs.keep(invitation, request.form.getlist("need"))
    return redirect(_here("/done"), 303)


@blueprint.get("/a/<token>/cal.ics")
@access(link("answer"))
def calendar_file(token: str) -> Response:
    """The visit for one's own calendar, while one comes."""
    invitation = _opened()
    if invitation.state != "accepted":
        abort(404)
    file = write(calendar.entry(invitation, edge.language()), edge.settings().base_url + _here())
    name = _("visit") + f"-{invitation.visit.wall:%Y-%m-%d}.ics"
    response = Response(file, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# What comes in


_READ = (
    joinedload(Invitation.visit),
    joinedload(Invitation.customer),
    joinedload(Invitation.places),
    joinedload(Invitation.answers).joinedload(Answer.proposal),
)
"""What every page of an invitation asks: read with it, in one statement."""


def _opened() -> Invitation:
    """The invitation of this link, in its reader's language. A month after the visit the link is an old one."""
    invitation = db.session.get(Invitation, edge.opened().subject_id, options=_READ)
    if invitation is None or invitation.visit.ends_at + WORKS_AFTER_VISIT <= clock.now():
        raise edge.NoSuchLink
    g.language = invitation.language
    return invitation


def _take_down(invitation: Invitation) -> Page:
    if invitation.customer_id and request.form.get("answer") == "other":
        return _take_down_options(invitation)
    kind = (CUSTOMERS if invitation.customer_id else STAFF).get(request.form.get("answer", ""))
    if kind is None:
        return _answer_page(invitation, "", 422)
    return _given(invitation, kind)


def _take_down_options(invitation: Invitation) -> Page:
    """Which of the times offered suit. When one was chosen a moment before, the page says which, and asks for that one."""
    visit, now = invitation.visit, clock.now()
    Places.locked(Invitation, visit.id, now)
    if not options.choosing(visit) and not _booked_before(invitation):
        return _over(invitation, 409) or _answer_page(invitation, "", 409)
    suits = [value for value in options.values(visit) if value in request.form.getlist("slot")]
    if not suits:
        said = _("Choose at least one time, or “None of these”.")
        return _over(invitation) or _options_page(invitation, (), [("slots", said)])
    page = _given(invitation, "other", {"dayparts": [], "note": "", "slots": suits})
    choose_first(visit, clock.now(), edge.settings().hold)
    return page


def _take_down_times(invitation: Invitation) -> Page:
    """What is not one of ours is left out; with nothing ticked, or a time just taken, what was typed stays.

    A time marked certain is booked at once.
    """
    wanted = times_wanted()
    values = request.form.getlist("slot")[:SHOWN]
    if not wanted["dayparts"] and not values:
        return _times_page(invitation, wanted, [("part", _("Choose at least one time."))])
    now = clock.now()
    Places.locked(Invitation, invitation.visit_id, now)
    free = FreeTimes(invitation.visit, now, invitation)
    moments = {value: free.at(value) for value in dict.fromkeys(values)}
    wanted["slots"] = [value for value, moment in moments.items() if moment]
    if (gone := [value for value, moment in moments.items() if moment is None]) and not _booked_before(invitation):
        return _taken_page(invitation, wanted, gone[0])
    certain = next((moment for moment in moments.values() if moment and moment.certain), None)
    if certain is None:
        return _given(invitation, "other", {name: value for name, value in wanted.items() if value or name != "slots"})
    try:
        book(invitation, certain, now, g.nonce)
    except RoomTaken:
        wanted["slots"].remove(certain.value)
        return _taken_page(invitation, wanted, certain.value)
    except Closed:
        return _over(invitation, 409) or _answer_page(invitation, "", 409)
    return redirect(_here("/done"), 303)


def _booked_before(invitation: Invitation) -> bool:
    """From this very page: the button was pressed twice."""
    return bool(g.nonce) and any(answer.nonce == g.nonce for answer in invitation.answers)


def _taken_page(invitation: Invitation, wanted: dict[str, Any], value: str) -> Page:
    """The three free times nearest to one that was just taken; everything else ticked and typed stays."""
    near = read(value) or invitation.visit.wall
    found = FreeTimes(invitation.visit, clock.now(), invitation).near(near, NEAREST)
    language = edge.language()
    free = "; ".join(f"{dates.day(each.slot.when, language)}, {dates.time(each.slot.when, language)}" for each in found)
    said = (
        _("This time was just taken. These are free: %(slots)s.", slots=free)
        if free
        else _("This time was just taken.")
    )
    return _times_page(invitation, wanted, [("slots" if found else "part", said)], 409, near)


def times_wanted() -> dict[str, Any]:
    """What was ticked and typed in a form with days and dayparts, as a Proposal keeps it."""
    chosen = [part.split("-") for part in DAYPARTS if part in request.form.getlist("part")]
    return {"dayparts": chosen, "note": request.form.get("note", "").replace("\0", "").strip()[:NOTE_AT_MOST]}


def _given(invitation: Invitation, kind: AnswerKind, wanted: dict[str, Any] | None = None) -> Page:
    """The answer counts; a page read in the other language says which one to write in from now on."""
    try:
        invitation.answer(kind, clock.now(), nonce=g.nonce, times=wanted)
    except Closed:
        return _over(invitation, 409) or _answer_page(invitation, "", 409)
    if "lang" in request.args and invitation.address:
        invitation.address.locale = edge.language()
    return redirect(_here("/done"), 303)


def _note_tap(invitation: Invitation, wish: str) -> None:
    """The one thing a GET writes, by itself: which answer was tapped in the mail. Browsers that fetch ahead do not tap."""
    peeked = request.method == "HEAD"
    ahead = "prefetch" in (request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or "")
    tapped = wish in ("accepted", "declined", "other") and wish != invitation.hint and not ahead
    if g.preview or invitation.partstat != "needs-action" or not (peeked or tapped):
        return
    with db.transaction():
        noted = db.session.get_one(Invitation, invitation.id, with_for_update=True)
        if peeked:
            noted.peek(clock.now())
        else:
            noted.tapped(wish, clock.now())  # type: ignore[arg-type]  # one of the three above


# What goes out


def _answer_page(invitation: Invitation, wish: str, code: int = 200) -> Page:
    now = clock.now()
    choices = Choices.of(invitation, Places(Invitation, invitation.visit, now).fits(invitation), wish)
    if (
        code == 200
        and invitation.state in SETTLED
        and not choices.intended
        and not {"change", "option"} & set(request.args)
    ):
        return _receipt(invitation)
    if invitation.customer_id and options.choosing(invitation.visit) and not invitation.closed(now):
        return _options_page(
            invitation, _picked(invitation), picked="option" in request.args, declines=wish == "declined"
        )
    more: dict[str, Any] = {"choices": choices}
    if invitation.place and invitation.place.offer_until:
        until = dates.local(invitation.place.offer_until, invitation.visit.zone)
        more["offer_until"] = f"{dates.day(until, edge.language())}, {dates.time(until, edge.language())}"
        more["first_come"] = invitation.place.offer_until == invitation.visit.starts_at
    return _page("answer" if invitation.customer_id else "staff_answer", invitation, code, **more)


def _picked(invitation: Invitation) -> Sequence[str]:
    """The time whose link was tapped in the mail, and what was said to suit before."""
    number = request.args.get("option", 0, int)
    stands = invitation.proposal.times.get("slots", ()) if invitation.proposal else ()
    return [*options.values(invitation.visit)[max(number - 1, 0) : max(number, 0)], *stands]


def _options_page(
    invitation: Invitation,
    chosen: Sequence[str],
    errors: Sequence[tuple[str, str]] = (),
    **more: bool,
) -> Page:
    visit = invitation.visit
    lasts = timedelta(minutes=visit.minutes)
    offered = zip(options.values(visit), options.slots(visit), strict=True)
    times_offered = [(value, slot, slot.when + lasts) for value, slot in sorted(offered, key=lambda each: each[0])]
    code = 422 if errors else 200
    return _page("options", invitation, code, offered=times_offered, chosen=chosen, errors=errors, **more)


def _receipt(invitation: Invitation) -> Page:
    visit, proposal = invitation.visit, invitation.proposal
    more: dict[str, Any] = {"eve": dates.local(visit.eve_at, visit.zone), "needs": needs.named()}
    if invitation.address:
        more["data_url"] = edge.door("data", invitation.address.id)
    if proposal:
        more["proposed"] = times.said(proposal.times, edge.language())
        more["reply_by"] = times.reply_by(proposal.at, visit.zone)
    if invitation.place:
        more["position"] = Places(Invitation, visit, clock.now()).position(invitation.place)
    return _page("done" if invitation.customer_id else "staff_done", invitation, **more)


def _times_page(
    invitation: Invitation,
    wished: Mapping[str, Any],
    errors: Sequence[tuple[str, str]] = (),
    code: int = 200,
    near: datetime | None = None,
) -> Page:
    """Free times as boxes, those ticked before among them; days and dayparts for who can make none of these."""
    free = FreeTimes(invitation.visit, clock.now(), invitation)
    named = [moment for value in wished.get("slots", ()) if (moment := free.at(value))]
    found = free.near(near or invitation.visit.wall)
    moments = sorted({moment.value: moment for moment in (*found, *named)}.items())
    more: dict[str, Any] = {
        "moments": [moment for _value, moment in moments],
        "slots": wished.get("slots", ()),
        "chosen": ["-".join(pair) for pair in wished.get("dayparts", ())],
        "note": wished.get("note", ""),
    }
    return _page("times", invitation, 422 if errors and code == 200 else code, errors=errors, **more)


def _over(invitation: Invitation, code: int = 200) -> Page | None:
    """The page that says why there is nothing to answer; None: there is."""
    reason = invitation.closed(clock.now())
    return _page("over", invitation, code, reason=reason) if reason else None


def _page(name: str, invitation: Invitation, code: int = 200, **more: Any) -> Page:
    visit, language = invitation.visit, edge.language()
    today = dates.local(clock.now(), visit.zone).date()
    if invitation.staff_id:
        found = db.session.scalar(select(whom.TELLERS).select_from(Visit).where(Visit.id == visit.id))
        more |= staff.storytellers(found or [], language)
    page = render_template(
        f"invitations/{name}.html",
        invitation=invitation,
        visit=visit,
        words=facts(visit, language, today),
        clock_name=dates.zone_name(visit.zone, Organisation.required().zone, visit.starts_at, language),
        today=today,
        begun_only=visit.ends_at > clock.now(),
        place=_here,
        **more,
    )
    return page, code


def _here(suffix: str = "", **asked: str) -> str:
    """This link's own address, or the preview's, in the language that was chosen on it."""
    address = request.path.rstrip("/")
    for page in PAGES:
        address = address.removesuffix(page)
    asked |= {"lang": edge.language()} if "lang" in request.args else {}
    return address + suffix + (f"?{urlencode(asked)}" if asked else "")
