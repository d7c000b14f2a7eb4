"""Keeping what the host, or who organises, writes down on the day: one form each, checked, and shown again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Account
from webapp.hosting.models import TOLD, WAYS, Exposure, Incident, Promise
from webapp.visits.models import Visit

PARTS = ("exposure", "incident", "promise")
"""The forms, by the name of their button."""
WORDS_AT_MOST = 1000
TOLD_IN_MINUTES = 5
KEPT_WITHIN = timedelta(weeks=1)
Errors = list[tuple[str, str]]


@dataclass(frozen=True)
class Afterwards:
    """What stands written down of a visit."""

    exposure: Exposure | None
    incidents: Sequence[Incident]
    promises: Sequence[Promise]
    keepers: Sequence[tuple[int, str]]
    """Who can be given a promise to keep: who organises the visit, then the others by name."""

    @classmethod
    def of(cls, visit: Visit) -> "Afterwards":
        def written(table: type[Incident | Promise]) -> Any:
            return db.session.scalars(select(table).where(table.visit_id == visit.id).order_by(table.id)).all()

        organise = select(Account).where(Account.role.in_(("organiser", "admin")), Account.disabled_at.is_(None))
        owners = sorted(db.session.scalars(organise), key=lambda each: (each.id != visit.organiser_id, each.name))
        keepers = [(each.id, each.name) for each in owners]
        return cls(Exposure.of_visit(visit.id), written(Incident), written(Promise), keepers)


def keep(visit: Visit, form: Mapping[str, str], tellers: Collection[int], today: date, now: datetime) -> Errors:
    """Write down the part that was sent; nothing is kept of one with errors: (field, words).

    `tellers`: invitations of who told. The same words a second time (a phone that sent twice) are the same fact.
    """
    match form.get("part"):
        case "exposure":
            return _exposure(visit, form, now)
        case "incident":
            return _incident(visit, form, now)
        case "promise":
            return _promise(visit, form, tellers, today, now)
    raise ValueError(form.get("part"))


def _exposure(visit: Visit, form: Mapping[str, str], now: datetime) -> Errors:
    minutes, others = _count(form, "minutes"), _count(form, "others", nothing=0)
    errors: Errors = []
    if form.get("told") not in TOLD:
        errors.append(("told", _("Choose who told it.")))
    if form.get("way") not in WAYS:
        errors.append(("way", _("Choose whether it was in the room or online.")))
    if minutes is None or not 1 <= minutes <= 600:
        errors.append(("minutes", _("Fill in whole minutes: 1 to 600.")))
    if others is None or others > 999:
        errors.append(("others", _("Fill in a whole number: 0 to 999.")))
    if errors:
        return errors
    kept = Exposure.of_visit(visit.id) or Exposure(visit_id=visit.id, at=now)
    kept.told, kept.way, kept.minutes, kept.others = form["told"], form["way"], minutes or 0, others or 0
    kept.debrief = _words(form, "debrief")
    db.session.add(kept)
    db.session.flush()
    return []


def _incident(visit: Visit, form: Mapping[str, str], now: datetime) -> Errors:
    words = _words(form, "words")
    if not words:
        return [("words", _("Write what went wrong."))]
    if not _stands(Incident, visit, words):
        db.session.add(Incident(visit_id=visit.id, words=words, at=now))
        db.session.flush()
    return []


def _promise(visit: Visit, form: Mapping[str, str], tellers: Collection[int], today: date, now: datetime) -> Errors:
    words, errors = _words(form, "promise"), Errors()
    to, due = _count(form, "to_whom"), _day(form.get("due", ""))
    owner = db.session.get(Account, _count(form, "owner") or 0)
    if not words:
        errors.append(("promise", _("Write what was promised.")))
    if to not in tellers:
        errors.append(("to_whom", _("Choose to whom.")))
    if owner is None or owner.disabled_at is not None or not owner.may("organiser"):
        errors.append(("owner", _("Choose who keeps it.")))
    if due is None or due < today:
        errors.append(("due", _("Choose a day from today on.")))
    if errors:
        return errors
    if not _stands(Promise, visit, words):
        values = {"invitation_id": to, "owner_id": owner.id if owner else None, "due": due}
        db.session.add(Promise(visit_id=visit.id, words=words, at=now, **values))
        db.session.flush()
    return []


def _stands(table: type[Incident | Promise], visit: Visit, words: str) -> bool:
    return db.session.scalar(select(table.id).where(table.visit_id == visit.id, table.words == words)) is not None


def _words(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").strip()[:WORDS_AT_MOST]


def _count(form: Mapping[str, str], name: str, nothing: int | None = None) -> int | None:
    typed = form.get(name, "").strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else nothing if not typed else None


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
