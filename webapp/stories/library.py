"""The stories that may be read: found by words, in Dutch and English, and by what they are about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, text, tuple_
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.customers.models import Customer
from webapp.stories.models import FOLD_FROM, FOLD_TO, PRINCIPLES, Sharing, Story, StoryVersion, Thanks

PAGE = 24
RANKED_AT_MOST = 240
"""Who finds more than this with a few words, looks for other words."""
CANDIDATES_AT_MOST = 2_000
"""Of so many the best are chosen; a word that stands in every story finds no best one."""
SHORT_WORDS = 400
"""Under two minutes."""
WORDS_AT_MOST = 200
_FOLD = str.maketrans(FOLD_FROM, FOLD_TO)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; nothing in it is about a person."""

    words: str = ""
    team: int | None = None
    group: str = ""
    principle: str = ""
    aloud: bool = False
    length: str = ""
    """`short`, `long`."""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        team, principle, length = asked.get("team", ""), asked.get("principle", ""), asked.get("length", "")
        return cls(
            words=" ".join(asked.get("q", "").split())[:WORDS_AT_MOST],
            team=int(team) if team.isdecimal() and len(team) < 15 else None,
            group=asked.get("group", ""),
            principle=principle if principle in PRINCIPLES else "",
            aloud=asked.get("use") == "aloud",
            length=length if length in ("short", "long") else "",
        )

    @property
    def plain(self) -> bool:
        """Everything there is, the newest first."""
        return self == Wanted()

    def asked(self) -> dict[str, str]:
        """As it stands in an address."""
        found = {
            "q": self.words,
            "team": str(self.team or ""),
            "group": self.group,
            "principle": self.principle,
            "use": "aloud" if self.aloud else "",
            "length": self.length,
        }
        return {name: value for name, value in found.items() if value}

    def but(self, **changes: Any) -> dict[str, str]:
        return replace(self, **changes).asked()


@dataclass(frozen=True)
class Found:
    """One page of stories, and what leads to the next."""

    stories: Sequence[Story]
    after: int | None = None
    """The last story of this page, when another page follows."""
    thanks: Mapping[int, int] = field(default_factory=dict)
    total: int | None = None
    """How many were found by words."""


def find(wanted: Wanted, after: int | None = None) -> Found:
    """The newest first, from the story `after` which the page before ended; by words the best first."""
    if wanted.words:
        return _by_words(wanted, after or 0)
    query = select(Story).where(Story.shared_at.is_not(None), *_conditions(wanted))
    if wanted.plain:
        query = query.where(or_(Story.readable(), Story.withdrawn()))
    if after is not None:
        last = select(Story.shared_at, Story.id).where(Story.id == after).subquery()
        query = query.where(tuple_(Story.shared_at, Story.id) < select(last.c.shared_at, last.c.id).scalar_subquery())
    rows = _loaded(query.order_by(Story.shared_at.desc(), Story.id.desc()).limit(PAGE + 1))
    return Found(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None, _thanked(rows))


def _by_words(wanted: Wanted, start: int) -> Found:
    matches, rank = _matching(wanted.words)
    candidates = (
        select(Story.id, rank.label("rank"), Story.shared_at)
        .join(StoryVersion, StoryVersion.id == Story.approved_id)
        .where(matches, *_conditions(wanted))
        .limit(CANDIDATES_AT_MOST)
        .subquery()
    )
    best = select(candidates.c.id).order_by(
        candidates.c.rank.desc(), candidates.c.shared_at.desc(), candidates.c.id.desc()
    )
    ids = list(db.session.scalars(best.limit(RANKED_AT_MOST)))
    page = ids[start : start + PAGE]
    rows = {story.id: story for story in _loaded(select(Story).where(db.among(Story.id, page)))}
    following = start + PAGE if len(ids) > start + PAGE else None
    stories = [rows[each] for each in page if each in rows]
    return Found(stories, following, _thanked(stories), len(ids))


def _matching(words: str) -> tuple[ColumnElement[bool], ColumnElement[float]]:
    """By the language a story is in; the last word may be unfinished."""
    bare = words.translate(_FOLD)
    nl: ColumnElement[Any]
    en: ColumnElement[Any]
    nl, en = (func.websearch_to_tsquery(text(f"'{name}'::regconfig"), bare) for name in ("dutch", "english"))
    begun = "".join(sign for sign in bare.split()[-1] if sign.isalnum())
    if len(begun) > 2 and bare[-1].isalnum() and len(bare.split()) == 1:
        start = func.to_tsquery(text("'simple'::regconfig"), literal(f"{begun.lower()}:*"))
        nl, en = nl.op("||")(start), en.op("||")(start)
    search, locale = StoryVersion.search, StoryVersion.locale
    matches = or_(and_(locale == "nl", search.op("@@")(nl)), and_(locale == "en", search.op("@@")(en)))
    rank = func.greatest(func.ts_rank_cd(search, nl, 32), func.ts_rank_cd(search, en, 32))
    return matches, rank


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Nothing withdrawn is found by anything that is asked."""
    found: list[ColumnElement[bool]] = [] if wanted.plain else [Story.readable()]
    if wanted.team is not None:
        shared = (Sharing.story_id == Story.id, Sharing.team_id == wanted.team, Sharing.undone_at.is_(None))
        found.append(exists().where(*shared))
    if wanted.group:
        found.append(Story.group == wanted.group)
    if wanted.principle:
        found.append(Story.principle == wanted.principle)
    if wanted.aloud:
        found.append(exists().where(Customer.id == Story.customer_id, Customer.agreed_to("read_aloud")))
    if wanted.length:
        words = StoryVersion.words
        fits = words <= SHORT_WORDS if wanted.length == "short" else words > SHORT_WORDS
        found.append(exists().where(StoryVersion.id == Story.approved_id, fits))
    return found


def one(story_id: int) -> Story | None:
    """A story that was shared once: to be read, or known to be withdrawn."""
    found = _loaded(select(Story).where(Story.id == story_id, Story.shared_at.is_not(None)))
    return found[0] if found else None


def _loaded(query: Select[Story]) -> Sequence[Story]:
    customer = selectinload(Story.customer)
    more = (
        selectinload(Story.approved),
        selectinload(Story.sharings),
        selectinload(Story.picture),
        customer.selectinload(Customer.consents),
    )
    return db.session.scalars(query.options(*more)).all()


def _thanked(stories: Sequence[Story]) -> dict[int, int]:
    """How many thank-yous that were checked each of these has."""
    count = select(Thanks.story_id, func.count()).where(
        db.among(Thanks.story_id, [story.id for story in stories]), Thanks.checked_at.is_not(None)
    )
    return {row[0]: row[1] for row in db.session.execute(count.group_by(Thanks.story_id))}


def groups(most: int = 30) -> list[str]:
    """The groups that stories come from, by name: each found by a step in an index."""
    first = select(func.min(Story.group).label("name")).where(Story.group > "")
    walk = first.cte("walk", recursive=True)
    following = select(func.min(Story.group)).where(Story.group > walk.c.name).correlate(walk).scalar_subquery()
    walk = walk.union_all(select(following).where(walk.c.name.is_not(None)))
    return list(db.session.scalars(select(walk.c.name).where(walk.c.name.is_not(None)).limit(most)))
