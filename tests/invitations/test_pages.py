"""The pages behind an invitation's link: two taps, no script, no cookie, in the reader's words; a GET changes no answer."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests import factories as make
from tests.doors import buttons, door, heading, nonce, press, weight
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.config import Settings
from webapp.invitations.models import Invitation, look_after_waiting
from webapp.visits.models import Visit

HINTS = ("invitation", "link")
"""Tables that a look may touch: a tap that was not confirmed, and when a link was first opened."""
HOUR = timedelta(hours=1)
STARTS = datetime.fromisoformat("2026-12-03 14:00+01:00")


@dataclass
class Guest:
    """Somebody who was invited, with the link from their mail."""

    client: FlaskClient
    id: int
    link: str

    def open(self, more: str = "") -> TestResponse:
        return self.client.get(self.link + more)

    def press(self, answer: str, at: str = "") -> TestResponse:
        return press(self.client, self.link + at, to=self.link, answer=answer)

    def now(self) -> Invitation:
        return db.session.get_one(Invitation, self.id)


Ask = Callable[..., Guest]


@pytest.fixture
def ask(client: FlaskClient, settings: Settings, clock: Clock) -> Ask:
    """Ask somebody to the same visit: `ask(make.customer)`, `ask(make.staff_member, "Bo")`."""
    clock.at(NOW + HOUR)
    visits: list[int] = []

    def invite(person: Callable[..., Any], *name: str, **values: Any) -> Guest:
        with db.transaction():
            make.organisation()
            visit = db.session.get_one(Visit, visits[0]) if visits else make.visit(seats=1, storyteller_places=1)
            visits[:] = [visit.id]
            id = make.invitation(visit, person(*name, **values)).id
        return Guest(client, id, door(settings, "answer", id))

    return invite


@pytest.fixture
def sam(ask: Ask) -> Guest:
    return ask(make.customer)


@pytest.fixture
def tariq(ask: Ask) -> Guest:
    return ask(make.staff_member, "Tariq Müller")


# A customer


def test_two_taps_are_a_yes(sam: Guest) -> None:
    page = sam.open("?answer=accepted")
    assert heading(page) == "Nog één tik, mevrouw De Vries"
    assert buttons(page) == ["Bevestig: ja, ik kom", "Liever een ander moment", "Nee, liever niet"]
    assert "Dank" not in page.text

    told = sam.press("accepted")
    assert (told.status_code, told.location) == (303, f"{sam.link}/done")
    assert heading(sam.client.get(told.location)) == "U komt donderdag 3 december"
    with db.transaction():
        assert sam.now().state == "accepted"


def test_the_intended_answer_comes_first(sam: Guest) -> None:
    page = sam.open("?answer=declined")

    assert heading(page) == "Nog één tik: u komt liever niet"
    assert buttons(page) == ["Bevestig: nee, liever niet", "Ja, ik kom", "Liever een ander moment"]


def test_who_has_answered_sees_the_receipt_and_can_change_it(sam: Guest) -> None:
    sam.press("accepted")

    assert heading(sam.open()) == heading(sam.open("?answer=accepted")) == "U komt donderdag 3 december"
    assert heading(sam.open("?answer=declined")) == "Nog één tik: u komt liever niet"
    assert buttons(sam.open("?change=1")) == ["Liever een ander moment", "Nee, liever niet", "Laat het zo"]
    assert heading(sam.client.get(sam.press("declined", "?change=1").location)) == (
        "U komt niet; dank u dat u het liet weten"
    )


def test_a_receipt_of_nothing_leads_back_to_the_question(sam: Guest) -> None:
    assert (sam.open("/done").status_code, sam.open("/done").location) == (303, sam.link)


def test_another_time_is_ticked_and_passed_on(sam: Guest) -> None:
    told = press(sam.client, f"{sam.link}/times", part=["fri-evening", "mon-morning"], note="na zessen")

    page = sam.client.get(told.location)
    assert heading(page) == "Uw voorstel is doorgegeven"
    assert "U kunt wel op: maandagochtend en vrijdagavond." in page.text
    with db.transaction():
        proposal = sam.now().proposal
        assert proposal is not None
        assert proposal.times == {"dayparts": [["mon", "morning"], ["fri", "evening"]], "note": "na zessen"}


def test_nothing_ticked_is_asked_again_and_nothing_typed_is_lost(sam: Guest) -> None:
    page = press(sam.client, f"{sam.link}/times", note="op dinsdag <b>wel</b>", part=["sun-night"])

    assert page.status_code == 422
    assert "<title>Fout: Wanneer kunt u wel?" in page.text
    assert "Kies minstens één moment." in page.text
    assert "op dinsdag &lt;b&gt;wel&lt;/b&gt;</textarea>" in page.text


def test_the_old_time_stands_until_a_new_one_is_agreed(sam: Guest) -> None:
    sam.press("accepted")
    told = press(sam.client, f"{sam.link}/times", part=["mon-morning"])

    assert "Tot dan blijft donderdag 3 december gewoon staan." in sam.client.get(told.location).text
    assert sam.open("/cal.ics").status_code == 200


def test_when_the_places_are_taken_the_page_says_so_kindly(sam: Guest, ask: Ask) -> None:
    sam.press("accepted")
    bo = ask(make.customer, "de heer Bo Jansen")

    page = bo.open("?answer=accepted")
    assert "Deze keer zijn alle plekken om te vertellen bezet." in page.text
    assert buttons(page) == ["Ja, graag een andere keer", "Geef door wanneer ik wel kan", "Nee, liever niet"]
    assert heading(bo.client.get(bo.press("accepted").location)) == "Dank u: wij vragen u een andere keer"


def test_a_yes_that_comes_just_too_late_is_a_willing_one(sam: Guest, ask: Ask) -> None:
    bo = ask(make.customer, "Bo Jansen")
    page = bo.open()
    sam.press("accepted")

    told = bo.client.post(bo.link, data={"nonce": nonce(page), "answer": "accepted"})

    assert heading(bo.client.get(told.location)) == "Dank u: wij vragen u een andere keer"


def test_the_hour_before_is_ticked_on_the_receipt_and_unticked(sam: Guest) -> None:
    sam.press("accepted")
    receipt = f"{sam.link}/done"

    press(sam.client, receipt, f"{sam.link}/short-notice", wanted="1")
    assert "een mail met de route." in sam.open("/done").text
    press(sam.client, receipt, f"{sam.link}/short-notice")
    assert "Wilt u een uur ervoor ook een mail?" in sam.open("/done").text


def test_the_calendar_file_is_for_who_comes(sam: Guest) -> None:
    assert sam.open("/cal.ics").status_code == 404
    sam.press("accepted")

    file = sam.open("/cal.ics")
    event: Any = Calendar.from_ical(file.text).walk("VEVENT")[0]
    assert file.headers["Content-Disposition"] == 'attachment; filename="bezoek-2026-12-03.ics"'
    assert event["DTSTART"].dt.isoformat() == "2026-12-03T14:00:00+01:00"
    assert sam.link in event["DESCRIPTION"]


def test_the_page_is_in_english_when_asked_and_so_is_the_mail_from_then_on(sam: Guest) -> None:
    assert heading(sam.open("?lang=en")) == "One more tap, Mrs De Vries"

    told = press(sam.client, f"{sam.link}?lang=en", answer="accepted")

    assert told.location == f"{sam.link}/done?lang=en"
    assert heading(sam.open("/done")) == "You are coming on Thursday 3 December"
    with db.transaction():
        address = sam.now().address
        assert address is not None
        assert address.locale == "en"


# A colleague


def test_a_colleague_takes_a_seat_in_two_taps(tariq: Guest) -> None:
    page = tariq.open("?answer=accepted")
    assert (heading(page), buttons(page)) == ("Nog één tik, Tariq", ["Bevestig: ik ben erbij", "Ik kom niet"])

    assert (
        heading(tariq.client.get(tariq.press("accepted").location)) == "Je bent erbij: donderdag 3 december, 14:00 uur"
    )


def test_when_all_seats_are_taken_the_waiting_list_is_offered(tariq: Guest, ask: Ask) -> None:
    tariq.press("accepted")
    fleur = ask(make.staff_member, "Fleur de Boer")

    page = fleur.open("?answer=accepted")
    assert (heading(page), buttons(page)) == (
        "Nog één tik: op de wachtlijst",
        ["Zet mij op de wachtlijst", "Ik kom niet"],
    )
    page = fleur.client.get(fleur.press("waiting").location)
    assert heading(page) == "Je staat op de wachtlijst voor donderdag 3 december"
    assert "jij staat op plek 1." in page.text


def test_a_seat_that_comes_free_is_offered_taken_or_passed_on(tariq: Guest, ask: Ask) -> None:
    tariq.press("accepted")
    fleur, noor = ask(make.staff_member, "Fleur de Boer"), ask(make.staff_member, "Noor Haddad")
    fleur.press("accepted")
    noor.press("accepted")
    tariq.press("declined", "?change=1")

    page = fleur.open()
    assert heading(page) == "Nog één tik: er is een plek vrij op donderdag 3 december"
    assert buttons(page) == ["Bevestig: ik ben erbij", "Geef door"]
    assert "We houden hem voor je vast tot dinsdag 24 november, 10:00 uur." in page.text
    assert buttons(fleur.open("?answer=left")) == ["Geef door", "Ik ben erbij"]

    fleur.press("left", "?answer=left")
    assert heading(fleur.open()) == "Je komt niet: het is genoteerd"
    noor.press("accepted", "?answer=accepted")
    assert heading(noor.open()).startswith("Je bent erbij")


def test_who_let_the_offer_go_by_is_asked_back_onto_the_list(tariq: Guest, ask: Ask, clock: Clock) -> None:
    tariq.press("accepted")
    fleur, noor = ask(make.staff_member, "Fleur de Boer"), ask(make.staff_member, "Noor Haddad")
    fleur.press("accepted")
    noor.press("accepted")
    tariq.press("declined", "?change=1")
    now = clock.forward(days=1, hours=1)
    with db.transaction():
        look_after_waiting(now)
    noor.press("accepted", "?answer=accepted")

    page = fleur.open("?answer=waiting")
    assert (heading(page), buttons(page)[0]) == (
        "De plek op donderdag 3 december is doorgegeven",
        "Zet mij weer op de lijst",
    )
    fleur.press("waiting", "?answer=waiting")
    assert heading(fleur.open()) == "Je staat op de wachtlijst voor donderdag 3 december"


def test_a_colleague_suggests_no_other_time(tariq: Guest) -> None:
    assert (tariq.open("/times").status_code, tariq.open("/times").location) == (303, tariq.link)
    assert tariq.press("other").status_code == 422


# Too late


def test_when_the_visit_has_begun_or_was_there_is_nothing_to_answer(sam: Guest, clock: Clock) -> None:
    opened = sam.open()
    clock.at(STARTS)
    assert heading(sam.open()) == "Dit bezoek is begonnen"

    late = sam.client.post(sam.link, data={"nonce": nonce(opened), "answer": "accepted"})
    assert late.status_code in (409, 410)
    clock.forward(days=1)
    assert heading(sam.open("/times")) == heading(sam.open()) == "Dit bezoek is geweest"
    with db.transaction():
        assert sam.now().partstat == "needs-action"


def test_a_cancelled_visit_and_a_withdrawn_invitation_say_so(sam: Guest, tariq: Guest) -> None:
    with db.transaction():
        tariq.now().withdraw(NOW)
    assert heading(tariq.open()) == "Deze uitnodiging is ingetrokken"
    assert "Je wordt donderdag 3 december niet verwacht." in tariq.open().text

    with db.transaction():
        visit = sam.now().visit
        visit.cancel_reason_nl = "De verwarming is stuk."
        make.cancel(visit)
    assert heading(sam.open()) == "Het bezoek van donderdag 3 december gaat niet door"
    assert "De verwarming is stuk." in sam.open().text


def test_a_month_after_the_visit_the_link_is_an_old_one(sam: Guest, clock: Clock) -> None:
    clock.at(STARTS + timedelta(days=29))
    assert sam.open().status_code == 200
    clock.forward(days=2)
    assert (sam.open().status_code, heading(sam.open())) == (404, "Deze link werkt niet (meer)")


# What a page may and may not do


def test_a_replay_a_forged_nonce_and_one_of_another_link_change_nothing(sam: Guest, tariq: Guest) -> None:
    mine, other = nonce(sam.open()), nonce(tariq.open())
    for value, code in (("", 410), ("forged", 410), (other, 410), (mine, 303), (mine, 303)):
        assert sam.client.post(sam.link, data={"nonce": value, "answer": "accepted"}).status_code == code
    with db.transaction():
        assert [answer.kind for answer in sam.now().answers] == ["accepted"]


def test_a_post_from_another_site_is_refused(sam: Guest) -> None:
    fields = {"nonce": nonce(sam.open()), "answer": "accepted"}
    evil = sam.client.post(sam.link, data=fields, headers={"Origin": "https://evil.example"})

    assert evil.status_code == 403
    with db.transaction():
        assert sam.now().partstat == "needs-action"


def test_the_pages_are_kept_by_nobody_and_hang_on_to_nothing(sam: Guest) -> None:
    for suffix in ("", "/times", "?answer=declined"):
        page = sam.open(suffix)
        assert page.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in page.headers
        assert '<meta name="robots" content="noindex">' in page.text
        assert "<script" not in page.text


def snapshot() -> dict[str, list[Any]]:
    """Every row of every table."""
    with db.transaction() as session:
        return {
            name: sorted(map(str, session.execute(text(f'select * from "{name}"')).all()))
            for name in db.Base.metadata.tables
        }


def test_machines_may_fetch_everything_ten_times_and_no_row_changes(sam: Guest, tariq: Guest) -> None:
    sam.press("accepted")
    before = snapshot()
    for guest in (sam, tariq):
        for suffix in (
            "",
            "?answer=accepted",
            "?answer=declined",
            "/times",
            "/times?chosen=1",
            "/done",
            "/cal.ics",
            "?change=1",
        ):
            for _ in range(10):
                guest.client.get(guest.link + suffix)
                guest.client.head(guest.link + suffix)
    after = snapshot()
    assert {name: rows for name, rows in after.items() if rows != before[name] and name not in HINTS} == {}
    with db.transaction():
        assert (sam.now().state, tariq.now().state) == ("accepted", "needs-action")
        assert (sam.now().hint, tariq.now().hint, tariq.now().nudge_at) == (None, None, None)


def test_a_tap_is_noted_and_a_scanner_is_not(sam: Guest) -> None:
    sam.open("?answer=accepted")
    with db.transaction():
        assert (sam.now().hint, sam.now().state) == ("accepted", "hinted")

    sam.open("/times")
    sam.open("?answer=declined")
    with db.transaction():
        assert (sam.now().hint, sam.now().nudge_at) == (None, None)


def test_going_on_from_the_page_to_other_times_is_no_scanner(sam: Guest) -> None:
    page = sam.open("?answer=accepted")
    assert f'href="{sam.link}/times?chosen=1"' in page.text
    sam.open("/times?chosen=1")
    with db.transaction():
        assert sam.now().hint == "accepted"


def test_a_browser_that_fetches_ahead_taps_nothing(sam: Guest) -> None:
    sam.client.get(f"{sam.link}?answer=accepted", headers={"Sec-Purpose": "prefetch;prerender"})
    with db.transaction():
        assert sam.now().hint is None


def test_a_page_with_what_it_loads_is_light(sam: Guest) -> None:
    assert weight(sam.client, f"{sam.link}?answer=accepted") < 30 * 1024


def test_an_organiser_sees_the_same_pages_and_can_press_nothing(sam: Guest, tariq: Guest, app: Flask) -> None:
    sam.press("accepted")
    viewer = signed_in(app, "viewer")
    for guest, suffix in ((sam, ""), (sam, "/done"), (sam, "/times"), (sam, "?change=1"), (tariq, "?answer=accepted")):
        path = f"/preview/answer/{guest.id}"
        page = viewer.get(path + suffix)
        assert page.status_code == 200
        assert "Voorbeeld: knoppen doen hier niets." in page.text
        assert all(" disabled" in button for button in re.findall(r"<button [^>]*>", page.text))
        assert guest.link not in page.text
        assert viewer.post(path).status_code == 405
    with db.transaction():
        assert tariq.now().hint is None
