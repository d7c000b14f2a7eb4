"""What happens between "the database answers" and "Ready": tables, sample organisation, the way in.

`python -m webapp.prepare GO FD` begins when something is to be read from the open file GO, and writes its lines for the
person at the terminal to FD: a sign-in link does not belong in a log.
"""

import gc
import os
import sys
from collections.abc import Iterator

from sqlalchemy import select

from webapp import clock, db, schema
from webapp.accounts.doors import sign_in_link
from webapp.accounts.models import Account, Organisation
from webapp.config import Settings
from webapp.demo import sample


def prepare(settings: Settings) -> Iterator[str]:
    """Bring the database up to date, and say how to get in."""
    schema.upgrade(db.connect(settings.database_url))
    with db.transaction():
        if settings.demo and Organisation.current() is None:
            sample.load(settings, clock.now())
        admin = db.session.scalar(select(Account).where(Account.role == "admin").order_by(Account.id).limit(1))
        if admin is None:
            yield f"Setup code: {settings.setup_code} (open {settings.base_url}/setup)"
        elif settings.demo:
            yield f"Sign in: {sign_in_link(settings, admin)}"
    if settings.demo:
        yield f"Mailbox: {settings.base_url}/demo/mailbox"


if __name__ == "__main__":
    gc.disable()  # it ends soon
    if not os.read(int(sys.argv[1]), 1):
        sys.exit()  # nobody waits any more
    with os.fdopen(int(sys.argv[2]), "w") as out:
        out.writelines(f"{line}\n" for line in prepare(Settings.from_environment(os.environ)))
