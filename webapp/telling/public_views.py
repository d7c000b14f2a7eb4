"""The public page: told without an account, script or cookie; read by nobody before the mailbox says yes."""

import hashlib
import secrets
from datetime import timedelta

from flask import Blueprint, abort, g, redirect, render_template, request
from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link, public_form
from webapp.accounts.models import Organisation
from webapp.customers import consents
from webapp.customers.wording import ABOVE, ATTRIBUTIONS, below_all, use_text
from webapp.extensions import limiter
from webapp.i18n import Language
from webapp.telling.forms import OFFERED, TellForm
from webapp.telling.models import KEPT_UNCONFIRMED, Campaign, Telling

blueprint = Blueprint("telling", __name__)
Page = str | Response | tuple[str, int]

PER_NETWORK = "60 per hour; 300 per day"
"""A hall full of people shares one."""
PER_ADDRESS = "3 per day"
WRITES_FOR = timedelta(days=1)
QUICKEST = timedelta(seconds=3)
"""Nobody tells a story in less."""
PATHS: dict[Language, str] = {"nl": "/vertel", "en": "/tell"}


def _typed_address() -> str:
    return edge.unreadable("address", request.form.get("email", ""))


def _taken(answer: Response) -> bool:
    """Who is asked to mend something has sent nothing yet."""
    return answer.status_code < 400


@blueprint.route("/vertel", defaults={"slug": ""}, methods=["GET", "POST"])
@blueprint.route("/vertel/<slug>", methods=["GET", "POST"])
@access(public_form)
@limiter.limit(PER_NETWORK, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=_typed_address, methods=["POST"], deduct_when=_taken)
def vertel(slug: str) -> Page:
    return _tell("nl", slug)


@blueprint.route("/tell", defaults={"slug": ""}, methods=["GET", "POST"])
@blueprint.route("/tell/<slug>", methods=["GET", "POST"])
@access(public_form)
@limiter.limit(PER_NETWORK, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=_typed_address, methods=["POST"], deduct_when=_taken)
def tell(slug: str) -> Page:
    return _tell("en", slug)


def _tell(language: Language, slug: str) -> Page:
    """The same words and the same time for an address that we know and one that we do not."""
    organisation, campaign = Organisation.current() or abort(404), Campaign.at(slug) if slug else None
    if slug and campaign is None:
        abort(404)
    g.language = language
    language = edge.language()
    if "sent" in request.args:
        return render_template("telling/sent.html", days=KEPT_UNCONFIRMED.days)
    if campaign and campaign.closed_at:
        return render_template("telling/closed.html", campaign=campaign, path=PATHS[language])
    form = TellForm.in_language(language)
    if request.method == "GET":
        return _page(form, campaign, organisation, _signed())
    key = request.form.get("form", "")
    if form.website.data:
        return _sent()
    valid, late = form.validate(), _too_quick_or_late(key)
    if late:
        form.form_errors.append(late)
    if late or not valid:
        return _page(form, campaign, organisation, key if late is None or _genuine(key) else _signed()), 422
    Telling.receive(
        form.email.data, language, clock.now(),
        form=hashlib.sha256(key.encode()).hexdigest(), campaign_id=campaign.id if campaign else None,
        name=form.name.data, text=form.text.data, uses=form.allowed, **form.answers,
    )  # fmt: skip
    return _sent()


def _sent() -> Response:
    chosen = f"&lang={request.args['lang']}" if request.args.get("lang") in PATHS else ""
    return redirect(f"{request.path}?sent=1{chosen}", 303)


def _page(form: TellForm, campaign: Campaign | None, organisation: Organisation, key: str) -> str:
    language, until = edge.language(), consents.expiry(clock.now())
    return render_template(
        "telling/tell.html",
        form=form,
        campaign=campaign,
        key=key,
        days=KEPT_UNCONFIRMED.days,
        texts={use: use_text(use, language, organisation, until, attribution=None) for use in OFFERED},
        attributions=[(each, said[language]) for each, said in ATTRIBUTIONS.items()],
        above=ABOVE[language],
        below=below_all(language, organisation, until),
        errors=[(None, error) for error in form.form_errors]
        + [(field.id, field.errors[0]) for field in form if field.errors],
    )


def _signed() -> str:
    """When the page was opened, and which one it is: sent twice, it is told once."""
    return str(_signer().dumps(secrets.token_urlsafe(12)))


def _genuine(key: str) -> bool:
    try:
        _signer().loads(key, max_age=int(WRITES_FOR.total_seconds()))
    except BadData:
        return False
    return True


def _too_quick_or_late(key: str) -> str | None:
    """Why it is asked to be sent once more, with everything that was typed; None: it may come in."""
    try:
        _value, opened_at = _signer().loads(key, max_age=int(WRITES_FOR.total_seconds()), return_timestamp=True)
    except SignatureExpired:
        return str(_("This page had been open for a day. What you wrote is still here: please send it once more."))
    except BadData:
        return str(_("What you wrote is still here: please send it once more."))
    if clock.real() - opened_at < QUICKEST:
        return str(_("That was very quick. Please look at it once more and send it again."))
    return None


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(edge.settings().secret_keys)), salt="telling")


@blueprint.route("/c/<token>", methods=["GET", "POST"])
@access(link("confirm"))
def confirm(token: str) -> Page:
    """One more tap: a look changes nothing."""
    telling = db.session.get(Telling, edge.opened().subject_id)
    if telling is None:
        raise edge.NoSuchLink
    g.language = telling.language
    if request.method == "POST":
        if request.form.get("what") == "deny":
            telling.deny()
            return render_template("telling/denied.html")
        telling.confirm(clock.now(), edge.settings().secret_keys)
        return redirect(request.full_path.rstrip("?"), 303)
    organisation, language = Organisation.required(), edge.language()
    if telling.confirmed_at:
        return render_template("telling/confirmed.html", telling=telling)
    until = consents.expiry(clock.now())
    return render_template(
        "telling/confirm.html",
        telling=telling,
        days=KEPT_UNCONFIRMED.days,
        texts=[
            use_text(use, language, organisation, until, telling.uses[use] or "name")
            for use in OFFERED
            if use in telling.uses
        ],
        below=below_all(language, organisation, until),
    )
