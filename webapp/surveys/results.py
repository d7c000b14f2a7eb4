"""What people said, from five answers on, and nothing from which fewer could be worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any, TypeVar

from sqlalchemy import func, select

from webapp import db
from webapp.surveys.instruments import CHECKS, CONSTRUCTS, CUSTOMER, STAFF, Item
from webapp.surveys.models import SHOWN_FROM, Ballot, Register, Wave
from webapp.visits.models import Visit

POOLED_OVER = timedelta(days=365)
Key = TypeVar("Key")
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Score:
    """The answers to one question, or one construct: mean of the scores, how many people, how many chose each point."""

    name: str
    mean: float
    n: int
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Response:
    """How many were asked, and how many answered."""

    asked: int
    answered: int


def shown(counts: Mapping[Key, int], k: int = SHOWN_FROM) -> set[Key]:
    """Which groups may be shown beside their total, so that no group under `k` can be worked out by subtraction.

    Groups under k are hidden; while the hidden ones together are fewer than k, the smallest shown one is hidden too
    (complementary suppression, Hundepool et al. 2012, Statistical Disclosure Control, 4.2).
    """
    open_ = sorted((key for key in counts if counts[key] >= k), key=lambda key: counts[key])
    hidden = sum(n for n in counts.values() if 0 < n < k)
    while open_ and 0 < hidden < k:
        hidden += counts[open_.pop(0)]
    return set(open_)


def score(item: Item, ballots: Sequence[Answers]) -> Score | None:
    """One question over all ballots; None under five answers."""
    values = [answers[item.name] for answers in ballots if isinstance(answers.get(item.name), int)]
    if len(values) < SHOWN_FROM:
        return None
    counts = tuple(values.count(point) for point in range(1, item.points + 1))
    return Score(item.name, fmean(item.score(value) for value in values), len(values), counts)


def construct(name: str, ballots: Sequence[Answers]) -> Score | None:
    """The three items of a construct: mean of each person's mean, over who answered at least two of them."""
    wanted = [item for item in STAFF if name in (item.construct, "overall")]
    people = []
    for answers in ballots:
        values = [item.score(answers[item.name]) for item in wanted if isinstance(answers.get(item.name), int)]
        if len(values) * 3 >= len(wanted) * 2:
            people.append(fmean(values))
    return Score(name, fmean(people), len(people)) if len(people) >= SHOWN_FROM else None


def ballots(audience: str, label: str, since: datetime, visit_id: int | None = None) -> list[Answers]:
    """The ballots of visits after `since`, shuffled when they were moved; of one visit only for staff."""
    query = select(Ballot.answers).join(Wave, Wave.id == Ballot.wave_id).join(Visit, Visit.id == Wave.visit_id)
    query = query.where(Wave.audience == audience, Wave.label == label, Visit.starts_at > since).order_by(Ballot.key)
    if visit_id is not None:
        query = query.where(Visit.id == visit_id)
    return list(db.session.scalars(query))


def visits_shown(audience: str, label: str, since: datetime) -> set[int]:
    """The visits whose own results may be shown beside the total."""
    if audience == "customer":
        return set()
    query = (
        select(Wave.visit_id, func.count(Ballot.key).label("n"))
        .join(Visit, Visit.id == Wave.visit_id)
        .outerjoin(Ballot, Ballot.wave_id == Wave.id)
        .where(Wave.audience == audience, Wave.label == label, Visit.starts_at > since)
        .group_by(Wave.visit_id)
    )
    return shown({row.visit_id: row.n for row in db.session.execute(query)})


def response(audience: str, since: datetime, now: datetime, visit_id: int | None = None) -> Response:
    """How many of those whose window has opened have answered."""
    query = (
        select(func.count(), func.count().filter(Register.answered))
        .join(Wave, Wave.id == Register.wave_id)
        .join(Visit, Visit.id == Wave.visit_id)
        .where(Wave.audience == audience, Register.opens_at <= now, Visit.starts_at > since)
    )
    if visit_id is not None:
        query = query.where(Visit.id == visit_id)
    asked, answered = db.session.execute(query).one()
    return Response(asked, answered)


def customer_scores(found: Sequence[Answers]) -> list[Score]:
    """Every question of the customer form that enough people answered."""
    return [each for item in CUSTOMER if item.points and (each := score(item, found))]


def staff_scores(found: Sequence[Answers]) -> list[Score]:
    """The overall score, then the three constructs."""
    return [each for name in ("overall", *CONSTRUCTS) if (each := construct(name, found))]


def check_scores(found: Sequence[Answers]) -> list[Score]:
    return [each for item in CHECKS if (each := score(item, found))]


def words(found: Sequence[Answers]) -> list[str]:
    """What customers wrote, in no order; only when five or more wrote something."""
    texts = [str(answers["complete"]) for answers in found if answers.get("complete")]
    return texts if len(texts) >= SHOWN_FROM else []
