"""Facts that change while mail is in flight, and crowds that answer at once."""

import re
import signal
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import func, select

from tests import factories as make
from tests.chaos import campaign
from tests.chaos.checker import Copy, Counts
from tests.chaos.killer import family, strike
from tests.chaos.outbox import wait_for
from tests.chaos.pages import Pages
from tests.chaos.world import LEASE, Scene, World
from tests.invitations.test_crowd import COLLEAGUES, SEATS, House
from tests.mailing.talk import Fault
from webapp import clock, db
from webapp.invitations.models import Invitation, WaitingPlace
from webapp.visits.models import Slot, Visit

MOVES = 5
SLOW = Fault("dot", after=0.04)
"""A batch takes longer than the visit stays where it is."""
HANDS = 24


def moves(world: World) -> tuple[Counts, list[str]]:
    """A visit moves five times while the mail about it is in flight."""
    with world.scene("moves", max(60, world.n // 5)) as scene:
        campaign.found()
        with db.transaction():
            place = campaign.visit(places=scene.n).id
        meant = campaign.invite(scene.n, visits=[place])
        scene.usual()
        scene.settle(len(meant))
        with db.transaction():
            for each in Invitation.of_visit(place):
                each.answer("accepted", clock.now())
        scene.settle(2 * len(meant))
        scene.relay.script = lambda _: SLOW
        for _ in range(MOVES):
            with db.transaction():
                visit = db.session.get_one(Visit, place)
                to = Slot(
                    visit.wall + timedelta(hours=1), visit.zone, visit.minutes, visit.fold, visit.room, visit.link
                )
                visit.move(clock.now(), timedelta(0), None, to)
            _doze(scene, scene.dice.uniform(0.6, 1.6))
        time.sleep(LEASE)
        late = scene.relay.number()
        scene.settle(3 * len(meant))
        counts = scene.check(meant)
        counts.complaints += _newest(scene.relay.taken(), late, MOVES)
        kinds = Counter(end.end for end in scene.intents())
        return counts, [f"{MOVES} moves, {kinds['superseded']} superseded"]


def _doze(scene: Scene, seconds: float) -> None:
    """One sending process stands still meanwhile: others overtake it."""
    senders = [pid for part in scene.workers for pid in family(part.pid) or [part.pid]]
    pid = scene.dice.choice(senders)
    strike(pid, signal.SIGSTOP)
    time.sleep(seconds)
    strike(pid, signal.SIGCONT)


def _newest(copies: list[Copy], late: int, newest: int) -> list[str]:
    """Each person's calendar goes up only, ends with the newest, and nothing old leaves after a lease."""
    heard: dict[str, list[int]] = defaultdict(list)
    old = 0
    for at, copy in enumerate(copies):
        if b".visit_moved@" in copy.content:
            sequence = _sequence(copy)
            heard[copy.recipient].append(sequence)
            old += at >= late and sequence != newest
    falls = sum(each != sorted(set(each)) for each in heard.values())
    last = sum(each[-1] != newest for each in heard.values())
    found = [
        (falls, "were told an older time after a newer one"),
        (last, "were not told the last time"),
        (old, "old, later"),
    ]
    return [f"{number} {what}" for number, what in found if number]


def _sequence(copy: Copy) -> int:
    for part in parsed(copy).walk():
        if part.get_content_type() == "text/calendar":
            found = re.search(r"^SEQUENCE:(\d+)", str(part.get_content()), re.MULTILINE)
            return int(found[1]) if found else -1
    return -1


def parsed(copy: Copy) -> EmailMessage:
    message = message_from_bytes(copy.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def crowd(world: World) -> tuple[Counts, list[str]]:
    """Five hundred colleagues press yes at once, for ten seats; then noes, passes and promotions, all through the pages."""
    with world.scene("crowd", FIRSTHAND_TICK="1") as scene:
        campaign.found()
        with db.transaction():
            visit = campaign.visit(seats=SEATS)
            ids = [make.invitation(visit, make.staff_member(email=""), at=clock.now()).id for _ in range(COLLEAGUES)]
        house = House(visit.id, ids)
        pages = Pages(scene)
        doors = pages.doors(ids)
        scene.worker("tick")
        scene.beat()
        statuses: Counter[int] = Counter()

        def press(moves: list[tuple[int, str]]) -> None:
            scene.dice.shuffle(moves)
            with ThreadPoolExecutor(HANDS) as hands:
                statuses.update(hands.map(lambda move: pages.answer(move[0], doors[move[0]], move[1]), moves))

        press([(id, "accepted") for id in ids])
        first = {name: len(found) for name, found in house.by_state().items()}
        for _ in range(3):
            taken = house.by_state()["accepted"]
            press([(id, "declined") for id in taken[: SEATS // 2]])
            wait_for(_offered, "seats to be offered", 30)
            offered = house.by_state()["offered"]
            press([(id, "left" if at % 2 else "accepted") for at, id in enumerate(offered)])
        wait_for(_offered, "seats to be offered", 30)
        press([(id, "accepted") for id in house.by_state()["offered"]])
        house.stop()
        counts = scene.check()
        with db.transaction(read_only=True):
            facts = {
                "oversold": house.most > SEATS or house.heads() > SEATS,
                "seats left empty": house.heads() < SEATS,
                "waiting list out of order": _out_of_order(visit.id),
                f"the first round ended {first}": first != {"accepted": SEATS, "waiting": COLLEAGUES - SEATS},
                f"pages said {dict(statuses)}": set(statuses) != {303},
            }
        counts.complaints += [*pages.lost(), *(what for what, wrong in facts.items() if wrong)]
        return counts, [f"{sum(statuses.values())} answers, most seats taken {house.most} of {SEATS}"]


def _offered() -> int:
    """How many seats are held for somebody who was asked."""
    held = select(func.count()).where(WaitingPlace.ended_at.is_(None), WaitingPlace.offered_at.is_not(None))
    with db.transaction(read_only=True) as session:
        return session.scalar(held) or 0


def _out_of_order(visit_id: int) -> bool:
    """Somebody was offered a seat while somebody who came before them never was."""
    places = select(WaitingPlace.offered_at).join(WaitingPlace.invitation).where(Invitation.visit_id == visit_id)
    line = places.order_by(WaitingPlace.joined_at, WaitingPlace.id)
    offered = [bool(at) for at in db.session.scalars(line)]
    return offered != sorted(offered, reverse=True)
