"""The host's phone on the day: it keeps time, and what is ticked without a connection arrives when there is one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select

from tests import factories
from tests.browser.conftest import PHONE
from tests.doors import door
from tests.fixtures.database import Clock
from tests.fixtures.processes import Live
from webapp import db
from webapp.config import Settings
from webapp.hosting.models import Incident
from webapp.invitations.models import Attendance

pytestmark = pytest.mark.browser


@pytest.fixture
def page(live: Live, settings: Settings, clock: Clock) -> str:
    """A visit that has just begun: Sam tells."""
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        visit = factories.visit()
        factories.answer(factories.invitation(visit, factories.customer("Sam de Vries")))
        visit_id = visit.id
    clock.at(factories.NOW + timedelta(days=10, hours=5))
    return live.url + door(settings, "host", visit_id)


def there() -> list[bool]:
    with db.transaction():
        return list(db.session.scalars(select(Attendance.present)))


def told() -> list[str]:
    with db.transaction():
        return list(db.session.scalars(select(Incident.words)))


def test_what_is_saved_without_a_connection_arrives_when_there_is_one(
    new_context: Callable[..., BrowserContext], page: str
) -> None:
    context = new_context(viewport=PHONE, locale="nl-NL")
    phone = context.new_page()
    phone.goto(page)
    context.set_offline(True)
    phone.get_by_label("Sam de Vries").check()
    expect(phone.locator("#offline")).to_have_text(
        "Geen verbinding. Het staat op deze telefoon en gaat weg zodra er weer verbinding is."
    )
    phone.get_by_text("Er ging iets mis", exact=True).last.click()
    phone.get_by_label("Wat gebeurde er?").fill("De lift was stuk.")
    phone.get_by_role("button", name="Meld het").click()
    expect(phone.get_by_label("Wat gebeurde er?")).to_have_value("")
    assert (there(), told()) == ([], [])
    context.set_offline(False)
    expect(phone.locator("#offline")).to_have_text("Alles is verstuurd.")
    assert (there(), told()) == ([True], ["De lift was stuk."])


def test_the_five_minutes_are_kept_step_by_step(new_context: Callable[..., BrowserContext], page: str) -> None:
    phone = new_context(viewport=PHONE, locale="nl-NL").new_page()
    phone.clock.install()
    phone.goto(page)
    phone.get_by_role("button", name="Begin de vijf minuten").click()
    phone.clock.run_for(146_000)
    expect(phone.locator(".ring text")).to_have_text("2:34")
    expect(phone.locator("[data-minute]")).to_have_text("minuut 3 van 5")
    expect(phone.get_by_role("heading", name="Wat er veranderde")).to_be_visible()
    phone.get_by_role("button", name="Volgende stap").click()
    expect(phone.locator("[data-minute]")).to_have_text("minuut 4 van 5")
    phone.get_by_role("button", name="Pauze").click()
    phone.clock.run_for(60_000)
    expect(phone.locator(".ring text")).to_have_text("2:00")
