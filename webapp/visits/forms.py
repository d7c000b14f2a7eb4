"""What an organiser types about a visit: kept as typed, read into a slot, and told what needs another look."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp import dates, zones
from webapp.i18n import Language
from webapp.visits import wall
from webapp.visits.models import Room, Slot

SENTENCE_AT_MOST, NAME_AT_MOST, LINK_AT_MOST = 300, 120, 500
"""Characters."""
SEATS_AT_MOST, STORYTELLERS_AT_MOST = 500, 20
LASTS_AT_MOST = timedelta(hours=12)
NEW_ROOM = "new"
SLOT_FIELDS = ("date", "from", "until", "zone", "fold", "room", "room_name", "link")
_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?(?: ?u(?:ur)?)?")


@dataclass(frozen=True)
class Problem:
    """What needs another look, where, and what would do: slots that are one press away."""

    field: str
    text: str
    slots: Sequence[Slot] = ()


@dataclass
class Typed:
    """A form as it was typed, and what was found about it."""

    values: dict[str, str]
    lists: dict[str, list[int]] = field(default_factory=dict)
    """What was ticked: ids of customers and teams, and of the customers there were to tick (`listed`)."""
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def error(self, name: str) -> str | None:
        return next((problem.text for problem in self.problems if problem.field == name), None)

    def slots(self) -> Sequence[Slot]:
        return next((problem.slots for problem in self.problems if problem.slots), ())

    def refuse(self, name: str, text: str, slots: Sequence[Slot] = ()) -> None:
        self.problems.append(Problem(name, text, slots))

    def line(self, name: str, at_most: int = NAME_AT_MOST) -> str:
        """One line of text, without what cannot be seen."""
        text = one_line(self[name])
        if len(text) > at_most:
            self.refuse(name, _("Too long: %(n)s characters, at most %(max)s.", n=len(text), max=at_most))
        return text

    def count(self, name: str, at_most: int) -> int:
        text = self[name].strip()
        if text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= at_most:
            return int(text[:6])
        self.refuse(name, _("Fill in a whole number from 1 to %(max)s.", max=at_most))
        return 1


def one_line(text: str) -> str:
    """No line ends, no control characters: what is typed here stands in mail, and some of it in a subject."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def typed(form: MultiDict[str, str]) -> Typed:
    """A form that was sent. A pressed slot (`pick`) replaces the time and room that were typed."""
    values = {name: value.replace("\0", "") for name, value in form.items()}
    if pick := values.pop("pick", ""):
        values |= _picked(pick)
    return Typed(values, {name: ids(form, name) for name in ("customers", "teams", "listed")})


def spelled(slot: Slot) -> dict[str, str]:
    """A slot as the fields of a form."""
    return {
        "date": slot.when.date().isoformat(),
        "from": dates.clock(slot.when),
        "until": dates.clock(slot.when + timedelta(minutes=slot.minutes)),
        "zone": slot.zone,
        "fold": "" if slot.fold is None else str(slot.fold),
        "room": str(slot.room.id) if slot.room else "",
        "link": slot.link,
    }


def pick_value(slot: Slot) -> str:
    """A slot as the value of a button."""
    fold = "" if slot.fold is None else slot.fold
    return f"{slot.when:%Y-%m-%dT%H:%M}|{slot.minutes}|{fold}|{slot.room.id if slot.room else ''}"


def new_key() -> str:
    """Goes along with a form that is opened, so that sending it twice is one visit."""
    return uuid4().hex


def is_key(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def _picked(pick: str) -> dict[str, str]:
    try:
        when, minutes, fold, room = pick.split("|")
        start = datetime.fromisoformat(when)
        end = start + timedelta(minutes=min(int(minutes), 24 * 60))
    except (ValueError, OverflowError):
        return {}
    return {
        "date": start.date().isoformat(),
        "from": dates.clock(start),
        "until": dates.clock(end),
        "fold": fold,
        **({"room": room} if room else {}),
    }


def slot_of(form: Typed, rooms: Sequence[Room], now: datetime, language: Language) -> Slot | None:
    """When and where; None when that cannot be read, with the reasons in the form. A new room is made by the view."""
    day, start, end = day_of(form), clock_of(form, "from"), clock_of(form, "until")
    zone = _zone(form)
    room, link = _place(form, rooms)
    if day is None or start is None or end is None or zone is None:
        return None
    when, until = datetime.combine(day, start), datetime.combine(day, end)
    if not timedelta(0) < until - when <= LASTS_AT_MOST:
        form.refuse("until", _("The end comes after the start, at most twelve hours later."))
        return None
    fold = int(form["fold"]) if form["fold"] in ("0", "1") else None
    fold = fold if _comes_twice(when, zone) else None
    slot = Slot(when, zone, (until - when) // timedelta(minutes=1), fold, room, link)
    _exists(form, slot, now, language)
    return None if form.problems else slot


def _comes_twice(when: datetime, zone: str) -> bool:
    try:
        wall.to_utc(when, zone)
    except wall.Fold:
        return True
    except wall.Gap:
        pass
    return False


def _exists(form: Typed, slot: Slot, now: datetime, language: Language) -> None:
    said = {"date": dates.day(slot.when, language), "time": dates.time(slot.when, language)}
    try:
        starts_at = wall.to_utc(slot.when, slot.zone, slot.fold)
    except wall.Gap as gap:
        earlier, later = dates.time(gap.earlier, language), dates.time(gap.later, language)
        form.refuse(
            "from",
            _(
                "On %(date)s, %(time)s does not exist: the clock goes forward. Choose %(earlier)s or %(later)s.",
                earlier=earlier, later=later, **said,
            ),
            [Slot(when, slot.zone, slot.minutes, room=slot.room) for when in (gap.earlier, gap.later)],
        )  # fmt: skip
    except wall.Fold:
        form.refuse(
            "from",
            _(
                "On %(date)s, %(time)s comes twice. Do you mean the first (summer time) or the second (winter time)?",
                **said,
            ),
            [Slot(slot.when, slot.zone, slot.minutes, fold, slot.room) for fold in (0, 1)],
        )
    else:
        if starts_at <= now:
            form.refuse("date", _("This time has passed already. Choose a later one."))


def day_of(form: Typed, name: str = "date") -> date | None:
    text = form[name].strip()
    found = _DATE.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
        parsed = date.fromisoformat(text)
    except ValueError:
        problem = _("%(value)s is not a date. Write, for example, 3-12-2026.", value=one_line(text)[:40])
        form.refuse(name, problem if text else _("Fill in a date."))
        return None
    if not 2000 <= parsed.year <= 2100:
        form.refuse(name, _("%(value)s is not a date. Write, for example, 3-12-2026.", value=text))
        return None
    return parsed


def clock_of(form: Typed, name: str) -> time | None:
    text = form[name].strip()
    found = _TIME.fullmatch(text)
    if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
        return time(int(found[1]), int(found[2] or 0))
    problem = _("%(value)s is not a time. Write, for example, 14:00.", value=one_line(text)[:40])
    form.refuse(name, problem if text else _("Fill in a time."))
    return None


def _zone(form: Typed) -> str | None:
    name = form["zone"].strip()
    if name in zones.ZONES:
        return name
    form.refuse("zone", _("We do not know this time zone. Write it like Europe/Amsterdam."))
    return None


def _place(form: Typed, rooms: Sequence[Room]) -> tuple[Room | None, str]:
    """A room, a link for who joins from elsewhere, or both."""
    link = one_line(form["link"])
    parts = urlsplit(link) if _splits(link) else None
    if link and (parts is None or parts.scheme not in ("http", "https") or not parts.netloc or " " in link):
        form.refuse("link", _("This is not an address of a page. It begins with https://."))
    elif len(link) > LINK_AT_MOST:
        form.refuse("link", _("Too long: %(n)s characters, at most %(max)s.", n=len(link), max=LINK_AT_MOST))
    room = next((room for room in rooms if str(room.id) == form["room"]), None)
    if form["room"] == NEW_ROOM and not one_line(form["room_name"]):
        form.refuse("room_name", _("Fill in the name of the room."))
    elif room is None and form["room"] != NEW_ROOM and not link:
        form.refuse("room", _("Choose a room, or fill in a link for an online visit."))
    return room, link


def _splits(link: str) -> bool:
    try:
        urlsplit(link)
    except ValueError:
        return False
    return True


def ids(form: MultiDict[str, str], name: str) -> list[int]:
    """Numbers of rows, from boxes that were ticked or from one list with commas; anything else is not looked at."""
    found = (part for value in form.getlist(name) for part in value.split(","))
    return list(dict.fromkeys(int(part) for part in found if part.isascii() and part.isdigit() and len(part) < 16))
