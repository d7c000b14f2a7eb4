"""Visits on a calendar, a month or a week at a time. A visit is dragged, or moved by keys, to the page that says who hears."""

from collections import defaultdict
from datetime import MAXYEAR, MINYEAR, date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from webapp import clock, dates
from webapp.access import access, role
from webapp.accounts.models import Organisation
from webapp.invitations import visit_list
from webapp.invitations.visit_list import Tally
from webapp.invitations.visit_words import state_of, title_of
from webapp.templating import language
from webapp.visits import forms
from webapp.visits.models import Slot, Visit

blueprint = Blueprint("calendar", __name__)

A_WEEK = timedelta(weeks=1)


@blueprint.get("/visits/month")
@access(role("viewer"))
def month() -> str:
    """The month in which `?day=` is (default: today), in whole weeks."""
    first = _asked_day().replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    weeks = -(-(after - monday).days // 7)
    return _page("month", dates.cap_first(dates.month(first, language())), first, monday, weeks, (before, after))


@blueprint.get("/visits/week")
@access(role("viewer"))
def week() -> str:
    """The week in which `?day=` is, with more of each visit."""
    day = _asked_day()
    monday = day - timedelta(days=day.weekday())
    said = _(
        "Week %(number)s: %(first)s to %(last)s",
        number=monday.isocalendar().week,
        first=dates.day_short(monday, language()),
        last=dates.day_short(monday + timedelta(days=6), language(), _today()),
    )
    return _page("week", said, monday, monday, 1, (monday - A_WEEK, monday + A_WEEK))


def _page(view: str, heading: str, first: date, monday: date, weeks: int, beside: tuple[date, date]) -> str:
    days = [monday + timedelta(days=count) for count in range(7 * weeks)]
    on = defaultdict[date, list[Tally]](list)
    for tally in visit_list.between(days[0], days[-1]):
        on[tally.visit.wall.date()].append(tally)
    return render_template(
        "invitations/calendar.html",
        view=view,
        said=heading,
        first=first,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        on=on,
        previous=beside[0],
        next=beside[1],
        today=_today(),
        state_of=state_of,
        title_of=title_of,
        moving=_moving,
    )


def _moving(visit: Visit) -> str | None:
    """Where it is moved, save for the day; None for what is over or off."""
    if visit.cancelled_at or visit.starts_at <= clock.now():
        return None
    stands = forms.spelled(Slot(visit.wall, visit.zone, visit.minutes, None, visit.room, visit.link))
    kept: dict[str, Any] = {name: value for name, value in stands.items() if name != "date"}
    return url_for("changing.move_check", visit_id=visit.id, **kept)


def _asked_day() -> date:
    """`?day=2026-12-03`; today when it is none, or so far off that a calendar ends."""
    try:
        day = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return _today()
    return day if MINYEAR < day.year < MAXYEAR else _today()


def _today() -> date:
    return dates.local(clock.now(), Organisation.required().zone).date()
