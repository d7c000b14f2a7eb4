"""What every line of the bench stands on: a database server and a broker of its own, the same for floor and product."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.pool import NullPool

from tests.fixtures.services import Services, started, stop
from webapp import schema
from webapp.local import valkey

TEMPLATE = "firsthand_template"
SETTINGS = {"max_connections": "100", "shared_buffers": "256MB", "max_wal_size": "2GB", "autovacuum": "off"}
"""With durable commits, as in production; vacuum would come in the middle of one run and not of another."""


class Ground:
    """`database()` is fresh at every call."""

    def __init__(self, services: Services) -> None:
        self.services, self.folder = services, services.folder
        self._numbers = count(1)

    def database(self) -> URL:
        return make_url(self.services.make_database(f"bench_{next(self._numbers)}"))

    def told(self, url: str) -> dict[str, str]:
        """The environment of a process of Firsthand on this ground."""
        return {
            "PATH": "/usr/bin:/bin", "HOME": str(self.folder), "PYTHONUNBUFFERED": "1",
            "DATABASE_URL": url, "REDIS_URL": valkey.url(self.folder / "broker"),
            "BASE_URL": "https://visits.example.org", "SECRET_KEY": "a key for the bench only, of forty characters",
            "MAIL_DEFAULT_SENDER": "Firsthand <visits@example.org>", "MAIL_DOMAIN": "example.org", "QUIET_HOURS": "off",
        }  # fmt: skip


@contextmanager
def ground() -> Iterator[Ground]:
    services = Services.new()
    services.postgres.make(TEMPLATE)
    database = started(services.postgres.part(services.folder / "postgres.log", SETTINGS))
    broker = started(services.valkey("broker"))
    try:
        schema.upgrade(create_engine(services.postgres.url(TEMPLATE), poolclass=NullPool))
        yield Ground(services)
    finally:
        broker.kill()
        stop(database)
        services.remove()
