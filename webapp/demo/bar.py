"""The bar on top of every page of a demo: what the clock says, where it can go, and what happened on the way."""

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from webapp import clock, dates, db
from webapp.accounts.models import Organisation
from webapp.demo import time_machine
from webapp.demo.time_machine import Journey
from webapp.invitations.models import Invitation
from webapp.mailing.models import ClockShift
from webapp.surveys.models import Register, Wave
from webapp.visits import wall
from webapp.visits.models import Visit

A_MINUTE = timedelta(minutes=1)
"""After a moment: what is due then has left. And so long the bar says what happened on the way."""
FOUR_WEEKS_DAYS = 28
VISIT_PAGE = re.compile(r"/visits/(\d+)(?:[/?]|$)")


@dataclass(frozen=True)
class Bar:
    """What the bar says, in the language of the page."""

    now: datetime
    """On the organisation's clock."""
    visit: Visit | None
    """The one that "the visit" means."""
    moving: bool
    answering: bool
    said: str
    goals: Container[str]
    """The buttons that still lead somewhere."""
    page: str
    """The page it stands on."""

    @property
    def busy(self) -> bool:
        return self.moving or self.answering


def current(page: str) -> Bar:
    """For the page with this address."""
    now, zone = clock.now(), Organisation.required().zone
    shift = db.session.get(ClockShift, 1)
    journey = time_machine.journey(now)
    visit = meant(page, now)
    return Bar(
        now=dates.local(now, zone),
        visit=visit,
        moving=bool(journey and journey.under_way),
        answering=bool(shift and shift.answers_asked_at),
        said=_told(journey, zone) if journey and now - journey.at < A_MINUTE else "",
        goals=[name for name, at in goals(visit, now).items() if at > now],
        page=page,
    )


def meant(page: str, now: datetime) -> Visit | None:
    """The visit of this page; elsewhere the one whose invitations were sent last, while it still brings something."""
    one = VISIT_PAGE.match(page)
    if one and (visit := db.session.get(Visit, int(one[1]))):
        return visit
    last = (
        select(Visit)
        .join(Invitation, Invitation.visit_id == Visit.id)
        .where(Visit.cancelled_at.is_(None), Visit.starts_at > now - timedelta(days=FOUR_WEEKS_DAYS + 7))
        .order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    )
    return db.session.scalars(last.limit(1)).first()


def goals(visit: Visit | None, now: datetime) -> dict[str, datetime]:
    """When its reminder leaves, when it has ended, when colleagues are asked after four weeks; and tomorrow."""
    found = {"day": now + timedelta(days=1)}
    if visit is not None and visit.cancelled_at is None:
        asked = select(func.max(Register.opens_at)).join(Wave, Wave.id == Register.wave_id)
        later = db.session.scalar(asked.where(Wave.visit_id == visit.id, Wave.label == "four_weeks"))
        found["eve"] = visit.eve_at + A_MINUTE
        found["visit"] = visit.ends_at
        found["later"] = (later or wall.days_later(visit.staff_survey_at, FOUR_WEEKS_DAYS, visit.zone)) + A_MINUTE
    return found


def _told(journey: Journey, zone: str) -> str:
    """`Drie dagen verder. Er gingen 5 mails uit.`"""
    days = (dates.local(journey.at, zone).date() - dates.local(journey.left_at, zone).date()).days
    mails = journey.mails
    on = ngettext("One day on.", "%(num)s days on.", days) if days else ""
    left = ngettext("One mail left.", "%(num)s mails left.", mails) if mails else _("No mail left.")
    return f"{on} {left}".strip()
