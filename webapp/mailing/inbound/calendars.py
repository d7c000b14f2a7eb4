"""Calendar answers (RFC 5545, 5546) as calendar programs really write them. A recurrence rule is never looked at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from webapp.mailing.inbound.readings import CalendarAnswer
from webapp.zones import ZONES, zone

MAX_OBJECTS = 50
MAX_LINES = 5_000
MAX_LINE = 4_000
MAX_DEPTH = 6

_UNFOLD = re.compile(r"\r?\n[ \t]")
_MOMENT = re.compile(r"(\d{8}T\d{6})(Z?)$")
_DURATION = re.compile(r"P(?:(\d{1,3})W)?(?:(\d{1,3})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:\d{1,6}S)?)?")
_PROPOSED = re.compile(r"DTSTART[^:]{0,100}:(\d{8}T\d{6}Z?)")
_ADDRESS = re.compile(r"[^\s<>\"';:,]{1,64}@[^\s<>\"';:,]{1,255}")
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class Property:
    name: str
    value: str
    parameters: dict[str, str]

    @property
    def text(self) -> str:
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value).strip()

    @property
    def address(self) -> str | None:
        """Without `mailto:`, whatever its case; the EMAIL parameter when the value is something else."""
        found = _ADDRESS.search(self.value) or _ADDRESS.search(self.parameters.get("EMAIL", ""))
        return found[0].lower() if found else None

    @property
    def moment(self) -> datetime | None:
        return _moment(self.value, self.parameters.get("TZID", ""))


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [each for each in self.properties if each.name == name]

    def first(self, *names: str) -> Property | None:
        return next((each for name in names for each in self.all(name)), None)


def objects(text: str) -> list[Component]:
    """Every VCALENDAR in the text, complete or not."""
    found: list[Component] = []
    path: list[Component] = []
    for line in _lines(text):
        name, _, value = line.partition(":")
        name, value = name.strip().upper(), value.strip().upper()
        if name == "BEGIN" and value == "VCALENDAR":
            path = [Component(value)]
            found += path if len(found) < MAX_OBJECTS else []
        elif name == "BEGIN" and path and len(path) < MAX_DEPTH:
            path[-1].inner.append(Component(value))
            path.append(path[-1].inner[-1])
        elif name == "END":
            names = [each.name for each in path]
            if value in names:
                path = path[: len(names) - 1 - names[::-1].index(value)]
        elif path and (read := _property(line)):
            path[-1].properties.append(read)
    return found


def method(calendar: Component) -> str:
    found = calendar.first("METHOD")
    return found.value.strip().upper() if found else ""


def answers(calendars: Sequence[Component], sender: str = "") -> tuple[CalendarAnswer, ...]:
    """What is answered in them, each thing once. A request, a cancellation or a publication answers nothing."""
    found = [
        _answer(event, "COUNTER" if said == "COUNTER" else "REPLY", sender, _by_outlook(calendar))
        for calendar in calendars
        if (said := method(calendar)) in ("REPLY", "COUNTER")
        for event in calendar.inner
        if event.name == "VEVENT"
    ]
    return tuple({(each.uid, each.attendee, each.partstat, each.stamp): each for each in found if each.uid}.values())


def _by_outlook(calendar: Component) -> bool:
    found = calendar.first("PRODID")
    return bool(found and "microsoft" in found.value.lower())


def _answer(event: Component, said: Literal["REPLY", "COUNTER"], sender: str, in_body: bool) -> CalendarAnswer:
    attendee = _attendee(event, sender)
    parameters = attendee.parameters if attendee else {}
    starts = event.first("DTSTART")
    ends = event.first("DTEND")
    starts_at, ends_at = starts.moment if starts else None, ends.moment if ends else None
    length = event.first("DURATION")
    if starts_at and length and not ends_at:
        ends_at = starts_at + _duration(length.value)
    if said == "REPLY":
        starts_at = ends_at = None
        proposed = _PROPOSED.search(parameters.get("TO-ALL-PROPOSED-NEW-TIME", ""))
        if proposed:  # how iOS suggests another time
            said, starts_at = "COUNTER", _moment(proposed[1], "")
    comment = event.first("COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT")
    uid, partstat = event.first("UID"), parameters.get("PARTSTAT")
    delegated = _ADDRESS.search(parameters.get("DELEGATED-TO", ""))
    return CalendarAnswer(
        method=said,
        uid=uid.text[:255] if uid else "",
        attendee=attendee.address if attendee else None,
        partstat=partstat.strip().upper()[:20] if partstat else None,
        sequence=_number(event.first("SEQUENCE")),
        stamp=max(filter(None, map(_utc, event.properties)), default=None),
        delegated_to=delegated[0].lower() if delegated else None,
        comment=comment.text[:2_000] if comment else "",
        in_body=in_body,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _attendee(event: Component, sender: str) -> Property | None:
    """Who answers: the one attendee of a reply (RFC 5546, 3.2.3), or the one of several whose mail it is."""
    named = [each for each in event.all("ATTENDEE") if each.address]
    if len({each.address for each in named}) == 1:
        return named[0]
    return next((each for each in named if each.address == sender), None)


def _utc(found: Property) -> datetime | None:
    """When it was said, of the properties that tell."""
    if found.name not in ("DTSTAMP", "X-MICROSOFT-CDO-REPLYTIME"):
        return None
    moment = found.moment
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _moment(value: str, name: str) -> datetime | None:
    """The end of the line: an unquoted name of a zone may hold a colon."""
    found = _MOMENT.search(value.strip().upper())
    if not found:
        return None
    try:
        moment = datetime.strptime(found[1], "%Y%m%dT%H%M%S")  # noqa: DTZ007  (its zone follows)
    except ValueError:
        return None
    if not 1970 < moment.year < 9999:  # arithmetic over the edge of time raises
        return None
    return moment.replace(tzinfo=UTC if found[2] else _zone(name))


def _zone(name: str) -> ZoneInfo | None:
    """None: a Windows name, or nonsense."""
    name = name.strip("/\"' ")
    return zone(name) if name in ZONES else None


def _duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text.strip().upper())
    weeks, days, hours, minutes = (int(each or 0) for each in found.groups()) if found else (0, 0, 0, 0)
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def _number(found: Property | None) -> int | None:
    text = found.value.strip() if found else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _lines(text: str) -> Iterator[str]:
    for line in _UNFOLD.sub("", text).splitlines()[:MAX_LINES]:
        if line.strip():
            yield line[:MAX_LINE].strip()


def _property(line: str) -> Property | None:
    """Name, parameters and value: parted by the first colon and the semicolons outside quotes."""
    pieces, quoted, start = [], False, 0
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif not quoted and character in ":;":
            pieces.append(line[start:at])
            start = at + 1
            if character == ":":
                break
    else:
        return None
    pairs = (piece.partition("=") for piece in pieces[1:20])
    return Property(
        pieces[0].strip().upper(),
        line[start:],
        {name.strip().upper(): value.strip().strip('"') for name, _, value in pairs},
    )
