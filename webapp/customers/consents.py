"""Consent over time: until when it holds, that it ends by itself, and giving and withdrawing it, use by use."""

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import USES, Consent, Customer
from webapp.customers.wording import ENDED, NAMES, VERSION, WITHDRAWN, consent_text
from webapp.i18n import Language

ENOUGH_FOR_ONE_TICK = 1_000


def expiry(now: datetime) -> datetime:
    """Until when a consent that is given now holds."""
    months = now.year * 12 + now.month - 1 + Organisation.required().consent_months
    year, month = divmod(months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def lasting(ground: str, now: datetime) -> dict[str, Any]:
    """Of a ground given now: until when it holds, where it is a consent."""
    return {"expires_at": expiry(now)} if ground == "agreed" else {}


def agree(
    customer: Customer,
    uses: Collection[str],
    language: Language,
    channel: str,
    now: datetime,
    by: Account | None,
    attribution: str = "name",
) -> list[Consent]:
    """This person allows these uses from now on, in the words of our texts."""
    organisation, until = Organisation.required(), expiry(now)
    given = []
    for use in USES:
        if use in uses:
            shown = attribution if use == "story_inside" else ""
            text = consent_text(use, language, organisation, until, attribution)
            more = {"use": use, "version": VERSION, "expires_at": until, "attribution": shown}
            given.append(customer.consent("agreed", text, language, channel, now, by, **more))
    return given


def withdraw(
    customer: Customer, uses: Collection[str], language: Language, channel: str, now: datetime, by: Account | None
) -> list[Consent]:
    """From this moment none of these may be done any more. Returns what was withdrawn: only what was allowed."""
    customer.hold()
    db.session.refresh(customer, ["consents"])
    taken = []
    for use in USES:
        if use in uses and customer.agreed(use):
            words = WITHDRAWN[language].format(use=NAMES[use][language])
            taken.append(customer.consent("withdrawn", words, language, channel, now, by, use=use))
    return taken


def end_due(now: datetime) -> int:
    """Say of every consent that has run out that it did; returns of how many.

    The row that says so keeps the moment, and the last of these says how far we are: nobody goes through all of them.
    """
    until = select(func.max(Consent.expires_at)).where(Consent.ground == "ended").scalar_subquery()
    ran_out = (
        select(Consent.id, Consent.customer_id)
        .where(
            Consent.ground == "agreed",
            Consent.expires_at <= now,
            Consent.expires_at >= func.coalesce(until, func.to_timestamp(0)),
            ~_said_since(),
        )
        .order_by(Consent.expires_at, Consent.id)
        .limit(ENOUGH_FOR_ONE_TICK)
    )
    found = db.session.execute(ran_out).all()
    if not found:
        return 0
    whose = sorted({each.customer_id for each in found})
    held = select(Customer.id).where(db.among(Customer.id, whose)).order_by(Customer.id)
    db.session.execute(held.with_for_update(key_share=True))
    still = select(Consent).where(db.among(Consent.id, [each.id for each in found]), ~_said_since())
    ended = [_ended(each, now) for each in db.session.scalars(still.order_by(Consent.id))]
    db.session.add_all(ended)
    db.session.flush()
    return len(ended)


def _said_since() -> Any:
    later = aliased(Consent)
    return exists().where(later.customer_id == Consent.customer_id, later.use == Consent.use, later.id > Consent.id)


def _ended(ran_out: Consent, now: datetime) -> Consent:
    language: Language = "en" if ran_out.locale == "en" else "nl"
    words = ENDED[language].format(use=NAMES[ran_out.use][language])  # type: ignore[index]  # a Use
    return Consent(
        customer_id=ran_out.customer_id, use=ran_out.use, ground="ended", wording=words, locale=language,
        channel="clock", at=now, expires_at=ran_out.expires_at,
    )  # fmt: skip


def in_words(uses: Sequence[str], language: Language, names: Mapping[Any, Mapping[Language, str]] = NAMES) -> list[str]:
    """Uses, in the order of the texts, within a sentence."""
    return [names[use][language] for use in USES if use in uses]
