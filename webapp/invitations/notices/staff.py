"""Mail to staff about a visit: the twins of what customers get."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Select, func

from webapp import dates
from webapp.accounts.models import Organisation
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.invitations.notices import occasions
from webapp.invitations.notices.readers import ToStaff, needless, tellers
from webapp.invitations.notices.whom import COMES, ON, OPEN, SEATS_LEFT, STANDS, TELLERS, WORKS_HERE, staff, told
from webapp.mailing.notices import Refusal
from webapp.visits.models import Visit
from webapp.visits.options import DATED, MOVED_BY_HAND

SOME_OF: dict[Language, str] = {"nl": "{n} van {end_users}", "en": "{n} of {end_users}"}
ONE: dict[Language, str] = {"nl": "een", "en": "one"}


class WithTellers(ToStaff, abstract=True):
    """Says who tells."""

    entities = (Invitation, TELLERS)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return storytellers(more[0], language)


class VisitInvitationStaff(WithTellers):
    """After the hold, to everybody chosen of the visit's teams; where there are times to choose, once one is chosen."""

    name, title, why = "visit_invitation_staff", ("Staff invitation", "Uitnodiging medewerker"), "staff"
    lane, asks, choice = "campaign", True, "invitations"
    moment = func.greatest(Invitation.released_at, Visit.decide_told_at)

    @classmethod
    def whom(cls) -> Select[Any]:
        return staff(OPEN, DATED)


class FirstReminderStaff(WithTellers):
    """Three working days later, to who has not answered; never while the visit is full."""

    name, title = "invitation_reminder_staff_1", ("First staff reminder", "Eerste herinnering medewerker")
    folder, why, asks, choice = "invitation_reminder_staff", "staff", True, "invitations"
    lapses = 3 * occasions.DAY
    moment = Invitation.remind_1_at
    last: ClassVar[bool] = False

    @classmethod
    def whom(cls) -> Select[Any]:
        return staff(OPEN, SEATS_LEFT, DATED)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return super().values(language, invitation, *more) | {"last": cls.last}

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        return super().why_not(subject_id, now) or needless("full")


class LastReminderStaff(FirstReminderStaff):
    """Seven working days after the invitation."""

    name, title = "invitation_reminder_staff_2", ("Last staff reminder", "Laatste herinnering medewerker")
    folder, last = "invitation_reminder_staff", True
    moment = Invitation.remind_2_at


class AnswerReceiptStaff(occasions.Answered, ToStaff):
    """To who answered yes or no; who waits for a seat gets another mail."""

    name, title = "answer_receipt_staff", ("Answer receipt (staff)", "Ontvangst antwoord (medewerker)")
    by = ("kind",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "accepted": ("comes", "komt"),
        "declined": ("does not come", "komt niet"),
    }

    @classmethod
    def whom(cls) -> Select[Any]:
        return cls.latest(staff(), "accepted", "declined")

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"kind": more[0].kind}


class VisitMovedStaff(occasions.Moved, ToStaff):
    """To who has a seat, waits for one, or has not answered."""

    name, title = "visit_moved_staff", ("Moved (staff)", "Verplaatst (medewerker)")

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.staff, Visit.moved_at, STANDS, ON, WORKS_HERE, MOVED_BY_HAND)


class VisitCancelledStaff(occasions.Cancelled, ToStaff):
    """To who has a seat, waits for one, or has not answered."""

    name, title = "visit_cancelled_staff", ("Cancelled (staff)", "Afgelast (medewerker)")

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.staff, Visit.cancelled_at, STANDS, WORKS_HERE)


class InvitationWithdrawnStaff(occasions.Withdrawn, ToStaff):
    """To who knew of the invitation that the organiser took back."""

    name = "invitation_withdrawn_staff"
    title = ("Invitation taken back (staff)", "Uitnodiging ingetrokken (medewerker)")

    @classmethod
    def whom(cls) -> Select[Any]:
        return told(Invitation.staff, Invitation.withdrawn_at, ON, WORKS_HERE)


class DayBeforeStaff(occasions.Eve, WithTellers):
    """To who has a seat."""

    name, title = "day_before_staff", ("The day before (staff)", "De dag ervoor (medewerker)")

    @classmethod
    def whom(cls) -> Select[Any]:
        return staff(COMES)


class HourBeforeStaff(occasions.HourBefore, ToStaff):
    """To who has a seat."""

    name, title = "hour_before_staff", ("An hour before (staff)", "Een uur ervoor (medewerker)")

    @classmethod
    def whom(cls) -> Select[Any]:
        return staff(COMES)


def storytellers(found: Sequence[Sequence[str]], language: Language) -> dict[str, str]:
    """Who tells, by name; and without a name, for the lines that a locked screen shows."""
    organisation = Organisation.required()
    end_users = organisation.end_users_nl if language == "nl" else organisation.end_users_en
    count = dates.in_words(len(found), language) if len(found) > 1 else ONE[language]
    unnamed = SOME_OF[language].format(n=count, end_users=end_users)
    names = [name.formal(language) for name, _ in tellers(found)]
    return {"storytellers": dates.listed(names, language) or unnamed, "somebody": unnamed}
