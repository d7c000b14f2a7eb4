"""From a message and its content to the finished mail: real links for who receives it, preview links for who only looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Protocol

from webapp import links
from webapp.config import Settings
from webapp.i18n import Language
from webapp.links import PATHS, Keys
from webapp.mailing.inbound import tokens
from webapp.mailing.mime import Mail
from webapp.mailing.notices import Content, Notice, Ref
from webapp.mailing.rendering import Rendered, render

FOOT: dict[str, tuple[str, ...]] = {
    "customer": ("data", "stop"),
    "staff": ("staff", "stop"),
    "survey": ("staff", "stop"),
    "organiser": (),
    "system": (),
}
"""The links under every mail, by who reads it; each leads to the reader's own address."""


class Numbered(Protocol):
    """A message, or as much of one as it takes to make its mail."""

    @property
    def id(self) -> int: ...
    @property
    def public_id(self) -> str: ...
    @property
    def notice(self) -> str: ...
    @property
    def locale(self) -> str: ...
    @property
    def thread(self) -> str | None: ...


@dataclass(frozen=True)
class Post:
    """What all mails of this installation have in common."""

    base_url: str
    domain: str
    sender: str
    keys: Keys
    organisation: str
    answers_read: bool = False
    """Whether what comes back to `sender` is read: then reports find their message, and calendars may ask for an answer."""

    @classmethod
    def of(cls, settings: Settings, organisation: str) -> "Post":
        sender = parseaddr(settings.mail_default_sender)[1]
        keys, read = Keys.of(*settings.secret_keys), settings.imap_server is not None
        return cls(settings.base_url, settings.mail_domain, sender, keys, organisation, answers_read=read)

    def refs(self, notice: type[Notice], content: Content, address_id: int) -> dict[str, Ref]:
        """Every link of a mail: its own and those in the foot."""
        foot = {name: Ref(name, address_id) for name in FOOT[notice.reader]}  # type: ignore[arg-type]  # FOOT names scopes
        return foot | content.links

    def working(self, refs: Sequence[Mapping[str, Ref]]) -> list[dict[str, str]]:
        """Addresses that work, for a batch of mails: two queries however many."""
        found = links.many((ref.scope, ref.subject_id) for each in refs for ref in each.values() if ref.scope)
        doors = {key: f"{self.base_url}/{PATHS[door.scope]}/{self.keys.token(door)}" for key, door in found.items()}

        def url(ref: Ref) -> str:
            return (doors[ref.scope, ref.subject_id] if ref.scope else self.base_url) + ref.suffix

        return [{name: url(ref) for name, ref in each.items()} for each in refs]

    def preview(self, refs: Mapping[str, Ref]) -> dict[str, str]:
        """Addresses of the same length of way, that open nothing: for the check page, the outbox and a test to oneself."""
        return {
            name: f"{self.base_url}/preview/{ref.scope}/{ref.subject_id}{ref.suffix}" if ref.scope else self.base_url + ref.suffix
            for name, ref in refs.items()
        }  # fmt: skip

    def message_id(self, message: Numbered) -> str:
        return f"<{message.public_id}.{message.notice}@{self.domain}>"

    def envelope_sender(self, message: Numbered) -> str:
        """Where reports about it go. A mail that is only looked at has no number, and none will come."""
        if not self.answers_read or not message.id:
            return self.sender
        return tokens.envelope_sender(self.keys, self.sender, self.domain, message.id)

    def asked(self, notice: type[Notice], content: Content, email: str) -> Content:
        """The content with a calendar file that can be answered, where answers are read."""
        if not self.answers_read or content.calendar is None:
            return content
        return notice.answerable(content, self.sender, email)

    def render(self, notice: type[Notice], language: Language, content: Content, urls: Mapping[str, str]) -> Rendered:
        return render(notice, language, content, urls, self.organisation)

    def mail(
        self,
        message: Numbered,
        notice: type[Notice],
        content: Content,
        urls: Mapping[str, str],
        email: str,
        date: datetime,
    ) -> Mail:
        """The mail as it will leave. The same message, content, links and date give the same bytes."""
        language: Language = "nl" if (content.language or message.locale) == "nl" else "en"
        said = Notice.all.get(content.sample_of, notice)
        words = self.render(said, language, content, urls)
        file = said.calendar(content, urls, date)
        sender = f"{content.sender} – {self.organisation}" if content.sender else self.organisation
        return Mail(
            message_id=self.message_id(message),
            date=date,
            envelope_from=self.envelope_sender(message),
            sender=(_one_line(sender), self.sender),
            to=(_one_line(content.to_name), email),
            reply_to=(_one_line(content.reply_to[0]), content.reply_to[1]) if content.reply_to else None,
            subject=f"[Test] {words.subject}" if content.sample_of else words.subject,
            text=words.text,
            html=words.html,
            lang=language,
            calendar=file[1] if file else None,
            method=file[0] if file else None,
            references=f"<{message.thread}@{self.domain}>" if message.thread else None,
            one_click=urls["stop"] if notice.asks and "stop" in urls else None,
        )


def _one_line(name: str) -> str:
    """A name as a header can hold it, however it was typed."""
    return " ".join(name.split())
