"""The page of a link that opens nothing any more, and the offer of a new one by mail. Known and unknown read the same."""

from typing import get_args

from flask import Blueprint, g, redirect, render_template, request
from werkzeug.wrappers import Response

from webapp import clock, edge, links
from webapp.access import access, public, public_form
from webapp.extensions import limiter
from webapp.links import PATHS, Link, Scope
from webapp.privacy.models import AS_STAFF, reader_at, reader_of

blueprint = Blueprint("old_link", __name__)

PER_NETWORK = "10 per minute; 100 per day"
OF_ACCOUNTS: tuple[Scope, ...] = ("sign_in", "colleague")


@blueprint.app_errorhandler(edge.NoSuchLink)
def old_link(error: edge.NoSuchLink) -> tuple[str, int]:
    """404 for unknown, forged, revoked and expired. Only who holds a genuine key need not say which address it was for."""
    scope = next((scope for scope, path in PATHS.items() if request.path.startswith(f"/{path}/")), None)
    if scope in OF_ACCOUNTS or scope is None or g.preview:
        return render_template("accounts/link_old.html"), 404
    token = str((request.view_args or {}).get("token", ""))
    link = links.genuine(edge.keys(), scope, token)
    reader = reader_of(link) if link else None
    staff = scope in AS_STAFF
    return render_template("privacy/old_link.html", scope=scope, token=token if reader else None, staff=staff), 404


@blueprint.post("/link")
@access(public_form)
@limiter.limit(PER_NETWORK)
def ask() -> Response:
    """Ask for a new link: with the old one when it was genuine, else with an address."""
    scope = request.form.get("scope", "")
    wanted: Scope | None = scope if scope in get_args(Scope) else None  # type: ignore[assignment]  # checked
    link: Link | None = None
    if wanted and "token" in request.form:
        link = links.genuine(edge.keys(), wanted, request.form["token"])
    reader = reader_of(link) if link else reader_at(request.form.get("email", ""))
    if reader:
        reader.ask_link(wanted, clock.now())
    chosen = f"?lang={edge.language()}" if "lang" in request.args else ""
    return redirect(f"/link/{'staff' if wanted in AS_STAFF else 'sent'}{chosen}", 303)


@blueprint.get("/link/sent", defaults={"staff": False})
@blueprint.get("/link/staff", defaults={"staff": True})
@access(public)
def asked(staff: bool) -> str:
    """The same words whether we know the address or not."""
    return render_template("privacy/link_sent.html", staff=staff)
