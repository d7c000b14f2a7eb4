"""The workers: one Celery application, two queues, nothing clever. What is due is a question asked of the database."""

import os

from celery import Celery
from celery.signals import worker_process_init

from tasks.schedule import schedule
from webapp import db, wiring  # noqa: F401  (wiring registers every notice and step)
from webapp.config import Settings

settings = Settings.from_environment(os.environ)
app = Celery("firsthand", broker=settings.broker_url, include=["tasks.sweep", "tasks.delivery"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late=False,  # a lost tick is followed by the next one
    task_default_queue="tick",
    task_routes={"tasks.delivery.*": {"queue": "post"}},
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"unacked_restore_interval": 5, "unacked_restore_throttle": 1, "socket_timeout": 5},
    beat_schedule=schedule(settings),
    beat_schedule_filename=os.environ.get("FIRSTHAND_BEAT_FILE", "/tmp/firsthand-beat"),  # noqa: S108  (holds only when it last ticked)
    timezone="UTC",
)


@worker_process_init.connect  # type: ignore[misc]  # Celery ships no types
def connect(**_: object) -> None:
    """Each worker process has connections of its own: a forked one would be shared."""
    db.connect(settings.database_url, pool_size=2)
