"""The audit log at a terminal: how far its chain reaches, and whether it holds. `python -m webapp.accounts.auditing --check`."""

import os
import sys

from webapp import db
from webapp.accounts import audit
from webapp.accounts.audit import Checked
from webapp.config import Settings


def report(found: Checked) -> str:
    """What a person reads, and keeps elsewhere: the head of today is proof against a rewritten log of tomorrow."""
    if found.broken is not None:
        return f"Broken at row {found.broken}. {found.why} Rows before it that hold: {found.rows}."
    waiting = f" {found.waiting} more wait to be sealed." if found.waiting else ""
    return f"The chain holds: {found.rows} rows. Head: {found.head or 'none yet'}.{waiting}"


def main(*, check: bool) -> int:
    with db.transaction(read_only=True):
        if check:
            found = audit.check()
            print(report(found))
            return 1 if found.broken is not None else 0
        head = audit.newest()
        print(f"Row {head.place}, sealed as {(head.digest or b'').hex()}." if head else "Nothing is sealed yet.")
    return 0


if __name__ == "__main__":
    db.connect(Settings.database(os.environ))
    sys.exit(main(check="--check" in sys.argv))
