"""Lines of a plan become visits: each with its customers and team chosen, and nothing mailed before its own check page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Account
from webapp.planning.models import PlannedLine, SeasonPlan, together
from webapp.staff.models import StaffMember
from webapp.visits import wall
from webapp.visits.models import RoomTaken, Slot, Visit


def accept(plan: SeasonPlan, line_ids: Sequence[int] | None, by: Account, now: datetime) -> tuple[int, int]:
    """Make visits of these lines (None: of all that were not refused); how many came, and how many found no room or time.

    Twice makes nothing twice: the plan is locked, and a line knows its visit.
    """
    db.session.execute(select(SeasonPlan.id).where(SeasonPlan.id == plan.id).with_for_update())
    db.session.refresh(plan, ["lines"])
    done = failed = 0
    for lines in together(plan.lines):
        chosen = line_ids is None or any(line.id in line_ids for line in lines)
        if not chosen or any(line.visit_id or line.refused_at for line in lines):
            continue
        if _visit(plan, lines, by, now):
            done += 1
        else:
            failed += 1
    return done, failed


def _visit(plan: SeasonPlan, lines: Sequence[PlannedLine], by: Account, now: datetime) -> bool:
    season, first = plan.season, lines[0]
    members = db.session.scalars(
        select(StaffMember.id).where(StaffMember.team_id == first.team_id, StaffMember.left_at.is_(None))
    )
    slot = Slot(first.wall, season.zone, season.minutes, 0, first.room, "" if first.room else season.link)
    try:
        if wall.to_utc(first.wall, season.zone, 0) <= now:
            return False
        visit = Visit.plan(
            now, slot, host=season.host, organiser=by, teams=[first.team], seats=season.staff,
            storyteller_places=max(len(lines), season.storytellers),
        )  # fmt: skip
    except (RoomTaken, wall.UnclearTime):
        return False
    visit.choose([line.customer_id for line in lines], members)
    db.session.flush()
    for line in lines:
        line.visit_id = visit.id
    return True
