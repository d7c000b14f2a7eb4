"""Who is asked when: a register entry for each person who was there, opened by the attendance tick."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.invitations.models import Attendance, Invitation
from webapp.surveys.models import Register, Wave
from webapp.visits import wall
from webapp.visits.models import Visit

OPEN_FOR = timedelta(days=7)
REMIND_ON_DAY = 4
FOUR_WEEKS = timedelta(days=28)
ENOUGH_FOR_ONE_TICK = 500


def open_due(now: datetime) -> int:
    """Enter in the register everybody who was ticked present and is not in it yet; returns how many people that were.

    The window opens at its moment, or when attendance was ticked if that was later; staff are asked again after
    four weeks.
    """
    entered = exists().where(Register.invitation_id == Attendance.invitation_id)
    rows = db.session.execute(
        select(Attendance, Invitation, Visit)
        .join(Attendance.invitation)
        .join(Invitation.visit)
        .where(Attendance.present, ~entered)
        .order_by(Attendance.id)
        .limit(ENOUGH_FOR_ONE_TICK)
    ).all()
    waves: dict[tuple[int, str, str], list[tuple[Invitation, datetime]]] = {}
    zones = {visit.id: visit.zone for _attendance, _invitation, visit in rows}
    for attendance, invitation, visit in rows:
        for label, opens_at in _windows(attendance, invitation, visit):
            audience = "customer" if invitation.customer_id else "staff"
            waves.setdefault((visit.id, audience, label), []).append((invitation, opens_at))
    for (visit_id, audience, label), entered_now in waves.items():
        _enter(visit_id, audience, label, entered_now, zones[visit_id])
    return len(rows)


def _windows(attendance: Attendance, invitation: Invitation, visit: Visit) -> list[tuple[str, datetime]]:
    moment = visit.thanks_at if invitation.customer_id else visit.staff_survey_at
    after = wall.next_daytime(max(moment, attendance.at), visit.zone)
    if invitation.customer_id:
        return [("after", after)]
    later = wall.days_later(after, FOUR_WEEKS.days, visit.zone)
    return [("after", after), ("four_weeks", later)]


def _enter(visit_id: int, audience: str, label: str, people: Sequence[tuple[Invitation, datetime]], zone: str) -> None:
    """The wave, and in its register each of these with the moment their window opens."""
    closes_at = max(opens_at for _, opens_at in people) + OPEN_FOR
    wave_ = insert(Wave).values(visit_id=visit_id, audience=audience, label=label, version=1, closes_at=closes_at)
    last = {"closes_at": func.greatest(Wave.closes_at, wave_.excluded.closes_at)}
    wave_id = db.session.scalar(
        wave_.on_conflict_do_update(index_elements=["visit_id", "audience", "label"], set_=last).returning(Wave.id)
    )
    entries = [
        {
            "wave_id": wave_id,
            "invitation_id": invitation.id,
            "opens_at": opens_at,
            "remind_at": wall.days_later(opens_at, REMIND_ON_DAY, zone),
            "closes_at": opens_at + OPEN_FOR,
            "answered": False,
        }
        for invitation, opens_at in people
    ]
    db.session.execute(insert(Register).on_conflict_do_nothing(), entries)
