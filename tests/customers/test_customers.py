"""Adding and changing one customer: what is typed is kept, what was said is evidence."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests import factories
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from webapp import db
from webapp.accounts.models import AuditEntry
from webapp.customers.models import Consent, Contact, Customer
from webapp.mailing.models import Address

pytestmark = pytest.mark.usefixtures("database")
NEW = {
    "title": "mevrouw", "given": "Sam", "family": "de Vries", "email": "Sam@Example.com ", "phone": "06 1234",
    "locale": "en", "group": "student", "ground": "agreed",
}  # fmt: skip


@pytest.fixture
def sam(anna: Organiser) -> int:
    with db.transaction():
        return factories.customer("mevrouw Sam de Vries", email="sam@example.com").id


def the_customer() -> Customer:
    return db.session.scalars(select(Customer)).one()


def test_somebody_is_added_with_the_ground_on_which_they_may_be_asked(anna: Organiser) -> None:
    answer = anna.post("/customers/new", **NEW)
    with db.transaction():
        customer = the_customer()
        assert answer.location == f"/customers/{customer.id}"
        assert (customer.name.full, customer.particle, customer.family) == ("Sam de Vries", "de", "Vries")
        assert customer.address
        assert (customer.address.email, customer.address.locale, customer.source) == ("sam@example.com", "en", "hand")
        consent = customer.consents[0]
        assert (consent.ground, consent.channel, consent.recorded_by_id) == ("agreed", "hand", anna.account_id)
        assert consent.wording == (
            "Universiteit Voorbeeld may ask me by mail or phone to take part, at most two times in twelve months. I may "
            "say no every time. This holds until Tuesday, 23 November 2027. I can withdraw at any time, with the link in "
            "every mail. Use then stops at once. What has been said or printed cannot be taken back."
        )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given": "", "family": ""}, "Vul een naam in."),
        ({"email": "", "phone": ""}, "Vul een e-mailadres of een telefoonnummer in: één van de twee is nodig."),
        ({"email": "sam@"}, "Dit e-mailadres is niet compleet."),
        ({"ground": ""}, "Kies er één."),
        ({"given": "S" * 150, "family": "V" * 150}, "Naam is te lang (301 tekens, hoogstens 200). Kort hem in."),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(anna: Organiser, changes: dict[str, str], said: str) -> None:
    answer = anna.post("/customers/new", **NEW | {"organisation": "Bakkerij Ä"} | changes)
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert 'value="Bakkerij Ä"' in answer.text
    assert "<title>Fout:" in answer.text
    with db.transaction():
        assert db.session.scalars(select(Customer)).all() == []


def test_the_same_address_is_asked_about_and_never_merged(anna: Organiser, sam: int) -> None:
    answer = anna.post("/customers/new", **NEW | {"given": "Bo"})
    assert answer.status_code == 422
    assert "Sam de Vries staat er al met dit adres. Dezelfde persoon?" in words(answer.text)
    assert anna.post("/customers/new", **NEW | {"given": "Bo", "other": "yes"}).status_code == 303
    with db.transaction():
        people = db.session.scalars(select(Customer).order_by(Customer.id)).all()
        assert [person.name.full for person in people] == ["Sam de Vries", "Bo de Vries"]
        assert people[0].address_id == people[1].address_id


def test_a_change_is_kept_and_noted(anna: Organiser, sam: int) -> None:
    fields = {
        "title": "",
        "given": "Sam",
        "family": "van Dijk",
        "email": "sam@example.com",
        "locale": "en",
        "group": "huurder",
    }
    assert anna.post(f"/customers/{sam}/edit", **fields).status_code == 303
    with db.transaction():
        customer = the_customer()
        assert (customer.name.full, customer.group, customer.locale) == ("Sam van Dijk", "huurder", "en")
        assert customer.address
        assert customer.address.locale == "en"
        noted = db.session.scalars(select(AuditEntry)).all()
        assert [(each.what, each.about) for each in noted] == [("changed customer", f"customer-{sam}")]


def test_the_form_opens_with_what_is_known(anna: Organiser, sam: int) -> None:
    page = anna.get(f"/customers/{sam}/edit").text
    for value in ("Sam", "de Vries", "sam@example.com", "06 12345678"):
        assert f'value="{value}"' in page
    assert 'value="mevrouw" selected' in page.replace('selected value="mevrouw"', 'value="mevrouw" selected')


def test_another_address_is_another_mailbox_and_the_old_one_keeps_its_history(anna: Organiser, sam: int) -> None:
    with db.transaction():
        old = the_customer().address
        assert old
        old.suppress("bounce", NOW)
        old_id = old.id
    anna.post(f"/customers/{sam}/address", email="ander@example.com")
    with db.transaction():
        customer = the_customer()
        assert customer.address
        assert (customer.address.email, customer.address.suppressed_at) == ("ander@example.com", None)
        assert db.session.get_one(Address, old_id).suppressed_why == "bounce"


def test_an_address_that_is_none_is_asked_again(anna: Organiser, sam: int) -> None:
    answer = anna.post(f"/customers/{sam}/address", email="geen adres")
    assert answer.status_code == 422
    assert 'value="geen adres"' in answer.text


def test_consent_on_the_phone_is_kept_word_for_word(anna: Organiser, sam: int) -> None:
    page = words(anna.get(f"/customers/{sam}/consents").text)
    said = (
        "Universiteit Voorbeeld mag mij per mail of telefoon vragen om mee te doen, hoogstens twee keer in twaalf maanden. "
        "Ik mag elke keer nee zeggen. Dit geldt tot dinsdag 23 november 2027. Intrekken kan altijd, met de link in elke "
        "mail. Dan stopt het gebruik meteen. Wat al is gezegd of gedrukt, kan niemand terughalen."
    )
    assert said.partition(" Dit geldt")[0] in page
    assert "Dit geldt tot dinsdag 23 november 2027." in page
    anna.post(f"/customers/{sam}/consents", uses="to_be_asked")
    with db.transaction():
        consent = db.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert consent
        assert (consent.wording, consent.channel, consent.locale) == (said, "phone", "nl")
        assert consent.recorded_by_id == anna.account_id


def test_withdrawing_on_the_phone_is_obeyed_and_the_old_words_stay(anna: Organiser, sam: int) -> None:
    anna.post(f"/customers/{sam}/consents", withdrawn="yes")
    with db.transaction():
        customer = the_customer()
        assert (customer.ground, [each.ground for each in customer.consents]) == (
            "withdrawn",
            ["existing", "withdrawn"],
        )
    assert anna.post(f"/customers/{sam}/consents").status_code == 422


def test_a_note_is_kept_and_a_dated_one_can_be_undone(anna: Organiser, sam: int) -> None:
    anna.post(f"/customers/{sam}/note", note="Liever geen foto's.\nKomt met de trein.")
    anna.post(f"/customers/{sam}/contacts", note="Belde zelf om te bedanken.")
    page = anna.text(f"/customers/{sam}")
    assert "Belde zelf om te bedanken." in page
    with db.transaction():
        assert the_customer().note == "Liever geen foto's.\nKomt met de trein."
        contact = db.session.scalars(select(Contact)).one().id
    anna.post(f"/customers/contacts/{contact}/undo", next=f"/customers/{sam}")
    assert "Belde zelf" not in anna.text(f"/customers/{sam}")


def test_a_note_that_is_too_long_is_shown_again(anna: Organiser, sam: int) -> None:
    answer = anna.post(f"/customers/{sam}/note", note="x" * 2_001)
    assert answer.status_code == 422
    assert "x" * 2_001 in answer.text


def test_line_ends_in_a_name_reach_no_header(anna: Organiser) -> None:
    anna.post("/customers/new", **NEW | {"given": "Sam\r\nBcc: all@example.com", "group": "a\nb"})
    with db.transaction():
        customer = the_customer()
        assert customer.name.full == "Sam Bcc: all@example.com de Vries"
        assert customer.group == "a b"


def test_who_reads_along_changes_nothing(sign_in: Callable[..., Organiser]) -> None:
    viewer = sign_in(role="viewer")
    with db.transaction():
        sam = factories.customer().id
    paths: dict[str, dict[str, Any]] = {
        f"/customers/{sam}/edit": {"given": "Bo"}, f"/customers/{sam}/address": {"email": "a@example.com"},
        f"/customers/{sam}/consents": {"uses": "to_be_asked"}, f"/customers/{sam}/note": {"note": "x"}, "/customers/new": NEW,
    }  # fmt: skip
    assert {viewer.post(path, **fields).status_code for path, fields in paths.items()} == {404}
