"""Whom could we ask? By fit, rest and fairness, and why, in words. What it is sorted by is thrown away: nobody is scored.

Nobody goes through everybody: who would like to come, who was never asked, and who was asked longest ago are found by
their indexes, a few hundred at most, and only these are looked at closely.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from webapp import db
from webapp.board.saying import _, day_short
from webapp.customers import asks
from webapp.customers.asks import Ask, MayNotAsk
from webapp.customers.models import Customer
from webapp.customers.nominations import Nomination
from webapp.customers.requests import ConsentRequest
from webapp.groups.models import EndUserGroup, TeamGroupLink
from webapp.mailing.models import Address
from webapp.staff.models import Team
from webapp.stages.standing import Standings

LOOKED_AT, SHOWN = 120, 24
"""Of each kind; in all."""
ASKABLE_YET = ("owner_first", "owner_waits", "owner_silent")
"""Against asking now, but a step of ours leads on."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who could be asked: why, and what has to be done first."""

    customer: Customer
    reasons: Sequence[str]
    first: MayNotAsk | None

    @property
    def can_be_invited(self) -> bool:
        return self.first is None


@dataclass(frozen=True)
class Wanted:
    """For whom we look."""

    group: EndUserGroup | None = None
    team: Team | None = None
    locale: str = ""
    short_notice: bool = False

    @property
    def groups(self) -> Mapping[int, TeamGroupLink | None]:
        """The groups that fit, with what the team does for them."""
        if self.team is not None:
            links = select(TeamGroupLink).where(TeamGroupLink.team_id == self.team.id)
            found = {each.group_id: each for each in db.session.scalars(links)}
            return {self.group.id: found.get(self.group.id)} if self.group else found
        return {self.group.id: None} if self.group else {}

    def names(self) -> dict[str, int]:
        """Every spelling of these groups, as it stands with customers."""
        root = EndUserGroup.root()
        spellings = select(EndUserGroup.name, root.label("root")).where(root.in_(list(self.groups)))
        return {row.name: row.root for row in db.session.execute(spellings)} if self.groups else {}


@dataclass(frozen=True)
class Nominee:
    """Somebody a colleague nominated, who may not be asked to come yet."""

    nomination: Nomination
    asked_on: str
    """The day on which they were asked what they allow; empty: that is to be done."""
    against: MayNotAsk | None
    """Why even that is not asked now, or who is asked first."""

    @property
    def customer(self) -> Customer:
        return self.nomination.customer


def nominees(wanted: Wanted, now: datetime) -> list[Nominee]:
    """Of whom nothing came yet; the longest ago first."""
    names = wanted.names()
    if (wanted.group or wanted.team) and not names:
        return []
    first = select(func.min(Nomination.id)).where(Nomination.outcome.is_(None)).group_by(Nomination.customer_id)
    found = select(Nomination).join(Nomination.customer).where(Nomination.id.in_(first), ~Customer.may_be_asked())
    found = found.where(*_fits(wanted, names)).options(contains_eager(Nomination.customer))
    rows = db.session.scalars(found.order_by(Nomination.at, Nomination.id).limit(SHOWN)).all()
    people = [each.customer for each in rows if each.customer.ground == "not_yet"]
    open_ones = (
        db.among(ConsentRequest.customer_id, [each.id for each in people]),
        ConsentRequest.answered_at.is_(None),
    )
    asked = {each.customer_id: each for each in db.session.scalars(select(ConsentRequest).where(*open_ones))}
    limits = asks.limits(people, now)
    return [
        _nominee(each, asked.get(each.customer_id), limits.get(each.customer_id), now)
        for each in rows
        if each.customer in people
    ]


def _nominee(nomination: Nomination, asked: ConsentRequest | None, limit: MayNotAsk | None, now: datetime) -> Nominee:
    refused = asks.refusal(nomination.customer, "consent", now)
    if refused is not None and refused.why == "no_address" and nomination.customer.phone:
        refused = None  # is phoned
    return Nominee(nomination, day_short(asked.asked_at) if asked else "", refused or limit)


def candidates(wanted: Wanted, now: datetime) -> list[Candidate]:
    """The best first."""
    names, links = wanted.names(), wanted.groups
    if (wanted.group or wanted.team) and not names:
        return []
    standings = Standings(now)
    near = _near(wanted, names, standings)
    rows = {row.Customer.id: row for query in near for row in db.session.execute(query)}
    people = [row.Customer for row in rows.values()]
    against = asks.limits(people, now)
    met, history = asks.last_met([each.id for each in people], now), _history([each.id for each in people])
    found = []
    for customer in people:
        refused = asks.refusal(customer, "visit", now)
        limit = against.get(customer.id)
        if refused is not None or (limit is not None and limit.why not in ASKABLE_YET):
            continue
        row, (count, last) = rows[customer.id], history.get(customer.id, (0, None))
        link = links.get(names.get(customer.group, 0))
        order = (
            limit is not None, row.stage != "willing", link is None, customer.short_notice_at is None, count,
            last.timestamp() if last else 0.0, met[customer.id].timestamp() if customer.id in met else 0.0,
            customer.added_at.timestamp(), customer.id,
        )  # fmt: skip
        reasons = list(_reasons(customer, row.stage, link, count, last, met.get(customer.id)))
        found.append((order, Candidate(customer, reasons, limit)))
    return [candidate for _order, candidate in sorted(found, key=lambda each: each[0])[:SHOWN]]


def _near(wanted: Wanted, names: Mapping[str, int], standings: Standings) -> Iterator[Select[Any]]:
    """Who would like to come; who was never asked; who was asked longest ago."""
    usable = or_(Address.id.is_(None), Address.suppressed_at.is_(None), Address.suppressed_why == "bounce")
    everybody = (
        standings.select(Customer)
        .outerjoin(Address, Address.id == Customer.address_id)
        .where(Customer.may_be_asked(), usable, *_fits(wanted, names))
        .options(selectinload(Customer.consents), selectinload(Customer.contacts))
    )
    yield everybody.where(standings.at("willing")).order_by(standings.place).limit(LOOKED_AT)
    never = ~exists().where(Ask.customer_id == Customer.id)
    yield everybody.where(standings.at("found"), never).order_by(Customer.id).limit(LOOKED_AT)
    last = select(Ask.customer_id, func.max(Ask.at).label("at")).group_by(Ask.customer_id).subquery("last")
    again = everybody.join(last, last.c.customer_id == Customer.id).where(standings.at("found"))
    yield again.order_by(last.c.at).limit(LOOKED_AT)


def _fits(wanted: Wanted, names: Mapping[str, int]) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = [Customer.erased_at.is_(None)]
    fits += [Customer.group.in_(list(names))] if names else []
    fits += [Customer.locale == wanted.locale] if wanted.locale else []
    fits += [Customer.short_notice_at.is_not(None)] if wanted.short_notice else []
    return fits


def _history(customer_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None]]:
    """How often somebody was ever asked, and when last."""
    mine = select(Ask.customer_id, func.count().label("asked"), func.max(Ask.at).label("last"))
    rows = db.session.execute(mine.where(db.among(Ask.customer_id, customer_ids)).group_by(Ask.customer_id))
    return {row.customer_id: (row.asked, row.last) for row in rows}


def _reasons(
    customer: Customer, stage: str, link: TeamGroupLink | None, count: int, last: datetime | None, met: datetime | None
) -> Iterator[str]:
    if stage == "willing":
        yield _("Would like to come.")
    if link is not None and link.does:
        yield _("%(team)s does this for them: %(does)s", team=link.team.name, does=link.does)
    elif customer.group:
        yield _("Belongs to %(group)s.", group=customer.group)
    if not count:
        yield _("Was never asked.")
    elif last is not None:
        yield _("Asked last on %(day)s.", day=day_short(last))
    yield _("Was at a visit on %(day)s, and has rested.", day=day_short(met)) if met else _("Was never at a visit.")
    if customer.short_notice_at:
        yield _("Can come at short notice.")
    if customer.address is None:
        yield _("Has no e-mail address: call.")
