"""How a visit goes, minute by minute: welcome, five minutes for each storyteller, questions both ways, thanks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Part = Literal["welcome", "talk", "to_them", "to_us", "thanks", "coffee"]

WELCOME, TALK, THANKS, COFFEE = 5, 5, 5, 5
"""Minutes. Coffee at the end is the first to go in a short visit."""
OURS = 0.6
"""Of the time for questions: the staff's; the storyteller's questions take the rest."""


@dataclass(frozen=True)
class Item:
    """One part of the visit."""

    starts: datetime
    minutes: int
    part: Part


def run_sheet(starts: datetime, minutes: int, storytellers: int = 1) -> list[Item]:
    """`starts` is a wall time. Parts that do not fit are left out; the talk never is."""
    talk = TALK * max(storytellers, 1)
    coffee = COFFEE if minutes >= WELCOME + talk + THANKS + COFFEE + 10 else 0
    questions = max(minutes - WELCOME - talk - THANKS - coffee, 0)
    ours = round(questions * OURS / 5) * 5 if questions >= 10 else questions
    plan: list[tuple[Part, int]] = [
        ("welcome", WELCOME),
        ("talk", talk),
        ("to_them", ours),
        ("to_us", questions - ours),
        ("thanks", THANKS),
        ("coffee", coffee),
    ]
    return list(_timed(starts, plan))


def _timed(starts: datetime, plan: list[tuple[Part, int]]) -> Iterator[Item]:
    for part, minutes in plan:
        if minutes:
            yield Item(starts, minutes, part)
            starts += timedelta(minutes=minutes)
