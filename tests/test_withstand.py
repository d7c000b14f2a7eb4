"""Redis gone or half-open, the database gone, no mail server: pages go on, in words."""

import re
import socket
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from tests import factories
from tests.accounts.test_door import PASSWORD, post
from webapp import db, logs
from webapp.accounts import passwords
from webapp.accounts.models import SignIn

A_MOMENT = 30.0
"""Seconds, on the busiest machine; without its time-outs a page would wait for ever for a broker that says nothing."""


@pytest.fixture
def account(database: object) -> None:
    with db.transaction():
        factories.organisation()
        factories.account(email="a.bakker@uni.example").password_hash = passwords.hash_of(PASSWORD)


@pytest.mark.usefixtures("account")
def test_without_redis_people_sign_in_and_read_pages(client: FlaskClient, broker_part: Any) -> None:
    broker_part.kill()
    before = monotonic()
    assert post(client, "/login", email="a.bakker@uni.example", password=PASSWORD).status_code == 303
    assert client.get("/account").status_code == 200
    assert monotonic() - before < A_MOMENT


@pytest.mark.usefixtures("account")
def test_a_redis_that_answers_nothing_holds_nobody_up(make_app: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as half_open:
        app: Flask = make_app(redis_url=f"redis://127.0.0.1:{half_open.getsockname()[1]}/0")
        client = app.test_client()
        before = monotonic()
        assert post(client, "/login", email="a.bakker@uni.example", password=PASSWORD).status_code == 303
        assert client.get("/account").status_code == 200
        assert monotonic() - before < A_MOMENT


@pytest.mark.usefixtures("account")
def test_too_many_tries_wait_a_while_with_redis_and_without(client: FlaskClient, broker_part: Any) -> None:
    for gone in (False, True):
        if gone:
            broker_part.kill()
        codes = [
            post(client, "/login", email="a.bakker@uni.example", password=f"wrong password {n}").status_code
            for n in range(12)
        ]
        assert codes[0] == 422 or gone
        assert codes[-1] == 429


@pytest.mark.usefixtures("account")
def test_readyz_names_what_is_away(make_app: Any) -> None:
    app: Flask = make_app(redis_url="redis://127.0.0.1:9/0", mail_server="127.0.0.1", mail_port=9)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert (answer.json or {}) == {
        "database": "ok",
        "broker": "not reachable",
        "mail": "not reachable",
        "mailbox": "off",
        "last_tick": "never",
    }


def test_healthz_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


@pytest.mark.usefixtures("account")
def test_a_get_cannot_write_whatever_a_view_does(app: Flask) -> None:
    with pytest.raises(Exception, match="read-only transaction"), db.transaction(read_only=True) as session:
        session.query(SignIn).update({"device": "changed"})


@pytest.mark.usefixtures("account")
def test_what_no_keyboard_types_is_refused_and_breaks_nothing(client: FlaskClient) -> None:
    assert post(client, "/login", email="a\0b@uni.example", password="x").status_code == 400
    assert client.get("/login?next=%00").status_code == 400


def test_a_log_says_what_failed_and_where_and_nothing_that_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        typed = "sam.devries@student.example"
        raise ValueError(f"Key (email)=({typed}) already exists")
    except ValueError as error:
        logs.failed("request failed", error, endpoint="customers.add")
    said = capsys.readouterr().out
    assert "sam.devries" not in said
    assert '"error": "ValueError"' in said
    assert '"event": "request failed"' in said


@pytest.mark.usefixtures("account")
def test_without_the_database_a_page_says_so_in_words(client: FlaskClient, database: Engine) -> None:
    away = create_engine("postgresql+psycopg://127.0.0.1:9/nothing", poolclass=NullPool)
    db.bind(away)
    try:
        for path in ("/login", "/today", "/a/x.y"):
            answer = client.get(path, headers={"Accept-Language": "en"})
            assert (answer.status_code, "We cannot reach our data" in answer.text) == (503, True), path
    finally:
        db.bind(database)


@pytest.mark.usefixtures("account")
def test_a_page_that_fails_gives_the_number_under_which_it_is_logged(
    app: Flask, database: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    client = app.test_client()
    post(client, "/login", email="a.bakker@uni.example", password=PASSWORD)
    with database.begin() as connection:
        connection.execute(text("ALTER TABLE room RENAME TO room_away"))
    try:
        answer = client.get("/admin/rooms")
    finally:
        with database.begin() as connection:
            connection.execute(text("ALTER TABLE room_away RENAME TO room"))
    logged = capsys.readouterr().out
    reference = re.search(r'"reference": "([0-9a-f]{8})"', logged)
    assert reference, logged
    assert (answer.status_code, reference[1] in answer.text) == (500, True)
