"""The tables of the database, brought up to date by the migrations. `python -m webapp.schema` does it."""

import os
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine

from webapp.config import Settings


def upgrade(engine: Engine) -> None:
    """Run the migrations that this database has not had, all or none of them."""
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _folder() -> Path:
    """Beside the package, in a clone as in an installation."""
    spec = find_spec("migrations")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))


def main() -> None:
    upgrade(create_engine(Settings.database(os.environ)))


if __name__ == "__main__":
    main()
