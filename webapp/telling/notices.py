"""The one mail of the public page: is this your address?"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from webapp.i18n import Language
from webapp.mailing.notices import Content, Notice, Ref
from webapp.telling.models import KEPT_UNCONFIRMED, NOTICE, Telling


class PublicPageConfirmation(Notice):
    """At once, to the address that was typed. It carries nothing of what was typed: nobody mails others through us."""

    name, title = NOTICE, ("Confirm address", "Adres bevestigen")
    reader, why = "system", "link_customer"
    lane, lapses, despite_stop = "urgent", timedelta(days=2), True
    about, to = Telling.id, Telling.address_id
    moment = Telling.told_at
    entities = (Telling,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(Telling).where(Telling.confirmed_at.is_(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (telling,) = row
        return Content({"first_name": "", "days": KEPT_UNCONFIRMED.days}, {"confirm": Ref("confirm", telling.id)})
