"""What the database knows about a season, as a problem: who is willing, which team can when, which room is free."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Text, and_, cast, func, or_, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.accounts.models import Organisation
from webapp.customers import asks
from webapp.customers.asks import YEAR, Ask
from webapp.customers.models import Customer
from webapp.groups.models import EndUserGroup, TeamGroupLink
from webapp.planning.models import PlannedLine, Season, SeasonPlan, together
from webapp.planning.problem import Bounds, Line, Person, Problem, Room, Team
from webapp.staff import models as staff
from webapp.stories.models import Story
from webapp.visits import models as visits
from webapp.visits import wall
from webapp.visits.models import Visit, visit_team

PEOPLE_AT_MOST = 3000
"""Looked at, those first who were asked longest ago: more than any season needs."""
LANGUAGES = frozenset({"nl", "en"})
Window = tuple[datetime, datetime]


def problem_of(plan: SeasonPlan, now: datetime) -> Problem:
    """Everything as it is at `now`, with what the organiser pinned and refused in earlier plans of the season."""
    season = plan.season
    walls = slots(season, now)
    windows = [_window(each, season) for each in walls]
    teams = _teams(season, windows, now)
    before = plan.before()
    stood = [line for line in before.lines if line.visit_id is None and line.refused_at is None] if before else []
    return Problem(
        people=_people(season, {group for team in teams for group in team.groups}, windows, now),
        teams=teams,
        rooms=_rooms(windows),
        slots=walls,
        bounds=Bounds(season.visits, season.storytellers, season.at_once, online=bool(season.link)),
        pins=as_lines([line for line in stood if line.pinned_at], walls),
        forbidden=_refused(season),
        standing=as_lines(stood, walls),
        order=season.drawn,
    )


def as_lines(lines: Sequence[PlannedLine], walls: Sequence[datetime]) -> list[Line]:
    """Lines of an earlier plan as visits; one whose time is no slot any more is left out."""
    at = {each: number for number, each in enumerate(walls)}
    return [
        Line(at[each[0].wall], each[0].team_id, tuple(sorted(line.customer_id for line in each)), each[0].room_id)
        for each in together(lines)
        if each[0].wall in at
    ]


def slots(season: Season, now: datetime) -> list[datetime]:
    """Wall times on working days that are no holiday, in order; one that a change of the clock jumps over is none."""
    days = (season.begins + timedelta(days=n) for n in range((season.ends - season.begins).days + 1))
    found = [
        datetime.combine(day, at)
        for day in days
        if wall.is_working_day(day) and day not in free_days(season)
        for at in sorted(season.clocks)
    ]
    return [each for each in found if (moment := _moment(each, season.zone)) is not None and moment > now]


def free_days(season: Season) -> frozenset[date]:
    """Days on which nobody works, beside weekends."""
    return frozenset()


def _busy(whose: object, ids: Iterable[int], windows: Sequence[Window]) -> dict[int, set[int]]:
    """By id the slots in which a visit that is planned already has this team (`visit_team`) or room (`Visit.room_id`)."""
    if not windows:
        return {}
    about = and_(Visit.starts_at < windows[-1][1], Visit.ends_at > windows[0][0], Visit.cancelled_at.is_(None))
    query = select(whose, Visit.starts_at, Visit.ends_at).where(about)  # type: ignore[call-overload]  # a column of either
    if whose is visit_team.c.team_id:
        query = query.join(visit_team, visit_team.c.visit_id == Visit.id)
    found: dict[int, set[int]] = {each: set() for each in ids}
    for owner, since, until in db.session.execute(query):
        if owner in found:
            found[owner].update(n for n, (start, end) in enumerate(windows) if start < until and since < end)
    return found


def _rooms(windows: Sequence[Window]) -> list[Room]:
    rooms = visits.Room.open_ones()
    busy = _busy(Visit.room_id, [room.id for room in rooms], windows)
    every = frozenset(range(len(windows)))
    return [Room(room.id, room.seats, every - busy.get(room.id, set())) for room in rooms]


def _teams(season: Season, windows: Sequence[Window], now: datetime) -> list[Team]:
    """Teams that somebody is in."""
    teams = db.session.scalars(select(staff.Team).options(selectinload(staff.Team.members))).unique().all()
    links: dict[int, set[int]] = {}
    for team_id, group_id in db.session.execute(
        select(TeamGroupLink.team_id, EndUserGroup.root()).join(TeamGroupLink.group)
    ):
        links.setdefault(team_id, set()).add(group_id)
    met, planned = _met(now)
    busy = _busy(visit_team.c.team_id, [team.id for team in teams], windows)
    every, found = frozenset(range(len(windows))), []
    for team in sorted(teams, key=lambda each: each.name):
        members = [each for each in team.members if each.left_at is None and each.erased_at is None]
        if not members:
            continue
        read = frozenset(each.address.locale for each in members if each.address)
        found.append(
            Team(
                team.id, frozenset(links.get(team.id, ())), read if season.own_languages and read else LANGUAGES,
                every - busy.get(team.id, set()), min(len(members), season.staff),
                met[team.id].date() if team.id in met else None, planned.get(team.id, 0),
            )
        )  # fmt: skip
    return found


def _met(now: datetime) -> tuple[Mapping[int, datetime], Mapping[int, int]]:
    """By team: when its last visit was, and how many are planned."""
    query = select(
        visit_team.c.team_id,
        func.max(Visit.starts_at).filter(Visit.starts_at <= now),
        func.count().filter(Visit.starts_at > now),
    )
    rows = db.session.execute(
        query.join(Visit, Visit.id == visit_team.c.visit_id)
        .where(Visit.cancelled_at.is_(None), or_(Visit.starts_at > now, Visit.invited_at.is_not(None)))
        .group_by(visit_team.c.team_id)
    ).all()
    return {team: last for team, last, _n in rows if last}, {team: n for team, _last, n in rows}


def _people(season: Season, groups: Iterable[int], windows: Sequence[Window], now: datetime) -> list[Person]:
    """Customers of these groups who may be asked and are not in a visit already; who rests can later."""
    root = EndUserGroup.root()
    spellings = select(EndUserGroup.name, root.label("root")).where(db.among(root, groups))
    names = {row.name: row.root for row in db.session.execute(spellings)}
    asked = select(Ask.customer_id, func.max(Ask.at).label("last")).group_by(Ask.customer_id).subquery()
    found = select(Customer).outerjoin(asked, asked.c.customer_id == Customer.id)
    found = found.where(Customer.group.in_(names), Customer.may_be_asked(), Customer.erased_at.is_(None))
    found = found.options(selectinload(Customer.consents), selectinload(Customer.contacts))
    first = found.order_by(asked.c.last.nulls_first(), Customer.id).limit(PEOPLE_AT_MOST)
    people = [each for each in db.session.scalars(first) if asks.refusal(each, "visit", now) is None]
    ids = [each.id for each in people]
    against, taken, turns = asks.limits(people, now), _in_a_visit(now), _turns(ids, now)
    told = set(db.session.scalars(select(Story.customer_id).where(db.among(Story.customer_id, ids), Story.readable())))
    last_met, rest = asks.last_met(ids, now), Organisation.required().rest
    every, made = range(len(windows)), []
    for each in people:
        limit = against.get(each.id)
        if each.id in taken or (limit is not None and limit.why != "rest"):
            continue
        since = last_met[each.id] + rest if each.id in last_met else now
        can = frozenset(n for n in every if windows[n][0] >= since)
        if can:
            made.append(
                Person(
                    each.id, frozenset({names[each.group]}), frozenset({each.locale}), can, turns.get(each.id, 0),
                    each.id in told,
                )
            )  # fmt: skip
    return made


def _turns(ids: Sequence[int], now: datetime) -> dict[int, int]:
    """By customer: how often they were asked to a visit in a year."""
    query = select(Ask.customer_id, func.count()).where(db.among(Ask.customer_id, ids), Ask.kind == "visit")
    return dict(db.session.execute(query.where(Ask.at > now - YEAR).group_by(Ask.customer_id)).all())


def _in_a_visit(now: datetime) -> set[int]:
    """Who was asked for a visit that is still to come, or is about to be."""
    ahead = and_(Visit.starts_at > now, Visit.cancelled_at.is_(None))
    about = func.concat("visit-", cast(Visit.id, Text))
    asked = db.session.scalars(select(Ask.customer_id).join(Visit, Ask.about == about).where(ahead))
    chosen = db.session.scalars(select(Visit.draft["customers"]).where(ahead, Visit.draft.is_not(None)))
    return {*asked, *(customer for each in chosen for customer in each)}


def _refused(season: Season) -> frozenset[tuple[int, int]]:
    query = select(PlannedLine.customer_id, PlannedLine.team_id).join(PlannedLine.plan)
    rows = db.session.execute(query.where(SeasonPlan.season_id == season.id, PlannedLine.refused_at.is_not(None)))
    return frozenset((row.customer_id, row.team_id) for row in rows)


def _moment(when: datetime, zone: str) -> datetime | None:
    try:
        return wall.to_utc(when, zone, 0)
    except wall.Gap:
        return None


def _window(when: datetime, season: Season) -> Window:
    start = wall.to_utc(when, season.zone, 0)
    return start, start + timedelta(minutes=season.minutes)
