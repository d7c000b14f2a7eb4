"""Where somebody stands is kept, and what is kept is what the facts say: whatever happens, and whatever the clock does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import delete, func, select, update

from tests import factories
from tests.factories import NOW
from webapp import db
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.stages.models import Unsettled
from webapp.stages.rule import Stages
from webapp.stages.standing import Standings, settle
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("session")

DAY = timedelta(days=1)
STEPS, PEOPLE = 40, 6
LOOKS = 4
"""At moments of a clock that jumps, after each step."""


class Life:
    """Things that happen to people, at random."""

    def __init__(self, seed: int):
        self.random = Random(seed)
        factories.organisation()
        self.people = [factories.customer(f"Sam Nummer{n}") for n in range(PEOPLE)]
        self.visits = [factories.visit(factories.VISIT_AT + n * 17 * DAY) for n in range(-2, 4)]

    def some_day(self) -> datetime:
        return NOW + timedelta(hours=self.random.randrange(-90 * 24, 250 * 24))

    def a_look(self) -> datetime:
        """Often about when a visit changes what is true."""
        visit = self.random.choice(self.visits)
        after = timedelta(
            minutes=self.random.choice((-30, 0, 15, 45, 60)), days=self.random.choice((0, 0, 28, 90, 183))
        )
        return self.random.choice((self.some_day(), visit.starts_at + after))

    def step(self) -> None:
        things: list[Callable[[], object]] = [
            self.invited, self.invited, self.answered, self.answered, self.was_there, self.said, self.undone,
            self.consented, self.taken_back, self.forgotten, self.cancelled, self.moved, self.finished, self.grew,
            self.rested_otherwise,
        ]  # fmt: skip
        self.random.choice(things)()
        db.session.flush()

    def grew(self) -> None:
        """Somebody new, about whom nothing is known yet."""
        self.people.append(factories.customer(f"Mo Nummer{len(self.people)}"))

    def rested_otherwise(self) -> None:
        Organisation.required().rest_days = self.random.choice((0, 10, 90, 365))

    def who(self) -> Customer:
        return self.random.choice(self.people)

    def an_invitation(self) -> Invitation | None:
        found = db.session.scalars(select(Invitation).order_by(Invitation.id)).all()
        return self.random.choice(found) if found else None

    def invited(self) -> None:
        visit, customer = self.random.choice(self.visits), self.who()
        known = (Invitation.visit_id == visit.id, Invitation.customer_id == customer.id)
        if db.session.scalar(select(Invitation.id).where(*known)) is None:
            factories.invitation(visit, customer, self.some_day())

    def answered(self) -> None:
        """As a bulk statement says it, too."""
        if invitation := self.an_invitation():
            said = self.random.choice(("accepted", "accepted", "declined", "tentative", "needs-action"))
            values = {"partstat": said, "answered_at": None if said == "needs-action" else self.some_day()}
            db.session.execute(update(Invitation).where(Invitation.id == invitation.id).values(values))

    def was_there(self) -> None:
        invitation = self.an_invitation()
        if invitation is None:
            return
        noted = db.session.scalar(select(Attendance).where(Attendance.invitation_id == invitation.id))
        if noted is None:
            db.session.add(Attendance(invitation_id=invitation.id, present=self.random.random() < 0.7, at=NOW))
        elif self.random.random() < 0.5:
            noted.present = not noted.present
        else:
            db.session.execute(delete(Attendance).where(Attendance.id == noted.id))

    def said(self) -> None:
        self.who().record(self.random.choice(("willing", "declined", "called")), self.some_day(), None)

    def undone(self) -> None:
        if contacts := self.who().contacts:
            contact = self.random.choice(contacts)
            contact.undone_at = None if contact.undone_at else NOW

    def consented(self) -> None:
        factories.consent(self.who(), self.random.choice(("agreed", "withdrawn", "existing")), self.some_day())

    def taken_back(self) -> None:
        if invitation := self.an_invitation():
            invitation.withdrawn_at = None if invitation.withdrawn_at else NOW

    def forgotten(self) -> None:
        if invitation := self.an_invitation():
            db.session.execute(delete(Invitation).where(Invitation.id == invitation.id))
            db.session.expire_all()

    def cancelled(self) -> None:
        visit = self.random.choice(self.visits)
        visit.cancelled_at = None if visit.cancelled_at else NOW

    def moved(self) -> None:
        by = timedelta(hours=self.random.randrange(-200, 400))
        moved = {"starts_at": Visit.starts_at + by, "ends_at": Visit.ends_at + by}
        db.session.execute(update(Visit).where(Visit.id == self.random.choice(self.visits).id).values(moved))

    def finished(self) -> None:
        visit = self.random.choice(self.visits)
        visit.finished_at = None if visit.finished_at else NOW


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_the_facts_say_whenever_it_is_asked(seed: int) -> None:
    life = Life(seed)
    for _ in range(STEPS):
        life.step()
        if life.random.random() < 0.4:
            settle(life.some_day())
        for now in (life.a_look() for _ in range(LOOKS)):
            assert asked(now) == worked_out(now)


def asked(now: datetime) -> list[tuple[object, ...]]:
    standings = Standings(now)
    found = standings.select(Customer.id).add_columns(standings.place).order_by(Customer.id)
    return [tuple(row) for row in db.session.execute(found)]


def worked_out(now: datetime) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.session.execute(Stages(now).select().order_by(Customer.id))]


def test_a_tick_settles_everybody_and_the_next_one_nobody() -> None:
    life = Life(seed=5)
    for _ in range(STEPS):
        life.step()
    settle(NOW)
    assert db.session.scalar(select(func.count()).select_from(Unsettled)) == 0
    assert Standings(NOW).moved == []
    assert asked(NOW) == worked_out(NOW)


def test_who_is_settled_in_portions_stands_where_the_facts_say() -> None:
    life = Life(seed=6)
    for _ in range(STEPS):
        life.step()
    assert len(Standings(NOW).moved) > 2 * 2
    settle(NOW, at_once=2)
    assert Standings(NOW).moved == []
    assert asked(NOW) == worked_out(NOW)


def test_the_clock_moves_only_whom_it_is_about() -> None:
    factories.organisation()
    sam, mo = factories.customer("Sam de Vries"), factories.customer("Mo Aydin")
    visit = factories.visit()
    factories.invitation(visit, sam)
    db.session.flush()
    settle(NOW)
    assert Standings(visit.starts_at - DAY).moved == []
    assert Standings(visit.starts_at).moved == [sam.id]
    assert [Standings(visit.starts_at).of(each.id)[0] for each in (sam, mo)] == ["found", "found"]


def test_who_is_erased_stands_nowhere() -> None:
    factories.organisation()
    sam = factories.customer("Sam de Vries")
    settle(NOW)
    db.session.execute(delete(Customer).where(Customer.id == sam.id))
    settle(NOW)
    assert asked(NOW) == []
