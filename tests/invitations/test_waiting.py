"""Staff seats and the waiting list: in order, held for a while, never given twice."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests import factories as make
from tests.factories import NOW
from webapp.invitations.models import Invitation, look_after_waiting
from webapp.visits.models import Visit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STARTS = datetime.fromisoformat("2026-12-03 14:00+01:00")
LAST_HOURS = STARTS - 2 * HOUR

Asked = Callable[..., Invitation]


@pytest.fixture
def visit(session: Session) -> Visit:
    """One seat."""
    make.organisation()
    return make.visit(seats=1)


@pytest.fixture
def asked(visit: Visit) -> Asked:
    """A colleague is invited, and says yes at once when told so."""

    def ask(name: str, yes_at: datetime | None = None) -> Invitation:
        invitation = make.invitation(visit, make.staff_member(name))
        if yes_at:
            invitation.answer("accepted", yes_at)
        return invitation

    return ask


def test_who_finds_no_seat_waits(asked: Asked) -> None:
    asked("Tariq", NOW)
    fleur = asked("Fleur")

    answer = fleur.answer("accepted", NOW + HOUR)

    assert (answer.kind, fleur.partstat, fleur.state) == ("waiting", "tentative", "waiting")


def test_a_seat_given_back_is_offered_to_who_waits_longest(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW + HOUR), asked("Noor", NOW + 2 * HOUR)

    tariq.answer("declined", NOW + DAY)

    assert (fleur.state, noor.state) == ("offered", "waiting")
    assert fleur.place is not None
    assert (fleur.place.offered_at, fleur.place.offer_until) == (NOW + DAY, NOW + 2 * DAY)


def test_an_offered_seat_is_held_nobody_else_gets_it(asked: Asked) -> None:
    tariq, fleur = asked("Tariq", NOW), asked("Fleur", NOW)
    tariq.answer("declined", NOW + HOUR)

    noor = asked("Noor", NOW + 2 * HOUR)
    tariq.answer("accepted", NOW + 2 * HOUR)
    assert (noor.state, tariq.state) == ("waiting", "waiting")

    assert fleur.answer("accepted", NOW + 3 * HOUR).kind == "accepted"
    assert fleur.places[-1].ended == "taken"


def test_passing_an_offer_on_gives_it_to_the_next(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    tariq.answer("declined", NOW + HOUR)

    fleur.answer("left", NOW + 2 * HOUR)

    assert (fleur.places[-1].ended, fleur.state, noor.state) == ("passed", "declined", "offered")


def test_leaving_the_list_is_not_passing_on(asked: Asked) -> None:
    asked("Tariq", NOW)
    fleur = asked("Fleur", NOW)

    fleur.answer("left", NOW + HOUR)

    assert (fleur.places[-1].ended, fleur.state) == ("left", "declined")


def test_an_offer_nobody_took_goes_to_the_next_in_a_tick(asked: Asked, session: Session) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    tariq.answer("declined", NOW + HOUR)

    look_after_waiting(NOW + DAY)
    assert (fleur.state, noor.state) == ("offered", "waiting")
    look_after_waiting(NOW + HOUR + DAY)

    assert (fleur.places[-1].ended, fleur.state, noor.state) == ("lapsed", "lapsed", "offered")
    look_after_waiting(NOW + HOUR + DAY)
    assert noor.place is not None
    assert noor.place.offered_at == NOW + HOUR + DAY


def test_who_let_an_offer_go_by_joins_again_at_the_end(asked: Asked) -> None:
    tariq, fleur, noor, bo = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW), asked("Bo", NOW)
    tariq.answer("declined", NOW + HOUR)
    look_after_waiting(NOW + HOUR + DAY)

    fleur.answer("waiting", NOW + 2 * DAY)
    noor.answer("left", NOW + 2 * DAY)
    assert (bo.state, fleur.state) == ("offered", "waiting")
    bo.answer("left", NOW + 2 * DAY)

    assert fleur.state == "offered"


def test_saying_yes_again_while_waiting_keeps_the_place_in_line(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    fleur.answer("accepted", NOW + HOUR)
    fleur.answer("waiting", NOW + HOUR)
    tariq.answer("declined", NOW + 2 * HOUR)

    assert (len(fleur.places), fleur.state, noor.state) == (1, "offered", "waiting")


def test_more_seats_are_offered_in_a_tick_and_nobody_jumps_the_line(asked: Asked, visit: Visit) -> None:
    asked("Tariq", NOW)
    fleur = asked("Fleur", NOW)
    visit.seats = 2

    bo = asked("Bo", NOW + HOUR)

    assert (fleur.state, bo.state) == ("offered", "waiting")
    visit.seats = 3
    look_after_waiting(NOW + 2 * HOUR)
    assert bo.state == "offered"


def test_nearer_the_visit_a_seat_is_held_half_of_what_is_left(asked: Asked) -> None:
    tariq, fleur = asked("Tariq", NOW), asked("Fleur", NOW)
    tariq.answer("declined", LAST_HOURS - 4 * HOUR)

    assert fleur.place is not None
    assert fleur.place.offer_until == LAST_HOURS - 2 * HOUR


def test_an_offer_never_ends_at_night(asked: Asked) -> None:
    tariq, fleur = asked("Tariq", NOW), asked("Fleur", NOW)
    tariq.answer(
        "declined", LAST_HOURS - 15 * HOUR
    )  # at nine in the evening; half of what is left ends at half past four

    assert fleur.place is not None
    assert fleur.place.offer_until == LAST_HOURS - 2 * HOUR  # ten in the morning


def test_in_the_last_two_hours_everybody_waiting_is_told_and_the_first_who_confirms_has_the_seat(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    tariq.answer("declined", LAST_HOURS + HOUR)
    assert (fleur.state, noor.state) == ("offered", "offered")

    assert noor.answer("accepted", LAST_HOURS + HOUR).kind == "accepted"
    assert (fleur.state, len(fleur.places)) == ("waiting", 1)
    assert fleur.answer("accepted", LAST_HOURS + HOUR).kind == "waiting"

    noor.answer("declined", LAST_HOURS + 1.5 * HOUR)
    assert (fleur.state, len(fleur.places)) == ("offered", 1)


def test_who_cannot_be_given_half_an_hour_is_told_with_everybody_else(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    tariq.answer("declined", LAST_HOURS - HOUR / 4)
    assert (fleur.state, noor.state) == ("waiting", "waiting")
    assert noor.answer("accepted", LAST_HOURS - HOUR / 4).kind == "waiting"

    look_after_waiting(LAST_HOURS)

    assert (fleur.state, noor.state) == ("offered", "offered")


def test_when_the_visit_begins_the_list_is_over(asked: Asked) -> None:
    tariq, fleur = asked("Tariq", NOW), asked("Fleur", NOW)
    look_after_waiting(STARTS)

    assert (tariq.state, fleur.places[-1].ended) == ("accepted", "none_free")


def test_a_withdrawn_invitation_gives_its_seat_and_its_place_in_line_free(asked: Asked) -> None:
    tariq, fleur, noor = asked("Tariq", NOW), asked("Fleur", NOW), asked("Noor", NOW)
    fleur.withdraw(NOW + HOUR)
    tariq.withdraw(NOW + HOUR)

    assert (fleur.state, fleur.places[-1].ended, noor.state) == ("withdrawn", "left", "offered")
    tariq.undo_withdrawal(NOW + 2 * HOUR)
    assert tariq.state == "waiting"


def test_fewer_seats_never_give_a_held_one_twice(asked: Asked, visit: Visit) -> None:
    visit.seats = 2
    tariq, noor, fleur, bo = (asked(name, NOW) for name in ("Tariq", "Noor", "Fleur", "Bo"))
    tariq.answer("declined", NOW + HOUR)
    noor.answer("declined", NOW + HOUR)
    assert (fleur.state, bo.state) == ("offered", "offered")
    visit.seats = 1

    assert bo.answer("accepted", NOW + 2 * HOUR).kind == "waiting"
    assert fleur.answer("accepted", NOW + 2 * HOUR).kind == "accepted"


def test_nobody_is_offered_a_seat_at_a_cancelled_visit(asked: Asked, visit: Visit) -> None:
    asked("Tariq", NOW)
    fleur = asked("Fleur", NOW)
    make.cancel(visit)
    visit.seats = 5

    look_after_waiting(NOW + HOUR)

    assert fleur.state == "waiting"
