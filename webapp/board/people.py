"""Customers as a board by stage, as a list to choose from, and as a file; and recording what moves them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from jinja2.runtime import Macro
from markupsafe import Markup
from sqlalchemy import Select, select, union_all
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.board import exporting, faces, filtering, moves
from webapp.board.faces import Face
from webapp.board.filtering import AT_MOST, ON_A_PAGE, Filter
from webapp.board.moves import Refused, stage_name
from webapp.board.saying import _, ago
from webapp.customers.models import Contact, Customer
from webapp.stages.rule import COLUMNS, COUNTED_TO, FOLDED, STAGES, Stage, at_most, capped, counts
from webapp.stages.standing import Standings

blueprint = Blueprint("people", __name__)


@blueprint.after_app_request
def forget_old(response: AnyResponse) -> AnyResponse:
    faces.forget_old(clock.now())
    return response


SHOWN = 8
"""Cards in a column; the rest is one press away, in the list."""
FOLDED_SHOWN = 24
ALL_COUNTED_TO = 10_000
REFUSED = "refused"


@dataclass(frozen=True)
class Column:
    """A stage with its first cards."""

    stage: Stage
    name: str
    count: int
    cards: Sequence[Face]

    @property
    def more(self) -> int:
        return max(self.count - len(self.cards), 0)


@blueprint.get("/customers")
@access(role("viewer"))
def index() -> str:
    """The board; the list when that is asked for, or when only one stage is looked at."""
    now, wanted = clock.now(), Filter.read(request.args)
    as_list = request.args.get("view") == "list" or wanted.stage is not None or wanted.of_import is not None
    shown = _list(wanted, now) if as_list else _board(wanted, now)
    standings = Standings(now)
    everybody, willing, long = tuple(Filter().ask(standings, _heading).one())
    if not everybody:
        return render_template("board/customers_empty.html")
    refused = session.pop(REFUSED, None)

    def drawn(macro: Macro, face: Face, *more: Hashable) -> Markup:
        """A card as it is kept, save where a reason stands on it."""
        if refused and refused["id"] == face.id:
            return Markup(macro(face, *more))  # noqa: S704  (a macro drew it)
        return faces.drawn(macro, face, _me().role, *more)

    return render_template(
        "board/list.html" if as_list else "board/board.html",
        everybody=everybody,
        most=ALL_COUNTED_TO,
        willing=willing,
        long=long,
        groups=filtering.groups(),
        counted_to=COUNTED_TO,
        wanted=wanted,
        refused=refused,
        drawn=drawn,
        options=attrgetter("options"),
        stage_name=stage_name,
        ago=ago,
        STAGES=STAGES,
        **shown,
    )


def _heading(_everybody: Filter, standings: Standings) -> Select[Any]:
    """How many there are, who would like to come, and who waits long."""
    waiting = standings.ids(standings.at("willing")), standings.ids(standings.waits_long())
    return counts(capped(standings.ids(), ALL_COUNTED_TO), *map(capped, waiting))


def _board(wanted: Filter, now: datetime) -> dict[str, object]:
    standings = Standings(now)
    found = faces.faces(wanted.ask(standings, _firsts).all(), now)
    numbers = wanted.ask(standings, _counts).one()
    columns = {
        stage: Column(stage, stage_name(stage), count, [each for each in found if each.stage == stage])
        for stage, count in zip(STAGES, numbers, strict=True)
    }
    return {
        "columns": [columns[stage] for stage in COLUMNS],
        "folded": [columns[stage] for stage in FOLDED],
        "invitable": [each.id for each in columns["willing"].cards if each.can_be_invited],
    }


def _firsts(wanted: Filter, standings: Standings) -> Select[Any]:
    """The first of each stage."""
    firsts = [
        replace(wanted, stage=stage)
        .customers(standings, Customer.id)
        .add_columns(standings.place.label("number"))
        .order_by(standings.place, Customer.id)
        .limit(at_most(FOLDED_SHOWN if stage in FOLDED else SHOWN))
        for stage in STAGES
    ]
    return faces.marked(union_all(*(select(first.subquery()) for first in firsts)))


def _counts(wanted: Filter, standings: Standings) -> Select[Any]:
    return counts(*(capped(replace(wanted, stage=stage).ids(standings)) for stage in STAGES))


def _list(wanted: Filter, now: datetime) -> dict[str, object]:
    """A page of the list; `first=36`: with the first 36 who can be invited ticked, all on one page.

    Of an import everybody is ticked: to invite them is why they were brought.
    """
    first = min(max(request.args.get("first", AT_MOST if wanted.of_import else 0, type=int), 0), AT_MOST)
    after, before = (request.args.get(name, type=int) for name in ("after", "before"))
    page = filtering.page(wanted, now, max(ON_A_PAGE, first), None if first else after, None if first else before)
    while (
        first and page.after and sum(card.can_be_invited for card in page.cards) < first and len(page.cards) < AT_MOST
    ):
        page = filtering.page(wanted, now, min(2 * len(page.cards), AT_MOST))
    ticked = {card.id for card in [card for card in page.cards if card.can_be_invited][:first]}
    count = wanted.ask(Standings(now), _count).scalar_one()
    return {"page": page, "ticked": ticked, "first": first, "count": count, "at_most": AT_MOST}


def _count(wanted: Filter, standings: Standings) -> Select[Any]:
    return counts(capped(wanted.ids(standings)))


@blueprint.get("/customers/export")
@access(role("organiser"))
def export() -> Response:
    """The customers of this filter as a file that a spreadsheet opens and cannot be hurt by."""
    now = clock.now()
    file = exporting.customers(Filter.read(request.args), now)
    audit.note_look("exported customers", "customers", _me(), now)
    return Response(
        file,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{exporting.filename()}"'},
    )


@blueprint.post("/customers/<int:customer_id>/moves")
@access(role("organiser"))
def move(customer_id: int) -> AnyResponse:
    """Record what brings somebody to another column. Back on the page it came from, at the same card."""
    card = filtering.one(customer_id, clock.now()) or abort(404)
    back = safe_path(request.form.get("next") or url_for("people.index")) + f"#c{customer_id}"
    value = request.form.get("to", "")
    if value == "note":
        return redirect(url_for("person.show", customer_id=customer_id, _anchor="notes"), 303)
    try:
        moved = moves.record(card, value, _me())
    except Refused as refused:
        session[REFUSED] = {"id": customer_id, "reason": refused.reason, "href": refused.href, "link": refused.link}
        return redirect(back, 303)
    undoing = url_for("people.undo", contact_id=moved.contact.id) if moved.contact else ""
    if moved.contact is None:
        flash(moved.text, "saved")
    elif moved.contact.undone_at is None:
        flash({"text": moved.text, "action": undoing, "fields": {"next": back}}, "undo")  # type: ignore[arg-type]  # the frame shows it
    else:
        flash({"text": moved.text, "action": undoing, "fields": {"next": back, "again": "yes"}}, "undo")  # type: ignore[arg-type]  # as above
    return redirect(back, 303)


@blueprint.post("/customers/contacts/<int:contact_id>/undo")
@access(role("organiser"))
def undo(contact_id: int) -> AnyResponse:
    """What was recorded counts no more; or counts again, when taking it back is undone."""
    contact = db.session.get(Contact, contact_id) or abort(404)
    if request.form.get("again"):
        contact.redo()
    else:
        contact.undo(clock.now())
    flash(_("Undone."), "saved")
    return redirect(safe_path(request.form.get("next") or url_for("people.index")), 303)


def _me() -> Account:
    account: Account = current_user.account
    return account
