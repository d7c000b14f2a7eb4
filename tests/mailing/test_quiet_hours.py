"""Nobody is asked anything at night: asks, reminders and questionnaires wait for the day of who reads them."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select, update

from tests import factories as make
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as application_clock
from webapp import db, rounds
from webapp.config import Settings, SettingsError
from webapp.invitations.models import Invitation
from webapp.mailing import by_hand, claiming, quiet
from webapp.mailing.claiming import TOGETHER
from webapp.mailing.models import Dispatch, Message
from webapp.mailing.notices import Notice
from webapp.mailing.sweep import install

NIGHT = (time(20), time(8))
EVENING = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
"""Half past nine in the Netherlands, half past three in New York."""
MORNING = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
LATER = timedelta(days=30)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, quiet_hours=NIGHT)


@pytest.fixture(autouse=True)
def _organisation(database: object, clock: Clock) -> None:
    clock.at(EVENING)
    with db.transaction():
        make.organisation()
        install(EVENING - timedelta(days=30))


def ask(**visit: object) -> int:
    """Sam is asked to a visit, now; returns the invitation."""
    with db.transaction():
        return make.invitation(make.visit(**visit), make.customer(), EVENING).id  # type: ignore[arg-type]  # as make.visit


def send(settings: Settings) -> int:
    rounds.tick(settings, wide=True)
    return rounds.deliver(settings, 5)


def waiting() -> list[tuple[str | None, int, int | None, datetime]]:
    """Why, after how many tries, whose, and until when by the application's clock, to the minute."""
    with db.transaction() as session:
        ahead = application_clock.now() - application_clock.real()
        minute = timedelta(minutes=1)
        found = session.scalars(select(Dispatch).order_by(Dispatch.message_id)).all()
        moments = [each.try_at + ahead + minute / 2 for each in found]
        return [
            (each.waits, each.attempts, each.owner, at.replace(second=0, microsecond=0))
            for each, at in zip(found, moments, strict=True)
        ]


def till_morning(clock: Clock) -> None:
    clock.at(MORNING)
    with db.transaction() as session:
        session.execute(update(Dispatch).values(try_at=Dispatch.try_at - (MORNING - EVENING)))


def test_an_ask_waits_for_the_morning_which_is_no_try_and_leaves_then(
    settings: Settings, smtp: Relay, clock: Clock
) -> None:
    ask()
    assert send(settings) == 0
    assert waiting() == [("quiet", 0, None, MORNING)]
    till_morning(clock)
    assert send(settings) == 1
    assert (len(smtp.mails), waiting()) == (1, [])


def test_where_it_is_still_day_the_ask_leaves_at_once(settings: Settings, smtp: Relay) -> None:
    ask(zone="America/New_York")
    ask()
    assert send(settings) == 1
    assert waiting() == [("quiet", 0, None, MORNING)]


def test_without_quiet_hours_and_in_a_demo_it_leaves_at_once(settings: Settings, smtp: Relay) -> None:
    ask()
    assert send(replace(settings, quiet_hours=None)) == 1
    demo = replace(settings, demo=True)
    assert quiet.leaves(demo, make.ZONE, EVENING, EVENING + LATER) == EVENING


def test_what_somebody_wants_to_know_leaves_at_any_hour(settings: Settings, smtp: Relay) -> None:
    with db.transaction():
        invitation = make.invitation(make.visit(), make.customer(), EVENING - timedelta(days=1))
        make.left(invitation, "visit_invitation")
        make.answer(invitation, at=EVENING)
    assert send(settings) == 1
    assert "answer_receipt" in smtp.mails[0].message["Message-ID"]


def test_an_ask_that_would_come_too_late_in_the_morning_leaves_in_the_evening(settings: Settings, smtp: Relay) -> None:
    ask(at=datetime(2026, 11, 24, 8, 30))  # noqa: DTZ001  (a wall time)
    assert send(settings) == 1


def test_who_answered_meanwhile_gets_no_ask_in_the_morning(settings: Settings, smtp: Relay, clock: Clock) -> None:
    invitation = ask()
    send(settings)
    with db.transaction() as session:
        found = session.get_one(Invitation, invitation)
        make.left(found, "answer_receipt")
        make.answer(found, "declined", at=EVENING - timedelta(days=2))
    till_morning(clock)
    rounds.deliver(settings, 5)
    with db.transaction() as session:
        ends = session.scalars(select(Message.end).where(Message.notice == "visit_invitation")).all()
    assert ends == ["not_needed"]


def test_in_the_morning_visits_take_turns(settings: Settings) -> None:
    many, few = TOGETHER + 10, 3
    with db.transaction():
        large, small = make.visit(storyteller_places=many), make.visit(storyteller_places=few)
        for visit, number in ((large, many), (small, few)):
            for _ in range(number):
                make.invitation(visit, make.customer(), EVENING)
        thread = small.thread
    send(settings)
    with db.transaction() as session:
        order = session.scalars(select(Message.thread).join(Dispatch).order_by(Dispatch.try_at, Message.id)).all()
    assert order[: TOGETHER + few].count(thread) == few


def test_who_was_too_slow_puts_nothing_off_that_is_somebody_elses_now(settings: Settings, smtp: Relay) -> None:
    ask()
    rounds.tick(settings, wide=True)
    with rounds.sender(settings) as sender:
        assert sender is not None
        ids = sender.claim(["campaign"])
        with db.transaction():
            claiming.give_back(ids, sender.owner + 1, application_clock.real() + LATER, "quiet")
        assert [(why, attempts, owner) for why, attempts, owner, _ in waiting()] == [(None, 1, sender.owner)]


def test_what_is_stopped_in_the_night_does_not_leave(settings: Settings, smtp: Relay, clock: Clock) -> None:
    ask()
    send(settings)
    with db.transaction() as session:
        assert by_hand.stop(session.scalars(select(Message)).one(), "Anna", application_clock.now())
    till_morning(clock)
    assert send(settings) == 0


@pytest.mark.parametrize(
    ("zone", "due", "leaves"),
    [
        ("Europe/Amsterdam", "2026-11-23T18:59Z", "2026-11-23T18:59Z"),  # 19:59
        ("Europe/Amsterdam", "2026-11-23T19:00Z", "2026-11-24T07:00Z"),  # 20:00
        ("Europe/Amsterdam", "2026-11-24T06:59Z", "2026-11-24T07:00Z"),  # 07:59
        ("Europe/Amsterdam", "2026-11-24T07:00Z", "2026-11-24T07:00Z"),  # 08:00
        ("Europe/Amsterdam", "2026-03-28T22:00Z", "2026-03-29T06:00Z"),  # the night of the clock going forward
        ("Europe/Amsterdam", "2026-10-24T21:00Z", "2026-10-25T07:00Z"),  # and back
        ("America/New_York", "2026-11-24T03:00Z", "2026-11-24T13:00Z"),
        ("Asia/Kathmandu", "2026-11-23T18:00Z", "2026-11-24T02:15Z"),
    ],
)
def test_the_night_is_that_of_the_reader(settings: Settings, zone: str, due: str, leaves: str) -> None:
    at, then = datetime.fromisoformat(due), datetime.fromisoformat(leaves)
    assert quiet.leaves(settings, zone, at, at + LATER) == then


@pytest.mark.parametrize(
    ("hours", "due", "leaves"),
    [
        ("01:00-02:30", "2026-03-29T00:15Z", "2026-03-29T01:30Z"),  # 02:30 does not exist: as much later, 03:30
        ("01:00-02:30", "2026-10-25T00:10Z", "2026-10-25T00:30Z"),  # 02:30 comes twice: the first time
        ("01:00-02:30", "2026-10-25T01:10Z", "2026-10-25T01:30Z"),  # and, when that has been, the second
        ("12:00-14:00", "2026-11-23T12:00Z", "2026-11-23T13:00Z"),
        ("12:00-14:00", "2026-11-23T23:00Z", "2026-11-23T23:00Z"),
    ],
)
def test_other_hours_and_clocks_that_are_put_forward_and_back_in_them(
    settings: Settings, hours: str, due: str, leaves: str
) -> None:
    begin, end = (time.fromisoformat(part) for part in hours.split("-"))
    at, then = datetime.fromisoformat(due), datetime.fromisoformat(leaves)
    assert quiet.leaves(replace(settings, quiet_hours=(begin, end)), "Europe/Amsterdam", at, at + LATER) == then


def test_asks_reminders_and_questionnaires_are_those_that_wait() -> None:
    assert sorted(name for name, notice in Notice.all.items() if notice.asks) == [
        "answer_hint_nudge",
        "consent_renewal",
        "consent_request",
        "invitation_reminder_1",
        "invitation_reminder_2",
        "invitation_reminder_staff_1",
        "invitation_reminder_staff_2",
        "mapping_question",
        "owner_approval",
        "staff_after_survey",
        "staff_digest",
        "story_reminder",
        "story_request",
        "story_shared_with_team",
        "survey_reminder",
        "survey_reminder_staff",
        "thank_you_with_survey",
        "visit_invitation",
        "visit_invitation_staff",
    ]
    unclear = [name for name, notice in Notice.all.items() if notice.asks and "on_clock" not in _defined(notice)]
    assert unclear == []


def _defined(notice: type[Notice]) -> set[str]:
    return {name for each in notice.__mro__ if each is not Notice for name in vars(each)}


def test_quiet_hours_are_on_unless_somebody_turns_them_off(settings: Settings) -> None:
    told = {
        "DATABASE_URL": "postgresql://db/firsthand",
        "REDIS_URL": "redis://redis:6379/0",
        "BASE_URL": "https://visits.example.org",
        "SECRET_KEY": "k" * 32,
    }
    assert Settings.from_environment(told).quiet_hours == NIGHT
    assert Settings.from_environment(told | {"QUIET_HOURS": "off"}).quiet_hours is None
    assert Settings.from_environment(told | {"QUIET_HOURS": "22:30-07:00"}).quiet_hours == (time(22, 30), time(7))
    for wrong in ("at night", "20:00", "08:00-08:00", "20:00-25:00"):
        with pytest.raises(SettingsError, match=r"^QUIET_HOURS .*; set it to, for example, 20:00-08:00, or off\.$"):
            Settings.from_environment(told | {"QUIET_HOURS": wrong})
