"""What all mails about a visit to one reader have in common: customers, staff, organisers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from webapp import clock, dates, db
from webapp.accounts.models import Account
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.invitations.notices.calendar import answerable, entry, file
from webapp.mailing.notices import Content, Notice, Reader, Ref, Refusal
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team
from webapp.visits.facts import facts, reply_to
from webapp.visits.models import Visit


class AboutInvitation(Notice, abstract=True):
    """A mail to one person about their invitation. `entities` begins with it; what follows goes to `values`."""

    about = Invitation.id
    thread = func.concat("visit-", Invitation.visit_id)
    stops: ClassVar[Any] = Visit.starts_at
    lapses = timedelta(days=7)
    entities: ClassVar[tuple[Any, ...]] = (Invitation,)

    person: ClassVar[Any]
    """The relationship to who reads it."""
    doors: ClassVar[Mapping[str, str]]
    """The links of every mail to this reader, all through the door of their own answer."""

    @classmethod
    def options(cls) -> Sequence[Any]:
        visit = selectinload(Invitation.visit)  # by itself: with every invitation it would come a hundred times
        person = contains_eager(cls.person).lazyload("*")
        return (visit.selectinload(Visit.teams).selectinload(Team.members), person)

    @classmethod
    def content(cls, language: Language, invitation: Invitation, *more: Any) -> Content:
        visit, name = invitation.visit, invitation.person.name
        values = {**facts(visit, language, cls.today(visit))}
        values |= {"salutation": name.salutation(language), "first_name": name.first, "why": cls.because(invitation)}
        if invitation.partstat != "accepted":
            values["online"] = ""  # the way in is for who comes
        return Content(
            values=values | cls.values(language, invitation, *more),
            links={door: Ref("answer", invitation.id, suffix) for door, suffix in cls.doors.items()},
            sender=visit.organiser.name,
            reply_to=reply_to(visit),
            to_name=name.full,
            calendar=entry(invitation, language).to_dict() if cls.brings_file(invitation, *more) else None,
        )

    @classmethod
    def shown(cls, language: Language, invitation: Invitation) -> Content:
        """What it would say to somebody not invited yet, for the check page: the invitation need not be stored."""
        asked = cls.entities[1:]
        more = db.session.execute(select(*asked).where(Visit.id == invitation.visit.id)).one() if asked else ()
        return cls.content(language, invitation, *more)

    @classmethod
    def today(cls, visit: Visit) -> date:
        """The day on which it is read, on the venue's clock."""
        return dates.local(clock.now(), visit.zone).date()

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        """What it says beside the facts of the visit."""
        return {}

    @classmethod
    def because(cls, invitation: Invitation) -> str:
        """Key of "why you get this"."""
        return cls.why

    @classmethod
    def brings_file(cls, invitation: Invitation, *more: Any) -> bool:
        """Whether a calendar file goes along."""
        return False

    @classmethod
    def on_clock(cls, invitation: Invitation, *more: Any) -> tuple[str, datetime]:
        return invitation.visit.zone, invitation.visit.starts_at

    @classmethod
    def calendar(cls, content: Content, links: Mapping[str, str], made_at: datetime) -> tuple[str, bytes] | None:
        return file(content, links) if content.calendar else None

    @classmethod
    def answerable(cls, content: Content, mailbox: str, reader: str) -> Content:
        return answerable(content, mailbox, reader)

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        invitation = db.session.scalar(cls.subject(subject_id))
        if invitation is None:
            return None
        if found := refusal(invitation, cls.asks):
            return found
        if invitation.visit.starts_at <= now:
            return too_late(invitation.visit.starts_at)
        return needless("answered") if cls.asks and invitation.answered_at else None

    @classmethod
    def subject(cls, subject_id: int) -> Select[Any]:
        """The invitation that a subject of this notice is about."""
        return select(Invitation).where(Invitation.id == subject_id)


class ToCustomer(AboutInvitation, abstract=True):
    reader, why = "customer", "invited"
    to, person = Customer.address_id, Invitation.customer
    doors: ClassVar[Mapping[str, str]] = {
        "view": "", "done": "/done", "yes": "?answer=accepted", "other": "/times", "no": "?answer=declined",
    }  # fmt: skip

    @classmethod
    def because(cls, invitation: Invitation) -> str:
        """Who booked a day was not asked to it."""
        return "booked" if invitation.unasked and cls.why in ("invited", "coming") else cls.why


class ToStaff(AboutInvitation, abstract=True):
    reader: ClassVar[Reader] = "staff"
    why = "seat"
    to, person = StaffMember.address_id, Invitation.staff
    doors: ClassVar[Mapping[str, str]] = {
        "view": "", "yes": "?answer=accepted", "no": "?answer=declined", "wait": "?answer=waiting", "leave": "?answer=left",
    }  # fmt: skip

    @classmethod
    def because(cls, invitation: Invitation) -> str:
        """Who has not answered, or said no, did not ask for a seat."""
        asked_for_seat = invitation.partstat in ("accepted", "tentative")
        return "staff" if cls.why == "seat" and not asked_for_seat else cls.why


class AboutVisit(Notice, abstract=True):
    """A mail to who runs a visit; `entities` begins with it."""

    reader, why = "organiser", "organiser"
    about = Visit.id
    to: ClassVar[Any] = Account.address_id
    thread = func.concat("visit-", Visit.id)
    stops: ClassVar[Any] = Visit.starts_at
    lapses = timedelta(days=7)
    entities: ClassVar[tuple[Any, ...]] = (Visit,)

    @classmethod
    def options(cls) -> Sequence[Any]:
        return (selectinload(Visit.teams).selectinload(Team.members),)

    @classmethod
    def content(cls, language: Language, visit: Visit, *more: Any) -> Content:
        first_name, full_name = cls.greeted(visit)
        today = dates.local(clock.now(), visit.zone).date()
        values = {**facts(visit, language, today), "first_name": first_name, **cls.values(language, visit, *more)}
        organiser = (visit.organiser.name, visit.organiser.email)
        return Content(values, cls.doors(visit), to_name=full_name, reply_to=organiser)

    @classmethod
    def greeted(cls, visit: Visit) -> tuple[str, str]:
        """First and full name of who reads it."""
        return visit.organiser.first_name, visit.organiser.name

    @classmethod
    def doors(cls, visit: Visit) -> dict[str, Ref]:
        return {"visit": Ref(None, visit.id, f"/visits/{visit.id}"), "account": Ref(None, 0, "/account")}

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        return {}

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        visit = db.session.get_one(Visit, subject_id)
        return needless("cancelled") if visit.cancelled_at else None


def refusal(invitation: Invitation, asks: bool) -> Refusal | None:
    """Why no mail about this invitation leaves, the strongest reason first; None: nothing stops it."""
    person = invitation.person
    if invitation.visit.cancelled_at:
        return needless("cancelled")
    if invitation.withdrawn_at:
        return needless("withdrawn")
    if isinstance(person, StaffMember) and person.left_at:
        return needless("left")
    if invitation.stopped_at:
        return Refusal("suppressed", "suppressed.stop", {"since": invitation.stopped_at.isoformat()})
    if asks and isinstance(person, Customer) and person.ground not in MAY_BE_ASKED:
        return Refusal("suppressed", "consent", {"ground": person.ground})
    return None


def needless(fact: str) -> Refusal:
    """No longer needed: `answered`, visit `cancelled`, invitation `withdrawn`, `left` (works here no more), `full`."""
    return Refusal("not_needed", "not_needed", {"fact": fact})


def too_late(after: datetime) -> Refusal:
    return Refusal("expired", "expired", {"not_after": after.isoformat()})


def tellers(found: Sequence[Sequence[str]]) -> list[tuple[PersonName, str]]:
    """Names and phone numbers of what `whom.TELLERS` found."""
    return [(PersonName(*parts[:4]), parts[4]) for parts in found]
