"""A way in that is handed over instead of mailed: to who starts the demo, to somebody who is locked out.

`python -m webapp.accounts.doors MAIL` prints it.
"""

import os
import sys
from datetime import timedelta

from webapp import clock, db, links
from webapp.accounts.models import Account
from webapp.config import Settings

_SINCE = timedelta(days=1)
"""Asked for so long ago that its mail has lapsed: who asked reads the link right here."""


def sign_in_link(settings: Settings, account: Account) -> str:
    """The address that signs this account in, once."""
    request = account.request_link(clock.real(), clock.now() - _SINCE)
    link = links.ensure("sign_in", [request.id])[request.id]
    return f"{settings.base_url}/{links.PATHS['sign_in']}/{links.Keys.of(*settings.secret_keys).token(link)}"


def main(mail: str) -> None:
    settings = Settings.from_environment(os.environ)
    db.connect(settings.database_url)
    with db.transaction():
        account = Account.by_email(mail)
        if account is None:
            sys.exit(f"There is no account with the address {mail}.")
        print(sign_in_link(settings, account))


if __name__ == "__main__":
    main(sys.argv[1])
