"""Whom could we ask? The page to which a gap on the map leads, and which leads to an invitation."""

from flask import Blueprint, render_template, request
from sqlalchemy import select

from webapp import clock, db
from webapp.access import access, role
from webapp.board.people_rows import first_step
from webapp.board.whom import Wanted, candidates, nominees
from webapp.customers.refusing import why_not
from webapp.groups.models import EndUserGroup
from webapp.staff.models import Team

blueprint = Blueprint("whom", __name__)


@blueprint.get("/customers/whom")
@access(role("organiser"))
def index() -> str:
    group, team = (_number(name) for name in ("group", "team"))
    chosen = db.session.get(EndUserGroup, group) if group else None
    if chosen is not None and chosen.stands_for_id is not None:
        chosen = db.session.get(EndUserGroup, chosen.stands_for_id)
    locale = request.args.get("language", "")
    wanted = Wanted(
        group=chosen,
        team=db.session.get(Team, team) if team else None,
        locale=locale if locale in ("nl", "en") else "",
        short_notice=request.args.get("short") == "1",
    )
    now = clock.now()
    return render_template(
        "board/whom.html",
        wanted=wanted,
        found=candidates(wanted, now),
        nominees=nominees(wanted, now),
        first_step=first_step,
        groups=db.session.scalars(
            select(EndUserGroup).where(EndUserGroup.standing()).order_by(EndUserGroup.name)
        ).all(),
        teams=db.session.scalars(select(Team).order_by(Team.name)).all(),
        why_not=why_not,
    )


def _number(name: str) -> int:
    written = request.args.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0
