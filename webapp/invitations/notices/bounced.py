"""Mail that did not arrive, to the organiser: who, why, and the phone number; one mail for all of an hour."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.invitations.notices import occasions
from webapp.invitations.notices.readers import AboutVisit
from webapp.mailing.models import Message
from webapp.mailing.status import Outcome
from webapp.mailing.wording import plain
from webapp.people import PersonName
from webapp.visits.facts import in_one_piece
from webapp.visits.models import Visit

BUNDLE = timedelta(hours=1)
NAMED = 12
"""More people than this are counted, not named."""

_who = func.jsonb_build_array(
    func.coalesce(Customer.title, ""), Customer.given, Customer.particle, Customer.family, Customer.phone,
    Message.stage, Message.code, Message.enhanced,
)  # fmt: skip
_hour = func.date_bin(BUNDLE, Message.ended_at, func.to_timestamp(0))
came_back = (
    select(
        Invitation.visit_id,
        _hour.label("since"),
        func.jsonb_agg(aggregate_order_by(_who, Customer.sorting), type_=JSONB).label("who"),
    )
    .select_from(Message)
    .join(Invitation, Message.thread == func.concat("visit-", Invitation.visit_id))
    .join(Customer, and_(Customer.id == Invitation.customer_id, Customer.address_id == Message.address_id))
    .where(Message.unsent == "bounced", Message.settled_at.is_(None))
    .group_by(Invitation.visit_id, _hour)
    .subquery("came_back")
)
"""Customers whose mail came back and whose address was not mended since, by visit and hour."""


class BouncedNotice(AboutVisit):
    """At the end of the hour, to the organiser; stops when all are mended, or seen to."""

    name, title = "bounced_notice", ("Mail did not arrive", "Mail niet aangekomen")
    lane, lapses = "urgent", 2 * occasions.DAY
    moment, after = came_back.c.since, BUNDLE
    occurrence = occasions.once_per(came_back.c.since)
    entities = (Visit, came_back.c.who)

    @classmethod
    def whom(cls) -> Select[Any]:
        organised = (
            select(Visit).join(Visit.organiser).where(Visit.cancelled_at.is_(None), Account.disabled_at.is_(None))
        )
        return organised.join(came_back, came_back.c.visit_id == Visit.id)

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        people = [_person(each, language) for each in more[0]]
        return {"count": len(people), "people": people[:NAMED], "others": max(len(people) - NAMED, 0)}


def _person(found: Sequence[Any], language: Language) -> dict[str, str]:
    *name, phone, stage, code, enhanced = found
    why = plain(Outcome("refused", stage or "rcpt", code, enhanced), language)
    return {"customer_name": PersonName(*name).full, "reason_plain": why, "phone": in_one_piece(phone)}
