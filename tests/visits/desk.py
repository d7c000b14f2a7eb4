"""An organiser at a desk, for tests of pages: opens them, presses buttons, and sees what stands there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.visits.models import Visit

CUSTOMERS = ("mevrouw Sam de Vries", "Noor de Boer", "Beyoncé-Lou van der Meer-Öztürk")
STAFF = ("Tariq Müller", "Femke van Dijk", "Łukasz Nguyễn")


@dataclass
class Desk:
    """Monday 23 November 2026, 09:00: two rooms, a team of three, three customers (one reads English), one to phone."""

    client: FlaskClient
    team: int
    rooms: list[int]
    customers: list[int]
    staff: list[int]
    phone: int

    def open(self, path: str) -> TestResponse:
        return self.client.get(path)

    def press(self, page: TestResponse, action: str, **changes: Any) -> TestResponse:
        """Send the form on a page whose address ends with `action`, with some fields changed."""
        form = form_of(page, action)
        return self.client.post(form.action, data=form.values | changes)

    def plan(self, **changes: Any) -> TestResponse:
        """The form of a new visit, filled in as it opens, with everybody chosen."""
        chosen = ",".join(map(str, [*self.customers, self.phone]))
        page = self.open(f"/visits/new?customers={chosen}")
        return self.press(page, "/visits", **{"teams": [self.team]} | changes)

    def planned(self, **changes: Any) -> int:
        told = self.plan(**changes)
        assert told.status_code == 303, text(told)
        return int(told.location.split("/")[2])

    def sent(self, **changes: Any) -> int:
        """A visit whose invitations wait for the hold to pass."""
        visit_id = self.planned(**changes)
        told = self.press(self.open(f"/visits/{visit_id}/check"), "/invitations")
        assert (told.status_code, told.location) == (303, f"/visits/{visit_id}")
        return visit_id


def desk(app: Flask, clock: Clock) -> Desk:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        rooms = [make.room(name=name).id for name in ("Kamer 1", "Kamer 2")]
        team = make.team("Bellers avond A")
        staff = [make.staff_member(name, team).id for name in STAFF]
        customers = [make.customer(name, locale="en" if "Öztürk" in name else "nl").id for name in CUSTOMERS]
        phone = make.customer("de heer Kees Smit", email="").id
    return Desk(signed_in(app, "organiser"), team.id, rooms, customers, staff, phone)


def visit(visit_id: int) -> Visit:
    return db.session.get_one(Visit, visit_id)


@dataclass
class Form:
    action: str
    values: dict[str, Any]


def form_of(page: TestResponse, action: str) -> Form:
    """What a form would send if nothing was changed."""
    for marks, inside in re.findall(r"<form([^>]*)>(.*?)</form>", page.text, re.S):
        to = _marks(marks).get("action") or page.request.path
        if to.endswith(action):
            return Form(to, _values(inside))
    raise AssertionError(f"no form that sends to {action} on {page.request.path}: {text(page)}")


def text(page: TestResponse) -> str:
    """What can be read on a page, pictures of two letters left out."""
    main = page.text.partition("<main")[2] or page.text
    unread = r'<svg.*?</svg>|<span class="avatar.*?</span>|<[^>]+>'
    return " ".join(unescape(re.sub(unread, " ", main, flags=re.S)).split())


def heading(page: TestResponse) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
    assert found, page.text
    return unescape(" ".join(found[1].split()))


def summary(page: TestResponse) -> list[str]:
    """What the error summary says."""
    found = re.search(r'class="banner no summary".*?<ul>(.*?)</ul>', page.text, re.S)
    return [unescape(re.sub("<[^>]+>", "", item)) for item in re.findall(r"<li>(.*?)</li>", found[1])] if found else []


def picks(page: TestResponse) -> list[tuple[str, str]]:
    """The slots that are one press away: value and label."""
    found = re.findall(r'name="pick" value="([^"]*)">([^<]*)<', page.text)
    return [(unescape(value), unescape(label)) for value, label in found]


def _values(inside: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", inside):
        marks = _marks(tag)
        ticked = marks.get("type") not in ("checkbox", "radio") or " checked" in tag
        if "name" in marks and ticked:
            values.setdefault(marks["name"], []).append(marks.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside, re.S):
        values[name] = _chosen(re.findall(r'<option value="([^"]*)"( selected)?', options))
    return values


def _chosen(options: Sequence[tuple[str, str]]) -> str:
    return unescape(next((value for value, selected in options if selected), options[0][0] if options else ""))


def _marks(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
