"""Beat, as a table. A tick that is late has expired: the next one does the same work."""

from typing import Any

from webapp.config import Settings

RECEIVE_EVERY = 30.0
"""Seconds between two looks into the mailbox."""


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Task, queue and period in seconds."""
    tick, wide = settings.tick.total_seconds(), settings.wide_tick.total_seconds()
    found: dict[str, dict[str, Any]] = {
        "tick": {"task": "tasks.sweep.tick", "schedule": tick, "options": {"expires": tick * 5}},
        "wide tick": {"task": "tasks.sweep.wide_tick", "schedule": wide, "options": {"expires": wide}},
        "lists": {"task": "tasks.imports.lists", "schedule": tick, "options": {"expires": tick * 5}},
        "seasons": {"task": "tasks.planning.seasons", "schedule": tick, "options": {"expires": tick * 5}},
        "deliver": {"task": "tasks.delivery.deliver", "schedule": tick, "options": {"expires": tick * 5}},
    }
    if settings.imap_server:
        look = RECEIVE_EVERY
        found["receive"] = {"task": "tasks.inbound.receive", "schedule": look, "options": {"expires": look}}
    return found
