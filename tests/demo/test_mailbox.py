"""The mailbox: every mail that left, as its recipient sees it; its links work, so a newcomer can be the customer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.fixtures.smtp import Relay
from webapp import rounds
from webapp.config import Settings
from webapp.local.home import Home
from webapp.local.mailbox import Mail, Mailbox

KOFI, SHANTI = "kofi.asante@studnet.example", "shanti.bissessar@post.example"


@pytest.fixture
def application(loaded: Settings, make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    return make_app(demo=True, home=tmp_path, database_url=loaded.database_url)


@pytest.fixture
def visitor(application: Flask) -> FlaskClient:
    """Somebody who did not sign in."""
    return application.test_client()


@pytest.fixture
def mailbox(application: Flask, loaded: Settings, smtp: Relay, tmp_path: Path) -> Mailbox:
    """What the sample sends as it begins, caught."""
    box = Mailbox(Home(tmp_path).mailbox)
    box.folder.mkdir()
    rounds.tick(loaded, wide=True)
    rounds.deliver(loaded, 20)
    for caught in smtp.mails:
        box.keep(caught.sender, [caught.recipient], caught.raw)
    return box


def of(mailbox: Mailbox, recipient: str) -> Mail:
    return mailbox.mails(recipient)[0]


def test_who_did_not_sign_in_reads_every_mail_by_person(visitor: FlaskClient, mailbox: Mailbox) -> None:
    everybody = visitor.get("/demo/mailbox").text
    assert "Kofi Asante" in everybody
    assert "Shanti Bissessar" in everybody
    one = visitor.get(f"/demo/mailbox?to={KOFI}").text
    assert "May we hear your story?" in one
    assert "Mogen we uw verhaal horen?" not in one


def test_an_empty_mailbox_says_what_to_do(visitor: FlaskClient) -> None:
    assert "Er is nog geen mail verstuurd" in visitor.get("/demo/mailbox?lang=nl").text


def test_a_mail_is_shown_in_a_frame_that_runs_nothing(visitor: FlaskClient, mailbox: Mailbox) -> None:
    mail = of(mailbox, KOFI)
    page = visitor.get(f"/demo/mailbox/{mail.id}").text
    assert f'src="/demo/mailbox/{mail.id}/html"' in page
    framed = visitor.get(f"/demo/mailbox/{mail.id}/html")
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert '<base target="_top">' in framed.text


def test_its_links_work(visitor: FlaskClient, mailbox: Mailbox, loaded: Settings) -> None:
    html = visitor.get(f"/demo/mailbox/{of(mailbox, KOFI).id}/html").text
    found = re.search(rf'href="{re.escape(loaded.base_url)}(/a/[^"?]+)\?answer=accepted"', html)
    assert found, html
    assert "One more tap" in visitor.get(found[1] + "?answer=accepted").text


@pytest.mark.parametrize(("way", "words"), [("text", "Yes, I'll come:"), ("headers", "Auto-Submitted: auto-generated")])
def test_text_and_headers_are_shown_as_they_came(visitor: FlaskClient, mailbox: Mailbox, way: str, words: str) -> None:
    page = visitor.get(f"/demo/mailbox/{of(mailbox, KOFI).id}?as={way}").text.replace("&#39;", "'")
    assert words in page


def test_a_mail_without_a_calendar_file_offers_none(visitor: FlaskClient, mailbox: Mailbox) -> None:
    mail = of(mailbox, KOFI)
    assert "as=calendar" not in visitor.get(f"/demo/mailbox/{mail.id}").text
    assert visitor.get(f"/demo/mailbox/{mail.id}/invite.ics").status_code == 404


@pytest.mark.parametrize("id", ["unknown", "..", "%2e%2e%2findex"])
def test_what_is_no_mail_is_not_there(visitor: FlaskClient, mailbox: Mailbox, id: str) -> None:
    assert visitor.get(f"/demo/mailbox/{id}/html").status_code == 404


def test_new_mail_appears_by_itself_and_nothing_new_is_nothing(visitor: FlaskClient, mailbox: Mailbox) -> None:
    path = "/demo/mailbox/live?since=2&lang=nl"
    first = visitor.get(path)
    assert visitor.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    mailbox.keep("a@uni.example", ["b@post.example"], b"Subject: Nog een\r\n\r\nDag.\r\n")
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert 'data-said="Eén nieuwe mail"' in again.text


def test_there_is_no_mailbox_outside_a_demo(client: FlaskClient) -> None:
    assert client.get("/demo/mailbox").status_code == 404
