"""What the clock on the venue's wall says, as a moment and back; and the moments that follow from a visit's time.

A wall time is a datetime without zone, a moment one in UTC. Rules come from `webapp.zones`, never from the database or
the machine. Saturday and Sunday are no working days; public holidays are not known here.
"""

from datetime import UTC, date, datetime, time, timedelta

from webapp.zones import TZDATA as TZDATA
from webapp.zones import zone as zone_of

EVE = time(16, 0)
MORNING = time(9, 0)
DAY_BEGINS, DAY_ENDS = time(8, 0), time(20, 0)
THANKS_AFTER = timedelta(hours=2)
THANKS_NEXT_MORNING = time(8, 30)
HOUR_BEFORE = timedelta(minutes=75)  # an hour's mail may take a quarter of an hour to be read
HOST_BRIEF_WORKING_DAYS = 2
USUAL_WORKING_DAYS_AHEAD = 10
USUAL_START, USUAL_END = time(14, 0), time(14, 45)

MONDAY, SATURDAY = 0, 5


class UnclearTime(ValueError):
    """A wall time that is no one moment."""


class Gap(UnclearTime):
    """A wall time that does not exist: the clock jumps over it. Wall times before and after the jump are proposed."""

    def __init__(self, wall: datetime, earlier: datetime, later: datetime) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} does not exist here: choose {earlier:%H:%M} or {later:%H:%M}.")
        self.wall, self.earlier, self.later = wall, earlier, later


class Fold(UnclearTime):
    """A wall time that comes twice. Fold 0 is the moment `first` (summer time), fold 1 `second` (winter time)."""

    def __init__(self, wall: datetime, first: datetime, second: datetime) -> None:
        super().__init__(f"{wall:%Y-%m-%d %H:%M} comes twice here: choose the first or the second.")
        self.wall, self.first, self.second = wall, first, second


def to_utc(wall: datetime, zone: str, fold: int | None = None) -> datetime:
    """The moment of a wall time. Raises Gap; raises Fold unless `fold` says which of the two.

    The offsets of both folds tell which it is (PEP 495): equal, the time is plain; rising, it is in a gap.
    """
    if wall.tzinfo is not None:
        raise TypeError(f"{wall} is a moment already, not a wall time")
    first, second = (_moment(wall, zone, fold) for fold in (0, 1))
    if first == second:
        return first
    if first > second:
        raise Gap(wall, earlier=to_wall(second, zone), later=to_wall(first, zone))
    if fold is None:
        raise Fold(wall, first, second)
    return second if fold else first


def to_wall(moment: datetime, zone: str) -> datetime:
    """The wall time of a moment; its `fold` is 1 for the second of two."""
    if moment.tzinfo is None:
        raise TypeError(f"{moment} is a wall time already, not a moment")
    return moment.astimezone(zone_of(zone)).replace(tzinfo=None)


# Working days


def is_working_day(day: date) -> bool:
    return day.weekday() < SATURDAY


def add_working_days(day: date, count: int) -> date:
    """The working day that many ahead of `day`, or before it. From a weekend the first one is Monday, or Friday."""
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def working_days_later(moment: datetime, count: int, zone: str, at: time = MORNING) -> datetime:
    """`count` working days after the day of `moment`, at that time of day: a reminder after three is `count=3`."""
    return _on(add_working_days(to_wall(moment, zone).date(), count), at, zone)


def next_working_day_at(moment: datetime, zone: str, at: time = MORNING) -> datetime:
    return working_days_later(moment, 1, zone, at)


def days_later(moment: datetime, days: int, zone: str, at: time = MORNING) -> datetime:
    """`days` days after the day of `moment`, weekends too, at that time of day."""
    return _on(to_wall(moment, zone).date() + timedelta(days=days), at, zone)


# Daytime


def in_daytime(moment: datetime, zone: str) -> bool:
    """Between 08:00 and 20:00 there."""
    return DAY_BEGINS <= to_wall(moment, zone).time() < DAY_ENDS


def next_daytime(moment: datetime, zone: str) -> datetime:
    """The moment itself in daytime; else the next 08:00."""
    if in_daytime(moment, zone):
        return moment
    there = to_wall(moment, zone)
    late = there.time() >= DAY_ENDS
    return _on(there.date() + timedelta(days=1 if late else 0), DAY_BEGINS, zone)


# What follows from a visit's time


def eve_at(wall: datetime, zone: str) -> datetime:
    """16:00 on the day before; before a Monday on Friday, so that it is read at work."""
    days = 3 if wall.weekday() == MONDAY else 1
    return _on(wall.date() - timedelta(days=days), EVE, zone)


def hour_before(starts_at: datetime) -> datetime:
    return starts_at - HOUR_BEFORE


def host_brief_at(wall: datetime, zone: str) -> datetime:
    """09:00, two working days before."""
    return _on(add_working_days(wall.date(), -HOST_BRIEF_WORKING_DAYS), MORNING, zone)


def thanks_at(ends_at: datetime, zone: str) -> datetime:
    """Two hours after the end; what would come after 20:00, or at night, comes at 08:30 in the morning."""
    thanks = ends_at + THANKS_AFTER
    there = to_wall(thanks, zone)
    if there.time() > DAY_ENDS:
        return _on(there.date() + timedelta(days=1), THANKS_NEXT_MORNING, zone)
    if there.time() < DAY_BEGINS:
        return _on(there.date(), THANKS_NEXT_MORNING, zone)
    return thanks


def default_visit_slot(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Wall times a new visit opens with: ten working days ahead, 14:00 to 14:45."""
    day = add_working_days(to_wall(now, zone).date(), USUAL_WORKING_DAYS_AHEAD)
    return datetime.combine(day, USUAL_START), datetime.combine(day, USUAL_END)


def _moment(wall: datetime, zone: str, fold: int) -> datetime:
    return wall.replace(tzinfo=zone_of(zone), fold=fold).astimezone(UTC)


def _on(day: date, at: time, zone: str) -> datetime:
    """A moment we choose ourselves asks nothing: in a gap it is as much later, in a fold the first."""
    return _moment(datetime.combine(day, at), zone, fold=0)
