"""How many sending processes talk to the relay at once: each holds a numbered lock, gone with its database connection."""

from sqlalchemy import Connection, func, select

from webapp.config import Settings

PLACES = 0x52454C59
"""First half of the locks' numbers; owners have locks of the other kind, with one number."""


def admitted(lock: Connection, settings: Settings, *, urgent: bool) -> bool:
    """Take one of the places. From two on the first is kept for what is urgent, else nobody but who sends it all sends that."""
    most = settings.mail_connections
    if most is None:
        return True
    places = range(0 if urgent or most == 1 else 1, most)
    with lock.begin():
        return any(lock.scalar(select(func.pg_try_advisory_lock(PLACES, place))) for place in places)
