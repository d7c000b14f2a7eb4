"""Words and moments as the pages of an organiser say them: in the language of the page, on the organisation's clock."""

from datetime import date, datetime

import flask_babel

from webapp import clock, dates
from webapp.accounts.models import Organisation
from webapp.templating import language
from webapp.visits.models import Visit


def _(text: str, **values: object) -> str:
    """A text in the language of the page; Flask-Babel ships no types."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    return str(flask_babel.ngettext(one, many, number, **values))


def pgettext(context: str, text: str) -> str:
    return str(flask_babel.pgettext(context, text))


def wall(moment: datetime) -> datetime:
    """What the clock of the organisation said then."""
    return dates.local(moment, Organisation.required().zone)


def today() -> date:
    return wall(clock.now()).date()


def day_short(moment: datetime) -> str:
    """`do 3 dec`."""
    return dates.day_short(wall(moment), language(), today())


def date_short(day: date) -> str:
    return dates.day_short(day, language(), today())


def stamp(moment: datetime) -> str:
    """`vandaag, 08:41`."""
    return dates.stamp(wall(moment), language(), today())


def ago(moment: datetime) -> str:
    """`vandaag`, `gisteren`, `4 dagen`."""
    return dates.ago(min(wall(moment).date(), today()), language(), today())


def on(visit: Visit) -> str:
    """The day of a visit, on its own clock: `do 3 dec`."""
    return dates.day_short(visit.wall, language(), today())


def on_at(visit: Visit) -> str:
    """`do 3 dec, 14:00`."""
    return f"{on(visit)}, {dates.clock(visit.wall)}"


def place(visit: Visit) -> str:
    """`Academiegebouw, 2.14`; `online`."""
    if visit.room is None:
        return _("online")
    return ", ".join(filter(None, (visit.room.place, visit.room.name)))
