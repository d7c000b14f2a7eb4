"""Finding who is willing, in the sample: owners who agreed, one who has not answered, nominations, consents that end soon."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Account
from webapp.customers.asks import Ask
from webapp.customers.consents import agree
from webapp.customers.models import Customer, Use
from webapp.customers.nominations import new_customer, nominate
from webapp.customers.owners import ask_owner, last_questions, owner_of, owners
from webapp.customers.requests import ConsentRequest
from webapp.people import PersonName
from webapp.staff.models import StaffMember

DAY, HOLD = timedelta(days=1), timedelta(minutes=1)
ENDS_IN = (12, 20, 32)
"""Days: what was agreed a year ago ends; before the last of them the mail is still to come."""
USES: tuple[Use, ...] = ("to_be_asked", "story_inside", "live_visit")
NOMINATED = (
    ("Femke Postma", "f.postma@studnet.example", "Zij belde om te vertellen dat ze haar stage kreeg.", True, 3),
    ("Omar Aziz", "06 00 12 34 56", "Zijn zus had ook een beurs. Hij vroeg wie er aan de telefoon zat.", False, 9),
    ("Ingrid Claes", "i.claes@studnet.example", "", True, 100),
)
"""Who, how to reach, why, whether they know, days ago. The last one was never asked, so that was told after three months."""


def owners_agreed(customers: Iterable[Customer], by: Account, now: datetime) -> None:
    """Whoever is invited here was approved some days before."""
    people = list(customers)
    asked = last_questions([each.id for each in people])
    for customer_id, owner in owners(people).items():
        if customer_id not in asked:
            customer = next(each for each in people if each.id == customer_id)
            ask_owner(customer, owner, "visit", by, now - 5 * DAY, HOLD).say("yes", now - 4 * DAY, None)


def load(customers: Mapping[str, Customer], staff: Mapping[str, StaffMember], by: Account, now: datetime) -> None:
    """What is under way today."""
    asked = set(db.session.scalars(select(Ask.customer_id)))
    fresh = [each for each in customers.values() if each.id not in asked and each.address_id]
    willing = [each for each in fresh if each.ground in ("agreed", "existing")]
    _soon_over(willing[:3], now)
    _owners(willing[3:5], by, now)
    _asked(next(each for each in fresh if each.ground == "not_yet"), by, now)
    _nominated(list(staff.values()), now)


def _soon_over(people: Iterable[Customer], now: datetime) -> None:
    """Agreed almost a year ago."""
    for customer, days in zip(people, ENDS_IN, strict=False):
        at = now - timedelta(days=365 - days)
        agree(customer, USES, "en" if customer.locale == "en" else "nl", "page", at, None, "first_name")


def _owners(people: Iterable[Customer], by: Account, now: datetime) -> None:
    """One owner was asked yesterday, one more than a week ago: the second is for who organises."""
    for customer, ago in zip(people, (1, 8), strict=False):
        if (owner := owner_of(customer)) is not None:
            ask_owner(customer, owner, "visit", by, now - ago * DAY, HOLD)


def _asked(customer: Customer, by: Account, now: datetime) -> None:
    """Was asked yesterday what is fine, and did not answer yet."""
    if (owner := owner_of(customer)) is not None:
        ask_owner(customer, owner, "consent", by, now - 6 * DAY, HOLD).say("yes", now - 5 * DAY, None)
    ConsentRequest.send(customer, "U kreeg dit jaar een beurs uit ons studiefonds.", by, now - DAY, HOLD)


def _nominated(staff: list[StaffMember], now: datetime) -> None:
    working = [each for each in staff if each.left_at is None and each.address_id]
    for (name, reach, why, knows, ago), nominator in zip(NOMINATED, working, strict=False):
        email, phone = (reach, "") if "@" in reach else ("", reach)
        at = now - ago * DAY
        customer = new_customer(PersonName.parse(name), email, phone, "beursstudent", "nl", at)
        made = nominate(nominator, customer, why, knows, at)
        if ago > 91:
            made.outcome, made.outcome_at = "not_now", at + 91 * DAY
    db.session.flush()


def everybody(draft: Iterable[int]) -> list[Customer]:
    return list(db.session.scalars(select(Customer).where(db.among(Customer.id, draft)).order_by(Customer.id)))
