"""A tap in a mail is a hint, never an answer; what a mail scanner does is not even that."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests import factories as make
from tests.factories import NOW
from webapp.invitations.models import Invitation

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def sam(session: Session) -> Invitation:
    make.organisation()
    return make.invitation(make.visit(), make.customer())


def hint(invitation: Invitation) -> tuple[object, ...]:
    return invitation.hint, invitation.hint_at, invitation.nudge_at


def test_a_tap_is_a_hint_with_a_nudge_two_hours_later(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)

    assert hint(sam) == ("accepted", NOW, NOW + 2 * HOUR)
    assert (sam.partstat, sam.state) == ("needs-action", "hinted")


def test_nobody_is_nudged_in_the_evening_or_at_night(sam: Invitation) -> None:
    half_past_six_in_the_evening = NOW + 9.5 * HOUR
    sam.tapped("accepted", half_past_six_in_the_evening)

    assert sam.nudge_at == NOW + 23 * HOUR  # 08:00 the next morning


def test_the_same_tap_again_changes_nothing(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.tapped("accepted", NOW + HOUR)

    assert sam.hint_at == NOW


def test_another_tap_later_is_another_hint(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.tapped("declined", NOW + MINUTE)

    assert hint(sam) == ("declined", NOW + MINUTE, NOW + MINUTE + 2 * HOUR)


def test_several_answers_within_a_minute_were_a_scanner(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.tapped("other", NOW + SECOND)
    sam.tapped("declined", NOW + 2 * SECOND)

    assert hint(sam) == (None, None, None)
    assert (sam.hint_dropped_at, sam.state) == (NOW + SECOND, "needs-action")


def test_a_person_who_taps_after_the_scanner_is_believed(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.tapped("declined", NOW + SECOND)
    sam.tapped("accepted", NOW + HOUR)

    assert hint(sam) == ("accepted", NOW + HOUR, NOW + 3 * HOUR)
    assert sam.hint_dropped_at is None


def test_who_asks_for_the_headers_only_is_a_scanner(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.peek(NOW + SECOND)
    assert sam.hint is None

    sam.tapped("accepted", NOW + 2 * SECOND)
    assert sam.hint is None


def test_a_look_at_the_headers_much_later_does_not_take_a_tap_away(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.peek(NOW + HOUR)

    assert sam.hint == "accepted"


def test_an_answer_settles_the_hint(sam: Invitation) -> None:
    sam.tapped("accepted", NOW)
    sam.answer("declined", NOW + SECOND)
    sam.tapped("accepted", NOW + 2 * MINUTE)

    assert hint(sam) == (None, None, None)


def test_a_colleague_who_taps_is_not_nudged(sam: Invitation) -> None:
    tariq = make.invitation(sam.visit, make.staff_member())
    tariq.tapped("accepted", NOW)

    assert (tariq.state, tariq.nudge_at) == ("hinted", None)
