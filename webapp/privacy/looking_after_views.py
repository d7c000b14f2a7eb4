"""What an organiser does with somebody's data: erase it, when they ask by phone; an admin takes it along for them."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.people import PersonName
from webapp.privacy import exporting
from webapp.privacy.erasing import Whom, erase
from webapp.privacy.own_views import post, sent
from webapp.privacy.records import DataExport
from webapp.privacy.registry import NOBODY
from webapp.staff.models import StaffMember

blueprint = Blueprint("looking_after", __name__)
Page = str | Response | tuple[str, int]


@blueprint.route("/customers/<int:customer_id>/erase", methods=["GET", "POST"])
@access(role("organiser"))
def customer(customer_id: int) -> Page:
    """The one action that asks: it cannot be undone."""
    found = db.session.get(Customer, customer_id)
    if found is None or found.erased_at is not None:
        abort(404)
    return _erase(found, found.name.full, f"/customers/{found.id}", "/customers", "customers")


@blueprint.route("/staff/<int:member_id>/erase", methods=["GET", "POST"])
@access(role("organiser"))
def member(member_id: int) -> Page:
    """Somebody who has left."""
    found = db.session.get(StaffMember, member_id)
    if found is None or found.erased_at is not None or found.left_at is None:
        abort(404)
    return _erase(found, found.name.full, f"/staff/{found.id}", "/staff", "settings")


@blueprint.route("/admin/users/<int:account_id>/erase", methods=["GET", "POST"])
@access(role("admin"))
def account(account_id: int) -> Page:
    """Somebody who has no access any more. Their deeds stay, without a name."""
    found = db.session.get(Account, account_id)
    if found is None or found.disabled_at is None or found.name == NOBODY:
        abort(404)
    return _erase(found, found.name, "/admin/users", "/admin/users", "settings")


def _erase(whom: Whom, name: str, back: str, after: str, section: str) -> Page:
    typed = request.form.get("name", "")
    if request.method == "POST" and _same(typed, name):
        erase(whom, "organiser", _me(), clock.now(), edge.settings().secret_keys)
        flash(_("Everything about this person has been erased."), "saved")
        return redirect(after, 303)
    wrong = _("This is not the name. It is: %(name)s.", name=name) if request.method == "POST" else None
    told = isinstance(whom, Customer) and whom.address is not None and whom.address.suppressed_at is None
    page = render_template(
        "privacy/erase.html", name=name, back=back, problem=wrong, typed=typed, told=told, section=section,
        is_customer=isinstance(whom, Customer),
    )  # fmt: skip
    return (page, 422) if wrong else page


def _same(typed: str, name: str) -> bool:
    """As people type it: case, accents and spaces do not count."""
    return PersonName(given=typed[:400]).normalised == PersonName(given=name).normalised


@blueprint.post("/customers/<int:customer_id>/export")
@access(role("admin"))
def export_customer(customer_id: int) -> Response:
    found = db.session.get(Customer, customer_id)
    return _export(found, f"customer-{customer_id}") if found and found.erased_at is None else abort(404)


@blueprint.post("/staff/<int:member_id>/export")
@access(role("admin"))
def export_member(member_id: int) -> Response:
    found = db.session.get(StaffMember, member_id)
    return _export(found, f"staff-{member_id}") if found and found.erased_at is None else abort(404)


def _export(whom: Customer | StaffMember, about: str) -> Response:
    made = exporting.ask_as_admin(whom, _me(), post(), clock.now())
    audit.note("exported a person", about, _me(), clock.now(), {"export": made.id})
    return redirect(f"/exports/{made.id}", 303)


@blueprint.get("/exports/<int:export_id>")
@access(role("admin"))
def fetch(export_id: int) -> Response:
    """Only who asked for it fetches it, within a week."""
    made = db.session.get(DataExport, export_id)
    if made is None or made.account_id != _me().id or made.content is None or made.expires_at <= clock.now():
        abort(404)
    audit.note_look("fetched an export", f"export-{made.id}", _me(), clock.now())
    return sent(made)


def _me() -> Account:
    account: Account = current_user.account
    return account
