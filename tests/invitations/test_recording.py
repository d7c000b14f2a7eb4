"""What an organiser records about one invitation: said on the phone, taken back, dealt with; and takes back again."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories as make
from tests.accounts.test_door import hidden
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.accounts.models import AuditEntry
from webapp.invitations.models import Invitation, Proposal

TUESDAY = {"dayparts": [["tue", "morning"]], "note": "liever niet te vroeg"}


@dataclass
class Desk:
    """An organiser, and one customer who was asked."""

    client: FlaskClient
    visit: int
    sam: int

    @property
    def page(self) -> str:
        return f"/visits/{self.visit}/invitations/{self.sam}"

    def press(self, path: str, **fields: object) -> TestResponse:
        token = hidden(self.client.get(self.page).text, "csrf_token")
        return self.client.post(path, data={"csrf_token": token} | fields)

    def invitation(self) -> Invitation:
        return db.session.get_one(Invitation, self.sam)


@pytest.fixture
def desk(app: Flask, clock: Clock) -> Desk:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        sam = make.invitation(make.visit(storyteller_places=1), make.customer())
    return Desk(signed_in(app, "organiser"), sam.visit_id, sam.id)


def test_what_was_said_on_the_phone_is_recorded_with_who_and_when(desk: Desk) -> None:
    told = desk.press(f"{desk.page}/answer", answer="accepted")

    assert (told.status_code, told.location) == (303, desk.page)
    with db.transaction():
        answer = desk.invitation().answers[-1]
        assert answer.recorded_by is not None
        assert (answer.kind, answer.channel, answer.recorded_by.role) == ("accepted", "phone", "organiser")
        noted = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert noted is not None
        assert (noted.what, noted.facts) == ("recorded by phone", {"answer": "accepted"})
    page = desk.client.get(desk.page).text
    assert "Vastgelegd: Sam de Vries komt." in page
    assert "telefonisch, vastgelegd door Anna Bakker" in page


def test_a_yes_on_the_phone_when_the_places_are_taken_is_a_willing_one(desk: Desk) -> None:
    with db.transaction():
        make.invitation(desk.invitation().visit, make.customer("Bo Jansen")).answer("accepted", NOW)

    desk.press(f"{desk.page}/answer", answer="accepted")

    assert "wil een andere keer; de plekken zijn bezet" in desk.client.get(desk.page).text


def test_another_time_is_recorded_with_its_dayparts_and_dealt_with_later(desk: Desk) -> None:
    desk.press(f"{desk.page}/answer", answer="other", part=["tue-morning"], note="liever niet te vroeg")
    with db.transaction():
        proposal = db.session.scalars(select(Proposal)).one()
        assert proposal.times == TUESDAY
    assert "Dinsdagochtend" in desk.client.get(desk.page).text

    desk.press(f"/proposals/{proposal.id}/decision")
    with db.transaction():
        assert db.session.get_one(Proposal, proposal.id).decided_at is not None
    assert f'action="/proposals/{proposal.id}/decision/undo"' in desk.client.get(desk.page).text

    desk.press(f"/proposals/{proposal.id}/decision/undo")
    with db.transaction():
        assert db.session.get_one(Proposal, proposal.id).decided_at is None


def test_another_time_without_any_time_is_asked_again(desk: Desk) -> None:
    desk.press(f"{desk.page}/answer", answer="other", note="ooit")

    assert "Kies minstens één moment." in desk.client.get(desk.page).text
    with db.transaction():
        assert desk.invitation().answers == []


def test_an_invitation_is_taken_back_and_given_back(desk: Desk) -> None:
    desk.press(f"{desk.page}/answer", answer="accepted")
    desk.press(f"{desk.page}/withdrawal")
    with db.transaction():
        assert desk.invitation().state == "withdrawn"
    assert f'action="{desk.page}/withdrawal/undo"' in desk.client.get(desk.page).text

    desk.press(f"{desk.page}/withdrawal/undo")
    with db.transaction():
        assert desk.invitation().state == "accepted"


def test_after_the_start_nothing_is_recorded_any_more(desk: Desk, clock: Clock) -> None:
    token = hidden(desk.client.get(desk.page).text, "csrf_token")
    clock.forward(days=11)

    desk.client.post(f"{desk.page}/answer", data={"csrf_token": token, "answer": "accepted"})

    with db.transaction():
        assert desk.invitation().answers == []


def test_a_viewer_reads_and_records_nothing(desk: Desk, app: Flask) -> None:
    viewer = signed_in(app, "viewer")
    page = viewer.get(desk.page)
    token = hidden(page.text, "csrf_token")

    assert "Gesproken aan de telefoon?" not in page.text
    assert viewer.post(f"{desk.page}/answer", data={"csrf_token": token, "answer": "accepted"}).status_code == 404
    with db.transaction():
        assert desk.invitation().answers == []


def test_an_invitation_belongs_to_its_visit(desk: Desk) -> None:
    assert desk.client.get(f"/visits/{desk.visit + 1}/invitations/{desk.sam}").status_code == 404
