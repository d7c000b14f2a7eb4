"""A relay that says no, later, nothing, or is not the one it should be."""

import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from tests.chaos import campaign
from tests.chaos.checker import Counts
from tests.chaos.outbox import wait_for
from tests.chaos.world import Scene, World
from tests.mailing.relay import certificate
from tests.mailing.talk import PASSWORD, USERNAME, Fault
from webapp import clock, db
from webapp.mailing.models import Address, Dispatch, Message

FAULTS: dict[str, tuple[Fault, str]] = {
    "421.example": (Fault("rcpt", "421 4.3.2 Closing"), "waits"),
    "450.example": (Fault("rcpt", "450 4.2.1 Mailbox busy"), "waits"),
    "451.example": (Fault("dot", "451 4.7.1 Greylisted"), "waits"),
    "550.example": (Fault("rcpt", "550 5.1.1 No such mailbox"), "failed, suppressed"),
    "554.example": (Fault("dot", "554 5.7.1 Policy"), "failed"),
    "before.example": (Fault("data", drop=True), "waits"),
    "middle.example": (Fault("body"), "sent"),
    "after.example": (Fault("dot", drop=True), "sent"),
    "tarpit.example": (Fault("dot", after=2.5), "sent"),
}
"""What a domain does to mail, and what state it must be in before anybody hurries it up."""
ONCE = {"middle.example"}
OTHERS_WITHIN = 60.0
"""Seconds in which the mail to healthy domains must have left, however slow the others are."""


def smtp(world: World) -> tuple[Counts, list[str]]:
    """Nine domains with a fault each, among others without: the right state for each, one copy, nobody held up."""
    each = max(3, world.n // 100)
    with world.scene("smtp") as scene:
        healed: list[bool] = []
        seen: Counter[str] = Counter()

        def script(recipient: str) -> Fault | None:
            domain = recipient.rpartition("@")[2]
            seen[recipient] += 1
            if healed or domain not in FAULTS or (domain in ONCE and seen[recipient] > 1):
                return None
            return FAULTS[domain][0]

        scene.relay.script = script
        campaign.found()
        scene.usual()
        began, meant = time.monotonic(), []
        for domain in FAULTS:
            meant += campaign.invite(each, domain=domain)
        healthy = campaign.invite(scene.n // 2)
        meant += healthy
        wait_for(lambda: arrived(scene, "example.com") >= len(healthy), "mail to healthy domains", 120)
        others = time.monotonic() - began
        wait_for(lambda: at_rest(scene, len(meant)), lambda: f"every mail to be at rest: {states()}", 120)
        complaints = [
            f"{domain}: {dict(found)}"
            for domain, found in states().items()
            if domain in FAULTS and found != {FAULTS[domain][1]: each}
        ]
        healed.append(True)
        scene.hurry()
        scene.settle(len(meant))
        counts = scene.check(meant)
        counts.complaints += complaints
        if others > OTHERS_WITHIN:
            counts.complaints.append(f"others held up for {others:.0f} s")
        return counts, [f"{len(FAULTS)} faults x{each}, others in {others:.0f} s"]


def arrived(scene: Scene, domain: str) -> int:
    with scene.relay.lock:
        return sum(copy.recipient.endswith(f"@{domain}") for copy in scene.relay.accepted)


def at_rest(scene: Scene, planned: int) -> bool:
    """Everything has ended, or waits for a while."""
    waits = (
        Dispatch.state == "queued",
        Dispatch.owner.is_(None),
        Dispatch.try_at > clock.real() + timedelta(seconds=5),
    )
    with db.transaction(read_only=True) as session:
        waiting = session.scalar(select(func.count()).select_from(Dispatch).where(*waits)) or 0
    return scene.planned() >= planned and scene.left() == waiting


def states() -> dict[str, Counter[str]]:
    """How the mail to each domain stands."""
    found: dict[str, Counter[str]] = {}
    asked = select(Address.email, Address.suppressed_at, Message.end).join(Message, Message.address_id == Address.id)
    with db.transaction(read_only=True) as session:
        for email, suppressed_at, end in session.execute(asked):
            state = (end or "waits") + (", suppressed" if suppressed_at else "")
            found.setdefault(email.rpartition("@")[2], Counter())[state] += 1
    return found


def tls(world: World) -> tuple[Counts, list[str]]:
    """A certificate of its own making, and STARTTLS stripped: neither AUTH nor DATA; then one that is trusted."""
    told = {"MAIL_USE_TLS": "1", "MAIL_USERNAME": USERNAME, "MAIL_PASSWORD": PASSWORD}
    with world.scene("tls", max(10, world.n // 20), **told) as scene:
        campaign.found()
        meant, complaints = campaign.invite(scene.n), []
        scene.relay.login = True
        pem = certificate(scene.folder)
        for name, shown in (("self-signed", pem), ("stripped", None)):
            scene.relay.certificate = shown
            before = scene.relay.connections
            _afresh(scene)
            wait_for(lambda before=before: scene.relay.connections > before, f"somebody to look ({name})", 60)  # type: ignore[misc]
            time.sleep(1)
            said = [verb for verb in ("AUTH", "MAIL", "DATA") if scene.relay.heard(verb)]
            waiting = scene.left()
            if said or scene.relay.number() or waiting != len(meant):
                complaints.append(f"{name}: said {said}, {waiting} of {len(meant)} wait")
        scene.relay.certificate = pem
        scene.told["SSL_CERT_FILE"] = str(pem)
        _afresh(scene)
        scene.settle(len(meant))
        counts = scene.check(meant)
        counts.complaints += complaints
        return counts, ["self-signed and stripped refused, trusted taken"]


def _afresh(scene: Scene) -> None:
    """Workers that were told anew, and mail that is tried at once."""
    old, scene.workers[:] = list(scene.workers), []
    for part in [*old, *scene.others]:
        part.kill()
    scene.usual(processes=1)
    scene.hurry()
