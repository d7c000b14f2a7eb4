"""What stands on the import pages: upload, check, receipt."""

from typing import Any

from flask import render_template, request

from webapp import clock, dates, db
from webapp.accounts.models import Organisation
from webapp.imports import reader, table, wording
from webapp.imports.columns import FIELDS, Kind
from webapp.imports.look import good_rows, names, problem_rows
from webapp.imports.models import Import
from webapp.imports.showing import asked_about, shown
from webapp.imports.undoing import stayed
from webapp.imports.wording import _

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "customers": ("name", "email", "phone", "group", "language"),
    "staff": ("name", "email", "team", "layer", "language"),
}
"""What a list should hold, in one sentence and in the sample."""


def upload_page(kind: Kind, error: str | None = None, pasted: str = "") -> str:
    names = [wording.fields()[column].lower() for column in COLUMNS[kind]]
    return render_template(
        "imports/new.html", kind=kind, errors=error, pasted=pasted, columns=names, latest=Import.latest(kind), wall=_wall,
        max_megabytes=reader.MAX_BYTES // 1024 // 1024, max_rows=table.MAX_ROWS,
    )  # fmt: skip


def check_page(of: Import) -> str:
    counts = of.counts()
    looked_at, good = problem_rows(of), [] if request.args.get("only") == "errors" else good_rows(of)
    others = names(of, asked_about(looked_at))
    problems = [shown(row, of, others) for row in looked_at]
    left, ready = counts["error"] + counts["asked"], counts["new"] + counts["changed"] + counts["same"]
    return render_template(
        "imports/check.html",
        of=of,
        counts=counts,
        left=left,
        ready=ready,
        rows=[*problems, *(shown(row, of, others) for row in good)],
        unseen=max(0, left - sum(each.state in ("error", "asked") for each in problems)),
        heading=wording.heading(counts) if not of.missing else _("Which column is what?"),
        button=wording.button(of.kind, ready, counts["new"] + counts["changed"]),
        grounds=wording.grounds() if of.kind == "customers" else {},
        ground_missing=request.args.get("ground") == "missing",
        errors=bool(counts["error"] or of.missing or request.args.get("ground")),
        fields=wording.fields(),
        choices=[("", _("do not read")), *((field, wording.fields()[field]) for field in FIELDS[of.kind])],
        columns_problem=wording.of_columns(of.missing, of.header) if of.missing else None,
        read_as=[
            part for part in (wording.delimiters().get(of.delimiter), wording.encodings().get(of.encoding)) if part
        ],
        first=_first_cells(of),
    )


def _first_cells(of: Import) -> list[str]:
    """An example for each column: its first cell. Once the list is read, without the file."""
    if of.read_at is not None:
        return next((row.cells for row in db.session.scalars(of.rows().limit(1))), [])
    return list(next(reader.read(of.content).rows).cells) if of.content else []


def result_page(of: Import) -> str:
    counts, now = of.counts(), clock.now()
    until = _wall(of.undo_until) if of.undo_until else None
    people = counts["new"] + counts["changed"] + counts["same"]
    return render_template(
        "imports/result.html",
        of=of,
        counts=counts,
        left=counts["error"] + counts["asked"],
        people=people,
        invite=wording.invite(people),
        receipt=wording.receipt(of.kind, counts),
        applied=_wall(of.applied_at),
        until=until,
        until_tomorrow=until is not None and until.date() != _wall(now).date(),
        can_be_undone=of.can_be_undone(now),
        stayed=db.session.scalars(stayed(of).limit(50)).all() if of.undone_at else [],
    )


def _wall(moment: Any) -> Any:
    return dates.local(moment, Organisation.required().zone)
