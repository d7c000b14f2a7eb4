"""Links as they stand in mails, and the pages behind them, for tests that play the reader."""

import gzip
import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp import db, links
from webapp.config import Settings
from webapp.links import PATHS, Keys, Scope


def door(settings: Settings, scope: Scope, subject_id: int) -> str:
    """The path of a link, made when there is none yet. Opens a transaction of its own."""
    with db.transaction():
        link = links.ensure(scope, [subject_id])[subject_id]
        return f"/{PATHS[scope]}/{Keys.of(*settings.secret_keys).token(link)}"


def nonce(page: TestResponse) -> str:
    found = re.search(r'name="nonce" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def press(client: FlaskClient, path: str, to: str = "", **fields: Any) -> TestResponse:
    """Open the page at `path`, press one of its buttons, and see where that leads; `to` when the form posts elsewhere."""
    opened = client.get(path)
    return client.post(to or path, data={"nonce": nonce(opened)} | fields)


def heading(page: TestResponse) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page.text, re.S)
    assert found, page.text
    return unescape(" ".join(found[1].split()))


def buttons(page: TestResponse) -> list[str]:
    """What can be pressed, in order: buttons, and links that look like them."""
    found = re.findall(r'<(?:button|a) class="button[^"]*wide[^"]*"[^>]*>(.*?)</(?:button|a)>', page.text, re.S)
    return [unescape(" ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", each, flags=re.S).split())) for each in found]


def weight(client: FlaskClient, path: str) -> int:
    """Bytes of a page with its stylesheet and icon as they travel, squeezed; fonts aside."""
    page = client.get(path)
    loads = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    squeezed = [client.get(each, headers={"Accept-Encoding": "gzip"}) for each in loads if not each.endswith("woff2")]
    return len(gzip.compress(page.data)) + sum(len(each.data) for each in squeezed)
