"""Giving an approved story to teams, and what they write back: checked first, then told at most once a month."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import aliased

from webapp import db
from webapp.accounts.models import Account
from webapp.staff.models import StaffMember, Team
from webapp.stories.models import Sharing, Story, StoryReader, Thanks, ThanksTold

THANKED_EVERY = timedelta(days=30)
THANKS_AT_MOST = 600
"""Characters."""
ENOUGH_FOR_ONE_TICK = 500


class NotAllowed(Exception):
    """`why`: `not_approved`, `no_consent`, `withdrawn`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def share(story: Story, teams: Collection[Team], now: datetime, hold: timedelta, by: Account | None) -> int:
    """These teams may read it; their people are told after the hold, each once. Returns how many. Raises NotAllowed."""
    story.hold()
    if story.withdrawn_at is not None:
        raise NotAllowed("withdrawn")
    if story.approved_id is None:
        raise NotAllowed("not_approved")
    if not story.agreed:
        raise NotAllowed("no_consent")
    told = 0
    for team in teams:
        row = insert(Sharing).values(story_id=story.id, team_id=team.id, at=now, by_id=by.id if by else None)
        again = {"at": now, "by_id": row.excluded.by_id, "undone_at": None}
        row = row.on_conflict_do_update(
            index_elements=["story_id", "team_id"], set_=again, where=Sharing.undone_at.is_not(None)
        )
        sharing_id = db.session.scalar(row.returning(Sharing.id))
        told += _tell(story, sharing_id, team, now + hold) if sharing_id else 0
    if teams:
        story.shared_at = story.shared_at or now
        story.note("shared a story", by, now, {"teams": sorted(team.id for team in teams)})
    db.session.flush()
    db.session.expire(story, ["sharings"])
    return told


def to_tell(story: Story) -> dict[int, int]:
    """How many colleagues sharing it would mail, by team: who works there, has a mailbox, and was not told yet."""
    told = exists().where(StoryReader.story_id == story.id, StoryReader.staff_id == StaffMember.id)
    there = (
        StaffMember.left_at.is_(None),
        StaffMember.address_id.is_not(None),
        StaffMember.team_id.is_not(None),
        ~told,
    )
    counts = select(StaffMember.team_id, func.count()).where(*there).group_by(StaffMember.team_id)
    return {team_id: count for team_id, count in db.session.execute(counts) if team_id is not None}


def _tell(story: Story, sharing_id: int, team: Team, released_at: datetime) -> int:
    """Everybody who works in this team is to be told, save who was already."""
    columns = ["story_id", "staff_id", "sharing_id", "released_at"]
    there = select(literal(story.id), StaffMember.id, literal(sharing_id), literal(released_at)).where(
        StaffMember.team_id == team.id, StaffMember.left_at.is_(None)
    )
    rows = insert(StoryReader).from_select(columns, there)
    rows = rows.on_conflict_do_nothing(index_elements=["story_id", "staff_id"])
    return len(db.session.execute(rows.returning(StoryReader.id)).all())


def take_back(story: Story, now: datetime, team_id: int | None = None) -> None:
    """No longer for this team, or for any: whoever was not mailed yet is not mailed."""
    for sharing in story.sharings:
        if sharing.undone_at is None and team_id in (None, sharing.team_id):
            sharing.undone_at = now
            untold = (StoryReader.sharing_id == sharing.id, StoryReader.released_at > now)
            db.session.execute(delete(StoryReader).where(*untold))
    if all(sharing.undone_at for sharing in story.sharings):
        story.shared_at = None


def thank(story: Story, staff: StaffMember, words: str, now: datetime) -> Thanks:
    """What a colleague writes back: waits for an organiser."""
    given = Thanks(story=story, staff=staff, text=" ".join(words.split())[:THANKS_AT_MOST], at=now)
    db.session.add(given)
    db.session.flush()
    return given


def check(thanks: Thanks, good: bool, now: datetime, by: Account | None) -> None:
    """An organiser has read it: it goes on, or it does not. Until it was mailed that can be turned."""
    if thanks.told_id is None:
        thanks.checked_at, thanks.refused_at = (now, None) if good else (None, now)
        thanks.story.note("passed a thank-you on" if good else "kept a thank-you back", by, now)


def tell_due(now: datetime) -> int:
    """Put thank-yous that were checked into one mail for each storyteller who had none this month; how many mails."""
    found = db.session.execute(_waiting(now).limit(ENOUGH_FOR_ONE_TICK)).all()
    for row in found:
        _bundle(row[1], now)
    return len(found)


def _bundle(story_id: int, now: datetime) -> None:
    told = ThanksTold(story_id=story_id, at=now)
    db.session.add(told)
    db.session.flush()
    checked = select(Thanks).where(
        Thanks.story_id == story_id, Thanks.checked_at.is_not(None), Thanks.told_id.is_(None)
    )
    for thanks in db.session.scalars(checked):
        thanks.told_id = told.id
    db.session.flush()


def _waiting(now: datetime) -> Select[int | None, int]:
    """Storytellers who were not thanked this month, each with the story whose thank-yous wait longest."""
    other = aliased(Story)
    this_month = (
        select(ThanksTold.id)
        .join(other, other.id == ThanksTold.story_id)
        .where(other.customer_id == Story.customer_id, ThanksTold.at > now - THANKED_EVERY)
    )
    return (
        select(Story.customer_id, Story.id)
        .join(Thanks, Thanks.story_id == Story.id)
        .where(Thanks.checked_at.is_not(None), Thanks.told_id.is_(None), Story.readable(), ~this_month.exists())
        .order_by(Story.customer_id, Thanks.checked_at)
        .ext(distinct_on(Story.customer_id))
    )
