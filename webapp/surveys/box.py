"""The ballot box: an answer goes in under a random key, and comes out shuffled among at least four others.

Who answered is a yes in the register. The two tables share no key, no time and no order; and because ballots are
moved later, together, in another transaction, the database's own row versions cannot join them either.
"""

import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, insert, or_, select, update

from webapp import db
from webapp.surveys.instruments import items
from webapp.surveys.models import SHOWN_FROM, Ballot, Register, WaitingBallot, Wave

TEXT_AT_MOST = 2_000
RATHER_NOT = "rather_not"


class NotOpen(Exception):
    """Answered already, or the window has closed."""


def checked(wave: Wave, given: dict[str, str]) -> dict[str, Any]:
    """What was filled in, as plain values: a point of the scale, `rather_not`, or words. Anything else is left out."""
    answers: dict[str, Any] = {}
    for item in items(wave.audience, wave.label):
        value = given.get(item.name, "").strip()
        if item.points and value.isdecimal() and 1 <= int(value) <= item.points:
            answers[item.name] = int(value)
        elif item.points and value == RATHER_NOT:
            answers[item.name] = RATHER_NOT
        elif not item.points and value:
            answers[item.name] = value[:TEXT_AT_MOST]
    return answers


def cast(entry: Register, answers: dict[str, Any], now: datetime) -> None:
    """Put the answers in the box and note that this person has answered. Raises NotOpen; twice is once."""
    taken = (
        update(Register)
        .where(
            Register.id == entry.id, Register.answered.is_(False), Register.opens_at <= now, Register.closes_at > now
        )
        .values(answered=True)
        .returning(Register.id)
    )
    if db.session.scalar(taken) is None:
        raise NotOpen
    db.session.execute(insert(WaitingBallot).values(key=uuid4(), wave_id=entry.wave_id, answers=answers))


def empty_due(now: datetime) -> int:
    """Move ballots out of every box in which five wait or whose window has closed; returns how many were moved."""
    full = (
        select(WaitingBallot.wave_id)
        .join(Wave, Wave.id == WaitingBallot.wave_id)
        .group_by(WaitingBallot.wave_id)
        .having(or_(func.count() >= SHOWN_FROM, func.max(Wave.closes_at) <= now))
    )
    taken = (
        delete(WaitingBallot)
        .where(WaitingBallot.wave_id.in_(full))
        .returning(WaitingBallot.wave_id, WaitingBallot.answers)
    )
    ballots = [
        {"key": uuid4(), "wave_id": wave_id, "answers": answers} for wave_id, answers in db.session.execute(taken)
    ]
    secrets.SystemRandom().shuffle(ballots)
    if ballots:
        db.session.execute(insert(Ballot), ballots)
    return len(ballots)
