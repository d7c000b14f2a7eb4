"""Every view, for everybody: anonymous, viewer, organiser, admin, and the holders of links that are wrong here."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests import factories
from webapp import clock, db, edge, links
from webapp.access import ROLES, Access, Undeclared, declared
from webapp.links import PATHS, Scope

SOMETHING = {
    "any": "customers",
    "int": "999999",
    "path": "x",
    "default": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}


def rules(app: Flask) -> Iterator[tuple[Rule, Access]]:
    for rule in app.url_map.iter_rules():
        yield rule, declared(app.view_functions[rule.endpoint], rule.endpoint)


def path(rule: Rule, **values: str) -> str:
    """An address of this rule, with things that are not there."""
    shown = re.sub(r"<token>", values.get("token", "x.y"), rule.rule)
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: SOMETHING[found[1] or "default"], shown)


def method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else "POST"


@pytest.fixture
def organisation(database: object) -> None:
    with db.transaction():
        factories.organisation()


def signed_in(app: Flask, role: str) -> FlaskClient:
    """A browser that is signed in already: a password takes a while, on purpose."""
    with db.transaction():
        secret = factories.account(role=role, email=f"{role}@uni.example").sign_in(clock.real(), "tests")[1]
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def test_a_view_that_does_not_say_who_may_call_it_keeps_the_application_from_starting(app: Flask) -> None:
    made = Flask("other")
    made.extensions["firsthand"] = app.extensions["firsthand"]
    stray = Blueprint("stray", "stray")
    stray.add_url_rule("/stray", "view", lambda: "")
    made.register_blueprint(stray)
    with pytest.raises(Undeclared):
        edge.init(made)


@pytest.mark.usefixtures("organisation")
def test_anonymous_gets_nothing_but_public_pages(app: Flask) -> None:
    client = app.test_client()
    answers = {
        (rule.rule, method(rule)): client.open(path(rule), method=method(rule)).status_code
        for rule, access in rules(app)
        if access.kind == "role"
    }
    assert {key: code for key, code in answers.items() if code not in (302, 400)} == {}


@pytest.mark.usefixtures("organisation")
@pytest.mark.parametrize("role", ROLES)
def test_a_role_sees_its_own_pages_and_no_higher_ones(app: Flask, role: str) -> None:
    client = signed_in(app, role)
    for rule, access in rules(app):
        if access.kind != "role" or method(rule) != "GET":
            continue
        code = client.get(path(rule)).status_code
        assert code != 500, rule.rule
        if not access.admits(role):
            assert code == 404, rule.rule


def token(app: Flask, scope: Scope, subject: int) -> str:
    with db.transaction(), app.app_context():
        return edge.keys().token(links.ensure(scope, [subject])[subject])


@pytest.mark.usefixtures("organisation")
def test_a_link_opens_only_the_door_it_was_made_for(app: Flask) -> None:
    client = app.test_client()
    made: dict[str, str] = {scope: token(app, scope, 999_999) for scope in PATHS}
    pages: set[tuple[int, str]] = set()
    for rule, access in rules(app):
        if access.kind != "link" or method(rule) != "GET":
            continue
        for scope, wrong in made.items():
            if scope != access.name:
                answer = client.get(path(rule, token=wrong))
                assert answer.status_code == 404, (rule.rule, scope)
                pages.add((answer.status_code, _plain(answer.text)))
    assert len(pages) <= len(PATHS) * 2, "wrong, unknown and revoked look alike"


def _plain(page: str) -> str:
    return re.sub(r'(value|href|action)="[^"]*"', "", page)


@pytest.mark.usefixtures("organisation")
def test_no_page_behind_a_link_sets_a_cookie_or_loads_a_script(app: Flask) -> None:
    client = app.test_client()
    for rule, access in rules(app):
        if access.kind == "link" and method(rule) == "GET" and access.name not in ("sign_in", "colleague"):
            answer: Any = client.get(path(rule))
            assert "Set-Cookie" not in answer.headers, rule.rule
            assert "<script" not in answer.text, rule.rule


@pytest.mark.usefixtures("organisation")
def test_every_page_carries_the_headers_that_protect_it(app: Flask) -> None:
    headers = app.test_client().get("/login").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'self'; object-src 'none'; base-uri 'none'")
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "same-origin")
    assert headers["Cache-Control"] == "no-store"
