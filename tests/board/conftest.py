"""Somebody who is signed in, and pages as they see them."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.accounts.models import Account


class Organiser:
    """Anna, signed in: opens pages, presses buttons, and finds what she typed."""

    def __init__(self, client: FlaskClient, account_id: int):
        self.client, self.account_id = client, account_id

    @property
    def account(self) -> Account:
        return db.session.get_one(Account, self.account_id)

    def get(self, path: str, **options: object) -> TestResponse:
        return self.client.get(path, **options)

    def text(self, path: str) -> str:
        """What a page says, without its markup."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.status_code
        return words(answer.text)

    def post(self, path: str, **fields: object) -> TestResponse:
        page = self.client.get("/account").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        return self.client.post(path, data={"csrf_token": token[1]} | fields)


def words(html: str) -> str:
    """The words of a page, on one line, as they are read."""
    main = html[html.index("<main") : html.index("</main>")] if "<main" in html else html
    visible = re.sub(r"<(script|style|option|select|svg)\b.*?</\1>", " ", main, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", visible)
    for entity, sign in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    return re.sub(r" ([,.;?])", r"\1", " ".join(text.split()))


@pytest.fixture
def sign_in(client: FlaskClient, clock: Clock) -> Callable[..., Organiser]:
    """`sign_in(role="viewer", locale="en")`: on Monday 23 November 2026, 09:00 in the Netherlands."""
    clock.at(NOW)

    def enter(role: str = "organiser", locale: str = "nl", name: str = "Anna Bakker") -> Organiser:
        from webapp import clock as application_clock

        with db.transaction():
            factories.organisation()
            account = factories.account(name, role=role, locale=locale)
            _entry, secret = account.sign_in(application_clock.real(), "tests")
            account_id = account.id
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = secret, True
        return Organiser(client, account_id)

    return enter


@pytest.fixture
def anna(sign_in: Callable[..., Organiser]) -> Organiser:
    """An organiser who reads Dutch."""
    return sign_in()
