"""What the database says of the mail: how much was planned, how much is under way, and how each ended."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from tests.chaos.checker import Intent
from webapp import clock, db
from webapp.mailing.models import Address, DeliveryEvent, Dispatch, Message


def left() -> int:
    """Mails under way; -1 while the database cannot be asked."""
    with suppress(SQLAlchemyError), db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Dispatch)) or 0
    return -1


def planned() -> int:
    with suppress(SQLAlchemyError), db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(Message)) or 0
    return -1


def hurry(only_later_than: float = 0.0) -> None:
    """Whatever waits for its next try, perhaps because this machine was too slow, is tried now. It is no setting."""
    later = clock.real() + timedelta(seconds=only_later_than)
    waits = (Dispatch.state == "queued", Dispatch.owner.is_(None), Dispatch.try_at > later)
    with suppress(SQLAlchemyError), db.transaction() as session:
        session.execute(update(Dispatch).where(*waits).values(try_at=clock.real()))


def settle(number: int, seconds: float, backoff_at_least: float) -> float:
    """Wait until so many mails were planned, and none is under way; returns how long it took."""
    began = time.monotonic()

    def settled() -> bool:
        if planned() < number:
            return False
        hurry(only_later_than=backoff_at_least)
        return left() == 0

    wait_for(settled, lambda: f"{number} mails to be settled; planned {planned()}, under way {left()}", seconds)
    return time.monotonic() - began


def intents(domain: str) -> list[Intent]:
    doubts = (
        select(DeliveryEvent.message_id, func.count().label("n"))
        .where(DeliveryEvent.state == "unknown")
        .group_by(DeliveryEvent.message_id)
        .subquery()
    )
    asked = (
        select(
            Message.notice, Message.subject_id, Message.occurrence, Address.email,
            func.concat("<", Message.public_id, ".", Message.notice, "@", domain, ">"), Message.end,
            func.coalesce(doubts.c.n, 0),
        )
        .join(Address, Address.id == Message.address_id)
        .join(doubts, doubts.c.message_id == Message.id, isouter=True)
    )  # fmt: skip
    with db.transaction(read_only=True) as session:
        rows = session.execute(asked).all()
    return [Intent(f"{row[0]} {row[1]} {row[2]}".strip(), *row[3:]) for row in rows]


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str], seconds: float) -> None:
    """Come back as soon as it holds. Raises TimeoutError, which fails the scenario."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} s for {what if isinstance(what, str) else what()}")
        time.sleep(0.05)
