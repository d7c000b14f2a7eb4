"""The frames and macros on their own: no database, one small application that renders what it is given."""

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response, flash, g, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server

from webapp import static, templating
from webapp.assets import build
from webapp.edge import HEADERS
from webapp.extensions import _Babel, csrf
from webapp.i18n import BABEL_LOCALES


@pytest.fixture(scope="session")
def app() -> Flask:
    """Shows `/<template>?lang=nl`, of ours or from `tests/frontend/pages`, with the facts every page has."""
    build.main()
    app = Flask("webapp", static_folder=None)
    app.config.update(SECRET_KEY="frontend", WTF_CSRF_CHECK_DEFAULT=False)
    _Babel(app, locale_selector=lambda: BABEL_LOCALES[_language()])
    csrf.init_app(app)
    static.init(app)
    templating.init(app)
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(Path(__file__).parent / "pages")])
    app.add_url_rule("/<path:template>", "show", _show)
    app.context_processor(_facts)
    app.after_request(_with_our_policy)
    return app


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """Where a browser finds that application."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _language() -> str:
    return "en" if request.args.get("lang") == "en" else "nl"


def _facts() -> dict[str, object]:
    return {
        "organisation": SimpleNamespace(name="Universiteit Voorbeeld", phone="020 000 00 00"),
        "me": SimpleNamespace(name="Anna Bakker", role=request.args.get("role", "admin")),
        "locale": _language(),
        "theme": request.args.get("theme", "auto"),
        "mail_off": True,
        "waiting_count": lambda: 4,
        "demo": SimpleNamespace(
            now=datetime.fromisoformat("2026-11-23T09:12"), visit=None, busy=False, said="", goals=("day",), page="/"
        ),
    }


def _show(template: str) -> str:
    g.preview = False
    wall = datetime.fromisoformat("2026-12-03T14:00")
    if "undo" in request.args:
        flash({"text": "3 mails gaan over 60 seconden weg.", "action": "/undone"}, "undo")  # type: ignore[arg-type]  # a dict, as our views do
    return render_template(template, wall=wall, wall_end=wall.replace(minute=45), code=404, reference="0a1b2c3d")


def _with_our_policy(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
