"""Markup, script and line ends in every field there is: on pages, in mail, calendar and files they are only text."""

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.browser import filled, pages
from tests.browser.conftest import Eyes
from tests.browser.filled import Names
from tests.browser.reading import Reading
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.services import Services
from tests.fixtures.smtp import Relay
from webapp import db, rounds
from webapp.config import Settings

EVIL = "\"><img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>\r\nBcc: all@evil.example"
MARK = "all@evil.example"
FIELDS = {
    "account": ("name", "phone"),
    "organisation": ("name", "phone", "end_users_nl", "end_users_en", "survey_sender"),
    "customer": ("title", "given", "family", "phone", "organisation", "end_user_group", "relationship_owner", "note"),
    "staff_member": ("given", "family", "phone"),
    "team": ("name",),
    "room": ("name", "place", "address", "meeting_point", "travel_line"),
    "visit": ("reason_nl", "reason_en", "cancel_reason_nl", "cancel_reason_en"),
    "contact": ("words",),
    "consent": ("wording",),
    "colleague_invitation": ("name",),
    "sign_in": ("device",),
    "import": ("filename",),
    "message": ("reply", "queue_id"),
    "delivery_event": ("detail",),
}
"""Whatever a form, a list, a browser or a mail server wrote; put there past every check."""
IN_JSON = {"proposal": "times", "ballot": "answers", "waiting_ballot": "answers", "import_row": "cells"}
WORDS = ("note", "complete", "words")
"""Keys under which somebody's own words stand; a list is cells."""
STEP, DAYS = timedelta(hours=8), 12
"""How the clock goes on, so that every mail that is planned leaves."""
HEADERS = {
    "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type", "list-unsubscribe",
    "list-unsubscribe-post", "in-reply-to", "references", "auto-submitted", "content-language", "x-auto-response-suppress",
}  # fmt: skip


@pytest.fixture
def planted(services: Services, process_name: str, names: Names) -> Iterator[Names]:
    """The filled state with EVIL in every field; each test has its own."""
    bound = db.engine()
    url = services.make_database(f"planted_{process_name}", filled.NAME)
    db.bind(create_engine(url, poolclass=NullPool))  # a page may still be loading when the test is over
    with db.transaction() as session:
        for table, columns in FIELDS.items():
            for column in columns:
                own = "id::text || " if column == "name" else ""  # names of teams and rooms are unique
                session.execute(text(f'UPDATE "{table}" SET "{column}" = {own}:evil'), {"evil": EVIL})
        for table, column in IN_JSON.items():
            written = text(f'UPDATE "{table}" SET "{column}" = cast(:value AS jsonb) WHERE ctid = cast(:row AS tid)')
            for row, value in session.execute(text(f'SELECT ctid::text, "{column}" FROM "{table}"')).all():
                session.execute(written, {"row": row, "value": json.dumps(_evil(value))})
    yield names
    db.bind(bound)


def _evil(value: Any) -> Any:
    if isinstance(value, list):
        return [EVIL for _ in value]
    return {key: EVIL if key in WORDS else each for key, each in value.items()} if isinstance(value, dict) else value


def came_alive(html: str) -> list[str]:
    """What of EVIL is more than text here."""
    return [
        f"<{tag} {marks}>"
        for tag, marks in Reading.of(html).tags
        if (tag == "img" and marks.get("src") == "x")
        or (tag == "script" and not marks.get("src", "").startswith("/static/"))
        or any(name.startswith("on") for name in marks)
    ]


def test_it_is_only_text_on_every_page(app: Flask, planted: Names) -> None:
    anna, wrong, seen = filled.signed_in(app, planted["cookie"]), [], 0
    for template in pages.EVERYTHING:
        answer = anna.get(pages.address(template, planted))
        assert answer.status_code < 500, template
        wrong += [f"{template}: {each}" for each in came_alive(answer.text)]
        wrong += [f"{template}: {name}" for name, value in answer.headers if MARK in f"{name}{value}"]
        seen += MARK in answer.text
    assert wrong == []
    assert seen > len(pages.EVERYTHING) * 0.8, "it stands there to be read"


@pytest.mark.browser
@pytest.mark.parametrize(
    "template",
    ["/today", "/customers", "/visits/{coming}", "/visits/{draft}/check", "{host}", "{customer_accepted}/done"],
)
def test_a_browser_runs_none_of_it(planted: Names, eyes: Eyes, template: str) -> None:
    eyes.sign_in(planted["cookie"])
    dialogs: list[str] = []
    eyes.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page = eyes.open(pages.address(template, planted))
    assert page.locator("img[src=x]").count() == 0
    assert (page.title() != "hit", dialogs, eyes.said, eyes.elsewhere) == (True, [], [], [])


def test_it_is_only_text_in_every_mail_and_in_no_header(
    planted: Names, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    now = NOW
    while now < NOW + timedelta(days=DAYS):
        now = clock.at(now + STEP)
        rounds.tick(settings, wide=True)
        rounds.deliver(settings, seconds=30)
    assert len(smtp.mails) > 30
    for mail in smtp.mails:
        assert {name.lower() for name in mail.message} <= HEADERS
        assert came_alive(mail.text("html")) == []
        for part in mail.message.walk():
            if part.get_content_type() == "text/calendar":
                assert_harmless(part.get_content())
    with db.transaction() as session:
        failed = text(
            "SELECT notice, why, count(*) FROM message WHERE \"end\" = 'failed' AND ended_at >= :now GROUP BY 1, 2"
        )
        assert session.execute(failed, {"now": NOW}).all() == [], "it kept no mail from leaving"


def assert_harmless(calendar: str) -> None:
    """Strict parsers read it, and no line of it is of somebody else's making."""
    parsed = Calendar.from_ical(calendar)
    lines = calendar.replace("\r\n ", "").splitlines()
    assert [line for line in lines if line.lower().startswith(("bcc", "attach", "attendee"))] == []
    assert len(parsed.walk("VEVENT")) == 1


def test_it_is_only_text_in_every_file(app: Flask, planted: Names) -> None:
    anna = filled.signed_in(app, planted["cookie"])
    rows = list(csv.reader(StringIO(anna.get("/customers/export").text.lstrip("\ufeff")), delimiter=";"))
    assert len({len(row) for row in rows}) == 1, "no line end broke a row"
    assert [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell] == []
    rest = list(csv.reader(StringIO(anna.get(f"/customers/import/{planted['import']}/rest.csv").text), delimiter=";"))
    assert len({len(row) for row in rest}) == 1
    assert_harmless(anna.get(f"{planted['customer_accepted']}/cal.ics").text)
