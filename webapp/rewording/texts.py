"""The texts there are, what became of them, and a mail as somebody would get it in these words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp import db, edge
from webapp.accounts.models import Account, Organisation
from webapp.i18n import LANGUAGES, Language
from webapp.mailing import rewording, said
from webapp.mailing.mime import Mail
from webapp.mailing.models import Address, Message, Rewording, Said
from webapp.mailing.notices import Content, Notice, Wording
from webapp.mailing.post import Post
from webapp.rewording import standard

AHEAD = timedelta(days=14)
LOOKED_AT = 2000
"""So many of the last mails are gone through for one of this kind."""
TRIED = 20


@dataclass(frozen=True)
class Text:
    """One text of one kind of mail in one language."""

    notice: type[Notice]
    variant: str
    language: Language

    @property
    def key(self) -> str:
        return f"{self.notice.name}.{self.variant}" if self.variant else self.notice.name

    @property
    def fixed(self) -> bool:
        return self.notice.fixed or self.notice.__module__.startswith(("webapp.accounts", "webapp.privacy"))

    @property
    def standard(self) -> Wording:
        return standard.text(self.notice, self.variant, self.language)

    @property
    def names(self) -> dict[str, str]:
        return standard.names(self.notice, self.variant, self.language)

    def title(self, page: Language) -> str:
        said = self.notice.title[page == "nl"]
        return f"{said}: {self.notice.variants[self.variant][page == 'nl']}" if self.variant else said

    def versions(self) -> Sequence[tuple[Rewording, str]]:
        """Every version with who made it, the last one first."""
        mine = (
            Rewording.notice == self.notice.name,
            Rewording.variant == self.variant,
            Rewording.language == self.language,
        )
        by = select(Rewording, Account.name).outerjoin(Account, Rewording.account_id == Account.id).where(*mine)
        return [(version, name or "") for version, name in db.session.execute(by.order_by(Rewording.id.desc()))]

    def reword(self, wording: Wording | None, now: datetime, account_id: int | None) -> Rewording:
        """A new version; None: the standard text again. The next mail leaves in it."""
        words = (wording or Wording("", "", "", ""))._asdict()
        if wording == self.standard:
            words = dict.fromkeys(words, "")
        version = Rewording(
            notice=self.notice.name, variant=self.variant, language=self.language, at=now, account_id=account_id, **words
        )  # fmt: skip
        db.session.add(version)
        db.session.flush()
        return version


def every() -> list[Text]:
    """In pipeline order, each in both languages."""
    kinds = [notice for name, notice in Notice.all.items() if name != "mail_sample"]
    return [
        Text(kind, variant, language) for kind in kinds for variant in kind.variants or [""] for language in LANGUAGES
    ]


def find(key: str, language: str) -> Text | None:
    return next((text for text in every() if (text.key, text.language) == (key, language)), None)


@dataclass(frozen=True)
class Shown:
    """A mail, and whose it is; no name: an example."""

    mail: Mail
    name: str


def mail(text: Text, wording: Wording | None, now: datetime) -> Shown:
    """As a real person gets it, who was mailed lately or will be soon; else with examples."""
    content, address = _real(text, now)
    post = Post.of(edge.settings(), Organisation.required().name)
    message = Message(public_id="0" * 32, notice=text.notice.name, locale=text.language)
    if content is None:
        content = Content(dict(standard.examples(text.notice, text.variant, text.language)), to_name="")
        urls: Any = _Anywhere(post.base_url)
    else:
        urls = post.preview(post.refs(text.notice, content, address.id if address else 0))
    content = replace(content, wording=wording, sample_of="", language=text.language)
    made = post.mail(
        message,
        text.notice,
        content,
        urls,
        address.email if address else "example@example.org",
        now.replace(microsecond=0),
    )
    return Shown(made, content.to_name if address else "")


class _Anywhere(dict[str, str]):
    """Every link there may be; none works."""

    def __init__(self, base_url: str):
        super().__init__(stop=base_url, account=base_url)
        self.base_url = base_url

    def __missing__(self, name: str) -> str:
        return self.base_url


def _real(text: Text, now: datetime) -> tuple[Content | None, Address | None]:
    last = select(Said.message_id).order_by(Said.at.desc()).limit(LOOKED_AT).subquery()
    kind = (Message.notice == text.notice.name, Message.locale == text.language)
    sent = select(Message).join(last, last.c.message_id == Message.id).where(*kind).order_by(Message.id.desc())
    for message in db.session.scalars(sent.limit(TRIED)).unique():
        content = said.content(message.id)
        if content and text.notice.variant(content.values) == text.variant:
            return content, message.address
    query = text.notice.upcoming(now, now + AHEAD).add_columns(*text.notice.entities).options(*text.notice.options())
    mine = query.join(Address, Address.id == text.notice.to).where(Address.locale == text.language).limit(TRIED)
    for row in db.session.execute(mine):
        content = text.notice.content(text.language, *row[5:])
        if text.notice.variant(content.values) == text.variant:
            return content, db.session.get_one(Address, row.address_id)
    return None, None


def changed() -> dict[tuple[str, str, str], Rewording]:
    """What is not as it came, by notice, variant and language."""
    return {key: version for key, version in rewording.latest().items() if version.subject}
