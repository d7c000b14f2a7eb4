"""What a page weighs, and how its files are kept."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from webapp import static
from webapp.assets import build

KB = 1024


def served(app: Flask, name: str) -> bytes:
    with app.test_request_context():
        address = static.asset_url(name)
    content: bytes = app.test_client().get(address).data
    return content


@pytest.mark.parametrize(("sheet", "most"), [("app.css", 34), ("link.css", 24)])
def test_the_stylesheet_stays_light(app: Flask, sheet: str, most: int) -> None:
    css = served(app, sheet)
    assert len(css) <= most * KB
    assert len(gzip.compress(css)) <= 10 * KB


def test_the_scripts_stay_light(app: Flask) -> None:
    ours, htmx = served(app, "app.js"), served(app, "htmx.js")
    assert len(ours) <= 6 * KB
    assert len(ours) + len(htmx) <= 65 * KB


def test_a_file_is_kept_for_ever_because_its_name_changes_with_it(app: Flask) -> None:
    with app.test_request_context():
        address = static.asset_url("app.css")
    assert re.fullmatch(r"/static/app\.[0-9a-f]{10}\.css", address)
    answer = app.test_client().get(address)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_a_browser_that_can_gets_it_squeezed(app: Flask) -> None:
    with app.test_request_context():
        address = static.asset_url("app.css")
    squeezed = app.test_client().get(address, headers={"Accept-Encoding": "gzip, br"})
    plain = app.test_client().get(address)
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert squeezed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(squeezed.data) == plain.data


def test_nothing_but_what_was_built_is_served(app: Flask) -> None:
    client = app.test_client()
    assert [client.get(f"/static/{name}").status_code for name in ("manifest.json", "app.css", "axe.min.js")] == [
        404
    ] * 3


def test_fonts_are_ours_and_come_with_their_licence(app: Flask) -> None:
    css = served(app, "link.css").decode()
    named = set(re.findall(r"url\(([^)]+)\)", css))
    files = json.loads((static.FOLDER / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert named == {name for asset, name in files.items() if asset.endswith(".woff2")}
    assert b"SIL Open Font License" in served(app, "licence-atkinson.txt")
    assert b"SIL Open Font License" in served(app, "licence-newsreader.txt")


def test_nothing_in_the_stylesheet_or_script_comes_from_another_host(app: Flask) -> None:
    assert [sheet for sheet in build.SHEETS if "//" in served(app, sheet).decode()] == []
    assert "://" not in served(app, "app.js").decode()


def test_a_second_build_does_nothing(app: Flask) -> None:
    manifest = static.FOLDER / "manifest.json"
    before = manifest.stat().st_mtime_ns
    build.main()
    assert manifest.stat().st_mtime_ns == before


def test_npm_comes_as_a_python_package_where_there_is_no_node(tmp_path: Path) -> None:
    """On a path without node, the npm of the wheel answers."""
    ask = "import subprocess; from webapp.assets import build; print(subprocess.check_output([*build._npm(), '-v'], text=True))"
    environment = {**os.environ, "PATH": str(tmp_path)}
    answer = subprocess.run([sys.executable, "-c", ask], env=environment, capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\d+\.\d+\.\d+", answer.stdout.strip())


def test_the_lock_file_names_no_download_address() -> None:
    lock = json.loads((build.HERE / "package-lock.json").read_text(encoding="utf-8"))
    assert [path for path, package in lock["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for path, package in lock["packages"].items() if path)
