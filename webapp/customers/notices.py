"""Mail about being asked: consent and its renewal, the owner's word, and the receipt of a nomination."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ARRAY, Select, Text, and_, exists, func, select
from sqlalchemy.orm import aliased, contains_eager, selectinload

from webapp import clock, dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.consents import in_words
from webapp.customers.models import MAY_BE_ASKED, Consent, Customer
from webapp.customers.nominations import Nomination
from webapp.customers.owners import OwnerQuestion
from webapp.customers.requests import ConsentRequest
from webapp.customers.saying import ASK_IN_WORDS, NO_REASON, sentence, signature, source, source_of
from webapp.i18n import Language
from webapp.mailing.notices import Choice, Content, Notice, Reader, Ref, Refusal
from webapp.staff.models import StaffMember

RENEW_BEFORE = timedelta(days=30)


class ToCustomer(Notice, abstract=True):
    """A mail to somebody before there is a visit, signed by who organises."""

    reader: ClassVar[Reader] = "customer"
    why = "source"
    to: ClassVar[Any] = Customer.address_id
    lapses = timedelta(days=7)
    asks: ClassVar[bool] = True
    choice: ClassVar[Choice | None] = "invitations"

    @classmethod
    def said(cls, language: Language, customer: Customer, by: Account | None, values: dict[str, Any]) -> Content:
        name, signed = customer.name, signature(by)
        said = {"salutation": name.salutation(language), "first_name": name.first, "why": cls.why, **signed}
        links = {
            "choose": Ref("data", customer.address_id or 0, "/choose"),
            "no": Ref("data", customer.address_id or 0, "/choose?answer=no"),
        }
        reply_to = (by.name, by.email) if by else None
        return Content(said | values, links, by.name if by else "", reply_to=reply_to, to_name=name.full)

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, clock.now() + cls.lapses


class ConsentRequested(ToCustomer):
    """After the hold, until it was answered."""

    name, title = "consent_request", ("Consent request", "Vraag om toestemming")
    about, moment = ConsentRequest.id, ConsentRequest.released_at
    thread = func.concat("customer-", ConsentRequest.customer_id)
    entities = (ConsentRequest,)

    @classmethod
    def whom(cls) -> Select[Any]:
        last = aliased(Consent)
        said_no = exists().where(
            last.customer_id == Customer.id,
            last.use == "to_be_asked",
            last.ground.in_(("withdrawn", "ended")),
            last.at >= ConsentRequest.asked_at,
        )
        asked = select(ConsentRequest).join(ConsentRequest.customer)
        return asked.where(ConsentRequest.answered_at.is_(None), ~said_no)

    @classmethod
    def options(cls) -> Sequence[Any]:
        customer = contains_eager(ConsentRequest.customer)
        uses = (customer.selectinload(Customer.consents), customer.selectinload(Customer.contacts))
        return (*uses, selectinload(ConsentRequest.asked_by))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (asked,) = row
        values = {
            "reason": sentence(asked.reason) or NO_REASON[language],
            "budget": dates.in_words(Organisation.required().asks_a_year, language),
            "source": source_of(asked.customer, language),
        }
        return cls.said(language, asked.customer, asked.asked_by, values)

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        asked = db.session.get(ConsentRequest, subject_id)
        if asked is None or asked.answered_at:
            return Refusal("not_needed", "not_needed", {"fact": "answered"})
        ground = asked.customer.ground
        return (
            Refusal("suppressed", "consent", {"ground": ground}) if ground not in (*MAY_BE_ASKED, "not_yet") else None
        )


def _lead() -> Any:
    """Of what somebody allows until one moment, the first row: for one mail about all of it."""
    same, later, newer = aliased(Consent), aliased(Consent), aliased(Consent)
    stands = ~exists().where(later.customer_id == Consent.customer_id, later.use == Consent.use, later.id > Consent.id)
    still = ~exists().where(newer.customer_id == same.customer_id, newer.use == same.use, newer.id > same.id)
    before = exists().where(
        same.customer_id == Consent.customer_id, same.expires_at == Consent.expires_at, same.ground == "agreed",
        same.id < Consent.id, still,
    )  # fmt: skip
    return and_(Consent.ground == "agreed", stands, ~before)


def _together() -> Any:
    """What ends, or was withdrawn, together with a row: its uses."""
    each, later = aliased(Consent), aliased(Consent)
    stands = ~exists().where(later.customer_id == each.customer_id, later.use == each.use, later.id > each.id)
    uses = func.array_agg(each.use, type_=ARRAY(Text))
    return (
        select(uses)
        .where(
            each.customer_id == Consent.customer_id,
            each.expires_at == Consent.expires_at,
            each.ground == "agreed",
            stands,
        )
        .scalar_subquery()
    )


class ConsentRenewal(ToCustomer):
    """Thirty days before what somebody allows runs out, once; whoever does nothing is asked nothing more."""

    name, title = "consent_renewal", ("Consent renewal", "Toestemming verlengen")
    about, moment, after = Customer.id, Consent.expires_at, -RENEW_BEFORE
    thread = func.concat("customer-", Customer.id)
    stops = Consent.expires_at
    occurrence = func.to_char(func.timezone("UTC", Consent.expires_at), "YYYY-MM-DD HH24:MI:SS")
    entities: ClassVar[tuple[Any, ...]] = (Customer, Consent.expires_at, _together())

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(Customer).join(Consent, Consent.customer_id == Customer.id).where(_lead())

    @classmethod
    def options(cls) -> Sequence[Any]:
        return (selectinload(Customer.consents), selectinload(Customer.contacts))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        customer, expires_at, uses = row
        until = dates.local(expires_at, Organisation.required().zone)
        values = {
            "consent_uses": dates.listed(in_words(uses, language), language),
            "expires_date": dates.date(until, language),
            "source": source("consent", language),
        }
        return cls.said(language, customer, None, values)


class OwnerApproval(Notice):
    """After the hold, to the relationship owner; after three working days it is for who organises."""

    name, title = "owner_approval", ("Owner approval", "Vraag aan vaste contactpersoon")
    reader: ClassVar[Reader] = "staff"
    why = "owner"
    about, to, moment = OwnerQuestion.id, StaffMember.address_id, OwnerQuestion.released_at
    thread = func.concat("customer-", OwnerQuestion.customer_id)
    lapses, stops = timedelta(days=7), OwnerQuestion.due_at
    asks: ClassVar[bool] = True
    choice: ClassVar[Choice | None] = "invitations"
    entities = (OwnerQuestion,)

    @classmethod
    def whom(cls) -> Select[Any]:
        asked = select(OwnerQuestion).join(OwnerQuestion.owner)
        return asked.where(OwnerQuestion.answer.is_(None), StaffMember.left_at.is_(None))

    @classmethod
    def options(cls) -> Sequence[Any]:
        by = selectinload(OwnerQuestion.asked_by)
        return (contains_eager(OwnerQuestion.owner).lazyload("*"), selectinload(OwnerQuestion.customer), by)

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (question,) = row
        by, owner = question.asked_by, question.owner.name
        values = {
            "first_name": owner.first,
            "why": cls.why,
            "organiser_name": by.name if by else Organisation.required().name,
            "customer_name": question.customer.name.full,
            "ask_in_words": ASK_IN_WORDS[question.kind][language],
        }
        links = {
            "yes": Ref("owner", question.id, "?answer=yes"),
            "not_now": Ref("owner", question.id, "?answer=not_now"),
        }
        reply_to = (by.name, by.email) if by else None
        return Content(values, links, values["organiser_name"], reply_to=reply_to, to_name=owner.full)

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, row[0].due_at

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        question = db.session.get(OwnerQuestion, subject_id)
        if question is None or question.answer:
            return Refusal("not_needed", "not_needed", {"fact": "answered"})
        return None


class NominationReceived(Notice):
    """At once, to who nominated somebody."""

    name, title = "nomination_received", ("Nomination received", "Voordracht ontvangen")
    reader: ClassVar[Reader] = "staff"
    why = "nominator"
    about, to = Nomination.id, StaffMember.address_id
    moment: ClassVar[Any] = Nomination.at
    thread = func.concat("nomination-", Nomination.id)
    lapses = timedelta(days=2)
    entities: ClassVar[tuple[Any, ...]] = (Nomination,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(Nomination).join(Nomination.nominator).where(StaffMember.left_at.is_(None))

    @classmethod
    def options(cls) -> Sequence[Any]:
        return (contains_eager(Nomination.nominator).lazyload("*"), selectinload(Nomination.customer))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        nomination = row[0]
        nominator = nomination.nominator
        values = {
            "first_name": nominator.name.first,
            "why": cls.why,
            "customer_name": nomination.customer.name.full,
            **cls.values(language, nomination),
        }
        links = {"nominations": Ref("staff", nominator.address_id, "/nominations")}
        return Content(values, links, to_name=nominator.name.full)

    @classmethod
    def values(cls, language: Language, nomination: Nomination) -> dict[str, Any]:
        return {}

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, clock.now() + cls.lapses


class NominationOutcome(NominationReceived):
    """Once, on the first outcome or after three months. Why somebody does not take part stays their own."""

    name, title = "nomination_outcome", ("Nomination outcome", "Vervolg op je voordracht")
    moment = Nomination.outcome_at
    lapses = timedelta(days=7)
    by = ("outcome",)
    variants: ClassVar[dict[str, tuple[str, str]]] = {
        "planned": ("Comes to tell", "Komt vertellen"),
        "story": ("Shared a story", "Deelde een verhaal"),
        "not_now": ("Not now", "Nu niet"),
    }

    @classmethod
    def whom(cls) -> Select[Any]:
        return super().whom().where(Nomination.outcome.is_not(None))

    @classmethod
    def values(cls, language: Language, nomination: Nomination) -> dict[str, Any]:
        day = nomination.visit_day
        return {
            "outcome": nomination.outcome,
            "day": dates.day(day, language) if day else "",
            "team": nomination.visit_team or Organisation.required().name,
        }
