"""The map of the sample: groups, what teams do for them, a round that has closed and one that is open, and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy import func, select

from webapp import db
from webapp.accounts.models import Account
from webapp.demo.past import Past
from webapp.groups import asking, merging, sampling
from webapp.groups.models import Asked, MappingRound, TeamGroupLink
from webapp.groups.notices import MappingQuestion
from webapp.staff.models import Team

GROUPS: tuple[tuple[str, str, str, str, str], ...] = (
    ("beursstudent", "customer", "present", "direct", "Zij studeren van het geld dat de bellers ophalen."),
    ("oud-beursstudent", "customer", "past", "direct", "Zij studeerden van het studiefonds en werken nu."),
    ("ouder van beursstudent", "customer", "present", "indirect", "Zonder beurs betalen zij, of gaat het niet door."),
    ("alumnus-donateur", "other", "present", "direct", "Zij geven, en willen weten wat ervan komt."),
    ("promovendus", "customer", "present", "direct", "Een deel van het fonds is voor onderzoek."),
    ("collega van het Beurzenbureau", "customer", "present", "internal", "Zij keren uit wat anderen binnenhalen."),
    ("scholier die twijfelt", "customer", "potential", "indirect", ""),
)
"""Name, kind, time, relation, what they get out of it."""
LINKS: Mapping[str, Mapping[str, str]] = {
    "Bellers avond A": {"beursstudent": "Zij halen het geld op waar de beurs van komt.",
                        "alumnus-donateur": "Zij spreken alumni elke avond."},
    "Bellers avond B": {"beursstudent": "Zij halen het geld op waar de beurs van komt."},
    "Bellers dag A": {"beursstudent": "Zij halen het geld op waar de beurs van komt.", "ouder van beursstudent": ""},
    "Bellers weekend": {"alumnus-donateur": "Zij bellen wie doordeweeks werkt."},
    "Donateursadministratie": {"alumnus-donateur": "Zij zorgen dat een gift klopt en bedankt wordt."},
    "Beurzenbureau": {"beursstudent": "Zij beoordelen elke aanvraag.", "promovendus": "Zij volgen de reisbeurzen."},
    "ICT": {"beursstudent": "Zij bouwen het aanvraagformulier.",
            "collega van het Beurzenbureau": "Zij houden het systeem in de lucht."},
}  # fmt: skip
SAID: Mapping[str, Sequence[tuple[int, str]]] = {
    "front_line": (
        (1, "beursstudenten"), (1, "Alumni"), (2, "ouder van beursstudent"), (1, "beursstudent"),
        (3, "de decaan op hun middelbare school"), (2, "broertjes en zusjes"),
    ),
    "back_office": (
        (1, "alumnus-donateur"), (1, "promovendus"), (2, "de accountant"), (3, "oud-beursstudent"),
        (1, "collega die het geld uitkeert"),
    ),
    "support": (
        (1, "collega van het Beurzenbureau"), (1, "beurs-studenten"), (2, "alumnus donateur"),
        (3, "de decaan op hun middelbare school"), (1, "drukker"),
    ),
    "management": ((1, "beursstudent"), (2, "scholier die twijfelt"), (3, "een oud-beursstudent die weigerde")),
}  # fmt: skip
"""By layer, what colleagues name in answer to which question."""
SPELLED = {"beursstudenten": "beursstudent"}
"""What was decided about already."""
A_MINUTE = timedelta(minutes=1)
MORNING = {"hour": 8, "minute": 30, "second": 0, "microsecond": 0}
"""In UTC: by daylight, summer and winter."""


@dataclass(frozen=True)
class Round:
    """A round that started so many `days` ago, and how many in a hundred answered."""

    days: int
    sizes: Mapping[str, int]
    answer: int
    seed: int


ROUNDS = (
    Round(96, {"front_line": 16, "back_office": 8, "support": 6, "management": 3}, 80, 4),
    Round(4, {"front_line": 12, "back_office": 6, "support": 4, "management": 2}, 55, 5),
)


def begin(past: Past, by: Account, begun: datetime) -> None:
    """Groups and links from the beginning; then the rounds, each with its mail and its answers."""
    past.at(begun, partial(_group, by))
    past.at(past.now - timedelta(days=80), partial(_decide, by))
    for each in ROUNDS:
        start = (past.now - timedelta(days=each.days)).replace(**MORNING)  # type: ignore[arg-type]  # four numbers
        past.at(start, partial(_ask, each, by))
        past.at(start + 2 * A_MINUTE, past.mail(MappingQuestion))
        past.at(start + timedelta(days=3), partial(_answer, each))


def _group(by: Account, now: datetime) -> None:
    groups = {
        name: merging.add(name, by, now, kind=kind, time=time, relation=relation, description=description)
        for name, kind, time, relation, description in GROUPS
    }
    teams = {team.name: team for team in db.session.scalars(select(Team))}
    db.session.add_all([
        TeamGroupLink(team_id=teams[name].id, group_id=groups[group].id, does=text, added_at=now, added_by_id=by.id)
        for name, does in LINKS.items()
        for group, text in does.items()
    ])  # fmt: skip


def _decide(by: Account, now: datetime) -> None:
    for name, called in SPELLED.items():
        group = merging.find(called)
        assert group is not None  # one of GROUPS
        merging.spell(name, group, by, now)


def _ask(each: Round, by: Account, now: datetime) -> None:
    sizes = sampling.allowed(each.sizes, now)
    people = [row.staff_id for row in db.session.execute(sampling.drawn(str(each.seed), sizes, now))]
    asking.start(str(each.seed), sizes, sampling.fingerprint(people), 14, by, now, A_MINUTE)


def _answer(each: Round, now: datetime) -> None:
    chance = Random(each.seed)  # noqa: S311  (the same sample at every load)
    last = select(func.max(MappingRound.id)).scalar_subquery()
    for asked in db.session.scalars(select(Asked).where(Asked.round_id == last).order_by(Asked.id)).all():
        if chance.randrange(100) < each.answer:
            said = chance.sample(SAID[asked.layer], k=chance.randint(2, 3))
            names = {question: [name for n, name in said if n == question] for question, _name in said}
            asking.answer(asked, names, {}, now - timedelta(hours=chance.randint(1, 70)))
