"""The ask budget: counted over all organisers; a rest after a visit; an owner who agrees first; a reason for an exception."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from tests import factories as make
from tests.factories import NOW
from webapp import db
from webapp.accounts.audit import AuditEntry
from webapp.accounts.models import Account
from webapp.customers.asks import Ask, MayNotAsk, hold_all
from webapp.customers.models import Customer
from webapp.invitations import inviting
from webapp.invitations.inviting import Selection
from webapp.visits.models import Visit

DAY = timedelta(days=1)
HOLD = timedelta(seconds=60)


@pytest.fixture
def opened(database: Engine) -> Iterator[None]:
    with db.transaction():
        make.organisation()
        yield


@pytest.mark.usefixtures("opened")
def test_somebody_is_asked_twice_in_twelve_months_by_whomever() -> None:
    sam, anna, noor = make.customer(), make.account(), make.account("Noor Haddad")
    Ask.take(sam, "visit", anna, NOW)
    Ask.take(sam, "story", noor, NOW + 30 * DAY)
    assert refused(sam, 60) == ("budget", {"n": 2, "max": 2, "date": NOW + 365 * DAY})
    Ask.take(sam, "visit", anna, NOW + 366 * DAY)
    assert refused(sam, 380) == ("budget", {"n": 2, "max": 2, "date": NOW + 395 * DAY})


@pytest.mark.usefixtures("opened")
def test_the_organisation_chooses_how_often_and_how_long_somebody_rests() -> None:
    settings = make.organisation()
    settings.asks_a_year, settings.rest_days = 1, 10
    sam = make.customer()
    Ask.take(sam, "visit", None, NOW)
    assert refused(sam, 1)[0] == "budget"


@pytest.mark.usefixtures("opened")
def test_who_was_at_a_visit_rests_for_ninety_days() -> None:
    sam, visit = make.customer(), make.visit()
    make.attendance(make.invitation(visit, sam))
    ended = visit.ends_at
    assert refused(sam, (ended - NOW).days + 5) == ("rest", {"date": ended + 90 * DAY})
    Ask.take(sam, "story", None, ended + 90 * DAY)


@pytest.mark.usefixtures("opened")
def test_a_reason_asks_over_the_limit_and_is_logged() -> None:
    sam, anna = make.customer(), make.account()
    for days in (0, 1):
        Ask.take(sam, "visit", anna, NOW + days * DAY)
    third = Ask.take(sam, "visit", anna, NOW + 2 * DAY, reason=" Belde zelf om te vragen. ")
    assert third.reason == "Belde zelf om te vragen."
    logged = db.session.scalars(select(AuditEntry).where(AuditEntry.what == "asked anyway")).one()
    assert (logged.about, logged.account_id, logged.facts) == (f"customer-{sam.id}", anna.id, {"over": "budget"})


@pytest.mark.parametrize("why", ["not_yet", "withdrawn", "ended", "stop", "complaint", "unwanted", "bounce"])
@pytest.mark.usefixtures("opened")
def test_no_reason_asks_over_what_somebody_said_themselves(why: str) -> None:
    sam = make.customer(ground=why if why in ("not_yet", "withdrawn", "ended") else "agreed")
    assert sam.address
    if why == "unwanted":
        sam.address.unwant("invitations", NOW)
    elif why in ("stop", "complaint", "bounce"):
        sam.address.suppress(why, NOW)  # type: ignore[arg-type]  # one of the three
    with pytest.raises(MayNotAsk) as refused:
        Ask.take(sam, "story", None, NOW, reason="Het is belangrijk.")
    assert (refused.value.why, refused.value.may_be_overridden) == (why, False)


@pytest.mark.usefixtures("opened")
def test_consent_that_ran_out_a_moment_ago_counts_no_more() -> None:
    sam = make.customer(ground=None)
    sam.consent("agreed", "Ja.", "nl", "page", NOW, None, expires_at=NOW + DAY)
    assert refused(sam, 1)[0] == "ended"


@pytest.mark.usefixtures("opened")
def test_an_invitation_is_an_ask_and_taken_back_it_never_was() -> None:
    visit, sam, bo = make.visit(), make.customer(), make.customer("Bo Kaya")
    for days in (10, 20):
        Ask.take(bo, "visit", None, NOW - days * DAY)
    visit.choose([sam.id, bo.id], [])
    assert {each.person.name.full: each.why for each in Selection.of(visit, NOW).left_out} == {"Bo Kaya": "budget"}
    visit.ask_anyway({bo.id: "Wil zelf graag."})
    assert (inviting.invite(visit, NOW, HOLD, visit.organiser), asked()) == (2, 4)
    assert inviting.undo_invite(visit, NOW) == 2
    assert (asked(), visit.anyway) == (2, {bo.id: "Wil zelf graag."})


@pytest.mark.usefixtures("opened")
def test_the_owner_is_asked_before_somebody_is_asked_for_the_first_time() -> None:
    make.staff_member("Karin Visser")
    sam, bo = (make.customer(name, relationship_owner="Karin Visser") for name in ("Sam de Vries", "Bo Kaya"))
    assert refused(sam, 0) == ("owner_first", {"name": "Karin Visser"})
    Ask.take(bo, "visit", None, NOW, reason="Karin is met pensioen.")
    Ask.take(bo, "visit", None, NOW + DAY)


@pytest.mark.usefixtures("opened")
def test_an_owner_nobody_knows_or_two_of_the_same_name_hold_nobody() -> None:
    for _ in range(2):
        make.staff_member("Karin Visser")
    for text in ("Karin Visser", "de balie", ""):
        Ask.take(make.customer(relationship_owner=text), "visit", None, NOW)


def test_two_organisers_who_ask_at_the_same_moment_stay_within_the_budget(database: Engine) -> None:
    with db.transaction():
        make.organisation()
        sam = make.customer()
        Ask.take(sam, "visit", None, NOW - DAY)
        organisers = [make.account("Anna Bakker").id, make.account("Noor Haddad").id]
    together = Barrier(2)

    def ask(account_id: int) -> str:
        with db.transaction() as session:
            account, customer = session.get_one(Account, account_id), session.get_one(Customer, sam.id)
            together.wait()
            try:
                Ask.take(customer, "story", account, NOW)
            except MayNotAsk as refused:
                return refused.why
            return "asked"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(ask, organisers)) == ["asked", "budget"]


def test_two_organisers_who_invite_the_same_people_to_two_visits_stay_within_the_budget(database: Engine) -> None:
    with db.transaction():
        make.organisation()
        people = [make.customer(f"Sam de Vries {n}").id for n in range(6)]
        for person in people:
            Ask.take(db.session.get_one(Customer, person), "visit", None, NOW - DAY)
        visits = [make.visit(), make.visit()]
        for visit, chosen in zip(visits, (people, people[::-1]), strict=True):
            visit.choose(chosen, [])
    together = Barrier(2)

    def invite(visit_id: int) -> int:
        with db.transaction() as session:
            visit = session.get_one(Visit, visit_id)
            together.wait()
            return inviting.invite(visit, NOW, HOLD, None)

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(invite, [visit.id for visit in visits])) == 6
    with db.transaction():
        most = select(func.count()).group_by(Ask.customer_id).select_from(Ask)
        assert set(db.session.scalars(most)) == {2}


@pytest.mark.usefixtures("opened")
def test_holding_nobody_holds_nobody() -> None:
    hold_all([])


def refused(customer: Customer, days: int) -> tuple[str, dict[str, object]]:
    with pytest.raises(MayNotAsk) as refused:
        Ask.take(customer, "visit", None, NOW + days * DAY)
    return refused.value.why, refused.value.facts


def asked() -> int:
    return db.session.scalar(select(func.count()).select_from(Ask)) or 0
