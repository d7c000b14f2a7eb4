"""Delivery: send what is queued, for a while; the next tick sends the rest."""

from tasks import app, settings
from webapp import rounds

SECONDS = 20.0


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def deliver() -> None:
    rounds.deliver(settings, SECONDS)
