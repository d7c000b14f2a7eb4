"""Today is one list of what waits, and nothing else; the number in the menu is the number of its rows."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import factories
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.accounts.models import Account
from webapp.customers.asks import Ask
from webapp.customers.models import Customer
from webapp.customers.nominations import nominate
from webapp.invitations.models import Invitation
from webapp.mailing import by_hand
from webapp.mailing.models import Message
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("database")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def heading(page: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    assert found
    return words(found[1])


def count(page: str) -> int:
    """The number in the menu."""
    found = re.search(r'<span id="waiting-count">(\d+)</span>', page)
    return int(found[1]) if found else 0


def waiting(anna: Organiser) -> str:
    """What the list of what waits says; its rows are as many as the menu says."""
    page = anna.get("/today").text
    section = re.search(r'<section class="sheet flush" aria-labelledby="h-wait">.*?</section>', page, re.DOTALL)
    rows = len(re.findall(r'<li id="', section[0])) if section else 0
    assert rows == count(page)
    return words(section[0]) if section else ""


def visit(anna: Organiser, days: int = 10, **values: Any) -> Visit:
    return factories.visit(factories.VISIT_AT + timedelta(days=days - 10), organiser=anna.account, **values)


def message(person: Customer | StaffMember, end: str, thread: str | None = None, **values: object) -> Message:
    """A mail that ended so, yesterday."""
    assert person.address_id
    at = NOW - DAY
    number = db.session.query(Message).count()
    defaults = {"stage": "rcpt", "code": 550, "enhanced": "5.1.1", "reply": "Unknown", "why_facts": {"attempts": 1}}
    row = Message(
        public_id=f"m{number}", notice="visit_invitation", subject_id=number, address_id=person.address_id, locale="nl",
        thread=thread, due_at=at, planned_at=at, ended_at=at, end=end, **defaults | values,
    )  # fmt: skip
    return factories.added(row)


def test_all_done_says_so_and_what_comes_next(anna: Organiser) -> None:
    with db.transaction():
        visit(anna, teams=[factories.team("Bellers avond A")])
        factories.staff_member(team=factories.team())
        factories.invitation(visit(anna), factories.customer(), NOW - DAY)
    page = anna.get("/today").text
    assert (heading(page), count(page)) == ("Goedemorgen Anna, alles is gedaan", 0)
    assert "Niets wacht op jou" in page
    assert "Bellers avond A" in page


def test_the_greeting_follows_the_clock_of_the_organisation(anna: Organiser, clock: Clock) -> None:
    clock.at(NOW + 10 * HOUR)
    assert heading(anna.get("/today").text).startswith("Goedenavond Anna")
    assert heading(anna.get("/today?lang=en").text).startswith("Good evening Anna")


def test_a_first_run_has_four_steps_with_their_real_state(anna: Organiser) -> None:
    page = anna.text("/today")
    assert "Vier stappen tot het eerste bezoek Stel mail in klaar Voeg collega's toe" in page
    with db.transaction():
        factories.staff_member(team=factories.team())
        factories.invitation(visit(anna), factories.customer(), NOW)
    assert "Vier stappen" not in anna.text("/today")


def test_another_time_waits_until_it_is_dealt_with(anna: Organiser) -> None:
    with db.transaction():
        invitation = factories.invitation(visit(anna), factories.customer("Mo Aydin"), NOW - DAY)
        proposal = factories.proposal(invitation, [["tue", "morning"], ["thu", "afternoon"]]).id
    said = waiting(anna)
    assert "Mo Aydin stelt een ander moment voor" in said
    assert "Kan wel: dinsdagochtend en donderdagmiddag. Was do 3 dec, 14:00." in said
    assert heading(anna.get("/today").text) == "Goedemorgen Anna, één ding wacht op jou"
    anna.post(f"/proposals/{proposal}/decision", next="/today")
    assert waiting(anna) == ""


def test_willing_while_full_is_nothing_to_decide(anna: Organiser) -> None:
    with db.transaction():
        factories.proposal(factories.invitation(visit(anna), factories.customer(), NOW - DAY), [], because_full=True)
    assert waiting(anna) == ""


def test_a_tap_that_was_not_confirmed_waits_from_its_nudge_on(anna: Organiser, clock: Clock) -> None:
    with db.transaction():
        tapped = {"hint": "accepted", "hint_at": NOW, "nudge_at": NOW + 2 * HOUR}
        factories.invitation(visit(anna), factories.customer("Lan Nguyễn", phone="06 1234"), NOW - DAY, **tapped)
    assert waiting(anna) == ""
    clock.at(NOW + 3 * HOUR)
    assert "Lan Nguyễn tikte ja, maar bevestigde nog niet Vandaag, 09:00, over do 3 dec." in waiting(anna)
    assert "Bel 06 1234" in waiting(anna)


def test_mail_that_came_back_waits_once_per_mailbox_until_somebody_sees_to_it(anna: Organiser) -> None:
    with db.transaction():
        daan = factories.customer("Daan El Amrani", email="daan@studnet.example")
        for _twice in range(2):
            message(daan, "failed", visit(anna).thread)
        customer, last = daan.id, db.session.query(Message).order_by(Message.id.desc()).first()
        assert last
        last_id = last.id
    said = waiting(anna)
    assert said.count("Mail aan Daan El Amrani kwam terug") == 1
    assert "Dit adres bestaat niet. daan@studnet.example" in said
    assert f'action="/customers/{customer}/address"' in anna.get("/today").text
    anna.post(f"/messages/{last_id}/settled", next="/today")
    assert waiting(anna) == ""


def test_uncertain_mail_and_spam_reports_wait_too(anna: Organiser) -> None:
    with db.transaction():
        message(factories.customer("Sam de Vries"), "unknown")
        message(factories.customer("Bo Smit"), "complained")
    said = waiting(anna)
    assert "Onzeker of de mail aan Sam de Vries aankwam" in said
    assert "Bo Smit meldde onze mail als spam" in said


def test_a_visit_that_was_waits_for_its_ticks(anna: Organiser, clock: Clock) -> None:
    with db.transaction():
        invitation = factories.invitation(visit(anna), factories.customer(), NOW - DAY)
        factories.answer(invitation)
        number = invitation.id
    assert waiting(anna) == ""
    clock.at(NOW + 11 * DAY)
    assert "Wie waren er do 3 dec?" in waiting(anna)
    with db.transaction():
        factories.attendance(db.session.get_one(Invitation, number))
    assert waiting(anna) == ""


def test_who_has_no_mailbox_is_called(anna: Organiser) -> None:
    with db.transaction():
        factories.invitation(visit(anna), factories.customer("Wil Pinas", email=""), NOW - DAY, by_phone=True)
    assert "Bel Wil Pinas over do 3 dec" in waiting(anna)


def test_silence_after_two_reminders_is_one_row_per_visit(anna: Organiser) -> None:
    with db.transaction():
        planned = visit(anna)
        for name in ("Sam de Vries", "Mo Aydin", "Bo Smit", "Lan Nguyễn"):
            factories.invitation(planned, factories.customer(name), NOW - 14 * DAY)
    said = waiting(anna)
    assert "4 klanten antwoordden niet over do 3 dec Sam de Vries, Mo Aydin, Bo Smit en nog iemand." in said
    assert "Geen antwoord is geen nee" in said


def test_chosen_people_wait_to_be_invited(anna: Organiser) -> None:
    with db.transaction():
        visit(anna).draft = {"customers": [1, 2], "staff": [3]}
    assert "3 uitnodigingen voor do 3 dec staan klaar Er is nog niets verstuurd." in waiting(anna)


def test_who_would_like_to_come_and_waits_a_week_is_named_by_number(anna: Organiser) -> None:
    with db.transaction():
        factories.customer("Sam de Vries").record("willing", NOW - 8 * DAY, None)
        factories.customer("Mo Aydin").record("willing", NOW - DAY, None)
    assert "Eén klant wil komen en heeft geen datum" in waiting(anna)


def test_held_back_mail_waits_for_somebody_to_resume(anna: Organiser) -> None:
    with db.transaction():
        by_hand.pause("all", "Karin Visser", NOW)
    assert "Mail is gepauzeerd: alles Door Karin Visser, sinds vandaag, 09:00." in waiting(anna)
    anna.post("/messages/pauses/end", scope="all", next="/today")
    assert waiting(anna) == ""


def test_what_is_a_colleagues_stands_apart(anna: Organiser) -> None:
    with db.transaction():
        factories.proposal(factories.invitation(factories.visit(), factories.customer("Mo Aydin"), NOW - DAY))
    page = anna.text("/today")
    assert "Eén ding wacht op een collega" in page
    assert "Mo Aydin stelt" not in words(anna.get("/today/waiting").text)
    assert "Mo Aydin stelt een ander moment voor" in anna.text("/today?whose=others")


def test_what_my_own_visit_as_host_asks_waits_for_me(anna: Organiser) -> None:
    with db.transaction():
        host = StaffMember.of(db.session.get_one(Account, anna.account_id), NOW)
        factories.proposal(factories.invitation(factories.visit(host=host), factories.customer("Mo Aydin"), NOW - DAY))
    assert "Mo Aydin stelt een ander moment voor" in waiting(anna)


def test_news_comes_without_asking_for_the_page_again(anna: Organiser) -> None:
    with db.transaction():
        invitation = factories.invitation(visit(anna), factories.customer("Esther de Vries"), NOW - DAY).id
    page = anna.get("/today").text
    asked = re.search(r'data-live="(/live[^"]*)" data-etag="([^"]+)"', page)
    assert asked
    seen = asked[2].replace("&#34;", '"').replace("&quot;", '"')
    assert anna.get(asked[1], headers={"If-None-Match": seen}).status_code == 304
    with db.transaction():
        factories.answer(db.session.get_one(Invitation, invitation))
    fresh = anna.get(asked[1], headers={"If-None-Match": seen})
    assert (fresh.status_code, fresh.headers["ETag"] != seen) == (200, True)
    assert 'data-said="Eén nieuw antwoord"' in fresh.text
    assert "Esther de Vries komt do 3 dec" in words(fresh.text)


def test_the_list_comes_again_when_something_waits(anna: Organiser) -> None:
    with db.transaction():
        invitation = factories.invitation(visit(anna), factories.customer("Mo Aydin"), NOW - DAY).id
    seen = anna.get("/today/waiting").headers["ETag"]
    assert anna.get("/today/waiting", headers={"If-None-Match": seen}).status_code == 304
    with db.transaction():
        factories.proposal(db.session.get_one(Invitation, invitation))
    fresh = anna.get("/today/waiting", headers={"If-None-Match": seen})
    assert '<template data-for="waiting-count">1</template>' in fresh.text
    assert "Mo Aydin stelt een ander moment voor" in words(fresh.text)


def test_a_viewer_reads_and_presses_nothing(sign_in: Callable[..., Organiser]) -> None:
    viewer = sign_in(role="viewer")
    with db.transaction():
        factories.proposal(factories.invitation(visit(viewer), factories.customer("Mo Aydin"), NOW - DAY))
    page = viewer.get("/today").text
    assert "stelt een ander moment voor" in page
    assert "Verplaats het bezoek" not in page


def test_names_of_a_round_wait_until_somebody_decided_what_they_are(anna: Organiser) -> None:
    with db.transaction():
        factories.group("Studenten")
        round = factories.mapping_round(anna.account)
        for names in (("studenten", "Ouders"), ("ouders", "De directeur")):
            factories.asked(round, factories.staff_member(), *names)
        href = f"/groups/rounds/{round.id}"
    assert "2 namen wachten op een besluit" in waiting(anna)
    assert f'href="{href}"' in anna.get("/today").text
    anna.post("/groups/decisions", names="De directeur", what="aside", back=href)
    assert "Eén naam wacht op een besluit" in waiting(anna)
    anna.post("/groups/decisions", names="Ouders", what="new", back=href)
    assert waiting(anna) == ""


def test_a_nomination_waits_until_something_was_done_with_it(anna: Organiser) -> None:
    with db.transaction():
        karin, bo = factories.staff_member("Karin Visser"), factories.staff_member("Bo Smit")
        sam, mo = factories.customer("Sam de Vries", ground="not_yet"), factories.customer("Mo Aydin")
        nominate(karin, sam, "Opende een bakkerij.", True, NOW + HOUR)
        nominate(bo, sam, "", True, NOW + HOUR)
        nominate(bo, mo, "", True, NOW + HOUR)
        ids = sam.id, mo.id
    said = waiting(anna)
    assert "Karin Visser droeg Sam de Vries voor “Opende een bakkerij.” Vraag toestemming" in said
    assert "Bo Smit droeg Mo Aydin voor Nog niemand vroeg deze persoon iets. Nodig uit" in said
    assert "Bo Smit droeg Sam de Vries voor" not in said
    with db.transaction():
        Ask.take(db.session.get_one(Customer, ids[0]), "consent", anna.account, NOW + 2 * HOUR)
        db.session.get_one(Customer, ids[1]).record("called", NOW + 2 * HOUR, anna.account)
    assert waiting(anna) == ""
