"""Somebody takes their data along, or has it erased: through their own link, or with an organiser's help."""

import json
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories as make
from tests.board.conftest import Organiser
from tests.doors import buttons, door, heading, nonce, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.accounts.audit import AuditEntry
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.mailing.models import Message
from webapp.mailing.sweep import install, sweep
from webapp.privacy.records import DataExport, Erasure

LATER = NOW + timedelta(hours=1)


@dataclass
class Sam:
    """A customer with an invitation, an answer and a colleague behind another mailbox."""

    client: FlaskClient
    settings: Settings
    customer: int
    address: int
    eline: int

    @property
    def page(self) -> str:
        return door(self.settings, "data", self.address)

    def ask_for_file(self) -> TestResponse:
        return press(self.client, f"{self.page}/file")


@pytest.fixture
def sam(client: FlaskClient, settings: Settings, clock: Clock, database: object) -> Sam:
    clock.at(LATER)
    with db.transaction():
        make.organisation()
        install(NOW - timedelta(days=1))
        customer = make.customer(email="sam@example.com", note="belt liever")
        customer.consent("agreed", "Ja, u mag mij iets vragen.", "nl", "page", NOW, None)
        make.answer(make.invitation(make.visit(), customer))
        eline = make.staff_member("Eline Bos", make.team(), email="eline@uni.example")
        assert customer.address_id
        assert eline.address_id
        return Sam(client, settings, customer.id, customer.address_id, eline.address_id)


def unzipped(page: TestResponse) -> tuple[dict[str, Any], str]:
    assert page.mimetype == "application/zip"
    with ZipFile(BytesIO(page.data)) as archive:
        assert archive.namelist() == ["data.json", "data.html"]
        return json.loads(archive.read("data.json")), unescape(archive.read("data.html").decode())


def test_their_page_leads_to_both(sam: Sam) -> None:
    assert {"Neem mijn gegevens mee", "Wis mijn gegevens"} <= set(buttons(sam.client.get(sam.page)))


def test_two_taps_and_everything_is_in_one_file(sam: Sam) -> None:
    told = sam.ask_for_file()
    assert told.status_code == 303
    ready = sam.client.get(told.location)
    assert heading(ready) == "Uw gegevens staan klaar"
    plain, page = unzipped(sam.client.get(told.location.partition("?")[0] + "/file"))

    data = plain["data"]
    assert plain["people"] == ["Sam de Vries"]
    assert data["customer"]["rows"][0]["note"] == "belt liever"
    assert data["address"]["rows"][0]["email"] == "sam@example.com"
    assert data["consent"]["rows"][-1]["wording"] == "Ja, u mag mij iets vragen."
    assert [row["kind"] for row in data["answer"]["rows"]] == ["accepted"]
    assert "calendar_uid" not in data["invitation"]["rows"][0]
    assert "Over u" in page
    assert "belt liever" in page
    assert "Om u te bereiken en bij uw naam te noemen." in page


def test_looking_at_the_page_makes_no_file(sam: Sam) -> None:
    assert heading(sam.client.get(f"{sam.page}/file")) == "Neem uw gegevens mee"
    with db.transaction(read_only=True):
        assert db.session.scalars(select(DataExport)).all() == []


def test_asked_twice_it_is_one_file_and_one_mail(sam: Sam, clock: Clock) -> None:
    assert sam.ask_for_file().location == sam.ask_for_file().location
    with db.transaction():
        sweep(LATER + timedelta(minutes=1), LATER, wide=True)
        mails = select(Message).where(Message.notice == "data_export_ready")
        assert [mail.address_id for mail in db.session.scalars(mails)] == [sam.address]


def test_a_week_later_the_file_is_gone(sam: Sam, clock: Clock) -> None:
    there = sam.ask_for_file().location
    clock.forward(days=8)
    assert sam.client.get(there).status_code == 404
    assert sam.client.get(there.partition("?")[0] + "/file").status_code == 404


def test_a_colleague_takes_their_own_along(sam: Sam) -> None:
    mine = door(sam.settings, "staff", sam.eline)
    told = press(sam.client, f"{mine}/file")
    plain, page = unzipped(sam.client.get(told.location.partition("?")[0] + "/file"))
    assert (plain["people"], plain["data"]["staff_member"]["rows"][0]["family"]) == (["Eline Bos"], "Bos")
    assert "sam@example.com" not in page
    with db.transaction():
        sweep(LATER + timedelta(minutes=1), LATER, wide=True)
        assert db.session.scalars(select(Message.notice).where(Message.address_id == sam.eline)).all() == [
            "data_export_ready_staff"
        ]


def test_two_taps_and_they_are_erased(sam: Sam) -> None:
    page = sam.client.get(f"{sam.page}/erase")
    assert heading(page) == "Uw gegevens wissen?"
    with db.transaction(read_only=True):
        assert db.session.get_one(Customer, sam.customer).erased_at is None
    told = sam.client.post(f"{sam.page}/erase", data={"nonce": nonce(page), "customer": str(sam.customer)})
    assert (told.status_code, told.location) == (303, "/erased?lang=nl")
    assert heading(sam.client.get(told.location)) == "Uw gegevens zijn gewist"
    with db.transaction():
        gone = db.session.get_one(Customer, sam.customer)
        assert gone.erased_at is not None
        assert (gone.note, gone.address_id) == ("", None)
        assert db.session.scalars(select(Invitation.withdrawn_at)).one() is not None
        noted = db.session.scalars(select(AuditEntry).where(AuditEntry.what == "erased")).one()
        assert (noted.about, noted.account_id, noted.facts) == (f"customer-{sam.customer}", None, {"by": "person"})


def test_their_links_open_nothing_any_more(sam: Sam) -> None:
    page = sam.page
    press(sam.client, f"{page}/erase", customer=str(sam.customer))
    assert {sam.client.get(each).status_code for each in (page, f"{page}/file", f"{page}/erase")} == {404}


def test_who_is_not_behind_this_link_is_not_erased(sam: Sam) -> None:
    with db.transaction():
        other = make.customer("Bo Smit").id
    assert press(sam.client, f"{sam.page}/erase", customer=str(other)).status_code == 404
    with db.transaction(read_only=True):
        assert db.session.get_one(Customer, other).erased_at is None


def test_a_couple_chooses_who(sam: Sam) -> None:
    with db.transaction():
        bo = make.customer("Bo Smit", email="sam@example.com").id
    page = sam.client.get(f"{sam.page}/erase")
    assert buttons(page) == ["Wis alles over Sam de Vries", "Wis alles over Bo Smit"]
    press(sam.client, f"{sam.page}/erase", customer=str(bo))
    assert "Sam de Vries" in sam.client.get(sam.page).text
    assert "Bo Smit" not in sam.client.get(sam.page).text


# With an organiser's help


def admin(app: Flask, role: str = "admin") -> Organiser:
    return Organiser(signed_in(app, role), 0)


def test_an_organiser_types_the_name(app: Flask, sam: Sam) -> None:
    anna = admin(app, "organiser")
    path = f"/customers/{sam.customer}/erase"
    assert heading(anna.get(path)) == "Wis alles over Sam de Vries"
    wrong = anna.post(path, name="Sam")
    assert wrong.status_code == 422
    assert "Dit is niet de naam. Die is: Sam de Vries." in wrong.text
    assert anna.post(path, name=" sam de vríes").status_code == 303
    assert anna.get(f"/customers/{sam.customer}").status_code == 404
    assert anna.get(path).status_code == 404
    assert "Sam de Vries" not in anna.get("/customers?view=list").text
    with db.transaction(read_only=True):
        erasure = db.session.scalars(select(Erasure)).one()
        assert (erasure.by, erasure.tell, erasure.alone) == ("organiser", True, True)


def test_only_who_asked_for_a_file_about_somebody_fetches_it(app: Flask, sam: Sam) -> None:
    anna = admin(app)
    made = anna.post(f"/customers/{sam.customer}/export")
    assert unzipped(anna.get(made.location))[0]["people"] == ["Sam de Vries"]
    with db.transaction():
        export = db.session.scalars(select(DataExport)).one()
        export.account_id = make.account("Bo Admin", role="admin").id
    assert anna.get(made.location).status_code == 404
    with db.transaction(read_only=True):
        assert "fetched an export" in db.session.scalars(select(AuditEntry.what)).all()


def test_a_colleague_is_erased_after_they_left(app: Flask, sam: Sam) -> None:
    anna = admin(app, "organiser")
    with db.transaction():
        eline = make.staff_member("Kees Kok", make.team()).id
    assert anna.get(f"/staff/{eline}/erase").status_code == 404
    anna.post(f"/staff/{eline}/departure")
    assert anna.post(f"/staff/{eline}/erase", name="Kees Kok").status_code == 303
    assert anna.get(f"/staff/{eline}").status_code == 404


def test_a_preview_hands_out_no_file(app: Flask, sam: Sam) -> None:
    """Who may only look sees what a customer sees, and takes nothing along."""
    sam.ask_for_file()
    with db.transaction(read_only=True):
        made = db.session.scalars(select(DataExport.id)).one()
    viewer = admin(app, "viewer")
    assert {viewer.get(f"/preview/export/{made}{rest}").status_code for rest in ("", "/file")} == {404}
