"""Mail to customers about a visit: asked, reminded, thanked for the answer, told of changes, expected."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import joinedload

from webapp import dates
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.models import Answer, Invitation
from webapp.invitations.notices import occasions, times
from webapp.invitations.notices.readers import ToCustomer, needless
from webapp.invitations.notices.whom import (
    BOOKED,
    COMES,
    ON,
    OPEN,
    PLACES_LEFT,
    STANDS,
    SUGGESTED,
    TOLD_PLACE,
    WANTED,
    customers,
    told,
)
from webapp.mailing.notices import Content, Ref, Refusal
from webapp.visits import options
from webapp.visits.models import Visit
from webapp.visits.options import DATED, MOVED_BY_HAND

MAY_ASK = Customer.may_be_asked()


class Asks(ToCustomer, abstract=True):
    """Asks whether a customer comes, or which time suits."""

    by = ("choosing",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "": ("one time", "één moment"),
        "times": ("times to choose from", "momenten om uit te kiezen"),
    }

    @classmethod
    def content(cls, language: Language, invitation: Invitation, *more: Any) -> Content:
        """A link for each time there is to choose."""
        visit, said = invitation.visit, super().content(language, invitation, *more)
        if not options.choosing(visit):
            return said.valued(choosing="")
        starts = [slot.when for slot in options.slots(visit)]
        labels = [f"{dates.day(start, language)}, {dates.time(start, language)}" for start in starts]
        named = {f"option_{n}": label for n, label in enumerate((*labels, "", "")[: options.AT_MOST], 1)}
        doors = {f"option_{n}": Ref("answer", invitation.id, f"?option={n}") for n in range(1, len(labels) + 1)}
        return said.valued(choosing="times", n_options=len(labels), **named).with_links(**doors)


class VisitInvitation(Asks):
    """After the hold, to every customer who was chosen."""

    name, title = "visit_invitation", ("Invitation", "Uitnodiging")
    lane, asks, choice = "campaign", True, "invitations"
    moment = Invitation.released_at

    @classmethod
    def whom(cls) -> Select[Any]:
        return customers(OPEN, MAY_ASK)


class FirstReminder(Asks):
    """Three working days later, to who has not answered; never while the places are full."""

    name, title = "invitation_reminder_1", ("First reminder", "Eerste herinnering")
    asks, choice, lapses = True, "invitations", 3 * occasions.DAY
    moment = Invitation.remind_1_at

    @classmethod
    def whom(cls) -> Select[Any]:
        return customers(OPEN, MAY_ASK, PLACES_LEFT)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        sent = dates.local(invitation.released_at, invitation.visit.zone)
        return {"sent_day": dates.day(sent, language, cls.today(invitation.visit))}

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        return super().why_not(subject_id, now) or needless("full")


class LastReminder(FirstReminder):
    """Seven working days after the invitation."""

    name, title = "invitation_reminder_2", ("Last reminder", "Laatste herinnering")
    moment = Invitation.remind_2_at


class HintNudge(ToCustomer):
    """Two hours after a tap that was not confirmed, by day, once."""

    name, title = "answer_hint_nudge", ("Answer not confirmed", "Antwoord nog niet bevestigd")
    by = ("tapped",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "accepted": ("tapped yes", "tikte ja"),
        "other": ("tapped another time", "tikte een ander moment"),
        "declined": ("tapped no", "tikte nee"),
    }
    asks, choice, lapses = True, "invitations", occasions.DAY
    moment = Invitation.nudge_at

    @classmethod
    def whom(cls) -> Select[Any]:
        return customers(OPEN, MAY_ASK, PLACES_LEFT, DATED, Invitation.hint.is_not(None))

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"tapped": invitation.hint}


class AnswerReceipt(occasions.Answered, ToCustomer):
    """To who answered: yes, no, maybe, another time, or willing while the places are full."""

    name, title = "answer_receipt", ("Answer receipt", "Ontvangst antwoord")
    by = ("kind",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "accepted": ("comes", "komt"),
        "declined": ("does not come", "komt niet"),
        "tentative": ("maybe", "misschien"),
        "other": ("suggests another time", "stelt een ander moment voor"),
        "willing": ("willing, but full", "wil wel, maar vol"),
        "waits": ("waits for a place", "wacht op een plaats"),
    }
    entities = (Invitation, Answer, PLACES_LEFT)

    @classmethod
    def options(cls) -> Sequence[Any]:
        return (*super().options(), joinedload(Answer.proposal))

    @classmethod
    def whom(cls) -> Select[Any]:
        told_otherwise = and_(Answer.channel == "agreed", Answer.kind == "accepted")
        return cls.latest(customers(~told_otherwise), "accepted", "declined", "tentative", "other")

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        answer, places_left = more
        visit, proposal = invitation.visit, answer.proposal
        starts = dates.local(visit.starts_at, visit.zone)
        return {
            "kind": _kind(answer),
            "change_until": f"{dates.day(starts, language)}, {dates.time(starts, language)}",
            "can_return": places_left,
            "had_yes": invitation.partstat == "accepted",
            "proposed_times": times.said(proposal.times, language) if proposal else "",
            "reply_by": dates.day(times.reply_by(answer.given_at, visit.zone), language),
        }


def _kind(answer: Answer) -> str:
    """Which of the variants: who found the places taken waits for one of that day, or is willing another time."""
    if answer.proposal is None or not answer.proposal.because_full:
        return answer.kind
    return "waits" if "waits" in answer.proposal.times else "willing"


class VisitMoved(occasions.Moved, ToCustomer):
    """To who said yes, maybe or nothing yet."""

    name, title = "visit_moved", ("Moved", "Verplaatst")
    entities = (Invitation, TOLD_PLACE, SUGGESTED)

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.customer, Visit.moved_at, WANTED, STANDS, ON, ~BOOKED, MOVED_BY_HAND)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        wall, suggested = invitation.visit.wall, more[1] or {}
        agreed = times.names(suggested, wall)
        said = super().values(language, invitation, *more)
        yours = agreed or times.daypart(wall) in suggested.get("dayparts", ())
        return said | {"proposed_by_you": yours, "open": said["open"] and not agreed}

    @classmethod
    def brings_file(cls, invitation: Invitation, *more: Any) -> bool:
        return super().brings_file(invitation, *more) or times.names(more[1], invitation.visit.wall)


class DateDecided(occasions.Change, ToCustomer):
    """To who was asked to choose from times, and did not say no."""

    name, title = "date_decided", ("Date decided", "Datum gekozen")
    by = ("could",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "true": ("had chosen it", "had dit gekozen"),
        "false": ("had not chosen it", "had dit niet gekozen"),
    }
    moment = Visit.decide_told_at
    occurrence = occasions.once_per(Visit.decided_at)
    entities = (Invitation, SUGGESTED)

    @classmethod
    def whom(cls) -> Select[Any]:
        unmoved = or_(Visit.moved_at.is_(None), Visit.moved_at <= Visit.decided_at)
        return told(Invitation.customer, Visit.decided_at, WANTED, STANDS, ON, unmoved)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"could": _comes(invitation, more[0]), "silent": invitation.answered_at is None}

    @classmethod
    def brings_file(cls, invitation: Invitation, *more: Any) -> bool:
        return _comes(invitation, more[0])


def _comes(invitation: Invitation, suggested: Mapping[str, Any] | None) -> bool:
    return invitation.partstat == "accepted" or times.names(suggested, invitation.visit.wall)


class VisitCancelled(occasions.Cancelled, ToCustomer):
    """To who said yes, maybe or nothing yet."""

    name, title = "visit_cancelled", ("Cancelled", "Afgelast")

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.customer, Visit.cancelled_at, WANTED, STANDS)


class InvitationWithdrawn(occasions.Withdrawn, ToCustomer):
    """To who knew of the invitation that the organiser took back."""

    name, title = "invitation_withdrawn", ("Invitation taken back", "Uitnodiging ingetrokken")

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.customer, Invitation.withdrawn_at, WANTED, ON)


class DayBefore(occasions.Eve, ToCustomer):
    """To who said yes."""

    name, title, why = "day_before", ("The day before", "De dag ervoor"), "coming"

    @classmethod
    def whom(cls) -> Select[Any]:
        return customers(COMES)


class HourBefore(occasions.HourBefore, ToCustomer):
    """To who comes and ticked on the receipt that such a mail is welcome."""

    name, title, why = "hour_before", ("An hour before", "Een uur ervoor"), "coming"

    @classmethod
    def whom(cls) -> Select[Any]:
        return customers(COMES, Invitation.short_notice_at.is_not(None))
