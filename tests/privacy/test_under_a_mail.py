"""What stands under every mail works in two taps, and back: no more mail, what we know about you, my own page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories as make
from tests.doors import buttons, door, heading, nonce, press, weight
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.links import Scope
from webapp.mailing.models import Address, Message, Suppression
from webapp.mailing.sweep import sweep

KINDS = ["Geen uitnodigingen meer", "Geen vragenlijsten meer"]
LATER = NOW + timedelta(hours=1)


@dataclass
class Mailbox:
    """Somebody's mail: the doors at the foot of it."""

    client: FlaskClient
    settings: Settings
    id: int
    person: int
    invitation: int

    def door(self, scope: Scope) -> str:
        return door(self.settings, scope, self.id)

    def open(self, scope: Scope, more: str = "") -> TestResponse:
        return self.client.get(self.door(scope) + more)

    def press(self, scope: Scope, **fields: Any) -> TestResponse:
        told = press(self.client, self.door(scope), **fields)
        assert told.status_code == 303
        return self.client.get(told.location)

    def address(self) -> Address:
        return db.session.get_one(Address, self.id)


@pytest.fixture
def of(client: FlaskClient, settings: Settings, clock: Clock) -> Callable[[str], Mailbox]:
    """The mailbox of a new customer, or of a colleague, who was invited."""
    clock.at(LATER)

    def invited(whom: str) -> Mailbox:
        with db.transaction():
            make.organisation()
            person = make.customer() if whom == "customer" else make.staff_member("Femke van Dijk")
            invitation = make.invitation(make.visit(), person)
            assert person.address is not None
            return Mailbox(client, settings, person.address.id, person.id, invitation.id)

    return invited


@pytest.fixture
def sam(of: Callable[[str], Mailbox]) -> Mailbox:
    return of("customer")


@pytest.fixture
def femke(of: Callable[[str], Mailbox]) -> Mailbox:
    return of("colleague")


# No more mail


def test_no_more_mail_about_one_visit_in_two_taps_and_back(sam: Mailbox) -> None:
    page = sam.open("stop")
    assert (heading(page), buttons(page)) == (
        "Wilt u geen mail meer?",
        ["Geen mail meer over do 3 dec", *KINDS, "Mail me in English", "Helemaal geen mail meer"],
    )

    page = sam.press("stop", what="visit", about=sam.invitation)
    assert "Geen mail meer over do 3 dec." in page.text
    with db.transaction():
        assert db.session.get_one(Invitation, sam.invitation).stopped_at is not None
        assert sam.address().suppressed_at is None

    sam.press("stop", what="visit again", about=sam.invitation)
    with db.transaction():
        assert db.session.get_one(Invitation, sam.invitation).stopped_at is None


def test_no_more_mail_at_all_in_two_taps_and_back(sam: Mailbox) -> None:
    page = sam.press("stop", what="all")
    assert (heading(page), buttons(page)) == ("U krijgt geen mail meer van ons", ["Mail mij weer"])
    with db.transaction():
        assert sam.address().suppressed_why == "stop"

    assert heading(sam.press("stop", what="again")) == "Wilt u geen mail meer?"
    with db.transaction():
        assert sam.address().suppressed_at is None


def test_who_wants_no_more_invitations_is_not_asked_and_hears_what_follows_from_their_answer(
    sam: Mailbox, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    page = sam.press("stop", what="kind", about="invitations")
    assert "Geen uitnodigingen en herinneringen meer." in page.text
    assert "Weer uitnodigingen" in buttons(page)
    with db.transaction():
        sweep(NOW - timedelta(days=1), NOW, wide=True)  # installs
    clock.forward(seconds=30)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    press(sam.client, door(settings, "answer", sam.invitation), answer="accepted")
    clock.forward(minutes=5)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    with db.transaction() as session:
        ended = {row[0]: row[1] for row in session.execute(select(Message.notice, Message.why))}
    assert ended == {"visit_invitation": "suppressed.unwanted", "answer_receipt": None}
    assert len(smtp.mails) == 1


def test_invitations_are_welcome_again_when_the_reader_says_so(sam: Mailbox) -> None:
    for _ in range(2):
        sam.press("stop", what="kind", about="invitations")
        sam.press("stop", what="kind", about="surveys")
    sam.press("stop", what="kind again", about="invitations")
    with db.transaction() as session:
        assert list(sam.address().unwanted) == ["surveys"]
        stops = session.execute(select(Suppression.choice, Suppression.lifted_at.is_not(None)).order_by(Suppression.id))
        assert [tuple(row) for row in stops] == [("invitations", True), ("surveys", False)]


def test_nobody_invents_a_kind_or_a_language(sam: Mailbox) -> None:
    sam.press("stop", what="kind", about="everything")
    sam.press("stop", what="language", about="xx")
    with db.transaction():
        assert (sam.address().unwanted, sam.address().locale) == ({}, "nl")


def test_mail_comes_in_the_language_that_was_chosen(sam: Mailbox) -> None:
    assert "Mail mij in het Nederlands" in buttons(sam.press("stop", what="language", about="en"))
    with db.transaction() as session:
        assert (sam.address().locale, session.get_one(Customer, sam.person).locale) == ("en", "en")


def test_a_mailbox_whose_mail_came_back_says_so_and_is_mailed_again_by_its_reader_alone(sam: Mailbox) -> None:
    with db.transaction():
        sam.address().suppress("bounce", NOW)
    assert "Een mail naar dit adres kwam terug: de mailbox bestond niet." in sam.open("stop").text
    sam.press("stop", what="again")
    with db.transaction():
        assert sam.address().suppressed_at is None


def test_a_mail_program_may_press_the_button_itself(sam: Mailbox) -> None:
    """RFC 8058: one POST, without a page before it, a cookie or a redirect after it."""
    told = sam.client.post(sam.door("stop"), data={"List-Unsubscribe": "One-Click"})

    assert (told.status_code, told.text, "Set-Cookie" in told.headers) == (200, "", False)
    with db.transaction():
        assert sam.address().suppressed_why == "stop"


def test_that_button_opens_no_other_door(sam: Mailbox) -> None:
    for scope in ("data", "answer"):
        path = door(sam.settings, scope, sam.id if scope == "data" else sam.invitation)
        assert sam.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 410
    assert sam.client.get(sam.door("stop") + "?List-Unsubscribe=One-Click").status_code == 200
    with db.transaction():
        assert sam.address().suppressed_at is None


def test_somebody_elses_visit_cannot_be_stopped(sam: Mailbox, femke: Mailbox) -> None:
    sam.press("stop", what="visit", about=femke.invitation)
    with db.transaction():
        assert db.session.get_one(Invitation, femke.invitation).stopped_at is None


def test_a_colleague_reads_je(femke: Mailbox) -> None:
    assert heading(femke.open("stop")) == "Wil je geen mail meer?"
    assert heading(femke.press("stop", what="all")) == "Je krijgt geen mail meer van ons"


# What we know about you


def test_everything_we_hold_stands_there_in_plain_words(sam: Mailbox) -> None:
    with db.transaction():
        invitation = db.session.get_one(Invitation, sam.invitation)
        invitation.answer("accepted", LATER)
        customer = db.session.get_one(Customer, sam.person)
        customer.note, customer.organisation, customer.group = "liefst 's middags", "Faculteit Letteren", "studenten"
        customer.consents[0].wording = "Wij hadden al contact."
        make.added(
            Message(
                public_id="1", notice="visit_invitation", subject_id=invitation.id, address_id=sam.id, locale="nl",
                due_at=NOW, planned_at=NOW, end="sent", ended_at=NOW,
            )
        )  # fmt: skip
        email = sam.address().email

    page = sam.open("data")
    assert heading(page) == "Wat wij van u weten"
    for known in (
        "Sam de Vries", email, "06 12345678", "Nederlands", "Faculteit Letteren", "studenten", "liefst &#39;s middags",
        "Wij hadden al contact.", "Donderdag 3 december 2026", "Vandaag, 10:00: ja.", "Eén mail aan u", "Uitnodiging",
    ):  # fmt: skip
        assert known in page.text, known


def test_asking_is_stopped_and_allowed_again_with_the_words_as_evidence(sam: Mailbox) -> None:
    page = sam.press("data", customer=sam.person, may_ask="0")
    assert "U wilt niet gevraagd worden. Wij vragen u niets." in page.text
    chosen = sam.door("data") + f"/choose?customer={sam.person}"
    assert press(sam.client, chosen, uses="to_be_asked").status_code == 303
    assert "U vond goed dat wij u vragen." in sam.open("data").text

    with db.transaction():
        given = [(c.ground, c.wording, c.channel) for c in db.session.get_one(Customer, sam.person).consents]
    assert given[1:] == [
        ("withdrawn", "Trok de toestemming in: gevraagd worden.", "page"),
        (
            "agreed",
            "Universiteit Voorbeeld mag mij per mail of telefoon vragen om mee te doen, hoogstens twee keer in twaalf "
            "maanden. Ik mag elke keer nee zeggen. Dit geldt tot dinsdag 23 november 2027. Intrekken kan altijd, met de "
            "link in elke mail. Dan stopt het gebruik meteen. Wat al is gezegd of gedrukt, kan niemand terughalen.",
            "page",
        ),
    ]


def test_pressing_twice_is_one_withdrawal(sam: Mailbox) -> None:
    given = {"nonce": nonce(sam.open("data")), "customer": sam.person, "may_ask": "0"}
    for _ in range(2):
        sam.client.post(sam.door("data"), data=given)
    with db.transaction():
        assert [c.ground for c in db.session.get_one(Customer, sam.person).consents] == ["existing", "withdrawn"]


def test_nobody_withdraws_for_somebody_else(sam: Mailbox) -> None:
    with db.transaction():
        other = make.customer("Bo Jansen").id
    sam.press("data", customer=other, may_ask="0")
    with db.transaction():
        assert db.session.get_one(Customer, other).ground == "existing"
    assert "Bo Jansen" not in sam.open("data").text


def test_a_couple_with_one_mailbox_sees_both(sam: Mailbox) -> None:
    with db.transaction():
        make.customer("de heer Jan de Vries", email=sam.address().email)
    page = sam.open("data").text
    assert "Mevrouw De Vries</h2>" in page
    assert "De heer De Vries</h2>" in page


# A colleague's own page


def test_my_page_shows_my_visits_and_takes_my_answer(femke: Mailbox) -> None:
    page = femke.open("staff")
    assert heading(page) == "Hallo Femke"
    assert "Donderdag 3 december 2026" in page.text
    assert "nog geen antwoord" in page.text

    page = femke.press("staff", answer="accepted", invitation=femke.invitation)
    assert "je hebt een plek" in page.text
    assert "Geef mijn plek terug" in page.text
    page = femke.press("staff", answer="declined", invitation=femke.invitation)
    assert "je komt niet" in page.text


def test_my_page_answers_for_nobody_else(femke: Mailbox, sam: Mailbox) -> None:
    femke.press("staff", answer="accepted", invitation=sam.invitation)
    with db.transaction():
        assert db.session.get_one(Invitation, sam.invitation).partstat == "needs-action"


def test_my_page_leads_to_an_open_questionnaire_that_was_mailed(femke: Mailbox, clock: Clock) -> None:
    after = NOW + timedelta(days=11)
    clock.at(after)
    with db.transaction():
        register = make.register(db.session.get_one(Invitation, femke.invitation), after)
        id = register.id
    assert "Staat voor je open" not in femke.open("staff").text
    survey = door(femke.settings, "survey", id)
    assert f'href="{survey}"' in femke.open("staff").text

    clock.forward(days=8)
    assert survey not in femke.open("staff").text


def test_without_visits_my_page_says_so(femke: Mailbox, clock: Clock) -> None:
    clock.forward(days=30)
    assert "Voor jouw team staat nog niets gepland." in femke.open("staff").text


def test_my_page_is_for_who_works_here(sam: Mailbox) -> None:
    assert sam.open("staff").status_code == 404


def test_these_pages_are_light_and_change_nothing_when_fetched(sam: Mailbox, femke: Mailbox) -> None:
    for mailbox, scope in ((sam, "stop"), (sam, "data"), (femke, "stop"), (femke, "staff")):
        path = mailbox.door(scope)  # type: ignore[arg-type]
        assert weight(mailbox.client, path) < 30 * 1024, scope
        for _ in range(10):
            assert mailbox.client.get(path).status_code == mailbox.client.head(path).status_code == 200
    with db.transaction():
        assert sam.address().suppressed_at is None
        assert db.session.scalars(select(Invitation.stopped_at)).all() == [None, None]
