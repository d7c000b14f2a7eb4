"""A visit is planned, moved, cancelled, and each of these is undone: what people then know, and what the room knows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests import factories as make
from tests.factories import NOW, VISIT_AT, ZONE
from webapp import db
from webapp.visits import slots, wall
from webapp.visits.models import Room, RoomTaken, Slot, TooLate, Visit

HOLD = timedelta(seconds=60)
SHORTLY, LATER = NOW + timedelta(seconds=30), NOW + timedelta(seconds=61)
TUESDAY = datetime(2026, 12, 8, 10, 0)  # noqa: DTZ001  (a wall time)
FRIDAY = datetime(2026, 12, 11, 15, 0)  # noqa: DTZ001  (a wall time)


def slot(when: datetime, room: Room | None) -> Slot:
    return Slot(when, ZONE, 45, room=room, link="" if room else "https://meet.example/1")


def plan(when: datetime, room: Room | None) -> Visit:
    people = make.account()
    return Visit.plan(NOW, slot(when, room), organiser=people, host=make.staff_member(phone="06 1"))


def move(visit: Visit, when: datetime, at: datetime = NOW, room: Room | None = None) -> None:
    visit.move(at, HOLD, None, slot(when, room or visit.room))


def state(visit: Visit) -> tuple[object, ...]:
    return (visit.wall, visit.starts_at, visit.eve_at, visit.room_id, visit.revision, visit.moved_at, visit.old_wall)


@pytest.fixture
def visit(session: Session) -> Visit:
    return make.visit()


def test_the_same_room_at_the_same_time_is_refused_and_nothing_is_lost(session: Session) -> None:
    room = make.room()
    first = plan(VISIT_AT, room)
    with pytest.raises(RoomTaken):
        plan(VISIT_AT + timedelta(minutes=30), room)
    assert session.query(Visit).all() == [first]
    assert plan(first.until, room).wall == first.until


def test_two_who_want_the_same_room_at_once_do_not_both_get_it(database: Engine) -> None:
    with db.transaction():
        room_id, account_id, host_id = make.room().id, make.account().id, make.staff_member().id

    def want(_n: int) -> bool:
        with db.transaction() as session:
            chosen = slot(VISIT_AT, session.get(Room, room_id))
            try:
                Visit.plan(NOW, chosen, organiser_id=account_id, host_id=host_id)
            except RoomTaken:
                return False
            return True

    with ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(want, range(6))) == [False] * 5 + [True]


def test_a_cancelled_visit_leaves_its_room(visit: Visit) -> None:
    visit.cancel(NOW, HOLD, {}, host_will_call=False)
    assert plan(VISIT_AT, visit.room).room is visit.room


def test_online_visits_never_get_in_each_others_way(session: Session) -> None:
    assert plan(VISIT_AT, None).starts_at == plan(VISIT_AT, None).starts_at


def test_moving_tells_the_old_time_after_the_hold(visit: Visit) -> None:
    move(visit, TUESDAY)
    assert (visit.wall, visit.old_wall, visit.revision) == (TUESDAY, VISIT_AT, 1)
    assert (visit.moved_at, visit.move_told_at) == (NOW, NOW + HOLD)
    assert visit.eve_at == wall.eve_at(TUESDAY, ZONE)


def test_five_moves_within_the_hold_are_told_as_one_from_the_time_people_know(visit: Visit) -> None:
    for day in range(5):
        move(visit, TUESDAY + timedelta(days=day), at=NOW + timedelta(seconds=10 * day))
    assert (visit.old_wall, visit.revision) == (VISIT_AT, 5)
    assert visit.move_told_at == NOW + timedelta(seconds=40) + HOLD


def test_a_second_move_after_the_hold_is_told_from_the_first(visit: Visit) -> None:
    move(visit, TUESDAY)
    move(visit, FRIDAY, at=LATER)
    assert (visit.old_wall, visit.revision) == (TUESDAY, 2)


def test_undoing_a_move_brings_everything_back(visit: Visit) -> None:
    before, room = state(visit), visit.room
    move(visit, TUESDAY, room=make.room())
    visit.undo_move(SHORTLY, HOLD)
    assert (state(visit), visit.move_told_at, visit.room) == (before, None, room)


def test_undoing_the_second_of_two_moves_leaves_the_first_a_whole_hold(visit: Visit) -> None:
    move(visit, TUESDAY)
    first = state(visit)
    move(visit, FRIDAY, at=SHORTLY)
    visit.undo_move(LATER, HOLD)
    assert (state(visit), visit.move_told_at) == (first, LATER + HOLD)
    visit.undo_move(LATER, HOLD)
    assert (visit.wall, visit.revision, visit.move_told_at) == (VISIT_AT, 0, None)


def test_moving_back_within_the_hold_is_as_if_nothing_was(visit: Visit) -> None:
    before = state(visit)
    move(visit, TUESDAY)
    move(visit, FRIDAY, at=SHORTLY)
    move(visit, VISIT_AT, at=SHORTLY)
    assert (state(visit), visit.move_told_at) == (before, None)


def test_moving_to_where_it_is_already_changes_nothing(visit: Visit) -> None:
    before = state(visit)
    move(visit, VISIT_AT)
    assert state(visit) == before


def test_after_the_hold_a_move_cannot_be_undone(visit: Visit) -> None:
    move(visit, TUESDAY)
    with pytest.raises(TooLate):
        visit.undo_move(LATER, HOLD)
    assert visit.wall == TUESDAY


def test_undoing_twice_undoes_once(visit: Visit) -> None:
    before = state(visit)
    move(visit, TUESDAY)
    for _press in range(2):
        visit.undo_move(SHORTLY, HOLD)
    visit.undo_cancel(SHORTLY)
    assert state(visit) == before


def test_moving_into_a_taken_room_leaves_the_old_time(visit: Visit) -> None:
    other = plan(TUESDAY, make.room())
    before = state(visit)
    with pytest.raises(RoomTaken):
        move(visit, TUESDAY, room=other.room)
    assert state(visit) == before


def test_a_move_cannot_be_undone_into_a_room_that_is_gone(visit: Visit) -> None:
    room = visit.room
    move(visit, TUESDAY)
    plan(VISIT_AT, room)
    with pytest.raises(RoomTaken):
        visit.undo_move(SHORTLY, HOLD)
    assert visit.wall == TUESDAY


def test_cancelling_and_undoing_it_within_the_hold(visit: Visit) -> None:
    visit.cancel(NOW, HOLD, {"nl": "De verteller is ziek.", "en": ""}, host_will_call=True)
    assert (visit.cancelled_at, visit.cancel_told_at, visit.revision) == (NOW, NOW + HOLD, 1)
    assert (visit.cancel_reason_nl, visit.cancel_reason_en, visit.host_will_call) == ("De verteller is ziek.", "", True)
    visit.cancel(SHORTLY, HOLD, {}, host_will_call=False)
    assert (visit.cancelled_at, visit.revision) == (NOW, 1)
    visit.undo_cancel(SHORTLY)
    assert (visit.cancelled_at, visit.cancel_told_at, visit.revision) == (None, None, 0)


def test_after_the_hold_a_visit_stays_cancelled(visit: Visit) -> None:
    visit.cancel(NOW, HOLD, {}, host_will_call=False)
    with pytest.raises(TooLate):
        visit.undo_cancel(LATER)


def test_a_visit_in_the_spring_gap_is_refused_with_the_times_around_it(session: Session) -> None:
    with pytest.raises(wall.Gap) as gap:
        plan(datetime(2027, 3, 28, 2, 30), make.room())  # noqa: DTZ001  (a wall time)
    assert (f"{gap.value.earlier:%H:%M}", f"{gap.value.later:%H:%M}") == ("01:30", "03:30")
    assert session.query(Visit).count() == 0


def test_a_new_visit_opens_ten_working_days_ahead_in_the_first_free_room(session: Session) -> None:
    first, second = make.room(name="A"), make.room(name="B")
    fortnight = datetime(2026, 12, 7, 14, 0)  # noqa: DTZ001  (a wall time)
    assert slots.usual(NOW, ZONE, [first, second]) == slot(fortnight, first)
    plan(fortnight, first)
    assert slots.usual(NOW, ZONE, [first, second]) == slot(fortnight, second)
    plan(fortnight, second)
    assert slots.usual(NOW, ZONE, [first, second]).when == fortnight - timedelta(hours=1)


def test_free_nearby_is_another_room_and_the_nearest_times(session: Session) -> None:
    here, there = make.room(name="Here"), make.room(name="There")
    plan(VISIT_AT, here)
    plan(VISIT_AT + timedelta(hours=1), here)
    found = slots.nearest(slot(VISIT_AT, here), [here, there], NOW)
    assert [(free.when, free.room) for free in found] == [
        (VISIT_AT, there),
        (VISIT_AT - timedelta(hours=1), here),
        (VISIT_AT - timedelta(hours=1, minutes=30), here),
    ]


def test_what_is_proposed_lies_ahead_and_in_office_hours_on_working_days(session: Session) -> None:
    here = make.room()
    friday = datetime(2026, 11, 27, 16, 0)  # noqa: DTZ001  (a wall time)
    now = wall.to_utc(friday - timedelta(minutes=10), ZONE)
    plan(friday, here)
    found = slots.nearest(slot(friday, here), [here], now)
    monday = friday + timedelta(days=2, hours=17)
    assert [free.when for free in found] == [monday + timedelta(minutes=30 * step) for step in range(3)]
