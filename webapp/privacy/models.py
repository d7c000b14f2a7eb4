"""Whoever is behind one mailbox: what we know, what was mailed, what they want no more of, and their way back in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.accounts.models import LinkRequest
from webapp.customers.models import Customer
from webapp.customers.owners import OwnerQuestion
from webapp.groups.models import Asked, MappingRound
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.links import Link, Scope
from webapp.mailing.models import Address, Message
from webapp.people import PersonName
from webapp.privacy.records import DataExport as DataExport
from webapp.staff.models import StaffMember
from webapp.stories.models import Story
from webapp.surveys.models import Register
from webapp.visits.models import Visit

ONE_LINK_PER = timedelta(minutes=10)
"""However often a new link is asked for: nobody's mailbox is filled by somebody else's finger."""
AS_STAFF: tuple[Scope, ...] = ("staff", "host", "owner", "mapping")


@dataclass(frozen=True)
class Reader:
    """The people who read one mailbox: mostly one, sometimes a couple, sometimes somebody who also works here."""

    address: Address

    @classmethod
    def behind(cls, address_id: int) -> "Reader | None":
        """None when the mailbox, or everybody behind it, was erased."""
        address = db.session.get(Address, address_id)
        found = cls(address) if address else None
        return found if found and (found.customers or found.staff) else None

    @cached_property
    def customers(self) -> Sequence[Customer]:
        query = select(Customer).where(Customer.address_id == self.address.id).order_by(Customer.id)
        return db.session.scalars(query.options(selectinload(Customer.consents), selectinload(Customer.contacts))).all()

    @cached_property
    def staff(self) -> StaffMember | None:
        return db.session.scalar(select(StaffMember).where(StaffMember.address_id == self.address.id))

    @property
    def language(self) -> Language:
        return "en" if self.address.locale == "en" else "nl"

    def read_in(self, language: str) -> None:
        """From the next mail on."""
        self.address.locale = language
        for customer in self.customers:
            customer.locale = language

    @property
    def name(self) -> PersonName:
        """Empty when several people share the mailbox."""
        people: list[Customer | StaffMember] = [*self.customers, *([self.staff] if self.staff else [])]
        return people[0].name if len(people) == 1 else PersonName()

    @cached_property
    def invitations(self) -> Sequence[Invitation]:
        """That left, the latest visit first, with everything that was said."""
        mine = or_(
            Invitation.customer_id.in_([customer.id for customer in self.customers]),
            Invitation.staff_id == (self.staff.id if self.staff else 0),
        )
        found = select(Invitation).join(Invitation.visit).where(mine).order_by(Visit.starts_at.desc(), Invitation.id)
        more = (selectinload(Invitation.places), selectinload(Invitation.attendance), selectinload(Invitation.customer))
        answers = selectinload(Invitation.answers)
        return db.session.scalars(found.options(*more, answers)).all()

    def ahead(self, now: datetime) -> list[Invitation]:
        """Invitations there is still something to say about, the next visit first."""
        return [each for each in reversed(self.invitations) if each.released_at <= now and not each.closed(now)]

    def mails(self) -> Sequence[Message]:
        """Everything that was ever planned to be mailed here, the newest first."""
        query = select(Message).where(Message.address_id == self.address.id)
        return db.session.scalars(query.order_by(Message.planned_at.desc(), Message.id.desc())).all()

    def surveys(self) -> Sequence[Register]:
        """The questionnaires that were handed out; what was answered is kept apart and cannot be found here."""
        mine = [invitation.id for invitation in self.invitations]
        return db.session.scalars(
            select(Register).where(Register.invitation_id.in_(mine)).order_by(Register.opens_at.desc())
        ).all()

    def mapping(self, now: datetime) -> Sequence[Asked]:
        """The mapping rounds this colleague may answer now."""
        running = (MappingRound.stopped_at.is_(None), MappingRound.closes_at > now, MappingRound.released_at <= now)
        mine = Asked.staff_id == (self.staff.id if self.staff else 0)
        return db.session.scalars(select(Asked).join(Asked.round).where(mine, *running).order_by(Asked.id)).all()

    def ask_link(self, wanted: Scope | None, now: datetime) -> None:
        """A new link by mail, to the page this reader has most use for; asked again soon, nothing more comes."""
        recent = select(LinkRequest.id).where(
            LinkRequest.address_id == self.address.id, LinkRequest.at > now - ONE_LINK_PER
        )
        if db.session.scalar(recent.limit(1)) is None:
            scope, subject_id = self._door(wanted, now)
            renew(scope, subject_id, now)
            db.session.add(LinkRequest(address_id=self.address.id, scope=scope, subject_id=subject_id, at=now))

    def _door(self, wanted: Scope | None, now: datetime) -> tuple[Scope, int]:
        """Who works here: their own page. A customer: the next invitation, else what we know about them."""
        if self.staff and (wanted in AS_STAFF or not self.customers):
            return "staff", self.address.id
        ahead = [invitation.id for invitation in self.ahead(now) if invitation.customer_id]
        return ("answer", ahead[0]) if ahead else ("data", self.address.id)


def renew(scope: Scope, subject_id: int, now: datetime) -> None:
    """An expired link works again, under a new key; the old key stays an old one."""
    link = db.session.scalar(select(Link).where(Link.scope == scope, Link.subject_id == subject_id))
    if link is not None and link.expires_at is not None and link.expires_at <= now:
        link.revoke()
        link.expires_at = None


def reader_of(link: Link) -> Reader | None:
    """Whose link this is."""
    mailbox: int | None = None
    if link.scope == "answer":
        mailbox = _mailbox(db.session.get(Invitation, link.subject_id))
    elif link.scope == "slots":
        customer = db.session.get(Customer, link.subject_id)
        mailbox = customer.address_id if customer else None
    elif link.scope == "survey":
        register = db.session.get(Register, link.subject_id)
        mailbox = _mailbox(register.invitation if register else None)
    elif link.scope == "host":
        visit = db.session.get(Visit, link.subject_id)
        mailbox = visit.host.address_id if visit else None
    elif link.scope == "owner":
        question = db.session.get(OwnerQuestion, link.subject_id)
        mailbox = question.owner.address_id if question else None
    elif link.scope == "story":
        story = db.session.get(Story, link.subject_id)
        mailbox = story.customer.address_id if story and story.customer else None
    elif link.scope == "mapping":
        asked = db.session.get(Asked, link.subject_id)
        mailbox = asked.staff.address_id if asked else None
    elif link.scope == "export":
        export = db.session.get(DataExport, link.subject_id)
        mailbox = export.address_id if export else None
    elif link.scope in ("stop", "data", "staff"):
        mailbox = link.subject_id
    return Reader.behind(mailbox) if mailbox else None


def reader_at(email: str) -> Reader | None:
    """Whoever reads mail at this address; None: nobody we know."""
    found = db.session.scalar(select(Address.id).where(Address.email == email.replace("\0", "").strip().lower()))
    return Reader.behind(found) if found else None


def _mailbox(invitation: Invitation | None) -> int | None:
    return invitation.person.address_id if invitation else None
