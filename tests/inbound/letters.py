"""Mail as servers, calendars and people write it: our own words, in the shapes that are met with."""

import base64
from collections.abc import Sequence

MAILBOX = "bezoek@firsthand.example"
SAM = "sam@customer.example"
UID = "00000000-0000-0000-0000-000000000007"


def mail(body: str, *headers: str, sender: str = f"Sam de Vries <{SAM}>", subject: str = "Uw bezoek") -> bytes:
    """A plain mail to our mailbox."""
    lines = [f"From: {sender}", f"To: {MAILBOX}", f"Subject: {subject}", *headers]
    given = {line.partition(":")[0].lower() for line in headers}
    lines += [] if "content-type" in given else ["Content-Type: text/plain; charset=utf-8"]
    lines += [] if "date" in given else ["Date: Mon, 23 Nov 2026 10:00:00 +0100"]
    return "\r\n".join([*lines, "MIME-Version: 1.0", "", *body.strip("\n").split("\n"), ""]).encode()


def bounce(
    status: str = "5.1.1",
    said: str = "550 5.1.1 <sam@customer.example>: Recipient address rejected: User unknown",
    action: str = "failed",
    to: str = MAILBOX,
    original: str = "",
    recipient: str = SAM,
) -> bytes:
    """A report as Postfix writes it (RFC 3464), with what we sent in its last part."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.customer.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1/mx.customer.example"

--b1/mx.customer.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{recipient}>: {said}

--b1/mx.customer.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b1/mx.customer.example
Content-Type: message/rfc822

Auto-Submitted: auto-generated
From: Anna Bakker <{MAILBOX}>
To: {recipient}
{original}Subject: Zien wij u op donderdag 3 december?

Tot dan.
--b1/mx.customer.example--
""".replace("\n", "\r\n").encode()


def complaint(original: str = "", to: str = MAILBOX, kind: str = "abuse") -> bytes:
    """A report of the button "this is spam" (RFC 5965), the address taken out."""
    return f"""\
From: feedback@provider.example
To: {to}
Subject: Email feedback report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="c1"

--c1
Content-Type: text/plain

This is an email abuse report.
--c1
Content-Type: message/feedback-report

Feedback-Type: {kind}
Version: 1
User-Agent: Provider-FBL/1.0
Redacted-Address: redacted

--c1
Content-Type: message/rfc822

From: Anna Bakker <{MAILBOX}>
{original}Subject: Zien wij u?

Tot dan.
--c1--
""".replace("\n", "\r\n").encode()


def event(
    partstat: str = "ACCEPTED",
    method: str = "REPLY",
    uid: str = UID,
    attendee: str = SAM,
    sequence: int | None = 0,
    stamp: str = "20261123T090000Z",
    more: Sequence[str] = (),
    parameters: str = "",
) -> str:
    """A calendar's answer, as most write it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kalender//NL",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
    ]
    lines += [] if sequence is None else [f"SEQUENCE:{sequence}"]
    lines += [f"DTSTAMP:{stamp}", f"ATTENDEE;PARTSTAT={partstat}{parameters}:mailto:{attendee}", *more]
    return "\r\n".join([*lines, f"ORGANIZER:mailto:{MAILBOX}", "END:VEVENT", "END:VCALENDAR", ""])


def calendar_mail(body: str, *headers: str, method: str = "REPLY", encoded: bool = True, words: str = "") -> bytes:
    """The same in a mail, twice over, as Google sends it."""
    text = base64.encodebytes(body.encode()).decode() if encoded else body
    encoding = "base64" if encoded else "8bit"
    lines = [
        f"From: Sam de Vries <{SAM}>", f"To: {MAILBOX}", "Subject: Geaccepteerd: Uw bezoek", *headers,
        "Date: Mon, 23 Nov 2026 10:00:00 +0100", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="m"', "",
        "--m", 'Content-Type: multipart/alternative; boundary="a"', "",
        "--a", "Content-Type: text/plain; charset=utf-8", "", words, "",
        "--a", f"Content-Type: text/calendar; charset=utf-8; method={method}",
        f"Content-Transfer-Encoding: {encoding}", "", text, "--a--",
        "--m", 'Content-Type: application/ics; name="invite.ics"', f"Content-Transfer-Encoding: {encoding}", "", text,
        "--m--", "",
    ]  # fmt: skip
    return "\r\n".join(line.replace("\r\n", "\n").replace("\n", "\r\n") for line in lines).encode()
