"""What organisers have under way: everything not shared yet, by whose turn it is; and the thank-yous to check."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import db
from webapp.customers.models import Customer
from webapp.staff.models import StaffMember, Team
from webapp.stories.models import Story, StoryRequest, Thanks
from webapp.stories.recognising import words_of

SHOWN = 100


def ours() -> ColumnElement[bool]:
    """SQL: it is the organiser's turn: to check what was told, or to share what was approved."""
    waits = or_(Story.approval_asked_at.is_(None), Story.amended_at.is_not(None), Story.approved_id.is_not(None))
    return and_(
        Story.told_at.is_not(None), Story.shared_at.is_(None), Story.withdrawn_at.is_(None),
        Story.refused_at.is_(None), waits,
    )  # fmt: skip


def to_check() -> ColumnElement[bool]:
    """SQL: a thank-you nobody has looked at."""
    return and_(Thanks.checked_at.is_(None), Thanks.refused_at.is_(None))


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Story).where(ours())) or 0


def waiting_for_us() -> Sequence[Story]:
    return _rows(ours(), Story.told_at)


def waiting_for_them() -> Sequence[Story]:
    """Asked, begun, or sent to be checked: it is the storyteller's turn."""
    open_request = select(StoryRequest.id).where(
        StoryRequest.story_id == Story.id, StoryRequest.refused_at.is_(None), StoryRequest.withdrawn_at.is_(None)
    )
    asked = and_(Story.told_at.is_(None), open_request.exists())
    offered = and_(Story.offered_id.is_not(None), Story.approved_id.is_(None), Story.refused_at.is_(None))
    return _rows(and_(or_(asked, offered), Story.shared_at.is_(None), Story.withdrawn_at.is_(None)), Story.id)


def ended() -> Sequence[Story]:
    """Not to be shared: the storyteller rather not, or took it back."""
    refused = select(StoryRequest.id).where(StoryRequest.story_id == Story.id, StoryRequest.refused_at.is_not(None))
    kept_back = or_(Story.refused_at.is_not(None), and_(Story.told_at.is_(None), refused.exists()))
    return _rows(or_(and_(kept_back, Story.shared_at.is_(None)), Story.withdrawn()), Story.id.desc())


def thanks_to_check() -> Sequence[Thanks]:
    query = select(Thanks).where(to_check()).options(joinedload(Thanks.story).selectinload(Story.approved))
    return db.session.scalars(query.order_by(Thanks.id).limit(SHOWN)).unique().all()


def _rows(condition: ColumnElement[bool], order: object) -> Sequence[Story]:
    more = (
        selectinload(Story.request).joinedload(StoryRequest.team),
        selectinload(Story.customer).selectinload(Customer.consents),
        selectinload(Story.organiser),
    )
    return db.session.scalars(select(Story).where(condition).options(*more).order_by(order).limit(SHOWN)).all()  # type: ignore[arg-type]  # a column


def known_names(text: str) -> list[str]:
    """Of the names of customers and colleagues those that may stand in this text: asked by its words with a capital."""
    words = sorted({word for word in words_of(text) if len(word) > 2})
    found: set[str] = set()
    for person in (Customer, StaffMember):
        named = or_(person.given.in_(words), person.family.in_(words))
        for given, family in db.session.execute(select(person.given, person.family).where(named).limit(SHOWN)).all():
            found |= {part for part in (given, family) if part in words}
    return sorted(found)


def teams() -> Sequence[Team]:
    return db.session.scalars(select(Team).order_by(Team.name)).all()


def steps(story: Story) -> Iterator[tuple[str, datetime]]:
    """What happened to it, in order: a word for each fact, and its moment."""
    request = story.request
    facts = [
        ("asked", request.released_at if request else None),
        ("declined", request.refused_at if request else None),
        ("told", story.told_at),
        ("offered", story.approval_asked_at),
        ("amended", story.amended_at),
        ("approved", story.approved_at),
        ("shared", story.shared_at),
        ("kept_back", story.refused_at),
        ("withdrawn", story.withdrawn_at),
    ]
    return iter(sorted(((name, at) for name, at in facts if at is not None), key=lambda fact: fact[1]))
