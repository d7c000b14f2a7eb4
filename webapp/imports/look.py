"""Which rows of a list the check page shows."""

from collections.abc import Sequence

from webapp import db
from webapp.imports.models import Import, ImportRow

SHOWN_PROBLEMS = 200
SHOWN_GOOD = 20


def problem_rows(of: Import) -> Sequence[ImportRow]:
    """What needs or needed a look, in the order of the list."""
    return db.session.scalars(of.rows().where(ImportRow.looked_at()).limit(SHOWN_PROBLEMS)).all()


def good_rows(of: Import) -> Sequence[ImportRow]:
    """A look at the rest: rows about which something is said, changed ones, then the first of the list."""
    good = of.rows().where(~ImportRow.looked_at())
    silent, changed = ImportRow.problems == [], ImportRow.state == "changed"
    telling = good.where(~silent | changed).order_by(None).order_by(silent, ~changed, ImportRow.line)
    found = [*db.session.scalars(telling.limit(SHOWN_GOOD))]
    found += db.session.scalars(good.where(silent, ~changed).limit(SHOWN_GOOD - len(found)))
    return sorted(found, key=lambda row: row.line)


def names(of: Import, lines: set[int]) -> dict[int, str]:
    """Who stands in these rows."""
    found = db.session.scalars(of.rows().where(ImportRow.line.in_(lines))) if lines else ()
    return {row.line: row.name.full for row in found}
