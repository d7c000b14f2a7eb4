"""What a mail is. A calendar's answer first, then reports, then what is automatic: an answer may carry all their marks."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.mailing.inbound import amazon, calendars
from webapp.mailing.inbound.automatic import automatic, challenge
from webapp.mailing.inbound.calendars import Component
from webapp.mailing.inbound.complaints import complaint
from webapp.mailing.inbound.parts import Letter, take_apart
from webapp.mailing.inbound.prose import written
from webapp.mailing.inbound.readings import Reading
from webapp.mailing.inbound.reports import verdicts

MAX_PARAMETERS = 300
MAX_WHOLE = 400_000
_CALENDAR = re.compile(rb"\A\s*BEGIN:VCALENDAR", re.IGNORECASE)
_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Original-Recipient", "X-Forwarded-To", "Cc")


def read(raw: bytes) -> Reading:
    """What these bytes say, whatever they are: damage, malice and nonsense are read as `none`, and nothing raises."""
    if _CALENDAR.match(raw[:200]):
        text = raw[:100_000].decode("utf-8", "replace")
        return _of_calendars(calendars.objects(text), "") or Reading("none", whole=text)
    letter = take_apart(raw)
    found = _kind(letter)
    return replace(
        found,
        sender=letter.sender,
        recipients=tuple(letter.addresses(*_TO)),
        written_at=_date(letter),
        text=written(letter) if found.kind in ("none", "answer") else "",
        whole="\n".join([letter.raw, *(part.text for part in letter.parts), found.whole])[:MAX_WHOLE],
    )


def _kind(letter: Letter) -> Reading:
    if found := amazon.notice(letter.prose):
        return found
    brought = [
        part.text
        for part in letter.parts
        if part.type in ("text/calendar", "application/ics")
        or part.name.lower().endswith(".ics")
        or part.text[:100].lstrip().upper().startswith("BEGIN:VCALENDAR")
    ]
    read_ones = [each for text in brought[:10] for each in calendars.objects(text)]
    if found := _of_calendars(read_ones, letter.sender):
        return found
    if found := complaint(letter):
        return found
    if (
        letter.of("message/disposition-notification")
        or "disposition-not" in letter.header("Content-Type")[:MAX_PARAMETERS]
    ):
        return Reading("receipt")
    if challenge(letter):
        return Reading("autoreply")
    if reported := verdicts(letter):
        wrong = any(each.failure != "delivered" for each in reported)
        return Reading("bounce" if wrong else "delivered", verdicts=reported)
    return Reading("autoreply" if automatic(letter) else "none")


def _of_calendars(found: list[Component], sender: str) -> Reading | None:
    methods = tuple(calendars.method(each) for each in found)
    if not methods:
        return None
    if answers := calendars.answers(found, sender):
        return Reading("answer", answers=answers, methods=methods)
    return Reading("cancel", methods=methods) if set(methods) == {"CANCEL"} else None


def _date(letter: Letter) -> datetime | None:
    try:
        found = parsedate_to_datetime(letter.header("Date"))
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
