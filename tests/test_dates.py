"""How moments, numbers and lists read, word for word."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import tzdata

from webapp import dates, zones
from webapp.i18n import LANGUAGES, Language

wall = datetime.fromisoformat  # a wall time: no zone
VISIT = wall("2026-12-03 14:00")
MONDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("locale", "day", "short", "full"),
    [
        ("nl", "donderdag 3 december", "do 3 dec", "donderdag 3 december 2026"),
        ("en", "Thursday 3 December", "Thu 3 Dec", "Thursday, 3 December 2026"),
    ],
)
def test_a_day_reads_as_people_say_it(locale: Language, day: str, short: str, full: str) -> None:
    assert (dates.day(VISIT, locale), dates.day_short(VISIT, locale), dates.date(VISIT, locale)) == (day, short, full)
    assert dates.day(VISIT.date(), locale) == day


def test_every_month_and_weekday_has_its_word() -> None:
    months = [date(2026, month, 15) for month in range(1, 13)]
    assert [dates.day_short(day, "nl") for day in months] == [
        *("do 15 jan", "zo 15 feb", "zo 15 mrt", "wo 15 apr", "vr 15 mei", "ma 15 jun"),
        *("wo 15 jul", "za 15 aug", "di 15 sep", "do 15 okt", "zo 15 nov", "di 15 dec"),
    ]
    assert [dates.day_short(day, "en") for day in months] == [
        *("Thu 15 Jan", "Sun 15 Feb", "Sun 15 Mar", "Wed 15 Apr", "Fri 15 May", "Mon 15 Jun"),
        *("Wed 15 Jul", "Sat 15 Aug", "Tue 15 Sept", "Thu 15 Oct", "Sun 15 Nov", "Tue 15 Dec"),
    ]
    week = [date(2027, 3, day) for day in range(1, 8)]
    assert dates.listed([dates.day(day, "nl") for day in week], "nl") == (
        "maandag 1 maart, dinsdag 2 maart, woensdag 3 maart, donderdag 4 maart, vrijdag 5 maart, zaterdag 6 maart "
        "en zondag 7 maart"
    )
    assert dates.listed([dates.day(day, "en") for day in week], "en") == (
        "Monday 1 March, Tuesday 2 March, Wednesday 3 March, Thursday 4 March, Friday 5 March, Saturday 6 March "
        "and Sunday 7 March"
    )


def test_the_year_is_told_only_of_days_more_than_half_a_year_away() -> None:
    near, far, past = MONDAY + timedelta(days=183), MONDAY + timedelta(days=184), MONDAY - timedelta(days=184)
    assert dates.day(near, "nl", MONDAY) == "dinsdag 25 mei"
    assert dates.day(far, "nl", MONDAY) == "woensdag 26 mei 2027"
    assert dates.day(past, "nl", MONDAY) == "zaterdag 23 mei 2026"
    assert dates.day(far, "en", MONDAY) == "Wednesday, 26 May 2027"
    assert dates.day_short(near, "nl", MONDAY) == "di 25 mei"
    assert dates.day_short(far, "nl", MONDAY) == "wo 26 mei 2027"
    assert dates.day_short(far, "en", MONDAY) == "Wed 26 May 2027"


def test_english_is_british_and_never_says_am_or_pm() -> None:
    for hour in range(24):
        moment = VISIT.replace(hour=hour)
        said = " ".join(dates.placeholders(moment, moment + timedelta(minutes=45), "en", MONDAY).values())
        assert "AM" not in said.upper().split()
        assert "PM" not in said.upper().split()
        assert "/" not in said
        assert f"{hour:02}:00–{hour:02}:45" in said


def test_times_read_around_the_clock() -> None:
    end = VISIT + timedelta(minutes=45)
    assert (dates.time(VISIT, "nl"), dates.time(VISIT, "en")) == ("14:00 uur", "14:00")
    assert (dates.hours(VISIT, end, "nl"), dates.hours(VISIT, end, "en")) == ("14:00–14:45 uur", "14:00–14:45")
    assert dates.clock(VISIT) == "14:00"
    assert dates.time(time(9, 5), "nl") == "09:05 uur"
    assert dates.time(time(0, 0), "en") == "00:00"


def test_a_zone_is_named_only_to_a_reader_whose_clock_differs() -> None:
    winter = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
    assert dates.zone_name("Europe/Amsterdam", "Europe/Amsterdam", winter, "nl") is None
    assert dates.zone_name("Europe/Brussels", "Europe/Amsterdam", winter, "nl") is None  # the same clock
    assert dates.zone_name("Europe/Amsterdam", "Europe/London", winter, "nl") == "Nederlandse tijd"
    assert dates.zone_name("Europe/Amsterdam", "Europe/London", winter, "en") == "Dutch time"
    assert dates.zone_name("Asia/Tokyo", "Europe/Amsterdam", winter, "nl") == "tijd in Tokio"
    assert dates.zone_name("America/New_York", "Europe/Amsterdam", winter, "en") == "New York time"
    assert dates.zone_name("UTC", "Europe/Amsterdam", winter, "en") == "UTC time"
    end = VISIT + timedelta(minutes=45)
    assert dates.hours(VISIT, end, "nl", "Nederlandse tijd") == "14:00–14:45 uur (Nederlandse tijd)"
    assert dates.hours(VISIT, end, "en", "Dutch time") == "14:00–14:45 (Dutch time)"


def test_clocks_that_agree_in_winter_only_are_told_apart_in_summer() -> None:
    summer, winter = datetime(2027, 7, 1, 12, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert dates.zone_name("Europe/London", "Africa/Accra", winter, "en") is None
    assert dates.zone_name("Europe/London", "Africa/Accra", summer, "en") == "British time"


def test_every_zone_has_a_name_in_both_languages() -> None:
    moment = datetime(2027, 1, 1, 12, tzinfo=UTC)
    for zone in zones.ZONES:
        assert dates.zone_name(zone, "Pacific/Kiritimati", moment, "nl") != ""
        assert dates.zone_name(zone, "Pacific/Kiritimati", moment, "en") != ""


def test_a_day_before_mail_says_tomorrow_and_on_friday_names_the_monday() -> None:
    assert dates.when(VISIT, "nl", date(2026, 12, 2)) == "morgen"
    assert dates.when(VISIT, "en", date(2026, 12, 2)) == "tomorrow"
    assert dates.when(VISIT, "nl", date(2026, 12, 3)) == "vandaag"
    assert dates.when(VISIT, "en", date(2026, 12, 3)) == "today"
    assert dates.when(date(2026, 12, 7), "nl", date(2026, 12, 4)) == "maandag 7 december"
    assert dates.when(date(2026, 12, 7), "en", date(2026, 12, 4)) == "Monday 7 December"
    assert dates.when(date(2026, 12, 3), "nl", date(2026, 12, 4)) == "donderdag 3 december"
    assert dates.when(VISIT, "nl", date(2026, 1, 4)) == "donderdag 3 december 2026"


def test_a_list_says_how_long_something_waits() -> None:
    said = {days: dates.ago(MONDAY - timedelta(days=days), "nl", MONDAY) for days in (-2, -1, 0, 1, 2, 4, 1200)}
    assert said == {
        -2: "wo 25 nov",
        -1: "morgen",
        0: "vandaag",
        1: "gisteren",
        2: "2 dagen",
        4: "4 dagen",
        1200: "1.200 dagen",
    }
    english = [dates.ago(MONDAY - timedelta(days=days), "en", MONDAY) for days in (0, 1, 2)]
    assert english == ["today", "yesterday", "2 days"]


def test_a_time_line_says_day_and_clock() -> None:
    assert dates.stamp(wall("2026-11-23 08:41"), "nl", MONDAY) == "vandaag, 08:41"
    assert dates.stamp(wall("2026-11-22 20:14"), "nl", MONDAY) == "gisteren, 20:14"
    assert dates.stamp(wall("2026-11-20 10:05"), "nl", MONDAY) == "vr 20 nov, 10:05"
    assert dates.stamp(VISIT, "en", MONDAY) == "Thu 3 Dec, 14:00"
    assert dates.stamp(wall("2025-12-03 14:00"), "en", MONDAY) == "Wed 3 Dec 2025, 14:00"


def test_a_moment_is_told_on_somebodys_clock_or_not_at_all() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert dates.local(moment, "Europe/Amsterdam") == wall("2026-07-02 00:30")
    with pytest.raises(TypeError, match="put it on a clock first"):
        dates.day(moment, "nl")
    with pytest.raises(TypeError, match="put it on a clock first"):
        dates.time(moment, "nl")
    with pytest.raises(TypeError, match="wall time already"):
        dates.local(VISIT, "Europe/Amsterdam")
    with pytest.raises(zones.UnknownZone, match="Europe/Amsterdm"):
        dates.local(moment, "Europe/Amsterdm")


def test_the_placeholders_of_a_visit_mail() -> None:
    end = VISIT + timedelta(minutes=45)
    assert dates.placeholders(VISIT, end, "nl", date(2026, 12, 2)) == {
        "day": "donderdag 3 december",
        "Day": "Donderdag 3 december",
        "date": "donderdag 3 december 2026",
        "Date": "Donderdag 3 december 2026",
        "day_short": "do 3 dec",
        "Day_short": "Do 3 dec",
        "time": "14:00 uur",
        "Time": "14:00 uur",
        "hours": "14:00–14:45 uur",
        "Hours": "14:00–14:45 uur",
        "when": "morgen",
        "When": "Morgen",
    }
    english = dates.placeholders(VISIT, end, "en", MONDAY, "Dutch time")
    assert (english["Day"], english["hours"]) == ("Thursday 3 December", "14:00–14:45 (Dutch time)")


@pytest.mark.parametrize(
    ("value", "digits", "nl", "en"),
    [
        (0, None, "0", "0"),
        (1234567, None, "1.234.567", "1,234,567"),
        (1234.5, None, "1.234,5", "1,234.5"),
        (-3, None, "−3", "−3"),
        (0.25, None, "0,3", "0.3"),
        (-0.25, None, "−0,3", "−0.3"),
        (-0.04, None, "0,0", "0.0"),
        (4.0, None, "4,0", "4.0"),
        (Decimal("4.125"), 2, "4,13", "4.13"),
        (2.5, 0, "3", "3"),
    ],
)
def test_numbers_read_in_the_readers_language(value: float, digits: int | None, nl: str, en: str) -> None:
    assert (dates.number(value, "nl", digits), dates.number(value, "en", digits)) == (nl, en)


def test_a_difference_always_shows_its_direction() -> None:
    said = [dates.signed(value, "nl") for value in (0.6, -0.4, 1, 0, 0.04, -0.04)]
    assert said == ["+0,6", "−0,4", "+1,0", "0,0", "0,0", "0,0"]
    assert dates.signed(1234.56, "en", 2) == "+1,234.56"
    assert dates.signed(-2, "en", 0) == "−2"


def test_percentages() -> None:
    assert [dates.percent(share, "nl") for share in (0, 0.005, 0.71, 1, 12.34)] == ["0%", "1%", "71%", "100%", "1.234%"]
    assert dates.percent(0.7149, "en", 1) == "71.5%"
    assert dates.percent(-0.1, "nl") == "−10%"


def test_one_to_twelve_are_written_in_words() -> None:
    counts = (0, 1, 2, 6, 12, 13, 1200)
    nl, en = [dates.in_words(count, "nl") for count in counts], [dates.in_words(count, "en") for count in counts]
    assert nl == ["0", "één", "twee", "zes", "twaalf", "13", "1.200"]
    assert en == ["0", "one", "two", "six", "twelve", "13", "1,200"]


def test_things_are_listed_without_a_comma_before_and() -> None:
    items = ["anna", "bas", "carla"]
    nl, en = [[dates.listed(items[:count], locale) for count in range(4)] for locale in LANGUAGES]
    assert nl == ["", "anna", "anna en bas", "anna, bas en carla"]
    assert en == ["", "anna", "anna and bas", "anna, bas and carla"]


@pytest.mark.parametrize(
    ("text", "capital"),
    [
        ("donderdag 3 december", "Donderdag 3 december"),
        ("één klant", "Eén klant"),
        ("éénmaal", "Eénmaal"),
        ("ijsberen", "IJsberen"),
        ("'s avonds", "'s Avonds"),
        ("’s avonds", "’s Avonds"),
        ("'t Hart", "'t Hart"),
        ("'t hart", "'t Hart"),
        ("van 't Hart", "Van 't Hart"),
        ("d'Ancona", "D'Ancona"),
        ("“ja, ik kom”", "“Ja, ik kom”"),
        ("de Vries", "De Vries"),
        ("ümit", "Ümit"),
        ("ıraz", "Iraz"),
        ("李雷", "李雷"),
        ("14:00 uur", "14:00 uur"),
        ("Al goed", "Al goed"),
        ("", ""),
        ("…", "…"),
    ],
)
def test_a_sentence_starts_with_a_capital(text: str, capital: str) -> None:
    assert dates.cap_first(text) == capital


def test_the_zone_rules_come_from_the_package_and_carry_their_version() -> None:
    assert zones.TZDATA == tzdata.IANA_VERSION
    assert zones.zone("Europe/Amsterdam").key == "Europe/Amsterdam"
    assert zones.rule("Europe/Amsterdam") == "CET-1CEST,M3.5.0,M10.5.0/3"
    for name in ("", "Amsterdam", "../../../etc/passwd", "/etc/localtime", "Europe", "europe/amsterdam"):
        with pytest.raises(zones.UnknownZone):
            zones.zone(name)
