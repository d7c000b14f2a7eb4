"""Quiet hours: an ask, a reminder or a questionnaire that falls due in them waits for the day, on its reader's clock.

Nobody tells us where they live. The clock is that of the visit the mail is about: it is where they are asked to come, and
where colleagues work. Receipts, changes and the day before tell what somebody wants to know, and leave at any hour.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from webapp.config import Settings
from webapp.mailing.notices import Notice
from webapp.zones import zone as zone_of

TIME_LEFT = timedelta(hours=1)
"""Of use by day only if it makes sense for so long then; otherwise it leaves at night: better early than never."""


def until(settings: Settings, notice: type[Notice], row: Any, not_after: datetime, now: datetime) -> datetime | None:
    """How long a mail that is due waits for the day; `row` as `Notice.load` has it. None: it leaves now."""
    if not notice.asks:
        return None
    zone, stops = notice.on_clock(*row[5:])
    at = leaves(settings, zone, now, min(stops, not_after))
    return at if at > now else None


def planned(settings: Settings, notice: type[Notice], zone: str, begins: datetime, due: datetime) -> datetime:
    """When a mail leaves that will fall due then, about a visit that begins there and then."""
    if not notice.asks:
        return due
    lapses = due + notice.lapses
    return leaves(settings, zone, due, min(begins, lapses) if begins > due else lapses)


def leaves(settings: Settings, zone: str, due: datetime, stops: datetime) -> datetime:
    """When an ask leaves that is due at that moment, and makes no sense from `stops` on. A demo has no night."""
    if settings.quiet_hours is None or settings.demo:
        return due
    end = _end(*settings.quiet_hours, zone, due)
    return due if end is None or end + TIME_LEFT > stops else end


def _end(begin: time, end: time, zone: str, moment: datetime) -> datetime | None:
    """When the quiet hours end in which this moment lies there; None: it lies in none.

    In a gap of the clock they end as much later. When it strikes their end twice, at the first time that is still to come.
    """
    there = moment.astimezone(zone_of(zone))
    clock = there.time()
    over_midnight = begin > end
    if not (clock >= begin or clock < end if over_midnight else begin <= clock < end):
        return None
    day = there.date() + timedelta(days=1 if over_midnight and clock >= begin else 0)
    ends = [datetime.combine(day, end, there.tzinfo).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return next((each for each in ends if each > moment), None)
