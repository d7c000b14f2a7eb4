"""Everybody at once, on connections of their own: no answer twice, no seat twice, the waiting list in order."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import selectinload

from tests import factories as make
from tests.factories import NOW
from webapp import db
from webapp.invitations.models import Answer, AnswerKind, Invitation, WaitingPlace, look_after_waiting

AT_ONCE = 12
SEATS, COLLEAGUES = 10, 500
ROUNDS, A_ROUND = 5, timedelta(hours=6)
"""An offer is held for four rounds."""


def all_at_once(work: Callable[[Any], object], each: Sequence[Any]) -> None:
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(work, each))


@pytest.mark.usefixtures("database")
def test_the_same_answer_a_hundred_times_at_once_is_one_answer() -> None:
    with db.transaction():
        make.organisation()
        sam = make.invitation(make.visit(), make.customer()).id

    def say_yes(_: int) -> None:
        with db.transaction():
            db.session.get_one(Invitation, sam).answer("accepted", NOW, nonce="the same page")

    all_at_once(say_yes, range(100))

    with db.transaction():
        assert db.session.scalar(select(func.count()).select_from(Answer)) == 1
        assert db.session.get_one(Invitation, sam).partstat == "accepted"


@pytest.mark.usefixtures("database")
def test_a_hundred_customers_on_three_places() -> None:
    with db.transaction():
        make.organisation()
        visit = make.visit(storyteller_places=3)
        asked = [make.invitation(visit, make.customer(email="")).id for _ in range(100)]

    def say_yes(id: int) -> None:
        with db.transaction():
            db.session.get_one(Invitation, id).answer("accepted", NOW)

    all_at_once(say_yes, asked)

    with db.transaction():
        states = Counter(each.state for each in Invitation.of_visit(visit.id))
        assert states == {"accepted": 3, "willing": 97}


@pytest.fixture
def house(database: Engine) -> Iterator["House"]:
    with db.transaction():
        make.organisation()
        visit = make.visit(seats=SEATS)
        ids = [make.invitation(visit, make.staff_member(email="")).id for _ in range(COLLEAGUES)]
    house = House(visit.id, ids)
    yield house
    house.stop()


class House:
    """A visit with ten seats, and somebody at the door who counts heads all the time."""

    def __init__(self, visit_id: int, ids: Sequence[int]):
        self.visit_id, self.ids = visit_id, ids
        self.most = 0
        self._leave = threading.Event()
        self._counter = threading.Thread(target=self._count, daemon=True)
        self._counter.start()

    def _count(self) -> None:
        while not self._leave.wait(0.05):
            with db.transaction(read_only=True):
                self.most = max(self.most, self.heads())

    def stop(self) -> None:
        self._leave.set()
        self._counter.join()

    def heads(self) -> int:
        """Seats taken and seats held, in one look."""
        held = select(func.count()).where(WaitingPlace.ended_at.is_(None), WaitingPlace.offered_at.is_not(None))
        taken = select(func.count()).where(Invitation.coming())
        return sum(db.session.execute(select(taken.scalar_subquery(), held.scalar_subquery())).one())

    def say(self, id: int, kind: AnswerKind, round: int) -> None:
        with db.transaction():
            db.session.get_one(Invitation, id).answer(kind, NOW + round * A_ROUND)

    def by_state(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        with db.transaction():
            for each in Invitation.of_visit(self.visit_id):
                found[each.state].append(each.id)
        return found


def test_five_hundred_accept_on_ten_seats_with_noes_passes_and_offers_that_lapse(house: House) -> None:
    dice = random.Random(20261123)  # the same crowd every time
    arriving = dice.sample(house.ids, COLLEAGUES)

    all_at_once(lambda id: house.say(id, "accepted", 0), arriving)
    states = house.by_state()
    assert (len(states["accepted"]), len(states["waiting"])) == (SEATS, COLLEAGUES - SEATS)

    silent: list[int] = []
    for round in range(1, ROUNDS + 1):
        with db.transaction():
            look_after_waiting(NOW + round * A_ROUND)
        states = house.by_state()
        taken, offered = states["accepted"], states["offered"]
        silent = silent or offered[:1]  # one never answers
        moves: list[tuple[int, AnswerKind, int]] = []
        moves += [(id, "declined", round) for id in dice.sample(taken, len(taken) // 2)]
        moves += [(id, "accepted", round) for id in offered[1::2]]
        moves += [(id, "left", round) for id in offered[2::2]]
        moves += [(id, "accepted", round) for id in dice.sample(house.ids, 20)]  # at the door without an offer
        moves = [move for move in moves if move[0] not in silent]
        dice.shuffle(moves)
        all_at_once(lambda move: house.say(*move), moves)

    assert house.most <= SEATS
    with db.transaction():
        assert house.heads() == SEATS  # so many wait that no seat stays empty
        ended = db.session.scalars(select(WaitingPlace.ended).distinct())
        assert {"taken", "passed", "lapsed"} <= set(ended)
        assert offers_in_order(house.visit_id)
        doubled = select(Answer.invitation_id).where(Answer.latest).group_by(Answer.invitation_id)
        assert db.session.execute(doubled.having(func.count() != 1)).all() == []


def offers_in_order(visit_id: int) -> bool:
    """Nobody was offered a seat while somebody waited longer, and had not been offered one before."""
    places = db.session.scalars(
        select(WaitingPlace)
        .join(WaitingPlace.invitation)
        .where(Invitation.visit_id == visit_id)
        .options(selectinload(WaitingPlace.invitation))
        .order_by(WaitingPlace.joined_at, WaitingPlace.id)
    ).all()
    waited = [place for place in places if place.offered_at or place.ended_at is None]
    first_unoffered = next((at for at, place in enumerate(waited) if not place.offered_at), len(waited))
    offered = [place.offered_at for place in waited[:first_unoffered] if place.offered_at]
    return not any(place.offered_at for place in waited[first_unoffered:]) and all(
        earlier <= later for earlier, later in pairwise(offered)
    )
