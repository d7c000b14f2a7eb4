"""Three histories side by side: what was meant (the database), what was taken (the relay), what was answered (HTTP)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SAID = {
    "bounced", "complained", "failed", "superseded", "cancelled", "suppressed", "expired", "held", "not_needed", "unknown",
}  # fmt: skip
"""Ends that say why a mail did not leave."""


@dataclass(frozen=True)
class Intent:
    """A mail that was planned, by what it is about, and how it ended as the database tells it."""

    about: str
    recipient: str
    message_id: str | None
    end: str | None
    doubts: int = 0
    """How often it was in doubt."""


@dataclass(frozen=True)
class Copy:
    """A mail the relay took responsibility for."""

    message_id: str
    recipient: str
    content: bytes


@dataclass(frozen=True)
class Answer:
    """What a page acknowledged (`stored` False), or what the database holds (`stored` True)."""

    invitation: int
    kind: str
    stored: bool


@dataclass
class Counts:
    """`lost`, `doubled`, `silent`, `altered`, `stray` and `wrong` must be nothing, unless a scenario allows it."""

    meant: int = 0
    taken: int = 0
    lost: int = 0
    """Sent, says the database, and the relay never took it."""
    silent: int = 0
    """Planned or meant, and neither sent nor said why not."""
    doubled: int = 0
    """Copies beyond the first."""
    altered: int = 0
    """Second copies with other bytes."""
    unexcused: int = 0
    """Second copies of mail that never was in doubt, or more than one of them."""
    stray: int = 0
    """Taken by the relay, and nobody meant it, or for somebody else."""
    wrong: int = 0
    """Taken by the relay, and the database says it did not leave (unknown it may be)."""
    unknown: int = 0
    """Was in doubt at some time."""
    complaints: list[str] = field(default_factory=list)

    def faults(self, *, evidence: bool = True) -> list[str]:
        """What must not be. Without evidence one more copy with the same bytes is allowed, of a mail in doubt."""
        names = ["lost", "silent", "altered", "unexcused", "stray", "wrong", *(["doubled"] if evidence else [])]
        return [f"{name} {getattr(self, name)}" for name in names if getattr(self, name)] + self.complaints


def check(intents: Iterable[Intent], copies: Iterable[Copy], meant: Sequence[str] = ()) -> Counts:
    """`meant`: what must have been planned, by what it is about; none of it may be missing, none planned twice."""
    intents, found = list(intents), Counts()
    by_id: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        by_id[copy.message_id].append(copy)
        found.taken += 1
    planned = Counter(intent.about for intent in intents)
    found.meant = len(set(meant) | set(planned))
    found.silent += sum(1 for about in set(meant) if about not in planned)
    found.doubled += sum(number - 1 for number in planned.values() if number > 1)
    for intent in intents:
        mine = by_id.pop(intent.message_id, []) if intent.message_id else []
        found.unknown += bool(intent.doubts)
        found.lost += intent.end == "sent" and not mine
        found.silent += intent.end != "sent" and intent.end not in SAID
        found.wrong += bool(mine) and intent.end not in ("sent", "unknown", "delayed", "bounced", "complained")
        found.stray += sum(copy.recipient != intent.recipient for copy in mine)
        found.doubled += max(len(mine) - 1, 0)
        found.altered += sum(copy.content != mine[0].content for copy in mine[1:])
        found.unexcused += max(len(mine) - 1 - min(intent.doubts, 1), 0)
    found.stray += sum(len(each) for each in by_id.values())
    return found


def answers_lost(answers: Iterable[Answer]) -> int:
    """Answers that a page acknowledged and the database does not hold."""
    answers = list(answers)
    stored = {(each.invitation, each.kind) for each in answers if each.stored}
    return len({(each.invitation, each.kind) for each in answers if not each.stored} - stored)
