"""Calendar files: a visit as one person's calendar takes it in (RFC 5545, and RFC 5546 for what is asked of it).

One UID for life, a SEQUENCE that rises with every change. Without a mailbox we read nobody is an attendee and the file
is published: no calendar shows a button whose answer nobody hears. With one it is a request, to this person alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from webapp.i18n import Language
from webapp.visits.vtimezone import vtimezone
from webapp.visits.wall import to_wall

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
PartStat = Literal["ACCEPTED", "TENTATIVE", "NEEDS-ACTION"]
Mailbox = tuple[str, str]
"""A name and an address."""

MAX_OCTETS = 75
"""Of a line, its end not counted (RFC 5545, 3.1)."""

REMIND_BEFORE = "-PT1H"
FETCH_AGAIN = "PT1H"
"""What we ask of whoever follows a calendar; some fetch once a day."""
_PRODUCT = "PRODID:-//Firsthand//Visits//EN"
_LANGUAGE_TAGS: dict[Language, str] = {"nl": "nl", "en": "en-GB"}


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One visit in one calendar, in words already translated. Holds no link: that is given as the file is written."""

    uid: str
    sequence: int
    stamp: datetime
    """When this state of the visit was written down; the same file again has the same stamp."""
    starts_at: datetime
    ends_at: datetime
    zone: str
    locale: Language
    summary: str
    description: str = ""
    location: str = ""
    link_label: str = ""
    organiser: Mailbox
    attendee: Mailbox | None = None
    """Only when answers are read: makes it a request. Never anybody else than the reader."""
    partstat: PartStat = "ACCEPTED"
    cancelled: bool = False

    def __post_init__(self) -> None:
        if any(moment.tzinfo is None for moment in (self.stamp, self.starts_at, self.ends_at)):
            raise ValueError("A calendar entry takes moments with a zone, not wall times.")
        if self.ends_at <= self.starts_at:
            raise ValueError(f"A visit ends after it starts, not at {self.ends_at}.")

    @property
    def method(self) -> Method:
        """What the mail's `method=` must say too: Outlook refuses a file whose two methods differ."""
        if self.cancelled:
            return "CANCEL"
        return "REQUEST" if self.attendee else "PUBLISH"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` takes them back."""
        moments = {name: getattr(self, name).isoformat() for name in ("stamp", "starts_at", "ends_at")}
        return asdict(self) | moments

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "CalendarEntry":
        moments = {name: datetime.fromisoformat(stored[name]) for name in ("stamp", "starts_at", "ends_at")}
        people = {name: tuple(stored[name]) for name in ("organiser", "attendee") if stored[name]}
        return cls(**stored | moments | people)


def write(entry: CalendarEntry, link: str = "") -> str:
    """The file, with `link` (where the answer can be changed) under its label in the description."""
    return "".join(map(_folded, _lines(entry, link)))


def write_feed(name: str, entries: Iterable[tuple[CalendarEntry, str]]) -> str:
    """A calendar that others fetch again and again: an entry keeps its place by its UID. Each with its link. Times in UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", _PRODUCT, "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}"]
    lines += [f"REFRESH-INTERVAL;VALUE=DURATION:{FETCH_AGAIN}", f"X-PUBLISHED-TTL:{FETCH_AGAIN}"]
    for entry, link in entries:
        times = (f":{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}" for moment in (entry.starts_at, entry.ends_at))
        lines += [*_event(entry, link, *times), "END:VEVENT"]
    return "".join(map(_folded, [*lines, "END:VCALENDAR"]))


def _lines(entry: CalendarEntry, link: str) -> Iterator[str]:
    starts, ends = (_moment(moment, entry.zone) for moment in (entry.starts_at, entry.ends_at))
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield _PRODUCT
    yield "CALSCALE:GREGORIAN"
    yield f"METHOD:{entry.method}"
    if "TZID" in starts + ends:
        yield from vtimezone(entry.zone, entry.starts_at.year)
    yield from _event(entry, link, starts, ends)
    if not entry.cancelled:  # no alarm in a cancellation (RFC 5546, 3.2.5)
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"TRIGGER:{REMIND_BEFORE}"
        yield f"DESCRIPTION:{_text(entry.summary)}"
        yield "END:VALARM"
    yield "END:VEVENT"
    yield "END:VCALENDAR"


def _event(entry: CalendarEntry, link: str, starts: str, ends: str) -> Iterator[str]:
    """What stands in an event, save for its end."""
    language = f";LANGUAGE={_LANGUAGE_TAGS[entry.locale]}"
    where_to_change = f"{entry.link_label}: {link}".removeprefix(": ") if link else ""
    description = "\n\n".join(part for part in (entry.description, where_to_change) if part)
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTAMP:{entry.stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART{starts}"
    yield f"DTEND{ends}"
    yield f"SUMMARY{language}:{_text(entry.summary)}"
    if description:
        yield f"DESCRIPTION{language}:{_text(description)}"
    if entry.location:
        yield f"LOCATION{language}:{_text(entry.location)}"
    yield f"ORGANIZER{_person(entry.organiser)}"
    if entry.attendee:
        answer = "" if entry.cancelled else f";PARTSTAT={entry.partstat};RSVP=TRUE"
        yield f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT{answer}{_person(entry.attendee)}"
    yield f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}"
    if not entry.cancelled:
        yield "TRANSP:OPAQUE"


def _moment(moment: datetime, zone: str) -> str:
    """The wall time and its zone. One that comes twice means the first (RFC 5545, 3.3.5); the second is told in UTC."""
    there = to_wall(moment, zone)
    if there.fold:
        return f":{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f";TZID={zone}:{there:%Y%m%dT%H%M%S}"


def _person(mailbox: Mailbox) -> str:
    """A name is a quoted parameter, and there is no way to write a quote in one (RFC 5545, 3.2)."""
    name, address = (_BREAKS.sub(" ", _UNSEEN.sub("", part)) for part in mailbox)
    common_name = ';CN="{}"'.format(name.replace('"', "'")) if name else ""
    return f"{common_name}:mailto:{quote(address, safe='@+-._~!$&*=')}"


_BREAKS = re.compile(r"\r\n?|[\n\v\f\x1c-\x1e\x85\u2028\u2029]")  # all that any reader may take for the end of a line
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def _text(value: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11)."""
    return _BREAKS.sub("\n", _UNSEEN.sub("", value)).translate(_ESCAPES)


def _folded(line: str) -> str:
    """The line with its end, cut between characters at 75 octets; what follows begins with a space."""
    if len(line) <= MAX_OCTETS and line.isascii():
        return f"{line}\r\n"
    octets, start, pieces = line.encode(), 0, []
    while start < len(octets):
        end = start + MAX_OCTETS - (1 if start else 0)
        while end < len(octets) and octets[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        pieces.append(octets[start:end].decode())
        start = end
    return "\r\n ".join(pieces) + "\r\n"
