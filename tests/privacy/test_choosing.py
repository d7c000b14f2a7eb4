"""What is fine with you? Chosen on one page behind the mail, nothing ticked beforehand; withdrawn with one button."""

import pytest
from flask.testing import FlaskClient

from tests import factories as make
from tests.doors import door, heading, nonce, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.config import Settings
from webapp.customers.consents import agree
from webapp.customers.models import USES, Customer
from webapp.customers.requests import ConsentRequest
from webapp.invitations.models import Invitation


class Sam:
    """A customer with the mail that asks what is fine with them."""

    def __init__(self, client: FlaskClient, settings: Settings):
        self.client = client
        with db.transaction():
            make.organisation()
            customer = make.customer(ground="not_yet")
            ConsentRequest.send(customer, "U diende een vergunning in.", None, NOW, NOW - NOW)
            assert customer.address_id
            self.id, self.address_id = customer.id, customer.address_id
        self.mine = door(settings, "data", self.address_id)
        self.choose = self.mine + "/choose"

    def allows(self) -> list[str]:
        with db.transaction():
            return list(db.session.get_one(Customer, self.id).uses_agreed)

    def open_question(self) -> bool:
        with db.transaction():
            return ConsentRequest.open_of(self.id) is not None


@pytest.fixture
def sam(client: FlaskClient, settings: Settings, clock: Clock) -> Sam:
    clock.at(NOW)
    return Sam(client, settings)


def test_nothing_is_ticked_beforehand_and_looking_changes_nothing(sam: Sam) -> None:
    page = sam.client.get(sam.choose)
    assert heading(page) == "Wat vindt u goed?"
    assert page.text.count('type="checkbox"') == len(USES)
    assert " checked" not in page.text
    assert "Dit geldt tot dinsdag 23 november 2027." in page.text
    sam.client.get(sam.choose + "?answer=no")
    assert (sam.allows(), sam.open_question()) == ([], True)


def test_what_is_ticked_is_agreed_and_the_rest_is_not(sam: Sam) -> None:
    told = press(sam.client, sam.choose, customer=sam.id, uses=["to_be_asked", "story_inside"], attribution="none")
    assert (told.status_code, told.location) == (303, f"{sam.mine}?said=chosen#consents")
    assert sam.allows() == ["to_be_asked", "story_inside"]
    assert not sam.open_question()
    page = sam.client.get(f"{sam.mine}?said=chosen")
    assert "Dank u. Uw keuzes zijn bewaard." in page.text
    assert "Erbij staat: geen naam." in page.text


def test_a_story_needs_a_word_about_the_name_and_no_tick_is_lost(sam: Sam) -> None:
    told = press(sam.client, sam.choose, customer=sam.id, uses=["story_inside", "read_aloud"])
    assert told.status_code == 422
    assert "Kies wat er bij uw verhaal staat." in told.text
    assert told.text.count(" checked") == 2
    assert sam.allows() == []


@pytest.mark.parametrize("fields", [{"answer": "no"}, {}], ids=["rather not", "nothing ticked"])
def test_rather_not_is_kept_and_nothing_is_asked_any_more(sam: Sam, fields: dict[str, str]) -> None:
    told = press(sam.client, sam.choose + "?answer=no", customer=sam.id, **fields)
    assert told.status_code == 303
    with db.transaction():
        assert db.session.get_one(Customer, sam.id).ground == "withdrawn"
    assert not sam.open_question()


def test_one_use_or_everything_is_withdrawn_with_one_button(sam: Sam) -> None:
    with db.transaction():
        agree(db.session.get_one(Customer, sam.id), USES, "nl", "page", NOW, None)
    told = press(sam.client, sam.mine, f"{sam.mine}/withdraw", customer=sam.id, use="read_aloud")
    assert told.status_code == 303
    assert sam.allows() == [use for use in USES if use != "read_aloud"]
    press(sam.client, sam.mine, f"{sam.mine}/withdraw", customer=sam.id, use="all")
    assert sam.allows() == []
    page = sam.client.get(told.location.partition("#")[0])
    assert "Ingetrokken. Het geldt nu, overal." in page.text


def test_who_will_not_tell_it_themselves_is_not_expected(sam: Sam) -> None:
    with db.transaction():
        customer = db.session.get_one(Customer, sam.id)
        agree(customer, ("live_visit",), "nl", "page", NOW, None)
        invitation = make.invitation(make.visit(), customer)
        make.answer(invitation)
        number = invitation.id
    press(sam.client, sam.mine, f"{sam.mine}/withdraw", customer=sam.id, use="live_visit")
    with db.transaction():
        assert db.session.get_one(Invitation, number).partstat == "declined"


def test_nobody_chooses_for_somebody_behind_another_mailbox(sam: Sam) -> None:
    with db.transaction():
        bo = make.customer("Bo Kaya", ground="not_yet").id
    page = sam.client.get(sam.choose)
    told = sam.client.post(sam.choose, data={"nonce": nonce(page), "customer": bo, "uses": ["to_be_asked"]})
    assert told.status_code == 404
    with db.transaction():
        assert db.session.get_one(Customer, bo).uses_agreed == []


def test_the_page_is_read_in_english_and_kept_in_english(sam: Sam) -> None:
    told = press(sam.client, sam.choose + "?lang=en", customer=sam.id, uses=["to_be_asked"])
    assert told.location == f"{sam.mine}?lang=en&said=chosen#consents"
    with db.transaction():
        said = db.session.get_one(Customer, sam.id).last("to_be_asked")
        assert said is not None
        assert (said.locale, said.wording[:40]) == ("en", "Universiteit Voorbeeld may ask me by mai")
