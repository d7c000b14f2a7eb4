"""Pages to bring a list: upload, check and mend, progress, receipt. The same for customers and for staff."""

import re
from contextlib import closing

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts.models import Account, Organisation
from webapp.imports import pages, wording
from webapp.imports.applying import apply, ask_to_apply
from webapp.imports.columns import FIELDS, Kind
from webapp.imports.models import Import, ImportRow
from webapp.imports.reading import AT_ONCE, choose_columns, decide, mend, upload
from webapp.imports.rest import rest_of
from webapp.imports.table import MAX_CELL, FileProblem
from webapp.imports.undoing import ask_to_undo, undo
from webapp.templating import language

blueprint = Blueprint("imports", __name__, url_prefix="/<any(customers, staff):kind>/import")
_CELL = re.compile(r"cell-(\d+)-([a-z]+)")
_ACT = re.compile(r"(guess|slip|merge|keep|phone|back)-(\d+)")


@blueprint.get("")
@access(role("organiser"))
def new(kind: Kind) -> str:
    """Where a list is dropped, chosen or pasted; and the last ones."""
    return pages.upload_page(kind)


@blueprint.post("")
@access(role("organiser"))
def bring(kind: Kind) -> AnyResponse | tuple[str, int]:
    name, content, pasted = _brought()
    try:
        if not name and not content:
            raise FileProblem("file.none")
        found = upload(kind, _me(), name, content, Organisation.required().locale, clock.now())
    except FileProblem as problem:
        return pages.upload_page(kind, wording.of_file(problem.key, problem.values), pasted), 422
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
    rows = [[said[column] for column in pages.COLUMNS[kind]] for said in (names, person)]
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
        return pages.upload_page(kind, wording.of_file(of.failed["key"], of.failed["values"]))
    if of.applied_at:
        return pages.result_page(of)
    return pages.check_page(of)


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
    """Take the list over, with what was typed in its rows until now. A short one is done at once, if it can be."""
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
    """A short list is taken back at once."""
    of = _found(kind, import_id).alone()
    ask_to_undo(of, _me(), clock.now())
    if of.total <= AT_ONCE:
        undo(of, clock.now())
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
            typed.setdefault(int(cell[1]), {})[cell[2]] = value.strip()[:MAX_CELL]
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
