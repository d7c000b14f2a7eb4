"""One customer's page: everything that was, and everything that will be, in order."""

from datetime import timedelta

import pytest

from tests import factories
from tests.board.conftest import Organiser
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.mailing.sweep import install

pytestmark = pytest.mark.usefixtures("database")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def sam(anna: Organiser) -> int:
    with db.transaction():
        install(NOW - DAY)
        made = factories.customer(
            "mevrouw Sam de Vries", email="sam@example.com", group="beursstudent", added_at=NOW - 9 * DAY
        )
        return made.id


def in_order(page: str, *said: str) -> bool:
    """Whether these stand on the page, one after the other."""
    places = [page.index(each) for each in said]
    return places == sorted(places)


def test_a_stranger_has_no_mail_and_no_visit_yet(anna: Organiser, sam: int) -> None:
    page = anna.text(f"/customers/{sam}")
    assert page.startswith("Klanten SV Sam de Vries gevonden beursstudent Nederlands, u")
    assert "Met de hand toegevoegd" in page or "Kwam van een lijst" in page
    assert "Mag gevraagd worden" in page


def test_the_timeline_holds_what_was_sent_answered_said_and_planned(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    with db.transaction():
        customer = db.session.get_one(Customer, sam)
        customer.record("willing", NOW - 5 * DAY, anna.account)
        customer.record("note", NOW - 4 * DAY, anna.account, "Komt met de trein van 13:31.")
        factories.consent(customer, "agreed", NOW - 6 * DAY)
        visit = factories.visit(teams=[factories.team("Bellers avond A")])
        invitation = factories.invitation(visit, customer, NOW - MINUTE)
        factories.answer(invitation, at=NOW - MINUTE / 2)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    page = anna.text(f"/customers/{sam}")
    assert in_order(
        page,
        "De dag ervoor wo 2 dec, 16:00",
        "Nu, maandag 23 november",
        "Komt do 3 dec vandaag, 08:59",
        "Notitie do 19 nov, 09:00 · vastgelegd door Anna Bakker Komt met de trein van 13:31.",
        "Zei ja aan de telefoon wo 18 nov, 09:00 · vastgelegd door Anna Bakker",
        "Vindt het goed om gevraagd te worden di 17 nov, 09:00 · van een lijst",
        "Kwam van een lijst za 14 nov, 09:00",
    )
    assert "Ontvangst antwoord voor do 3 dec" in page
    assert "Volgende bezoek dec 3 do Bellers avond A 14:00–14:45 uur" in page
    only_mail = anna.text(f"/customers/{sam}?only=mail")
    assert "Ontvangst antwoord voor do 3 dec" in only_mail
    assert "Zei ja aan de telefoon" not in only_mail


def test_what_was_undone_is_not_on_the_timeline(anna: Organiser, sam: int) -> None:
    with db.transaction():
        db.session.get_one(Customer, sam).record("willing", NOW - DAY, None).undo(NOW)
    assert "Zei ja aan de telefoon zo 22 nov" not in anna.text(f"/customers/{sam}")


def test_who_was_there_and_who_was_not_is_remembered(anna: Organiser, sam: int, clock: Clock) -> None:
    with db.transaction():
        customer = db.session.get_one(Customer, sam)
        for day, present in ((0, True), (1, False)):
            visit = factories.visit(factories.VISIT_AT + timedelta(days=day))
            invitation = factories.invitation(visit, customer, NOW - DAY)
            factories.answer(invitation)
            factories.attendance(invitation, present)
    clock.at(NOW + 20 * DAY)
    page = anna.text(f"/customers/{sam}")
    assert "Was er donderdag 3 december 2026" in page
    assert "Was er niet vrijdag 4 december 2026" in page


def test_mail_to_an_earlier_address_stays_on_the_timeline_and_a_housemates_does_not_come(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    with db.transaction():
        visit = factories.visit()
        factories.invitation(visit, db.session.get_one(Customer, sam), NOW - MINUTE)
        housemate = factories.customer("Bo Smit", email="sam@example.com")
        factories.invitation(visit, housemate, NOW - MINUTE)
        bo = housemate.id
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    with db.transaction():
        db.session.get_one(Customer, sam).mend_address("elders@example.com")
    assert anna.text(f"/customers/{sam}?only=mail").count("Uitnodiging voor do 3 dec") == 1
    assert anna.text(f"/customers/{bo}?only=mail").count("Uitnodiging voor do 3 dec") == 1


def test_who_wants_no_mail_is_shown_and_only_they_can_undo_it(anna: Organiser, sam: int) -> None:
    with db.transaction():
        address = db.session.get_one(Customer, sam).address
        assert address
        address.suppress("stop", NOW - DAY)
    page = anna.text(f"/customers/{sam}")
    assert "Wil geen mail meer, sinds zo 22 nov. Alleen deze persoon kan dat terugdraaien" in page
    assert "Nodig uit" not in page
    assert 'name="email"' not in anna.get(f"/customers/{sam}").text


def test_a_mailbox_that_does_not_exist_is_mended_with_one_field_and_the_mail_leaves(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    with db.transaction():
        factories.invitation(factories.visit(), db.session.get_one(Customer, sam), NOW - MINUTE)
    smtp.refuse("sam@example.com", "550 5.1.1 Unknown")
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    assert "Mail aan sam@example.com kwam terug: dit adres bestaat niet." in anna.text(f"/customers/{sam}")
    answer = anna.post(f"/customers/{sam}/address", email="sam.devries@example.com")
    assert answer.location == f"/customers/{sam}"
    assert "De mail die niet aankwam, gaat alsnog weg." in anna.text(f"/customers/{sam}")
    rounds.deliver(settings, 5)
    assert [mail.recipient for mail in smtp.mails] == ["sam.devries@example.com"]


def test_the_page_leads_to_what_the_customer_sees(anna: Organiser, sam: int) -> None:
    page = anna.get(f"/customers/{sam}").text
    with db.transaction():
        address = db.session.get_one(Customer, sam).address_id
        invitation = factories.invitation(factories.visit(), db.session.get_one(Customer, sam), NOW - DAY).id
    assert f'href="/preview/data/{address}"' in page
    assert f'href="/preview/answer/{invitation}"' in anna.get(f"/customers/{sam}").text
    assert anna.get(f"/preview/answer/{invitation}").status_code == 200


def test_inviting_from_here_begins_a_visit_with_this_person(anna: Organiser, sam: int) -> None:
    assert f'href="/visits/new?customers={sam}"' in anna.get(f"/customers/{sam}").text


def test_a_refusal_stands_on_the_page_it_was_tried_on(anna: Organiser, sam: int) -> None:
    anna.post(f"/customers/{sam}/moves", to="met", next=f"/customers/{sam}")
    assert "Dit gaat vanzelf, na een uitnodiging." in anna.text(f"/customers/{sam}")


def test_nobody_is_not_found(anna: Organiser) -> None:
    assert anna.get("/customers/999999").status_code == 404


def test_script_in_every_field_stays_text(anna: Organiser, clock: Clock) -> None:
    nasty = "<script>alert(1)</script>"
    with db.transaction():
        customer = factories.customer(
            f"{nasty} Sam", group=nasty, organisation=nasty, note=f"</textarea>{nasty}", phone=nasty
        )
        customer.relationship_owner = nasty
        customer.record("note", NOW, anna.account, nasty)
        invitation = factories.invitation(factories.visit(), customer, NOW - DAY)
        factories.proposal(invitation).times = {"dayparts": [["tue", "morning"]], "note": nasty}
        number = customer.id
    page = anna.get(f"/customers/{number}").text
    assert nasty not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    with db.transaction():
        assert db.session.query(Invitation).count() == 1
