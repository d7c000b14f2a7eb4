"""The edge of every request: one transaction, one language, one door. Views behind it hold rules' words only."""

import hmac
import secrets
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from webapp import clock, db, links, logs
from webapp.access import Access, access, declared, public_form, role
from webapp.config import Settings
from webapp.extensions import csrf
from webapp.i18n import BABEL_LOCALES, LANGUAGES, Language
from webapp.links import PATHS, Keys, Link, Scope
from webapp.mailing.models import ClockShift

SAFE = ("GET", "HEAD", "OPTIONS")
NONCE_WORKS_FOR = timedelta(days=2)
POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class NoSuchLink(NotFound):
    """Unknown, forged, revoked or expired: all look alike, and `privacy` offers a new one by mail."""


def settings() -> Settings:
    found = current_app.extensions["firsthand"]
    assert isinstance(found, Settings)
    return found


def keys() -> Keys:
    return Keys.of(*settings().secret_keys)


def opened() -> Link:
    """The link this request came through."""
    found = g.link
    assert isinstance(found, Link)
    return found


def door(scope: Scope, subject_id: int) -> str | None:
    """The way to another page of the same person; None when its link was never made: a GET makes none."""
    if g.preview:
        return f"/preview/{scope}/{subject_id}"
    found = links.existing([(scope, subject_id)]).get((scope, subject_id))
    return f"/{PATHS[scope]}/{keys().token(found)}" if found else None


def init(app: Flask) -> None:
    """Put the edge around every view of `app`. Call it when all blueprints are registered."""
    for rule in list(app.url_map.iter_rules()):
        rule_access = declared(app.view_functions[rule.endpoint], rule.endpoint)
        if rule_access.kind == "link" and "GET" in (rule.methods or ()):
            _add_preview(app, rule.rule, rule.endpoint, rule_access)
    app.before_request(_open)
    app.after_request(_close)
    app.teardown_request(_leave)
    app.jinja_env.globals["nonce"] = nonce


def _add_preview(app: Flask, path: str, endpoint: str, rule: Access) -> None:
    """What an organiser sees in place of a link page: the same page, for a person, with buttons that do nothing."""
    view = app.view_functions[endpoint]
    shown = "/preview/" + rule.name + "/<int:subject_id>" + path.split("<token>", 1)[1]

    @access(role("viewer"))
    def preview(subject_id: int, **values: Any) -> Any:
        g.preview = True
        g.link = Link(scope=rule.name, subject_id=subject_id, selector=b"", generation=0)
        return view(token="preview", **values)  # noqa: S106  (opens nothing)

    app.add_url_rule(shown, "preview." + endpoint, preview, methods=["GET"])


def _open() -> Any:
    """Transaction, clock, cross-site check, and the door."""
    safe = request.method in SAFE
    g.preview, g.link = False, None
    unit = db.transaction(read_only=safe)
    unit.__enter__()
    g.unit = unit
    if safe:
        db.remember()
    if settings().demo:
        ClockShift.follow()
    if "\0" in unquote(request.full_path) or any("\0" in text for texts in request.form.listvalues() for text in texts):
        abort(400)  # no keyboard types it, and no database stores it
    if not safe:
        _check_origin()
    if request.endpoint is not None and request.endpoint in current_app.view_functions:
        return _door(current_app.view_functions[request.endpoint], safe)
    return None


def _door(view: Any, safe: bool) -> Any:
    """None: come in. A redirect to the sign-in page, or an abort: not here."""
    rule = declared(view, request.endpoint or "")
    if rule.kind == "link":
        g.link = links.resolve(keys(), rule.name, (request.view_args or {}).get("token", ""), clock.now())  # type: ignore[arg-type]  # a rule of kind link names a scope
        if g.link is None:
            raise NoSuchLink
        if g.link.first_seen_at is None and _from_outside():
            links.seen(g.link, clock.now())
        if not safe:
            _redeem()
        return None
    if not safe and rule is not public_form:
        csrf.protect()
    elif not safe and "Origin" not in request.headers:
        abort(403)
    if not rule.admits(current_user.account.role if current_user.is_authenticated else None):
        if current_user.is_authenticated:
            abort(404)
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]  # Flask-Login puts it there
    return None


def report(error: Exception) -> str:
    """Log an error under a short number that the page shows; ids only, no personal data."""
    reference = secrets.token_hex(4)
    logs.failed("request failed", error, reference=reference, endpoint=request.endpoint)
    return reference


def give_up() -> None:
    """After a failure: nothing of this request is kept, and nothing more is asked of the database."""
    g.broken = True
    if "unit" in g:
        with suppress(SQLAlchemyError):
            db.session.rollback()


def _check_origin() -> None:
    """A POST from another site is refused, whatever it carries. The One-Click unsubscribe has no origin at all."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    ours = {urlsplit(settings().base_url).netloc, request.host}
    if urlsplit(origin).netloc not in ours:
        abort(403)


def _from_outside() -> bool:
    """Whether no page of ours led here: to them, and to them alone, our pages name where somebody comes from."""
    site, referrer = request.headers.get("Sec-Fetch-Site"), urlsplit(request.headers.get("Referer", ""))
    return site not in ("same-origin", "same-site") and referrer.netloc != request.host


def nonce() -> str:
    """The hidden value of a form on a link page: proves the page was opened with this link, and makes a double click one."""
    return str(_signer().dumps([opened().selector.hex(), secrets.token_urlsafe(12)]))


def _redeem() -> None:
    """RFC 8058's One-Click POST carries no nonce; its view says so by the name of the form field it takes."""
    if request.form.get("List-Unsubscribe") == "One-Click" and opened().scope == "stop":
        g.nonce = None
        return
    try:
        holder, value = _signer().loads(request.form.get("nonce", ""), max_age=int(NONCE_WORKS_FOR.total_seconds()))
    except (BadData, ValueError):
        abort(410)
    if holder != opened().selector.hex():
        abort(410)
    g.nonce = value


def unreadable(kind: str, typed: str) -> str:
    """What counts tries by: the same for the same words, and not to be read back, for it becomes a key of the broker."""
    words = typed.strip().lower()[:200].encode(errors="replace")
    return f"{kind}:{hmac.digest(settings().secret_key.encode(), b'firsthand limit ' + words, 'sha256').hex()}"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(reversed(settings().secret_keys)), salt="nonce")


def _close(response: Response) -> Response:
    """Commit what went well; what was refused leaves nothing behind."""
    if "unit" in g:
        if response.status_code < 400:
            db.session.commit()
        else:
            db.session.rollback()
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if settings().secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _leave(error: BaseException | None) -> None:
    unit: AbstractContextManager[Session] | None = g.pop("unit", None)
    if unit is not None:
        db.session.rollback()
        unit.__exit__(None, None, None)


def language() -> Language:
    """Chosen in the address, then the person's own, then the organisation's, then the browser's."""
    known = not g.get("broken") and current_user and current_user.is_authenticated
    own = current_user.account.address.locale if known else None
    best = request.accept_languages.best_match(LANGUAGES)
    for wanted in (request.args.get("lang"), g.get("language"), own, g.get("organisation_language"), best):
        if wanted in LANGUAGES:
            return "en" if wanted == "en" else "nl"
    return "nl"


def babel_locale() -> str:
    return BABEL_LOCALES[language()]
