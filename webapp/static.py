"""Serves what `webapp.assets.build` made: each file under a name that changes with its content, to be kept for ever."""

import json
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webapp.access import access, public

FOLDER = Path(__file__).parent / "static"
KEPT = "public, max-age=31536000, immutable"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
blueprint = Blueprint("static", __name__)


class NotBuilt(Exception):
    """The front end was not built."""


def init(app: Flask) -> None:
    """`/static/...`, and `asset_url('app.css')` in every template."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["asset_url"] = asset_url


def asset_url(name: str) -> str:
    """Where `app.css` is now: `/static/app.0a1b2c3d4e.css`."""
    return url_for("static.asset", name=_names()[name])


@blueprint.get("/static/<name>")
@access(public)
def asset(name: str) -> Response:
    if name not in _names().values():
        abort(404)
    squeezed = FOLDER / f"{name}.gz"
    send_squeezed = squeezed.exists() and "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response((squeezed if send_squeezed else FOLDER / name).read_bytes())
    response.headers["Content-Type"] = TYPES[Path(name).suffix]
    response.headers["Cache-Control"] = KEPT
    if send_squeezed:
        response.headers["Content-Encoding"] = "gzip"
    if squeezed.exists():
        response.vary.add("Accept-Encoding")
    return response


@blueprint.get("/favicon.ico")
@access(public)
def favicon() -> AnyResponse:
    """Asked for by browsers on pages that name no icon."""
    return redirect(asset_url("logo.svg"), 301)


def _names() -> dict[str, str]:
    manifest = FOLDER / "manifest.json"
    try:
        return _read(manifest, manifest.stat().st_mtime_ns)
    except FileNotFoundError:
        raise NotBuilt("The pages have no stylesheet yet. Run: python -m webapp.assets.build") from None


@lru_cache(maxsize=1)
def _read(manifest: Path, changed: int) -> dict[str, str]:
    """The names of one build; read again when there is a newer one."""
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["files"]
    return names
