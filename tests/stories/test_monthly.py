"""One story a month for everybody who works here, on a Tuesday morning, and none when there is nothing new."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.stories import making
from webapp import db
from webapp.customers import consents
from webapp.mailing.notices import Notice
from webapp.staff.models import StaffMember
from webapp.stories import monthly, staff_notices
from webapp.stories.models import Story

assert staff_notices
pytestmark = pytest.mark.usefixtures("session")
TUESDAY = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
"""Nine in the morning in Amsterdam."""
WEEK = timedelta(days=7)


def mailed(at: datetime) -> list[str]:
    """Who gets the story of the month within the day after `at`."""
    due = db.session.execute(Notice.all["staff_digest"].due(at - timedelta(minutes=1), at + timedelta(days=1))).all()
    who = select(StaffMember).where(StaffMember.id.in_([row.subject_id for row in due])).order_by(StaffMember.sorting)
    return [each.name.full for each in db.session.scalars(who)]


def chosen() -> list[datetime]:
    return sorted(filter(None, db.session.scalars(select(Story.of_month_at))))


def test_it_is_chosen_a_week_before_and_mailed_to_who_did_not_get_it_as_their_teams() -> None:
    team = factories.team()
    factories.staff_member("Eline Bos", team=team)
    factories.staff_member("Femke Kok", team=factories.team())
    factories.staff_member("Bart Smit", team=factories.team()).left_at = TUESDAY
    making.shared(team=team, at=TUESDAY - WEEK - timedelta(days=1))
    assert monthly.choose(TUESDAY - WEEK - timedelta(minutes=1)) is None
    assert monthly.choose(TUESDAY - WEEK) is not None
    assert monthly.choose(TUESDAY) is None, "one is enough"
    assert mailed(TUESDAY) == ["Femke Kok"]


def test_a_story_is_of_one_month_and_without_a_new_one_there_is_no_mail() -> None:
    making.shared(at=TUESDAY - WEEK)
    monthly.choose(TUESDAY - WEEK)
    january = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
    assert monthly.choose(january - WEEK) is None
    making.shared(at=january - timedelta(days=3))
    monthly.choose(january - timedelta(days=2))
    assert chosen() == [TUESDAY, january]


def test_the_newest_is_chosen_and_an_old_one_never() -> None:
    making.shared(at=TUESDAY - timedelta(days=60))
    assert monthly.choose(TUESDAY - WEEK) is None
    making.shared(at=TUESDAY - timedelta(days=9))
    newest = making.shared(at=TUESDAY - timedelta(days=8))
    assert monthly.choose(TUESDAY - WEEK) == newest.id


def test_withdrawn_it_is_not_mailed_and_another_is_chosen() -> None:
    factories.staff_member("Femke Kok", team=factories.team())
    other = making.shared(at=TUESDAY - timedelta(days=9))
    story = making.shared(at=TUESDAY - timedelta(days=8))
    assert monthly.choose(TUESDAY - WEEK) == story.id
    assert story.customer is not None
    consents.withdraw(story.customer, ["story_inside"], "nl", "page", TUESDAY - WEEK, None)
    assert mailed(TUESDAY) == []
    assert monthly.choose(TUESDAY - timedelta(days=1)) == other.id
    assert mailed(TUESDAY) == ["Femke Kok"]
