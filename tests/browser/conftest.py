"""The filled state, and people's browsers on it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import Engine

from tests import factories
from tests.browser import filled, pages
from tests.browser.filled import Names
from tests.browser.reading import Reading
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.processes import Live
from tests.fixtures.services import Services
from webapp import clock as application_clock
from webapp import db
from webapp.config import Settings

PHONE: ViewportSize = {"width": 390, "height": 844}
_engines: dict[str, Engine] = {}


@pytest.fixture
def names(services: Services, process_name: str, settings: Settings, app: Flask, clock: Clock) -> Iterator[Names]:
    """The filled state, on Monday 23 November 2026, 09:00. Look at it and leave it as it is: all tests here share it."""
    clock.at(NOW)
    found = filled.make_once(services, settings, app, NOW)
    bound = db.engine()
    if process_name not in _engines:
        _engines[process_name] = db.connect(services.make_database(f"{filled.NAME}_{process_name}", filled.NAME))
    db.bind(_engines[process_name])
    yield found
    db.bind(bound)


@pytest.fixture
def anna(app: Flask, names: Names) -> FlaskClient:
    """An admin who reads Dutch, without a screen."""
    return filled.signed_in(app, names["cookie"])


Read = Callable[[str, str], Reading]
_read: dict[tuple[str, str], Reading] = {}


@pytest.fixture
def read(anna: FlaskClient, names: Names) -> Read:
    """`read("/today", "nl")`: a page in a language, as Anna gets it. Each is asked for once for all tests."""

    def read(template: str, language: str) -> Reading:
        if (template, language) not in _read:
            answer = anna.get(pages.in_language(pages.address(template, names), language))
            assert answer.status_code == pages.ANSWERS.get(template, 200), template
            _read[template, language] = Reading.of(answer.text)
        return _read[template, language]

    return read


class Eyes:
    """Opens pages one after the other, as who holds `cookie`, and keeps what the browser asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page, self.url = page, ""
        self.sign_in: Callable[[str], None]
        self.asked: list[tuple[str, str]] = []
        """Kind and address of what was asked for since the page was opened."""
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append((request.resource_type, request.url)))
        page.on("console", lambda message: self._hear(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def _hear(self, text: str) -> None:
        if not text.startswith("Failed to load resource: the server responded with"):  # the tests ask for such pages
            self.said.append(text)

    def open(self, path: str) -> Page:
        self.asked.clear()
        self.said.clear()
        self.page.goto(self.url + path)
        return self.page

    @property
    def elsewhere(self) -> list[str]:
        """What was asked of anybody else."""
        return [url for _, url in self.asked if not url.startswith(self.url + "/")]


@pytest.fixture(scope="session")
def one_window(browser: Browser) -> Iterator[Eyes]:
    """For all pages that are only looked at: a new window for each takes longer than the page."""
    context = browser.new_context(locale="nl-NL", timezone_id="Europe/Amsterdam")
    context.set_default_timeout(20_000)
    yield Eyes(context.new_page())
    context.close()


@pytest.fixture
def eyes(app: Flask, live: Live, one_window: Eyes) -> Iterator[Eyes]:
    """Nobody in particular; `eyes.sign_in(secret)` first for pages of organisers."""
    page, serializer = one_window.page, app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own

    def sign_in(secret: str) -> None:
        # One token for all: what the page before still asked for (an icon) may be answered, with its cookie, in the next one.
        value = serializer.dumps({"_user_id": secret, "_fresh": True, "csrf_token": "0" * 40})
        cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": live.url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dict will do

    page.context.clear_cookies()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    one_window.url, one_window.sign_in = live.url, sign_in
    yield one_window
    page.goto(live.url + "/healthz")  # it asks nothing any more; about:blank would cost each page a process of its own


Open = Callable[..., Page]


@pytest.fixture
def open_page(live: Live, app: Flask, new_context: Callable[..., BrowserContext], clock: Clock) -> Open:
    """`open_page("/customers", locale="nl-NL", ...)`: as Anna, on Monday 23 November 2026, 09:00."""
    clock.at(NOW)
    with db.transaction():
        factories.organisation()
        _entry, secret = factories.account().sign_in(application_clock.real(), "tests")
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]  # Flask's own
    cookie = signer.dumps({"_user_id": secret, "_fresh": True})

    def opened(path: str, **options: object) -> Page:
        context = new_context(**options)
        context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": live.url}])
        page = context.new_page()
        page.goto(live.url + path)
        return page

    return opened
