"""Curious machines that open every link, and words that would be headers."""

import random
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from tests import factories as make
from tests.chaos import campaign
from tests.chaos.checker import Copy, Counts
from tests.chaos.facts import parsed
from tests.chaos.pages import Pages
from tests.chaos.world import World
from webapp import clock, db
from webapp.accounts.models import Organisation
from webapp.db import Base
from webapp.invitations.models import Invitation
from webapp.mailing.models import Address, Message
from webapp.visits.models import Slot, Visit


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
        body = parsed(copy).get_body(("html",))
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
            to = [each.addr_spec for each in parsed(copy)["To"].addresses]
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
