"""What is known between a team and a group: a statement for each kind of fact, however many people there are."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import aliased

from webapp.customers.models import Customer
from webapp.groups.models import Asked, EndUserGroup, Suggestion, TeamGroupLink
from webapp.invitations.models import Attendance, Invitation
from webapp.staff.models import StaffMember, Team
from webapp.stories.models import Sharing, Story
from webapp.visits.models import Visit, visit_team


def named() -> Select[Any]:
    """By how many colleagues of a team a group was named, whatever the question."""
    said = select(Asked.team_id, Suggestion.asked_id, Suggestion.means().label("group_id"))
    rows = said.join(Asked, Asked.id == Suggestion.asked_id).where(Asked.team_id.is_not(None)).subquery()
    count = func.count(rows.c.asked_id.distinct())
    query = select(rows.c.team_id, rows.c.group_id, count).where(rows.c.group_id.is_not(None))
    return query.group_by(rows.c.team_id, rows.c.group_id)


def linked() -> Select[Any]:
    root = EndUserGroup.root()
    columns: tuple[Any, ...] = (TeamGroupLink.team_id, root, func.max(TeamGroupLink.does))
    return select(*columns).join(TeamGroupLink.group).group_by(TeamGroupLink.team_id, root)


def heard() -> Select[Any]:
    """By team and group: stories that the team may read now."""
    columns: tuple[Any, ...] = (Sharing.team_id, EndUserGroup.root(), func.count(Story.id.distinct()))
    query = select(*columns).join(Sharing.story).join(EndUserGroup, EndUserGroup.name == Story.group)
    return query.where(Sharing.undone_at.is_(None), Story.readable()).group_by(Sharing.team_id, EndUserGroup.root())


def met(now: datetime) -> Select[Any]:
    """By team and group: visits at which a member of the team and a customer of the group were both ticked present."""
    return _met_by(StaffMember.team_id, now)


def met_by_layer(now: datetime) -> Select[Any]:
    """The same by layer: a visit with two teams of it is one visit."""
    return _met_by(Team.layer, now)


def planned(now: datetime) -> Select[Any]:
    """By team and group: when the next visit is to which this team goes and a customer of this group comes."""
    guests = _guests(Invitation.partstat == "accepted", Visit.starts_at > now)
    query = select(visit_team.c.team_id, guests.c.group_id, func.min(Visit.starts_at)).join(
        guests, guests.c.visit_id == visit_team.c.visit_id
    )
    return query.join(Visit, Visit.id == guests.c.visit_id).group_by(visit_team.c.team_id, guests.c.group_id)


def _met_by(whose: Any, now: datetime) -> Select[Any]:
    guests = _guests(_present(), Visit.starts_at <= now)
    colleagues = (
        select(Invitation.visit_id, whose.label("whose"))
        .join(StaffMember, StaffMember.id == Invitation.staff_id)
        .join(Team, Team.id == StaffMember.team_id)
        .where(_present(), Invitation.withdrawn_at.is_(None))
        .distinct()
        .subquery("colleagues")
    )
    query = select(colleagues.c.whose, guests.c.group_id, func.count(guests.c.visit_id.distinct()))
    query = query.join(guests, guests.c.visit_id == colleagues.c.visit_id)
    return query.group_by(colleagues.c.whose, guests.c.group_id)


def _present() -> ColumnElement[bool]:
    return Invitation.attendance.has(Attendance.present)


def _guests(*which: ColumnElement[bool]) -> Subquery:
    """A visit that is on and a group whose customers it has. By the texts on customers' lists, each looked up once."""
    group = aliased(EndUserGroup)
    return (
        select(Visit.id.label("visit_id"), func.coalesce(group.stands_for_id, group.id).label("group_id"))
        .join(Invitation, Invitation.visit_id == Visit.id)
        .join(Customer, Customer.id == Invitation.customer_id)
        .join(group, group.name == Customer.group)
        .where(Visit.cancelled_at.is_(None), Invitation.withdrawn_at.is_(None), *which)
        .distinct()
        .subquery("guests")
    )
