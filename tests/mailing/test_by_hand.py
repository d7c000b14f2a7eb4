"""What people do about mail by hand: nothing is sent twice, and nothing they stopped leaves."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as application_clock
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.notices.customers import FirstReminder
from webapp.mailing import by_hand, housekeeping, said
from webapp.mailing.by_hand import CannotTryAgain
from webapp.mailing.models import Address, DeliveryEvent, Message, Said, SharedContent
from webapp.mailing.sweep import install
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("database")
SAM, RIGHT = "sam@example.com", "sam.de.vries@example.com"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def invited(clock: Clock, database: object) -> int:
    """Sam is invited, and the invitation leaves now."""
    clock.at(NOW)
    with db.transaction():
        install(NOW - DAY)
        factories.organisation()
        return factories.invitation(factories.visit(), factories.customer(email=SAM), NOW - MINUTE).id


def deliver(settings: Settings) -> None:
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)


def the_mail() -> Message:
    return db.session.scalars(select(Message)).one()


def try_again() -> None:
    by_hand.try_again(the_mail(), application_clock.now(), application_clock.real())


def test_a_mail_that_was_refused_leaves_again_as_the_same_mail(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(SAM, "554 5.7.1 No")
    deliver(settings)
    with db.transaction():
        assert (the_mail().end, smtp.mails) == ("failed", [])
        try_again()
    deliver(settings)
    with db.transaction():
        message = the_mail()
        assert (message.end, [mail.recipient for mail in smtp.mails]) == ("sent", [SAM])
        assert message.public_id in smtp.mails[0].message["Message-ID"]
        events = db.session.scalars(select(DeliveryEvent.state).order_by(DeliveryEvent.id)).all()
        assert events == ["refused", "queued", "accepted"]


def test_a_sent_mail_is_not_sent_again(settings: Settings, smtp: Relay) -> None:
    deliver(settings)
    with db.transaction(), pytest.raises(CannotTryAgain):
        try_again()
    assert len(smtp.mails) == 1


def test_an_address_that_does_not_exist_is_mended_first(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(SAM, "550 5.1.1 Unknown")
    deliver(settings)
    with db.transaction():
        with pytest.raises(CannotTryAgain) as cannot:
            try_again()
        assert cannot.value.why == "suppressed"


def test_with_the_right_address_the_mail_leaves_after_all(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(SAM, "550 5.1.1 Unknown")
    deliver(settings)
    with db.transaction():
        customer = db.session.scalars(select(Customer)).one()
        old = customer.address_id
        new = customer.mend_address(RIGHT)
        assert by_hand.address_mended(old, new, application_clock.now(), application_clock.real()) == 1
    deliver(settings)
    assert [mail.recipient for mail in smtp.mails] == [RIGHT]
    with db.transaction():
        old_one = db.session.scalars(select(Address).where(Address.email == SAM)).one()
        assert old_one.suppressed_why == "bounce"


def test_who_shares_the_old_address_gets_no_second_mail(settings: Settings, smtp: Relay, invited: int) -> None:
    with db.transaction():
        visit = db.session.scalars(select(Visit)).one()
        factories.invitation(visit, factories.customer("Bo Smit", email=SAM), NOW - MINUTE)
    smtp.refuse(SAM, "550 5.1.1 Unknown", "550 5.1.1 Unknown")
    deliver(settings)
    with db.transaction():
        customer = db.session.scalars(select(Customer).order_by(Customer.id)).first()
        assert customer
        old = customer.address_id
        new = customer.mend_address(RIGHT)
        assert by_hand.address_mended(old, new, application_clock.now(), application_clock.real()) == 1
    deliver(settings)
    assert [mail.recipient for mail in smtp.mails] == [RIGHT]


def test_a_mail_that_is_no_longer_needed_is_not_tried_again(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(SAM, "554 5.7.1 No")
    deliver(settings)
    with db.transaction():
        factories.cancel(db.session.scalars(select(Visit)).one())
        with pytest.raises(CannotTryAgain) as cannot:
            try_again()
        assert cannot.value.why == "needless"


def test_a_mail_that_came_too_late_is_not_tried_again(settings: Settings, smtp: Relay, clock: Clock) -> None:
    smtp.refuse(SAM, "554 5.7.1 No")
    deliver(settings)
    clock.at(NOW + 8 * DAY)
    with db.transaction():
        with pytest.raises(CannotTryAgain) as cannot:
            try_again()
        assert cannot.value.why == "late"


def test_a_mail_that_waits_can_be_stopped_and_sent_after_all(settings: Settings, smtp: Relay) -> None:
    rounds.tick(settings, wide=True)
    with db.transaction():
        assert by_hand.stop(the_mail(), "Anna Bakker", NOW)
    rounds.deliver(settings, 5)
    with db.transaction():
        message = the_mail()
        assert (message.end, message.why_facts, smtp.mails) == ("cancelled", {"by": "Anna Bakker"}, [])
        assert by_hand.undo_stop(NOW, application_clock.now(), application_clock.real()) == 1
    rounds.deliver(settings, 5)
    assert len(smtp.mails) == 1


def test_a_mail_that_left_cannot_be_stopped(settings: Settings, smtp: Relay) -> None:
    deliver(settings)
    with db.transaction():
        assert not by_hand.stop(the_mail(), "Anna Bakker", NOW)
        assert the_mail().end == "sent"


def test_a_planned_mail_that_is_stopped_never_leaves(
    settings: Settings, smtp: Relay, clock: Clock, invited: int
) -> None:
    deliver(settings)
    with db.transaction():
        assert by_hand.stop_planned(FirstReminder, [invited], "Anna Bakker", application_clock.now()) == 1
        assert by_hand.stop_planned(FirstReminder, [invited], "Anna Bakker", application_clock.now()) == 0
    clock.at(NOW + 4 * DAY)
    deliver(settings)
    assert len(smtp.mails) == 1


def test_undoing_the_stop_of_a_planned_mail_lets_it_leave_in_its_own_time(
    settings: Settings, smtp: Relay, clock: Clock, invited: int
) -> None:
    deliver(settings)
    with db.transaction():
        by_hand.stop_planned(FirstReminder, [invited], "Anna Bakker", NOW)
        assert by_hand.undo_stop(NOW, application_clock.now(), application_clock.real()) == 1
    deliver(settings)
    assert len(smtp.mails) == 1
    clock.at(NOW + 4 * DAY)
    deliver(settings)
    assert len(smtp.mails) == 2


@pytest.mark.parametrize("what", ["all", "notice:visit_invitation", "thread"])
def test_what_is_paused_waits_and_leaves_when_resumed(settings: Settings, smtp: Relay, what: str) -> None:
    with db.transaction():
        thread = db.session.scalars(select(Visit)).one().thread
        scope = f"thread:{thread}" if what == "thread" else what
        assert by_hand.known_scope(scope)
        by_hand.pause(scope, "Anna Bakker", NOW)
        by_hand.pause(scope, "Karin Visser", NOW + MINUTE)
    deliver(settings)
    assert smtp.mails == []
    with db.transaction():
        assert by_hand.resume(scope)
        assert not by_hand.resume(scope)
    deliver(settings)
    assert len(smtp.mails) == 1


def test_only_what_there_is_can_be_paused() -> None:
    with db.transaction():
        found = [by_hand.known_scope(scope) for scope in ("all", "notice:nothing", "thread:nothing", "", "everything")]
    assert found == [True, False, False, False, False]


def test_what_a_mail_said_is_wiped_after_thirty_days_and_that_it_was_sent_stays(
    settings: Settings, smtp: Relay
) -> None:
    deliver(settings)
    long_ago = min(application_clock.now(), application_clock.real()) - 31 * DAY
    with db.transaction():
        message = the_mail()
        assert said.content(message.id) is not None
        db.session.execute(update(Said).values(at=long_ago))
        db.session.execute(update(SharedContent).values(used_at=long_ago))
    with db.transaction():
        assert housekeeping.wipe_old_mail(application_clock.now()) == 1
        message = the_mail()
        assert (said.content(message.id), message.reply, message.end) == (None, None, "sent")
        assert message.accepted_at is not None
        assert db.session.scalar(select(func.count()).select_from(SharedContent)) == 0
        assert housekeeping.wipe_old_mail(application_clock.now()) == 0


def test_a_demo_that_runs_ahead_forgets_nothing(settings: Settings, smtp: Relay, clock: Clock) -> None:
    deliver(settings)
    clock.forward(days=60)
    with db.transaction():
        the_mail().ended_at = application_clock.real() - DAY
    with db.transaction():
        assert housekeeping.wipe_old_mail(application_clock.now()) == 0


def test_seeing_to_a_mailbox_settles_all_that_went_wrong_with_it(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(SAM, "554 5.7.1 No")
    deliver(settings)
    with db.transaction():
        by_hand.settle(the_mail(), NOW)
    with db.transaction():
        assert the_mail().settled_at == NOW
