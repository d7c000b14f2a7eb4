"""Each worker process has database connections of its own: a forked one would be shared."""

from celery.signals import worker_process_init

from tasks import settings
from webapp import db


@worker_process_init.connect  # type: ignore[untyped-decorator]  # Celery ships no types
def connect(**_: object) -> None:
    db.connect(settings.database_url, pool_size=2)
