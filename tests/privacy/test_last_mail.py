"""The last mail: it leaves, its mailbox is forgotten, and nothing is mailed there again, whatever list it comes back on."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.mailing.models import Address, Message
from webapp.mailing.sweep import install
from webapp.privacy.erasing import erase

SAM = "sam@example.com"


@pytest.fixture(autouse=True)
def _founded(database: object, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        install(time.now() - timedelta(days=1))


def post(settings: Settings) -> None:
    for _ in range(2):
        rounds.tick(settings, wide=True)
        rounds.deliver(settings, 5)


def invited() -> int:
    """Somebody with this address is on a list, and asked."""
    with db.transaction():
        sam = make.customer(email=SAM)
        make.invitation(make.visit(), sam, at=time.now())
        return sam.id


def erased(settings: Settings, customer_id: int) -> None:
    with db.transaction():
        erase(db.session.get_one(Customer, customer_id), "person", None, time.now(), settings.secret_keys)


def test_the_receipt_is_the_last_mail_and_then_the_mailbox_is_forgotten(settings: Settings, smtp: Relay) -> None:
    sam = invited()
    post(settings)
    erased(settings, sam)
    post(settings)
    assert [mail.subject for mail in smtp.to(SAM)][-1] == "Uw gegevens zijn gewist"
    assert "Beste mevrouw De Vries," in smtp.to(SAM)[-1].text()
    rounds.tick(settings)
    with db.transaction():
        assert [each for each in db.session.scalars(select(Address.email)) if "sam@" in each] == []


def test_what_was_ready_to_leave_does_not(settings: Settings, smtp: Relay) -> None:
    sam = invited()
    rounds.tick(settings, wide=True)
    erased(settings, sam)
    post(settings)
    assert [mail.subject for mail in smtp.to(SAM)] == ["Uw gegevens zijn gewist"]


def test_half_of_a_couple_on_the_same_list_again_is_not_mailed_and_the_other_half_is(
    settings: Settings, smtp: Relay
) -> None:
    sam = invited()
    with db.transaction():
        bo = make.customer("de heer Bo Smit", email=SAM).id
    erased(settings, sam)
    post(settings)
    before = len(smtp.to(SAM))
    again = invited()
    with db.transaction():
        make.invitation(make.visit(), db.session.get_one(Customer, bo), at=time.now())
    post(settings)
    assert ["meneer Smit" in mail.text() for mail in smtp.to(SAM)[before:]] == [True]
    with db.transaction():
        asked = select(Message).join(Invitation, Invitation.id == Message.subject_id)
        message = db.session.scalars(asked.where(Invitation.customer_id == again)).one()
        assert (message.end, message.why, message.address.suppressed_at) == ("suppressed", "suppressed.erased", None)


def test_on_the_same_list_again_they_are_not_mailed(settings: Settings, smtp: Relay) -> None:
    erased(settings, invited())
    post(settings)
    before = len(smtp.to(SAM))
    invited()
    post(settings)
    assert len(smtp.to(SAM)) == before
    with db.transaction():
        message = db.session.scalars(
            select(Message).where(Message.notice == "visit_invitation").order_by(Message.id.desc())
        ).first()
        assert message is not None
        assert (message.end, message.why) == ("suppressed", "suppressed.erased")
        assert message.address.suppressed_why == "erased"
