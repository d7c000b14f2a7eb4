"""Another time: free ones as boxes; a certain one is booked at once, and the old time stands until then."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests import factories as make
from tests.doors import door, nonce, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from tests.visits.desk import Desk, form_of, heading, picks, summary, text
from tests.visits.desk import desk as desk_of
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.invitations.moments import FreeTimes
from webapp.visits.models import Visit


@pytest.fixture
def phone(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def desk(app: Flask, clock: Clock) -> Desk:
    return desk_of(app, clock)


@pytest.fixture
def sam(database: Engine, clock: Clock) -> int:
    """Asked for Thursday 3 December, 14:00, with a team of three; the only storyteller."""
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        return make.invitation(visit(), make.customer("mevrouw Sam de Vries")).id


def visit() -> Visit:
    team = make.team()
    for name in ("Tariq Müller", "Femke van Dijk", "Łukasz Nguyễn"):
        make.staff_member(name, team)
    return make.visit(teams=[team], room=make.room())


def boxes(page: str) -> list[str]:
    return re.findall(r'name="slot" value="([^"]*)"', page)


def stands(id: int) -> tuple[str, str, int]:
    with db.transaction():
        found = db.session.get_one(Invitation, id)
        return f"{found.visit.wall:%Y-%m-%dT%H:%M}", found.state, found.visit.revision


def test_six_free_times_are_offered_near_the_old_one(settings: Settings, phone: FlaskClient, sam: int) -> None:
    page = phone.get(door(settings, "answer", sam) + "/times").text
    assert len(boxes(page)) == 6
    assert boxes(page) == sorted(boxes(page))
    assert (page.count("direct vast"), "2026-12-03T14:00" in boxes(page)) == (6, False)


def test_a_certain_time_is_booked_at_once_and_the_receipt_says_so(
    settings: Settings, phone: FlaskClient, sam: int
) -> None:
    link = door(settings, "answer", sam)
    told = press(phone, link + "/times", slot="2026-12-04T14:00")
    assert (told.status_code, told.location) == (303, link + "/done")
    assert heading(phone.get(link)) == "U komt vrijdag 4 december"
    assert stands(sam) == ("2026-12-04T14:00", "accepted", 1)


def test_a_second_click_on_the_button_is_the_same_booking(settings: Settings, phone: FlaskClient, sam: int) -> None:
    link = door(settings, "answer", sam) + "/times"
    same = nonce(phone.get(link))
    answers = [phone.post(link, data={"nonce": same, "slot": "2026-12-04T14:00"}).status_code for _ in range(2)]
    assert (answers, stands(sam)) == ([303, 303], ("2026-12-04T14:00", "accepted", 1))


def test_with_another_storyteller_no_time_is_certain_and_the_old_one_stands(
    settings: Settings, phone: FlaskClient, sam: int
) -> None:
    with db.transaction():
        make.invitation(db.session.get_one(Invitation, sam).visit, make.customer("Bo Jansen"))
    link = door(settings, "answer", sam)
    assert "direct vast" not in phone.get(link + "/times").text
    press(phone, link + "/times", slot=["2026-12-04T14:00", "2026-12-08T14:00"], note="Liefst vroeg")
    assert stands(sam) == ("2026-12-03T14:00", "proposed", 0)
    receipt = phone.get(link).text
    assert "vrijdag 4 december, 14:00 uur; dinsdag 8 december, 14:00 uur" in receipt
    assert 'value="2026-12-08T14:00" checked' in phone.get(link + "/times").text


def test_who_takes_a_time_that_was_just_taken_loses_nothing_typed(
    settings: Settings, phone: FlaskClient, sam: int
) -> None:
    link = door(settings, "answer", sam)
    opened = nonce(phone.get(link + "/times"))
    with db.transaction():
        mine = db.session.get_one(Invitation, sam).visit
        make.visit(mine.wall.replace(day=4), room=mine.room, host=mine.host)
    typed = {
        "nonce": opened,
        "slot": ["2026-12-04T14:00", "2026-12-08T14:00"],
        "part": "tue-evening",
        "note": "Met hulp",
    }
    told = phone.post(link + "/times", data=typed)
    assert (told.status_code, stands(sam)) == (409, ("2026-12-03T14:00", "hinted", 0))
    (said,) = summary(told)
    assert said == (
        "Dit moment is net bezet. Deze zijn vrij: donderdag 3 december, 15:30 uur; vrijdag 4 december, 11:00 uur; "
        "vrijdag 4 december, 15:30 uur."
    )
    assert 'value="2026-12-08T14:00" checked' in told.text
    assert 'value="tue-evening" checked' in told.text
    assert "Met hulp" in told.text


@pytest.mark.parametrize("value", ["2026-12-05T14:00", "2026-12-04T03:00", "tomorrow", "2026-11-23T14:00"])
def test_a_time_that_was_never_offered_is_not_booked(
    settings: Settings, phone: FlaskClient, sam: int, value: str
) -> None:
    assert press(phone, door(settings, "answer", sam) + "/times", slot=value).status_code == 409
    assert stands(sam) == ("2026-12-03T14:00", "hinted", 0)


def test_a_time_is_free_when_room_host_team_and_customer_are(sam: int) -> None:
    with db.transaction():
        asked = db.session.get_one(Invitation, sam)
        mine = asked.visit
        assert asked.customer is not None
        elsewhere = make.room(name="Elders")
        make.visit(mine.wall.replace(day=4), room=elsewhere, teams=mine.teams)
        make.visit(mine.wall.replace(day=7), room=elsewhere, host=mine.host)
        make.answer(make.invitation(make.visit(mine.wall.replace(day=8), room=elsewhere), asked.customer))
        make.visit(mine.wall.replace(day=9), room=mine.room)
        one = make.visit(mine.wall.replace(day=10), room=elsewhere)
        make.answer(make.invitation(one, next(each for each in mine.teams[0].members if each.id != mine.host_id)))
        free = FreeTimes(mine, NOW, asked)
        assert [free.at(f"2026-12-{day:02}T14:00") for day in (4, 7, 8)] == [None] * 3
        other_room, one_of_three_away = free.at("2026-12-09T14:00"), free.at("2026-12-10T14:00")
        assert other_room
        assert other_room.slot.room == elsewhere
        assert one_of_three_away
        assert one_of_three_away.certain


def test_two_customers_take_the_last_certain_time_at_once_and_one_has_it(
    settings: Settings, app: Flask, sam: int
) -> None:
    with db.transaction():
        first = db.session.get_one(Invitation, sam).visit
        second = make.visit(first.wall.replace(hour=9, minute=30), room=first.room)
        bo = make.invitation(second, make.customer("Bo Jansen")).id
    start = threading.Barrier(2)

    def take(id: int) -> int:
        with app.test_client() as phone:
            link = door(settings, "answer", id) + "/times"
            opened = nonce(phone.get(link))
            start.wait(10)
            return phone.post(link, data={"nonce": opened, "slot": "2026-12-08T14:00"}).status_code

    with ThreadPoolExecutor(2) as both:
        codes = list(both.map(take, (sam, bo)))
    assert sorted(codes) == [303, 409]
    winner, loser = (sam, bo) if codes[0] == 303 else (bo, sam)
    assert (stands(winner)[:2], stands(loser)[1]) == (("2026-12-08T14:00", "accepted"), "hinted")


def test_an_organiser_agrees_in_three_clicks_and_who_suggested_it_comes(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay, app: Flask
) -> None:
    rounds.tick(settings, wide=True)
    visit_id = desk.sent()
    leave(settings, clock)
    with db.transaction():
        sam = next(each for each in Invitation.of_visit(visit_id) if each.person.name.family == "Vries")
        sam.answer("other", clock.forward(minutes=1), times={"dayparts": [], "note": "", "slots": ["2026-12-10T14:00"]})
        assert sam.address is not None
        id, uid, email = sam.id, str(sam.calendar_uid), sam.address.email
    leave(settings, clock)
    smtp.mails.clear()

    assert f'href="/visits/{visit_id}/move"' in desk.open("/today").text
    page = desk.open(f"/visits/{visit_id}/move")
    (wish,) = picks(page)
    assert wish[1].startswith("do 10 dec 14:00 uur")
    form = form_of(page, "/move/check")
    check = desk.client.get(form.action, query_string=form.values | {"pick": wish[0]})
    assert heading(check) == "Van ma 7 dec, 14:00 naar do 10 dec, 14:00"
    assert "Verplaats en mail 6 mensen" in text(check)
    assert stands(id) == ("2026-12-07T14:00", "proposed", 0)
    assert desk.press(check, "/move").status_code == 303
    assert stands(id) == ("2026-12-10T14:00", "proposed", 1)
    leave(settings, clock)
    assert stands(id) == ("2026-12-10T14:00", "accepted", 1)
    (mail,) = smtp.to(email)
    calendar = mail.text("calendar")
    assert (f"UID:{uid}" in calendar, "SEQUENCE:1\r\n" in calendar) == (True, True)
    leave(settings, clock)
    assert len(smtp.to(email)) == 1


def leave(settings: Settings, clock: Clock) -> None:
    """The hold passes, and the workers do a round."""
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)


def test_what_somebody_needs_reaches_the_run_sheet_and_the_host(
    desk: Desk, settings: Settings, phone: FlaskClient, sam: int
) -> None:
    link = door(settings, "answer", sam)
    press(phone, link, answer="accepted")
    press(phone, link + "/done", link + "/needs", need=["step_free", "interpreter", "a helicopter"])
    assert 'value="interpreter" checked' in phone.get(link).text
    with db.transaction():
        visit_id = db.session.get_one(Invitation, sam).visit_id
    said = "Sam de Vries heeft nodig: geen trappen, een tolk"
    assert said in text(desk.open(f"/visits/{visit_id}"))
    assert said in text(phone.get(door(settings, "host", visit_id)))
    press(phone, link + "/done", link + "/needs")
    assert "heeft nodig" not in text(desk.open(f"/visits/{visit_id}"))
