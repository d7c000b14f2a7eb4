"""A test of a mail, to who organises: one press, one mail, at once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from webapp.accounts.models import Account
from webapp.i18n import Language
from webapp.invitations.models import MailSample
from webapp.mailing.notices import Content, Notice


class Sample(Notice):
    """What the check page showed, with [Test] before its subject, in the language of who would get it."""

    name, title = "mail_sample", ("Test to me", "Test naar mij")
    reader, why, folder = "organiser", "organiser", "visit_invitation"
    lane, lapses, despite_stop = "urgent", timedelta(hours=1), True
    about, to = MailSample.id, Account.address_id
    moment = MailSample.at
    entities = (MailSample,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(MailSample).join(MailSample.account).where(MailSample.content.is_not(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (sample,) = row
        return Content.from_json(sample.content)
