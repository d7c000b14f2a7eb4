"""Times and dayparts that somebody can make, and by when we answer, in words."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

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


def said(times: Mapping[str, Any], language: Language) -> str:
    """What a Proposal holds: `dinsdag 8 december, 10:00 uur en donderdagmiddag`."""
    starts = [datetime.fromisoformat(value) for value in times.get("slots", ())]
    moments = [f"{dates.day(start, language)}, {dates.time(start, language)}" for start in starts]
    dayparts = spoken(times.get("dayparts", ()), language)
    return "; ".join(filter(None, [*moments, dayparts])) if moments else dayparts


def names(times: Mapping[str, Any] | None, wall: datetime) -> bool:
    """Whether this very wall time is among those of a Proposal."""
    return f"{wall:%Y-%m-%dT%H:%M}" in (times or {}).get("slots", ())


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
