"""Calendars that follow the visits: of who organises, of a host, of a team, of a room. They name no customer.

Whoever has the link reads it, and so does the company whose calendar it is put in: what stands there says when, where
and for which team; who tells stands behind the link, on a page that asks who you are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, cast, get_args
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.i18n import Language
from webapp.staff.models import StaffMember, Team
from webapp.visits.calendar import CalendarEntry, write_feed
from webapp.visits.facts import facts, reply_to
from webapp.visits.models import Room, Visit

Of = Literal["feed_organiser", "feed_host", "feed_team", "feed_room"]
SCOPES: tuple[Of, ...] = get_args(Of)
LOOKS_BACK = timedelta(days=31)
SUMMARY: dict[Language, str] = {"nl": "Klantbezoek bij {team}", "en": "Customer visit at {team}"}
HOST: dict[Language, str] = {"nl": "Gastgever: {host_name}.", "en": "Host: {host_name}."}
PAGE: dict[Language, str] = {"nl": "Bekijk het bezoek", "en": "View the visit"}
CALENDAR: dict[Language, str] = {"nl": "Bezoeken: {name}", "en": "Visits: {name}"}
Whose = Account | StaffMember | Team | Room


def owner(of: Of, id: int) -> Whose | None:
    """Whose calendar it is, while they are here."""
    tables: dict[Of, type[Whose]] = {
        "feed_organiser": Account,
        "feed_host": StaffMember,
        "feed_team": Team,
        "feed_room": Room,
    }
    found = cast(Whose | None, db.session.get(tables[of], id))
    gone = {"feed_organiser": "disabled_at", "feed_host": "left_at", "feed_room": "closed_at"}.get(of)
    return None if found is None or (gone and getattr(found, gone)) else found


def name(whose: Whose) -> str:
    return whose.name.full if isinstance(whose, StaffMember) else whose.name


def written(whose: Whose, base_url: str, now: datetime) -> str:
    """The file: visits of the last month and all to come; what was called off stands there as called off."""
    language, settled = _language(whose), Visit.invited_at.is_not(None)
    shown = (_theirs(whose), Visit.ends_at > now - LOOKS_BACK, settled)
    visits = db.session.scalars(
        select(Visit).where(*shown).order_by(Visit.starts_at, Visit.id).options(selectinload(Visit.teams))
    ).all()
    title = CALENDAR[language].format(name=name(whose))
    return write_feed(title, [(_entry(each, language, base_url), f"{base_url}/visits/{each.id}") for each in visits])


def _entry(visit: Visit, language: Language, base_url: str) -> CalendarEntry:
    words = facts(visit, language, visit.wall.date())
    stamps: Sequence[datetime | None] = (visit.created_at, visit.moved_at, visit.cancelled_at)
    return CalendarEntry(
        uid=str(uuid5(NAMESPACE_URL, f"{base_url}/visits/{visit.id}")),
        sequence=visit.revision,
        stamp=max(filter(None, stamps)),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.zone,
        locale=language,
        summary=SUMMARY[language].format_map(words),
        description=HOST[language].format_map(words),
        location=words["where"],
        link_label=PAGE[language],
        organiser=reply_to(visit),
        cancelled=visit.cancelled_at is not None,
    )


def _theirs(whose: Whose) -> ColumnElement[bool]:
    match whose:
        case Account():
            return Visit.organiser_id == whose.id
        case StaffMember():
            return Visit.host_id == whose.id
        case Team():
            return Visit.teams.any(Team.id == whose.id)
        case Room():
            return Visit.room_id == whose.id


def _language(whose: Whose) -> Language:
    """Of one reader: theirs. Of a team or a room: the organisation's."""
    address = whose.address if isinstance(whose, Account | StaffMember) else None
    locale = address.locale if address else Organisation.required().locale
    return "en" if locale == "en" else "nl"
