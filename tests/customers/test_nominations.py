"""A colleague nominates somebody: two fields, three taps; who may be known is asked about, and what came of it is told."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests import factories as make
from tests.doors import door, heading, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.customers.nominations import Nomination, nominate
from webapp.stages.nominated import tell_outcomes

DAY = timedelta(days=1)


@pytest.fixture
def mine(client: FlaskClient, settings: Settings, clock: Clock) -> str:
    """Tariq's own page."""
    clock.at(NOW)
    with db.transaction():
        make.organisation()
        tariq = make.staff_member()
        assert tariq.address_id
        address_id = tariq.address_id
    return door(settings, "staff", address_id)


def test_two_fields_nominate_somebody_who_then_stands_with_the_customers(client: FlaskClient, mine: str) -> None:
    assert f'href="{mine}/nominate"' in client.get(mine).text
    told = press(client, mine + "/nominate", name="mevrouw Sam de Vries", reach="Sam@Example.com", group="starters")
    assert told.status_code == 303
    page = client.get(told.location)
    assert heading(page) == "Dank je. We vragen eerst de vaste contactpersoon."
    assert "Nog iemand" in page.text
    with db.transaction():
        made = db.session.scalars(select(Nomination)).one()
        sam = made.customer
        assert (sam.name.full, sam.address and sam.address.email, sam.group) == (
            "Sam de Vries",
            "sam@example.com",
            "starters",
        )
        assert (sam.source, sam.ground, made.nominator.name.full, made.knows) == (
            "nomination",
            "not_yet",
            "Tariq Yılmaz",
            False,
        )


def test_a_phone_number_will_do_and_the_group_is_filled_in_by_the_link(client: FlaskClient, mine: str) -> None:
    assert 'value="starters"' in client.get(mine + "/nominate?group=starters").text
    press(client, mine + "/nominate", name="Bo", reach="06 12 34 56 78", knows="1", why="Belde om te bedanken.")
    with db.transaction():
        made = db.session.scalars(select(Nomination)).one()
        assert (made.customer.phone, made.customer.address, made.knows) == ("06 12 34 56 78", None, True)


def test_a_colleague_says_in_which_language_somebody_is_written_to(client: FlaskClient, mine: str) -> None:
    assert '<option value="nl" selected>' in client.get(mine + "/nominate").text
    press(client, mine + "/nominate", name="Sam de Vries", reach="sam@example.com", locale="en")
    with db.transaction():
        customer = db.session.scalars(select(Nomination)).one().customer
        assert customer.address
        assert (customer.locale, customer.address.locale) == ("en", "en")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "reach": "06 12345678"}, "Vul een naam in."),
        ({"name": "Sam", "reach": ""}, "Vul een e-mailadres of telefoonnummer in."),
        ({"name": "Sam", "reach": "sam@"}, "Dit e-mailadres is niet compleet."),
        ({"name": "Sam", "reach": "bij de balie"}, "Dit is geen e-mailadres en geen telefoonnummer."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, mine: str, fields: dict[str, str], said: str
) -> None:
    told = press(client, mine + "/nominate", why="Zij belde zelf.", knows="1", **fields)
    assert told.status_code == 422
    assert said in told.text
    for typed in ("Zij belde zelf.", " checked", *(f'value="{each}"' for each in fields.values() if each)):
        assert typed in told.text, typed


def test_somebody_who_may_be_known_already_is_asked_about(client: FlaskClient, mine: str) -> None:
    with db.transaction():
        known = make.customer("M. de Vries").id
    path, typed = mine + "/nominate", {"name": "Mila de Vries", "reach": "mila@example.com"}
    asked = press(client, path, **typed)
    assert asked.status_code == 422
    assert "Er staat al een M. de Vries; dezelfde?" in asked.text
    press(client, path, same=str(known), **typed)
    press(client, path, same="other", **typed)
    with db.transaction():
        assert db.session.scalars(select(Nomination.customer_id).order_by(Nomination.id)).first() == known
        assert db.session.scalar(select(func.count()).select_from(Customer)) == 2


def test_nominated_twice_by_one_colleague_is_one_nomination(client: FlaskClient, mine: str) -> None:
    with db.transaction():
        sam = make.customer().id
    for _ in range(2):
        press(client, mine + "/nominate", name="Sam de Vries", reach="06 12345678", same=str(sam))
    with db.transaction():
        assert db.session.scalars(select(Nomination.customer_id)).all() == [sam]


def test_who_comes_to_tell_is_told_with_the_day_and_the_team(mine: str) -> None:
    with db.transaction():
        made = nominated()
        visit = make.visit(teams=[make.team("Bellers avond A")])
        make.answer(make.invitation(visit, made.customer), at=NOW + DAY)
        assert tell_outcomes(NOW + 2 * DAY) == 1
        assert (made.outcome, made.visit_day, made.visit_team, made.outcome_at) == (
            "planned", visit.wall.date(), "Bellers avond A", NOW + 2 * DAY,
        )  # fmt: skip
        assert tell_outcomes(NOW + 3 * DAY) == 0


@pytest.mark.parametrize("why", ["declined", "withdrawn", "held", "silence"])
def test_no_held_and_three_months_of_silence_are_told_alike(client: FlaskClient, mine: str, why: str) -> None:
    with db.transaction():
        made = nominated()
        now = NOW + DAY
        if why == "declined":
            make.answer(make.invitation(make.visit(), made.customer), "declined", at=now)
        elif why == "withdrawn":
            make.consent(made.customer, "withdrawn", now)
        elif why == "held":
            from webapp.customers.owners import ask_owner

            ask_owner(made.customer, make.staff_member("Karin Visser"), "visit", None, NOW, DAY).say(
                "not_now", now, None
            )
        else:
            assert tell_outcomes(NOW + 90 * DAY) == 0
            now = NOW + 91 * DAY
        assert tell_outcomes(now) == 1
        assert made.outcome == "not_now"
    page = client.get(mine + "/nominations")
    assert "Doet nu niet mee, en dat is goed." in page.text


def nominated() -> Nomination:
    """By Tariq, at this moment."""
    from webapp.staff.models import StaffMember

    tariq = db.session.scalars(select(StaffMember).order_by(StaffMember.id)).first()
    assert tariq
    return nominate(tariq, make.customer(ground="existing"), "", True, NOW)
