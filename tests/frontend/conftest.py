"""The pages' frames and macros on their own: no database, one small application that renders what it is given."""

from datetime import datetime
from types import SimpleNamespace

import pytest
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue

from webapp import static, templating
from webapp.assets import build
from webapp.edge import HEADERS
from webapp.extensions import _Babel, csrf
from webapp.i18n import BABEL_LOCALES

PAGES = ("styleguide.html", "errors/refused.html", "errors/broken.html")


@pytest.fixture(scope="session")
def app() -> Flask:
    """Shows `/<template>?lang=nl`, with the facts every page has."""
    build.main()
    app = Flask("webapp", static_folder=None)
    app.config.update(SECRET_KEY="frontend", WTF_CSRF_CHECK_DEFAULT=False)
    _Babel(app, locale_selector=lambda: BABEL_LOCALES[_language()])
    csrf.init_app(app)
    static.init(app)
    templating.init(app)
    app.add_url_rule("/<path:template>", "show", _show)
    app.context_processor(_facts)

    @app.after_request
    def _policy(response):  # type: ignore[no-untyped-def]
        response.headers.update(HEADERS)
        return response

    return app


def _language() -> str:
    return "en" if request.args.get("lang") == "en" else "nl"


def _facts() -> dict[str, object]:
    return {
        "organisation": SimpleNamespace(name="Universiteit Voorbeeld", phone="020 000 00 00"),
        "me": SimpleNamespace(name="Anna Bakker", role="admin"),
        "locale": _language(),
        "theme": "auto",
        "mail_off": True,
        "waiting_count": 4,
        "demo": SimpleNamespace(day="maandag 23 november", time="09:12"),
    }


def _show(template: str) -> ResponseReturnValue:
    g.preview = True
    wall = datetime.fromisoformat("2026-12-03T14:00")
    return render_template(template, wall=wall, wall_end=wall.replace(minute=45), code=404, reference="0a1b2c3d")
