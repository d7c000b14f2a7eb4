"""What a mail may say about a visit: one name for every fact, in one reader's language, as plain values.

The names are the placeholders of the texts. What was not filled in is empty, and the sentence around it is left out.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from webapp import dates, db
from webapp.accounts.models import Organisation
from webapp.i18n import Language
from webapp.staff.models import Team
from webapp.visits.models import Visit

DOORS_OPEN = timedelta(minutes=15)
"""So long before the start the host is there."""
TEAMS_NAMED = 3
SPOT_LENGTH = 45
"""Characters of a place in a subject, which has sixty."""

OTHER_TEAMS: dict[Language, str] = {"nl": "{n} andere teams", "en": "{n} other teams"}
COLLEAGUES: dict[Language, tuple[str, str]] = {"nl": ("collega", "collega's"), "en": ("colleague", "colleagues")}


def facts(visit: Visit, language: Language, today: date) -> Mapping[str, Any]:
    """`today` is a day on the venue's clock; a visit far from it is told with its year."""
    return db.once(("facts", visit, language, today), lambda: _facts(visit, language, today))


def _facts(visit: Visit, language: Language, today: date) -> dict[str, Any]:
    return {**_moment(visit, language, today), **_place(visit), **_people(visit, language)}


def _moment(visit: Visit, language: Language, today: date) -> dict[str, Any]:
    starts, ends = (dates.local(moment, visit.zone) for moment in (visit.starts_at, visit.ends_at))
    clock = dates.zone_name(visit.zone, Organisation.required().zone, visit.starts_at, language)
    _, number, month = dates.day_short(starts, language).split()
    values = dates.placeholders(starts, ends, language, today, clock)
    values |= {"leaf_day": number, "leaf_month": month, "doors_time": dates.time(starts - DOORS_OPEN, language)}
    old = visit.old_wall or visit.wall
    return values | {
        "old_day_short": dates.day_short(old, language, today),
        "old_time": dates.time(old, language),
    }


def _place(visit: Visit) -> dict[str, str]:
    room = visit.room
    place = (room.place or room.name) if room else "online"
    return {
        "place": place,
        "Place": dates.cap_first(place),
        "spot": dates.cap_first(cut(_joined(place, room.name if room else ""), SPOT_LENGTH)),
        "where": dates.cap_first(_joined(place, room.name, room.address) if room else place),
        "meeting_point": _clean(room.meeting_point).rstrip(".") if room else "",
        "travel_line": sentence(room.travel_line) if room else "",
        "online": visit.link if re.fullmatch(r"https?://\S+", visit.link) else "",
    }


def _people(visit: Visit, language: Language) -> dict[str, Any]:
    host, organiser = visit.host, visit.organiser
    phone = host.phone or organiser.phone or Organisation.required().phone
    teams = [team.name for team in visit.teams]
    listening = expected(visit)
    return {
        "host_name": host.name.full,
        "host_first_name": host.name.first,
        "host_phone": in_one_piece(phone),
        "host_tel": "tel:" + re.sub(r"[^\d+]", "", phone) if phone else "",
        "organiser_name": organiser.name,
        "team": team_label(teams, language) or Organisation.required().name,
        "colleague_count": listening,
        "colleagues": counted(listening, language),
        "seats": visit.seats,
        "seats_in_words": dates.in_words(visit.seats, language),
        "Seats_in_words": dates.cap_first(dates.in_words(visit.seats, language)),
        "reason": sentence(visit.reason_nl if language == "nl" else visit.reason_en),
    }


def expected(visit: Visit) -> int:
    """How many colleagues there may be: the people of its teams, as far as there are seats. The same before and after
    inviting, so that what was checked is what is sent."""
    people = sum(_working(team) for team in visit.teams)
    return min(visit.seats, people) or visit.seats


def _working(team: Team) -> int:
    return sum(member.left_at is None for member in team.members)


def team_label(names: list[str], language: Language) -> str:
    """`Bellers avond A en Bellers avond B`; of many teams the first two and how many more."""
    if len(names) > TEAMS_NAMED:
        others = OTHER_TEAMS[language].format(n=dates.in_words(len(names) - TEAMS_NAMED + 1, language))
        names = [*names[: TEAMS_NAMED - 1], others]
    return dates.listed(names, language)


def counted(colleagues: int, language: Language) -> str:
    """`zes collega's`; nobody in particular: `collega's`."""
    one, many = COLLEAGUES[language]
    return f"{dates.in_words(colleagues, language)} {one if colleagues == 1 else many}" if colleagues else many


def reply_to(visit: Visit) -> tuple[str, str]:
    """Who reads an answer to a mail about this visit: the host, and without a mailbox the organiser."""
    return db.once(("reply_to", visit), lambda: _reply_to(visit))


def _reply_to(visit: Visit) -> tuple[str, str]:
    if visit.host.address is not None:
        return visit.host.name.full, visit.host.address.email
    return visit.organiser.name, visit.organiser.email


def sentence(text: str) -> str:
    """What somebody typed, as one sentence: on one line, and closed."""
    text = _clean(text)
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def in_one_piece(phone: str) -> str:
    """A number that no line break cuts in two."""
    return _clean(phone).replace(" ", "\N{NO-BREAK SPACE}")


def cut(text: str, length: int) -> str:
    """The whole words that fit."""
    if len(text) <= length:
        return text
    return text[: length + 1].rpartition(" ")[0].rstrip(" ,") or text[:length]


def _clean(text: str) -> str:
    return " ".join(text.split())


def _joined(*parts: str) -> str:
    """The parts that are there, each once."""
    return ", ".join(dict.fromkeys(filter(None, map(_clean, parts))))
