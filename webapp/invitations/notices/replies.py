"""What somebody wrote back, to the host; their answer goes straight to who wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from sqlalchemy import Select, case, func
from sqlalchemy.orm import selectinload

from webapp.accounts.models import Account
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.invitations.notices.readers import AboutVisit
from webapp.invitations.replies import Reply
from webapp.mailing.notices import Content, Ref
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit


class ReplyForwarded(AboutVisit):
    """At once, to the host; to the organiser while the host has no mailbox, or works here no more."""

    name, title = "reply_forwarded", ("Customer's reply", "Antwoord van een klant")
    by = ("colleague",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "false": ("of a customer", "van een klant"),
        "true": ("of a colleague", "van een collega"),
    }
    lane = "urgent"
    about, moment, stops = Reply.id, Reply.at, None
    to = func.coalesce(case((StaffMember.left_at.is_(None), StaffMember.address_id)), Account.address_id)
    entities = (Visit, Reply, Invitation)

    @classmethod
    def whom(cls) -> Select[Any]:
        visits = Reply.unwiped().join(Invitation, Reply.invitation_id == Invitation.id).join(Invitation.visit)
        return visits.join(Visit.host).join(Visit.organiser)

    @classmethod
    def options(cls) -> Sequence[Any]:
        return (*super().options(), selectinload(Invitation.customer), selectinload(Invitation.staff))

    @classmethod
    def content(cls, language: Language, visit: Visit, *more: Any) -> Content:
        reply, invitation = more
        name, known = invitation.person.name.full, invitation.address
        email = reply.sender or (known.email if known else visit.organiser.email)
        return replace(super().content(language, visit, *more), reply_to=(name, email))

    @classmethod
    def greeted(cls, visit: Visit) -> tuple[str, str]:
        if visit.host.address_id is None or visit.host.left_at:
            return super().greeted(visit)
        return visit.host.name.first, visit.host.name.full

    @classmethod
    def doors(cls, visit: Visit) -> dict[str, Ref]:
        return {"account": Ref(None, 0, "/account")} if visit.host.account_id else {}

    @classmethod
    def values(cls, language: Language, visit: Visit, *more: Any) -> dict[str, Any]:
        reply, invitation = more
        said = {"customer_name": invitation.person.name.full, "reply_text": " ".join(reply.text.split())}
        return {**said, "colleague": bool(invitation.staff_id)}

    @classmethod
    def why_not(cls, subject_id: int, now: Any) -> None:
        return None
