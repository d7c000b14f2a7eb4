"""What somebody allows: chosen on one page, each use one tick; withdrawn with one button; in force at once."""

from typing import cast

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock, edge
from webapp.access import access, link
from webapp.accounts.models import Organisation
from webapp.customers.consents import agree, expiry
from webapp.customers.models import USES, Customer, Use
from webapp.customers.requests import ConsentRequest
from webapp.customers.wording import ABOVE, ATTRIBUTIONS, below_all, use_text
from webapp.privacy.models import Reader
from webapp.privacy.views import opened
from webapp.privacy.withdrawing import rather_not, withdraw_uses

blueprint = Blueprint("consents", __name__)


@blueprint.route("/p/<token>/choose", methods=["GET", "POST"])
@access(link("data"))
def choose(token: str) -> str | Response | tuple[str, int]:
    """What may we do? Nothing is ticked beforehand; a GET, also one with an answer in it, changes nothing."""
    reader = opened()
    customer = _chosen(reader)
    if request.method == "GET":
        return _page(reader, customer)
    now, language = clock.now(), edge.language()
    uses = [use for use in USES if use in request.form.getlist("uses")]
    attribution = request.form.get("attribution", "")
    if request.form.get("answer") == "no" or not (uses or customer.agreed("to_be_asked")):
        rather_not(customer, language, now)
        return redirect(_mine("no"), 303)
    if "story_inside" in uses and attribution not in ATTRIBUTIONS:
        return _page(reader, customer, {"attribution": _("Choose what stands with your story.")}), 422
    agree(customer, uses, language, "page", now, None, attribution or "name")
    ConsentRequest.answered(customer, now)
    return redirect(_mine("chosen"), 303)


@blueprint.post("/p/<token>/withdraw")
@access(link("data"))
def take_back(token: str) -> Response:
    """One use, or all of them."""
    customer = _chosen(opened())
    wanted = request.form.get("use", "")
    uses = USES if wanted == "all" else cast("tuple[Use, ...]", (wanted,) if wanted in USES else ())
    withdraw_uses(customer, uses, edge.language(), "page", clock.now())
    return redirect(_mine("withdrawn"), 303)


def _page(reader: Reader, customer: Customer, errors: dict[str, str] | None = None) -> str:
    organisation, language, until = Organisation.required(), edge.language(), expiry(clock.now())
    return render_template(
        "privacy/choose.html",
        reader=reader,
        customer=customer,
        no=request.args.get("answer") == "no" and request.method == "GET",
        texts={use: use_text(use, language, organisation, until, None) for use in USES},
        above=ABOVE[language],
        until=until,
        below=below_all(language, organisation, until),
        attributions={key: words[language] for key, words in ATTRIBUTIONS.items()},
        ticked=request.form.getlist("uses"),
        attribution=request.form.get("attribution"),
        errors=errors or {},
        back=_mine(),
    )


def _chosen(reader: Reader) -> Customer:
    """Whom of the people behind this mailbox it is about: the one named, or the first."""
    wanted = request.values.get("customer", "")
    named = [each for each in reader.customers if not wanted or str(each.id) == wanted]
    if not named:
        raise edge.NoSuchLink
    return named[0]


def _mine(what: str = "") -> str:
    """The page of what we know about them, in the language chosen."""
    path = request.path.rpartition("/")[0]
    given = [f"lang={edge.language()}"] if "lang" in request.args else []
    said = [f"said={what}"] if what else []
    return path + ("?" + "&".join([*given, *said]) if given or said else "") + ("#consents" if what else "")
