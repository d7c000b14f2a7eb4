"""One mail as it would leave now, looked at by who organises: before it is sent, and as a test to oneself."""

from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy

from webapp.accounts.models import Organisation
from webapp.config import Settings
from webapp.i18n import Language
from webapp.links import Scope
from webapp.mailing import mime, rewording
from webapp.mailing.mime import Mail
from webapp.mailing.models import Address, Message
from webapp.mailing.notices import Content, Notice, Ref
from webapp.mailing.post import Post

TABS = ("mail", "text", "headers")
"""The ways to look at one."""


@dataclass(frozen=True)
class Letter:
    """One mail as it would leave now. Plain values: it may be looked at after the rehearsal it came from."""

    key: str
    """Names it in an address: of an invitation its number."""
    name: str
    """Of who reads it."""
    email: str
    language: Language
    notice: type[Notice]
    content: Content
    """Its links lead to what the reader would see, with buttons that do nothing."""
    thread: str

    def as_sample(self) -> Content:
        """To be sent to who organises: the same words, in the language of who would get them."""
        return replace(self.content, sample_of=self.notice.name, language=self.language)

    def mail(self, settings: Settings, now: datetime) -> Mail:
        post = Post.of(settings, Organisation.required().name)
        message = Message(public_id="0" * 32, notice=self.notice.name, locale=self.language, thread=self.thread)
        urls = {name: post.base_url + ref.suffix for name, ref in self.content.links.items()}
        address = Address(email=self.email, locale=self.language)
        return post.mail(message, self.notice, self.content, urls, address.email, now.replace(microsecond=0))


def letter(
    name: str,
    address: Address,
    notice: type[Notice],
    language: Language,
    content: Content,
    thread: str,
    own: Scope,
    pages: str,
    settings: Settings,
) -> Letter:
    """The mail to `name` at `address`; links of the scope `own` lead to `pages`, others to the page as it is shown only."""
    refs = Post.of(settings, "").refs(notice, content, address.id)
    shown = {label: _preview(ref, own, pages) for label, ref in refs.items()}
    worded = rewording.worded(notice, language, replace(content, links=shown))
    return Letter(pages.rpartition("/")[2], name, address.email, language, notice, worded, thread)


def headers(mail: Mail) -> list[tuple[str, str]]:
    """The headers of a mail as its reader's program shows them."""
    parsed = message_from_bytes(mime.build(mail), policy=policy.default)
    return [(name, str(value)) for name, value in parsed.items()]


def _preview(ref: Ref, own: Scope, pages: str) -> Ref:
    """Where a link of a mail leads for who organises: the same page, shown only."""
    if ref.scope is None:
        return ref
    base = pages if ref.scope == own else f"/preview/{ref.scope}/{ref.subject_id}"
    return Ref(None, 0, base + ref.suffix)
