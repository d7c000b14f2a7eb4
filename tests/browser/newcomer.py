"""Somebody who tries the demo: signs in, clicks, reads mail in the mailbox, moves the clock; in Dutch or in English."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.fixtures.firsthand import Firsthand
from tests.fixtures.services import wait_until
from webapp.local.mailbox import Mail, Mailbox

PATIENCE_MS = 30_000
"""Two processors may serve several such walks at once."""
JOURNEY_MS = 120_000
"""So long the clock may travel."""
NewContext = Callable[..., BrowserContext]


class Newcomer:
    """`words` are the names of what is clicked and read, as patterns, in the newcomer's language."""

    def __init__(self, demo: Firsthand, new_context: NewContext, language: str, words: dict[str, str]) -> None:
        self.demo, self.new_context, self.language, self.words = demo, new_context, language, words
        self.url = f"http://127.0.0.1:{demo.port}"
        self.mailbox = Mailbox(demo.home / "mailbox")
        self.page = self._browser(viewport={"width": 1280, "height": 900})
        self.clicks = 0

    def _browser(self, **options: object) -> Page:
        context = self.new_context(locale="nl-NL" if self.language == "nl" else "en-GB", **options)
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def phone(self, **options: object) -> Page:
        """Somebody else's telephone: no cookie, a small screen, a finger."""
        return self._browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, **options)

    # What a person does

    def click(self, what: Locator) -> None:
        """A click that is counted."""
        what.click()
        self.clicks += 1

    def button(self, name: str) -> Locator:
        return self.named("button", name)

    def link(self, name: str) -> Locator:
        return self.named("link", name)

    def named(self, role: str, name: str, within: Page | Locator | None = None) -> Locator:
        return (within or self.page).get_by_role(role, name=re.compile(self.words[name])).first  # type: ignore[arg-type]

    def bring(self, file: Path) -> None:
        """Choose a file in the dialog of the system: it is read at once."""
        self.page.locator("input[type=file]").set_input_files(file)

    def reads(self, name: str, page: Page | None = None) -> None:
        """The page says so in its heading."""
        said = re.compile(self.words[name])
        expect((page or self.page).get_by_role("heading", level=1)).to_contain_text(said, timeout=PATIENCE_MS)

    def sign_in(self) -> None:
        """By the link that was printed at the start."""
        self.page.goto(self.demo.says("Sign in:").split()[-1])
        if self.language == "en":
            self.page.get_by_role("link", name="English").click()
        self.button("sign in").click()
        if self.language == "en":
            self.page.locator(".account").click()
            self.page.get_by_role("button", name="English").click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    # The demo's own

    def press(self, name: str) -> None:
        """A button of the bar on top; what it asks for takes a while."""
        with self.page.expect_navigation():
            self.named("button", name, self.page.locator("#demo-bar")).click()
        expect(self.page.locator("#demo-bar:not([hx-get]) button:enabled").first).to_be_visible(timeout=JOURNEY_MS)

    def mail(self, subject: str, to: str = "") -> Mail:
        """The newest mail with these words in its subject, as soon as it is there."""
        wait_until(lambda: self.mails(subject, to), f"{self.words[subject]} to {to or 'anybody'}", PATIENCE_MS / 1000)
        return self.mails(subject, to)[0]

    def mails(self, subject: str, to: str = "") -> list[Mail]:
        wanted = re.compile(self.words[subject])
        return [mail for mail in self.mailbox.mails() if wanted.search(mail.subject) and to in mail.recipient]

    def open_mail(self, mail: Mail, page: Page, link: str) -> Locator:
        """Open a mail in the mailbox as its recipient would; gives the link to tap in it."""
        page.goto(f"{self.url}/demo/mailbox/{mail.id}")
        return page.frame_locator("iframe").get_by_role("link", name=re.compile(self.words[link])).first
