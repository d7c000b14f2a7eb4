"""Every notice and every step of a tick, in pipeline order: for the workers, the outbox and the tests."""

from collections.abc import Callable
from datetime import datetime

from webapp.mailing import housekeeping
from webapp.surveys import asking, box

Step = Callable[[datetime], object]
STEPS: tuple[Step, ...] = (
    asking.open_due,
    box.empty_due,
    housekeeping.wipe_old_mail,
)
"""What each tick looks after before the sweep; idempotent, each in a transaction of its own, given the time."""
