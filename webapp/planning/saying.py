"""What a season plan says, in the language of the page."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import dates
from webapp.planning.models import PlannedLine
from webapp.planning.problem import LONGEST
from webapp.templating import language

A_MONDAY = date(2026, 1, 5)


def reason(line: PlannedLine, fact: Mapping[str, Any]) -> str:
    """Why this customer, this team, this time: `ICT ontmoette nog nooit een klant`."""
    name, team = line.customer.name.full, line.team.name
    match fact["kind"]:
        case "never_met":
            said = _("%(team)s never met a customer", team=team)
        case "waited" if fact["months"] >= LONGEST:
            said = _("%(team)s met nobody for three years or more", team=team)
        case "waited":
            said = ngettext(
                "%(team)s met nobody for a month", "%(team)s met nobody for %(num)s months", fact["months"], team=team
            )
        case "first_turn":
            said = _("%(name)s was not asked this year", name=name)
        case "turns":
            said = ngettext(
                "%(name)s was asked once this year", "%(name)s was asked %(num)s times this year", fact["n"], name=name
            )
        case "story":
            said = _("%(name)s told a story already", name=name)
        case "language":
            spoken = {"nl": _("speaks Dutch"), "en": _("speaks English")}[fact["language"]]
            said = f"{name} {spoken}"
        case "weekday":
            day = dates.day(A_MONDAY + timedelta(days=fact["weekday"]), language()).split()[0].rstrip(",")
            said = _("%(name)s can only on %(day)s", name=name, day=day)
        case _:
            said = _("the only time that suits both")
    return str(said)


def against(why: str, team: str) -> str:
    """Why a team meets nobody in the plan."""
    said: dict[str, str] = {
        "no_group": _("%(team)s is linked to no group of customers yet.", team=team),
        "nobody": _("Nobody of the groups of %(team)s may be asked now.", team=team),
        "language": _("No customer of the groups of %(team)s speaks its language.", team=team),
        "forbidden": _("You set aside every customer of the groups of %(team)s.", team=team),
        "no_slot": _("%(team)s has no free hour in this season.", team=team),
        "no_room": _("No room that is free then has enough seats for %(team)s.", team=team),
        "no_hour": _("%(team)s has no hour in common with any customer of its groups.", team=team),
        "order": _("%(team)s could not meet anybody in the order that was drawn.", team=team),
        "taken": _("Every customer of the groups of %(team)s meets another team.", team=team),
        "full": _("The rooms and hours that suit %(team)s went to teams that waited longer.", team=team),
    }
    return said[why]


def lost(why: str, team: str) -> str:
    """Why a visit that was pinned could not stay."""
    said: dict[str, str] = {
        "team": _("The pinned visit of %(team)s is gone: nobody is in that team any more.", team=team),
        "slot": _("The pinned visit of %(team)s is gone: the team cannot at that time any more.", team=team),
        "person": _("The pinned visit of %(team)s is gone: the customer cannot be asked any more.", team=team),
        "room": _("The pinned visit of %(team)s is gone: the room is no longer free.", team=team),
        "order": _("The pinned visit of %(team)s is gone: it was not in the order that was drawn.", team=team),
    }
    return said[why]
