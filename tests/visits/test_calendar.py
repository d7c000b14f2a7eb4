"""Calendar files as a calendar reads them: golden files, the strict parser, hostile words, every zone."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar, Timezone

from webapp.i18n import LANGUAGES, Language
from webapp.visits import wall
from webapp.visits.calendar import CalendarEntry, write
from webapp.visits.vtimezone import vtimezone
from webapp.zones import ZONES, UnknownZone, zone

GOLDEN = Path(__file__).parent / "calendar"
AMSTERDAM = "Europe/Amsterdam"
LINK = "https://eerstehand.example/a/q83vEjRWeJCrze8SNFZ4kA.Ej5FZ-ibEtOkVkJmFBdAAA"
LASTS = timedelta(minutes=45)
at = datetime.fromisoformat

# The visit stands on the Friday before a clock change, and is moved to the Monday after it.
SEASONS = {"spring": ("2027-03-26 14:00", "2027-03-29 10:00"), "autumn": ("2027-10-29 14:00", "2027-11-01 10:00")}
WORDS: dict[Language, dict[str, Any]] = {
    "nl": {
        "summary": "Bezoek aan Bellers avond A, Universiteit Voorbeeld",
        "description": "Anna Bakker ontvangt u: bij de balie; vraag naar kamer 2.14.\nMet vragen belt u 020 000 00 00.",
        "location": "Academiegebouw, Domplein 29, 3512 JE Utrecht",
        "link_label": "Bekijk of wijzig mijn antwoord",
    },
    "en": {
        "summary": "Visit to Bellers avond A, Universiteit Voorbeeld",
        "description": "Anna Bakker will welcome you: at the desk; ask for room 2.14.\nQuestions? Call 020 000 00 00.",
        "location": "Academiegebouw, Domplein 29, 3512 JE Utrecht",
        "link_label": "View or change my answer",
    },
}


def entry(locale: Language = "nl", starts: str = "2027-03-26 14:00", **changes: Any) -> CalendarEntry:
    starts_at = wall.to_utc(at(starts), AMSTERDAM)
    made = CalendarEntry(
        uid="2f1d8a4c-6a2e-4a38-9a7c-5a1f0f3f7d10@eerstehand.example",
        sequence=0,
        stamp=at("2027-03-01 09:00:00Z"),
        starts_at=starts_at,
        ends_at=starts_at + LASTS,
        zone=AMSTERDAM,
        locale=locale,
        organiser=("Anna Bakker", "bezoek@eerstehand.example"),
        **WORDS[locale],
    )
    return replace(made, **changes)


def story(locale: Language, season: str, **changes: Any) -> dict[str, CalendarEntry]:
    """The same visit, made, moved and cancelled."""
    before, after = SEASONS[season]
    return {
        "create": entry(locale, before, **changes),
        "move": entry(locale, after, sequence=1, stamp=at("2027-03-02 09:00:00Z"), **changes),
        "cancel": entry(locale, after, sequence=2, stamp=at("2027-03-03 09:00:00Z"), cancelled=True, **changes),
    }


def files() -> dict[str, CalendarEntry]:
    made = {
        f"{what}.{locale}.{season}": each
        for locale in LANGUAGES
        for season in SEASONS
        for what, each in story(locale, season).items()
    }
    asked = story("nl", "spring", attendee=("Zoë van der Meer", "zoe.vandermeer@student.example"))
    return made | {f"{what}.nl.spring.request": each for what, each in asked.items()}


def opened(text: str) -> tuple[Calendar, Any]:
    """Calendar and event as the icalendar library reads them; what it would rather not read it keeps in `errors`."""
    calendar = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    assert [error for part in calendar.walk() for error in part.errors] == []
    (event,) = calendar.walk("VEVENT")
    return calendar, event


# Golden files


@pytest.mark.parametrize("name", files())
def test_a_calendar_file_is_as_it_was_agreed(name: str) -> None:
    """`GOLDEN=write pytest tests/visits/test_calendar.py` writes them anew, to be read before they are kept."""
    path, text = GOLDEN / f"{name}.ics", write(files()[name], LINK)
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


def test_no_golden_file_is_left_over() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.ics")) == sorted(files())


@pytest.mark.parametrize("name", files())
def test_a_strict_reader_has_no_complaint(name: str) -> None:
    text, made = write(files()[name], LINK), files()[name]
    lines = text.split("\r\n")
    assert lines.pop() == ""
    assert not any("\n" in line or "\r" in line for line in lines)
    assert max(len(line.encode()) for line in lines) <= 75

    calendar, event = opened(text)
    assert calendar["METHOD"] == made.method
    assert event.start.replace(tzinfo=None) == wall.to_wall(made.starts_at, AMSTERDAM)
    assert event.end - event.start == LASTS
    assert event["DTSTART"].params["TZID"] == AMSTERDAM
    assert (event["SUMMARY"], event["LOCATION"]) == (made.summary, made.location)
    assert event["DESCRIPTION"] == f"{made.description}\n\n{made.link_label}: {LINK}"
    assert event["SUMMARY"].params["LANGUAGE"] == {"nl": "nl", "en": "en-GB"}[made.locale]


# What is asked of a calendar


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_visit_is_one_entry_for_life_whose_sequence_rises(locale: Language) -> None:
    events = {what: opened(write(each))[1] for what, each in story(locale, "autumn").items()}
    assert len({event["UID"] for event in events.values()}) == 1
    assert [event["SEQUENCE"] for event in events.values()] == [0, 1, 2]
    assert [event["STATUS"] for event in events.values()] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_without_a_mailbox_we_read_nobody_is_asked_to_answer() -> None:
    for what, each in story("nl", "spring").items():
        text = write(each, LINK)
        assert opened(text)[0]["METHOD"] == ("CANCEL" if what == "cancel" else "PUBLISH")
        assert "ATTENDEE" not in text
        assert "RSVP" not in text


def test_with_one_the_reader_alone_is_asked_and_answers_to_us() -> None:
    zoe = ("Zoë van der Meer", "zoe@student.example")
    calendar, event = opened(write(entry(attendee=zoe)))
    assert calendar["METHOD"] == "REQUEST"
    assert event["ORGANIZER"] == "mailto:bezoek@eerstehand.example"
    assert event["ATTENDEE"] == "mailto:zoe@student.example"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Zoë van der Meer",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "ACCEPTED",
        "RSVP": "TRUE",
    }
    maybe = opened(write(entry(attendee=zoe, partstat="TENTATIVE")))[1]
    assert maybe["ATTENDEE"].params["PARTSTAT"] == "TENTATIVE"
    gone = opened(write(entry(attendee=zoe, cancelled=True)))[1]
    assert set(gone["ATTENDEE"].params) == {"CN", "CUTYPE", "ROLE"}


def test_the_calendar_reminds_an_hour_before_unless_the_visit_is_off() -> None:
    (alarm,) = opened(write(entry()))[1].walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(hours=-1))
    assert opened(write(entry(cancelled=True)))[1].walk("VALARM") == []


def test_a_link_stands_in_the_file_and_never_in_what_is_kept() -> None:
    assert LINK in re.sub("\r\n ", "", write(entry(), LINK))
    assert LINK not in json.dumps(entry().to_dict())
    assert opened(write(entry(description="", link_label=""), LINK))[1]["DESCRIPTION"] == LINK
    bare = opened(write(entry(description="", link_label="", location="")))[1]
    assert {"DESCRIPTION", "LOCATION"} & set(bare) == set()


@pytest.mark.parametrize("name", files())
def test_an_entry_kept_as_plain_values_writes_the_same_file(name: str) -> None:
    made = files()[name]
    kept = CalendarEntry.from_dict(json.loads(json.dumps(made.to_dict())))
    assert kept == made
    assert write(kept, LINK) == write(made, LINK)


def test_an_entry_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="not wall times"):
        entry(stamp=at("2027-03-01 09:00"))
    with pytest.raises(ValueError, match="ends after it starts"):
        entry(ends_at=entry().starts_at)
    with pytest.raises(UnknownZone):
        write(entry(zone="Europe/Gouda"))


# Clock changes


def test_the_second_of_two_equal_hours_is_told_in_utc() -> None:
    first, second = at("2027-10-31 00:30Z"), at("2027-10-31 01:30Z")  # both 02:30; the first ends at the second 02:15
    twice = {start: write(entry(starts_at=start, ends_at=start + LASTS)) for start in (first, second)}
    assert "DTSTART;TZID=Europe/Amsterdam:20271031T023000" in twice[first]
    assert "DTEND:20271031T011500Z" in twice[first]
    assert "DTSTART:20271031T013000Z" in twice[second]
    for start, text in twice.items():
        assert opened(text)[1].start.astimezone(UTC) == start
        assert opened(text)[1].end.astimezone(UTC) == start + LASTS


def test_a_zone_brings_its_yearly_rules() -> None:
    assert vtimezone(AMSTERDAM, 2027) == (
        *("BEGIN:VTIMEZONE", "TZID:Europe/Amsterdam"),
        *("BEGIN:DAYLIGHT", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
        *("TZNAME:CEST", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT"),
        *("BEGIN:STANDARD", "DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        *("TZNAME:CET", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD"),
        "END:VTIMEZONE",
    )
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU" in vtimezone("America/New_York", 2027)


def test_a_zone_without_summer_time_and_one_no_rule_can_tell_bring_what_holds() -> None:
    assert "TZOFFSETTO:+0530" in vtimezone("Asia/Kolkata", 2027)
    assert len(vtimezone("Asia/Kolkata", 2027)) == 9
    gaza = vtimezone("Asia/Gaza", 2030)
    assert not any(line.startswith("RRULE") for line in gaza)
    assert gaza.count("BEGIN:DAYLIGHT") == 3


@pytest.mark.parametrize("year", [2027, 2028])
def test_every_zone_in_a_file_says_what_the_clocks_there_say(year: int) -> None:
    """The icalendar library builds a clock from our VTIMEZONE alone; it must agree with the rules we used."""
    moments = [
        datetime(year, month, day, 11, 30, tzinfo=UTC)
        for month in range(1, 13)
        for day in (1, 8, 15, 22, 29 if month != 2 else 28)
    ]
    for alike in {vtimezone(name, year)[2:]: name for name in ZONES}.values():
        text = "\r\n".join(vtimezone(alike, year)) + "\r\n"
        component = Timezone.from_ical(text)
        assert isinstance(component, Timezone)
        theirs = component.to_tz(lookup_tzid=False)
        for moment in moments:
            assert moment.astimezone(theirs).utcoffset() == moment.astimezone(zone(alike)).utcoffset(), (alike, moment)


# Hostile words

words = st.text() | st.text(alphabet="\r\n\t \\;,:\"'=^nN\u2028\u0085éB", max_size=90)


@given(words, words)
@example("x\r\nBEGIN:VALARM\r\nACTION:AUDIO", "x\nATTACH:https://evil.example")
@example("\u2028ATTENDEE:mailto:x@evil.example", "\x0b\x0c\x1c\x1d\x1e\x85END:VEVENT")
@example('A";X-EVIL="1', 'a"@x:mailto:evil@evil.example\r\n')
@example("\\n\\\\n\\;", "\\")
@example("é" * 200, "\U0001f600" * 100)
@example("\ud800", "\x00")
def test_whatever_is_typed_stays_words(one: str, other: str) -> None:
    text = write(
        entry(
            uid=f"1{one}",
            summary=one,
            description=other,
            location=one,
            link_label=other,
            organiser=(one, other),
            attendee=(other, one),
        ),
        LINK,
    )
    lines = text.splitlines()  # the most suspicious idea of what a line is
    assert text.split("\r\n")[:-1] == lines
    assert max(len(line.encode()) for line in lines) <= 75
    calendar, event = opened(text)
    assert [part.name for part in calendar.walk()] == [
        *("VCALENDAR", "VTIMEZONE", "DAYLIGHT", "STANDARD", "VEVENT", "VALARM"),
    ]
    assert set(event) <= {
        *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION"),
        *("ORGANIZER", "ATTENDEE", "STATUS", "TRANSP"),
    }
    assert set(event["ORGANIZER"].params) <= {"CN"}
    assert set(event["ATTENDEE"].params) <= {"CN", "CUTYPE", "ROLE", "PARTSTAT", "RSVP"}
    assert event["ATTENDEE"].startswith("mailto:")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Vragen; antwoorden, en \\meer\\", "Vragen; antwoorden, en \\meer\\"),
        ("één\r\ntwee\rdrie\nvier", "één\ntwee\ndrie\nvier"),
        ("\\n is hier geen regel, \\; geen punt", "\\n is hier geen regel, \\; geen punt"),
        ("vraag\u2028antwoord", "vraag\nantwoord"),
        ("tab\tblijft, \x07bel niet", "tab\tblijft, bel niet"),
        ("=HYPERLINK(“https://evil.example”)", "=HYPERLINK(“https://evil.example”)"),
    ],
)
def test_words_come_back_as_they_were_typed(typed: str, read: str) -> None:
    assert opened(write(entry(summary=typed)))[1]["SUMMARY"] == read


def test_a_name_cannot_leave_its_quotes() -> None:
    event = opened(write(entry(organiser=('Anna "de baas" Bakker; B:\r\nC', "anna@uni.example"))))[1]
    assert event["ORGANIZER"].params["CN"] == "Anna 'de baas' Bakker; B: C"
    assert event["ORGANIZER"] == "mailto:anna@uni.example"
    assert "CN" not in opened(write(entry(organiser=("", "anna@uni.example"))))[1]["ORGANIZER"].params
