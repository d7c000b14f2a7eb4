"""A mailbox that does not exist: it stands on the visit and on Today with the phone number, and is mended with one field."""

import re
from collections.abc import Callable

import pytest

from tests import factories
from tests.board.conftest import Organiser, sign_in, words
from tests.inbound.conftest import Office
from tests.inbound.letters import SAM, bounce
from webapp import db
from webapp.visits.models import Visit

__all__ = ["sign_in"]  # a fixture
RIGHT = "sam.de.vries@customer.example"
GONE = {"nl": "Dit adres bestaat niet.", "en": "This address does not exist."}


@pytest.fixture
def bounced(office: Office) -> Office:
    office.comes_in(bounce(to=office.mail.sender))
    return office


def visit_of(office: Office) -> Visit:
    with db.transaction():
        return office.invitation().visit


def enter(office: Office, sign_in: Callable[..., Organiser], locale: str = "nl") -> Organiser:
    """Whoever organises this visit."""
    anna = sign_in(locale=locale, name="Noor Haddad")
    with db.transaction():
        office.invitation().visit.organiser_id = anna.account_id
    office.later(minutes=1)
    return anna


def field(page: str) -> tuple[str, str, str]:
    """Where the one field goes, its label, and where one comes back to."""
    form = re.search(
        r'<form class="row tight" method="post" action="(/customers/\d+/address)".*?</form>', page, re.DOTALL
    )
    assert form
    label, back = (
        re.search(r"<label[^>]*>(.*?)</label>", form[0], re.DOTALL),
        re.search(r'name="next" value="([^"]+)"', form[0]),
    )
    assert label
    assert back
    assert len(re.findall(r'<input (?!type="hidden")', form[0])) == 1
    return form[1], words(label[1]), back[1]


@pytest.mark.parametrize("locale", ["nl", "en"])
def test_today_says_who_to_phone_and_has_one_field(
    bounced: Office, sign_in: Callable[..., Organiser], locale: str
) -> None:
    page = enter(bounced, sign_in, locale).get("/today").text
    assert (GONE[locale] in words(page), SAM in words(page), 'href="tel:0612345678"' in page) == (True, True, True)
    assert "Sam de Vries" in field(page)[1]


@pytest.mark.parametrize("locale", ["nl", "en"])
def test_the_visit_says_it_too(bounced: Office, sign_in: Callable[..., Organiser], locale: str) -> None:
    visit = visit_of(bounced)
    page = enter(bounced, sign_in, locale).get(f"/visits/{visit.id}").text
    assert (SAM in words(page), 'href="tel:0612345678"' in page, "/retry" in page) == (True, True, False)
    assert field(page)[2] == f"/visits/{visit.id}"


def test_one_field_mends_the_address_and_the_mail_leaves_again(
    bounced: Office, sign_in: Callable[..., Organiser]
) -> None:
    anna = enter(bounced, sign_in)
    where, _label, back = field(anna.get("/today").text)
    answer = anna.post(where, email=RIGHT, next=back)
    assert (answer.status_code, answer.location) == (303, "/today")
    bounced.post()
    assert [mail.subject for mail in bounced.smtp.to(RIGHT)] == [bounced.smtp.to(SAM)[0].subject]
    assert 'name="email"' not in anna.get("/today").text
    assert (bounced.suppressed(), bounced.suppressed(RIGHT), bounced.ended()) == ("bounce", None, "sent")


def test_an_address_that_is_none_is_asked_again_and_the_way_back_is_kept(
    bounced: Office, sign_in: Callable[..., Organiser]
) -> None:
    anna = enter(bounced, sign_in)
    where, _label, back = field(anna.get("/today").text)
    again = anna.post(where, email="sam at customer", next=back)
    assert (again.status_code, 'name="next" value="/today"' in again.text) == (422, True)
    elsewhere = anna.post(where, email=RIGHT, next="https://evil.example/")
    assert elsewhere.location == "/today"


def test_a_colleague_is_mended_where_colleagues_are(office: Office, sign_in: Callable[..., Organiser]) -> None:
    with db.transaction():
        visit, colleague = office.invitation().visit, factories.staff_member("Tariq Demir", email="tariq@uni.example")
        factories.invitation(visit, colleague)
        member_id, visit_id = colleague.id, visit.id
    office.post()
    office.comes_in(bounce(to=office.smtp.to("tariq@uni.example")[0].sender, recipient="tariq@uni.example"))
    page = enter(office, sign_in).get(f"/visits/{visit_id}").text
    assert ("Tariq Demir" in words(page), f'href="/staff/{member_id}' in page or f"members/{member_id}" in page) == (
        True,
        True,
    )


def test_a_full_mailbox_is_tried_again_without_a_new_address(office: Office, sign_in: Callable[..., Organiser]) -> None:
    office.comes_in(bounce("5.2.2", "552 5.2.2 Mailbox full", to=office.mail.sender))
    visit = visit_of(office)
    anna = enter(office, sign_in)
    page = anna.get(f"/visits/{visit.id}").text
    retry = re.search(r'action="(/messages/\d+/retry)"', page)
    assert retry
    anna.post(retry[1])
    office.post()
    assert (len(office.smtp.to(SAM)), office.ended()) == (2, "sent")


def test_the_mail_itself_says_what_came_of_it(bounced: Office, sign_in: Callable[..., Organiser]) -> None:
    anna = enter(bounced, sign_in)
    with db.transaction():
        number = bounced.message().id
    assert "Kwam terug" in anna.text(f"/messages/{number}")


def organiser(office: Office) -> str:
    with db.transaction():
        return office.invitation().visit.organiser.email


def test_the_organiser_hears_of_it_once_an_hour(bounced: Office) -> None:
    for minutes in (0, 61, 61, 61):
        bounced.later(minutes=minutes)
        bounced.post()
    assert [mail.subject for mail in bounced.smtp.to(organiser(bounced))] == ["Eén mail kwam niet aan"]


def test_who_mended_it_within_the_hour_hears_nothing(bounced: Office, sign_in: Callable[..., Organiser]) -> None:
    to = organiser(bounced)
    anna = enter(bounced, sign_in)
    where, _label, back = field(anna.get("/today").text)
    anna.post(where, email=RIGHT, next=back)
    bounced.post()
    bounced.later(minutes=61)
    bounced.post()
    assert [*bounced.smtp.to(to), *bounced.smtp.to(organiser(bounced))] == []
