"""What becomes of an answer: once, until the start, and never more people than places."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests import factories as make
from tests.factories import NOW
from webapp.invitations.models import Closed, Invitation

LATER = NOW + timedelta(hours=1)
TUESDAY = {"dayparts": [["tue", "morning"]], "note": ""}


@pytest.fixture
def sam(session: Session) -> Invitation:
    make.organisation()
    return make.invitation(make.visit(), make.customer())


def another(of: Invitation) -> Invitation:
    return make.invitation(of.visit, make.customer("Bo Jansen"))


def test_a_customer_says_yes(sam: Invitation) -> None:
    answer = sam.answer("accepted", LATER, nonce="one")

    assert (answer.kind, answer.channel, answer.given_at, answer.latest) == ("accepted", "link", LATER, True)
    assert (sam.partstat, sam.answered_at, sam.state) == ("accepted", LATER, "accepted")


def test_a_double_click_is_one_answer(sam: Invitation) -> None:
    first = sam.answer("accepted", LATER, nonce="one")

    assert sam.answer("accepted", LATER, nonce="one") is first
    assert sam.answer("declined", LATER, nonce="one") is first
    assert sam.partstat == "accepted"


def test_saying_again_what_stands_is_no_new_answer(sam: Invitation) -> None:
    first = sam.answer("accepted", LATER, nonce="one")

    assert sam.answer("accepted", LATER, nonce="two") is first


def test_a_mind_may_change_and_the_last_answer_counts(sam: Invitation) -> None:
    for number, kind in enumerate(("accepted", "declined", "accepted", "declined")):
        sam.answer(kind, LATER + timedelta(seconds=number), nonce=kind + str(number))  # type: ignore[arg-type]

    assert sam.partstat == "declined"
    assert [(answer.kind, answer.latest) for answer in sam.answers] == [
        ("accepted", False), ("declined", False), ("accepted", False), ("declined", True),
    ]  # fmt: skip


def test_another_time_is_recorded_and_who_had_said_yes_is_still_expected(sam: Invitation) -> None:
    sam.answer("accepted", NOW)
    answer = sam.answer("other", LATER, times=TUESDAY)

    assert (sam.partstat, sam.state) == ("accepted", "accepted")
    assert sam.proposal is not None
    assert (sam.proposal.answer, sam.proposal.times, sam.proposal.because_full) == (answer, TUESDAY, False)


def test_another_time_without_a_yes_is_no_yes_and_no_no(sam: Invitation) -> None:
    sam.answer("other", LATER, times=TUESDAY)

    assert (sam.partstat, sam.state) == ("tentative", "proposed")


def test_other_times_replace_the_earlier_ones_and_the_same_ones_do_not(sam: Invitation) -> None:
    first = sam.answer("other", NOW, times=TUESDAY)

    assert sam.answer("other", LATER, times=TUESDAY) is first
    second = sam.answer("other", LATER, times={"dayparts": [["fri", "evening"]], "note": ""})
    assert (first.latest, second.latest) == (False, True)


def test_coming_after_all_takes_the_proposal_back(sam: Invitation) -> None:
    sam.answer("accepted", NOW)
    sam.answer("other", NOW, times=TUESDAY)
    sam.answer("accepted", LATER)

    assert (sam.partstat, sam.proposal) == ("accepted", None)


def test_who_says_yes_when_the_places_are_taken_is_willing_another_time(sam: Invitation) -> None:
    sam.visit.storyteller_places = 1
    sam.answer("accepted", NOW)
    bo = another(sam)

    answer = bo.answer("accepted", LATER, nonce="one")

    assert (answer.kind, bo.partstat, bo.state) == ("other", "tentative", "willing")
    assert answer.proposal is not None
    assert (answer.proposal.because_full, answer.proposal.times) == (True, {})
    assert bo.answer("accepted", LATER, nonce="two") is answer


def test_when_a_storyteller_cannot_come_after_all_the_next_yes_fits(sam: Invitation) -> None:
    sam.visit.storyteller_places = 1
    sam.answer("accepted", NOW)
    bo = another(sam)
    bo.answer("accepted", NOW)

    sam.answer("declined", LATER)

    assert bo.answer("accepted", LATER).kind == "accepted"
    assert bo.state == "accepted"


def test_nothing_can_be_answered_once_the_visit_has_begun(sam: Invitation) -> None:
    sam.answer("accepted", sam.visit.starts_at - timedelta(seconds=1), nonce="in time")

    with pytest.raises(Closed) as closed:
        sam.answer("declined", sam.visit.starts_at)
    assert closed.value.reason == "past"
    assert sam.answer("accepted", sam.visit.starts_at, nonce="in time").kind == "accepted"


def test_nothing_can_be_answered_when_the_visit_is_cancelled_or_the_invitation_withdrawn(sam: Invitation) -> None:
    bo = another(sam)
    bo.withdraw(NOW)
    with pytest.raises(Closed) as closed:
        bo.answer("accepted", LATER)
    assert closed.value.reason == "withdrawn"

    make.cancel(sam.visit)
    with pytest.raises(Closed) as closed:
        sam.answer("accepted", LATER)
    assert closed.value.reason == "cancelled"


def test_who_no_longer_works_here_answers_nothing(sam: Invitation) -> None:
    tariq = make.invitation(sam.visit, make.staff_member(left_at=NOW))

    with pytest.raises(Closed):
        tariq.answer("accepted", LATER)


def test_an_organiser_records_what_was_said_on_the_phone(sam: Invitation) -> None:
    anna = make.account("Anna Bakker")
    answer = sam.answer("accepted", LATER, channel="phone", recorded_by=anna)

    assert (answer.channel, answer.recorded_by, answer.given_at) == ("phone", anna, LATER)


def test_undoing_a_withdrawal_gives_the_yes_back(sam: Invitation) -> None:
    sam.answer("accepted", NOW)
    sam.withdraw(NOW)
    assert sam.state == "withdrawn"

    sam.undo_withdrawal(LATER)

    assert (sam.state, len(sam.answers)) == ("accepted", 1)


def test_undoing_a_withdrawal_never_takes_a_place_that_is_gone(sam: Invitation) -> None:
    sam.visit.storyteller_places = 1
    sam.answer("accepted", NOW)
    sam.withdraw(NOW)
    assert another(sam).answer("accepted", NOW).kind == "accepted"

    sam.undo_withdrawal(LATER)

    assert sam.state == "willing"


def test_no_more_mail_about_a_visit_can_be_taken_back(sam: Invitation) -> None:
    sam.answer("accepted", NOW)
    sam.stop(NOW)
    sam.stop(LATER)
    assert (sam.stopped_at, sam.partstat) == (NOW, "accepted")

    sam.resume()
    assert sam.stopped_at is None
