"""Facts that change while mail is in flight, crowds, curious machines, and words that would be headers."""

import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from tests import factories as make
from tests.chaos import campaign
from tests.chaos.checker import Copy, Counts
from tests.chaos.killer import family, strike
from tests.chaos.pages import Pages
from tests.chaos.world import LEASE, Scene, World, wait_for
from tests.invitations.test_crowd import COLLEAGUES, SEATS, House
from tests.mailing.talk import Fault
from webapp import clock, db
from webapp.accounts.models import Organisation
from webapp.db import Base
from webapp.invitations.models import Invitation, WaitingPlace
from webapp.mailing.models import Address, Message
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
    for part in _parsed(copy).walk():
        if part.get_content_type() == "text/calendar":
            found = re.search(r"^SEQUENCE:(\d+)", str(part.get_content()), re.MULTILINE)
            return int(found[1]) if found else -1
    return -1


def _parsed(copy: Copy) -> EmailMessage:
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


def links(world: World) -> tuple[Counts, list[str]]:
    """Every link of a sample of every kind of mail is fetched by machines, ten times each way; no row changes."""
    with world.scene("links", max(20, world.n // 20)) as scene:
        campaign.found()
        scene.usual()
        with db.transaction():
            place = campaign.visit(places=scene.n).id
        meant = campaign.invite(scene.n, visits=[place])
        scene.settle(len(meant))
        with db.transaction():
            for each in list(Invitation.of_visit(place))[: scene.n // 2]:
                each.answer(("accepted", "declined")[each.id % 2], clock.now())
            visit = db.session.get_one(Visit, place)
            slot = Slot(visit.wall + timedelta(hours=1), visit.zone, visit.minutes, visit.fold, visit.room, visit.link)
            visit.move(clock.now(), timedelta(0), None, slot)
        scene.settle(len(meant) + scene.n)
        counts = scene.check(meant)
        scene.workers[:], parts = [], [*scene.workers, *scene.others]
        for part in parts:
            part.kill()
        pages = Pages(scene)
        paths = sorted(_links(scene.relay.taken(), scene.settings.base_url, scene.n))
        before = _rows()
        ways: list[Callable[[str], Any]] = [
            lambda path: pages.ask("HEAD", path),
            lambda path: pages.ask("GET", path),
            lambda path: pages.ask("GET", path, None, **{"Sec-Purpose": "prefetch"}),
        ]
        fetches = [(ways[at % len(ways)], path) for at in range(20) for path in paths]
        random.Random(world.seed).shuffle(fetches)
        with ThreadPoolExecutor(8) as hands:
            answers = Counter(status for status, _ in hands.map(lambda each: each[0](each[1]), fetches))
        browsed = _browse([scene.settings.base_url + path for path in paths[:5]])
        changed = [name for name, rows in _rows().items() if rows != before[name]]
        counts.complaints += [f"{name} changed" for name in changed]
        if set(answers) - {200, 303}:
            counts.complaints.append(f"pages said {dict(answers)}")
        return counts, [f"{len(paths)} links fetched {len(fetches)} times, {browsed} in a browser"]


def _links(copies: list[Copy], base: str, most: int) -> set[str]:
    """The paths of every link, of some mails of each kind."""
    chosen: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        kind = copy.message_id.partition(".")[2].partition("@")[0]
        if len(chosen[kind]) < max(4, most // 10):
            chosen[kind].append(copy)
    found: set[str] = set()
    for copy in [copy for some in chosen.values() for copy in some]:
        body = _parsed(copy).get_body(("html",))
        assert body is not None  # every mail has one
        found |= {unescape(link) for link in re.findall(rf'href="{re.escape(base)}([^"]*)"', str(body.get_content()))}
    return found


HINTS = {
    "invitation": ("hint", "hint_at", "nudge_at", "hint_dropped_at"),
    "link": ("first_seen_at",),
}
"""What a machine may leave behind: it never counts as an answer."""


def _rows() -> dict[str, str]:
    """A fingerprint of every table, hints aside."""
    found = {}
    with db.transaction(read_only=True) as session:
        for table in Base.metadata.sorted_tables:
            row = f"to_jsonb(t) - array[{', '.join(repr(name) for name in HINTS.get(table.name, ('',)))}]"
            asked = f"SELECT md5(coalesce(string_agg(({row})::text, ',' ORDER BY ({row})::text), '')) FROM \"{table.name}\" t"
            found[table.name] = str(session.scalar(text(asked)))
    return found


def _browse(urls: list[str]) -> int:
    """Open them in Chromium without a window, where there is one."""
    browser = shutil.which("chromium")
    if browser is None:
        return 0
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--timeout=5000"]
    done = [subprocess.run([browser, *options, url], capture_output=True, timeout=60, check=False) for url in urls]
    return sum(b"<html" in each.stdout for each in done)


ALLOWED = {
    "date", "message-id", "mime-version", "from", "to", "reply-to", "subject", "references", "in-reply-to", "content-type",
    "auto-submitted", "x-auto-response-suppress", "list-unsubscribe", "list-unsubscribe-post", "content-language",
    "content-transfer-encoding",
}  # fmt: skip
EVIL = "evil@evil.example"
PIECES = [
    f"\r\nBcc: {EVIL}", f"\nBcc: {EVIL}\n\n", "\rX-Evil: 1", f"\r\n\r\nTo: {EVIL}", "\u2028X-Evil: 1", "\x85X-Evil: 1",
    "\x0bX-Evil: 1", "\r\n.\r\nMAIL FROM:<a@b.example>\r\n", f"=?utf-8?q?=0D=0ABcc:_{EVIL}?=", f"<{EVIL}>", f'", {EVIL}, "',
    "%0d%0aBcc: x", "\u202eX-Evil", "é" * 90, "a" * 1500, "{{ 7*7 }}", "😀" * 40, "\t\t", "; method=CANCEL",
]  # fmt: skip
WORDS = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip


def corpus(n: int, number: int) -> list[dict[str, str]]:
    """`n` sets of words for every field, found by Hypothesis."""
    names = (
        "customer",
        "staff",
        "host",
        "organiser",
        "phone",
        "room",
        "place",
        "address",
        "meet",
        "travel",
        "nl",
        "en",
    )
    found: list[dict[str, str]] = []

    @seed(number)
    @settings(
        max_examples=n, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(st.fixed_dictionaries(dict.fromkeys(names, WORDS)))
    def collect(words: dict[str, str]) -> None:
        found.append(words)

    collect()
    return found[:n]


def headers(world: World) -> tuple[Counts, list[str]]:
    """Words that would be headers, in every field of every fact that mail is made of: no header more, no reader more."""
    sets = corpus(max(25, world.n // 10), world.seed)
    with world.scene("headers", len(sets)) as scene:
        campaign.found()
        with db.transaction():
            Organisation.required().name += f" \r\nBcc: {EVIL}"
            for at, words in enumerate(sets):
                _invite_with(words, at)
        scene.usual()
        scene.settle(2 * len(sets))
        counts = scene.check()
        with db.transaction(read_only=True) as session:
            readers = set(session.scalars(select(Address.email)))
            failed = len(session.scalars(select(Message.id).where(Message.end == "failed")).all())
        copies = scene.relay.taken()
        for copy in copies:
            head = copy.content.partition(b"\r\n\r\n")[0].decode("ascii")
            names = [line.partition(":")[0].lower() for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
            wrong = (set(names) - ALLOWED) | {name for name, number in Counter(names).items() if number > 1}
            to = [each.addr_spec for each in _parsed(copy)["To"].addresses]
            if wrong or to != [copy.recipient] or copy.recipient not in readers:
                counts.complaints.append(f"{copy.message_id}: {sorted(wrong)} {to}")
        if failed:
            counts.complaints.append(f"{failed} could not be made")
        return counts, [f"{len(sets)} sets of words, {len(copies)} mails"]


def _invite_with(words: dict[str, str], at: int) -> None:
    room = make.room(
        name=f"{at} {words['room']}", place=words["place"], address=words["address"], meeting_point=words["meet"],
        travel_line=words["travel"],
    )  # fmt: skip
    host = make.staff_member(words["host"] + " x", phone=words["phone"])
    organiser = make.account(name=words["organiser"] + " x")
    visit = campaign.visit(room=room, host=host, organiser=organiser, reason_nl=words["nl"], reason_en=words["en"])
    now, locale = clock.now(), ("nl", "en")[at % 2]
    make.invitation(visit, make.customer(words["customer"] + " x", locale, added_at=now), at=now)
    make.invitation(visit, make.staff_member(words["staff"] + " x", locale=locale), at=now)
