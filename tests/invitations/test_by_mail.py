"""From the mail to the answer and back to the mail: the links that were really sent, and the receipts that follow."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from tests import factories as make
from tests.doors import heading, nonce, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Caught, Relay
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.links import Link

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

Post = Callable[[], list[Caught]]


@pytest.fixture
def post(settings: Settings, smtp: Relay, database: object) -> Post:
    """What the relay got since the last time."""

    def take() -> list[Caught]:
        before = len(smtp.mails)
        rounds.tick(settings, wide=True)
        rounds.deliver(settings, seconds=20)
        return smtp.mails[before:]

    return take


@pytest.fixture
def sam(clock: Clock, post: Post) -> int:
    """Invited, and the mail has come."""
    clock.at(NOW - MINUTE)
    post()
    with db.transaction():
        make.organisation()
        sam = make.invitation(make.visit(), make.customer(email="sam@example.com"))
    clock.at(NOW + MINUTE)
    return sam.id


def links(mail: Caught, settings: Settings) -> list[str]:
    """The paths in a mail, each once."""
    found = re.findall(re.escape(settings.base_url) + r"(/\S+)", mail.text())
    return list(dict.fromkeys(found))


def test_two_taps_from_the_mail_are_a_yes_with_one_receipt_and_a_calendar_file(
    client: FlaskClient, settings: Settings, post: Post, sam: int
) -> None:
    (invitation,) = post()
    yes = next(link for link in links(invitation, settings) if link.endswith("?answer=accepted"))

    page = client.get(yes)
    told = client.post(yes.split("?")[0], data={"nonce": nonce(page), "answer": "accepted"})
    assert heading(client.get(told.location)) == "U komt donderdag 3 december"

    (receipt,) = post()
    assert receipt.subject == "U komt donderdag 3 december, 14:00 uur"
    event = Calendar.from_ical(receipt.text("calendar")).walk("VEVENT")[0]
    assert str(event["SUMMARY"]) == "Uw bezoek bij Universiteit Voorbeeld"
    assert post() == []


def test_every_link_of_every_mail_opens_for_people_and_changes_nothing_for_machines(
    client: FlaskClient, settings: Settings, post: Post, sam: int
) -> None:
    (invitation,) = post()
    for link in links(invitation, settings):
        for _ in range(10):
            assert client.head(link).status_code == 200, link
            assert client.get(link).status_code == 200, link
    with db.transaction():
        found = db.session.get_one(Invitation, sam)
        assert (found.state, found.hint, found.nudge_at, found.answers) == ("needs-action", None, None, [])
        assert found.address is not None
        assert found.address.suppressed_at is None
    assert post() == []


def test_one_tap_is_nudged_once_after_two_hours_and_stays_open(
    client: FlaskClient, settings: Settings, post: Post, sam: int, clock: Clock
) -> None:
    (invitation,) = post()
    client.get(next(link for link in links(invitation, settings) if link.endswith("?answer=accepted")))
    assert post() == []

    clock.forward(hours=2, minutes=1)
    (nudge,) = post()
    assert nudge.subject == "Nog één tik: komt u donderdag 3 december?"
    clock.forward(hours=3)
    assert post() == []
    with db.transaction():
        assert db.session.get_one(Invitation, sam).state == "hinted"


def test_contradictory_answers_within_seconds_get_one_receipt_for_the_last(
    client: FlaskClient, settings: Settings, post: Post, sam: int
) -> None:
    (invitation,) = post()
    path = links(invitation, settings)[0].split("?")[0]
    for answer in ("accepted", "declined", "accepted", "declined"):
        press(client, f"{path}?change=1", path, answer=answer)

    assert [mail.subject for mail in post()] == ["U komt niet: wij hebben het genoteerd"]


def test_who_stopped_the_mail_about_this_visit_gets_none(
    client: FlaskClient, settings: Settings, post: Post, sam: int, clock: Clock
) -> None:
    (invitation,) = post()
    stop = next(link for link in links(invitation, settings) if link.startswith("/u/"))
    press(client, stop, what="visit", visit=sam)

    clock.forward(days=8)  # two reminders, if it had not been stopped
    assert [mail for mail in post() if mail.recipient == "sam@example.com"] == []


def test_the_seat_that_came_free_is_mailed_to_the_first_in_line_and_taken_from_there(
    client: FlaskClient, settings: Settings, post: Post, sam: int, clock: Clock
) -> None:
    post()
    with db.transaction():
        visit = db.session.get_one(Invitation, sam).visit
        visit.seats = 1
        tariq, fleur = (
            make.invitation(visit, make.staff_member(name, email=f"{name}@uni.example"), partstat="needs-action")
            for name in ("Tariq", "Fleur")
        )
    post()
    with db.transaction():
        db.session.get_one(Invitation, tariq.id).answer("accepted", NOW + MINUTE)
        db.session.get_one(Invitation, fleur.id).answer("accepted", NOW + MINUTE)
    assert {mail.subject for mail in post()} == {
        "Je bent erbij: donderdag 3 december, 14:00 uur",
        "Je staat op de wachtlijst voor donderdag 3 december",
    }

    with db.transaction():
        db.session.get_one(Invitation, tariq.id).answer("declined", NOW + 2 * MINUTE)
    clock.at(NOW + 3 * MINUTE)
    offer = next(mail for mail in post() if mail.recipient == "Fleur@uni.example".lower())
    assert offer.subject == "Er is een plek vrij op donderdag 3 december"
    yes = next(link for link in links(offer, settings) if link.endswith("?answer=accepted"))
    press(client, yes, yes.split("?")[0], answer="accepted")

    assert [mail.subject for mail in post()] == ["Je bent erbij: donderdag 3 december, 14:00 uur"]


def test_a_new_link_asked_for_on_an_old_one_comes_by_mail_and_works(
    client: FlaskClient, settings: Settings, post: Post, sam: int
) -> None:
    (invitation,) = post()
    old = links(invitation, settings)[0].split("?")[0]
    with db.transaction():
        db.session.query(Link).filter_by(scope="answer", subject_id=sam).one().revoke()
    assert client.get(old).status_code == 404

    origin = {"Origin": settings.base_url}
    client.post("/link", data={"scope": "answer", "email": "sam@example.com"}, headers=origin)

    (mail,) = post()
    assert mail.subject == "Uw nieuwe link"
    assert heading(client.get(links(mail, settings)[0])) == "Nog één tik, mevrouw De Vries"
