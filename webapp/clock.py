"""The time of day of the application. In a demo it runs ahead of the real one; nowhere else."""

from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_ahead: ContextVar[timedelta] = ContextVar("ahead", default=timedelta(0))


def real() -> datetime:
    """The real time, aware, UTC: for leases, markers, backoff, sign-ins."""
    return datetime.now(UTC)


def now() -> datetime:
    """The application's time, aware, UTC: for everything that is due."""
    return real() + _ahead.get()


def run_ahead(by: timedelta) -> None:
    """Let this context's clock run `by` ahead of the real one (the demo's time machine; tests)."""
    _ahead.set(by)
