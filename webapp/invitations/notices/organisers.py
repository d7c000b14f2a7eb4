"""Mail to who runs a visit: the brief for its host; who stayed silent, and who suggests another time, in bundles."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from webapp import dates
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.models import Answer, Invitation, Proposal
from webapp.invitations.notices import occasions, times
from webapp.invitations.notices.readers import AboutVisit, tellers
from webapp.invitations.notices.staff import storytellers
from webapp.invitations.notices.whom import ASKED_FOR, OPEN, PLACES_LEFT, STANDS, TELLERS
from webapp.mailing.notices import Ref
from webapp.people import PersonName
from webapp.staff.models import StaffMember
from webapp.visits.facts import in_one_piece
from webapp.visits.models import Visit

NAMED = 12
"""More people than this are counted, not named."""
OTHERS: dict[Language, str] = {"nl": "{n} anderen", "en": "{n} others"}
BUNDLE = timedelta(minutes=15)

_name = func.jsonb_build_array(func.coalesce(Customer.title, ""), Customer.given, Customer.particle, Customer.family)


class HostBrief(AboutVisit):
    """09:00, two working days before, to the host; again to another host, or for another day."""

    name, title = "host_brief", ("Host brief", "Voor de gastgever")
    lapses = 2 * occasions.DAY
    moment, to = Visit.host_brief_at, StaffMember.address_id
    occurrence = func.concat(func.to_char(Visit.wall, "YYYY-MM-DD"), " ", Visit.host_id)
    entities = (Visit, TELLERS)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(Visit).join(Visit.host).where(Visit.cancelled_at.is_(None), StaffMember.left_at.is_(None))

    @classmethod
    def greeted(cls, visit: Visit) -> tuple[str, str]:
        return visit.host.name.first, visit.host.name.full

    @classmethod
    def doors(cls, visit: Visit) -> dict[str, Ref]:
        account = {"account": Ref(None, 0, "/account")} if visit.host.account_id else {}
        return {"day": Ref("host", visit.id), **account}

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        phones = [f"{name.formal(language)} {in_one_piece(phone)}" for name, phone in tellers(more[0]) if phone]
        return storytellers(more[0], language) | {"storyteller_phones": dates.listed(phones, language)}


silent = (
    select(
        Invitation.visit_id,
        Invitation.unanswered_at.label("at"),
        func.jsonb_agg(aggregate_order_by(_name, Customer.sorting), type_=JSONB).label("names"),
    )
    .join(Invitation.customer)
    .where(OPEN, STANDS, Customer.may_be_asked())
    .group_by(Invitation.visit_id, Invitation.unanswered_at)
    .subquery("silent")
)
"""Who did not answer, by visit and by when their reminders are over: at one moment for all of one working day."""


class UnansweredNotice(AboutVisit):
    """The working day after the last reminder, to the organiser: who was asked together, in one mail."""

    name, title = "unanswered_notice", ("No answer after two reminders", "Geen antwoord na twee herinneringen")
    moment = silent.c.at
    occurrence = occasions.once_per(silent.c.at)
    entities = (Visit, silent.c.names)

    @classmethod
    def whom(cls) -> Select[Any]:
        return _of_organiser().join(silent, silent.c.visit_id == Visit.id).where(PLACES_LEFT)

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        names = [PersonName(*parts).full for parts in more[0]]
        shown = names if len(names) <= NAMED else names[: NAMED - 1]
        others = (
            [OTHERS[language].format(n=dates.in_words(len(names) - len(shown), language))]
            if len(shown) < len(names)
            else []
        )
        return {"count": len(names), "names": dates.listed([*shown, *others], language)}


_bundle = func.date_bin(BUNDLE, Proposal.at, func.to_timestamp(0))
proposed = (
    select(
        Invitation.visit_id,
        _bundle.label("since"),
        func.jsonb_agg(
            aggregate_order_by(func.jsonb_build_array(_name, Proposal.times), Proposal.id), type_=JSONB
        ).label("proposals"),
    )
    .select_from(Proposal)
    .join(Answer, Proposal.answer_id == Answer.id)
    .join(Invitation, Proposal.invitation_id == Invitation.id)
    .join(Invitation.customer)
    .join(Invitation.visit)
    .where(STANDS, Answer.latest, Proposal.decided_at.is_(None), ~Proposal.because_full, ~ASKED_FOR)
    .group_by(Invitation.visit_id, _bundle)
    .subquery("proposed")
)
"""Other times that wait for a decision, by visit and quarter of an hour."""


class NewTimeProposed(AboutVisit):
    """At the end of the quarter of an hour, to the organiser; stops when all are decided."""

    name, title = "new_time_proposed", ("Another time proposed", "Ander moment voorgesteld")
    lane, lapses = "urgent", 2 * occasions.DAY
    moment, after = proposed.c.since, BUNDLE
    occurrence = occasions.once_per(proposed.c.since)
    entities = (Visit, proposed.c.proposals)

    @classmethod
    def whom(cls) -> Select[Any]:
        return _of_organiser().join(proposed, proposed.c.visit_id == Visit.id)

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        return {"proposals": [_proposal(name, wished, language) for name, wished in more[0]]}


def _of_organiser() -> Select[Any]:
    return select(Visit).join(Visit.organiser).where(Visit.cancelled_at.is_(None), Account.disabled_at.is_(None))


def _proposal(name: Sequence[str], wished: Mapping[str, Any], language: Language) -> dict[str, str]:
    person = PersonName(*name)
    return {"customer_name": person.full, "proposed_times": times.said(wished, language)}
