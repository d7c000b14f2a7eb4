"""What somebody allows, use by use: the last word counts, it runs out by itself, and everybody asks the same way."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from tests import factories as make
from tests.factories import NOW
from webapp import db
from webapp.customers import consents
from webapp.customers.consents import agree, end_due, withdraw
from webapp.customers.models import USES, Consent, Customer, Use

YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def opened(database: Engine) -> Iterator[None]:
    with db.transaction():
        make.organisation()
        yield


def test_each_use_is_agreed_to_by_itself_in_the_exact_words() -> None:
    sam = make.customer(ground=None)
    agree(sam, ("story_inside", "to_be_asked"), "nl", "page", NOW, None, "first_name")
    assert allowed(sam) == ["to_be_asked", "story_inside"]
    story = sam.last("story_inside")
    assert story is not None
    assert (story.wording, story.version, story.attribution, story.expires_at) == (
        "Medewerkers van Universiteit Voorbeeld mogen mijn verhaal lezen, nadat ik de tekst heb goedgekeurd. Erbij "
        "staat: alleen mijn voornaam. Dit geldt tot dinsdag 23 november 2027. Intrekken kan altijd, met de link in "
        "elke mail. Dan stopt het gebruik meteen. Wat al is gezegd of gedrukt, kan niemand terughalen.",
        1, "first_name", NOW + YEAR,
    )  # fmt: skip


def test_who_withdraws_one_use_keeps_the_others() -> None:
    sam = make.customer(ground="agreed")
    agree(sam, USES, "nl", "page", NOW, None)
    taken = withdraw(sam, ("read_aloud", "recording"), "nl", "page", NOW, None)
    assert [each.use for each in taken] == ["read_aloud", "recording"]
    assert allowed(sam) == ["to_be_asked", "story_inside", "live_visit", "outside_use"]
    assert withdraw(sam, ("recording",), "nl", "page", NOW, None) == []


def test_saying_yes_to_a_story_says_nothing_about_being_asked() -> None:
    sam = make.customer(ground="withdrawn")
    agree(sam, ("story_inside",), "nl", "page", NOW, None)
    assert (sam.ground, allowed(sam)) == ("withdrawn", ["story_inside"])


def test_a_consent_runs_out_by_itself_once() -> None:
    sam, bo = make.customer(ground=None), make.customer("Bo Kaya", ground=None)
    agree(sam, ("to_be_asked", "story_inside"), "nl", "page", NOW, None)
    agree(bo, ("to_be_asked",), "en", "page", NOW + timedelta(days=1), None)
    assert end_due(NOW + YEAR - timedelta(seconds=1)) == 0
    assert (end_due(NOW + YEAR), end_due(NOW + YEAR)) == (2, 0)
    for each in (sam, bo):
        db.session.refresh(each)
    assert ((sam.ground, allowed(sam)), allowed(bo)) == (("ended", []), ["to_be_asked"])
    assert end_due(NOW + YEAR + timedelta(days=1)) == 1
    words = db.session.scalars(select(Consent.wording).where(Consent.ground == "ended").order_by(Consent.id)).all()
    assert words == [
        "De toestemming liep af: gevraagd worden.",
        "De toestemming liep af: verhaal binnen de organisatie.",
        "Consent ran out: being asked.",
    ]


def test_what_was_renewed_or_withdrawn_does_not_run_out() -> None:
    sam = make.customer(ground=None)
    agree(sam, ("to_be_asked", "read_aloud"), "nl", "page", NOW, None)
    later = NOW + timedelta(days=340)
    agree(sam, ("to_be_asked",), "nl", "page", later, None)
    withdraw(sam, ("read_aloud",), "nl", "page", later, None)
    assert end_due(NOW + YEAR) == 0
    db.session.refresh(sam)
    assert allowed(sam) == ["to_be_asked"]


def test_a_consent_of_the_last_day_of_a_month_holds_until_the_last_day_of_another() -> None:
    leap_day = NOW.replace(year=2028, month=2, day=29)
    assert consents.expiry(leap_day) == NOW.replace(year=2029, month=2, day=28)


def allowed(customer: Customer) -> list[Use]:
    """The uses that somebody allows; asked in Python and in SQL, which must say the same."""
    in_python = [use for use in USES if customer.agreed(use)]
    mine = select(Customer.id).where(Customer.id == customer.id)
    in_sql = [use for use in USES if db.session.scalar(mine.where(Customer.agreed_to(use)))]
    assert in_sql == in_python
    return in_python
