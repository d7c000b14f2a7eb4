"""Mail that asks after a visit: customers with their thanks, staff in a mail that holds no question and no answer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Select

from webapp import dates, db
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.models import Attendance, Invitation
from webapp.invitations.notices.readers import ToCustomer, ToStaff, needless, refusal, too_late
from webapp.invitations.notices.whom import PRESENT, customers, staff
from webapp.mailing.notices import Choice, Content, Ref, Refusal
from webapp.surveys.instruments import CUSTOMER, items
from webapp.surveys.models import Register, Wave
from webapp.visits.facts import counted

INSTANT = timedelta(microseconds=1)
"""A window that closes at midnight was open until the day before."""


class AfterVisit:
    """About one line of the register, until its window closes: to who was there and did not answer."""

    about: ClassVar[Any] = Register.id
    moment: ClassVar[Any] = Register.opens_at
    stops: ClassVar[Any] = Register.closes_at
    asks: ClassVar[bool] = True
    choice: ClassVar[Choice | None] = "surveys"
    entities: ClassVar[tuple[Any, ...]] = (Invitation, Register, Wave)

    @classmethod
    def of_register(cls, invitations: Select[Any]) -> Select[Any]:
        there = invitations.join(Attendance, Attendance.invitation_id == Invitation.id).where(Attendance.present)
        register = there.join(Register, Register.invitation_id == Invitation.id).join(Register.wave)
        return register.where(Register.answered.is_(False))

    @classmethod
    def on_clock(cls, invitation: Invitation, *more: Any) -> tuple[str, datetime]:
        return invitation.visit.zone, more[0].closes_at

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        line = db.session.get_one(Register, subject_id)
        if line.answered:
            return needless("answered")
        if line.closes_at <= now:
            return too_late(line.closes_at)
        return refusal(line.invitation, asks=True)


class AskCustomer(AfterVisit, ToCustomer, abstract=True):
    """The first answer is a tap in the mail."""

    why = "came"

    @classmethod
    def whom(cls) -> Select[Any]:
        return cls.of_register(customers(Customer.may_be_asked()))

    @classmethod
    def content(cls, language: Language, invitation: Invitation, *more: Any) -> Content:
        line = more[0]
        answers = {f"q{n}": Ref("survey", line.id, f"?q1={n}") for n in range(1, CUSTOMER[0].points + 1)}
        return super().content(language, invitation, *more).with_links(survey=Ref("survey", line.id), **answers)


class ThankYou(AskCustomer):
    """Two hours after the end, or when attendance was ticked; not at night."""

    name, title = "thank_you_with_survey", ("Thanks and one question", "Bedankt en één vraag")
    entities = (Invitation, Register, Wave, PRESENT)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        """The colleagues who were there, not those who were expected."""
        return {"colleague_count": more[2], "colleagues": counted(more[2], language)}


class SurveyReminder(AskCustomer):
    """Halfway the window, once."""

    name, title = "survey_reminder", ("Questionnaire reminder", "Herinnering vragenlijst")
    moment = Register.remind_at

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"closes_day": closing(more[0], invitation, language)}


class AskStaff(AfterVisit, ToStaff, abstract=True):
    """One button, and whoever sends the questionnaires; not who organised the visit."""

    reader = "survey"

    @classmethod
    def whom(cls) -> Select[Any]:
        return cls.of_register(staff())

    @classmethod
    def content(cls, language: Language, invitation: Invitation, *more: Any) -> Content:
        content = super().content(language, invitation, *more).with_links(survey=Ref("survey", more[0].id))
        sender = Organisation.required().survey_sender or content.sender
        organiser = invitation.visit.organiser
        return replace(content, sender=sender, reply_to=(organiser.name, organiser.email))


class StaffAfterSurvey(AskStaff):
    """The next working day, and without the two checks after four weeks."""

    name, title = "staff_after_survey", ("After-visit questionnaire", "Vragenlijst na bezoek")

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        questions = len(items("staff", more[1].label))
        return {"n_questions": dates.cap_first(dates.in_words(questions, language))}


class SurveyReminderStaff(AskStaff):
    """Halfway the window, once."""

    name, title = "survey_reminder_staff", ("Questionnaire reminder (staff)", "Herinnering vragenlijst (medewerker)")
    moment = Register.remind_at

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"closes_day": closing(more[0], invitation, language)}


def closing(line: Register, invitation: Invitation, language: Language) -> str:
    """The last day on which an answer is welcome."""
    return dates.day(dates.local(line.closes_at - INSTANT, invitation.visit.zone), language)
