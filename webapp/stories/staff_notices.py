"""Mail with stories to who works here: of their team the moment it is shared, and one a month for everybody."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.accounts.models import Organisation
from webapp.i18n import Language
from webapp.mailing.notices import Choice, Content, Notice, Reader, Ref, Refusal
from webapp.staff.models import StaffMember, Team
from webapp.stories.models import Sharing, Story, StoryReader
from webapp.stories.notices import needless


class ToColleague(Notice, abstract=True):
    """A story to read, signed by who organised it. Gone the moment it is taken back."""

    reader: ClassVar[Reader] = "staff"
    why = "staff"
    to: ClassVar[Any] = StaffMember.address_id
    lapses = timedelta(days=7)
    lane = "campaign"
    asks = True
    choice: ClassVar[Choice | None] = "stories"

    @classmethod
    def options(cls) -> Any:
        return (selectinload(Story.approved), selectinload(Story.organiser), selectinload(Story.customer))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        story = next(each for each in row if isinstance(each, Story))
        staff = next(each for each in row if isinstance(each, StaffMember))
        assert story.approved is not None  # it is readable
        signed = story.organiser.name if story.organiser else Organisation.required().name
        values = {"first_name": staff.name.first, "organiser_name": signed, "minutes": story.approved.minutes}
        links = {"story": Ref("staff", staff.address_id or 0, f"/stories/{story.id}")}
        reply = (story.organiser.name, story.organiser.email) if story.organiser else None
        return Content(values | cls.values(language, story, *row), links, signed, reply, staff.name.full)

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        raise NotImplementedError


class StoryShared(ToColleague):
    """To everybody in the teams it was given to, each once. Gone the moment it is taken back."""

    name, title = "story_shared_with_team", ("Story for your team", "Verhaal voor je team")
    about = StoryReader.id
    thread = func.concat("story-", StoryReader.story_id)
    moment = StoryReader.released_at
    entities: ClassVar[tuple[Any, ...]] = (StoryReader, Story, Team, StaffMember)

    @classmethod
    def whom(cls) -> Select[Any]:
        return (
            select(StoryReader)
            .join(Story, Story.id == StoryReader.story_id)
            .join(StaffMember, StaffMember.id == StoryReader.staff_id)
            .join(Sharing, Sharing.id == StoryReader.sharing_id)
            .join(Team, Team.id == Sharing.team_id)
            .where(Story.readable(), Sharing.undone_at.is_(None), StaffMember.left_at.is_(None))
        )

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        assert story.approved is not None  # it is readable
        team = next(each for each in row if isinstance(each, Team))
        return {
            "team": team.name,
            "storyteller_label": story.label(language),
            "approved_quote": story.approved.title,
        }

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, row[0].released_at + cls.lapses

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        reader = db.session.get(StoryReader, subject_id)
        if reader is None or reader.sharing.undone_at or reader.story.gone:
            return needless("withdrawn")
        return needless("left") if reader.staff.left_at else None


class StaffDigest(ToColleague):
    """Once a month, one story and one question; not to whom that story was mailed as their team's."""

    name, title = "staff_digest", ("Story of the month", "Verhaal van de maand")
    about = StaffMember.id
    occurrence = func.concat("story-", Story.id)
    moment = Story.of_month_at
    entities: ClassVar[tuple[Any, ...]] = (Story, StaffMember)

    @classmethod
    def whom(cls) -> Select[Any]:
        read = exists().where(StoryReader.story_id == Story.id, StoryReader.staff_id == StaffMember.id)
        chosen = (Story.of_month_at.is_not(None), Story.readable())
        return select(Story).join(StaffMember, StaffMember.left_at.is_(None)).where(*chosen, ~read)

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        _, staff = row
        return super().content(language, *row).with_links(nominate=Ref("staff", staff.address_id, "/nominate"))

    @classmethod
    def values(cls, language: Language, story: Story, *row: Any) -> dict[str, Any]:
        assert story.approved is not None  # it is readable
        return {"story_title": story.approved.title}

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, row[0].of_month_at + cls.lapses

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        staff = db.session.get(StaffMember, subject_id)
        return needless("left" if staff is None or staff.left_at else "withdrawn")
