"""What a mail is, read from its bytes: by what servers, calendars and people really write."""

import json
from datetime import UTC, datetime
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.inbound.letters import MAILBOX, SAM, UID, bounce, calendar_mail, complaint, event, mail
from webapp.mailing.inbound.reading import read
from webapp.mailing.inbound.readings import CalendarAnswer, Reading


def answered(body: str, *headers: str) -> CalendarAnswer:
    reading = read(calendar_mail(body, *headers))
    assert (reading.kind, len(reading.answers)) == ("answer", 1)
    return reading.answers[0]


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        ("5.1.1", "550 5.1.1 <sam@customer.example>: Recipient address rejected: User unknown", "hard"),
        ("5.0.0", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "hard"),
        ("4.0.0", "The domain doesn't receive email: returned Null MX", "hard"),
        ("5.4.4", "", "hard"),
        ("5.0.0", "550 Onbekende gebruiker", "hard"),
        ("5.0.0", "554 mailbox sam bestaat niet", "hard"),
        ("5.2.2", "552 5.2.2 Quota exceeded (mailbox for user is full)", "soft"),
        ("5.0.0", "552 Postvak vol", "soft"),
        ("4.4.7", "Message could not be delivered for 5 days", "soft"),
        ("5.0.0", "something nobody has ever said", "soft"),
        ("5.7.1", "550 5.7.1 Message blocked due to spam content", "blocked"),
        ("5.1.0", "550 5.1.0 SPF check failed for firsthand.example", "blocked"),
        ("4.0.0", "host mx refused to talk to me: 554 Bad DNS PTR resource record", "blocked"),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", "blocked"),
    ],
)
def test_only_a_mailbox_that_does_not_exist_is_a_hard_bounce(status: str, said: str, expected: str) -> None:
    reading = read(bounce(status, said))
    assert (reading.kind, [(each.address, each.failure) for each in reading.verdicts]) == ("bounce", [(SAM, expected)])


def test_a_mail_that_is_still_being_tried_is_late_not_lost() -> None:
    assert read(bounce("4.4.1", "connect to mx: No route to host", action="delayed")).verdicts[0].failure == "delayed"


def test_a_report_of_success_is_no_bounce() -> None:
    assert read(bounce("2.1.5", "250 2.1.5 Ok", action="delivered")).kind == "delivered"


def test_the_address_we_mailed_is_believed_before_the_one_it_was_forwarded_to() -> None:
    raw = bounce().replace(b"Final-Recipient: rfc822; sam@", b"Final-Recipient: LOCAL; <sdv@")
    assert [each.address for each in read(raw).verdicts] == [SAM]


def test_a_report_whose_fields_are_lost_is_read_by_its_words() -> None:
    body = f"""
Uw bericht kon niet worden bezorgd bij de volgende ontvangers:

{SAM}
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'

toon@customer.example
Remote Server returned '552 5.2.2 mailbox full'

Original message headers:
To: iemand@anders.example
"""
    raw = mail(body, "Return-Path: <>", sender="postmaster@customer.example", subject="Niet bezorgd: Uw bezoek")
    assert [(each.address, each.failure, each.status) for each in read(raw).verdicts] == [
        (SAM, "hard", "5.1.10"),
        ("toon@customer.example", "soft", "5.2.2"),
    ]


def test_line_ends_of_any_kind_are_read_alike() -> None:
    whole = read(bounce()).verdicts
    for end in (b"\n", b"\r"):
        assert read(bounce().replace(b"\r\n", end)).verdicts == whole


def test_a_server_that_tells_its_postmaster_about_others_reports_nothing_of_ours() -> None:
    body = (
        f"Transcript of session follows.\n\n Out: 220 mx\n In:  RCPT TO:<{SAM}>\n Out: 451 4.3.0 queue file write error"
    )
    assert read(mail(body, sender="MAILER-DAEMON@mx.example")).kind in ("none", "autoreply")


def test_a_bounced_invitation_answers_nothing() -> None:
    original = 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\nContent-Type: text/calendar\r\n\r\n' + event(
        method="REPLY"
    )
    reading = read(bounce(original=original))
    assert (reading.kind, reading.answers) == ("bounce", ())


@pytest.mark.parametrize("partstat", ["ACCEPTED", "DECLINED", "TENTATIVE"])
def test_a_tap_in_the_calendar_is_an_answer(partstat: str) -> None:
    assert answered(event(partstat)) == CalendarAnswer(
        "REPLY", UID, SAM, partstat, 0, datetime(2026, 11, 23, 9, tzinfo=UTC)
    )


def test_google_says_that_its_answers_are_automatic_and_they_are_answers() -> None:
    assert answered(event(), "Auto-Submitted: auto-generated", "Precedence: bulk").partstat == "ACCEPTED"


def test_the_method_that_counts_is_the_one_in_the_calendar() -> None:
    times = ["DTSTART;TZID=Europe/Amsterdam:20261204T100000", "DURATION:PT1H"]
    found = answered(event("TENTATIVE", method="COUNTER", more=times))
    there = ZoneInfo("Europe/Amsterdam")
    assert (found.method, found.starts_at, found.ends_at) == (
        "COUNTER",
        datetime(2026, 12, 4, 10, tzinfo=there),
        datetime(2026, 12, 4, 11, tzinfo=there),
    )


def test_an_iphone_suggests_another_time_inside_a_reply() -> None:
    parameters = ';TO-ALL-PROPOSED-NEW-TIME="DTSTART:20261204T090000Z;STATUS:;"'
    found = answered(event("TENTATIVE", parameters=parameters, more=["COMMENT:Liever 's ochtends\\, graag"]))
    assert (found.method, found.starts_at) == ("COUNTER", datetime(2026, 12, 4, 9, tzinfo=UTC))
    assert found.comment == "Liever 's ochtends, graag"


def test_an_address_that_is_folded_or_written_in_capitals_is_the_same_address() -> None:
    folded = event().replace("mailto:sam@customer", "MAILTO:Sam@Cust\r\n\tomer")
    assert answered(folded).attendee == SAM


def test_a_windows_zone_with_a_colon_in_its_name_hides_no_time() -> None:
    times = ["DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin:20261204T100000"]
    assert answered(event(method="COUNTER", more=times)).starts_at == datetime(2026, 12, 4, 10)  # noqa: DTZ001


def test_outlooks_own_time_of_the_reply_counts_when_it_is_later() -> None:
    assert answered(event(more=["X-MICROSOFT-CDO-REPLYTIME:20261123T120000Z"])).stamp == datetime(
        2026, 11, 23, 12, tzinfo=UTC
    )


def test_an_alarm_and_the_state_of_the_event_answer_nothing() -> None:
    alarm = [
        "STATUS:CONFIRMED",
        "BEGIN:VALARM",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:toon@customer.example",
        "END:VALARM",
    ]
    assert answered(event("ACCEPTED", more=alarm)).partstat == "ACCEPTED"


def test_somebody_who_is_not_named_has_answered_nothing() -> None:
    nobody = event().replace("ATTENDEE", "X-NOBODY")
    assert (answered(nobody).attendee, answered(nobody).partstat) == (None, None)


def test_several_answers_in_one_body_are_all_read() -> None:
    several = event("ACCEPTED") + event("DECLINED", uid="another") + event(method="CANCEL")
    assert [(each.uid, each.partstat) for each in read(several.encode()).answers] == [
        (UID, "ACCEPTED"),
        ("another", "DECLINED"),
    ]


@pytest.mark.parametrize("method", ["REQUEST", "PUBLISH", "CANCEL"])
def test_an_invitation_that_somebody_sends_us_is_no_answer(method: str) -> None:
    assert read(calendar_mail(event(method=method))).answers == ()


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied", "X-Autoreply: yes", "X-Auto-Response-Suppress: All", "Precedence: bulk",
        "X-Apple-Action: VACATION", "Return-Path: <>", "X-MS-Exchange-Inbox-Rules-Loop: sam@customer.example",
    ],
)  # fmt: skip
def test_one_mark_is_enough_for_an_automatic_reply(header: str) -> None:
    assert read(mail("Ik lees mijn mail weer op 7 december.", header)).kind == "autoreply"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatisch antwoord: Uw bezoek", "Afwezigheidsbericht", "Niet aanwezig: Uw bezoek", "Out of Office: Your visit",
        "Automatic reply: Your visit", "Automatische Antwort: Ihr Besuch", "=?utf-8?q?R=C3=A9ponse_automatique?= : visite",
    ],
)  # fmt: skip
def test_an_automatic_reply_is_known_by_its_subject(subject: str) -> None:
    assert read(mail("Ik ben er niet.", subject=subject)).kind == "autoreply"


@pytest.mark.parametrize(
    "subject", ["Re: Uw bezoek", "Ik ben er niet donderdag", "Re: op vakantie", "Afwezig op de 3e"]
)
def test_what_people_write_is_not_taken_for_automatic(subject: str) -> None:
    reading = read(
        mail("Kan het ook vrijdag?\n\nOp ma 23 nov 2026 om 10:00 schreef Anna:\n> Zien wij u?", subject=subject)
    )
    assert (reading.kind, reading.text) == ("none", "Kan het ook vrijdag?")


def test_what_is_only_written_in_html_is_read_too() -> None:
    raw = mail("<style>p{}</style><p>Tot <b>dan</b>!</p><p>Sam</p>", "Content-Type: text/html; charset=utf-8")
    assert " ".join(read(raw).text.split()) == "Tot dan ! Sam"


def test_a_complaint_is_one_and_a_report_about_our_domain_is_not() -> None:
    assert (read(complaint()).kind, read(complaint()).feedback) == ("complaint", "abuse")
    assert read(complaint(kind="auth-failure")).kind == "report"
    assert read(mail("unsubscribe", "Auto-Submitted: auto-replied", "X-Apple-Unsubscribe: true")).kind == "stop"


def test_amazon_tells_a_bounce_in_json_in_json() -> None:
    recipient = {
        "emailAddress": SAM,
        "action": "failed",
        "status": "5.1.1",
        "diagnosticCode": "smtp; 550 5.1.1 user unknown",
    }
    inner = {"notificationType": "Bounce", "bounce": {"bounceType": "Permanent", "bouncedRecipients": [recipient]}}
    body = json.dumps({"Type": "Notification", "Message": json.dumps(inner)}) + "\n--\nTo stop these notices, click."
    assert [(each.address, each.failure) for each in read(mail(body)).verdicts] == [(SAM, "hard")]


def test_a_read_receipt_is_no_answer_and_no_bounce() -> None:
    report = bounce().replace(b"delivery-status", b"disposition-notification")
    assert read(report).kind == "receipt"


def test_a_damaged_boundary_does_not_hide_a_bounce() -> None:
    whole, second = bounce(), b"\r\n--b1/mx.customer.example\r\nContent-Type: message/delivery"
    damaged = whole.replace(second, second.replace(b"--b1", b" --b1"))
    assert damaged != whole
    assert [each.failure for each in read(damaged).verdicts] == ["hard"]


def test_whom_it_was_for_is_told_so_that_our_own_token_is_found() -> None:
    assert read(bounce(to=f"bezoek+1-abc@{MAILBOX.partition('@')[2]}")).recipients == (
        "bezoek+1-abc@firsthand.example",
    )


PIECES = [bounce(), complaint(), calendar_mail(event()), mail("Tot dan"), event().encode()]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A real mail, cut, doubled and sprinkled with anything."""
    raw = draw(st.sampled_from(PIECES))
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(raw))), draw(st.integers(0, 80))
        raw = raw[:at] + draw(st.binary(max_size=20)) + raw[at + length :]
    return raw


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=300), damaged()))
def test_no_bytes_stop_the_reader(raw: bytes) -> None:
    assert isinstance(read(raw), Reading)


TEXT, HTML = b"Content-Type: text/plain", b"Content-Type: text/html\n\n"
MULTIPART = b"Content-Type: multipart/mixed; boundary="
REPLY, DAEMON = (
    b"BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n",
    b"From: postmaster@x.example\nSubject: failure notice\n\n",
)
HOSTILE = {
    "many multiparts in each other": b"".join(MULTIPART + b"%d\n\n--%d\n" % (n, n) for n in range(2_000)),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 3_000,
    "many parts": MULTIPART + b"x\n\n" + b"--x\n\n\n" * 150_000,
    "a header of a megabyte": b"Subject: =?utf-8?q?" + b"a" * 1_000_000,
    "parameters without end": TEXT + b';a="' * 200_000,
    "lines without end": TEXT + b"\n\n" + b"\n" * 900_000,
    "addresses without end": DAEMON + b"a@b.example " * 80_000,
    "words that look like a refusal": DAEMON + b"sam@x.example user " + b"!" * 500_000,
    "a report about very many": b"Content-Type: message/delivery-status\n\n"
    + b"Final-Recipient: x;a@b.nl\nAction: failed\n\n" * 20_000,
    "a calendar of many events": REPLY + b"UID:1\nRRULE:FREQ=SECONDLY\nEND:VEVENT\nBEGIN:VEVENT\n" * 20_000,
    "a calendar of quotes": REPLY + b"ATTENDEE" + b';X="' * 200_000,
    "tags that never end": HTML + b"<a " * 100_000,
    "comments that never end": HTML + b"<!--" * 100_000,
    "styles that never end": HTML + b"<style>" * 100_000,
    "json in json": TEXT + b"\n\n" + b'{"Message":' * 50_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_mail_made_to_keep_us_busy_is_done_with_at_once(raw: bytes) -> None:
    began = monotonic()
    read(raw)
    assert monotonic() - began < 2
