"""What a template may ask beside its facts: dates and numbers in the page's language, initials and tints, its own address."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask_babel import get_locale
from jinja2 import pass_eval_context
from jinja2.filters import do_xmlattr
from jinja2.nodes import EvalContext

from webapp import dates
from webapp.i18n import Language
from webapp.people import PersonName

TINTS = 6
"""Colours an avatar may have: `data-tint` in components.css."""


def init(app: Flask) -> None:
    """Filters in the language of the page (`{{ visit.wall|day }}`, `{{ 4.8|number }}`), and globals."""
    spoken = (
        "day",
        "date",
        "day_short",
        "when",
        "ago",
        "time",
        "stamp",
        "number",
        "signed",
        "percent",
        "in_words",
        "listed",
    )
    app.jinja_env.filters |= {name: _in_page_language(getattr(dates, name)) for name in spoken}
    app.jinja_env.filters |= {"clock": dates.clock, "cap_first": dates.cap_first, "initials": initials, "tint": tint}
    app.jinja_env.filters |= {"month_short": month_short, "weekday_short": weekday_short, "tel": tel}
    app.jinja_env.filters["xmlattr"] = attributes
    app.jinja_env.globals |= {"hours": hours, "here": here}


@pass_eval_context
def attributes(context: EvalContext, values: Mapping[str, Any], autospace: bool = True) -> str:
    """Jinja's `xmlattr`, in which what is false is not there: `{"disabled": false}` disables nothing."""
    said = {key: key if value is True else value for key, value in values.items() if value not in (False, None)}
    return do_xmlattr(context, said, autospace)


def language() -> Language:
    """The language this page is in."""
    return "nl" if get_locale().language == "nl" else "en"


def hours(start: datetime, end: datetime, zone: str | None = None) -> str:
    """`{{ hours(visit.wall, visit.wall_end) }}`: 14:00–14:45 uur."""
    return dates.hours(start, end, language(), zone)


def month_short(value: date) -> str:
    """`dec`, for a date card."""
    return dates.day_short(value, language()).split()[2]


def weekday_short(value: date) -> str:
    """`do`, for a date card."""
    return dates.day_short(value, language()).split()[0]


def initials(name: "PersonName | str") -> str:
    """`SV` for Sam de Vries."""
    return (name if isinstance(name, PersonName) else PersonName.parse(name)).initials


def tel(phone: str) -> str:
    """`tel:+31201111111`, whatever stands between the figures."""
    return "tel:" + re.sub(r"[^\d+]", "", phone)


def tint(name: object) -> int:
    """One of the six tints, always the same for the same name."""
    said = name.full if isinstance(name, PersonName) else str(name)
    return hashlib.sha256(said.encode()).digest()[0] % TINTS + 1


def here(**changes: str | int | None) -> str:
    """This page's own address with some of its questions changed: `here(lang='en')`, `here(page=None)`."""
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in changes]
    kept += [(key, str(value)) for key, value in changes.items() if value is not None]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def _in_page_language(function: Callable[..., str]) -> Callable[..., str]:
    def said(value: Any, *rest: Any, **named: Any) -> str:
        return function(value, language(), *rest, **named)

    return said
