"""The calendar file that goes with a yes, a move and a cancellation: one entry per person and visit, for life."""

from collections.abc import Mapping
from dataclasses import replace

from webapp.accounts.models import Organisation
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.mailing.notices import Content
from webapp.visits.calendar import CalendarEntry, PartStat, write
from webapp.visits.facts import facts, reply_to

SUMMARY: dict[str, dict[Language, str]] = {
    "customer": {"nl": "Uw bezoek bij {organisation}", "en": "Your visit to {organisation}"},
    "staff": {"nl": "Luisteren naar een verhaal", "en": "Listening to a story"},
}
WELCOME: dict[str, dict[Language, str]] = {
    "customer": {"nl": "{host_name} ontvangt u", "en": "{host_name} will welcome you"},
    "staff": {"nl": "{host_name} is er vanaf {doors_time}", "en": "{host_name} is there from {doors_time}"},
}
PARTSTAT: dict[str, PartStat] = {"accepted": "ACCEPTED", "tentative": "TENTATIVE"}
CHANGE: dict[Language, str] = {"nl": "Bekijk of wijzig mijn antwoord", "en": "View or change my answer"}


def entry(invitation: Invitation, language: Language) -> CalendarEntry:
    """How this visit stands in this person's calendar now. Dated by the newest of its facts, not by when it is asked."""
    visit = invitation.visit
    reader = "customer" if invitation.customer_id else "staff"
    words = {**facts(visit, language, visit.wall.date())}
    words["organisation"] = Organisation.required().name
    welcome = ": ".join(filter(None, [WELCOME[reader][language].format_map(words), words["meeting_point"]]))
    changes = (invitation.answered_at, visit.moved_at, visit.cancelled_at, invitation.withdrawn_at)
    return CalendarEntry(
        uid=str(invitation.calendar_uid),
        sequence=visit.revision,
        stamp=max([invitation.invited_at, *filter(None, changes)]),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        zone=visit.zone,
        locale=language,
        summary=SUMMARY[reader][language].format_map(words),
        description="\n".join(filter(None, [f"{welcome}.", words["host_phone"], words["online"]])),
        location=words["where"],
        link_label=CHANGE[language],
        organiser=reply_to(visit),
        partstat=PARTSTAT.get(invitation.partstat, "NEEDS-ACTION"),
        cancelled=bool(visit.cancelled_at or invitation.withdrawn_at),
    )


def answerable(content: Content, mailbox: str, reader: str) -> Content:
    """A request to this reader alone, in the name of who runs the visit, whose answer comes to our mailbox."""
    assert content.calendar is not None  # only mails that bring a file are asked
    organiser = (content.calendar["organiser"][0], mailbox)
    return replace(content, calendar=content.calendar | {"organiser": organiser, "attendee": (content.to_name, reader)})


def file(content: Content, links: Mapping[str, str]) -> tuple[str, bytes]:
    """Its METHOD, and the file with the way to change the answer; nothing can be changed about what is off."""
    assert content.calendar is not None  # only mails that bring one are asked
    found = CalendarEntry.from_dict(content.calendar)
    return found.method, write(found, "" if found.cancelled else links["view"]).encode()
