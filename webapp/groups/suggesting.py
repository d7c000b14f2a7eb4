"""What colleagues named, by name: how many named it, who, what it looks like, and what was decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from sqlalchemy import Select, Text, and_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from webapp import db
from webapp.groups.models import Asked, EndUserGroup, SetAside, Suggestion
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team

State = Literal["waiting", "group", "aside"]
STATES: tuple[State, ...] = get_args(State)
ALIKE = 0.3
"""From this similarity of trigrams on, two names are shown together (pg_trgm's own limit); a person decides."""
PAGE = 40
"""Names at a time."""
PEOPLE_NAMED = 12


@dataclass
class Named:
    """One name, as most wrote it."""

    folded: str
    text: str
    count: int
    questions: list[int]
    group_id: int | None
    people: list[tuple[PersonName, str, str]] = field(default_factory=list)
    """Who gave it: name, team, layer; the first few."""
    alike: list[EndUserGroup] = field(default_factory=list)
    """Groups it looks like, the most alike first."""


def counts(round_id: int | None = None) -> dict[State, int]:
    """How many names there are in each state."""
    names = _names(round_id).subquery()
    query = select(names.c.state, func.count()).group_by(names.c.state)
    return dict.fromkeys(STATES, 0) | dict(db.session.execute(query).all())


def names(state: State, round_id: int | None = None, page: int = 0, size: int = PAGE) -> list[Named]:
    """The names in a state, who named them, and which groups they look like: four statements, however many there are."""
    found = _names(round_id).subquery()
    query = select(found.c.folded, found.c.text, found.c.count, found.c.questions, found.c.group_id)
    query = query.where(found.c.state == state).order_by(found.c.count.desc(), found.c.folded)
    named = [Named(*row) for row in db.session.execute(query.offset(page * size).limit(size))]
    if named:
        _add_people(named, round_id)
        if state == "waiting":
            _add_alike(named)
    return named


def clusters(named: Sequence[Named]) -> list[list[Named]]:
    """The same names, each with those it looks like; the one that most gave comes first."""
    texts = [each.folded for each in named]
    one, other = (func.unnest(literal(texts, ARRAY(Text))).table_valued("name").alias(a) for a in ("one", "other"))
    close = and_(one.c.name < other.c.name, func.similarity(one.c.name, other.c.name) >= ALIKE)
    pairs = (
        db.session.execute(select(one.c.name, other.c.name).select_from(one).join(other, close)).all() if texts else []
    )
    near: dict[str, set[str]] = {}
    for a, b in pairs:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    left = {each.folded: each for each in named}
    made = []
    while left:
        first = left.pop(next(iter(left)))
        made.append([first, *(left.pop(name) for name in list(left) if name in near.get(first.folded, ()))])
    return made


def _names(round_id: int | None) -> Select[Any]:
    """One row per name. A name that one ticked and another typed is one name; where people were held to different
    groups, it is one row for each."""
    means = Suggestion.means().label("means")
    said = select(Suggestion.folded, Suggestion.text, Suggestion.asked_id, Suggestion.question, means)
    if round_id is not None:
        said = said.join(Asked, Asked.id == Suggestion.asked_id).where(Asked.round_id == round_id)
    rows = said.subquery()
    is_aside = select(SetAside.id).where(SetAside.folded == rows.c.folded).exists()
    state = case((rows.c.means.is_not(None), "group"), (is_aside, "aside"), else_="waiting")
    grouped: Select[Any] = select(
        rows.c.folded,
        func.mode().within_group(rows.c.text).label("text"),
        func.count(rows.c.asked_id.distinct()).label("count"),
        func.array_agg(rows.c.question.distinct()).label("questions"),
        rows.c.means.label("group_id"),
        func.min(state).label("state"),
    )
    return grouped.group_by(rows.c.folded, rows.c.means)


def _add_people(named: Sequence[Named], round_id: int | None) -> None:
    turn = func.row_number().over(partition_by=Suggestion.folded, order_by=StaffMember.sorting).label("turn")
    names_ = (StaffMember.title, StaffMember.given, StaffMember.particle, StaffMember.family)
    query = (
        select(Suggestion.folded, *names_, func.coalesce(Team.name, "").label("team"), Asked.layer, turn)
        .join(Asked, Asked.id == Suggestion.asked_id)
        .join(StaffMember, StaffMember.id == Asked.staff_id)
        .outerjoin(Team, Team.id == Asked.team_id)
        .where(Suggestion.folded.in_([each.folded for each in named]))
    )
    if round_id is not None:
        query = query.where(Asked.round_id == round_id)
    rows = query.subquery()
    by_name = {each.folded: each for each in named}
    for same, title, given, particle, family, team, layer, _turn in db.session.execute(
        select(rows).where(rows.c.turn <= PEOPLE_NAMED).order_by(rows.c.turn)
    ):
        person = (PersonName(title or "", given, particle, family), team, layer)
        if person not in by_name[same].people:
            by_name[same].people.append(person)


def alike(texts: Sequence[str], most: int = 3) -> dict[str, list[EndUserGroup]]:
    """By folded name, the groups it looks like, the most alike first; a spelling stands for its group."""
    given = func.unnest(literal(list(texts), ARRAY(Text))).table_valued("name").alias("given")
    score = func.max(func.similarity(EndUserGroup.folded, given.c.name)).label("score")
    near = (
        select(given.c.name, EndUserGroup.root().label("root"), score)
        .join(EndUserGroup, EndUserGroup.folded.op("%")(given.c.name))
        .group_by(given.c.name, EndUserGroup.root())
        .subquery()
    )
    group = aliased(EndUserGroup)
    query = select(near.c.name, group).join(group, group.id == near.c.root).where(near.c.score >= ALIKE)
    found: dict[str, list[EndUserGroup]] = {}
    for name, each in db.session.execute(query.order_by(near.c.name, near.c.score.desc(), group.id)):
        if len(found.setdefault(name, [])) < most:
            found[name].append(each)
    return found


def _add_alike(named: Sequence[Named]) -> None:
    near = alike([each.folded for each in named])
    for each in named:
        each.alike = near.get(each.folded, [])
