"""Lists: those too long to wait for are read and applied here, and forgotten when they can no longer be undone."""

from tasks import app, settings
from webapp import rounds


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def lists() -> None:
    rounds.lists(settings)
