"""Who was there: ticked by the host or an organiser, and gone through once when the visit is finished."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from webapp import db
from webapp.invitations.models import Attendance, Invitation
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit

EXPECTED = ("accepted", "offered", "tentative")
"""Whom the list begins with; anybody else who was asked may have come after all."""
WALK_INS_AT_MOST = 200


def tick(visit: Visit, present: Collection[int], now: datetime, *, everybody: bool = False) -> None:
    """Who is there now, by invitation; `everybody`: and all who are expected.

    Until the visit is finished, not ticked says nothing; after that: was not there. Two at once wait for each other.
    """
    db.session.execute(select(Visit.id).where(Visit.id == visit.id).with_for_update(key_share=True))
    asked = Invitation.of_visit(visit.id)
    expected = expected_first(asked)[0] if everybody else []
    for invitation in asked:
        there = invitation.id in present or invitation in expected
        _note(invitation, there, now, finished=visit.finished_at is not None)
    db.session.flush()


def not_asked(visit: Visit) -> Sequence[StaffMember]:
    """Colleagues of the visit's teams who were not asked, by name: any of them may walk in."""
    asked = select(Invitation.staff_id).where(Invitation.visit_id == visit.id, Invitation.staff_id.is_not(None))
    teams = [team.id for team in visit.teams]
    there = (StaffMember.team_id.in_(teams), StaffMember.left_at.is_(None), StaffMember.id != visit.host_id)
    found = select(StaffMember).where(*there, StaffMember.id.not_in(asked)).order_by(StaffMember.sorting)
    return db.session.scalars(found.limit(WALK_INS_AT_MOST)).all()


def walk_in(visit: Visit, staff: Collection[int], now: datetime) -> set[int]:
    """Colleagues who came unasked, once it has begun: they were there, and are asked like the others. Their invitations.

    There is no answer, so no receipt; and nothing that precedes a visit leaves any more. Sent twice is the same.
    """
    if visit.starts_at > now or not staff:
        return set()
    for member in (each for each in not_asked(visit) if each.id in staff):
        came = Invitation(
            visit=visit, staff=member, invited_at=now, released_at=now, calendar_uid=uuid4(), partstat="accepted",
            answered_at=now, remind_1_at=now, remind_2_at=now, unanswered_at=now,
        )  # fmt: skip
        db.session.add(came)
    db.session.flush()
    there = select(Invitation.id).where(Invitation.visit_id == visit.id, Invitation.staff_id.in_(staff))
    return set(db.session.scalars(there))


def finish(visit: Visit, now: datetime) -> None:
    """The list was gone through: who came and was not ticked was not there. Thanks and questions go to who was."""
    visit.finished_at = visit.finished_at or now
    for invitation in Invitation.of_visit(visit.id):
        there = invitation.attendance is not None and invitation.attendance.present
        _note(invitation, there, now, finished=True)
    db.session.flush()


def expected_first(invitations: Sequence[Invitation]) -> tuple[list[Invitation], list[Invitation]]:
    """Who is expected, and who else was asked; both by name. A tick makes somebody expected."""
    asked = [each for each in invitations if each.withdrawn_at is None or each.attendance]
    expected = [each for each in asked if each.state in EXPECTED or each.partstat == "accepted" or _there(each)]
    return expected, [each for each in asked if each not in expected]


def _there(invitation: Invitation) -> bool:
    return invitation.attendance is not None and invitation.attendance.present


def _note(invitation: Invitation, present: bool, now: datetime, finished: bool) -> None:
    """One row per person; what stands already keeps its moment. Who never said yes and did not come has no row."""
    found = invitation.attendance
    if found is None:
        if present or (finished and invitation.partstat == "accepted"):
            invitation.attendance = Attendance(present=present, at=now)
    elif found.present != present:
        if present or finished:
            found.present, found.at = present, now
        else:
            db.session.delete(found)
            invitation.attendance = None
