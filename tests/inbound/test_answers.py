"""What people send back: a tap in a calendar is an answer as on the page, and what they write reaches the host."""

import importlib
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import NOW
from tests.inbound.conftest import Office
from tests.inbound.letters import MAILBOX, SAM, calendar_mail, event, mail
from webapp import clock as application_clock
from webapp import db
from webapp.invitations.models import Proposal
from webapp.invitations.replies import Reply, wipe_replies
from webapp.mailing.models import Message

HOST = "anna@uni.example"


def tapped(office: Office, partstat: str, at: int = 10, **more: object) -> bytes:
    """Sam's calendar answers, `at` minutes past eight."""
    stamp = f"{NOW + timedelta(minutes=at):%Y%m%dT%H%M%SZ}"
    return calendar_mail(event(partstat, uid=office.uid, stamp=stamp, **more))  # type: ignore[arg-type]  # names of its own


def replies() -> list[tuple[str, str]]:
    with db.transaction():
        return [(each.sender, each.text) for each in db.session.scalars(select(Reply).order_by(Reply.id))]


@pytest.fixture
def later(office: Office) -> Office:
    office.later(hours=1)
    return office


def test_a_yes_in_the_calendar_is_a_yes(later: Office) -> None:
    assert later.comes_in(tapped(later, "ACCEPTED")) == ["accepted"]
    assert later.answers() == [("accepted", "calendar")]


def test_who_said_yes_gets_a_file_that_can_be_answered_and_the_answer_is_theirs(later: Office) -> None:
    later.comes_in(tapped(later, "ACCEPTED"))
    later.post()
    file = later.mail.text("calendar").replace("\r\n ", "")
    assert "METHOD:REQUEST" in file
    assert f"mailto:{MAILBOX}" in next(line for line in file.splitlines() if line.startswith("ORGANIZER"))
    (attendee,) = [line for line in file.splitlines() if line.startswith("ATTENDEE")]
    assert ("PARTSTAT=ACCEPTED;RSVP=TRUE" in attendee, attendee.endswith(f":mailto:{SAM}")) == (True, True)
    answer = file.replace("METHOD:REQUEST", "METHOD:REPLY").replace("PARTSTAT=ACCEPTED", "PARTSTAT=DECLINED")
    later.later(minutes=5)
    assert later.comes_in(calendar_mail(answer)) == ["declined"]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_last_word_counts_in_whatever_order_words_arrive(later: Office, order: tuple[int, ...]) -> None:
    said = [tapped(later, "ACCEPTED", 1), tapped(later, "DECLINED", 2), tapped(later, "TENTATIVE", 3)]
    later.comes_in(*(said[at] for at in order))
    with db.transaction():
        assert later.invitation().partstat == "tentative"


def test_the_same_answer_twice_is_one(later: Office) -> None:
    again = tapped(later, "ACCEPTED").replace(b"Geaccepteerd", b"Fwd: Geaccepteerd")
    assert later.comes_in(tapped(later, "ACCEPTED"), tapped(later, "ACCEPTED"), again) == ["accepted", None, "accepted"]
    assert later.answers() == [("accepted", "calendar")]


def test_an_old_word_of_the_calendar_does_not_undo_what_was_said_on_the_page(later: Office) -> None:
    with db.transaction():
        later.invitation().answer("declined", application_clock.now())
    assert later.comes_in(tapped(later, "ACCEPTED", 10)) == ["stale"]
    later.later(minutes=10)
    assert later.comes_in(tapped(later, "ACCEPTED", 68)) == ["accepted"]


def test_a_calendar_that_copies_our_own_moment_is_believed_by_the_date_of_its_mail(later: Office) -> None:
    with db.transaction():
        later.invitation().answer("accepted", application_clock.now())
        copied = later.invitation().answered_at
        assert copied is not None
    later.later(days=1)
    raw = calendar_mail(event("DECLINED", uid=later.uid, stamp=f"{copied:%Y%m%dT%H%M%SZ}"))
    date = b"Date: Mon, 23 Nov 2026 10:00:00 +0100"
    assert later.comes_in(raw.replace(date, b"Date: Tue, 24 Nov 2026 09:00:00 +0100")) == ["declined"]


def test_an_answer_about_the_time_before_the_move_says_nothing_about_the_new_one(later: Office) -> None:
    with db.transaction():
        factories.move(later.invitation().visit, datetime(2026, 12, 4, 10, 0), application_clock.now())  # noqa: DTZ001
    without = tapped(later, "DECLINED", sequence=None)
    assert later.comes_in(tapped(later, "ACCEPTED"), without) == ["stale", "stale"]
    later.later(minutes=10)
    assert later.comes_in(tapped(later, "ACCEPTED", 65, sequence=1)) == ["accepted"]


def test_another_time_in_the_calendar_is_another_time_for_the_organiser(later: Office) -> None:
    times = ["DTSTART;TZID=Europe/Amsterdam:20261204T100000", "DTEND;TZID=Europe/Amsterdam:20261204T110000"]
    more = [*times, "COMMENT:Liever vrijdag"]
    assert later.comes_in(tapped(later, "TENTATIVE", method="COUNTER", more=more)) == ["other"]
    with db.transaction() as session:
        proposal = session.scalars(select(Proposal)).one()
        assert proposal.times["dayparts"] == [["fri", "morning"]]
        assert "10:00" in proposal.times["note"]
        assert later.invitation().visit.wall.day == 3
    later.later(minutes=20)
    later.post()
    assert later.ended("new_time_proposed") == "sent"


@pytest.mark.parametrize("attendee", ["toon@customer.example", "sam@customer.example.org"])
def test_somebody_else_answers_nothing_in_sams_place(later: Office, attendee: str) -> None:
    assert later.comes_in(tapped(later, "ACCEPTED", attendee=attendee)) == ["forwarded"]
    assert (later.answers(), replies()[0][0]) == ([], attendee)


def test_a_uid_that_resembles_one_of_ours_is_nobodys(later: Office) -> None:
    for uid in (later.uid.replace("-", ""), f"{{{later.uid}}}", f"x{later.uid}", "nonsense"):
        assert later.comes_in(calendar_mail(event(uid=uid))) == ["nobody's"]
    assert later.answers() == []


def test_a_delegate_is_for_a_person_to_decide(later: Office) -> None:
    raw = tapped(later, "DELEGATED", parameters=';DELEGATED-TO="mailto:kim@customer.example"')
    assert later.comes_in(raw) == ["forwarded"]
    assert (later.answers(), replies()) == ([], [(SAM, "DELEGATED kim@customer.example")])


def test_an_answer_to_a_visit_that_is_off_changes_nothing(later: Office) -> None:
    with db.transaction():
        factories.cancel(later.invitation().visit, application_clock.now())
    assert later.comes_in(tapped(later, "ACCEPTED", 70, sequence=1)) == ["closed: cancelled"]


def test_a_remark_with_an_answer_reaches_the_host(later: Office) -> None:
    assert later.comes_in(tapped(later, "ACCEPTED", more=["COMMENT:Met rolstoel"])) == ["accepted"]
    assert replies() == [(SAM, "Met rolstoel")]


def test_a_remark_that_outlook_puts_into_the_mail_reaches_the_host_and_googles_own_words_do_not(later: Office) -> None:
    body = event("ACCEPTED", uid=later.uid, stamp="20261123T081000Z")
    outlook = body.replace("-//Kalender//NL", "-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN")
    later.comes_in(
        calendar_mail(body, words="Sam heeft de uitnodiging geaccepteerd."),
        calendar_mail(outlook, words="Met rolstoel"),
    )
    assert replies() == [(SAM, "Met rolstoel")]


def test_what_a_customer_writes_reaches_the_host_once_and_an_answer_goes_straight_back(later: Office) -> None:
    with db.transaction():
        host = later.invitation().visit.host
        host.address_id = factories.address(HOST).id
    in_reply = f"In-Reply-To: {later.mail.message['Message-ID']}"
    written = mail(
        "Mag mijn zoon mee?\n\nOp 23 nov schreef Anna:\n> Zien wij u?", in_reply, sender="Sam <s@elders.example>"
    )
    assert later.comes_in(written, written) == ["forwarded", None]
    later.post()
    later.post()
    (forwarded,) = later.smtp.to(HOST)
    assert "Mag mijn zoon mee?" in forwarded.text()
    assert "Zien wij u?" not in forwarded.text()
    assert "s@elders.example" in str(forwarded.message["Reply-To"])


def test_who_writes_without_answering_a_mail_is_known_by_their_address(later: Office) -> None:
    assert later.comes_in(mail("Waar moet ik zijn?")) == ["forwarded"]


def test_nobody_fills_the_hosts_mailbox_through_ours(later: Office) -> None:
    came_of = later.comes_in(*(mail(f"Vraag {number}") for number in range(22)))
    assert [came_of.count(each) for each in ("forwarded", "nobody's")] == [20, 2]


def test_what_concerns_nobody_here_is_left_for_a_person(later: Office) -> None:
    assert later.comes_in(mail("Win a prize", sender="prize@spam.example")) == ["nobody's"]
    assert replies() == []


def test_hostile_words_reach_the_host_as_words(later: Office) -> None:
    with db.transaction():
        later.invitation().visit.host.address_id = factories.address(HOST).id
    hostile = "<script>alert(1)</script>\x07 {{ 7*7 }} %(reply_text)s\r\n.\r\nBcc: x@evil.example"
    later.comes_in(mail(hostile, sender=f'"a\\r\\nBcc: x@evil.example" <{SAM}>'))
    later.post()
    (forwarded,) = later.smtp.to(HOST)
    assert "<script>" not in forwarded.text("html")
    assert ("{{ 7*7 }}" in forwarded.text(), forwarded.message["Bcc"]) == (True, None)


def test_what_people_wrote_is_wiped_after_fourteen_days(later: Office) -> None:
    later.comes_in(mail("Waar moet ik zijn?"))
    with db.transaction():
        wipe_replies(application_clock.now() + timedelta(days=14))
    assert replies() == [("", "")]
    with db.transaction():
        assert db.session.scalars(select(Message).where(Message.notice == "reply_forwarded")).all() == []


def test_beat_asks_for_the_mailbox_only_where_there_is_one(
    office: Office, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    schedule = importlib.import_module("tasks.schedule").schedule  # late: it reads the environment
    asked = [
        schedule(settings).get("receive") for settings in (office.settings, replace(office.settings, imap_server=None))
    ]
    assert asked == [{"task": "tasks.inbound.receive", "schedule": 30.0, "options": {"expires": 30.0}}, None]
