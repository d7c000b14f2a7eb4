"""Pages to bring a list: upload, check and mend, progress, receipt. The same for customers and for staff."""

import re
from contextlib import closing
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, dates, db
from webapp.access import access, role
from webapp.accounts.models import Account, Organisation
from webapp.imports import reader, wording
from webapp.imports.applying import apply, ask_to_apply
from webapp.imports.columns import FIELDS, Kind
from webapp.imports.models import Import, ImportRow
from webapp.imports.reader import FileProblem
from webapp.imports.reading import AT_ONCE, choose_columns, decide, mend, upload
from webapp.imports.rest import rest_of
from webapp.imports.showing import asked_about, shown
from webapp.imports.undoing import stayed, undo
from webapp.templating import language

blueprint = Blueprint("imports", __name__, url_prefix="/<any(customers, staff):kind>/import")
_CELL = re.compile(r"cell-(\d+)-([a-z]+)")
_ACT = re.compile(r"(guess|slip|merge|keep|phone|back)-(\d+)")
COLUMNS: dict[Kind, tuple[str, ...]] = {
    "customers": ("name", "email", "phone", "group", "language"),
    "staff": ("name", "email", "team", "layer", "language"),
}
"""What a list should hold, in one sentence and in the sample."""


@blueprint.get("")
@access(role("organiser"))
def new(kind: Kind) -> str:
    """Where a list is dropped, chosen or pasted; and the last ones."""
    return _upload_page(kind)


@blueprint.post("")
@access(role("organiser"))
def bring(kind: Kind) -> AnyResponse | tuple[str, int]:
    name, content, pasted = _brought()
    try:
        if not name and not content:
            raise FileProblem("file.none")
        found = upload(kind, _me(), name, content, Organisation.required().locale, clock.now())
    except FileProblem as problem:
        return _upload_page(kind, wording.of_file(problem.key, problem.values), pasted), 422
    return _to(found)


@blueprint.get("/sample.csv")
@access(role("viewer"))
def sample(kind: Kind) -> Response:
    """A list as it may look, to fill in."""
    names = wording.fields()
    person = {
        "name": "Sam de Vries", "email": "sam@example.org", "phone": "020 123 45 67", "group": _("student"),
        "team": "ICT", "layer": wording.layers()["support"], "language": language(),
    }  # fmt: skip
    rows = [[said[column] for column in COLUMNS[kind]] for said in (names, person)]
    text = "\ufeff" + "".join(";".join(cells) + "\r\n" for cells in rows)
    return _file(text, "sample.csv")


@blueprint.get("/<int:import_id>")
@access(role("organiser"))
def show(kind: Kind, import_id: int) -> str:
    """The list, as far as it is: its columns, its progress, its rows, or what came of it."""
    of = _found(kind, import_id)
    if of.waits:
        return render_template("imports/progress.html", of=of)
    if of.failed:
        return _upload_page(kind, wording.of_file(of.failed["key"], of.failed["values"]))
    if of.applied_at:
        return _result_page(of)
    return _check_page(of)


@blueprint.get("/<int:import_id>/progress")
@access(role("organiser"))
def progress(kind: Kind, import_id: int) -> Response:
    """How far it is: asked for every second; when it is done the page looks again as a whole."""
    of = _found(kind, import_id)
    response = Response(render_template("imports/_progress.html", of=of))
    if not of.waits:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/<int:import_id>/columns")
@access(role("organiser"))
def map_columns(kind: Kind, import_id: int) -> AnyResponse:
    of = _found(kind, import_id).alone()
    if of.applied_at is None and of.apply_asked_at is None:
        choice = {at: request.form.get(f"column-{at}", "") for at in range(len(of.header))}
        choose_columns(of, choice, clock.now())
    return _to(of)


@blueprint.post("/<int:import_id>/rows")
@access(role("organiser"))
def mend_rows(kind: Kind, import_id: int) -> AnyResponse:
    """What somebody typed in the rows, and the one button that was pressed."""
    of = _found(kind, import_id).alone()
    row = _mend(of) if of.is_open else None
    return _to(of, f"row-{row.id}" if row else None)


@blueprint.post("/<int:import_id>/application")
@access(role("organiser"))
def take_over(kind: Kind, import_id: int) -> AnyResponse:
    """Take the list over, with what was typed in its rows until now. A short one is done at once."""
    of, now = _found(kind, import_id).alone(), clock.now()
    if not of.is_open:
        return _to(of)
    touched = _mend(of)
    if touched and touched.state in ("error", "asked"):
        return _to(of, f"row-{touched.id}")
    ground = request.form.get("ground", "")
    if kind == "customers" and ground not in wording.grounds():
        return redirect(url_for(".show", kind=kind, import_id=of.id, ground="missing", _anchor="ground"), 303)
    words = wording.grounds()[ground] if kind == "customers" else ""
    ask_to_apply(of, ground if kind == "customers" else None, words, language(), now)  # type: ignore[arg-type]  # one of the three
    if of.total <= AT_ONCE:
        apply(of, now)
    return _to(of)


@blueprint.post("/<int:import_id>/undo")
@access(role("organiser"))
def take_back(kind: Kind, import_id: int) -> AnyResponse:
    of = _found(kind, import_id).alone()
    undo(of, _me(), clock.now())
    return _to(of)


@blueprint.get("/<int:import_id>/rest.csv")
@access(role("organiser"))
def rest(kind: Kind, import_id: int) -> Response:
    return _file("".join(rest_of(_found(kind, import_id))), "rest.csv")


def _found(kind: Kind, import_id: int) -> Import:
    found = db.session.get(Import, import_id)
    if found is None or found.kind != kind or (found.forgotten_at and not found.applied_at):
        abort(404)
    return found


def _brought() -> tuple[str, bytes, str]:
    """What the file is called, what is in it, and what was pasted in its place."""
    file, pasted = request.files.get("file"), request.form.get("pasted", "").strip()
    if file is None or not file.filename:
        return "", pasted.encode(), pasted
    with closing(file):
        return file.filename, file.read(), pasted


def _me() -> Account:
    account = current_user.account
    assert isinstance(account, Account)
    return account


def _to(of: Import, anchor: str | None = None) -> AnyResponse:
    return redirect(url_for(".show", kind=of.kind, import_id=of.id, _anchor=anchor), 303)


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def _mend(of: Import) -> ImportRow | None:
    """Take over what differs from what stood there, then the button; returns the last row that was touched."""
    typed: dict[int, dict[str, str]] = {}
    for name, value in request.form.items():
        if (cell := _CELL.fullmatch(name)) and cell[2] in FIELDS[of.kind]:
            typed.setdefault(int(cell[1]), {})[cell[2]] = value.strip()[: reader.MAX_CELL]
    touched = None
    for row_id, cells in typed.items():
        row = of.row(row_id)
        if row is not None and mend(of, row, cells):
            touched = row
    act = _ACT.fullmatch(request.form.get("do", ""))
    row = of.row(int(act[2])) if act else None
    if act and row is not None:
        touched = row
        if act[1] in ("guess", "slip"):
            said = next((str(each.values["guess"]) for each in row.said if each.key == "row.slip"), None)
            meant = said if act[1] == "slip" else row.guess(of)
            mend(of, row, {"email": meant} if meant else {})
        elif act[1] == "back":
            decide(of, row, None)
        else:
            decide(of, row, act[1])  # type: ignore[arg-type]  # the pattern knows the decisions
    return touched


def _upload_page(kind: Kind, error: str | None = None, pasted: str = "") -> str:
    names = [wording.fields()[column].lower() for column in COLUMNS[kind]]
    return render_template(
        "imports/new.html", kind=kind, errors=error, pasted=pasted, columns=names, latest=Import.latest(kind), wall=_wall,
        max_megabytes=reader.MAX_BYTES // 1024 // 1024, max_rows=reader.MAX_ROWS,
    )  # fmt: skip


def _check_page(of: Import) -> str:
    counts = of.counts()
    looked_at, good = of.problem_rows(), [] if request.args.get("only") == "errors" else of.good_rows()
    others = of.names(asked_about(looked_at))
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
    """An example for each column: its first cell."""
    content = of.content
    return list(next(reader.read(content).rows).cells) if content else []


def _result_page(of: Import) -> str:
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
