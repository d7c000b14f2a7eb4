"""What reports about our mail change: whatever comes, however often and in whatever order, it counts once."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.inbound.conftest import Office
from tests.inbound.letters import MAILBOX, SAM, bounce, complaint, mail
from webapp import clock as application_clock
from webapp import db, wiring
from webapp.links import Keys
from webapp.mailing import by_hand, housekeeping
from webapp.mailing.inbound.tokens import envelope_sender
from webapp.mailing.models import Address, DeliveryEvent, Dispatch, IncomingMail, Message, Suppression

FULL = ("5.2.2", "552 5.2.2 Mailbox full")
BLOCKED = ("5.7.1", "550 5.7.1 Message blocked due to spam content")


def to_us(office: Office) -> str:
    return office.mail.sender


def test_every_mail_has_a_way_back_of_its_own(office: Office) -> None:
    local, _, domain = office.mail.sender.partition("@")
    assert (local.partition("+")[0], domain) == (MAILBOX.partition("@")[0], "firsthand.example")
    assert envelope_sender(Keys.of("a"), "a" * 60 + "@x.example", "x.example", 7) == "a" * 60 + "@x.example"


def test_a_mailbox_that_does_not_exist_gets_no_more_mail(office: Office) -> None:
    assert office.comes_in(bounce(to=to_us(office))) == ["bounced hard"]
    assert (office.ended(), office.suppressed()) == ("bounced", "bounce")
    office.later(days=3)
    office.post()
    assert (len(office.smtp.to(SAM)), office.ended("invitation_reminder_1")) == (1, "suppressed")


@pytest.mark.parametrize(("status", "said"), [FULL, BLOCKED])
def test_a_mailbox_that_is_full_or_refuses_us_is_mailed_again_another_time(
    office: Office, status: str, said: str
) -> None:
    office.comes_in(bounce(status, said, to=to_us(office)))
    assert (office.ended(), office.suppressed()) == ("bounced", None)


def test_the_same_report_twice_changes_things_once(office: Office) -> None:
    raw = bounce(to=to_us(office))
    assert office.comes_in(raw, raw) == ["bounced hard", None]
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Suppression)) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_reports_end_in_the_same_state_in_whatever_order(office: Office, order: tuple[int, ...]) -> None:
    to = to_us(office)
    late = bounce("4.4.1", "connect to mx: timed out", action="delayed", to=to)
    reports = [late, bounce(to=to), bounce(*FULL, to=to)]
    office.comes_in(*(reports[at] for at in order))
    assert (office.ended(), office.suppressed()) == ("bounced", "bounce")


def test_a_mail_that_is_late_and_then_arrives_is_sent(office: Office) -> None:
    office.comes_in(bounce("4.4.1", "connect to mx: timed out", action="delayed", to=to_us(office)))
    assert office.ended() == "delayed"
    office.comes_in(bounce("2.1.5", "250 2.1.5 Ok", action="delivered", to=to_us(office)))
    assert office.ended() == "sent"


def test_a_report_is_about_the_mail_whose_id_it_gives_back(office: Office) -> None:
    our_id = f"Message-ID: {office.mail.message['Message-ID']}\r\n"
    assert office.comes_in(bounce(original=our_id)) == ["bounced hard"]


def test_an_alias_that_bounces_is_the_mailbox_we_mailed(office: Office) -> None:
    office.comes_in(bounce(to=to_us(office), recipient="sdv@elders.example"))
    assert office.suppressed() == "bounce"


def test_a_report_that_anybody_could_have_written_changes_nothing(office: Office) -> None:
    forged = to_us(office)[:-1].replace("-", "-a", 1)[:-17] + "@firsthand.example"
    local, _, domain = to_us(office).partition("@")
    other = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    assert office.comes_in(bounce(), bounce(to=forged), bounce(to=other), complaint()) == ["not about our mail"] * 4
    assert (office.ended(), office.suppressed()) == ("sent", None)


def test_who_had_one_mail_can_stop_nobody_elses(office: Office) -> None:
    with db.transaction():
        factories.customer("Toon Smit", email="toon@customer.example")
    assert office.comes_in(bounce(to=to_us(office), recipient="toon@customer.example")) == ["about another address"]
    assert (office.ended(), office.suppressed("toon@customer.example")) == ("sent", None)


def test_a_server_that_knows_no_capitals_changes_nothing(office: Office) -> None:
    assert office.comes_in(bounce(to=to_us(office).upper())) == ["bounced hard"]


def test_a_report_proves_that_a_mail_in_doubt_was_taken(office: Office) -> None:
    with db.transaction():
        message = office.message()
        message.end = None
        message.dispatch = Dispatch(lane=1, try_at=message.due_at, not_after=message.due_at, state="unknown")
    office.comes_in(mail("Ik ben er niet.", "Auto-Submitted: auto-replied", f"X-Original-To: {to_us(office)}"))
    with db.transaction() as session:
        assert (office.ended(), session.scalar(select(func.count()).select_from(Dispatch))) == ("sent", 0)


def test_a_report_that_is_faster_than_our_own_pen_waits_for_the_next_look(office: Office) -> None:
    to = to_us(office)
    with db.transaction():
        message = office.message()
        message.end = None
        message.dispatch = Dispatch(lane=1, try_at=message.due_at, not_after=message.due_at, state="transmitting")
    assert office.comes_in(bounce(to=to)) == ["later"]
    with db.transaction() as session:
        session.delete(session.scalars(select(Dispatch)).one())
        office.message().end = "sent"
    assert office.comes_in(bounce(to=to)) == ["bounced hard"]


def mend(office: Office, email: str) -> None:
    """As the page does."""
    with db.transaction():
        customer = office.invitation().customer
        assert customer is not None
        old, new = customer.address_id, Address.of(email, "nl")
        customer.address_id = new.id
        db.session.flush()
        by_hand.address_mended(old, new, application_clock.now(), application_clock.real())


def test_the_address_is_mended_and_a_late_word_about_the_old_one_stops_nothing(office: Office) -> None:
    to = to_us(office)
    office.comes_in(bounce(to=to))
    mend(office, "sam.de.vries@customer.example")
    assert office.comes_in(bounce(to=to).replace(b"Tot dan.", b"Tot ziens.")) == ["about another address"]
    office.post()
    assert office.comes_in(bounce(to=to).replace(b"Tot dan.", b"Tot gauw.")) == ["about another address"]
    assert (office.ended(), len(office.smtp.to("sam.de.vries@customer.example"))) == ("sent", 1)
    assert (office.suppressed(), office.suppressed("sam.de.vries@customer.example")) == ("bounce", None)


def test_who_calls_it_spam_is_not_mailed_again(office: Office) -> None:
    assert office.comes_in(complaint(to=to_us(office))) == ["complaint"]
    assert (office.ended(), office.suppressed()) == ("complained", "complaint")


def test_the_stop_button_of_a_mail_program_is_a_stop(office: Office) -> None:
    stop = mail("unsubscribe", "X-Apple-Unsubscribe: true", f"X-Original-To: {to_us(office)}")
    assert (office.comes_in(stop), office.suppressed(), office.ended()) == (["stop"], "stop", "sent")


def test_an_automatic_reply_is_counted_and_never_answered(office: Office) -> None:
    away = mail("Ik ben er niet.", f"X-Original-To: {to_us(office)}", subject="Automatisch antwoord: Zien wij u?")
    assert office.comes_in(away) == ["counted"]
    office.later(minutes=5)
    office.post()
    with db.transaction() as session:
        counted = session.scalar(select(func.count()).where(DeliveryEvent.state == "autoreply"))
    assert (counted, len(office.smtp.mails)) == (1, 1)


def test_a_mail_that_trips_us_up_is_kept_for_a_person_and_holds_up_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(_: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr(wiring, "READERS", (trips,))
    assert office.comes_in(mail("Tot dan"), bounce(to=to_us(office))) == ["failed", "bounced hard"]
    with db.transaction() as session:
        assert session.scalars(select(IncomingMail.kind).order_by(IncomingMail.id)).all() == ["failed", "bounce"]


def test_what_came_in_is_wiped_after_fourteen_days(office: Office) -> None:
    office.comes_in(bounce(to=to_us(office)))
    with db.transaction() as session:
        long_ago = min(application_clock.now(), application_clock.real()) - timedelta(days=15)
        session.scalars(select(IncomingMail)).one().received_at = long_ago
    with db.transaction() as session:
        housekeeping.wipe_old_replies(application_clock.now())
    with db.transaction() as session:
        kept = session.scalars(select(IncomingMail)).one()
        assert (kept.raw, kept.came_of) == (None, "bounced hard")
    assert office.comes_in(bounce(to=to_us(office))) == [None]


def test_a_mail_of_ours_that_comes_back_by_itself_is_not_forwarded(office: Office) -> None:
    assert office.comes_in(office.mail.raw) == ["counted"]
    with db.transaction():
        assert db.session.scalars(select(Message.notice)).all() == ["visit_invitation"]
