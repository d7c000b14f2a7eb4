"""Adding and changing one customer, and recording what was said. Reading them stands in `webapp/board`."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.accounts.signing_in import safe_path
from webapp.customers.consents import expiry, lasting
from webapp.customers.forms import AddressForm, CustomerForm, NewCustomerForm, NoteForm
from webapp.customers.models import Customer, Ground
from webapp.customers.wording import VERSION, ground_text
from webapp.i18n import Language
from webapp.mailing import by_hand
from webapp.mailing.models import Address

blueprint = Blueprint("customers", __name__)
Page = str | tuple[str, int] | Response

GROUPS_NAMED = 50
NEW_GROUNDS = ("agreed", "existing", "not_yet")


@blueprint.route("/customers/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    """Add somebody by hand, with the ground on which they may be asked."""
    form = NewCustomerForm(locale=Organisation.required().locale)
    form.ground.choices = [SelectChoice(ground, _ground_label(ground)) for ground in NEW_GROUNDS]
    if not form.is_submitted():
        return _form_page(form)
    if not form.validate():
        return _form_page(form), 422
    same = _same_person(form)
    if same is not None and not request.form.get("other"):
        return _form_page(form, same=same), 422
    now = clock.now()
    customer = Customer(source="hand", added_at=now)
    db.session.add(customer)
    _write(customer, form)
    _record(customer, form.ground.data, "hand", now)
    flash(_("%(name)s has been added.", name=customer.name.full))
    return redirect(f"/customers/{customer.id}", 303)


@blueprint.route("/customers/<int:customer_id>/edit", methods=["GET", "POST"])
@access(role("organiser"))
def edit(customer_id: int) -> Page:
    customer = _customer(customer_id)
    form = CustomerForm(data=_known(customer))
    if not form.is_submitted():
        return _form_page(form, customer)
    if not form.validate():
        return _form_page(form, customer), 422
    _write(customer, form)
    _note("changed customer", customer)
    flash(_("Saved."))
    return redirect(f"/customers/{customer.id}", 303)


@blueprint.route("/customers/<int:customer_id>/address", methods=["GET", "POST"])
@access(role("organiser"))
def mend(customer_id: int) -> Page:
    """One field: the right address. What could not reach the old one leaves after all."""
    customer = _customer(customer_id)
    form = AddressForm(email=customer.address.email if customer.address else "")
    if not form.validate_on_submit():
        back = safe_path(request.form.get("next") or f"/customers/{customer.id}")
        page = render_template("customers/address.html", form=form, customer=customer, back=back)
        return (page, 422) if form.is_submitted() else page
    again = _move_mailbox(customer, form.email.data)
    _note("mended address", customer)
    leaves = _("Saved. The mail that did not arrive leaves after all.") if again else _("Saved.")
    flash(leaves)
    return redirect(safe_path(request.form.get("next") or f"/customers/{customer.id}"), 303)


@blueprint.post("/customers/<int:customer_id>/note")
@access(role("organiser"))
def note(customer_id: int) -> Page:
    """The note on the side: the last text counts."""
    customer, form = _customer(customer_id), NoteForm()
    if not form.validate():
        return render_template("customers/note.html", form=form, customer=customer, action="note"), 422
    customer.note = (form.note.data or "").strip()
    flash(_("Saved."))
    return redirect(f"/customers/{customer.id}#notes", 303)


@blueprint.post("/customers/<int:customer_id>/contacts")
@access(role("organiser"))
def contact(customer_id: int) -> Page:
    """Something worth remembering, with its date; it can be undone."""
    customer, form = _customer(customer_id), NoteForm()
    words_said = (form.note.data or "").strip()
    if not form.validate():
        return render_template("customers/note.html", form=form, customer=customer, action="contacts"), 422
    if words_said:
        made = customer.record("note", clock.now(), _me(), words_said)
        back = {"next": f"/customers/{customer.id}"}
        flash({"text": _("Noted."), "action": f"/customers/contacts/{made.id}/undo", "fields": back}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(f"/customers/{customer.id}", 303)


def _record(customer: Customer, ground: Ground, channel: str, now: datetime) -> None:
    """On what ground this person may be asked, in our words."""
    language, until = _language(customer), expiry(now)
    said = ground_text(ground, language, Organisation.required(), until)
    more = {"version": VERSION, **lasting(ground, now)}
    customer.consent(ground, said, language, channel, now, _me(), **more)


def _form_page(form: CustomerForm, customer: Customer | None = None, same: Customer | None = None) -> str:
    groups = Customer.groups(GROUPS_NAMED)
    return render_template("customers/form.html", form=form, customer=customer, same=same, groups=groups)


def _same_person(form: CustomerForm) -> Customer | None:
    """Somebody who is probably the same: at this address, or with this name and phone."""
    if form.email.data:
        return db.session.scalars(select(Customer).join(Address).where(Address.email == form.email.data)).first()
    found = select(Customer).where(Customer.sorting == form.name.sort_key, Customer.phone == (form.phone.data or ""))
    return db.session.scalars(found).first()


def _write(customer: Customer, form: CustomerForm) -> None:
    """Take over what was typed."""
    customer.name = form.name
    customer.phone, customer.organisation = form.phone.data or "", form.organisation.data or ""
    customer.group, customer.relationship_owner = form.group.data or "", form.relationship_owner.data or ""
    other_language = customer.locale != form.locale.data
    customer.locale = form.locale.data
    if form.email.data:
        _move_mailbox(customer, form.email.data)
    else:
        customer.address = None
    if customer.address is not None and other_language:
        customer.address.locale = customer.locale
    db.session.flush()


def _move_mailbox(customer: Customer, email: str) -> int:
    """Mail for this person goes there from now on; returns how many mails leave after all."""
    old = customer.address
    if old is not None and old.email == email:
        return 0
    new = customer.mend_address(email)
    return by_hand.address_mended(old.id if old else None, new, clock.now(), clock.real())


def _known(customer: Customer) -> dict[str, str]:
    """What the form opens with."""
    return {
        "title": customer.title or "",
        "given": customer.given,
        "family": f"{customer.particle} {customer.family}".strip(),
        "email": customer.address.email if customer.address else "",
        "phone": customer.phone,
        "locale": customer.locale,
        "organisation": customer.organisation,
        "group": customer.group,
        "relationship_owner": customer.relationship_owner,
    }


def _ground_label(ground: str) -> str:
    labels: dict[str, str] = {
        "agreed": _("Yes: this person said that we may ask"),
        "existing": _("Yes: has been in touch with us before"),
        "not_yet": _("Not yet: we keep them, and ask nothing until that changes"),
    }
    return labels[ground]


def _language(customer: Customer) -> Language:
    return "en" if customer.locale == "en" else "nl"


def _customer(customer_id: int) -> Customer:
    found = db.session.get(Customer, customer_id)
    return found if found is not None and found.erased_at is None else abort(404)


def _note(what: str, customer: Customer) -> None:
    audit.note(what, f"customer-{customer.id}", _me(), clock.now())


def _me() -> Account:
    account: Account = current_user.account
    return account
