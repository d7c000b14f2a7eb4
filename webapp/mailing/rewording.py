"""Which words a mail leaves in: the standard ones, or what an organiser made of them. The next mail already says so.

What is stored is data. It is read once a batch, goes along in the mail's content, and is kept with what the mail said.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import func, select

from webapp import db
from webapp.i18n import Language
from webapp.mailing.models import Rewording
from webapp.mailing.notices import Content, Notice, Wording

Key = tuple[str, str, str]
"""Notice, variant, language."""


def worded(notice: type[Notice], language: Language, content: Content) -> Content:
    """The content with the words in which it leaves now."""
    wording = current().get((notice.name, notice.variant(content.values), language))
    return replace(content, wording=wording) if wording else content


def current() -> Mapping[Key, Wording]:
    """Every text that is not the standard one."""
    return db.once("rewordings", lambda: {key: of(last) for key, last in latest().items() if last.subject})


def latest() -> Mapping[Key, Rewording]:
    """The last version of every text that was ever changed."""
    last = select(func.max(Rewording.id)).group_by(Rewording.notice, Rewording.variant, Rewording.language)
    found = db.session.scalars(select(Rewording).where(Rewording.id.in_(last)))
    return {(each.notice, each.variant, each.language): each for each in found}


def of(version: Rewording) -> Wording:
    return Wording(version.subject, version.preheader, version.heading, version.words)
