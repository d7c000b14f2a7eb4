"""Standing slots: customers book a day by themselves, from a link; never more than there are places, never overtaken."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests import factories as make
from tests.accounts.test_door import post
from tests.doors import buttons, door, heading, nonce, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db
from webapp.config import Settings
from webapp.customers.models import Consent, Customer
from webapp.invitations.booking import days_of, seat_waiting
from webapp.invitations.models import Invitation
from webapp.invitations.notices.customers import AnswerReceipt, VisitInvitation
from webapp.visits import standing
from webapp.visits.models import Visit
from webapp.visits.standing import Series

HOUR = timedelta(hours=1)
DECEMBER, JANUARY, FEBRUARY = "20261203", "20270107", "20270204"


def series(**values: Any) -> Series:
    """Every first Thursday of the month, 14:00, in a room, with one place to tell."""
    host = values.pop("host", None) or make.staff_member("Anna Bakker", phone="020 111 11 11")
    defaults = {
        "name": "Open donderdag", "nth": 1, "weekday": 3, "starts": time(14, 0), "minutes": 45, "zone": make.ZONE,
        "storyteller_places": 1, "created_at": NOW, "room": make.room(), "organiser": make.account(),
    }  # fmt: skip
    return make.added(Series(host=host, **defaults | values))


def willing(name: str = "mevrouw Sam de Vries", **values: Any) -> Customer:
    """A customer who agreed to tell at a visit."""
    made = make.customer(name, **values)
    made.consents.append(Consent(use="live_visit", ground="agreed", wording="", channel="page", at=NOW))
    db.session.flush()
    return made


@dataclass
class Booker:
    client: FlaskClient
    link: str
    series: int

    def press(self, **fields: Any) -> Any:
        fields = {
            name: f"{self.series}-{value}" if name in ("day", "wait") else value for name, value in fields.items()
        }
        return press(self.client, self.link, **fields)


@pytest.fixture
def slot(app: Flask, clock: Clock) -> int:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        return series().id


def booker(app: Flask, settings: Settings, slot: int, name: str = "mevrouw Sam de Vries", **values: Any) -> Booker:
    with db.transaction():
        customer = willing(name, **values).id
    return Booker(app.test_client(), door(settings, "slots", customer), slot)


def states() -> dict[str, str]:
    with db.transaction():
        return {each.person.name.family: each.state for each in db.session.scalars(select(Invitation))}


@pytest.mark.parametrize(
    ("nth", "expected"),
    [
        (1, [date(2026, 12, 3), date(2027, 1, 7)]),
        (4, [date(2026, 12, 24), date(2027, 1, 28)]),
        (5, [date(2026, 12, 31), date(2027, 1, 28)]),
        (0, [date(2026, 12, 3) + timedelta(weeks=n) for n in range(9)]),
    ],
)
def test_the_first_the_fourth_the_last_and_every_thursday(nth: int, expected: list[date]) -> None:
    assert list(standing.days(nth, 3, date(2026, 12, 1), date(2027, 1, 31))) == expected


@pytest.mark.usefixtures("database")
def test_a_day_opens_so_many_weeks_ahead_and_closes_so_many_hours_before() -> None:
    with db.transaction():
        make.organisation()
        slot = series(nth=0, notice_hours=48, horizon_weeks=2)
        closes = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 48 hours before Thursday 26 November, 14:00 there
        assert slot.days(closes - timedelta(seconds=1))[0] == date(2026, 11, 26)
        assert slot.days(closes) == [date(2026, 12, 3)]
        assert slot.days(closes + timedelta(days=2)) == [date(2026, 12, 3), date(2026, 12, 10)]


@pytest.mark.usefixtures("database")
def test_the_wall_clock_leads_over_both_clock_changes_and_a_time_that_does_not_exist_is_no_day() -> None:
    with db.transaction():
        make.organisation()
        slot = series(nth=0, weekday=6, horizon_weeks=52)
        starts = {
            day: slot.visit_of(day, NOW).starts_at
            for day in (date(2027, 3, 21), date(2027, 3, 28), date(2027, 10, 24), date(2027, 10, 31))
        }
        assert [moment.hour for moment in starts.values()] == [13, 12, 12, 13]
        night = series(nth=0, weekday=6, starts=time(2, 30), horizon_weeks=52)
        assert date(2027, 3, 28) not in night.days(NOW)
        assert night.visit_of(date(2027, 10, 31), NOW).starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_who_chooses_a_day_comes_and_the_receipt_leaves_with_nothing_else(
    app: Flask, settings: Settings, slot: int
) -> None:
    sam = booker(app, settings, slot)
    page = sam.client.get(sam.link)
    assert heading(page) == "Wanneer wilt u komen?"
    told = sam.press(day=DECEMBER, short_notice="1")
    assert told.status_code == 303
    assert heading(sam.client.get(told.location)) == "U komt donderdag 3 december"
    assert states() == {"Vries": "accepted"}
    with db.transaction():
        visit = db.session.scalars(select(Visit)).one()
        invitation = Invitation.of_visit(visit.id)[0]
        assert (visit.wall.isoformat(), visit.storyteller_places) == ("2026-12-03T14:00:00", 1)
        assert invitation.short_notice_at is not None
        assert db.session.scalar(select(func.count()).select_from(VisitInvitation.whom().subquery())) == 0
        assert db.session.scalar(select(func.count()).select_from(AnswerReceipt.whom().subquery())) == 1
    again = sam.client.get(sam.link)
    assert "U komt donderdag 3 december" in again.text
    assert told.location.replace("/done", "?change=1") in again.text


def test_a_double_click_is_one_booking(app: Flask, settings: Settings, slot: int) -> None:
    sam = booker(app, settings, slot)
    same = nonce(sam.client.get(sam.link))
    for _ in range(2):
        sam.client.post(sam.link, data={"nonce": same, "day": f"{slot}-{DECEMBER}"})
    with db.transaction():
        assert [len(each.answers) for each in db.session.scalars(select(Invitation))] == [1]


def test_two_book_the_last_place_at_once_and_the_other_can_wait_or_choose_with_what_was_ticked_kept(
    app: Flask, settings: Settings, slot: int
) -> None:
    people = [booker(app, settings, slot, name) for name in ("Sam Jansen", "Noor Bakker")]
    together = Barrier(2)

    def go(one: Booker) -> Any:
        ready = nonce(one.client.get(one.link))
        together.wait(30)
        return one, one.client.post(one.link, data={"nonce": ready, "day": f"{slot}-{DECEMBER}", "short_notice": "1"})

    with ThreadPoolExecutor(2) as both:
        told = sorted(both.map(go, people), key=lambda each: each[1].status_code)
    assert [page.status_code for _one, page in told] == [303, 409]
    assert list(states().values()) == ["accepted"]
    late, page = told[1]
    assert heading(page) == "Alle plaatsen op donderdag 3 december zijn bezet"
    assert buttons(page) == ["Wacht op een plaats op donderdag 3 december", "Ik kom op deze dag"]
    assert f'value="{slot}-{JANUARY}"' in page.text
    assert 'name="short_notice" value="1" checked' in page.text
    told_now = late.client.post(late.link, data={"nonce": nonce(page), "wait": f"{slot}-{DECEMBER}"})
    assert heading(late.client.get(told_now.location)) == "U staat op de wachtlijst voor donderdag 3 december"


def test_a_place_that_comes_free_goes_to_who_waits_longest_and_nobody_new_overtakes(
    app: Flask, settings: Settings, slot: int, clock: Clock
) -> None:
    sam, noor, kim, bo = (
        booker(app, settings, slot, name) for name in ("Sam Jansen", "Noor Bakker", "Kim Dekker", "Bo Visser")
    )
    came = sam.press(day=DECEMBER).location
    for minutes, each in enumerate((noor, kim), 1):
        clock.at(NOW + timedelta(minutes=minutes))
        assert each.press(wait=DECEMBER).status_code == 303
    answer = came.replace("/done", "")
    opened = sam.client.get(answer + "?change=1")
    sam.client.post(answer, data={"nonce": nonce(opened), "answer": "declined"})
    assert bo.press(day=DECEMBER).status_code == 409, "Noor waits already"
    with db.transaction():
        seat_waiting(NOW + HOUR)
    assert states() == {"Jansen": "declined", "Bakker": "accepted", "Dekker": "willing"}
    with db.transaction():
        seat_waiting(NOW + HOUR)
    assert states() == {"Jansen": "declined", "Bakker": "accepted", "Dekker": "willing"}


def test_once_booking_has_closed_a_free_place_surprises_nobody(
    app: Flask, settings: Settings, slot: int, clock: Clock
) -> None:
    sam, noor = booker(app, settings, slot, "Sam Jansen"), booker(app, settings, slot, "Noor Bakker")
    sam.press(day=DECEMBER)
    noor.press(wait=DECEMBER)
    with db.transaction():
        db.session.scalars(select(Visit)).one().storyteller_places = 2
        seat_waiting(datetime(2026, 12, 2, 12, 0, tzinfo=UTC))
    assert states() == {"Jansen": "accepted", "Bakker": "willing"}
    clock.at(datetime(2026, 12, 2, 12, 0, tzinfo=UTC))
    assert f"{slot}-{DECEMBER}" not in sam.client.get(sam.link).text


def test_consent_that_no_longer_stands_closes_the_page_and_keeps_the_place_from_who_waits(
    app: Flask, settings: Settings, slot: int
) -> None:
    sam, noor = booker(app, settings, slot, "Sam Jansen"), booker(app, settings, slot, "Noor Bakker")
    sam.press(day=DECEMBER)
    noor.press(wait=DECEMBER)
    ready = nonce(noor.client.get(noor.link))
    with db.transaction():
        person = db.session.scalars(select(Customer).where(Customer.family == "Bakker")).one()
        person.consent("withdrawn", "", "nl", "page", NOW, None, use="live_visit")
        db.session.scalars(select(Visit)).one().storyteller_places = 2
        seat_waiting(NOW + HOUR)
    assert states() == {"Jansen": "accepted", "Bakker": "willing"}
    assert heading(noor.client.get(noor.link)) == "U kunt hier nu geen dag kiezen"
    told = noor.client.post(noor.link, data={"nonce": ready, "day": f"{slot}-{JANUARY}"})
    assert (told.status_code, states()) == (409, {"Jansen": "accepted", "Bakker": "willing"})


def test_a_day_whose_room_is_taken_or_whose_visit_is_cancelled_is_not_offered(slot: int) -> None:
    with db.transaction():
        found, sam = db.session.get_one(Series, slot), willing()
        make.visit(datetime(2026, 12, 3, 14, 30), room=found.room)  # noqa: DTZ001  (a wall time)
        make.cancel(found.visit_of(date(2027, 1, 7), NOW))
        assert [each.day for each in days_of(sam, NOW)] == [date(2027, 2, 4)]


def test_a_day_that_went_meanwhile_and_no_day_at_all_are_said_with_the_days_there_are(
    app: Flask, settings: Settings, slot: int
) -> None:
    sam = booker(app, settings, slot)
    opened = nonce(sam.client.get(sam.link))
    with db.transaction():
        room = db.session.get_one(Series, slot).room
        make.visit(datetime(2026, 12, 3, 14, 30), room=room)  # noqa: DTZ001  (a wall time)
    gone = sam.client.post(sam.link, data={"nonce": opened, "day": f"{slot}-{DECEMBER}"})
    assert (gone.status_code, "Deze dag kunt u niet meer kiezen." in gone.text) == (409, True)
    assert f"{slot}-{JANUARY}" in gone.text
    none = sam.press()
    assert (none.status_code, "Kies een dag." in none.text) == (422, True)
    assert states() == {}


def test_who_organises_makes_changes_and_closes_a_standing_slot(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        room, team = make.room(name="Kamer 1").id, make.team("Bellers").id
    client = signed_in(app, "organiser")
    typed = {
        "name": "Open dinsdag", "nth": "5", "weekday": "1", "from": "9:30", "until": "10:15", "room": str(room),
        "zone": make.ZONE, "host": "me", "teams": str(team), "seats": "8", "storyteller_places": "2", "notice": "24",
        "horizon": "8",
    }  # fmt: skip
    wrong = post(client, "/visits/standing/new", "/visits/standing/new", **typed | {"until": "9:00", "horizon": "99"})
    assert wrong.status_code == 422
    assert "Open dinsdag" in wrong.text
    assert "Vul een heel getal in van 1 tot en met 52." in wrong.text
    assert post(client, "/visits/standing/new", "/visits/standing/new", **typed).status_code == 303
    listed = client.get("/visits/standing").text
    assert "Elke laatste dinsdag van de maand, 09:30–10:15 uur; Kamer 1" in listed
    with db.transaction():
        made = db.session.scalars(select(Series)).one()
        assert [each.name for each in made.teams] == ["Bellers"]
        assert (made.days(NOW), made.host.name.full) == ([date(2026, 11, 24), date(2026, 12, 29)], "Anna Bakker")
    page = f"/visits/standing/{made.id}"
    post(client, page, page, **typed | {"name": "Dinsdag", "teams": ""})
    post(client, f"{page}/closing", "/visits/standing")
    with db.transaction():
        again = db.session.scalars(select(Series)).one()
        assert (again.name, again.teams, again.closed_at is None) == ("Dinsdag", [], False)


@pytest.mark.usefixtures("slot")
def test_the_link_is_made_at_a_press_for_who_agrees_and_stands_on_the_page(app: Flask) -> None:
    with db.transaction():
        sam, noor = willing().id, make.customer("Noor Bakker").id
    client = signed_in(app, "organiser")
    assert "Laat een datum kiezen" in client.get(f"/customers/{sam}").text
    assert "Laat een datum kiezen" not in client.get(f"/customers/{noor}").text
    page = f"/customers/{sam}/choosing"
    assert "/b/" not in client.get(page).text
    assert post(client, page, page).status_code == 303
    assert "/b/" in client.get(page).text
    assert post(client, f"/customers/{noor}/choosing", "/customers/new").status_code == 409
