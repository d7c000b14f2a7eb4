"""Who is asked after a visit, and when."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import factories
from webapp.invitations.models import Invitation
from webapp.surveys.asking import open_due
from webapp.surveys.models import Register, Wave
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("session")
FRIDAY_MORNING = datetime(2026, 12, 4, 8, 0, tzinfo=UTC)
"""09:00 in the Netherlands, the working day after the visit."""


def visit() -> Visit:
    factories.organisation()
    return factories.visit()


def windows(invitation: Invitation, session: Session) -> list[tuple[str, datetime]]:
    query = select(Wave.label, Register.opens_at).join(Register, Register.wave_id == Wave.id)
    rows = session.execute(query.where(Register.invitation_id == invitation.id).order_by(Register.opens_at))
    return [(label, opens_at) for label, opens_at in rows]


def test_a_customer_who_was_there_is_asked_two_hours_after_the_end(session: Session) -> None:
    met = visit()
    guest = factories.invitation(met, factories.customer())
    factories.attendance(guest)
    open_due(met.ends_at)
    assert windows(guest, session) == [("after", met.ends_at + timedelta(hours=2))]


def test_staff_who_were_there_are_asked_the_next_working_morning_and_after_four_weeks(session: Session) -> None:
    met = visit()
    colleague = factories.invitation(met, factories.staff_member())
    factories.attendance(colleague)
    open_due(met.ends_at)
    assert windows(colleague, session) == [
        ("after", FRIDAY_MORNING),
        ("four_weeks", FRIDAY_MORNING + timedelta(days=28)),
    ]


def test_a_late_tick_asks_at_the_tick(session: Session) -> None:
    met = visit()
    guest = factories.invitation(met, factories.customer())
    ticked = met.ends_at + timedelta(days=2)
    factories.attendance(guest, at=ticked)
    open_due(ticked)
    assert windows(guest, session) == [("after", ticked)]


def test_who_was_not_there_is_not_asked(session: Session) -> None:
    met = visit()
    absent = factories.invitation(met, factories.customer())
    factories.attendance(absent, present=False)
    open_due(met.ends_at)
    assert windows(absent, session) == []


def test_asked_again_nothing_is_new(session: Session) -> None:
    met = visit()
    factories.attendance(factories.invitation(met, factories.customer()))
    assert (open_due(met.ends_at), open_due(met.ends_at)) == (1, 0)


def test_a_window_is_open_for_seven_days_with_one_reminder_on_the_fourth_at_nine(session: Session) -> None:
    met = visit()
    factories.attendance(factories.invitation(met, factories.customer()))
    open_due(met.ends_at)
    entry = session.scalars(select(Register)).one()
    assert entry.closes_at - entry.opens_at == timedelta(days=7)
    assert entry.remind_at == datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
