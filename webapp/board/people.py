"""Customers as a board by stage, as a list to choose from, and as a file; and recording what moves them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from webapp import clock, db
from webapp.access import access, role
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.board import exporting, filtering, moves
from webapp.board.cards import Card, cards
from webapp.board.filtering import AT_MOST, ON_A_PAGE, Filter
from webapp.board.moves import Refused, stage_name
from webapp.board.saying import _, ago
from webapp.customers.models import Contact, Customer
from webapp.stages.rule import COLUMNS, COUNTED_TO, FOLDED, STAGES, Stage, at_most, counted
from webapp.stages.standing import Standings

blueprint = Blueprint("people", __name__)

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
    cards: Sequence[Card]

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
    everybody = counted(select(Customer.id), ALL_COUNTED_TO)
    if not everybody:
        return render_template("board/customers_empty.html")
    standings = Standings(now)
    return render_template(
        "board/list.html" if as_list else "board/board.html",
        everybody=everybody,
        most=ALL_COUNTED_TO,
        willing=standings.number(standings.at("willing")),
        long=standings.number(standings.waits_long()),
        groups=filtering.groups(),
        counted_to=COUNTED_TO,
        wanted=wanted,
        refused=session.pop(REFUSED, None),
        options=moves.options,
        stage_name=stage_name,
        ago=ago,
        STAGES=STAGES,
        **shown,
    )


def _board(wanted: Filter, now: datetime) -> dict[str, object]:
    firsts = {stage: _first(wanted, stage, now, FOLDED_SHOWN if stage in FOLDED else SHOWN) for stage in STAGES}
    made = iter(cards([row for rows, _count in firsts.values() for row in rows], now))
    columns = {
        stage: Column(stage, stage_name(stage), count, list(islice(made, len(rows))))
        for stage, (rows, count) in firsts.items()
    }
    return {
        "columns": [columns[stage] for stage in COLUMNS],
        "folded": [columns[stage] for stage in FOLDED],
        "invitable": [each.id for each in columns["willing"].cards if each.can_be_invited],
    }


def _first(
    wanted: Filter, stage: Stage, now: datetime, size: int
) -> tuple[list[tuple[Customer, Stage, datetime]], int]:
    """So many of a stage, and how many there are."""
    standings, within = Standings(now), replace(wanted, stage=stage)
    query = within.customers(standings, Customer).order_by(standings.place, Customer.id).limit(at_most(size))
    rows = db.session.execute(query).all()
    count = len(rows) if len(rows) < size else counted(within.customers(standings, Customer.id))
    return [(row[0], row.stage, row.since) for row in rows], count


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
    count = counted(wanted.customers(Standings(now), Customer.id))
    return {"page": page, "ticked": ticked, "first": first, "count": count, "at_most": AT_MOST}


@blueprint.get("/customers/export")
@access(role("organiser"))
def export() -> Response:
    """The customers of this filter as a file that a spreadsheet opens and cannot be hurt by."""
    file = exporting.customers(Filter.read(request.args), clock.now())
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
