"""The tick: what became due becomes a row; the urgent lane leaves at once."""

from tasks import app, settings
from webapp import rounds
from webapp.demo import others, time_machine

URGENT_SECONDS = 5.0


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    if settings.demo:
        time_machine.travel(settings)
        others.answer(settings)
    rounds.tick(settings)
    rounds.deliver(settings, URGENT_SECONDS, ("urgent",))


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def wide_tick() -> None:
    rounds.tick(settings, wide=True)
