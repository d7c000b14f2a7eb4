"""How Alembic reaches the database and our tables. `firsthand migrate` brings a database up to date;
`DATABASE_URL=... alembic revision --autogenerate -m "what changes"` writes the next version.
"""

import os

from alembic import context
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from webapp import application, wiring
from webapp.config import Settings
from webapp.db import Base

assert application, "together they know every table"
assert wiring, "together they know every table"

_ONE_AT_A_TIME = 0x66697273
"""Two machines that start together: the second waits, and finds the work done."""


def upgrade(connection: Connection) -> None:
    """Run what was asked, in one transaction: a crash half-way leaves nothing."""
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
        context.run_migrations()


def main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        upgrade(given)
        return
    with create_engine(Settings.database(os.environ), poolclass=NullPool).connect() as connection:
        upgrade(connection)


main()
