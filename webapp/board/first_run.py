"""The first four steps, each with its real state; gone when all are done."""

from dataclasses import dataclass

from sqlalchemy import exists, select

from webapp import db, edge
from webapp.board.saying import _
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation
from webapp.staff.models import StaffMember


@dataclass(frozen=True)
class Step:
    """One thing to do first."""

    done: bool
    text: str
    under: str
    href: str
    button: str


def steps(is_admin: bool) -> list[Step]:
    """The four steps; none when all of them are done."""
    there = select(
        exists(select(StaffMember.id).where(StaffMember.team_id.is_not(None))),
        exists(select(Customer.id)),
        exists(select(Invitation.id)),
    )
    staff, customers, invited = db.session.execute(there).one()
    mail = not edge.settings().mail_off
    if mail and staff and customers and invited:
        return []
    until = _("Until then nothing leaves, and everything can be read.") if is_admin else _("Ask an admin.")
    named, listed = _("A list with teams, or by hand."), _("A list, with any column names, or by hand.")
    look = _("You see every mail before it leaves.")
    return [
        Step(mail, _("Set up mail"), until, "/admin/mail" if is_admin else "", _("Set up mail")),
        Step(staff, _("Add colleagues"), named, "/staff/import", _("Import a list")),
        Step(customers, _("Add customers"), listed, "/customers/import", _("Import a list")),
        Step(invited, _("Invite"), look, "/visits/new", _("Plan a visit")),
    ]
