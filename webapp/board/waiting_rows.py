"""Everything that waits, as the rows of Today."""

from collections.abc import Callable
from datetime import datetime

from webapp.board import mail_rows, people_rows, visit_rows
from webapp.board.rows import Row
from webapp.board.waiting import Waiting

MAKERS: dict[str, Callable[[list[int], datetime], list[Row]]] = {
    "paused": mail_rows.paused,
    "incident": visit_rows.incidents,
    "proposal": visit_rows.proposals,
    "owner": people_rows.owners,
    "hint": visit_rows.hints,
    "trouble": mail_rows.trouble,
    "attendance": visit_rows.attendance,
    "call": visit_rows.calls,
    "promise": visit_rows.promises,
    "silent": visit_rows.silent,
    "nomination": people_rows.nominations,
    "story": people_rows.stories,
    "thanks": people_rows.thanks,
    "names": people_rows.names,
    "draft": visit_rows.drafts,
    "import": people_rows.imports,
    "willing": people_rows.willing,
}


def rows(waiting: Waiting) -> list[Row]:
    """In the order of their kinds."""
    found: dict[str, list[int]] = {}
    for kind, id in waiting.ids:
        found.setdefault(kind, []).append(id)
    return [row for kind, ids in found.items() for row in MAKERS[kind](ids, waiting.now)]
