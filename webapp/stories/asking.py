"""Asking somebody for their story: counted as an ask, taken back within the hold, refused in two taps, reminded once."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, select

from webapp import dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.asks import Ask
from webapp.customers.models import Customer
from webapp.staff.models import Team
from webapp.stories.models import Story, StoryRequest
from webapp.zones import zone as zone_of

REMIND_AFTER_WORKING_DAYS = 7
MORNING = time(9, 0)
SATURDAY = 5


class AskedAlready(Exception):
    """A question for a story is open: one at a time."""


def ask(
    customer: Customer,
    team: Team | None,
    reason: str,
    now: datetime,
    hold: timedelta,
    by: Account | None,
    anyway: str = "",
) -> Story:
    """Ask for a story; the mail leaves after the hold. Raises AskedAlready, and MayNotAsk: `anyway` is why it is asked
    all the same, where that is for us to decide."""
    customer.hold()
    if open_request(customer) is not None:
        raise AskedAlready
    story = Story(
        customer=customer, customer_id=customer.id, organiser=by, locale=customer.locale, source="asked",
        group=customer.group, begun_at=now,
    )  # fmt: skip
    db.session.add(story)
    db.session.flush()
    Ask.take(customer, "story", by, now, anyway, f"story-{story.id}")
    remind_at = working_days_later(now + hold, REMIND_AFTER_WORKING_DAYS, Organisation.required().zone)
    request = StoryRequest(
        story=story, team=team, asked_by=by, reason=reason, asked_at=now, released_at=now + hold, remind_at=remind_at
    )
    db.session.add(request)
    db.session.flush()
    story.note("asked for a story", by, now)
    return story


def open_request(customer: Customer) -> Story | None:
    """A story this person was asked for and neither told nor refused."""
    return db.session.scalars(
        select(Story)
        .join(StoryRequest, StoryRequest.story_id == Story.id)
        .where(
            Story.customer_id == customer.id,
            Story.told_at.is_(None),
            Story.withdrawn_at.is_(None),
            StoryRequest.refused_at.is_(None),
            StoryRequest.withdrawn_at.is_(None),
        )
    ).first()


def take_back(story: Story, now: datetime, by: Account | None) -> bool:
    """Within the hold, or later: no more mail about it. Whether the first mail had not left yet."""
    request = story.request
    if request is None or story.told_at or request.withdrawn_at:
        return False
    in_time = request.released_at > now
    request.withdrawn_at = now
    if in_time:  # never asked
        db.session.execute(delete(Ask).where(Ask.customer_id == story.customer_id, Ask.about == f"story-{story.id}"))
    story.note("took back asking for a story", by, now)
    return in_time


def save(story: Story, step: str, words: str, now: datetime) -> None:
    """What was answered to one question, kept at once. Once it was told it stays as it was told."""
    if story.told_at is None:
        setattr(story, step, words)


def refuse(story: Story, now: datetime) -> None:
    """No, thank you. What was written so far is forgotten."""
    if story.request is None or story.told_at is not None or story.request.refused_at is not None:
        return
    story.request.refused_at = now
    for name in story.answers:
        setattr(story, name, "")
    story.note("refused to tell a story", None, now)


def reconsider(story: Story, now: datetime) -> None:
    """After all."""
    if story.request is not None and story.request.refused_at is not None:
        story.request.refused_at = None
        story.note("will tell a story after all", None, now)


def working_days_later(moment: datetime, days: int, zone: str) -> datetime:
    """At nine in the morning, so many working days after the day of `moment`."""
    day = dates.local(moment, zone).date()
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return datetime.combine(day, MORNING, tzinfo=zone_of(zone)).astimezone(UTC)
