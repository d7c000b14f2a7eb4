"""Every notice and every step of a tick, in pipeline order: for the workers, the outbox and the tests."""

from collections.abc import Callable
from datetime import datetime

Step = Callable[[datetime], object]
STEPS: tuple[Step, ...] = ()
"""What each tick looks after before the sweep; idempotent, each in a transaction of its own, given the time."""
