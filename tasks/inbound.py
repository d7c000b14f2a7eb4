"""Mail that comes in: what is unread is read."""

from tasks import app, settings
from webapp import rounds


@app.task  # type: ignore[untyped-decorator]  # Celery ships no types
def receive() -> None:
    rounds.receive(settings)
