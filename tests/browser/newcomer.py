"""Somebody to whom all of it is new: clicks, reads mail, follows its links; in Dutch or in English."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.accounts.test_door import PASSWORD
from tests.fixtures.firsthand import Firsthand, free_port
from tests.fixtures.services import wait_until
from webapp.local.catcher import Catcher
from webapp.local.mailbox import Mail, Mailbox

PATIENCE_MS = 30_000
"""Two processors may serve several such walks at once."""
JOURNEY_MS = 120_000
"""So long the clock may travel."""
NewContext = Callable[..., BrowserContext]


class Newcomer:
    """`words` are the names of what is clicked and read, as patterns, in the newcomer's language."""

    def __init__(
        self, firsthand: Firsthand, mailbox: Mailbox, new_context: NewContext, language: str, words: dict[str, str]
    ) -> None:
        self.firsthand, self.mailbox, self.new_context = firsthand, mailbox, new_context
        self.language, self.words = language, words
        self.url = f"http://127.0.0.1:{firsthand.port}"
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

    def set_up(self) -> None:
        """What nobody has set up yet, at the machine itself: four fields."""
        self.page.goto(self.firsthand.says("Setup code:").split()[-1].rstrip(")"))
        fields = {
            "organisation": "Nachtwerk",
            "name": "Noor de Wit",
            "email": "noor@werk.example",
            "password": PASSWORD,
        }
        for field, value in fields.items():
            self.page.locator(f"#{field}").fill(value)
        with self.page.expect_navigation():
            self.button("start").click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def mail(self, subject: str, to: str = "") -> Mail:
        """The newest mail with these words in its subject, as soon as it is there."""
        wait_until(lambda: self.mails(subject, to), f"{self.words[subject]} to {to or 'anybody'}", PATIENCE_MS / 1000)
        return self.mails(subject, to)[0]

    def mails(self, subject: str, to: str = "") -> list[Mail]:
        wanted = re.compile(self.words[subject])
        return [mail for mail in self.mailbox.mails() if wanted.search(mail.subject) and to in mail.recipient]

    def open_mail(self, mail: Mail, page: Page, link: str) -> Locator:
        """Open a mail as its recipient would; gives the link to tap in it."""
        body = self.mailbox.message(mail).get_body(("html",))
        assert body is not None
        page.set_content(body.get_content())
        return self.named("link", link, page)


class Stranger(Newcomer):
    """Tries the demo: signs in by its link, reads mail in its mailbox, moves its clock."""

    def __init__(self, demo: Firsthand, new_context: NewContext, language: str, words: dict[str, str]) -> None:
        super().__init__(demo, Mailbox(demo.home / "mailbox"), new_context, language, words)

    def sign_in(self) -> None:
        """By the link that was printed at the start."""
        self.page.goto(self.firsthand.says("Sign in:").split()[-1])
        if self.language == "en":
            self.page.get_by_role("link", name="English").click()
        self.button("sign in").click()
        if self.language == "en":
            self.page.locator(".account").click()
            self.page.get_by_role("button", name="English").click()
        expect(self.page.locator("html")).to_have_attribute("lang", self.language)

    def press(self, name: str) -> None:
        """A button of the bar on top; what it asks for takes a while."""
        with self.page.expect_navigation():
            self.named("button", name, self.page.locator("#demo-bar")).click()
        expect(self.page.locator("#demo-bar:not([hx-get]) button:enabled").first).to_be_visible(timeout=JOURNEY_MS)

    def open_mail(self, mail: Mail, page: Page, link: str) -> Locator:
        page.goto(f"{self.url}/demo/mailbox/{mail.id}")
        return page.frame_locator("iframe").get_by_role("link", name=re.compile(self.words[link])).first


@contextmanager
def mail_server(folder: Path) -> Iterator[dict[str, str]]:
    """One that keeps every mail in the mailbox in this folder; gives what Firsthand is told about it."""
    server = Controller(Catcher(Mailbox(folder)), hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True)
    server.start()
    told = {"MAIL_SERVER": server.hostname, "MAIL_PORT": str(server.port)}
    yield told | {"MAIL_DEFAULT_SENDER": "Nachtwerk <visits@werk.example>", "QUIET_HOURS": "off"}
    server.stop()
