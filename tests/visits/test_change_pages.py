"""Moving and cancelling on their pages: who hears of it is seen first, it happens at once, and is taken back in the hold."""

import re
from html import unescape

import pytest
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from tests.visits.desk import Desk, form_of, heading, picks, summary, text, visit
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.visits.models import Room, Visit


@pytest.fixture
def sent(database: Engine, desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> int:
    """A visit whose invitations have left: Sam said yes, Noor said no, Beyoncé-Lou and the team are silent."""
    rounds.tick(settings, wide=True)
    visit_id = desk.sent()
    leave(settings, clock)
    with db.transaction():
        for each in Invitation.of_visit(visit_id):
            if each.person.name.family in ("Vries", "Boer"):
                each.answer("accepted" if each.person.name.family == "Vries" else "declined", clock.forward(minutes=1))
    leave(settings, clock)
    smtp.mails.clear()
    return visit_id


def leave(settings: Settings, clock: Clock) -> None:
    """The hold passes, and the workers do a round."""
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)


def moving(visit_id: int, **changes: str) -> str:
    fields = {"date": "2026-12-08", "from": "10:00", "until": "10:45", "zone": "Europe/Amsterdam"} | changes
    return f"/visits/{visit_id}/move/check?" + "&".join(f"{name}={value}" for name, value in fields.items())


def moved(desk: Desk, visit_id: int, **changes: str) -> None:
    page = desk.open(moving(visit_id, **{"room": str(desk.rooms[0])} | changes))
    told = desk.press(page, "/move")
    assert (told.status_code, told.location) == (303, f"/visits/{visit_id}")


def test_the_form_opens_with_what_stands_now(desk: Desk, sent: int) -> None:
    form = form_of(desk.open(f"/visits/{sent}/move"), "/move/check").values
    assert (form["date"], form["from"], form["until"], form["room"]) == (
        ["2026-12-07"], ["14:00"], ["14:45"], str(desk.rooms[0]),
    )  # fmt: skip


def test_before_it_moves_one_sees_who_hears_of_it_and_how(desk: Desk, sent: int) -> None:
    page = desk.open(moving(sent, room=str(desk.rooms[0])))
    assert heading(page) == "Van ma 7 dec, 14:00 naar di 8 dec, 10:00"
    assert "Verplaats en mail 5 mensen" in text(page)
    assert "New time: Tuesday 8 December, 10:00" in text(page)
    assert "Noor de Boer" not in text(page)
    frame = re.search(r'<iframe[^>]*src="([^"]*)"', page.text)
    assert frame
    mail = desk.open(unescape(frame[1]))
    assert "Tuesday 8 December" in mail.text
    assert "default-src 'none'" in mail.headers["Content-Security-Policy"]
    with db.transaction():
        assert (visit(sent).wall.isoformat(), visit(sent).revision) == ("2026-12-07T14:00:00", 0)


def test_it_moves_at_once_and_the_mail_leaves_after_the_hold(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    moved(desk, sent)
    page = desk.open(f"/visits/{sent}")
    assert heading(page).startswith("Di 8 dec:")
    assert re.search(r"Verplaatst; de mail gaat zo weg\. Maak ongedaan", text(page))
    rounds.tick(settings, wide=True)
    assert rounds.deliver(settings, 5) == 0
    leave(settings, clock)
    assert sorted(mail.subject for mail in smtp.mails) == [
        "New time: Tuesday 8 December, 10:00", *["Nieuwe tijd: dinsdag 8 december, 10:00 uur"] * 4,
    ]  # fmt: skip
    assert "Maak ongedaan" not in text(desk.open(f"/visits/{sent}"))


def test_who_said_yes_keeps_one_calendar_entry_and_no_mail_cancels_it(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    with db.transaction():
        sam = next(each for each in Invitation.of_visit(sent) if each.person.name.family == "Vries")
        assert sam.address is not None
        uid, email = str(sam.calendar_uid), sam.address.email
    moved(desk, sent)
    leave(settings, clock)
    (mail,) = smtp.to(email)
    calendar = mail.text("calendar")
    assert (f"UID:{uid}" in calendar, "SEQUENCE:1\r\n" in calendar, "METHOD:PUBLISH" in calendar) == (True, True, True)
    files = [part for each in smtp.mails for part in each.message.walk() if part.get_content_type() == "text/calendar"]
    assert {part.get_param("method") for part in files} == {"PUBLISH"}


def test_undone_within_the_hold_nobody_hears_of_it(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    moved(desk, sent)
    told = desk.press(desk.open(f"/visits/{sent}"), "/move/undo")
    assert "Teruggezet. Er is niets verstuurd." in text(desk.open(told.location))
    leave(settings, clock)
    with db.transaction():
        assert (visit(sent).wall.isoformat(), visit(sent).revision, smtp.mails) == ("2026-12-07T14:00:00", 0, [])


def test_five_moves_in_the_hold_are_one_mail_about_the_last(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    for day in range(8, 12):
        moved(desk, sent, date=f"2026-12-{day:02}")
        clock.forward(seconds=10)
    leave(settings, clock)
    assert len(smtp.mails) == 5
    assert {mail.subject for mail in smtp.mails} == {
        "New time: Friday 11 December, 10:00", "Nieuwe tijd: vrijdag 11 december, 10:00 uur",
    }  # fmt: skip


def test_every_button_pressed_twice_is_pressed_once(desk: Desk, sent: int) -> None:
    def twice(page: TestResponse, action: str) -> None:
        form = form_of(page, action)
        first, second = (desk.client.post(form.action, data=form.values) for _ in range(2))
        assert (first.status_code, second.status_code, second.location) == (303, 303, first.location)

    twice(desk.open(moving(sent, room=str(desk.rooms[0]))), "/move")
    with db.transaction():
        assert visit(sent).revision == 1
    twice(desk.open(f"/visits/{sent}"), "/move/undo")
    assert "Te laat" not in text(desk.open(f"/visits/{sent}"))
    twice(desk.open(f"/visits/{sent}/cancellation"), "/cancellation")
    with db.transaction():
        assert visit(sent).revision == 1
    twice(desk.open(f"/visits/{sent}"), "/cancellation/undo")
    with db.transaction():
        assert (visit(sent).revision, visit(sent).cancelled_at) == (0, None)


def test_too_late_to_undo_is_said(desk: Desk, sent: int, settings: Settings, clock: Clock) -> None:
    moved(desk, sent)
    page = desk.open(f"/visits/{sent}")
    leave(settings, clock)
    told = desk.press(page, "/move/undo")
    assert "Te laat: de mail gaat al weg." in text(desk.open(told.location))


def test_a_taken_room_is_said_before_and_at_the_last_moment(desk: Desk, sent: int) -> None:
    check = desk.open(moving(sent, room=str(desk.rooms[1])))
    with db.transaction():
        other = desk_visit(desk)
        other_id = other.id
    for refused in (desk.open(moving(sent, room=str(desk.rooms[1]))), desk.press(check, "/move")):
        assert (refused.status_code, len(picks(refused))) == (409, 3)
        assert summary(refused)[0].startswith("Kamer 2 is net bezet. Dichtbij vrij: di 8 dec 10:00 uur in Kamer 1")
    free = desk.client.get(form_of(refused, "/move/check").action, query_string=as_picked(refused))
    assert heading(free) == "Van ma 7 dec, 14:00 naar di 8 dec, 10:00"
    assert other_id != sent


def as_picked(page: TestResponse) -> dict[str, object]:
    return form_of(page, "/move/check").values | {"pick": picks(page)[0][0]}


def desk_visit(desk: Desk) -> Visit:
    """Somebody else's, Tuesday at ten in the second room."""
    room = db.session.get_one(Room, desk.rooms[1])
    return make.visit(at=NOW.replace(tzinfo=None, month=12, day=8, hour=10), room=room, organiser=make.account())


def test_an_unclear_time_is_asked_about(desk: Desk, sent: int) -> None:
    refused = desk.open(moving(sent, date="2027-03-28", room=str(desk.rooms[0]), **{"from": "02:30", "until": "03:15"}))
    assert (refused.status_code, len(picks(refused))) == (422, 2)


def test_a_new_room_is_made_only_when_it_moves(desk: Desk, sent: int) -> None:
    page = desk.open(moving(sent, room="new", room_name="Aula"))
    with db.transaction():
        assert db.session.query(Room).filter_by(name="Aula").count() == 0
    desk.press(page, "/move")
    with db.transaction():
        room = visit(sent).room
        assert room is not None
        assert room.name == "Aula"


def test_moved_without_anybody_having_heard_of_it_is_without_mail(desk: Desk) -> None:
    visit_id = desk.sent()
    page = desk.open(moving(visit_id, room=str(desk.rooms[0])))
    assert "Verplaats zonder mail" in text(page)
    assert "Niemand krijgt mail" in text(page)


def test_cancelling_shows_who_hears_of_it_with_the_reason_as_typed(desk: Desk, sent: int) -> None:
    page = desk.open(f"/visits/{sent}/cancellation")
    assert heading(page) == "Het bezoek van maandag 7 december afgelasten?"
    assert "Gelast af en mail 5 mensen" in text(page)
    form = form_of(page, "/cancellation")
    frame = re.search(r'formaction="([^"]*)"', page.text)
    assert frame
    mail = desk.client.post(unescape(frame[1]), data=form.values | {"reason_en": "The host is ill"})
    assert "The host is ill." in mail.text
    with db.transaction():
        assert visit(sent).cancelled_at is None


def test_cancelled_the_mail_leaves_after_the_hold_in_each_language(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    told = desk.press(
        desk.open(f"/visits/{sent}/cancellation"), "/cancellation",
        reason_nl="De gastgever is ziek", host_will_call="1",
    )  # fmt: skip
    page = desk.open(told.location)
    assert heading(page) == "Ma 7 dec: afgelast"
    assert re.search(r"Afgelast; de mail gaat zo weg\. Maak ongedaan", text(page))
    leave(settings, clock)
    words = {mail.subject: " ".join(mail.text("plain").split()) for mail in smtp.mails}
    assert set(words) == {"Cancelled: Monday 7 December, 14:00", "Afgelast: maandag 7 december, 14:00 uur"}
    assert "ziek" not in words["Cancelled: Monday 7 December, 14:00"]
    assert "Anna will call you about another time." in words["Cancelled: Monday 7 December, 14:00"]
    assert all(
        "De gastgever is ziek." in mail.text("plain") for mail in smtp.mails if mail.subject.startswith("Afgelast")
    )
    assert desk.open(f"/visits/{sent}/move").status_code == 404


def test_a_cancellation_is_taken_back_in_the_hold(
    desk: Desk, sent: int, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    told = desk.press(desk.open(f"/visits/{sent}/cancellation"), "/cancellation")
    desk.press(desk.open(told.location), "/cancellation/undo")
    leave(settings, clock)
    with db.transaction():
        assert (visit(sent).cancelled_at, visit(sent).revision, smtp.mails) == (None, 0, [])


def test_a_cancellation_is_not_taken_back_into_a_room_that_is_gone(desk: Desk, sent: int) -> None:
    told = desk.press(desk.open(f"/visits/{sent}/cancellation"), "/cancellation")
    page = desk.open(told.location)
    desk.planned()
    said = desk.press(page, "/cancellation/undo")
    assert "De ruimte is op dat moment nu van een ander. Plan een nieuw bezoek." in text(desk.open(said.location))


def test_too_long_a_reason_is_refused_and_stays_typed(desk: Desk, sent: int) -> None:
    refused = desk.press(desk.open(f"/visits/{sent}/cancellation"), "/cancellation", reason_nl="x" * 301)
    assert (refused.status_code, summary(refused)) == (422, ["Te lang: 301 tekens, hoogstens 300."])
    assert form_of(refused, "/cancellation").values["reason_nl"] == ["x" * 301]
