"""Seasons: whoever takes a plan that was asked for searches until it is stopped; one whose worker died is taken again."""

from tasks import app, settings
from webapp import rounds


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def seasons() -> None:
    rounds.seasons(settings)
