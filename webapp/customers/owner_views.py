"""The relationship owner's two buttons, behind a link; and an organiser who asks the owner, or decides without."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.customers.models import Customer
from webapp.customers.owners import SAYS, OwnerQuestion, ask_owner, last_questions, owner_of
from webapp.customers.saying import ASK_IN_WORDS

blueprint = Blueprint("owners", __name__)
KINDS = ("visit", "story", "consent")


@blueprint.route("/o/<token>", methods=["GET", "POST"])
@access(link("owner"))
def answer(token: str) -> str | Response:
    """Is this a good moment? A look changes nothing; the answer can be changed."""
    question = db.session.get(OwnerQuestion, edge.opened().subject_id)
    if question is None or question.owner.left_at is not None or question.customer.erased_at is not None:
        raise edge.NoSuchLink
    address = question.owner.address
    g.language = "en" if address and address.locale == "en" else "nl"
    if request.method == "POST":
        says = request.form.get("answer", "")
        if says not in SAYS:
            abort(400)
        question.say(says, clock.now(), None)
        audit.note(f"owner said {says}", f"customer-{question.customer_id}", None, clock.now())
        return redirect(request.path + (f"?lang={edge.language()}" if "lang" in request.args else ""), 303)
    tapped = request.args.get("answer", "")
    return render_template(
        "customers/owner.html",
        question=question,
        tapped=tapped if tapped in SAYS and question.answer is None else "",
        ask_in_words=ASK_IN_WORDS[question.kind][edge.language()],
    )


@blueprint.post("/customers/<int:customer_id>/owner")
@access(role("organiser"))
def ask(customer_id: int) -> Response:
    """Ask the owner, by mail; it leaves after the hold."""
    customer = _customer(customer_id)
    kind = request.form.get("kind", "visit")
    owner = owner_of(customer)
    if kind not in KINDS or owner is None or owner.address_id is None:
        abort(404)
    ask_owner(customer, owner, kind, _me(), clock.now(), edge.settings().hold)
    audit.note("asked the owner", f"customer-{customer.id}", _me(), clock.now())
    flash(_("%(name)s is asked. Without an answer in three working days you decide.", name=owner.name.full))
    return _back(customer)


@blueprint.post("/customers/<int:customer_id>/owner/decide")
@access(role("organiser"))
def decide(customer_id: int) -> Response:
    """Who organises decides, because the owner did not answer or said it another way."""
    customer = _customer(customer_id)
    customer.hold()
    question, says = last_questions([customer.id]).get(customer.id), request.form.get("answer", "")
    if question is None or says not in SAYS:
        abort(404)
    question.say(says, clock.now(), _me())
    audit.note(f"decided {says} for the owner", f"customer-{customer.id}", _me(), clock.now())
    flash(_("Recorded."))
    return _back(customer)


def _back(customer: Customer) -> Response:
    return redirect(safe_path(request.form.get("next") or f"/customers/{customer.id}#asked"), 303)


def _customer(customer_id: int) -> Customer:
    return db.session.get(Customer, customer_id) or abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
