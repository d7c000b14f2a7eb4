"""How moments, numbers and lists read in Dutch and English.

Days and times are asked of a wall clock: a date, or a datetime without zone. A moment (with zone) has no day until it
is put on somebody's clock, `local(moment, zone)`; anything else is refused, so that no mail can tell the time in UTC.
"""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.dates import format_date, get_timezone_location

from webapp.i18n import BABEL_LOCALES, Language
from webapp.zones import zone as zone_of

YEAR_UNSAID_WITHIN = dt.timedelta(days=183)  # half a year: nearer days are told without their year

RELATIVE: dict[Language, dict[int, str]] = {
    "nl": {-1: "gisteren", 0: "vandaag", 1: "morgen"},
    "en": {-1: "yesterday", 0: "today", 1: "tomorrow"},
}
WORDS: dict[Language, tuple[str, ...]] = {
    "nl": ("één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf"),
    "en": ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
}
CLOCKS: dict[str, dict[Language, str]] = {
    "Europe/Amsterdam": {"nl": "Nederlandse tijd", "en": "Dutch time"},
    "Europe/Brussels": {"nl": "Belgische tijd", "en": "Belgian time"},
    "Europe/Berlin": {"nl": "Duitse tijd", "en": "German time"},
    "Europe/London": {"nl": "Britse tijd", "en": "British time"},
}
MINUS = "\N{MINUS SIGN}"


def local(moment: dt.datetime, zone: str) -> dt.datetime:
    """What the clock in `zone` says at `moment`: a datetime without zone, for the functions below."""
    if moment.tzinfo is None:
        raise TypeError(f"{moment} is a wall time already, not a moment")
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None)


# Days


def day(value: dt.date, locale: Language, today: dt.date | None = None) -> str:
    """`donderdag 3 december`; when `today` is more than half a year away, with the year, as `date`."""
    if _year_needed(value, today):
        return date(value, locale)
    return _format(_date(value), "EEEE d MMMM", locale)


def date(value: dt.date, locale: Language) -> str:
    """`donderdag 3 december 2026`, `Thursday, 3 December 2026`."""
    return _format(_date(value), "full", locale)


def month(value: dt.date, locale: Language) -> str:
    """`december 2026`, `December 2026`."""
    return _format(_date(value), "LLLL y", locale)


def day_short(value: dt.date, locale: Language, today: dt.date | None = None) -> str:
    """`do 3 dec`; when `today` is more than half a year away, `do 3 dec 2026`."""
    return _format(_date(value), "EEE d MMM y" if _year_needed(value, today) else "EEE d MMM", locale)


def when(value: dt.date, locale: Language, today: dt.date) -> str:
    """`vandaag`, `morgen`, and any other day in full: `maandag 7 december`."""
    ahead = _days(today, value)
    return RELATIVE[locale][ahead] if ahead in (0, 1) else day(value, locale, today)


def ago(value: dt.date, locale: Language, today: dt.date) -> str:
    """How long something stands in a list: `vandaag`, `gisteren`, `4 dagen`. A day to come reads as `day_short`."""
    ahead = _days(today, value)
    if ahead in RELATIVE[locale]:
        return RELATIVE[locale][ahead]
    if ahead > 0:
        return day_short(value, locale, today)
    return f"{number(-ahead, locale)} {'dagen' if locale == 'nl' else 'days'}"


# Times


def clock(value: dt.datetime | dt.time) -> str:
    """`14:00`, in both languages, for tables and time lines."""
    if value.tzinfo is not None:
        raise TypeError(f"{value} is a moment: put it on a clock first, with dates.local(moment, zone)")
    return f"{value:%H:%M}"


def time(value: dt.datetime | dt.time, locale: Language) -> str:
    """`14:00 uur`, `14:00`."""
    return clock(value) + _HOUR[locale]


def hours(start: dt.datetime | dt.time, end: dt.datetime | dt.time, locale: Language, zone: str | None = None) -> str:
    """`14:00–14:45 uur`; with the name of a clock (`zone_name`) `14:00–14:45 uur (Nederlandse tijd)`."""
    span = f"{clock(start)}–{clock(end)}{_HOUR[locale]}"
    return f"{span} ({zone})" if zone else span


def stamp(value: dt.datetime, locale: Language, today: dt.date) -> str:
    """When something happened, in a time line: `vandaag, 08:41`, `gisteren, 20:14`, `vr 20 nov, 10:05`."""
    said = RELATIVE[locale].get(_days(today, value)) or day_short(value, locale, today)
    return f"{said}, {clock(value)}"


def zone_name(zone: str, home: str, moment: dt.datetime, locale: Language) -> str | None:
    """`Nederlandse tijd` for a reader at `home` whose clock differs at that moment; None when it says the same."""
    if local(moment, zone) == local(moment, home):
        return None
    if zone in CLOCKS:
        return CLOCKS[zone][locale]
    city = get_timezone_location(zone_of(zone), BABEL_LOCALES[locale], return_city=True)
    return f"tijd in {city}" if locale == "nl" else f"{city} time"


def placeholders(
    start: dt.datetime, end: dt.datetime, locale: Language, today: dt.date, zone: str | None = None
) -> dict[str, str]:
    """Every name under which a text may ask for the moment of a visit; a capital gives a capital."""
    said = {
        "day": day(start, locale, today),
        "date": date(start, locale),
        "day_short": day_short(start, locale, today),
        "time": time(start, locale),
        "hours": hours(start, end, locale, zone),
        "when": when(start, locale, today),
    }
    return said | {cap_first(name): cap_first(text) for name, text in said.items()}


# Numbers


def number(value: float | Decimal, locale: Language, digits: int | None = None) -> str:
    """`1.234,5`, `−3`. Without `digits` a whole number has none and any other one. Halves go away from zero."""
    exact = Decimal(str(value))
    places = digits if digits is not None else 0 if isinstance(value, int) else 1
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    written = f"{abs(rounded):,f}"
    if locale == "nl":
        written = written.translate(_DUTCH_SEPARATORS)
    return MINUS + written if rounded < 0 else written


def signed(value: float | Decimal, locale: Language, digits: int = 1) -> str:
    """A difference: `+0,6`, `−0,4`; what rounds to nothing is `0,0`, for nothing has no direction."""
    written = number(value, locale, digits)
    is_something = any(figure in "123456789" for figure in written)
    return f"+{written}" if is_something and not written.startswith(MINUS) else written


def percent(share: float | Decimal, locale: Language, digits: int = 0) -> str:
    """`71%` for the share 0.71."""
    return number(Decimal(str(share)) * 100, locale, digits) + "%"


def in_words(count: int, locale: Language) -> str:
    """One to twelve in words, for sentences; any other number in digits."""
    return WORDS[locale][count - 1] if 1 <= count <= len(WORDS[locale]) else number(count, locale)


# Sentences


def listed(items: Sequence[str], locale: Language) -> str:
    """`a`, `a en b`, `a, b en c`; nothing for nothing."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {'en' if locale == 'nl' else 'and'} {items[-1]}"


def cap_first(text: str) -> str:
    """The text as it starts a sentence. Dutch: `Eén`, `IJs`, `'s Avonds`."""
    return _FIRST_LETTER.sub(_capital, text, count=1)


_HOUR: dict[Language, str] = {"nl": " uur", "en": ""}
_DUTCH_SEPARATORS = str.maketrans(",.", ".,")
# An apostrophe and one letter ('s avonds, 't Hart) leave the capital to the next word.
_FIRST_LETTER = re.compile(r"^([^\w'’]*(?:['’]\w[\s-]+)?['’]?)(één|ij|\w)")


def _capital(match: re.Match[str]) -> str:
    before, letter = match.groups()
    return before + {"één": "Eén", "ij": "IJ"}.get(letter, letter.upper())


def _date(value: dt.date) -> dt.date:
    if not isinstance(value, dt.datetime):
        return value
    if value.tzinfo is not None:
        raise TypeError(f"{value} is a moment: put it on a clock first, with dates.local(moment, zone)")
    return value.date()


def _days(since: dt.date, until: dt.date) -> int:
    return (_date(until) - _date(since)).days


def _year_needed(value: dt.date, today: dt.date | None) -> bool:
    return today is not None and abs(_date(value) - _date(today)) > YEAR_UNSAID_WITHIN


@lru_cache(maxsize=1024)  # a campaign says the same day thousands of times; CLDR takes 20 us for it
def _format(value: dt.date, pattern: str, locale: Language) -> str:
    return format_date(value, pattern, BABEL_LOCALES[locale])
