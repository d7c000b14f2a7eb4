"""A message is mailed once, or says why not: the sweep, the claim, the guard, the marker, and what a crash leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.fixtures.database import Clock
from tests.fixtures.smtp import DROP_AFTER_DOT, DROP_BEFORE_DOT, Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.accounts.models import Account, MailTest, SignInLink
from webapp.config import Settings
from webapp.mailing import resolution
from webapp.mailing.delivery import Sender
from webapp.mailing.models import DeliveryEvent, Dispatch, Heartbeat, Message, NoticeStart, Pause
from webapp.mailing.sweep import sweep

ANNA = "a.bakker@uni.example"
pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock.at(factories.NOW)


@pytest.fixture(autouse=True)
def _organisation(database: object) -> None:
    with db.transaction():
        factories.organisation()
        factories.account(email=ANNA)
        sweep(time.now(), time.real(), wide=True)


def ask_for_tests(count: int = 1, email: str = ANNA) -> None:
    with db.transaction():
        account = Account.by_email(email) or factories.account(email=email)
        db.session.add_all([MailTest(account=account, at=time.now()) for _ in range(count)])


def messages() -> list[Message]:
    with db.transaction() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def dispatches() -> list[Dispatch]:
    with db.transaction() as session:
        return list(session.scalars(select(Dispatch).order_by(Dispatch.message_id)))


def hurry_up() -> None:
    """Whatever waits for its next try is tried now."""
    with db.transaction() as session:
        session.execute(update(Dispatch).values(try_at=time.real() - timedelta(seconds=1)))


def test_what_is_asked_for_is_mailed_once(settings: Settings, smtp: Relay) -> None:
    ask_for_tests()
    for _ in range(3):
        rounds.tick(settings, wide=True)
        rounds.deliver(settings, 5)
    assert [mail.recipient for mail in smtp.mails] == [ANNA]
    (message,) = messages()
    assert (message.end, message.code, dispatches()) == ("sent", 250, [])


def test_the_message_id_is_the_messages_own_and_stays(settings: Settings, smtp: Relay) -> None:
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    (message,) = messages()
    assert smtp.mails[0].message["Message-ID"] == f"<{message.public_id}.mail_test@{settings.mail_domain}>"


def test_a_busy_server_is_asked_again_later(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(ANNA, "421 4.3.2 Later")
    ask_for_tests()
    rounds.tick(settings)
    assert rounds.deliver(settings, 5) == 0
    (waiting,) = dispatches()
    assert 40 < (waiting.try_at - time.real()).total_seconds() < 80
    hurry_up()
    assert rounds.deliver(settings, 5) == 1


def test_greylisting_starts_with_five_minutes(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(ANNA, "451 4.7.1 Greylisted")
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    (waiting,) = dispatches()
    assert 230 < (waiting.try_at - time.real()).total_seconds() < 370


def test_an_address_that_does_not_exist_fails_and_gets_no_more_mail(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(ANNA, "550 5.1.1 Unknown user")
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    (message,) = messages()
    assert (message.end, message.enhanced) == ("failed", "5.1.1")
    with db.transaction():
        account = Account.by_email(ANNA)
        assert account is not None
        assert account.address.suppressed_why == "bounce"


def test_after_so_many_tries_it_has_failed(settings: Settings, smtp: Relay) -> None:
    few = replace(settings, max_attempts=2)
    smtp.refuse(ANNA, "450 4.2.1 Busy", "450 4.2.1 Busy")
    ask_for_tests()
    rounds.tick(few)
    for _ in range(2):
        hurry_up()
        rounds.deliver(few, 5)
    (message,) = messages()
    assert (message.end, message.why_facts) == ("failed", {"attempts": 2})


def test_an_absent_mail_server_costs_no_tries(settings: Settings) -> None:
    nobody_there = replace(settings, mail_server="127.0.0.1", mail_port=9)
    ask_for_tests()
    rounds.tick(nobody_there)
    assert rounds.deliver(nobody_there, 5) == 0
    (waiting,) = dispatches()
    assert (waiting.state, waiting.attempts, waiting.owner) == ("queued", 0, None)


def test_without_a_mail_server_everything_waits(settings: Settings) -> None:
    off = replace(settings, mail_server=None)
    ask_for_tests()
    rounds.tick(off)
    assert rounds.deliver(off, 5) == 0
    assert [each.state for each in dispatches()] == ["queued"]


def test_a_link_that_was_used_meanwhile_is_not_mailed(settings: Settings, smtp: Relay) -> None:
    with db.transaction() as session:
        account = Account.by_email(ANNA)
        assert account is not None
        account.request_link(time.real(), time.now())
    rounds.tick(settings)
    with db.transaction() as session:
        session.execute(update(SignInLink).values(used_at=time.real()))
    rounds.deliver(settings, 5)
    (message,) = messages()
    assert (message.end, smtp.mails) == ("not_needed", [])


def test_what_fell_due_during_an_outage_is_planned_and_says_it_came_too_late(settings: Settings, clock: Clock) -> None:
    ask_for_tests()
    clock.forward(days=20)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    assert [message.end for message in messages()] == ["expired"]


def test_a_new_notice_does_not_mail_the_past(settings: Settings, smtp: Relay) -> None:
    with db.transaction() as session:
        session.execute(update(NoticeStart).values(at=time.now() + timedelta(minutes=1)))
    ask_for_tests()
    rounds.tick(settings, wide=True)
    assert messages() == []


def test_paused_nothing_leaves_and_resumed_all_does(settings: Settings, smtp: Relay) -> None:
    ask_for_tests(2)
    rounds.tick(settings)
    for scope in ("all", "notice:mail_test"):
        with db.transaction() as session:
            session.add(Pause(scope=scope, at=time.now(), by="Anna"))
        assert rounds.deliver(settings, 5) == 0
        with db.transaction() as session:
            session.query(Pause).delete()
    assert rounds.deliver(settings, 5) == 2


def test_one_mail_that_cannot_be_made_does_not_hold_up_its_neighbours(settings: Settings, smtp: Relay) -> None:
    ask_for_tests()
    rounds.tick(settings)
    with db.transaction() as session:
        session.execute(update(Message).values(notice="mail_test", locale="nl"))
        broken = factories.account(email="broken@uni.example", name="X\r\nBcc: evil@example.com")
        session.add(MailTest(account=broken, at=time.now()))
    rounds.tick(settings)
    for _ in range(4):
        hurry_up()
        rounds.deliver(settings, 5)
    assert all("Bcc" not in mail.message for mail in smtp.mails)
    assert ANNA in [mail.recipient for mail in smtp.mails]


# What a crash leaves behind


def test_lost_before_the_dot_it_is_sent_again(settings: Settings, smtp: Relay) -> None:
    smtp.drop(ANNA, DROP_BEFORE_DOT)
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    hurry_up()
    rounds.deliver(settings, 5)
    assert ([message.end for message in messages()], len(smtp.mails)) == (["sent"], 1)


def test_lost_after_the_dot_without_evidence_one_more_equal_copy_leaves(settings: Settings, smtp: Relay) -> None:
    smtp.drop(ANNA, DROP_AFTER_DOT)
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    assert [each.state for each in dispatches()] == ["unknown"]
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    first, second = smtp.mails
    assert first.raw == second.raw
    assert [message.end for message in messages()] == ["sent"]


class RelayLog:
    """What the relay wrote down, as evidence."""

    def __init__(self, smtp: Relay):
        self.smtp = smtp

    def about(self, message_ids: object) -> dict[str, resolution.Word]:
        accepted = {mail.message["Message-ID"] for mail in self.smtp.mails}
        return {id: "accepted" if id in accepted else "absent" for id in message_ids}  # type: ignore[attr-defined]  # any sequence


def test_lost_after_the_dot_with_evidence_nothing_is_sent_twice(settings: Settings, smtp: Relay) -> None:
    smtp.drop(ANNA, DROP_AFTER_DOT)
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    for _ in range(2):
        rounds.tick(settings, RelayLog(smtp))
        rounds.deliver(settings, 5)
    assert (len(smtp.mails), [message.end for message in messages()]) == (1, ["sent"])


def test_twice_in_doubt_the_organiser_decides(settings: Settings, smtp: Relay) -> None:
    smtp.drop(ANNA, DROP_AFTER_DOT)
    smtp.drop(ANNA, DROP_AFTER_DOT)
    ask_for_tests()
    rounds.tick(settings)
    for _ in range(3):
        rounds.deliver(settings, 5)
        rounds.tick(settings)
    assert ([message.end for message in messages()], len(smtp.mails)) == (["unknown"], 2)


@pytest.fixture
def abandoned(settings: Settings, smtp: Relay) -> Iterator[Sender]:
    """A sender that marked one mail and then stopped; its lock is held as long as this lasts."""
    ask_for_tests()
    rounds.tick(settings)
    with rounds.sender(settings) as sender:
        assert sender is not None
        sender.mark(sender.prepare(sender.claim(["urgent"])), ())
        with db.transaction() as session:
            session.execute(update(Dispatch).values(marked_at=time.real() - 3 * settings.hurry))
        yield sender


def test_a_stopped_sender_is_not_taken_for_dead(settings: Settings, abandoned: Sender) -> None:
    resolution.take_up(settings, time.real())
    assert [each.state for each in dispatches()] == ["transmitting"]


def test_a_dead_senders_mail_is_taken_up(settings: Settings, abandoned: Sender, smtp: Relay) -> None:
    abandoned.__exit__(None, None, None)
    rounds.tick(settings, RelayLog(smtp))
    rounds.deliver(settings, 5)
    assert ([message.end for message in messages()], len(smtp.mails)) == (["sent"], 1)


def test_a_late_word_from_a_former_owner_changes_nothing(settings: Settings, abandoned: Sender) -> None:
    from_then = dispatches()[0].owner
    with db.transaction() as session:
        session.execute(update(Dispatch).values(owner=from_then and from_then + 1))
    abandoned.mark((), [])
    assert [each.state for each in dispatches()] == ["transmitting"]
    assert [message.end for message in messages()] == [None]


def test_every_step_is_written_down(settings: Settings, smtp: Relay) -> None:
    smtp.refuse(ANNA, "421 4.3.2 Later")
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    hurry_up()
    rounds.deliver(settings, 5)
    with db.transaction() as session:
        assert list(session.scalars(select(DeliveryEvent.state).order_by(DeliveryEvent.id))) == ["deferred", "accepted"]


def test_the_tick_leaves_a_heartbeat(settings: Settings) -> None:
    rounds.tick(settings)
    with db.transaction() as session:
        assert session.get_one(Heartbeat, "sweep").application_at == pytest.approx(time.now(), abs=timedelta(minutes=1))


def test_who_lost_the_database_marks_nothing_more(settings: Settings, smtp: Relay) -> None:
    ask_for_tests()
    rounds.tick(settings)
    with rounds.sender(settings) as sender:
        assert sender is not None
        ready = sender.prepare(sender.claim(["urgent"]))
        with db.transaction() as session:
            others = (
                "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid() "
                "and database = (select oid from pg_database where datname = current_database())"
            )
            session.execute(text(others))
        with pytest.raises(DBAPIError):
            sender.mark(ready, ())
    assert [each.state for each in dispatches()] == ["queued"]


def test_a_mail_that_kills_whoever_makes_it_fails_at_last_and_its_neighbours_leave(
    settings: Settings, smtp: Relay
) -> None:
    """Whoever has claimed it dies, and says nothing: here, a claim of which nothing comes."""
    few = replace(settings, max_attempts=5)
    ask_for_tests(10)
    rounds.tick(few)
    deadly = dispatches()[0].message_id
    for _ in range(30):
        hurry_up()
        with rounds.sender(few) as sender:
            assert sender is not None
            claimed = sender.claim(["urgent"])
            if deadly not in claimed:
                sender.send(claimed)
    ends = {message.id: (message.end, message.why_facts) for message in messages()}
    assert ends.pop(deadly) == ("failed", {"attempts": 5})
    assert [end for end, _ in ends.values()] == ["sent"] * 9


def test_who_was_stopped_after_the_marker_sends_nothing_any_more(settings: Settings, smtp: Relay) -> None:
    ask_for_tests(2)
    rounds.tick(settings)
    with rounds.sender(settings) as sender:
        assert sender is not None
        marked = sender.mark(sender.prepare(sender.claim(["urgent"])), ())
        long_ago = monotonic() - 1
        assert [outcome.kind for outcome in sender.transmit(marked, long_ago)] == ["unsent", "unsent"]
    assert smtp.mails == []


def test_what_a_stopped_sender_may_still_send_is_not_sent_again_by_machine(
    settings: Settings, abandoned: Sender, smtp: Relay
) -> None:
    """Its lock is held, so it lives; that the relay has nothing of it proves nothing yet."""
    resolution.take_up(settings, time.real() + resolution.LOCKED_TOO_LONG)
    resolution.resolve(settings, RelayLog(smtp))
    assert ([message.end for message in messages()], dispatches()) == (["unknown"], [])


class NotYet:
    """A relay's log that does not reach that far yet."""

    def about(self, marked: Mapping[str, datetime]) -> dict[str, resolution.Word]:
        return dict.fromkeys(marked, "later")


def test_as_long_as_the_evidence_is_not_in_it_stays_in_doubt(settings: Settings, smtp: Relay) -> None:
    smtp.drop(ANNA, DROP_AFTER_DOT)
    ask_for_tests()
    rounds.tick(settings)
    rounds.deliver(settings, 5)
    for _ in range(2):
        rounds.tick(settings, NotYet())
        rounds.deliver(settings, 5)
    assert ([each.state for each in dispatches()], len(smtp.mails)) == (["unknown"], 1)
