"""Withdrawing consent: in force at once, everywhere; and the receipt that says what it came to."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Text, and_, cast, exists, func, select
from sqlalchemy.orm import aliased

from webapp import clock, dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.consents import in_words, withdraw
from webapp.customers.models import Consent, Customer, Use
from webapp.customers.requests import ConsentRequest
from webapp.customers.wording import GROUNDS, VERSION
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.mailing.notices import Content, Notice, Reader, Ref
from webapp.stories.models import Story
from webapp.visits.models import Visit

ASKED: tuple[Use, ...] = ("to_be_asked",)


def withdraw_uses(
    customer: Customer,
    uses: Collection[str],
    language: Language,
    channel: str,
    now: datetime,
    by: Account | None = None,
) -> list[Consent]:
    """None of these any more, from this moment. Who will not tell it themselves is not expected at a visit either."""
    taken = withdraw(customer, uses, language, channel, now, by)
    if any(each.use == "live_visit" for each in taken):
        ahead = select(Invitation).join(Invitation.visit).where(
            Invitation.customer_id == customer.id, Invitation.withdrawn_at.is_(None), Invitation.partstat != "declined",
            Visit.starts_at > now, Visit.cancelled_at.is_(None),
        )  # fmt: skip
        for invitation in db.session.scalars(ahead.order_by(Invitation.id)).all():
            invitation.answer("declined", now, "link")
    return taken


def rather_not(customer: Customer, language: Language, now: datetime) -> None:
    """A no to being asked: kept, also of who had never said yes."""
    taken = withdraw_uses(customer, ASKED, language, "page", now)
    if not taken and customer.ground != "withdrawn":
        words = GROUNDS["withdrawn"][language].format(organisation=Organisation.required().name)
        customer.consent("withdrawn", words, language, "page", now, None, version=VERSION)
    ConsentRequest.answered(customer, now)


def _same_moment(each: Any) -> ColumnElement[bool]:
    return and_(each.customer_id == Consent.customer_id, each.at == Consent.at, each.ground == "withdrawn")


def _first() -> ColumnElement[bool]:
    """Of what was withdrawn at one moment, the first row: for one mail about all of it."""
    before = aliased(Consent)
    return ~exists().where(_same_moment(before), before.id < Consent.id)


def _uses() -> Any:
    each = aliased(Consent)
    return select(func.array_agg(each.use, type_=ARRAY(Text))).where(_same_moment(each)).scalar_subquery()


def _day() -> Any:
    """The visit that is off with it."""
    off = (
        Invitation.customer_id == Consent.customer_id,
        Invitation.partstat == "declined",
        Invitation.answered_at == Consent.at,
    )
    return select(func.min(cast(Visit.wall, Date))).join(Invitation).where(*off).scalar_subquery()


class ConsentWithdrawn(Notice):
    """At once, to who withdrew: also when they want no more mail, for they asked for it this minute."""

    name, title = "consent_withdrawn_receipt", ("Consent withdrawn", "Toestemming ingetrokken")
    fixed = True
    reader: ClassVar[Reader] = "customer"
    why = "data"
    lane, lapses, despite_stop = "urgent", timedelta(days=1), True
    about, to, moment = Consent.id, Customer.address_id, Consent.at
    thread = func.concat("customer-", Consent.customer_id)
    entities: ClassVar[tuple[Any, ...]] = (
        Consent, Customer, _uses(), _day(),
        exists().where(Story.customer_id == Consent.customer_id, Story.shared_at.is_not(None)),
    )  # fmt: skip

    @classmethod
    def whom(cls) -> Select[Any]:
        by_themselves = (Consent.ground == "withdrawn", Consent.channel.in_(("page", "phone")), _first())
        return select(Consent).join(Customer, Customer.id == Consent.customer_id).where(*by_themselves)

    @classmethod
    def options(cls) -> Sequence[Any]:
        return ()

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        _, customer, uses, day, told = row
        values = {
            "salutation": customer.name.salutation(language),
            "first_name": customer.name.first,
            "why": cls.why,
            "consent_uses": dates.listed(in_words(uses, language), language),
            "story": bool(told and "story_inside" in uses),
            "day": dates.day(day, language) if day else "",
        }
        return Content(values, {"mine": Ref("data", customer.address_id)}, to_name=customer.name.full)

    @classmethod
    def on_clock(cls, *row: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, clock.now() + cls.lapses
