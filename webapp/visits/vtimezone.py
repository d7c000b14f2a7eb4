"""A time zone as a calendar file carries it (RFC 5545, 3.6.5): the rules used here, so that no reader need guess."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from webapp.zones import rule, zone

WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # as POSIX counts them
LAST = 5  # the week that means the last one, in POSIX
EVER_SINCE = 1970
BETWEEN_CHANGES = timedelta(days=7)  # no zone sets its clock twice in a week
MINUTE = timedelta(minutes=1)

# A date in a POSIX rule: `M3.5.0`, the last Sunday of March, at two or at the hour after a slash.
_DATE = r",M(\d+)\.(\d)\.(\d)(?:/(-?\d+)(?::(\d\d))?)?"
_RULE = re.compile(r"[^,]+" + _DATE * 2)


class Change(NamedTuple):
    """The clock is set from one offset to another, at a wall time of the old one."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str


class Yearly(NamedTuple):
    """The wall time at which a clock is set every year: on that weekday of the month."""

    month: int
    week: int
    weekday: int
    at: timedelta

    def in_year(self, year: int) -> datetime:
        first = date(year, self.month, 1)
        day = first + timedelta(days=(self.weekday - first.isoweekday()) % 7, weeks=self.week - 1)
        if day.month != self.month:
            day -= timedelta(weeks=1)
        return datetime.combine(day, time()) + self.at

    @property
    def rrule(self) -> str:
        return (
            f"FREQ=YEARLY;BYMONTH={self.month};BYDAY={-1 if self.week == LAST else self.week}{WEEKDAYS[self.weekday]}"
        )


@lru_cache(maxsize=64)
def vtimezone(name: str, year: int) -> tuple[str, ...]:
    """The lines of a VTIMEZONE that holds for that year, the one before and the next."""
    years = range(year - 1, year + 2)
    changes = list(_changes(name, years))
    rules = _yearly(name)
    if changes and sorted(each.in_year(y) for each in rules for y in years) == [change.wall for change in changes]:
        lines = [line for each in rules for change in changes[:2] for line in _recurring(each, change)]
    else:  # the clock is left alone, or set when no RRULE can say (Gaza, Ramadan): the changes themselves
        lines = [line for change in (_standing(name, year - 1), *changes) for line in _observance(change)]
    return ("BEGIN:VTIMEZONE", f"TZID:{name}", *lines, "END:VTIMEZONE")


def _yearly(name: str) -> list[Yearly]:
    """How the zone goes on for ever; nothing when it needs no rule, or one at a time outside the rule's own day."""
    found = _RULE.fullmatch(rule(name))
    if not found:
        return []
    numbers = [int(number) if number else None for number in found.groups()]
    rules = [
        Yearly(month or 0, week or 0, weekday or 0, timedelta(hours=2 if hour is None else hour, minutes=minute or 0))
        for month, week, weekday, hour, minute in (numbers[:5], numbers[5:])
    ]
    return rules if all(timedelta(0) <= each.at < timedelta(days=1) for each in rules) else []


def _changes(name: str, years: range) -> Iterator[Change]:
    """Every time the clock is set, found by halving between moments that disagree."""
    here, until = datetime(years[0], 1, 1, tzinfo=UTC), datetime(years[-1] + 1, 1, 1, tzinfo=UTC)
    while here < until:
        old, new = _offset(name, here), _offset(name, here + BETWEEN_CHANGES)
        if old != new:
            before, after = here, here + BETWEEN_CHANGES
            while after - before > MINUTE:
                middle = before + (after - before) // MINUTE // 2 * MINUTE
                before, after = (middle, after) if _offset(name, middle) == old else (before, middle)
            yield Change((after + old).replace(tzinfo=None), old, new, _abbreviation(name, after))
        here += BETWEEN_CHANGES


def _standing(name: str, year: int) -> Change:
    """The offset a zone has at the start of a year, as if it always had."""
    moment = datetime(year, 1, 1, tzinfo=UTC)
    offset = _offset(name, moment)
    return Change(datetime.fromisoformat(f"{EVER_SINCE}-01-01"), offset, offset, _abbreviation(name, moment))


def _recurring(each: Yearly, change: Change) -> Iterator[str]:
    if each.in_year(change.wall.year) == change.wall:
        yield from _observance(change._replace(wall=each.in_year(EVER_SINCE)), f"RRULE:{each.rrule}")


def _observance(change: Change, *more: str) -> Iterator[str]:
    kind = "DAYLIGHT" if change.after > change.before else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{change.wall:%Y%m%dT%H%M%S}"
    yield from more
    yield f"TZNAME:{change.name}"
    yield f"TZOFFSETFROM:{_written(change.before)}"
    yield f"TZOFFSETTO:{_written(change.after)}"
    yield f"END:{kind}"


def _written(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // MINUTE, 60)
    return f"{'-' if offset < timedelta(0) else '+'}{hours:02}{minutes:02}"


def _offset(name: str, moment: datetime) -> timedelta:
    return moment.astimezone(zone(name)).utcoffset() or timedelta(0)


def _abbreviation(name: str, moment: datetime) -> str:
    return moment.astimezone(zone(name)).tzname() or name
