"""Asking somebody what they allow, by mail, or reading it aloud on the phone."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account, Organisation
from webapp.customers import asks
from webapp.customers.asks import MayNotAsk
from webapp.customers.consents import agree, expiry
from webapp.customers.models import USES, Customer
from webapp.customers.refusing import why_not
from webapp.customers.requests import ConsentRequest
from webapp.customers.saying import NO_REASON
from webapp.customers.wording import ABOVE, ATTRIBUTIONS, VERSION, below_all, ground_text, use_text
from webapp.i18n import Language

blueprint = Blueprint("asking", __name__)
Page = str | tuple[str, int] | Response
LINE = 300
"""Characters of a reason."""


@blueprint.route("/customers/<int:customer_id>/ask-consent", methods=["GET", "POST"])
@access(role("organiser"))
def consent(customer_id: int) -> Page:
    """One sentence they know to be true; the mail leaves after the hold. Against a limit only with a reason."""
    customer = _customer(customer_id)
    reason, anyway = (request.form.get(name, "").strip()[:LINE] for name in ("reason", "anyway"))
    if request.method == "GET":
        return _ask_page(customer, _against(customer))
    try:
        ConsentRequest.send(customer, reason, _me(), clock.now(), edge.settings().hold, anyway)
    except MayNotAsk as refused:
        return _ask_page(customer, refused, reason, needs_reason=refused.may_be_overridden), 422
    audit.note("asked for consent", f"customer-{customer.id}", _me(), clock.now())
    undo = {"text": _("Asked. The mail leaves in a moment."), "action": f"/customers/{customer.id}/ask-consent/undo"}
    flash({**undo, "fields": {"next": f"/customers/{customer.id}"}}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(f"/customers/{customer.id}#consent", 303)


@blueprint.post("/customers/<int:customer_id>/ask-consent/undo")
@access(role("organiser"))
def undo(customer_id: int) -> Response:
    """Within the hold: nothing left, and nobody was asked."""
    customer = _customer(customer_id)
    customer.hold()
    asked = ConsentRequest.open_of(customer.id)
    if asked is not None and asked.take_back(clock.now()):
        audit.note("took back asking for consent", f"customer-{customer.id}", _me(), clock.now())
        flash(_("Undone. Nothing was sent."), "saved")
    else:
        flash(_("Too late: the mail is leaving already."), "warning")
    return redirect(f"/customers/{customer.id}#consent", 303)


@blueprint.route("/customers/<int:customer_id>/consents", methods=["GET", "POST"])
@access(role("organiser"))
def by_phone(customer_id: int) -> Page:
    """Each text is read aloud as it stands; what is ticked is what was agreed. Or nothing is: rather not asked again."""
    customer = _customer(customer_id)
    if request.method == "POST" and "withdrawn" in request.form:
        return _rather_not(customer)
    uses = [use for use in USES if use in request.form.getlist("uses")]
    attribution = request.form.get("attribution", "")
    if request.method == "GET":
        return _phone_page(customer, [])
    errors = []
    if not uses:
        errors.append(("uses", _("Tick what was agreed.")))
    if "story_inside" in uses and attribution not in ATTRIBUTIONS:
        errors.append(("attribution", _("Choose what stands with the story.")))
    if errors:
        return _phone_page(customer, errors), 422
    now = clock.now()
    given = agree(customer, uses, _language(customer), "phone", now, _me(), attribution or "name")
    ConsentRequest.answered(customer, now)
    for each in given:
        audit.note("recorded consent agreed", f"customer-{customer.id}", _me(), now, {"use": each.use})
    flash(_("Recorded."))
    return redirect(f"/customers/{customer.id}#consent", 303)


def _rather_not(customer: Customer) -> Response:
    """From now on nobody asks this person."""
    language, now = _language(customer), clock.now()
    words = ground_text("withdrawn", language, Organisation.required(), now)
    customer.consent("withdrawn", words, language, "phone", now, _me(), version=VERSION)
    ConsentRequest.answered(customer, now)
    flash(_("Recorded."))
    return redirect(f"/customers/{customer.id}#consent", 303)


def _against(customer: Customer) -> MayNotAsk | None:
    now = clock.now()
    return asks.refusal(customer, "consent", now) or asks.limits([customer], now).get(customer.id)


def _ask_page(customer: Customer, against: MayNotAsk | None, reason: str = "", needs_reason: bool = False) -> str:
    return render_template(
        "customers/ask_consent.html",
        customer=customer,
        against=against,
        why=why_not(against.why, against.facts) if against else "",
        reason=reason,
        needs_reason=needs_reason,
        open=ConsentRequest.open_of(customer.id),
        without=NO_REASON[_language(customer)],
    )


def _phone_page(customer: Customer, errors: list[tuple[str, str]]) -> str:
    organisation, language, until = Organisation.required(), _language(customer), expiry(clock.now())
    return render_template(
        "customers/consent_phone.html",
        customer=customer,
        language=language,
        texts={use: use_text(use, language, organisation, until, None) for use in USES},
        above=ABOVE[language],
        below=below_all(language, organisation, until),
        rather_not=ground_text("withdrawn", language, organisation, until),
        attributions={key: words[language] for key, words in ATTRIBUTIONS.items()},
        ticked=request.form.getlist("uses"),
        attribution=request.form.get("attribution"),
        errors=errors,
    )


def _language(customer: Customer) -> Language:
    return "en" if customer.locale == "en" else "nl"


def _customer(customer_id: int) -> Customer:
    found = db.session.get(Customer, customer_id)
    return found if found is not None and found.erased_at is None else abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
