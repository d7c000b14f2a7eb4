"""The workers: one Celery application, two queues, nothing clever. What is due is a question asked of the database.

This module imports no slice, so that beat stays small; a worker names the task modules (`MODULES`) to include.
"""

import os

from celery import Celery
from kombu.entity import Exchange, Queue

from tasks.schedule import schedule
from webapp.config import Settings

MODULES = ("tasks.connection", "tasks.sweep", "tasks.delivery", "tasks.imports", "tasks.inbound", "tasks.planning")
QUEUES = ("tick", "post")
"""Nothing in them has to be acknowledged, the next tick asks the same: and an acknowledgement that a half-open line
swallows would leave the worker waiting for its turn for ever."""
settings = Settings.from_environment(os.environ)
app = Celery("firsthand", broker=settings.broker_url)
app.conf.update(
    task_ignore_result=True,
    task_default_queue="tick",
    task_routes={f"tasks.{module}.*": {"queue": "post"} for module in ("delivery", "imports", "inbound", "planning")},
    task_queues=[Queue(name, Exchange(name), name, no_ack=True) for name in QUEUES],  # type: ignore[no-untyped-call]  # kombu's
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"unacked_restore_interval": 5, "unacked_restore_throttle": 1, "socket_timeout": 5},
    beat_schedule=schedule(settings),
    timezone="UTC",
)
