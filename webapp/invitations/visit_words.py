"""What the pages of a visit say: the situation in a heading, a state in a chip, who gets mail, the five minutes."""

from flask_babel import gettext as _
from flask_babel import ngettext

from webapp import clock, dates
from webapp.invitations.overview import Mailing, Overview
from webapp.invitations.visit_list import Tally
from webapp.mailing.models import Message
from webapp.mailing.notices import Notice
from webapp.templating import language

ICONS = (
    ("invitation_reminder", "bell"), ("invitation", "send"), ("before", "clock"), ("thank", "heart"), ("survey", "effect"),
    ("moved", "swap"), ("cancelled", "x-circle"), ("waiting", "seat"), ("host", "hand"), ("receipt", "check"),
)  # fmt: skip


def title_of(tally: Tally) -> str:
    """`Esther de Vries bij Bellers avond A`; before anybody said yes, the teams."""
    teams = dates.listed([team.name for team in tally.visit.teams], language())
    names = dates.listed([name.full for name in tally.tellers], language())
    both: str = _("%(names)s at %(teams)s", names=names, teams=teams)
    return both if names and teams else names or teams or _("Visit without a team")


def state_of(tally: Tally) -> tuple[str, str, str]:
    """What a visit is at, for its chip: words, icon, tone."""
    visit, now = tally.visit, clock.now()
    if visit.cancelled_at:
        return _("cancelled"), "x-circle", "no"
    if visit.ends_at <= now:
        if visit.finished_at:
            return ngettext("One person was there", "%(num)s people were there", tally.present), "heart", "yes"
        return _("who was there?"), "hourglass", "maybe"
    if visit.invited_at is None:
        return _("not sent yet"), "edit", ""
    if not tally.storytellers:
        return _("no storyteller yet"), "hourglass", "maybe"
    return ngettext("One storyteller", "%(num)s storytellers", tally.storytellers), "quote", "voice"


def heading(over: Overview) -> str:
    """The situation, with its numbers."""
    visit, day = over.visit, dates.cap_first(dates.day_short(over.visit.wall, language()))
    said: str
    if visit.cancelled_at:
        said = _("%(day)s: cancelled", day=day)
    elif visit.ends_at <= over.now and visit.finished_at:
        here = len(over.here)
        said = ngettext("%(day)s: one person was there", "%(day)s: %(num)s people were there", here, day=day)
    elif visit.ends_at <= over.now:
        said = _("%(day)s: who was there?", day=day)
    elif not over.everybody:
        said = _("%(day)s: nobody was invited yet", day=day)
    else:
        said = _("%(day)s: %(yes)s × yes, %(open)s × no answer yet", day=day, yes=over.yes, open=over.open)
    return said.replace(" × ", "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}")


def five_minutes() -> list[tuple[str, str]]:
    """The storyteller's five steps, about a minute each."""
    return [
        (_("What it was like"), _("Start with an ordinary day back then.")),
        (_("The turning point"), _("Tell one moment. What did you see, hear or think?")),
        (_("What changed"), _("Name one thing that is different now. Not everything went well? Say that too.")),
        (_("Your part"), _("What did the people in this room, or somebody like them, do?")),
        (_("Thanks"), _("End as you like. You may say thanks; you need not.")),
    ]


def to_whom(mailing: Mailing) -> str:
    """`2 klanten en 5 collega's`."""
    parts = [
        ngettext("one customer", "%(num)s customers", mailing.customers) if mailing.customers else "",
        ngettext("one colleague", "%(num)s colleagues", mailing.staff) if mailing.staff else "",
        ngettext("one mail", "%(num)s mails", mailing.others) if mailing.others else "",
    ]
    return dates.listed([part for part in parts if part], language())


def why(message: Message) -> str:
    """Why a mail did not get there, in a few words; the outbox says the rest."""
    words: dict[str, str] = {
        "failed": _("failed"),
        "bounced": _("came back"),
        "complained": _("reported as spam"),
        "unknown": _("uncertain"),
    }
    return words[message.end or "failed"]


def icon_of(notice: type[Notice]) -> str:
    """A picture of the occasion."""
    return next((icon for part, icon in ICONS if part in notice.name), "bell")
