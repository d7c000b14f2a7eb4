"""The occasions on which customers and staff get mail alike; each reader's notice adds whom, and the words."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Select, func, select

from webapp import clock, dates
from webapp.i18n import Language
from webapp.invitations.models import Answer, Invitation
from webapp.invitations.notices.whom import TOLD_PLACE
from webapp.visits.facts import sentence
from webapp.visits.models import Visit

Lane = Literal["urgent", "normal", "campaign"]

HOLD = timedelta(minutes=1)
"""How long taking back an invitation can be undone; moves and cancellations bring their own moment."""
HOUR, DAY, WEEK, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(days=30)


def once_per(moment: Any) -> ColumnElement[str]:
    """An occurrence: this moment of a fact, to the second. Done again later, it is told again."""
    return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD HH24:MI:SS")


class Answered:
    """At once, about one answer, while it is the last one. A yes brings the calendar file."""

    lane: ClassVar[Lane] = "urgent"
    about: ClassVar[Any] = Answer.id
    moment: ClassVar[Any] = Answer.given_at
    entities: ClassVar[tuple[Any, ...]] = (Invitation, Answer)

    @classmethod
    def subject(cls, subject_id: int) -> Select[Any]:
        return select(Invitation).join(Answer).where(Answer.id == subject_id)

    @classmethod
    def latest(cls, query: Select[Any], *kinds: str) -> Select[Any]:
        """Of these invitations the last answers of some kinds."""
        return query.join(Answer, Answer.invitation_id == Invitation.id).where(Answer.latest, Answer.kind.in_(kinds))

    @classmethod
    def brings_file(cls, invitation: Invitation, *more: Any) -> bool:
        return bool(more[0].kind == "accepted")


class Change:
    """At once after the hold; the file in the calendar of who said yes follows."""

    lane: ClassVar[Lane] = "urgent"
    lapses: ClassVar[timedelta] = MONTH

    @classmethod
    def brings_file(cls, invitation: Invitation, *more: Any) -> bool:
        return invitation.partstat == "accepted"


class Moved(Change):
    """Five moves within the hold are one mail."""

    moment: ClassVar[Any] = Visit.move_told_at
    by: ClassVar[tuple[str, ...]] = ("same_time",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "false": ("another time", "ander moment"),
        "true": ("another place", "andere plek"),
    }
    occurrence: ClassVar[Any] = Visit.revision
    entities: ClassVar[tuple[Any, ...]] = (Invitation, TOLD_PLACE)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        visit = invitation.visit
        return {
            "open": invitation.partstat != "accepted",
            "same_time": visit.wall == visit.old_wall,
            "other_place": more[0] not in (None, [visit.room_id, visit.link]),
        }


class Cancelled(Change):
    moment: ClassVar[Any] = Visit.cancel_told_at
    stops: ClassVar[Any] = Visit.ends_at

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        visit = invitation.visit
        reason = sentence(visit.cancel_reason_nl if language == "nl" else visit.cancel_reason_en)
        return {"cancel_reason": reason, "host_will_call": visit.host_will_call}


class Withdrawn(Change):
    after: ClassVar[timedelta] = HOLD
    moment: ClassVar[Any] = Invitation.withdrawn_at
    occurrence: ClassVar[Any] = once_per(Invitation.withdrawn_at)


class Eve:
    """16:00 the day before (before a Monday: Friday), on the venue's clock; one per day of the visit."""

    lapses: ClassVar[timedelta] = 3 * DAY
    moment: ClassVar[Any] = Visit.eve_at
    occurrence: ClassVar[Any] = func.to_char(Visit.wall, "YYYY-MM-DD")

    @classmethod
    def today(cls, visit: Visit) -> date:
        """Looked at ahead of time it reads as it will."""
        return dates.local(max(clock.now(), visit.eve_at), visit.zone).date()


class HourBefore:
    """An hour before, with time to read it."""

    lane: ClassVar[Lane] = "urgent"
    lapses: ClassVar[timedelta] = HOUR
    moment: ClassVar[Any] = Visit.hour_before_at
    occurrence: ClassVar[Any] = func.to_char(Visit.wall, "YYYY-MM-DD HH24:MI")
