"""Lists: those too long to wait for are read and applied here, and forgotten when they can no longer be undone."""

from tasks import app, settings
from webapp import rounds
from webapp.imports import work


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def lists() -> None:
    rounds.read_clock(settings)
    work.work()
