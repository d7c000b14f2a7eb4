"""Setting up, signing in, signing out: who gets in, and what an outsider learns (nothing)."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, edge, links, rounds
from webapp.accounts import passwords
from webapp.accounts.models import Account, MailTest, Organisation, SignInLink
from webapp.accounts.signing_in import safe_path
from webapp.config import Settings

PASSWORD = "vier losse woorden bij elkaar"
SETUP = {"organisation": "Universiteit Voorbeeld", "name": "Anna Bakker", "email": "a.bakker@uni.example"}


def hidden(page: str, name: str) -> str:
    """The value of a hidden field on a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', page
    )
    assert found, f"no hidden field {name}"
    return found[1]


def post(client: FlaskClient, path: str, page: str | None = None, **fields: Any) -> Any:
    """Fill in the form at `page` (default: `path`) and send it to `path`."""
    token = hidden(client.get(page or path).text, "csrf_token")
    return client.post(path, data={"csrf_token": token} | fields)


def with_account(role: str = "organiser", password: str | None = PASSWORD) -> None:
    with db.transaction():
        factories.organisation()
        account = factories.account(role=role, email="a.bakker@uni.example")
        account.password_hash = passwords.hash_of(password) if password else None


def test_the_first_visitor_founds_the_organisation_and_is_its_admin(client: FlaskClient) -> None:
    answer = post(client, "/setup", **SETUP, password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/today")
    with db.transaction():
        account = db.session.scalars(select(Account)).one()
        assert (account.role, account.email) == ("admin", "a.bakker@uni.example")
        assert Organisation.required().name == "Universiteit Voorbeeld"


def test_a_mail_asked_for_before_the_workers_ever_ran_is_sent_when_they_do(
    client: FlaskClient, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    clock.at(factories.NOW)
    post(client, "/setup", **SETUP, password=PASSWORD)
    clock.forward(seconds=5)
    with db.transaction():
        db.session.add(MailTest(account=db.session.scalars(select(Account)).one(), at=time.now()))
    clock.forward(minutes=1)
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    assert [mail.recipient for mail in smtp.mails] == [SETUP["email"]]


def test_a_stranger_on_the_network_needs_the_setup_code(client: FlaskClient) -> None:
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    token = hidden(client.get("/setup", headers=proxied).text, "csrf_token")
    fields = SETUP | {"password": PASSWORD, "csrf_token": token}
    assert client.post("/setup", data=fields, headers=proxied).status_code == 422
    with client.application.app_context():
        code = edge.settings().setup_code
    assert client.post("/setup", data=fields | {"code": code.lower()}, headers=proxied).status_code == 303


def test_setup_is_there_once(client: FlaskClient) -> None:
    with_account()
    assert client.get("/setup").location == "/login"


def test_a_password_that_everybody_guesses_is_refused_and_the_rest_stays_typed(client: FlaskClient) -> None:
    answer = post(client, "/setup", **SETUP, password="wachtwoord123")
    assert answer.status_code == 422
    assert 'value="Universiteit Voorbeeld"' in answer.text
    with db.transaction():
        assert Organisation.current() is None


def test_address_and_password_open_the_door(client: FlaskClient) -> None:
    with_account()
    answer = post(client, "/login", email="A.Bakker@uni.example", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/today")


def test_a_wrong_password_and_an_unknown_address_get_the_same_page(client: FlaskClient) -> None:
    with_account()
    wrong = post(client, "/login", email="a.bakker@uni.example", password="not this one at all")
    unknown = post(client, "/login", email="x.bakker@uni.example", password="not this one at all")
    assert wrong.status_code == unknown.status_code == 422
    assert _without_tokens(wrong.text.replace("a.bakker", "x.bakker")) == _without_tokens(unknown.text)


def _without_tokens(page: str) -> str:
    return re.sub(r'value="[^"]{60,}"', "", page)


def test_a_link_is_asked_for_in_the_same_words_whether_we_know_the_address_or_not(client: FlaskClient) -> None:
    with_account()
    for address in ("a.bakker@uni.example", "nobody@uni.example"):
        assert post(client, "/login", email=address, link="1").location == "/login/sent"
    with db.transaction():
        assert len(db.session.scalars(select(SignInLink)).all()) == 1


def test_a_mailed_link_signs_in_once_and_only_when_pressed(client: FlaskClient) -> None:
    path = _sign_in_path(client)
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
    answer = client.post(path, data={"nonce": hidden(page.text, "nonce")})
    assert (answer.status_code, answer.location) == (303, "/today")
    client.delete_cookie("firsthand")
    assert client.get(path).status_code == 410


def _sign_in_path(client: FlaskClient) -> str:
    with_account()
    with db.transaction():
        account = Account.by_email("a.bakker@uni.example")
        assert account is not None
        asked = account.request_link(time.real(), time.now())
        link = links.ensure("sign_in", [asked.id])[asked.id]
        with client.application.app_context():
            return "/login/" + edge.keys().token(link)


def test_signing_out_everywhere_ends_the_other_browser(client: FlaskClient) -> None:
    with_account()
    other = client.application.test_client()
    for browser in (client, other):
        post(browser, "/login", email="a.bakker@uni.example", password=PASSWORD)
    assert other.get("/account").status_code == 200
    post(client, "/account/sign-ins/end", "/account")
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 302)


def test_a_changed_password_ends_every_other_sign_in(client: FlaskClient) -> None:
    with_account()
    other = client.application.test_client()
    for browser in (client, other):
        post(browser, "/login", email="a.bakker@uni.example", password=PASSWORD)
    assert post(client, "/account/password", "/account", password="nieuwe woorden voor morgen").status_code == 303
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 302)


def test_the_last_admin_cannot_be_removed(client: FlaskClient) -> None:
    with_account("admin")
    post(client, "/login", email="a.bakker@uni.example", password=PASSWORD)
    with db.transaction():
        id = db.session.scalars(select(Account.id)).one()
    post(client, f"/admin/users/{id}/role", "/admin/users", role="viewer")
    with db.transaction():
        assert db.session.get_one(Account, id).role == "admin"


def test_an_organiser_does_not_see_the_pages_of_an_admin(client: FlaskClient) -> None:
    with_account("organiser")
    post(client, "/login", email="a.bakker@uni.example", password=PASSWORD)
    assert client.get("/admin/users").status_code == 404


def test_next_leads_only_to_a_path_of_ours() -> None:
    targets = ["/visits/7", "//evil.example", "https://evil.example/x", "/\\evil.example", "javascript:alert(1)", None]
    assert [safe_path(target) for target in targets] == ["/visits/7", *["/today"] * 5]


def test_a_post_from_another_site_is_refused(client: FlaskClient) -> None:
    with_account()
    token = hidden(client.get("/login").text, "csrf_token")
    fields = {"csrf_token": token, "email": "a.bakker@uni.example", "password": PASSWORD}
    assert client.post("/login", data=fields, headers={"Origin": "https://evil.example"}).status_code == 403
