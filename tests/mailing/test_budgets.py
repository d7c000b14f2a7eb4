"""Nobody is sent more than they take: the relay, each domain, at once or a minute. What waits is never lost, and no try."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Thread

import pytest
from sqlalchemy import func, select, update

from tests import factories as make
from tests.fixtures.smtp import Relay
from tests.mailing.relay import Relay as Greeter
from tests.mailing.talk import Fault
from webapp import clock as time
from webapp import db, rounds
from webapp.accounts.models import MailTest
from webapp.config import Settings
from webapp.mailing import budgets, claiming
from webapp.mailing.models import Budget, Dispatch, Message

pytestmark = pytest.mark.usefixtures("founded")
SLOW, FAST = "slow.example", "fast.example"
ALL = ("urgent", "normal", "campaign")


def invite(settings: Settings, **at: int) -> None:
    """So many people at `slow` and at `fast` are asked to a visit."""
    with db.transaction():
        visit = make.visit(storyteller_places=sum(at.values()))
        for domain, number in at.items():
            for one in range(number):
                make.invitation(visit, make.customer(email=f"{domain}{one}-{visit.id}@{domain}.example"))
    rounds.tick(settings, wide=True)


def arrived(smtp: Relay) -> Counter[str]:
    return Counter(mail.recipient.rpartition("@")[2] for mail in smtp.mails)


def budget(domain: str = SLOW) -> Budget | None:
    with db.transaction() as session:
        return session.get(Budget, domain)


def later(**by: float) -> None:
    """So much time passes for all that waits or was slowed."""
    passed = timedelta(**by)
    with db.transaction() as session:
        session.execute(update(Dispatch).values(try_at=Dispatch.try_at - passed))
        moments = {
            "next_at": Budget.next_at - passed,
            "urgent_at": Budget.urgent_at - passed,
            "ahead_at": Budget.ahead_at - passed,
            "line_at": Budget.line_at - passed,
        }
        session.execute(update(Budget).values(slowed_at=Budget.slowed_at - passed, **moments))


def waiting() -> list[Dispatch]:
    with db.transaction() as session:
        return list(session.scalars(select(Dispatch).order_by(Dispatch.try_at)))


def a_minute_now(settings: Settings, domain: str = SLOW) -> float | None:
    found = budget(domain)
    return budgets.rate(found, settings, time.real()) if found else None


def test_a_domain_gets_no_more_a_minute_than_the_setting_says_and_others_are_not_held_up(
    settings: Settings, smtp: Relay
) -> None:
    few = replace(settings, mail_domain_rate=3)
    invite(few, slow=30, fast=1)
    began = time.real()
    rounds.deliver(few, 5)
    assert arrived(smtp) == {FAST: 1, SLOW: 1}
    for _ in range(12):
        later(seconds=20)
        rounds.deliver(few, 5)
    by_itself = (time.real() - began) / timedelta(seconds=20)
    assert 13 <= arrived(smtp)[SLOW] <= 13 + by_itself


def test_what_waits_for_its_place_is_no_try_says_why_and_leaves_in_the_end(settings: Settings, smtp: Relay) -> None:
    few = replace(settings, mail_domain_rate=60)
    invite(few, slow=20)
    rounds.deliver(few, 5)
    waits = waiting()
    assert {(each.state, each.owner, each.attempts, each.waits) for each in waits} == {("queued", None, 0, "domain")}
    for _ in range(40):
        later(seconds=1)
        rounds.deliver(few, 5)
    assert (arrived(smtp)[SLOW], waiting()) == (20, [])


def test_places_in_line_are_as_far_apart_as_the_rate_says(settings: Settings, smtp: Relay) -> None:
    few = replace(settings, mail_domain_rate=3)
    invite(few, slow=6)
    rounds.deliver(few, 5)
    places = [each.try_at for each in waiting()]
    apart = [round((after - before).total_seconds(), 3) for before, after in pairwise(places)]
    assert apart == [20.0] * 4


def test_a_line_is_ten_minutes_long_at_most(settings: Settings, smtp: Relay) -> None:
    few = replace(settings, mail_domain_rate=1)
    invite(few, slow=30)
    rounds.deliver(few, 5)
    latest = max(each.try_at for each in waiting())
    assert latest - time.real() <= budgets.LINE + timedelta(minutes=1)


def test_eight_processes_that_claim_at_once_do_not_multiply_the_rate(settings: Settings) -> None:
    few = replace(settings, mail_domain_rate=2, batch=10)
    invite(few, slow=80)
    claimed: list[int] = []

    def claim(owner: int) -> None:
        claimed.extend(claiming.claim(few, owner, ALL))

    threads = [Thread(target=claim, args=(owner,)) for owner in range(1, 9)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(claimed) == 1
    assert len({each.message_id for each in waiting()}) == 80


def test_the_relay_has_a_budget_of_its_own_and_what_is_urgent_gets_its_next_place(
    settings: Settings, smtp: Relay
) -> None:
    few = replace(settings, mail_rate=3)
    invite(few, slow=10, fast=10)
    rounds.deliver(few, 5)
    assert len(smtp.mails) == 1
    with db.transaction() as session:
        account = make.account(email="anna@uni.example")
        session.add(MailTest(account=account, at=time.now()))
    rounds.tick(few, wide=True)
    rounds.deliver(few, 5)
    later(seconds=20)
    rounds.deliver(few, 5)
    assert [mail.recipient for mail in smtp.mails][1:] == ["anna@uni.example"]


def test_a_small_visit_gets_its_places_before_a_large_one_is_through(settings: Settings, smtp: Relay) -> None:
    few = replace(settings, mail_domain_rate=6)
    invite(few, slow=100)
    rounds.deliver(few, 5)
    invite(few, slow=2)
    rounds.deliver(few, 5)
    for _ in range(20):
        later(seconds=10)
        rounds.deliver(few, 5)
    with db.transaction() as session:
        sent = session.execute(
            select(Message.thread, func.count()).where(Message.end == "sent").group_by(Message.thread)
        )
        by_visit = sorted(count for _, count in sent)
    assert by_visit[0] == 2
    assert by_visit[1] < 30


@pytest.mark.parametrize("words", ["421 4.3.2 Later", "451 4.7.1 Too much", "450 4.7.28 Unusual rate of mail"])
def test_a_domain_that_says_later_is_sent_less_and_the_others_as_before(
    words: str, settings: Settings, smtp: Relay
) -> None:
    with db.transaction():
        make.invitation(make.visit(), make.customer(email=f"first@{SLOW}"))
    smtp.refuse(f"first@{SLOW}", words)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    assert a_minute_now(settings) == 60
    invite(settings, slow=10, fast=10)
    rounds.deliver(settings, 5)
    assert arrived(smtp)[FAST] == 10
    assert arrived(smtp)[SLOW] < 10


@pytest.mark.parametrize("words", ["450 4.2.1 Mailbox busy", "451 4.3.0 Try again", "550 5.7.1 Policy"])
def test_what_is_said_about_one_mailbox_slows_nobody(words: str, settings: Settings, smtp: Relay) -> None:
    smtp.refuse("slow0-1@slow.example", words)
    with db.transaction():
        make.invitation(make.visit(), make.customer(email="slow0-1@slow.example"))
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 5)
    assert budget() is None


def test_each_later_halves_the_rate_and_each_quiet_minute_gives_a_quarter_back(
    settings: Settings,
) -> None:
    def says_later(at: datetime) -> float | None:
        with db.transaction() as session:
            budgets.slow(session, settings, SLOW, at)
            return budgets.rate(session.get_one(Budget, SLOW), settings, at)

    began = time.real()
    minute = timedelta(minutes=1)
    assert [says_later(began), says_later(began + timedelta(seconds=1))] == [60, 60], "was under way already"
    assert [says_later(began + minute / 2), says_later(began + minute)] == [30, 15]
    for n in range(2, 8):
        says_later(began + n * minute)
    with db.transaction() as session:
        found = session.get_one(Budget, SLOW)
        slowed = found.slowed_at or began
        assert budgets.rate(found, settings, slowed) == pytest.approx(found.slowed_to)
        assert budgets.rate(found, settings, slowed + minute) == pytest.approx((found.slowed_to or 0) * 1.25)
        assert budgets.rate(found, settings, slowed + 40 * minute) is None
        most = replace(settings, mail_domain_rate=20)
        assert budgets.rate(found, most, slowed + 40 * minute) == 20


def test_no_domain_is_slowed_to_less_than_one_a_minute(settings: Settings) -> None:
    at = time.real()
    with db.transaction() as session:
        for n in range(12):
            budgets.slow(session, settings, SLOW, at + n * timedelta(seconds=15))
        assert session.get_one(Budget, SLOW).slowed_to == 1


def test_a_relay_that_greets_with_421_slows_everything(settings: Settings) -> None:
    with Greeter(greeting="421 4.7.0 relay.example too many connections") as relay:
        told = replace(settings, mail_port=relay.port)
        invite(told, slow=2, fast=2)
        assert rounds.deliver(told, 5) == 0
    assert a_minute_now(told, budgets.RELAY) == 600
    assert [(each.attempts, each.owner) for each in waiting()] == [(0, None)] * 4


def test_a_relay_that_hangs_up_after_so_many_mails_slows_nobody(settings: Settings) -> None:
    with Greeter(most=3) as relay:
        told = replace(settings, mail_port=relay.port, group=2)
        invite(told, slow=5, fast=5)
        assert rounds.deliver(told, 20) == 10
    assert (budget(), budget(FAST), budget(budgets.RELAY)) == (None, None, None)


def test_a_relay_that_takes_nobodys_mail_is_slowed_and_no_domain(settings: Settings) -> None:
    with Greeter(script=lambda _: Fault("mail", "450 4.7.1 Too many mails from you")) as relay:
        told = replace(settings, mail_port=relay.port)
        invite(told, slow=1, fast=1)
        assert rounds.deliver(told, 5) == 0
    assert (budget(), budget(FAST), a_minute_now(told, budgets.RELAY)) == (None, None, 600)


def test_a_budget_that_nobody_needed_for_an_hour_is_forgotten(settings: Settings) -> None:
    with db.transaction() as session:
        budgets.slow(session, settings, SLOW, time.real())
        budgets.slow(session, settings, FAST, time.real() - timedelta(hours=2))
    rounds.tick(settings)
    assert (budget(FAST), budget(SLOW) is not None) == (None, True)


def test_only_so_many_talk_to_the_relay_at_once_and_one_place_is_kept_for_what_is_urgent(
    settings: Settings, smtp: Relay
) -> None:
    two = replace(settings, mail_connections=2)
    invite(two, fast=3)
    with rounds.sender(two) as first, rounds.sender(two) as second, rounds.sender(two) as urgent:
        assert first
        assert second
        assert urgent
        assert first.work(ALL, 5) == 3
        invite(two, slow=3)
        assert second.work(ALL, 5) == 0, "the other place is kept"
        with db.transaction() as session:
            session.add(MailTest(account=make.account(email="anna@uni.example"), at=time.now()))
        rounds.tick(two, wide=True)
        assert urgent.work(("urgent",), 5) == 1
    assert rounds.deliver(two, 5) == 3, "who leaves makes room"


def test_one_connection_serves_all_lanes(settings: Settings, smtp: Relay) -> None:
    one = replace(settings, mail_connections=1)
    invite(one, fast=3)
    assert rounds.deliver(one, 5) == 3


def test_without_a_bound_nothing_is_counted(settings: Settings, smtp: Relay) -> None:
    invite(settings, slow=5, fast=5)
    assert rounds.deliver(settings, 5) == 10
    with db.transaction() as session:
        assert session.scalars(select(Budget)).all() == []
