"""Who is asked: by layer, by lot, in turn; never a whole big layer, never the same person within a quarter."""

from datetime import timedelta

import pytest

from tests import factories
from webapp import db
from webapp.groups import asking, sampling
from webapp.groups.models import Asked, MappingRound
from webapp.staff.models import StaffMember, Team

pytestmark = pytest.mark.usefixtures("database")
HOLD = timedelta(minutes=1)


def people(team: Team, number: int) -> list[StaffMember]:
    return [factories.staff_member(f"Kim Jansen{each}", team) for each in range(number)]


def draw(seed: str = "a", **sizes: int) -> set[int]:
    return {row.staff_id for row in db.session.execute(sampling.drawn(seed, sizes, factories.NOW))}


def test_the_same_lot_draws_the_same_people_and_another_lot_others() -> None:
    with db.transaction():
        people(factories.team(), 40)
        assert draw("a", front_line=8) == draw("a", front_line=8)
        assert len(draw("a", front_line=8)) == 8
        assert draw("a", front_line=8) != draw("b", front_line=8)


def test_of_a_big_layer_half_is_asked_at_most_and_of_a_small_one_everybody_may_be() -> None:
    with db.transaction():
        people(factories.team(), 20)
        people(factories.team(layer="management"), 3)
        most = {each.name: each.most for each in sampling.layers(factories.NOW)}
        assert most == {"front_line": 10, "back_office": 0, "support": 0, "management": 3}
        wanted = {"front_line": 99, "management": 99, "support": -1}
        assert sampling.allowed(wanted, factories.NOW) == most


def test_teams_of_a_layer_take_turns() -> None:
    with db.transaction():
        big, small = factories.team(), factories.team()
        people(big, 30)
        theirs = {each.id for each in people(small, 2)}
        assert theirs <= draw(front_line=4)


def test_nobody_is_asked_again_within_a_quarter_and_then_who_was_never_asked_comes_first() -> None:
    with db.transaction():
        team = factories.team()
        old, recent, new = people(team, 3)
        long_ago = factories.mapping_round(at=factories.NOW - timedelta(days=92))
        lately = factories.mapping_round(at=factories.NOW - timedelta(days=90))
        factories.asked(long_ago, old)
        factories.asked(lately, recent)
        assert draw(front_line=3) == {old.id, new.id}
        assert draw(front_line=1) == {new.id}


def test_who_gets_no_mail_no_questionnaires_has_left_or_is_in_no_team_is_not_drawn() -> None:
    with db.transaction():
        team = factories.team()
        stopped, unwanting, gone, _nowhere = *people(team, 3), factories.staff_member()
        factories.staff_member(team=team, email="")
        assert stopped.address
        assert unwanting.address
        stopped.address.suppress("stop", factories.NOW)
        unwanting.address.unwant("surveys", factories.NOW)
        gone.left_at = factories.NOW
        willing = factories.staff_member(team=team)
        assert draw(front_line=9) == {willing.id}
        assert sampling.without_team() == 1


def started(sizes: dict[str, int], seed: str = "a") -> MappingRound | None:
    by = factories.account()
    shown = sampling.fingerprint([*draw(seed, **sampling.allowed(sizes, factories.NOW))])
    return asking.start(seed, sizes, shown, 14, by, factories.NOW, HOLD)


def test_a_round_asks_exactly_who_was_shown() -> None:
    with db.transaction():
        factories.organisation()
        people(factories.team(), 20)
        shown = draw(front_line=5)
        round = started({"front_line": 5})
        assert round
        assert {each.staff_id for each in db.session.query(Asked)} == shown
        assert (round.asked_count, round.released_at) == (5, factories.NOW + HOLD)


def test_who_would_be_mailed_unseen_is_shown_first() -> None:
    with db.transaction():
        factories.organisation()
        team = factories.team()
        people(team, 4)
        by, before = factories.account(), sampling.fingerprint([*draw(front_line=9)])
        factories.staff_member(team=team)
        try:
            asking.start("a", {"front_line": 9}, before, 14, by, factories.NOW, HOLD)
        except asking.Changed:
            assert db.session.query(Asked).count() == 0
        else:
            raise AssertionError("somebody was asked whom nobody saw")


def test_within_the_hold_a_round_is_undone_and_everybody_may_be_asked_again() -> None:
    with db.transaction():
        factories.organisation()
        people(factories.team(), 4)
        before = draw(front_line=4)
        round = started({"front_line": 4})
        assert round
        assert draw(front_line=4) == set()
        assert not asking.undo(round, factories.NOW + HOLD)
        assert asking.undo(round, factories.NOW)
        assert draw(front_line=4) == before
