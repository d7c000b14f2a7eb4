"""The sample organisation: a past that was lived by the rules, and of which nothing is mailed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as application_clock
from webapp import db, rounds
from webapp.accounts.models import Account
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.demo import sample
from webapp.demo.finding import NOMINATED
from webapp.demo.season import SEASON
from webapp.invitations.models import Answer, Attendance, Invitation
from webapp.mailing import said
from webapp.mailing.models import Dispatch, Message, Said
from webapp.mailing.notices import Notice
from webapp.mailing.post import Post
from webapp.staff.models import StaffMember, Team
from webapp.surveys import results
from webapp.surveys.models import Ballot
from webapp.visits.models import Visit

MOMENTS = (
    datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # the night of the gap, a Sunday
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the night of the fold
    datetime(2027, 1, 1, 23, 59, tzinfo=UTC),
)


@pytest.fixture
def read(loaded: Settings) -> Iterator[Session]:
    with db.transaction(read_only=True) as session:
        yield session


def number(session: Session, of: type[db.Base], *where: object) -> int:
    query: Select[int] = select(func.count()).select_from(of).where(*where)  # type: ignore[arg-type]  # conditions
    return session.scalar(query) or 0


def test_there_are_ten_teams_over_four_layers_a_hundred_staff_and_sixty_customers(
    read: Session,
) -> None:
    assert number(read, Team) == 10
    assert set(read.scalars(select(Team.layer))) == {"front_line", "back_office", "support", "management"}
    assert number(read, StaffMember) == 100
    assert number(read, Customer) == 60 + len(NOMINATED)
    assert {account.role for account in read.scalars(select(Account))} == {"admin", "organiser"}


def test_everybody_of_the_story_is_in_the_lists(read: Session) -> None:
    customers = {each.name.full for each in read.scalars(select(Customer))}
    staff = {each.name.full for each in read.scalars(select(StaffMember))}
    for story in SEASON:
        assert {*story.customers, *story.fresh} - customers == set()
        assert {story.host} - staff == set()
        assert {*story.today, *story.absent} - customers - staff == set()


def test_some_may_not_be_asked_some_have_no_mailbox_and_one_said_stop(read: Session) -> None:
    customers = read.scalars(select(Customer)).all()
    assert {each.ground for each in customers} == {"agreed", "existing", "not_yet", "withdrawn"}
    assert sum(each.address is None for each in customers) == 5
    suppressed = [each.address.suppressed_why for each in customers if each.address and each.address.suppressed_at]
    assert sorted(filter(None, suppressed)) == ["bounce", "stop"]
    assert {each.locale for each in customers} == {"nl", "en"}


def test_visits_are_held_cancelled_coming_and_in_the_making(read: Session) -> None:
    now = application_clock.now()
    assert number(read, Visit, Visit.ends_at <= now) == 5
    assert number(read, Visit, Visit.ends_at <= now, Visit.finished_at.is_(None)) == 1
    assert number(read, Visit, Visit.starts_at > now, Visit.cancelled_at.is_(None), Visit.invited_at.is_not(None)) == 3
    assert number(read, Visit, Visit.cancelled_at.is_not(None)) == 1
    assert number(read, Visit, Visit.invited_at.is_(None)) == 1
    assert number(read, Visit, Visit.options.is_not(None), Visit.decided_at.is_(None)) == 1


def test_what_is_to_be_decided_is_there(read: Session) -> None:
    coming = read.scalars(select(Visit).order_by(Visit.starts_at.desc())).all()[1]
    states = {each.state for each in Invitation.of_visit(coming.id)}
    assert {"accepted", "declined", "proposed", "hinted", "needs-action", "waiting"} <= states
    assert number(read, Message, Message.end == "failed") == 1
    assert number(read, Message, Message.end == "suppressed") == 2


def test_results_can_be_read_and_small_groups_cannot(read: Session) -> None:
    since = application_clock.now() - results.POOLED_OVER
    after = results.ballots("staff", "after", since)
    assert [score.name for score in results.staff_scores(after)] == ["overall", "impact", "appreciation", "empathy"]
    assert results.staff_scores(results.ballots("staff", "four_weeks", since)) != []
    customers = results.ballots("customer", "after", since)
    assert len(results.customer_scores(customers)) == 4
    words = results.words(customers)
    assert len(words) >= 5
    assert len(set(words)) == len(words)
    held = number(read, Visit, Visit.finished_at.is_not(None))
    assert 0 < len(results.visits_shown("staff", "after", since)) < held


def test_mail_of_the_last_thirty_days_can_be_read_as_it_was_sent(read: Session, loaded: Settings) -> None:
    post = Post.of(loaded, sample.NAME)
    kept = read.scalars(select(Message).where(Message.id.in_(select(Said.message_id)))).all()
    assert {message.locale for message in kept} == {"nl", "en"}
    for message in kept:
        assert message.ended_at is not None
        notice, content = Notice.all[message.notice], said.content(message.id)
        assert content is not None
        urls = post.preview(post.refs(notice, content, message.address_id))
        mail = post.mail(message, notice, content, urls, message.address.email, message.ended_at)
        assert mail.subject
        assert mail.text
    old = application_clock.now() - timedelta(days=31)
    assert number(read, Message, Message.ended_at < old, Message.id.in_(select(Said.message_id))) == 0


def test_nothing_of_the_past_is_mailed_and_two_are_asked_as_it_begins(loaded: Settings, smtp: Relay) -> None:
    with db.transaction() as session:
        assert number(session, Dispatch) == 0
    rounds.tick(loaded, wide=True)
    rounds.deliver(loaded, 20)
    assert sorted(mail.recipient for mail in smtp.mails) == [
        "kofi.asante@studnet.example",
        "shanti.bissessar@post.example",
    ]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.strftime("%d %b %H:%M"))
def test_it_loads_at_any_moment(demo: Settings, clock: Clock, moment: datetime) -> None:
    now = clock.at(moment)
    with db.transaction() as session:
        sample.load(demo, now)
        assert number(session, Visit) == len(SEASON)
        assert number(session, Answer, Answer.given_at > now) == 0
        assert number(session, Attendance, Attendance.at > now) == 0
        assert number(session, Message, Message.ended_at > now) == 0
        assert number(session, Ballot) > 0
        session.rollback()
    assert abs(application_clock.now() - now) < timedelta(minutes=1)


def test_the_same_moment_gives_the_same_organisation(database: object, demo: Settings, clock: Clock) -> None:
    def facts() -> list[object]:
        now = clock.at(MOMENTS[0])
        with db.transaction() as session:
            sample.load(demo, now)
            people = select(Invitation).order_by(Invitation.id)
            found: list[object] = [
                *((each.visit.wall, each.person.name.full, each.state) for each in session.scalars(people)),
                *sorted(map(repr, session.scalars(select(Ballot.answers)))),
            ]
            session.rollback()
        return found

    assert facts() == facts()
