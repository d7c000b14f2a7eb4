"""One visit from invitation to questionnaire, over real SMTP: everybody gets each mail once, with links that work."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests import factories
from tests.emails.samples import NOW, Stage
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, links, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.mailing.models import Message
from webapp.mailing.sweep import sweep
from webapp.visits.models import Slot, Visit

CUSTOMER, COLLEAGUE, HOST = "s.devries@student.example", "t.yilmaz@uni.example", "a.bakker@uni.example"
TUESDAY = datetime(2026, 12, 8, 10, 0)  # noqa: DTZ001  (a wall time)


class Story:
    """What happens, and who got which mail because of it."""

    def __init__(self, settings: Settings, clock: Clock, smtp: Relay) -> None:
        self.settings, self.clock, self.smtp = settings, clock, smtp
        self.clock.at(NOW)
        with db.transaction():
            stage = Stage("nl")
            self.visit_id = stage.visit.id
            factories.invitation(stage.visit, stage.customer)
            factories.invitation(stage.visit, stage.colleague)
            sweep(NOW - timedelta(days=1), time.real(), wide=True)

    def of(self, email: str) -> Invitation:
        everybody = db.session.scalars(select(Invitation).where(Invitation.visit_id == self.visit_id))
        return next(each for each in everybody if each.address and each.address.email == email)

    @property
    def visit(self) -> Visit:
        return db.session.get_one(Visit, self.visit_id)

    def mails_at(self, moment: datetime) -> list[tuple[str, str]]:
        """Put the clock there, let the workers work, and say what left: recipient and kind, in order of name."""
        self.clock.at(moment)
        before = len(self.smtp.mails)
        rounds.tick(self.settings, wide=True)
        rounds.deliver(self.settings, 10)
        kinds = [(mail.recipient, _kind(str(mail.message["Message-ID"]))) for mail in self.smtp.mails[before:]]
        return sorted(kinds)


def _kind(message_id: str) -> str:
    return message_id.split("@")[0].split(".")[1]


@pytest.fixture
def story(database: object, settings: Settings, clock: Clock, smtp: Relay) -> Story:
    return Story(settings, clock, smtp)


def test_a_visit_from_invitation_to_questionnaire(story: Story) -> None:
    assert story.mails_at(NOW + timedelta(minutes=1)) == [
        (CUSTOMER, "visit_invitation"), (COLLEAGUE, "visit_invitation_staff"),
    ]  # fmt: skip
    with db.transaction():
        story.of(CUSTOMER).answer("accepted", time.now())
        story.of(COLLEAGUE).answer("accepted", time.now())
    assert story.mails_at(NOW + timedelta(minutes=2)) == [
        (CUSTOMER, "answer_receipt"), (COLLEAGUE, "answer_receipt_staff"),
    ]  # fmt: skip

    with db.transaction():
        for hour in (9, 11, 10):
            slot = Slot(TUESDAY.replace(hour=hour), story.visit.zone, 45, room=story.visit.room)
            story.visit.move(time.now(), timedelta(seconds=60), None, slot)
            db.session.flush()
    assert story.mails_at(NOW + timedelta(minutes=2, seconds=30)) == []
    assert story.mails_at(NOW + timedelta(minutes=4)) == [(CUSTOMER, "visit_moved"), (COLLEAGUE, "visit_moved_staff")]
    assert [_sequence(mail) for mail in story.smtp.to(CUSTOMER)[1:]] == [0, 3]

    assert story.mails_at(datetime(2026, 12, 4, 8, 1, tzinfo=UTC)) == [(HOST, "host_brief")]
    assert story.mails_at(datetime(2026, 12, 7, 15, 1, tzinfo=UTC)) == [
        (CUSTOMER, "day_before"), (COLLEAGUE, "day_before_staff"),
    ]  # fmt: skip
    assert story.mails_at(datetime(2026, 12, 8, 7, 50, tzinfo=UTC)) == [(COLLEAGUE, "hour_before_staff")]

    with db.transaction():
        for email in (CUSTOMER, COLLEAGUE):
            factories.attendance(story.of(email), at=datetime(2026, 12, 8, 9, 30, tzinfo=UTC))
    assert story.mails_at(datetime(2026, 12, 8, 11, 46, tzinfo=UTC)) == [(CUSTOMER, "thank_you_with_survey")]
    assert story.mails_at(datetime(2026, 12, 9, 8, 1, tzinfo=UTC)) == [(COLLEAGUE, "staff_after_survey")]
    assert story.mails_at(datetime(2026, 12, 12, 8, 1, tzinfo=UTC)) == [(CUSTOMER, "survey_reminder")]
    assert story.mails_at(datetime(2026, 12, 13, 8, 1, tzinfo=UTC)) == [(COLLEAGUE, "survey_reminder_staff")]
    assert story.mails_at(datetime(2027, 1, 6, 8, 1, tzinfo=UTC)) == [(COLLEAGUE, "staff_after_survey")]

    assert story.mails_at(datetime(2027, 1, 6, 8, 2, tzinfo=UTC)) == []
    one_visit = {mail.message["References"] for mail in story.smtp.mails}
    assert len(one_visit) == 1
    with db.transaction():
        assert {message.end for message in db.session.scalars(select(Message))} == {"sent"}


def test_silence_is_reminded_twice_and_then_told_to_the_organiser(story: Story) -> None:
    with db.transaction():
        story.visit.meet_at(datetime(2026, 12, 10, 14, 0), story.visit.zone, 45)  # noqa: DTZ001  (a wall time)
    story.mails_at(NOW + timedelta(minutes=1))
    heard = [story.mails_at(NOW + timedelta(days=day, minutes=5)) for day in (3, 4, 9, 10, 11)]
    assert [mails for mails in heard if mails] == [
        [(CUSTOMER, "invitation_reminder_1"), (COLLEAGUE, "invitation_reminder_staff_1")],
        [(CUSTOMER, "invitation_reminder_2"), (COLLEAGUE, "invitation_reminder_staff_2")],
        [("n.haddad@uni.example", "unanswered_notice")],
    ]


def test_a_cancellation_takes_the_visit_out_of_the_calendar(story: Story) -> None:
    story.mails_at(NOW + timedelta(minutes=1))
    with db.transaction():
        story.of(CUSTOMER).answer("accepted", time.now())
    story.mails_at(NOW + timedelta(minutes=2))
    with db.transaction():
        story.visit.cancel(time.now(), timedelta(seconds=60), {}, host_will_call=False)
    assert story.mails_at(NOW + timedelta(minutes=5)) == [
        (CUSTOMER, "visit_cancelled"), (COLLEAGUE, "visit_cancelled_staff"),
    ]  # fmt: skip
    yes, off = (Calendar.from_ical(mail.text("calendar")) for mail in story.smtp.to(CUSTOMER)[1:])
    assert (yes["METHOD"], off["METHOD"]) == ("PUBLISH", "CANCEL")
    assert yes.walk("VEVENT")[0]["UID"] == off.walk("VEVENT")[0]["UID"]


def test_every_link_of_a_mail_opens_its_own_door(story: Story) -> None:
    story.mails_at(NOW + timedelta(minutes=1))
    (mail,) = story.smtp.to(CUSTOMER)
    found = set(re.findall(re.escape(story.settings.base_url) + r"/(a|p|u)/([\w.-]+)", mail.text("html")))
    keys = links.Keys.of(*story.settings.secret_keys)
    scopes = {path: scope for scope, path in links.PATHS.items()}
    with db.transaction():
        opened = {scopes[path]: links.resolve(keys, scopes[path], token, time.now()) for path, token in found}
        subjects = {scope: link.subject_id for scope, link in opened.items() if link}
        invitation = story.of(CUSTOMER)
        assert invitation.address is not None
        assert subjects == {"answer": invitation.id, "data": invitation.address.id, "stop": invitation.address.id}


def _sequence(mail: object) -> int:
    text = mail.text("calendar")  # type: ignore[attr-defined]  # a Caught
    return int(re.search(r"SEQUENCE:(\d+)", text)[1])  # type: ignore[index]  # every event has one
