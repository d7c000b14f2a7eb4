"""Mail to who tells a story: asking, reminding once, approval, and what colleagues wrote back."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import selectinload

from webapp import clock, dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.i18n import Language
from webapp.mailing.notices import Choice, Content, Notice, Reader, Ref, Refusal
from webapp.staff.models import StaffMember
from webapp.stories import changes
from webapp.stories.models import Story, StoryRequest, Thanks, ThanksTold
from webapp.stories.saying import in_one_piece, sentence, source_of, team_label, tel

_SENT = timedelta(days=14)


class ToStoryteller(Notice, abstract=True):
    """A mail to who tells a story, signed by the organiser whose story it is."""

    reader: ClassVar[Reader] = "customer"
    why = "story"
    to: ClassVar[Any] = Customer.address_id
    thread: ClassVar[Any] = func.concat("story-", Story.id)
    lapses = timedelta(days=7)
    entities: ClassVar[tuple[Any, ...]] = (Story,)

    @classmethod
    def options(cls) -> Any:
        return (
            selectinload(Story.organiser),
            selectinload(Story.customer).selectinload(Customer.consents),
            selectinload(Story.request).selectinload(StoryRequest.team),
        )

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        story = next(each for each in row if isinstance(each, Story))
        assert story.customer is not None  # its address is where this goes
        name = story.customer.name
        signed = signature(story)
        values = signed | {"salutation": name.salutation(language), "first_name": name.first}
        links = {"story": Ref("story", story.id), "no": Ref("story", story.id, "?no=1")}
        return Content(
            values | cls.values(language, story, *row), links | cls.more_links(story), signed["host_name"],
            reply_to=(story.organiser.name, story.organiser.email) if story.organiser else None, to_name=name.full,
        )  # fmt: skip

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        return {}

    @classmethod
    def more_links(cls, story: Story) -> dict[str, Ref]:
        return {}

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, clock.now() + cls.lapses


class Asking(ToStoryteller, abstract=True):
    """While the question is open: not told, not refused, not taken back, and we may ask."""

    why = "source"
    about: ClassVar[Any] = StoryRequest.id
    asks = True
    choice: ClassVar[Choice | None] = "invitations"
    entities = (StoryRequest, Story)

    @classmethod
    def whom(cls) -> Select[Any]:
        query = select(StoryRequest).join(StoryRequest.story).join(Customer, Customer.id == Story.customer_id)
        open_ones = (StoryRequest.refused_at.is_(None), StoryRequest.withdrawn_at.is_(None))
        return query.where(*open_ones, Story.told_at.is_(None), Story.withdrawn_at.is_(None), Customer.may_be_asked())

    @classmethod
    def options(cls) -> Any:
        story = selectinload(StoryRequest.story)
        return (
            selectinload(StoryRequest.team),
            selectinload(Story.organiser),
            selectinload(Story.customer).selectinload(Customer.consents),
            story.selectinload(Story.organiser),
        )

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        request = row[0]
        assert story.customer is not None
        zone = Organisation.required().zone
        return {
            "reason": sentence(request.reason) or {
                "nl": "U hebt ervaring met ons werk.", "en": "You have experience of our work."
            }[language],
            "team": request.team.name if request.team else Organisation.required().name,
            "sent_day": dates.day(dates.local(request.released_at, zone), language),
            "draft": any(story.answers.values()),
            "source": source_of(story.customer, language),
        }  # fmt: skip

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        request = db.session.get_one(StoryRequest, subject_id)
        story = request.story
        if story.told_at or request.refused_at:
            return needless("answered")
        if request.withdrawn_at or story.withdrawn_at:
            return needless("withdrawn")
        if story.customer is not None and story.customer.ground not in MAY_BE_ASKED:
            return Refusal("suppressed", "consent", {"ground": story.customer.ground})
        return None


class StoryRequested(Asking):
    """After the hold."""

    name, title = "story_request", ("Story request", "Vraag om een verhaal")
    moment = StoryRequest.released_at


class StoryReminder(Asking):
    """Seven working days later, once."""

    name, title = "story_reminder", ("Story reminder", "Herinnering verhaal")
    moment = StoryRequest.remind_at


class StoryApproval(ToStoryteller):
    """Each text that is sent to be checked is one mail."""

    name, title = "story_approval", ("Story approval", "Verhaal nalezen")
    about = Story.id
    moment = Story.approval_asked_at
    occurrence = func.concat("version-", Story.offered_id)
    lapses = _SENT

    @classmethod
    def whom(cls) -> Select[Any]:
        query = select(Story).join(Customer, Customer.id == Story.customer_id)
        waits = or_(Story.approved_id.is_(None), Story.approved_id != Story.offered_id)
        return query.where(
            Story.offered_id.is_not(None), waits, Story.refused_at.is_(None), Story.withdrawn_at.is_(None)
        )

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        told, offered = story.told, story.offered
        count = changes.count(told.text, offered.text) if told and offered else 0
        return {"n_changes": dates.in_words(count, language), "changes": count}

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        story = db.session.get_one(Story, subject_id)
        if story.withdrawn_at or story.refused_at:
            return needless("withdrawn")
        return needless("answered") if story.approved_id is not None or story.amended_at else None


class StoryThanks(ToStoryteller):
    """What colleagues wrote back, at most once a month."""

    name, title = "story_thanks", ("Thank-you for the story", "Bedankjes voor je verhaal")
    about = ThanksTold.id
    moment = ThanksTold.at
    lapses = _SENT
    entities = (ThanksTold, Story)

    @classmethod
    def whom(cls) -> Select[Any]:
        query = select(ThanksTold).join(ThanksTold.story).join(Customer, Customer.id == Story.customer_id)
        return query.where(Story.readable())

    @classmethod
    def options(cls) -> Any:
        return (
            selectinload(Story.organiser),
            selectinload(Story.customer),
            selectinload(Story.thanks).selectinload(Thanks.staff).selectinload(StaffMember.team),
        )

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        given = [each for each in story.thanks if each.told_id == row[0].id]
        teams = list(dict.fromkeys(each.staff.team.name for each in given if each.staff.team))
        return {
            "team": team_label(teams, language) or Organisation.required().name,
            "thanks_count": len(given),
            "n": dates.cap_first(dates.in_words(len(given), language)),
            "thanks_quote": given[0].text if given else "",
        }

    @classmethod
    def more_links(cls, story: Story) -> dict[str, Ref]:
        return {"thanks": Ref("story", story.id, "/thanks")}

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        return needless("withdrawn")


def signature(story: Story) -> dict[str, str]:
    """Who signs, and how to phone them: whoever asked for the story."""
    organisation = Organisation.required()
    who: Account | None = story.organiser
    phone = (who.phone if who else "") or organisation.phone
    return {
        "host_name": who.name if who else organisation.name,
        "host_first_name": who.first_name if who else organisation.name,
        "host_phone": in_one_piece(phone),
        "host_tel": tel(phone),
    }


def needless(fact: str) -> Refusal:
    return Refusal("not_needed", "not_needed", {"fact": fact})
