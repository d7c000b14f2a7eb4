"""The clock runs through every due moment, in order: whoever jumps over weeks misses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from tests.fixtures.services import wait_until
from tests.fixtures.smtp import Relay
from webapp import clock, db, rounds
from webapp.accounts.models import Account, SignIn
from webapp.config import Settings
from webapp.demo import time_machine
from webapp.invitations.models import Attendance, Invitation
from webapp.local.part import Part
from webapp.mailing.delivery import Sender
from webapp.mailing.models import ClockShift, DeliveryEvent, Dispatch, Message, Pause
from webapp.mailing.post import Post
from webapp.mailing.sweep import sweep
from webapp.mailing.transport import Relay as Transport
from webapp.surveys.models import Register, Wave
from webapp.visits.models import Visit

A_MINUTE = timedelta(minutes=1)
FOUR_WEEKS = timedelta(days=28)


def coming() -> Visit:
    """The visit that people are answering about."""
    invited = select(Visit).where(Visit.invited_at.is_not(None)).order_by(Visit.starts_at.desc())
    return db.session.scalars(invited.limit(1)).one()


def go(settings: Settings, target: datetime) -> None:
    with db.transaction():
        ClockShift.follow()
        assert time_machine.set_out(target)
    time_machine.travel(settings)


def sent_about(visit: Visit, since: datetime) -> list[Message]:
    """What left about this visit, in the order in which it left."""
    left = select(Message).join(DeliveryEvent, DeliveryEvent.message_id == Message.id)
    left = left.where(Message.thread == visit.thread, Message.end == "sent", Message.accepted_at > since)
    return list(db.session.scalars(left.order_by(DeliveryEvent.id)))


def test_reminders_the_brief_the_eve_and_the_hour_before_leave_in_order(loaded: Settings, smtp: Relay) -> None:
    start = clock.now()
    with db.transaction():
        visit = coming()
    go(loaded, visit.ends_at)
    with db.transaction():
        messages = sent_about(visit, start)
        assert [message.due_at for message in messages] == sorted(message.due_at for message in messages)
        first = [message.notice for message in messages if message.notice != "visit_invitation"]
        assert list(dict.fromkeys(first)) == [
            "invitation_reminder_1", "host_brief", "invitation_reminder_2", "day_before", "day_before_staff",
            "unanswered_notice", "hour_before_staff", "waiting_lapsed",
        ]  # fmt: skip
        late = [
            message for message in messages if message.accepted_at and message.accepted_at - message.due_at > A_MINUTE
        ]
        assert late == []
        assert db.session.scalar(select(Message.id).where(Message.end == "expired")) is None
    assert visit.ends_at <= clock.now() < visit.ends_at + A_MINUTE


def test_a_seat_that_comes_free_is_offered_lapses_and_is_never_jumped_over(loaded: Settings, smtp: Relay) -> None:
    start = clock.now()
    with db.transaction():
        visit = coming()
        seated = next(each for each in Invitation.of_visit(visit.id) if each.staff and each.state == "accepted")
        waiting = next(each for each in Invitation.of_visit(visit.id) if each.state == "waiting")
        seated.answer("declined", start)
        person = waiting.person.name.full
    go(loaded, visit.ends_at)
    with db.transaction():
        notices = [each.notice for each in sent_about(visit, start) if each.notice.startswith("waiting")]
        assert notices == ["waiting_offer", "waiting_lapsed"]
        lapsed = next(each for each in Invitation.of_visit(visit.id) if each.person.name.full == person)
        assert lapsed.state == "lapsed"


def test_four_weeks_on_colleagues_are_asked_and_reminded_at_their_moments(loaded: Settings, smtp: Relay) -> None:
    with db.transaction():
        visit = coming()
    go(loaded, visit.ends_at)
    with db.transaction():
        ended = clock.now()
        for invitation in Invitation.of_visit(visit.id):
            if invitation.partstat == "accepted":
                db.session.add(Attendance(invitation=invitation, present=True, at=ended))
    rounds.tick(loaded)
    with db.transaction():
        opens = select(func.max(Register.opens_at)).join(Wave).where(Wave.visit_id == visit.id)
        last = db.session.scalars(opens).one()
    go(loaded, last + A_MINUTE)
    with db.transaction():
        sent = sent_about(visit, ended)
        asked = [message.notice for message in sent]
        assert list(dict.fromkeys(asked)) == [
            "thank_you_with_survey", "staff_after_survey", "survey_reminder", "survey_reminder_staff",
        ]  # fmt: skip
        assert asked[-1] == "staff_after_survey"
        assert [
            message for message in sent if message.accepted_at and message.accepted_at - message.due_at > A_MINUTE
        ] == []
        assert db.session.scalars(select(Message).where(Message.end == "expired")).all() == []


def test_the_past_is_not_on_offer(loaded: Settings) -> None:
    with db.transaction():
        assert not time_machine.set_out(clock.now() - A_MINUTE)
        assert time_machine.journey(clock.now()) is None


def test_the_journey_says_how_far_it_went_and_how_many_mails_left(loaded: Settings, smtp: Relay) -> None:
    start = clock.now()
    go(loaded, start + timedelta(days=1))
    with db.transaction():
        journey = time_machine.journey(clock.now())
        assert journey is not None
        assert not journey.under_way
        assert journey.at - journey.left_at - timedelta(days=1) < A_MINUTE
        assert journey.mails == len(smtp.mails) > 0


def test_who_signed_in_stays_signed_in(loaded: Settings) -> None:
    with db.transaction():
        _entry, secret = db.session.scalars(select(Account)).first().sign_in(clock.real(), "a browser")  # type: ignore[union-attr]  # there is one
    go(loaded, clock.now() + timedelta(days=3))
    with db.transaction():
        assert SignIn.by_secret(secret, clock.real()) is not None


def test_mail_that_is_paused_holds_nobody_up_and_stays(loaded: Settings, smtp: Relay) -> None:
    with db.transaction() as session:
        session.add(Pause(scope="all", at=clock.now(), by="Anna"))
        visit = coming()
    began = clock.real()
    go(loaded, visit.ends_at)
    assert clock.real() - began < 4 * time_machine.PATIENCE  # of more steps than that
    assert smtp.mails == []
    with db.transaction() as session:
        assert session.scalars(select(func.count()).select_from(Dispatch)).one() > 0


def test_a_worker_whose_clock_was_read_before_does_not_take_new_mail_for_too_early(
    loaded: Settings, smtp: Relay
) -> None:
    with db.transaction():
        visit = coming()
    before = clock.now()
    with Sender(loaded, Post.of(loaded, "Universiteit Voorbeeld"), Transport.of(loaded)) as slow:
        with db.transaction():
            ClockShift.locked().ahead_seconds = (visit.eve_at + A_MINUTE - clock.real()).total_seconds()
        with db.transaction():
            sweep(visit.eve_at + A_MINUTE, clock.real(), wide=True)
        clock.run_ahead(before - clock.real())
        slow.work(("urgent", "normal", "campaign"), 10)
    assert {mail.recipient for mail in smtp.mails if "wij kijken ernaar uit" in mail.subject} == {
        "samira.haddou@studnet.example", "lukasz.jansen@post.example",
    }  # fmt: skip


def test_a_journey_goes_on_after_its_worker_was_killed(
    loaded: Settings, smtp: Relay, start_worker: Callable[..., Part], ask: Callable[[str], None]
) -> None:
    told = {
        "DATABASE_URL": loaded.database_url,
        "FIRSTHAND_DEMO": "1",
        "FIRSTHAND_LEASE": "2",
        "FIRSTHAND_HURRY": "0.3",
    }
    with db.transaction():
        visit, start = coming(), clock.now()
        time_machine.set_out(visit.ends_at)
    first = start_worker("tick", **told)
    ask("tasks.sweep.tick")
    wait_until(lambda: _clock() > start + timedelta(days=2), "two days on")
    first.kill()
    stopped_at = _clock()
    assert stopped_at < visit.ends_at
    start_worker("tick", **told)
    wait_until(lambda: ask("tasks.sweep.tick") or _arrived(), "the end of the visit", 60)  # type: ignore[func-returns-value]  # it asks, then looks
    with db.transaction():
        messages = sent_about(visit, start)
        assert [message.due_at for message in messages] == sorted(message.due_at for message in messages)
        assert "day_before" in {message.notice for message in messages}
    arrived = {mail.message["Message-ID"].strip("<").partition(".")[0] for mail in smtp.mails}
    assert {message.public_id for message in messages} <= arrived


def _clock() -> datetime:
    with db.transaction():
        ClockShift.follow()
        return clock.now()


def _arrived() -> bool:
    with db.transaction():
        journey = time_machine.journey(clock.now())
        return journey is not None and not journey.under_way
