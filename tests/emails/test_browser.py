"""Mails as a browser shows them: no complaint of axe, wide and narrow, light and dark."""

import pytest
from playwright.sync_api import Page

from tests.emails.conftest import Mails
from tests.frontend.axe import all_problems

pytestmark = pytest.mark.browser

SHAPES = ("visit_invitation", "answer_receipt.yes_online", "thank_you_with_survey", "hour_before", "sign_in_link")
"""Mails that differ in more than their words."""


@pytest.mark.parametrize("name", SHAPES)
def test_a_mail_can_be_read_by_everybody(name: str, mails: Mails, page: Page) -> None:
    page.set_content(mails[name, "nl"].html)
    assert all_problems(page) == []
