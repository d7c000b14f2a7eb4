"""The words of a mail in a real browser: a field is put in with a press, the mail beside it follows, saving keeps it."""

import pytest

from tests import factories
from tests.browser.conftest import Eyes
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import clock as time
from webapp import db

pytestmark = pytest.mark.browser


def test_a_field_is_inserted_the_mail_follows_and_it_is_saved(eyes: Eyes, clock: Clock) -> None:
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
        eyes.sign_in(factories.account(email="a@uni.example").sign_in(time.real(), "tests")[1])
    page = eyes.open("/templates/visit_invitation/nl")
    mail = page.frame_locator("iframe[name=mail-frame]")
    mail.get_by_text("hoe dat was").wait_for()
    words = page.get_by_label("Tekst")
    words.fill("Welkom bij ")
    page.get_by_role("button", name="{gastgever}").click()
    assert words.input_value() == "Welkom bij {gastgever}"
    mail.get_by_text("Welkom bij Anna Bakker").wait_for()
    page.get_by_role("button", name="Bewaar").click()
    page.get_by_text("Opgeslagen. De volgende mail zegt het zo.").wait_for()
    assert page.get_by_label("Tekst").input_value() == "Welkom bij {gastgever}"
    assert eyes.said == []
