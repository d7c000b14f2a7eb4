"""The web application: slices in pipeline order; each is shaped like its siblings."""

import os
from datetime import datetime

from flask import Flask, Response, g, render_template
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import clock, dates, db, edge, health, metrics, static, templating
from webapp.accounts import admin
from webapp.accounts import views as accounts
from webapp.accounts.models import Organisation
from webapp.board import coverage_views, messages, people, person, whom_views
from webapp.board import views as board
from webapp.config import Settings
from webapp.customers import asking_views, nominate_views, owner_views
from webapp.customers import views as customers
from webapp.demo import bar
from webapp.demo import views as demo
from webapp.extensions import babel, csrf, limiter, login
from webapp.groups import answering_views, round_views
from webapp.groups import views as groups
from webapp.hosting import views as hosting
from webapp.imports import views as imports
from webapp.invitations import (
    attending_views,
    booking_views,
    calendar_views,
    changing_views,
    inviting_views,
    options_views,
    recording_views,
    visit_views,
)
from webapp.invitations import views as invitations
from webapp.planning import views as season
from webapp.privacy import admin_views, consent_views, link_views, looking_after_views, own_views, staff_views
from webapp.privacy import views as privacy
from webapp.rewording import views as rewording
from webapp.staff import views as staff
from webapp.stories import adding_views, door_views, library_views, picture_views
from webapp.stories import views as stories
from webapp.surveys import views as surveys
from webapp.telling import campaign_views, public_views
from webapp.visits import feed_views, rooms, standing_views
from webapp.visits import views as visits

SLICES = (
    accounts, admin, staff, groups, round_views, answering_views,
    customers, asking_views, owner_views, nominate_views, imports,
    adding_views, stories, door_views, library_views, picture_views, visits, rooms, feed_views, standing_views, season,
    visit_views, calendar_views, inviting_views, changing_views, options_views, attending_views, hosting, invitations,
    booking_views, recording_views,
    surveys, board, coverage_views, people, person, whom_views, messages, rewording, public_views, campaign_views,
    privacy, consent_views, staff_views, link_views, own_views, looking_after_views, admin_views,
)  # fmt: skip
UPLOAD_AT_MOST = 25 * 1024 * 1024
"""Bytes; a list of 100,000 people is about 12 MB."""


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for these settings (default: the environment). Refuses to start with an undeclared view."""
    settings = settings or Settings.from_environment(os.environ)
    app = Flask("webapp", static_folder=None)
    app.config.update(_configuration(settings))
    app.extensions["firsthand"] = settings
    app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, settings.proxies)  # type: ignore[method-assign]  # Flask's own advice
    db.connect(settings.database_url, pool_size=8, max_overflow=8)
    babel.init_app(app, default_locale="en_GB", locale_selector=edge.babel_locale)
    csrf.init_app(app)
    login.init_app(app)
    limiter.init_app(app)
    static.init(app)
    templating.init(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    for each in SLICES:
        app.register_blueprint(each.blueprint)
    if settings.demo:
        app.register_blueprint(demo.blueprint)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _broken)
    app.register_error_handler(InternalServerError, _broken)  # what fails when it is committed
    app.log_exception = lambda _: None  # type: ignore[method-assign,assignment]  # Flask would write links and typed words
    app.context_processor(_everywhere)
    app.jinja_env.filters |= {"local": _local, "moment": _moment}
    edge.init(app)
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": list(settings.secret_key_fallbacks),
        "SESSION_COOKIE_NAME": "__Host-firsthand" if settings.secure else "firsthand",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": UPLOAD_AT_MOST,
        "MAX_FORM_MEMORY_SIZE": UPLOAD_AT_MOST,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,  # the Origin check of `edge` stands before every POST
        "WTF_CSRF_CHECK_DEFAULT": False,  # `edge` checks: the token, or the nonce of a link page
        "RATELIMIT_STORAGE_URI": settings.limiter_url,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": 0.25, "socket_connect_timeout": 0.25},
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
    }


def _everywhere() -> dict[str, object]:
    """What every page may say: the organisation, who is signed in, the language, whether mail is off."""
    if g.get("broken"):  # the page that says so asks nobody anything
        return {"organisation": None, "me": None, "locale": edge.language(), "theme": "auto", "mail_off": False}
    me = current_user.account if current_user and current_user.is_authenticated else None
    return {
        "organisation": Organisation.current(),
        "me": me,
        "locale": edge.language(),
        "theme": me.theme if me else "auto",
        "mail_off": edge.settings().mail_off,
        "waiting_count": board.waiting_count if me else int,  # asked by pages that show it
        "demo": bar.current(templating.here()) if edge.settings().demo and me else None,
    }


def _local(moment: datetime) -> datetime:
    """A moment as wall time in the organisation's zone."""
    return dates.local(moment, Organisation.required().zone)


def _moment(moment: datetime) -> str:
    """`vandaag, 08:41`, `vr 20 nov, 10:05`: a moment on the organisation's clock."""
    return dates.stamp(_local(moment), edge.language(), _local(clock.now()).date())


def _refused(error: HTTPException) -> Response | tuple[str, int]:
    """404, 403, 410, 413, 429: one page each, in words. Redirects pass."""
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()  # type: ignore[return-value]  # a redirect, made by werkzeug
    return render_template("errors/refused.html", code=code, error=error), code


def _broken(error: Exception) -> tuple[str, int]:
    """500, or 503 while the database is away: a reference number, and nothing of the inside."""
    error = getattr(error, "original_exception", None) or error
    reference = edge.report(error)
    edge.give_up()
    code = 503 if isinstance(error, OperationalError) else InternalServerError.code
    return render_template("errors/broken.html", code=code, reference=reference), code
