"""Mail that asks colleagues for whom they do their work."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.groups.models import Asked, MappingRound
from webapp.i18n import Language
from webapp.mailing.notices import Content, Notice, Ref, Refusal
from webapp.staff.models import StaffMember


class MappingQuestion(Notice):
    """When the hold of a round is over, to everybody in its sample; not after it was stopped."""

    name, title = "mapping_question", ("Mapping round", "Verkenning")
    reader, why = "staff", "staff"
    lane, asks, choice = "campaign", True, "surveys"
    about, to = Asked.id, StaffMember.address_id
    thread = func.concat("round-", Asked.round_id)
    moment = MappingRound.released_at
    lapses = timedelta(days=7)
    stops = MappingRound.closes_at
    entities = (Asked,)

    @classmethod
    def whom(cls) -> Select[Any]:
        running = (MappingRound.stopped_at.is_(None), StaffMember.left_at.is_(None), Asked.answered_at.is_(None))
        return select(Asked).join(Asked.round).join(Asked.staff).where(*running)

    @classmethod
    def options(cls) -> Sequence[Any]:
        by = selectinload(Asked.round).selectinload(MappingRound.started_by).joinedload(Account.address)
        return (by, contains_eager(Asked.staff).lazyload("*"))

    @classmethod
    def content(cls, language: Language, asked: Asked, *more: Any) -> Content:
        by, name = asked.round.started_by, asked.staff.name
        values = {
            "first_name": name.first,
            "why": cls.why,
            "n_asked": asked.round.asked_count,
            "organiser_name": by.name,
            "organiser_first_name": by.first_name,
        }
        return Content(
            values,
            {"questions": Ref("mapping", asked.id)},
            sender=by.name,
            reply_to=(by.name, by.email),
            to_name=name.full,
        )

    @classmethod
    def on_clock(cls, asked: Asked, *more: Any) -> tuple[str, datetime]:
        return Organisation.required().zone, asked.round.closes_at

    @classmethod
    def why_not(cls, subject_id: int, now: datetime) -> Refusal | None:
        asked = db.session.get(Asked, subject_id)
        if asked is None:
            return None
        if asked.staff.left_at:
            return Refusal("not_needed", "not_needed", {"fact": "left"})
        if asked.answered_at:
            return Refusal("not_needed", "not_needed", {"fact": "answered"})
        if asked.round.stopped_at:
            return Refusal("not_needed", "not_needed", {"fact": "stopped"})
        if asked.round.closes_at <= now:
            return Refusal("expired", "expired", {"not_after": asked.round.closes_at.isoformat()})
        return None
