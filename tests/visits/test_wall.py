"""A visit's wall time, the moments that follow from it, and every clock change of nine years in every zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.visits import wall
from webapp.zones import ZONES, UnknownZone, zone

AMSTERDAM = "Europe/Amsterdam"
at = datetime.fromisoformat  # "2026-12-03 14:00" is a wall time, "2026-12-03 13:00Z" a moment

SINCE, UNTIL = at("2025-01-01 00:00Z"), at("2034-01-01 00:00Z")
MINUTE = timedelta(minutes=1)


@cache
def clock_changes() -> tuple[tuple[str, datetime], ...]:
    """(zone, first moment of the new offset), found by halving between moments that disagree."""

    def changes_of(name: str) -> Iterator[datetime]:
        tz, month = zone(name), timedelta(days=20)  # Morocco's Ramadan change lasts a month
        here = SINCE
        while here < UNTIL:
            before, after = here, here + month
            if before.astimezone(tz).utcoffset() != after.astimezone(tz).utcoffset():
                while after - before > MINUTE:
                    middle = before + (after - before) // 2
                    middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
                    if middle.astimezone(tz).utcoffset() == before.astimezone(tz).utcoffset():
                        before = max(middle, before + MINUTE)
                    else:
                        after = middle
                yield after
            here += month

    return tuple((name, change) for name in ZONES for change in changes_of(name))


# One moment, one wall time


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-12-03 14:00", "2026-12-03 13:00Z"),
        ("2027-07-01 14:00", "2027-07-01 12:00Z"),
        ("2027-03-28 01:59", "2027-03-28 00:59Z"),
        ("2027-03-28 03:00", "2027-03-28 01:00Z"),
        ("2027-10-31 01:59", "2027-10-30 23:59Z"),
        ("2027-10-31 03:00", "2027-10-31 02:00Z"),
    ],
)
def test_a_visit_stands_at_its_wall_time(typed: str, moment: str) -> None:
    assert wall.to_utc(at(typed), AMSTERDAM) == at(moment)
    assert wall.to_wall(at(moment), AMSTERDAM) == at(typed)


def test_a_time_the_clock_jumps_over_is_refused_with_two_proposals() -> None:
    for fold in (None, 0, 1):
        with pytest.raises(wall.Gap) as refused:
            wall.to_utc(at("2027-03-28 02:30"), AMSTERDAM, fold)
        assert (refused.value.earlier, refused.value.later) == (at("2027-03-28 01:30"), at("2027-03-28 03:30"))
        assert refused.value.wall == at("2027-03-28 02:30")
        assert "01:30 or 03:30" in str(refused.value)


def test_a_time_that_comes_twice_is_asked_about() -> None:
    with pytest.raises(wall.Fold) as asked:
        wall.to_utc(at("2027-10-31 02:30"), AMSTERDAM)
    assert (asked.value.first, asked.value.second) == (at("2027-10-31 00:30Z"), at("2027-10-31 01:30Z"))
    assert wall.to_utc(at("2027-10-31 02:30"), AMSTERDAM, fold=0) == asked.value.first
    assert wall.to_utc(at("2027-10-31 02:30"), AMSTERDAM, fold=1) == asked.value.second
    assert [wall.to_wall(moment, AMSTERDAM).fold for moment in (asked.value.first, asked.value.second)] == [0, 1]


def test_a_plain_time_needs_no_fold_and_is_not_changed_by_one() -> None:
    assert wall.to_utc(at("2026-12-03 14:00"), AMSTERDAM, fold=1) == at("2026-12-03 13:00Z")


def test_walls_and_moments_are_never_mixed_up() -> None:
    with pytest.raises(TypeError, match="moment already"):
        wall.to_utc(at("2026-12-03 14:00Z"), AMSTERDAM)
    with pytest.raises(TypeError, match="wall time already"):
        wall.to_wall(at("2026-12-03 14:00"), AMSTERDAM)
    with pytest.raises(UnknownZone):
        wall.to_utc(at("2026-12-03 14:00"), "Europe/Gouda")


def test_every_clock_change_of_nine_years_is_refused_or_asked_about_and_nothing_beside_it() -> None:
    changes = clock_changes()
    assert len([name for name, _ in changes if name == AMSTERDAM]) == 2 * 9
    gaps = folds = 0
    for name, change in changes:
        before, after = wall.to_wall(change - MINUTE, name) + MINUTE, wall.to_wall(change, name)
        if before < after:  # spring: the walls [before, after) do not exist
            gaps += 1
            for missing in (before, before + (after - before) / 2, after - MINUTE):
                with pytest.raises(wall.Gap) as refused:
                    wall.to_utc(missing, name)
                assert refused.value.earlier == missing - (after - before)
                assert refused.value.later == missing + (after - before)
                assert wall.to_utc(refused.value.earlier, name) < change <= wall.to_utc(refused.value.later, name)
            plain = (before - MINUTE, after)
        else:  # autumn: the walls [after, before) come twice
            folds += 1
            for double in (after, after + (before - after) / 2, before - MINUTE):
                with pytest.raises(wall.Fold) as asked:
                    wall.to_utc(double, name)
                assert asked.value.first < change <= asked.value.second
                assert asked.value.second - asked.value.first == before - after
                assert [wall.to_utc(double, name, fold) for fold in (0, 1)] == [asked.value.first, asked.value.second]
            plain = (after - MINUTE, before)
        assert [wall.to_wall(wall.to_utc(typed, name), name) for typed in plain] == list(plain)
    assert gaps > 300
    assert folds > 300


moments = st.datetimes(SINCE.replace(tzinfo=None), UNTIL.replace(tzinfo=None), timezones=st.just(UTC))
walls = st.datetimes(SINCE.replace(tzinfo=None), UNTIL.replace(tzinfo=None))
zones = st.sampled_from(ZONES)
near_changes = st.builds(
    lambda change, minutes: (change[0], change[1] + timedelta(minutes=minutes)),
    st.deferred(lambda: st.sampled_from(clock_changes())),
    st.integers(-180, 180),
)


@given(st.one_of(st.tuples(zones, moments), near_changes))
def test_a_moment_comes_back_from_its_wall_time(where: tuple[str, datetime]) -> None:
    name, moment = where
    there = wall.to_wall(moment, name)
    assert there.tzinfo is None
    assert wall.to_utc(there, name, there.fold) == moment


@given(zones, walls)
def test_a_wall_time_comes_back_from_its_moment_or_says_why_not(name: str, typed: datetime) -> None:
    try:
        said = [wall.to_wall(wall.to_utc(typed, name), name)]
    except wall.Gap as gap:
        said = [gap.earlier + (gap.later - gap.earlier) / 2]
    except wall.Fold as fold:
        said = [wall.to_wall(moment, name) for moment in (fold.first, fold.second)]
    assert set(said) == {typed}


# What follows from a visit's time


@pytest.mark.parametrize(
    ("visit", "eve"),
    [
        ("2026-12-03 14:00", "2026-12-02 16:00"),  # Thursday
        ("2026-12-07 14:00", "2026-12-04 16:00"),  # Monday: Friday
        ("2026-12-06 14:00", "2026-12-05 16:00"),  # Sunday
        ("2027-03-28 14:00", "2027-03-27 16:00"),  # the day the clock goes forward
        ("2027-03-29 14:00", "2027-03-26 16:00"),  # the Monday after it
        ("2027-10-31 14:00", "2027-10-30 16:00"),  # the day it goes back
        ("2027-11-01 14:00", "2027-10-29 16:00"),
    ],
)
def test_the_day_before_is_told_at_four_on_the_venues_clock(visit: str, eve: str) -> None:
    assert wall.to_wall(wall.eve_at(at(visit), AMSTERDAM), AMSTERDAM) == at(eve)


def test_the_day_before_follows_the_venue_and_not_the_server() -> None:
    assert wall.eve_at(at("2026-12-03 14:00"), "America/New_York") == at("2026-12-02 21:00Z")
    assert wall.eve_at(at("2026-12-03 14:00"), "Asia/Kolkata") == at("2026-12-02 10:30Z")


@given(zones, walls)
def test_what_follows_from_a_visit_is_on_the_right_day_at_the_right_time(name: str, typed: datetime) -> None:
    eve = wall.to_wall(wall.eve_at(typed, name), name)
    assert (eve.time(), eve.date() < typed.date(), eve.weekday() < 6) == (time(16), True, True)
    brief = wall.to_wall(wall.host_brief_at(typed, name), name)
    assert (brief.time(), brief.weekday() < 5, 2 <= (typed.date() - brief.date()).days <= 4) == (time(9), True, True)


@given(zones, moments)
def test_thanks_come_by_day_and_not_before_two_hours(name: str, ends: datetime) -> None:
    thanks = wall.thanks_at(ends, name)
    assert time(8) <= wall.to_wall(thanks, name).time() <= time(20)
    assert timedelta(hours=2) <= thanks - ends <= timedelta(hours=17)  # a night can be hours longer in autumn


def test_the_hour_before_is_an_hour_and_a_quarter() -> None:
    assert wall.hour_before(at("2026-12-03 13:00Z")) == at("2026-12-03 11:45Z")


@pytest.mark.parametrize(
    ("visit", "brief"),
    [
        ("2026-12-03 14:00", "2026-12-01 09:00"),  # Thursday: Tuesday
        ("2026-12-07 14:00", "2026-12-03 09:00"),  # Monday: Thursday
        ("2026-12-08 14:00", "2026-12-04 09:00"),  # Tuesday: Friday
        ("2026-12-05 14:00", "2026-12-03 09:00"),  # Saturday: Thursday
        ("2027-03-29 14:00", "2027-03-25 09:00"),
    ],
)
def test_the_host_is_briefed_two_working_days_before(visit: str, brief: str) -> None:
    assert wall.to_wall(wall.host_brief_at(at(visit), AMSTERDAM), AMSTERDAM) == at(brief)


@pytest.mark.parametrize(
    ("ends", "thanks"),
    [
        ("2026-12-03 14:45", "2026-12-03 16:45"),
        ("2026-12-03 18:00", "2026-12-03 20:00"),
        ("2026-12-03 18:01", "2026-12-04 08:30"),
        ("2026-12-03 22:30", "2026-12-04 08:30"),
        ("2026-12-03 05:59", "2026-12-03 08:30"),
        ("2026-12-03 06:00", "2026-12-03 08:00"),
        ("2026-12-04 19:00", "2026-12-05 08:30"),  # a Saturday is a fine day to be thanked
        ("2027-03-27 23:30", "2027-03-28 08:30"),  # over the clock change
        ("2027-10-30 23:30", "2027-10-31 08:30"),
    ],
)
def test_thanks_come_two_hours_after_and_never_at_night(ends: str, thanks: str) -> None:
    assert wall.thanks_at(wall.to_utc(at(ends), AMSTERDAM), AMSTERDAM) == wall.to_utc(at(thanks), AMSTERDAM)


# Working days


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-20", 3, "2026-11-25"),  # Friday: Wednesday
        ("2026-11-20", 7, "2026-12-01"),
        ("2026-11-20", 1, "2026-11-23"),
        ("2026-11-21", 1, "2026-11-23"),  # Saturday: Monday
        ("2026-11-22", 1, "2026-11-23"),
        ("2026-11-22", -1, "2026-11-20"),
        ("2026-11-23", -1, "2026-11-20"),
        ("2026-11-23", 0, "2026-11-23"),
    ],
)
def test_working_days_leave_out_the_weekend(day: str, count: int, expected: str) -> None:
    assert wall.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(expected)


@given(st.dates(date(2025, 1, 1), date(2033, 12, 31)), st.integers(-40, 40).filter(bool))
def test_counting_working_days_lands_on_one_with_as_many_between(day: date, count: int) -> None:
    landed = wall.add_working_days(day, count)
    assert wall.is_working_day(landed)
    days = range(1, abs((landed - day).days) + 1)
    passed = [day + timedelta(days=number if count > 0 else -number) for number in days]
    assert len([other for other in passed if wall.is_working_day(other)]) == abs(count)


def test_a_reminder_comes_three_working_days_later_in_the_morning() -> None:
    invited = wall.to_utc(at("2026-11-20 10:05"), AMSTERDAM)
    assert wall.working_days_later(invited, 3, AMSTERDAM) == at("2026-11-25 08:00Z")
    assert wall.working_days_later(invited, 3, AMSTERDAM, time(8, 30)) == at("2026-11-25 07:30Z")
    assert wall.next_working_day_at(invited, AMSTERDAM) == at("2026-11-23 08:00Z")
    assert wall.days_later(invited, 28, AMSTERDAM) == at("2026-12-18 08:00Z")


def test_the_day_something_happened_is_the_day_on_the_venues_clock() -> None:
    late = at("2026-11-20 23:30Z")  # Saturday in Amsterdam, still Friday in New York
    assert wall.next_working_day_at(late, AMSTERDAM) == at("2026-11-23 08:00Z")
    assert wall.days_later(late, 1, AMSTERDAM) == at("2026-11-22 08:00Z")
    assert wall.days_later(late, 1, "America/New_York") == at("2026-11-21 14:00Z")


def test_nine_in_the_morning_stays_nine_over_both_clock_changes() -> None:
    assert wall.days_later(at("2027-03-26 12:00Z"), 3, AMSTERDAM) == at("2027-03-29 07:00Z")
    assert wall.days_later(at("2027-10-29 12:00Z"), 3, AMSTERDAM) == at("2027-11-01 08:00Z")


def test_a_time_we_choose_ourselves_moves_out_of_a_gap_by_itself() -> None:
    assert wall.days_later(at("2027-03-27 12:00Z"), 1, AMSTERDAM, time(2, 30)) == at("2027-03-28 01:30Z")  # 03:30
    assert wall.days_later(at("2027-10-30 12:00Z"), 1, AMSTERDAM, time(2, 30)) == at("2027-10-31 00:30Z")  # the first


# Daytime, and a new visit


@pytest.mark.parametrize(
    ("there", "sent"),
    [
        ("2026-12-03 07:59", "2026-12-03 08:00"),
        ("2026-12-03 08:00", "2026-12-03 08:00"),
        ("2026-12-03 19:59", "2026-12-03 19:59"),
        ("2026-12-03 20:00", "2026-12-04 08:00"),
        ("2026-12-03 23:59", "2026-12-04 08:00"),
        ("2026-12-04 00:00", "2026-12-04 08:00"),
    ],
)
def test_a_nudge_waits_for_the_day(there: str, sent: str) -> None:
    moment = wall.to_utc(at(there), AMSTERDAM)
    assert wall.next_daytime(moment, AMSTERDAM) == wall.to_utc(at(sent), AMSTERDAM)
    assert wall.in_daytime(moment, AMSTERDAM) == (there == sent)


def test_a_new_visit_opens_ten_working_days_ahead_in_the_afternoon() -> None:
    monday = wall.to_utc(at("2026-11-23 09:12"), AMSTERDAM)
    assert wall.default_visit_slot(monday, AMSTERDAM) == (at("2026-12-07 14:00"), at("2026-12-07 14:45"))
    saturday = wall.to_utc(at("2026-11-21 09:12"), AMSTERDAM)
    assert wall.default_visit_slot(saturday, AMSTERDAM) == (at("2026-12-04 14:00"), at("2026-12-04 14:45"))
