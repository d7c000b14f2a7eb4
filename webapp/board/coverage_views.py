"""The coverage map: which team met which group, as a picture to read, filter, print and act on."""

from flask import Blueprint, render_template, request
from sqlalchemy import select

from webapp import clock, db
from webapp.access import access, role
from webapp.board import on_lists
from webapp.board.coverage import TEAMS_AT_ONCE, Coverage, Filters, Row
from webapp.board.saying import _, ngettext
from webapp.groups import asking, suggesting
from webapp.groups.models import KINDS, LAYERS, RELATIONS, TIMES, MappingRound
from webapp.groups.views import labels, standing

blueprint = Blueprint("coverage", __name__)

GAPS = 3
JUST_NAMED = 5


@blueprint.get("/groups")
@access(role("viewer"))
def index() -> str:
    """The conclusion first, then the map, the biggest gaps, what was just named, and all groups."""
    now = clock.now()
    groups, last = standing(), _last_round()
    shown = Coverage(now, _filters())
    page = max(0, request.args.get("page", 0, type=int))
    rows = shown.rows[page * TEAMS_AT_ONCE : (page + 1) * TEAMS_AT_ONCE]
    customers = on_lists.customers_by_group()
    return render_template(
        "board/groups.html",
        conclusion=_conclusion(shown) if groups else "",
        coverage=shown,
        rows_by_layer=[(layer, [row for row in rows if row.layer == layer]) for layer in LAYERS],
        by_layer=request.args.get("by") == "layer",
        filters=shown.filters,
        page=page,
        following=len(shown.rows) > (page + 1) * TEAMS_AT_ONCE,
        gaps=shown.gaps[:GAPS],
        groups=groups,
        customers=customers,
        last=last,
        last_counts=asking.counts(last.id) if last else (0, 0),
        just_named=suggesting.names("waiting", None, size=JUST_NAMED),
        waiting=suggesting.counts()["waiting"],
        on_lists=on_lists.names_on_lists(),
        numbers=_numbers(shown),
        **labels(),
    )


def _filters() -> Filters:
    def one_of(name: str, known: tuple[str, ...]) -> str:
        return next((each for each in known if each == request.args.get(name)), "")

    return Filters(one_of("layer", LAYERS), one_of("kind", KINDS), one_of("time", TIMES), one_of("relation", RELATIONS))


def _conclusion(shown: Coverage) -> str:
    """What the map comes to, in one sentence."""
    nobody, groups = shown.met_nobody, shown.never_met
    if len(nobody) == 1:
        return _("%(team)s has never met anyone their work is for", team=nobody[0].name)
    if nobody and (layer := _whole_layer(shown, nobody)):
        return layer
    if nobody:
        return ngettext(
            "%(num)s team has never met anyone their work is for",
            "%(num)s teams have never met anyone their work is for",
            len(nobody),
        )
    if groups:
        number = len(shown.groups)
        return ngettext("One group; %(gaps)s never met", "%(num)s groups; %(gaps)s never met", number, gaps=len(groups))
    if shown.gaps:
        return ngettext("One gap is left on the map", "%(num)s gaps are left on the map", len(shown.gaps))
    if not shown.cells:
        return ngettext(
            "One group; no team was linked yet", "%(num)s groups; no team was linked yet", len(shown.groups)
        )
    return _("Every team has met or heard whom their work is for")


def _whole_layer(shown: Coverage, nobody: list[Row]) -> str:
    """When all of them stand in one layer, and are all of it."""
    layers = {row.layer for row in nobody}
    layer = next(iter(layers))
    if len(layers) > 1 or len(nobody) < sum(row.layer == layer for row in shown.rows):
        return ""
    said: dict[str, str] = {
        "front_line": _("The front line has never met anyone their work is for"),
        "back_office": _("The back office has never met anyone their work is for"),
        "support": _("Support has never met anyone their work is for"),
        "management": _("Management has never met anyone their work is for"),
    }
    return said[layer]


def _numbers(shown: Coverage) -> dict[str, int]:
    return {
        "cells": len(shown.cells),
        "empty": len(shown.gaps),
    }


def _last_round() -> MappingRound | None:
    released = select(MappingRound).order_by(MappingRound.released_at.desc(), MappingRound.id.desc())
    return db.session.scalars(released.limit(1)).first()
