"""What the workers do, round by round: each step looks for what is due, is idempotent, and commits by itself.

Celery calls these from `tasks/`; `firsthand deliver --loop` calls the same without a broker.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from webapp import clock, db, wiring
from webapp.accounts.models import Organisation
from webapp.config import Settings
from webapp.mailing.delivery import Sender
from webapp.mailing.models import LANES, ClockShift
from webapp.mailing.post import Post
from webapp.mailing.resolution import Evidence, NoEvidence, resolve
from webapp.mailing.sweep import sweep
from webapp.mailing.transport import Relay

log = structlog.get_logger()


def tick(settings: Settings, evidence: Evidence | None = None, *, wide: bool = False) -> None:
    """One tick: facts that became due, messages that became due, and what a crash left in doubt."""
    read_clock(settings)
    for step in wiring.STEPS:
        try:
            with db.transaction():
                step(clock.now())
        except Exception as error:
            log.error("step failed", step=step.__name__, error=type(error).__name__, exc_info=error)
    with db.transaction():
        sweep(clock.now(), clock.real(), wide=wide, window=settings.narrow_window)
    resolve(settings, evidence or NoEvidence())


def read_clock(settings: Settings) -> None:
    """In a demo, let this process's clock run as far ahead as the time machine says."""
    if settings.demo:
        with db.transaction() as session:
            shift = session.get(ClockShift, 1)
            clock.run_ahead(timedelta(seconds=shift.ahead_seconds if shift else 0))


@contextmanager
def sender(settings: Settings) -> Iterator[Sender | None]:
    """A sending process of this installation; None while mail is off or nobody set it up."""
    with db.transaction():
        organisation = Organisation.current()
        name = organisation.name if organisation else None
    if settings.mail_off or name is None:
        yield None
        return
    with Sender(settings, Post.of(settings, name), Relay.of(settings)) as found:
        yield found


def deliver(settings: Settings, seconds: float, lanes: tuple[str, ...] = tuple(LANES)) -> int:
    """Send what is to go, for so long at most; returns how many the relay accepted."""
    read_clock(settings)
    with sender(settings) as found:
        return found.work(lanes, seconds) if found else 0
