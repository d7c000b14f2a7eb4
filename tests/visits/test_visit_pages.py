"""The page of a visit while answers come in, and the day itself: who comes, who was there, on a desk and on a phone."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from tests import factories as make
from tests.doors import door, nonce
from tests.factories import NOW, VISIT_AT
from tests.fixtures.database import Clock
from tests.visits.desk import Desk, heading, text
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations import attending
from webapp.invitations.models import Attendance, Invitation
from webapp.mailing.models import Pause
from webapp.visits import run_sheet
from webapp.visits.models import Visit

DAY_AFTER = NOW + timedelta(days=1)


@pytest.fixture
def sent(database: Engine, desk: Desk, clock: Clock) -> int:
    """A visit everybody was invited to yesterday; nobody has answered."""
    visit_id = desk.sent()
    clock.at(DAY_AFTER)
    return visit_id


def invitation(visit_id: int, family: str) -> Invitation:
    return next(each for each in Invitation.of_visit(visit_id) if family in each.person.name.full)


def say(visit_id: int, family: str, kind: str, clock: Clock, **more: object) -> int:
    with db.transaction():
        found = invitation(visit_id, family)
        found.answer(kind, clock.forward(seconds=1), **more)  # type: ignore[arg-type]  # an AnswerKind
        return found.id


def present(visit_id: int) -> dict[str, bool]:
    with db.transaction():
        return {
            each.person.name.full: each.attendance.present for each in Invitation.of_visit(visit_id) if each.attendance
        }


def test_before_the_first_answer_it_says_when_the_reminder_leaves(desk: Desk, sent: int) -> None:
    page = desk.open(f"/visits/{sent}")
    assert heading(page) == "Ma 7 dec: 0 × ja, 7 × nog geen antwoord"
    assert "Nog niemand heeft geantwoord. De herinnering gaat do 26 nov, 09:00." in text(page)
    assert "Eén persoon om te bellen Kees Smit geen e-mailadres 06 12345678" in text(page)
    assert 'href="tel:0612345678"' in page.text


def test_every_answer_is_told_in_words(desk: Desk, sent: int, clock: Clock) -> None:
    say(sent, "Vries", "accepted", clock)
    say(sent, "Boer", "other", clock, times={"dayparts": [["tue", "morning"]], "note": "na tienen <b>"})
    say(sent, "Müller", "accepted", clock)
    say(sent, "Dijk", "declined", clock, channel="phone")
    with db.transaction():
        invitation(sent, "Öztürk").tapped("accepted", clock.forward(seconds=1))
    page = desk.open(f"/visits/{sent}")
    said = text(page)
    assert heading(page) == "Ma 7 dec: 2 × ja, 3 × nog geen antwoord"
    for words in (
        "1 van 3 vertellers komen Sam de Vries komt vandaag, 09:00",
        "Noor de Boer kan wel: dinsdagochtend “na tienen <b>” stelt een ander moment voor",
        "Beyoncé-Lou van der Meer-Öztürk tikte “ja”, nog niet bevestigd herinnering do 26 nov",
        "1 van 12 collega's komt Tariq Müller Bellers avond A komt",
        "Femke van Dijk Bellers avond A komt niet vandaag, 09:00, telefonisch",
        "Łukasz Nguyễn Bellers avond A nog geen antwoord herinnering do 26 nov",
        "Kees Smit bellen",
    ):
        assert words in said


def test_a_visit_elsewhere_says_whose_clock_it_is(desk: Desk) -> None:
    visit_id = desk.planned(zone="Europe/London")
    for path in ("", "/check"):
        assert "14:00–14:45 uur (Britse tijd)" in text(desk.open(f"/visits/{visit_id}{path}"))


def test_the_waiting_list_and_full_places_are_told(desk: Desk, clock: Clock) -> None:
    visit_id = desk.sent(seats="1", storyteller_places="1")
    clock.forward(days=1)
    for family in ("Vries", "Boer", "Müller", "Dijk"):
        say(visit_id, family, "accepted", clock)
    said = text(desk.open(f"/visits/{visit_id}"))
    assert "1 van 1 vertellers komen Alle plekken zijn bezet: herinneringen aan de anderen zijn gestopt." in said
    assert "Noor de Boer wil een andere keer" in said
    assert "1 van 1 collega's komt Eén collega wacht op een plek." in said
    assert "Femke van Dijk Bellers avond A op de wachtlijst" in said


def test_an_open_page_asks_again_and_hears_only_what_is_new(desk: Desk, sent: int, clock: Clock) -> None:
    page = desk.open(f"/visits/{sent}")
    live = re.search(r'data-live="([^"]*)" data-etag="([^"]*)"', page.text)
    assert live
    same = desk.client.get(live[1], headers={"If-None-Match": live[2]})
    assert (same.status_code, same.data) == (304, b"")
    say(sent, "Vries", "accepted", clock)
    new = desk.client.get(live[1], headers={"If-None-Match": live[2]})
    assert new.status_code == 200
    assert 'data-said="Eén nieuw antwoord" data-show="Toon het nieuwe"' in new.text
    assert '<template data-for="heading">Ma 7 dec: 1' in new.text
    again = desk.client.get(live[1], headers={"If-None-Match": new.headers["ETag"]})
    assert again.status_code == 304


def test_what_went_out_and_what_will_stand_in_one_line_of_time(
    desk: Desk, settings: Settings, clock: Clock, database: Engine
) -> None:
    rounds.tick(settings, wide=True)
    visit_id = desk.sent()
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)
    said = text(desk.open(f"/visits/{visit_id}"))
    timeline = said.partition("Wat er uitgaat")[2]
    assert "Uitnodiging vandaag, 09:01 · 3 klanten en 3 collega's Nu Eerste herinnering do 26 nov, 09:00 · " in timeline
    assert "Laatste herinnering wo 2 dec, 09:00 · 3 klanten en 3 collega's" in timeline
    with db.transaction():
        invitation(visit_id, "Vries").withdraw(clock.forward(hours=1))
    assert "Eerste herinnering do 26 nov, 09:00 · 2 klanten en 3 collega's" in text(desk.open(f"/visits/{visit_id}"))


def test_the_mail_of_one_visit_can_be_paused_and_resumed(
    desk: Desk, settings: Settings, clock: Clock, database: Engine
) -> None:
    rounds.tick(settings, wide=True)
    visit_id = desk.sent()
    desk.press(desk.open(f"/visits/{visit_id}"), "/pause")
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    assert rounds.deliver(settings, 5) == 0
    page = desk.open(f"/visits/{visit_id}")
    assert "Gepauzeerd door Anna Bakker sinds vandaag, 09:00: er gaat geen mail over dit bezoek weg." in text(page)
    desk.press(page, "/resume")
    with db.transaction():
        assert db.session.query(Pause).count() == 0
    assert rounds.deliver(settings, 10) == 6


def test_raised_seats_are_offered_to_who_waits(desk: Desk, settings: Settings, clock: Clock) -> None:
    visit_id = desk.sent(seats="1")
    clock.forward(days=1)
    for family in ("Müller", "Dijk"):
        say(visit_id, family, "accepted", clock)
    desk.press(desk.open(f"/visits/{visit_id}/edit"), "/edit", seats="2", teams=[desk.team])
    rounds.tick(settings)
    assert "Eén plek is aangeboden." in text(desk.open(f"/visits/{visit_id}"))


# The day itself


@pytest.fixture
def today(desk: Desk, sent: int, clock: Clock) -> int:
    """The visit has begun; Sam tells, Tariq and Femke said they would come."""
    for family in ("Vries", "Müller", "Dijk"):
        say(sent, family, "accepted", clock)
    with db.transaction():
        clock.at(db.session.get_one(Visit, sent).starts_at)
    return sent


def ids(visit_id: int, *families: str) -> list[int]:
    with db.transaction():
        return [invitation(visit_id, family).id for family in families]


def test_ticks_are_kept_and_nobody_is_absent_before_it_is_finished(desk: Desk, today: int) -> None:
    page = desk.open(f"/visits/{today}/attendance")
    assert heading(page) == "Wie was er?"
    assert "0 van 3 zijn er" in text(page)
    kept = desk.press(page, "/attendance", was=ids(today, "Vries", "Müller"))
    assert "Opgeslagen, 14:00" in text(desk.open(kept.location))
    assert present(today) == {"Sam de Vries": True, "Tariq Müller": True}
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", was=ids(today, "Vries"))
    assert present(today) == {"Sam de Vries": True}


def test_finished_who_was_expected_and_not_ticked_was_not_there(desk: Desk, today: int) -> None:
    page = desk.open(f"/visits/{today}/attendance")
    told = desk.press(page, "/attendance", was=ids(today, "Vries", "Müller", "Nguyễn"), finish="1")
    done = desk.open(told.location)
    assert "Afgerond. 3 mensen krijgen een bedankje." in text(done)
    assert present(today) == {
        "Sam de Vries": True, "Tariq Müller": True, "Łukasz Nguyễn": True, "Femke van Dijk": False,
    }  # fmt: skip
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", was=ids(today, "Vries"))
    assert present(today) == {
        "Sam de Vries": True, "Tariq Müller": False, "Łukasz Nguyễn": False, "Femke van Dijk": False,
    }  # fmt: skip


def test_everybody_is_ticked_with_one_press(desk: Desk, today: int) -> None:
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", all="1")
    assert present(today) == {"Sam de Vries": True, "Tariq Müller": True, "Femke van Dijk": True}


def test_ticked_by_two_at_once_it_is_one_tick(desk: Desk, today: int, database: Engine) -> None:
    now, there = NOW + timedelta(days=14), ids(today, "Vries", "Müller", "Dijk")

    def tick(_n: int) -> None:
        with db.transaction():
            attending.tick(db.session.get_one(Visit, today), there, now)

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(tick, range(6))) == [None] * 6
    assert present(today) == {"Sam de Vries": True, "Tariq Müller": True, "Femke van Dijk": True}


def test_a_tick_keeps_its_moment(desk: Desk, today: int, clock: Clock) -> None:
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", was=ids(today, "Vries"))
    clock.forward(hours=2)
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", was=ids(today, "Vries"), finish="1")
    with db.transaction():
        moments = {each.present: each.at for each in db.session.query(Attendance)}
        assert moments[True] + timedelta(hours=2) <= moments[False]


def test_before_it_begins_nothing_can_be_finished(desk: Desk, sent: int) -> None:
    page = desk.open(f"/visits/{sent}/attendance")
    assert "Rond af" not in text(page)
    desk.press(page, "/attendance", finish="1")
    with db.transaction():
        assert db.session.get_one(Visit, sent).finished_at is None


def test_the_host_has_it_all_on_a_phone_without_script(desk: Desk, today: int, settings: Settings) -> None:
    path = door(settings, "host", today)
    phone = desk.client.application.test_client()
    page = phone.get(path)
    assert heading(page) == "Sam vertelt"
    said = text(page)
    for words in (
        "Sam de Vries vertelt 06 12345678",
        "De vijf minuten van Sam",
        "0 van 3 zijn er",
        "Anna Bakker als er iets misgaat",
    ):
        assert words in said
    assert "Set-Cookie" not in page.headers
    saved = phone.post(path, data={"nonce": nonce(page), "was": ids(today, "Vries")})
    assert (saved.status_code, saved.location) == (303, f"{path}?saved=1#who")
    assert "Opgeslagen, 14:00" in text(phone.get(saved.location))
    phone.post(path, data={"nonce": nonce(phone.get(path)), "all": "1", "finish": "1"})
    assert present(today) == {"Sam de Vries": True, "Tariq Müller": True, "Femke van Dijk": True}
    with db.transaction():
        assert db.session.get_one(Visit, today).finished_at is not None


def test_an_organiser_sees_the_hosts_page_and_can_press_nothing(desk: Desk, today: int) -> None:
    page = desk.open(f"/preview/host/{today}")
    assert "Voorbeeld: knoppen doen hier niets." in text(page)
    assert re.findall(r"<button(?![^>]* disabled)[^>]*>", page.text.partition("<main")[2]) == []
    assert re.findall(r'<input type="checkbox"(?![^>]* disabled)[^>]*>', page.text) == []


def test_the_hosts_link_of_a_cancelled_visit_opens_nothing(desk: Desk, today: int, settings: Settings) -> None:
    path = door(settings, "host", today)
    with db.transaction():
        db.session.get_one(Visit, today).cancel(NOW, timedelta(0), {}, host_will_call=False)
    assert desk.client.application.test_client().get(path).status_code == 404


def test_ticks_of_another_visit_are_not_taken(desk: Desk, today: int) -> None:
    with db.transaction():
        elsewhere = make.invitation(make.visit(), make.customer()).id
    desk.press(desk.open(f"/visits/{today}/attendance"), "/attendance", was=[elsewhere])
    assert present(today) == {}


def test_a_finished_visit_says_how_many_were_there(desk: Desk, today: int, clock: Clock) -> None:
    clock.forward(hours=1)
    assert heading(desk.open(f"/visits/{today}")) == "Ma 7 dec: wie was er?"
    with db.transaction():
        visit = db.session.get_one(Visit, today)
        attending.tick(visit, ids(today, "Vries", "Dijk"), clock.forward(minutes=1))
        attending.finish(visit, clock.forward(minutes=1))
    assert heading(desk.open(f"/visits/{today}")) == "Ma 7 dec: 2 mensen waren er"
    assert "2 mensen waren er" in text(desk.open("/visits?when=past"))


@pytest.mark.parametrize(
    ("minutes", "tellers", "parts"),
    [
        (45, 1, [("welcome", 5), ("talk", 5), ("to_them", 15), ("to_us", 10), ("thanks", 5), ("coffee", 5)]),
        (45, 3, [("welcome", 5), ("talk", 15), ("to_them", 10), ("to_us", 5), ("thanks", 5), ("coffee", 5)]),
        (20, 1, [("welcome", 5), ("talk", 5), ("to_them", 5), ("thanks", 5)]),
        (10, 1, [("welcome", 5), ("talk", 5), ("thanks", 5)]),
    ],
)
def test_the_run_sheet_fills_the_time_there_is(minutes: int, tellers: int, parts: list[tuple[str, int]]) -> None:
    sheet = run_sheet.run_sheet(VISIT_AT, minutes, tellers)
    assert [(item.part, item.minutes) for item in sheet] == parts
    assert [item.starts for item in sheet] == [
        VISIT_AT + timedelta(minutes=sum(length for _part, length in parts[:before])) for before in range(len(parts))
    ]


def test_of_a_visit_that_is_off_who_said_yes_and_wants_no_mail_is_phoned(desk: Desk, sent: int, clock: Clock) -> None:
    """Kees has no mailbox and did not answer: there is nothing to tell him. Noor is told by mail."""
    say(sent, "Vries", "accepted", clock)
    say(sent, "Boer", "accepted", clock)
    with db.transaction() as session:
        invitation(sent, "Vries").stop(clock.forward(seconds=1))
        session.get_one(Visit, sent).cancel(clock.forward(seconds=1), timedelta(0), {}, host_will_call=False)
    page = text(desk.open(f"/visits/{sent}"))
    assert "Eén persoon om te bellen Sam de Vries zou komen, en hoort het niet per mail 06 12345678" in page
    clock.at(NOW + timedelta(days=15))
    assert "om te bellen" not in text(desk.open(f"/visits/{sent}"))
