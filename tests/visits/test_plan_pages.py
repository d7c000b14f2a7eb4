"""Planning a visit on its page: filled in, kept when something is wrong, and one visit however often it is sent."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.factories import NOW, VISIT_AT
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from tests.visits.desk import Desk, form_of, heading, picks, summary, text, visit
from webapp import db
from webapp.invitations.visit_list import ON_A_PAGE
from webapp.visits.models import Room, Visit

GAP, FOLD = "2027-03-28", "2027-10-31"
SCRIPT = "<script>alert(1)</script>"


def test_a_new_visit_opens_filled_in(desk: Desk) -> None:
    form = form_of(desk.open("/visits/new"), "/visits").values
    assert {name: form[name] for name in ("date", "from", "until", "room", "host", "seats", "storyteller_places")} == {
        "date": ["2026-12-07"], "from": ["14:00"], "until": ["14:45"], "room": str(desk.rooms[0]), "host": "me",
        "seats": ["12"], "storyteller_places": ["3"],
    }  # fmt: skip
    assert "customers" not in form


def test_who_was_selected_among_customers_is_ticked(desk: Desk) -> None:
    by_address = desk.open("/visits/new?customers=" + ",".join(map(str, desk.customers)))
    token = form_of(by_address, "/visits").values["csrf_token"]
    by_button = desk.client.post("/visits/new", data={"customers": desk.customers, "csrf_token": token})
    for page in (by_address, by_button):
        assert sorted(map(int, form_of(page, "/visits").values["customers"])) == sorted(desk.customers)


def test_a_planned_visit_has_its_time_place_people_and_draft(desk: Desk) -> None:
    visit_id = desk.planned(reason_nl="U belde  met ons.\r\n", seats="4")
    with db.transaction():
        planned = visit(visit_id)
        assert (planned.wall.isoformat(), planned.minutes, planned.zone) == (
            "2026-12-07T14:00:00",
            45,
            "Europe/Amsterdam",
        )
        assert (planned.room_id, planned.seats, planned.reason_nl) == (desk.rooms[0], 4, "U belde met ons.")
        assert planned.host.name.full == planned.organiser.name == "Anna Bakker"
        assert planned.draft == {"customers": sorted([*desk.customers, desk.phone]), "staff": sorted(desk.staff)}
        assert planned.invited_at is None


def test_the_first_room_is_made_along_the_way(desk: Desk) -> None:
    with db.transaction():
        for room in Room.open_ones():
            room.closed_at = NOW
    page = desk.open("/visits/new")
    assert form_of(page, "/visits").values["room"] == ["new"]
    told = desk.press(page, "/visits", room_name="Stadhuis, kamer 2.14")
    with db.transaction():
        made = visit(int(told.location.split("/")[2])).room
        assert made is not None
        assert made.name == "Stadhuis, kamer 2.14"


def test_without_a_room_a_visit_is_online(desk: Desk) -> None:
    visit_id = desk.planned(room="", link="https://meet.example/12")
    with db.transaction():
        assert (visit(visit_id).room_id, visit(visit_id).link) == (None, "https://meet.example/12")


def test_a_double_click_is_one_visit_and_another_time_moves_it(desk: Desk) -> None:
    form = form_of(desk.open("/visits/new"), "/visits").values
    first, second = (desk.client.post("/visits", data=form) for _ in range(2))
    third = desk.client.post("/visits", data=form | {"from": "10:00", "until": "11:00"})
    assert first.location == second.location == third.location
    with db.transaction():
        assert [each.wall.isoformat() for each in db.session.query(Visit)] == ["2026-12-07T10:00:00"]


def test_a_taken_room_offers_what_is_free_nearby_and_loses_nothing(desk: Desk) -> None:
    desk.planned()
    refused = desk.plan(
        reason_nl="U kent ons.", seats="7", **{"from": "14:15", "until": "15:15", "room": str(desk.rooms[0])}
    )
    assert refused.status_code == 409
    assert summary(refused) == [
        "Kamer 1 is net bezet. Dichtbij vrij: ma 7 dec 14:15 uur in Kamer 2, ma 7 dec 14:45 uur in Kamer 1 en "
        "ma 7 dec 15:15 uur in Kamer 1. Wat je typte, staat er nog."
    ]
    assert "<title>Fout: " in refused.text
    kept = form_of(refused, "/visits").values
    assert (kept["reason_nl"], kept["seats"], kept["from"], kept["until"]) == (
        ["U kent ons."],
        ["7"],
        ["14:15"],
        ["15:15"],
    )
    assert sorted(map(int, kept["customers"])) == sorted([*desk.customers, desk.phone])
    value, label = picks(refused)[0]
    assert label == "ma 7 dec 14:15 uur in Kamer 2"
    told = desk.press(refused, "/visits", pick=value)
    with db.transaction():
        planned = visit(int(told.location.split("/")[2]))
        assert (planned.room_id, planned.minutes, planned.reason_nl) == (desk.rooms[1], 60, "U kent ons.")


def test_in_the_spring_gap_two_times_are_offered(desk: Desk) -> None:
    refused = desk.plan(date=GAP, **{"from": "02:30", "until": "03:15"})
    assert refused.status_code == 422
    assert summary(refused) == [
        "Op zondag 28 maart bestaat 02:30 uur niet: de klok gaat vooruit. Kies 01:30 uur of 03:30 uur."
    ]
    (early, _), (late, _) = picks(refused)
    told = desk.press(refused, "/visits", pick=late)
    with db.transaction():
        planned = visit(int(told.location.split("/")[2]))
        assert (planned.wall.isoformat(), planned.minutes) == ("2027-03-28T03:30:00", 45)
        assert planned.starts_at.isoformat() == "2027-03-28T01:30:00+00:00"
    assert early.startswith("2027-03-28T01:30|45|")


@pytest.mark.parametrize(("nth", "starts"), [(0, "2027-10-31T00:30:00+00:00"), (1, "2027-10-31T01:30:00+00:00")])
def test_in_the_autumn_fold_we_ask_which(desk: Desk, nth: int, starts: str) -> None:
    refused = desk.plan(date=FOLD, **{"from": "02:30", "until": "03:15"})
    assert refused.status_code == 422
    assert summary(refused) == [
        "Op zondag 31 oktober is het twee keer 02:30 uur. Bedoel je de eerste (zomertijd) of de tweede (wintertijd)?"
    ]
    told = desk.press(refused, "/visits", pick=picks(refused)[nth][0])
    with db.transaction():
        planned = visit(int(told.location.split("/")[2]))
        assert (planned.fold, planned.starts_at.isoformat()) == (nth, starts)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"date": ""}, "Vul een datum in."),
        ({"date": "31-2-2027"}, "31-2-2027 is geen datum. Schrijf bijvoorbeeld 3-12-2026."),
        ({"date": "0001-01-01"}, "0001-01-01 is geen datum. Schrijf bijvoorbeeld 3-12-2026."),
        ({"date": "23-11-2026", "from": "08:00", "until": "08:45"}, "Dit moment is al geweest. Kies een later moment."),
        ({"from": "vier uur"}, "vier uur is geen tijd. Schrijf bijvoorbeeld 14:00."),
        ({"from": "24:00"}, "24:00 is geen tijd. Schrijf bijvoorbeeld 14:00."),
        ({"until": "13:00"}, "Het einde komt na het begin, hoogstens twaalf uur later."),
        ({"zone": "Mars/Olympus"}, "Deze tijdzone kennen we niet. Schrijf hem als Europe/Amsterdam."),
        ({"seats": "0"}, "Vul een heel getal in van 1 tot en met 500."),
        ({"seats": "9" * 40}, "Vul een heel getal in van 1 tot en met 500."),
        ({"storyteller_places": "drie"}, "Vul een heel getal in van 1 tot en met 20."),
        ({"room": "", "link": ""}, "Kies een ruimte, of vul een link in voor een online bezoek."),
        ({"room": "new", "room_name": " \n "}, "Vul de naam van de ruimte in."),
        ({"link": "javascript:alert(1)"}, "Dit is geen adres van een pagina. Zo'n adres begint met https://."),
        ({"link": "https://[::1"}, "Dit is geen adres van een pagina. Zo'n adres begint met https://."),
        ({"host": "999999"}, "Kies wie de klanten ontvangt."),
        ({"reason_nl": "x" * 301}, "Te lang: 301 tekens, hoogstens 300."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_stays_typed(desk: Desk, typed: dict[str, str], said: str) -> None:
    refused = desk.plan(**typed)
    assert (refused.status_code, summary(refused)) == (422, [said])
    kept = form_of(refused, "/visits").values
    assert {name: kept[name] for name in typed if name in kept and name not in ("room", "host")} == {
        name: [value] for name, value in typed.items() if name not in ("room", "host")
    }
    with db.transaction():
        assert db.session.query(Visit).count() == 0


@pytest.mark.parametrize("typed", ["3-12-2026", "3/12/2026", "03.12.2026"])
def test_a_date_may_be_written_as_people_write_it(desk: Desk, typed: str) -> None:
    visit_id = desk.planned(date=typed, **{"from": "14", "until": "14.45"})
    with db.transaction():
        assert visit(visit_id).wall == VISIT_AT


def test_what_no_keyboard_types_is_refused_and_plans_nothing(desk: Desk) -> None:
    assert desk.plan(reason_nl="U kent ons\0").status_code == 400
    with db.transaction():
        assert db.session.query(Visit).count() == 0


def test_script_and_line_ends_are_only_text(desk: Desk) -> None:
    nasty = f"{SCRIPT}\r\nBcc: x@example.com"
    visit_id = desk.planned(reason_nl=nasty, reason_en=nasty, room="new", room_name=nasty)
    with db.transaction():
        planned = visit(visit_id)
        assert planned.reason_nl == planned.reason_en == f"{SCRIPT} Bcc: x@example.com"
        assert planned.room is not None
        assert planned.room.name == f"{SCRIPT} Bcc: x@example.com"
    for path in (
        f"/visits/{visit_id}/check",
        f"/visits/{visit_id}",
        f"/visits/{visit_id}/edit",
        "/visits",
        "/admin/rooms",
    ):
        assert SCRIPT not in desk.open(path).text


def test_until_somebody_is_invited_all_can_be_changed(desk: Desk) -> None:
    visit_id = desk.planned()
    page = desk.open(f"/visits/{visit_id}/edit")
    assert heading(page) == "Andere tijd of plek"
    told = desk.press(page, "/edit", date="2026-12-09", customers=desk.customers[:1])
    assert told.location == f"/visits/{visit_id}/check"
    with db.transaction():
        assert (visit(visit_id).wall.isoformat(), visit(visit_id).revision) == ("2026-12-09T14:00:00", 0)
        assert visit(visit_id).draft == {"customers": desk.customers[:1], "staff": sorted(desk.staff)}


def test_after_that_only_what_needs_no_mail(desk: Desk) -> None:
    visit_id = desk.sent()
    page = desk.open(f"/visits/{visit_id}/edit")
    assert "date" not in form_of(page, "/edit").values
    told = desk.press(page, "/edit", seats="20", date="2026-12-09", teams=[desk.team])
    assert told.location == f"/visits/{visit_id}"
    with db.transaction():
        changed = visit(visit_id)
        assert (changed.seats, changed.wall.isoformat(), changed.draft) == (20, "2026-12-07T14:00:00", None)


def test_visits_stand_by_week_with_what_they_wait_for(desk: Desk, clock: Clock) -> None:
    assert heading(desk.open("/visits")) == "Nog geen bezoeken gepland"
    desk.planned()
    desk.sent(date="2026-12-15")
    page = desk.open("/visits")
    assert heading(page) == "2 bezoeken gepland"
    assert "Week van maandag 7 december" in text(page)
    assert "Week van maandag 14 december" in text(page)
    assert ("nog niet verstuurd" in text(page), "nog geen verteller" in text(page)) == (True, True)
    clock.at(NOW.replace(year=2027))
    assert heading(desk.open("/visits?when=past")) == "2 bezoeken zijn geweest"


def test_a_meelezer_sees_visits_and_changes_none(desk: Desk) -> None:
    visit_id = desk.sent()
    viewer = signed_in(desk.client.application, "viewer")
    assert viewer.get(f"/visits/{visit_id}").status_code == 200
    assert "Nodig meer mensen uit" not in viewer.get(f"/visits/{visit_id}").text
    for path in ("check", "edit", "move", "cancellation", "invite", "attendance"):
        assert viewer.get(f"/visits/{visit_id}/{path}").status_code == 404


def test_a_visit_that_is_not_there_is_not_found(desk: Desk) -> None:
    for path in ("", "/check", "/edit", "/move", "/cancellation", "/invite", "/attendance", "/live", "/sending"):
        assert desk.open(f"/visits/999999{path}").status_code == 404


def test_rooms_are_added_mended_closed_and_opened_again(desk: Desk) -> None:
    page = desk.open("/admin/rooms")
    assert heading(page) == "2 ruimtes"
    assert summary(desk.press(page, "/admin/rooms", name="kamer 1")) == [
        "Er is al een ruimte met deze naam. Open of wijzig die."
    ]
    desk.press(page, "/admin/rooms", name="Aula", meeting_point="bij de\r\ntrap", seats="80")
    with db.transaction():
        aula = db.session.query(Room).filter_by(name="Aula").one()
        assert (aula.meeting_point, aula.seats) == ("bij de trap", 80)
    desk.press(desk.open(f"/admin/rooms/{aula.id}"), str(aula.id), name="Aula Magna")
    closed = desk.press(desk.open("/admin/rooms"), f"/{aula.id}/closing")
    assert "Maak ongedaan" in text(desk.open(closed.location))
    assert str(aula.id) not in re_rooms(desk)
    desk.press(desk.open("/admin/rooms"), f"/{aula.id}/opening")
    assert str(aula.id) in re_rooms(desk)
    with db.transaction():
        make.room()


def re_rooms(desk: Desk) -> str:
    """The rooms a new visit may choose from."""
    page = desk.open("/visits/new").text
    return page[page.index('name="room"') : page.index("</select>")]


def test_past_visits_stand_on_pages(desk: Desk, clock: Clock) -> None:
    with db.transaction():
        organiser, host, room = make.account(), make.staff_member(), make.room()
        for hour in range(ON_A_PAGE + 1):
            at = VISIT_AT - timedelta(days=30, hours=hour)
            make.visit(at=at, organiser=organiser, host=host, room=room, teams=[make.team()])
    first = desk.open("/visits?when=past")
    assert heading(first) == "51 bezoeken zijn geweest"
    assert first.text.count('class="date-card"') == ON_A_PAGE
    assert desk.open("/visits?when=past&page=2").text.count('class="date-card"') == 1
