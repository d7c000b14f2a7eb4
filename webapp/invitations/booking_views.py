"""A customer's own way to a day of a standing slot, and where who organises finds that link to hand on."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge, links
from webapp.access import access, link, role
from webapp.accounts import audit
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.invitations import booking
from webapp.invitations.booking import Day, Full, NotAllowed
from webapp.invitations.models import Closed, Invitation
from webapp.links import PATHS
from webapp.visits import wall
from webapp.visits.models import RoomTaken
from webapp.visits.standing import Series

blueprint = Blueprint("booking", __name__)
Page = str | tuple[str, int] | Response


@blueprint.route("/b/<token>", methods=["GET", "POST"])
@access(link("slots"))
def choose(token: str) -> Page:
    """The days there are; one press books. What is full can be waited for. A GET changes nothing."""
    customer = db.session.get(Customer, edge.opened().subject_id)
    if customer is None or customer.erased_at is not None:
        raise edge.NoSuchLink
    g.language = customer.address.locale if customer.address else customer.locale
    if not customer.agreed("live_visit"):
        return _not_allowed(customer, 200 if request.method == "GET" else 409)
    if request.method == "GET":
        return _page(customer, clock.now())
    return _booked(customer, clock.now())


def _booked(customer: Customer, now: datetime) -> Page:
    wished = request.form.get("wait") or request.form.get("day", "")
    day = next((each for each in booking.days_of(customer, now) if each.value == wished), None)
    if day is None:
        said = _("This day can no longer be chosen. Choose another one.") if wished else _("Choose a day.")
        return _page(customer, now, [("days", said)]), 409 if wished else 422
    try:
        invitation = booking.book(customer, day.series, day.day, now, g.nonce, wait="wait" in request.form)
    except Full:
        return _page(customer, now, full=day), 409
    except NotAllowed:
        return _not_allowed(customer, 409)
    except (Closed, RoomTaken):
        gone = _("This day can no longer be chosen. Choose another one.")
        return _page(customer, now, [("days", gone)]), 409
    if request.form.get("short_notice"):
        invitation.short_notice_at = now
    return redirect(_receipt(invitation), 303)


def _receipt(invitation: Invitation) -> str:
    made = links.ensure("answer", [invitation.id])[invitation.id]
    more = f"?lang={edge.language()}" if "lang" in request.args else ""
    return f"/{PATHS['answer']}/{edge.keys().token(made)}/done{more}"


def _page(
    customer: Customer, now: datetime, errors: list[tuple[str, str]] | None = None, full: Day | None = None
) -> str:
    days = [each for each in booking.days_of(customer, now) if not (full and each.value == full.value)]
    return render_template(
        "invitations/slots.html",
        customer=customer,
        days=[each for each in days if not each.settled],
        mine=[(each, edge.door("answer", each.mine.id)) for each in days if each.settled and each.mine],
        full=full,
        last_call=dates.local(_starts(full) - full.series.notice, full.slot.zone) if full else None,
        errors=errors or [],
        typed=request.form,
        place_of=_place_of,
        today=dates.local(now, Organisation.required().zone).date(),
        zone_said=_zone_said,
    )


def _starts(day: Day) -> datetime:
    return wall.to_utc(day.slot.when, day.slot.zone, day.slot.fold)


def _zone_said(day: Day) -> str | None:
    return dates.zone_name(day.slot.zone, Organisation.required().zone, _starts(day), edge.language())


def _place_of(day: Day) -> str:
    room = day.slot.room
    return ", ".join(filter(None, [room.place, room.name])) if room else _("online")


def _not_allowed(customer: Customer, code: int) -> Page:
    data = edge.door("data", customer.address_id) if customer.address_id else None
    return render_template("invitations/slots_closed.html", customer=customer, data_url=data), code


# For who organises


@blueprint.route("/customers/<int:customer_id>/choosing", methods=["GET", "POST"])
@access(role("organiser"))
def hand_on(customer_id: int) -> Page:
    """This customer's own link to the standing slots: made at a press, to be copied into a mail or a letter."""
    customer = db.session.get(Customer, customer_id)
    if customer is None or customer.erased_at is not None:
        abort(404)
    allowed, series = customer.agreed("live_visit"), Series.open_ones()
    if request.method == "POST":
        if not allowed or not series:
            abort(409)
        links.ensure("slots", [customer.id])
        audit.note("made link to standing slots", f"customer-{customer.id}", current_user.account, clock.now())
        return redirect(url_for("booking.hand_on", customer_id=customer.id), 303)
    door = edge.door("slots", customer.id)
    facts: dict[str, Any] = {"customer": customer, "allowed": allowed, "series": series}
    return render_template("invitations/hand_on.html", address=door and edge.settings().base_url + door, **facts)
