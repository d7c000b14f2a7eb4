"""Days and dayparts that somebody can make, and by when we answer, in words."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from webapp import dates
from webapp.i18n import Language
from webapp.visits.wall import add_working_days

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYPARTS: dict[Language, dict[str, str]] = {
    "nl": {"morning": "{day}ochtend", "afternoon": "{day}middag", "evening": "{day}avond"},
    "en": {"morning": "{day} morning", "afternoon": "{day} afternoon", "evening": "{day} evening"},
}
NOON, EVENING = 12, 18
REPLY_WITHIN = 3
"""Working days in which somebody who suggests another time hears from us."""
_A_MONDAY = date(2026, 1, 5)


def spoken(dayparts: Iterable[Sequence[str]], language: Language) -> str:
    """`dinsdagochtend en donderdagmiddag`."""
    words = []
    for day, part in dayparts:
        weekday = dates.day(_A_MONDAY + timedelta(days=DAYS.index(day)), language).split()[0]
        words.append(DAYPARTS[language][part].format(day=weekday))
    return dates.listed(words, language)


def daypart(wall: datetime) -> list[str]:
    """The day and daypart of a wall time: `["tue", "morning"]`."""
    part = "morning" if wall.hour < NOON else "afternoon" if wall.hour < EVENING else "evening"
    return [DAYS[wall.weekday()], part]


def reply_by(proposed: datetime, zone: str) -> date:
    return add_working_days(dates.local(proposed, zone).date(), REPLY_WITHIN)
