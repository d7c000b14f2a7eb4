"""Send budgets: how many mails a minute the relay and each recipient domain are given, and what "later" does to that.

A mail over its budget gets a place in line (GCRA): it is due again when its turn comes. So nothing that is blocked is
ever looked through, other domains are not held up, and it is no try. A budget's row is locked until the claim commits.
"""

import random
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Text, any_, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp import clock, db
from webapp.config import Settings
from webapp.mailing.models import Address, Budget, Dispatch, Message, Waits
from webapp.mailing.status import OPENING, Outcome

RELAY = ""
"""In place of a domain: the mail server that all mail goes through."""
MINUTE = timedelta(minutes=1)
KEPT = timedelta(seconds=5)
"""A place that nobody took can still be taken so much later: mail is claimed every two seconds, in batches."""
LINE = timedelta(minutes=10)
"""How far ahead places are given. Who finds the line full asks again within that time, by chance: a rate that recovers
is soon used, a small campaign finds its place before a large one is through, and each mail is looked at rarely."""
AHEAD = 10
"""So many of each campaign stand in a line of their own: a visit of ten passes thousands. What is urgent has a third."""

CLOSING = 421
POLICY = "4.7."
"""Enhanced codes about who sends how much (RFC 3463, section 3.8; 4.7.28 and 4.7.0 at the large providers)."""
FIRST_SLOWED = {True: 600.0, False: 60.0}
"""Mails a minute after the first "later" of who had no bound: the relay (True) ten a second, a domain one."""
SLOWEST = 1.0
RECOVERS = 1.25
"""Times as many after each minute without another "later": ten times as many after ten."""
FREE = 10
"""Times the first slowed rate: recovered so far, who had no bound has none again."""
SAME_COMPLAINT = timedelta(seconds=10)
"""What is heard so soon after is about mail that had left before it was slowed."""
FORGOTTEN = timedelta(hours=1)
"""After that it has recovered whatever it was; and a domain may name a person."""


@dataclass
class _Line:
    """Those who wait for a place in one budget, as one claim sees it."""

    budget: Budget
    step: timedelta

    def free(self, real: datetime) -> bool:
        return self.budget.next_at <= real

    def take(self, real: datetime) -> None:
        self.budget.next_at = max(self.budget.next_at, real - KEPT) + self.step

    def place(self, end: str, real: datetime) -> datetime:
        """The next one in the line that ends at the budget's `end`; by chance when that is too far ahead."""
        place: datetime = max(getattr(self.budget, end), self.budget.next_at)
        if place > real + LINE:
            return real + random.random() * LINE  # noqa: S311  (spreads load, guards nothing)
        setattr(self.budget, end, place + self.step)
        return place


def set_up(settings: Settings) -> bool:
    """Whether anything is counted before anybody says that it is too much."""
    return settings.mail_rate is not None or settings.mail_domain_rate is not None


def admitted(session: Session, settings: Settings, lane: str, ids: Collection[int], real: datetime) -> list[int]:
    """Which of these dispatches, all locked, may leave now. The others get a place in line."""
    mails = session.execute(
        select(Dispatch.message_id, Dispatch.turn, func.split_part(Address.email, "@", -1).label("domain"))
        .join_from(Dispatch, Message)
        .join(Address)
        .where(db.among(Dispatch.message_id, ids))
        .order_by(Dispatch.turn, func.random())  # who was given least so far; not always the same among equals
    ).all()
    lines = _lines(session, settings, {mail.domain for mail in mails} | {RELAY}, real)
    go, wait = [], []
    for mail in mails:
        mine = [lines[each] for each in (RELAY, mail.domain) if each in lines]
        full = [line for line in mine if not line.free(real)]
        if full:
            end = "urgent_at" if lane == "urgent" else "ahead_at" if mail.turn <= AHEAD else "line_at"
            why: Waits = "relay" if full[0].budget.domain == RELAY else "domain"
            try_at = max(line.place(end, real) for line in full)
            wait.append({"message_id": mail.message_id, "waits": why, "try_at": try_at})
            continue
        for line in mine:
            line.take(real)
        go.append(mail.message_id)
    if wait:
        session.execute(update(Dispatch), wait)
    return go


def _lines(session: Session, settings: Settings, domains: Iterable[str], real: datetime) -> dict[str, _Line]:
    """Of those that have a bound; ours until the transaction ends. In order of name, so that nobody waits in a circle."""
    theirs = Budget.domain == any_(literal(list(domains), ARRAY(Text)))
    bounded = {each for each in domains if _setting(settings, each) is not None}
    if new := bounded.difference(session.scalars(select(Budget.domain).where(theirs))) if bounded else ():
        session.execute(insert(Budget).on_conflict_do_nothing(), [_unused(each, real) for each in sorted(new)])
    budgets = session.scalars(select(Budget).where(theirs).order_by(Budget.domain).with_for_update()).all()
    rates = {budget.domain: (budget, rate(budget, settings, real)) for budget in budgets}
    return {name: _Line(budget, MINUTE / many) for name, (budget, many) in rates.items() if many is not None}


def _unused(name: str, real: datetime) -> dict[str, Any]:
    return {"domain": name} | dict.fromkeys(("next_at", "urgent_at", "ahead_at", "line_at"), real)


def rate(budget: Budget, settings: Settings, real: datetime) -> float | None:
    """Mails a minute now. None: no bound."""
    most = _setting(settings, budget.domain)
    if budget.slowed_to is None or budget.slowed_at is None:
        return most
    quiet = min(real - budget.slowed_at, FORGOTTEN) // MINUTE
    recovered = budget.slowed_to * RECOVERS ** max(quiet, 0)
    return recovered if recovered < (most or FREE * FIRST_SLOWED[budget.domain == RELAY]) else most


def _setting(settings: Settings, domain: str) -> int | None:
    return settings.mail_rate if domain == RELAY else settings.mail_domain_rate


def heard(settings: Settings, said: Iterable[tuple[str, Outcome]]) -> None:
    """What became of mail to these recipients. Who said that it is too much, now or at all, is sent less for a while."""
    for name in sorted({name for recipient, outcome in said if (name := _too_much(recipient, outcome)) is not None}):
        with db.transaction() as session:  # each by itself: it waits for a claim, and holds nothing that one waits for
            slow(session, settings, name, clock.real())


def _too_much(recipient: str, outcome: Outcome) -> str | None:
    """Whose budget this is about: a domain, or the relay's. None: it is not about how much is sent.

    The answer to MAIL is about the relay: it has not heard for whom yet. One that hangs up then, as some do after so many
    mails, leaves the mail unsent and is called again; only if it says so then, too, is it too much.
    """
    if outcome.kind != "deferred":
        return None
    about_sending = outcome.stage not in OPENING and (outcome.enhanced or "").startswith(POLICY)
    if not about_sending and outcome.code != CLOSING:
        return None
    return RELAY if outcome.stage in (*OPENING, "mail") else recipient.rpartition("@")[2].lower()


def slow(session: Session, settings: Settings, name: str, real: datetime) -> None:
    """Half as much as now; one a second, or ten, where nobody counted."""
    session.execute(insert(Budget).values(_unused(name, real)).on_conflict_do_nothing())
    budget = session.get_one(Budget, name, with_for_update=True)
    if budget.slowed_at is not None and real - budget.slowed_at < SAME_COMPLAINT:
        return
    now = rate(budget, settings, real)
    budget.slowed_to = max(now / 2, SLOWEST) if now is not None else FIRST_SLOWED[name == RELAY]
    budget.slowed_at = real
    budget.next_at = max(budget.next_at, real)  # places that nobody took are gone


def forget(now: datetime) -> None:
    """A step of every tick: budgets that nobody needed lately. By the real clock, as they are counted."""
    before = clock.real() - FORGOTTEN
    old = (
        select(Budget.domain)
        .where(Budget.next_at < before, or_(Budget.slowed_at.is_(None), Budget.slowed_at < before))
        .with_for_update(skip_locked=True)
    )
    db.session.execute(delete(Budget).where(Budget.domain.in_(old.scalar_subquery())))
