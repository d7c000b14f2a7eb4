"""The stage somebody is in follows from what happened, and nothing else."""

from datetime import datetime, timedelta
from typing import get_args

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import NOW
from webapp import db
from webapp.accounts.models import Organisation
from webapp.customers.models import Contact, Customer
from webapp.invitations.models import Invitation
from webapp.stages.rule import STAGES, Stage
from webapp.stages.standing import Standings, settle

pytestmark = pytest.mark.usefixtures("session")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def sam() -> Customer:
    factories.organisation()
    return factories.customer("Sam de Vries")


def stage(customer: Customer, now: datetime = NOW + HOUR) -> str:
    """The stage, however it is asked: one by one and by the list of each stage, before a tick settled it and after."""
    db.session.flush()
    worked_out = asked(customer, now)
    settle(now)
    assert asked(customer, now) == worked_out
    return worked_out[0]


def asked(customer: Customer, now: datetime) -> tuple[str, datetime]:
    standings = Standings(now)
    one = standings.of(customer.id)
    listed = [
        name
        for name in STAGES
        if customer.id in db.session.scalars(standings.select(Customer.id).where(standings.at(name)))
    ]
    assert listed == [one[0]]
    return one


def invited(customer: Customer, at: datetime = NOW, days: int = 10, **values: object) -> Invitation:
    return factories.invitation(factories.visit(factories.VISIT_AT + timedelta(days=days - 10)), customer, at, **values)


def been(customer: Customer, days_ago: int) -> Invitation:
    """Was at a visit so many days before `NOW`."""
    invitation = invited(customer, NOW - (days_ago + 10) * DAY, days=-days_ago)
    factories.answer(invitation, "accepted", NOW - (days_ago + 9) * DAY)
    factories.attendance(invitation)
    return invitation


def test_every_stage_has_a_name() -> None:
    assert get_args(Stage) == STAGES


def test_somebody_on_a_list_is_found(sam: Customer) -> None:
    assert stage(sam) == "found"


def test_an_invitation_makes_somebody_asked_also_while_it_is_held(sam: Customer) -> None:
    invited(sam, released_at=NOW + 2 * HOUR)
    assert stage(sam) == "asked"


def test_silence_is_not_a_no_and_after_the_visit_somebody_is_found_again(sam: Customer) -> None:
    invited(sam)
    assert stage(sam, NOW + 11 * DAY) == "found"


def test_an_invitation_taken_back_or_to_a_cancelled_visit_asks_nothing(sam: Customer) -> None:
    one, other = invited(sam), invited(sam)
    one.withdrawn_at = NOW
    factories.cancel(other.visit)
    assert stage(sam) == "found"


def test_a_yes_plans_somebody(sam: Customer) -> None:
    factories.answer(invited(sam))
    assert stage(sam) == "planned"


def test_who_is_expected_stays_planned_when_asked_to_another_visit_or_asked_no_more(sam: Customer) -> None:
    factories.answer(invited(sam))
    invited(sam, at=NOW + HOUR / 2, days=20)
    factories.consent(sam, "withdrawn")
    assert stage(sam) == "planned"


def test_after_the_visit_somebody_waits_for_the_tick_and_then_was_there(sam: Customer) -> None:
    invitation = invited(sam)
    factories.answer(invitation)
    assert stage(sam, NOW + 12 * DAY) == "planned"
    factories.attendance(invitation)
    assert stage(sam, NOW + 12 * DAY) == "met"


def test_after_a_visit_comes_a_rest_and_then_somebody_can_be_found_again(sam: Customer) -> None:
    been(sam, days_ago=10)
    assert stage(sam) == "met"
    assert stage(sam, NOW + 79 * DAY) == "resting"
    assert stage(sam, NOW + 81 * DAY) == "found"


def test_how_long_somebody_rests_is_the_setting_by_which_they_are_asked(sam: Customer) -> None:
    been(sam, days_ago=40)
    assert stage(sam) == "resting"
    Organisation.required().rest_days = 30
    assert stage(sam) == "found"
    Organisation.required().rest_days = 365
    assert stage(sam, NOW + 324 * DAY) == "resting"
    assert stage(sam, NOW + 326 * DAY) == "found"


def test_a_no_to_a_visit_outlasts_a_short_rest(sam: Customer) -> None:
    Organisation.required().rest_days = 0
    factories.answer(invited(sam), "declined", NOW)
    assert stage(sam, NOW + 182 * DAY) == "declined"
    assert stage(sam, NOW + 184 * DAY) == "found"


def test_the_tick_that_never_came_is_not_waited_for_for_ever(sam: Customer) -> None:
    factories.answer(invited(sam))
    assert stage(sam, NOW + 40 * DAY) == "found"


def test_who_said_yes_and_was_not_there_is_still_willing(sam: Customer) -> None:
    invitation = invited(sam)
    factories.answer(invitation)
    factories.attendance(invitation, present=False)
    assert stage(sam, NOW + 11 * DAY) == "willing"


def test_another_time_is_willing_also_after_the_visit(sam: Customer) -> None:
    factories.proposal(invited(sam))
    assert stage(sam) == "willing"
    assert stage(sam, NOW + 11 * DAY) == "willing"


def test_a_yes_to_a_visit_that_was_cancelled_is_willing(sam: Customer) -> None:
    invitation = invited(sam)
    factories.answer(invitation)
    factories.cancel(invitation.visit, NOW)
    assert stage(sam) == "willing"


def test_a_no_to_a_visit_is_rather_not_for_half_a_year_and_no_ban(sam: Customer) -> None:
    factories.answer(invited(sam), "declined")
    assert stage(sam) == "declined"
    assert sam.ground == "existing"
    assert stage(sam, NOW + 200 * DAY) == "found"


def test_a_no_to_one_visit_and_an_open_invitation_to_another_is_asked(sam: Customer) -> None:
    factories.answer(invited(sam), "declined", NOW + HOUR / 2)
    invited(sam, days=20)
    assert stage(sam) == "asked"


def test_said_yes_on_the_phone_is_willing_until_it_is_undone(sam: Customer) -> None:
    said = sam.record("willing", NOW, None)
    assert stage(sam) == "willing"
    said.undo(NOW)
    assert stage(sam) == "found"


def test_said_rather_not_on_the_phone_is_obeyed_until_it_is_undone(sam: Customer) -> None:
    said = sam.record("declined", NOW + HOUR / 2, None)
    assert (stage(sam), sam.ground, may_be_asked(sam)) == ("declined", "withdrawn", False)
    said.undo(NOW)
    assert (stage(sam), sam.ground, may_be_asked(sam)) == ("found", "existing", True)


def test_the_last_word_on_the_phone_counts(sam: Customer) -> None:
    sam.record("declined", NOW + HOUR / 4, None)
    sam.record("willing", NOW + HOUR / 2, None)
    sam.record("called", NOW + HOUR, None)
    assert (stage(sam), sam.ground, may_be_asked(sam)) == ("willing", "existing", True)


def test_withdrawn_consent_is_rather_not_and_new_consent_ends_it(sam: Customer) -> None:
    factories.consent(sam, "withdrawn", NOW + HOUR / 2)
    assert stage(sam) == "declined"
    factories.consent(sam, "agreed", NOW + HOUR)
    assert stage(sam) == "found"


def test_an_invitation_after_a_yes_on_the_phone_is_asked_and_a_yes_after_an_invitation_willing(sam: Customer) -> None:
    sam.record("willing", NOW - HOUR, None)
    invited(sam)
    assert stage(sam) == "asked"
    sam.record("willing", NOW + HOUR / 2, None)
    assert stage(sam) == "willing"


def test_who_was_there_and_would_like_to_come_again_is_willing(sam: Customer) -> None:
    been(sam, days_ago=10)
    sam.record("willing", NOW, None)
    assert stage(sam) == "willing"


def test_since_when_is_told_by_the_fact(sam: Customer) -> None:
    now = NOW + 9 * DAY
    assert Standings(now).of(sam.id) == ("found", NOW)
    sam.record("willing", NOW + HOUR, None)
    assert Standings(now).of(sam.id) == ("willing", NOW + HOUR)
    assert waiting_long(now) == [sam.id]
    assert waiting_long(NOW + 7 * DAY) == []


def waiting_long(now: datetime) -> list[int]:
    standings = Standings(now)
    return list(db.session.scalars(standings.select(Customer.id).where(standings.waits_long())))


def may_be_asked(customer: Customer) -> bool:
    db.session.flush()
    db.session.expire(customer)
    assert db.session.scalars(select(Contact)).all()
    return bool(db.session.scalar(select(Customer.may_be_asked()).where(Customer.id == customer.id)))
