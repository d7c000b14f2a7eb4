"""Mail that people send back: a calendar's answer counts as one on the page, and what they write goes to the host."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from webapp import dates, db
from webapp.customers.models import Customer
from webapp.invitations.models import AnswerKind, Closed, Invitation
from webapp.invitations.notices import times
from webapp.invitations.places import Places
from webapp.invitations.replies import forward
from webapp.mailing.inbound.readings import CalendarAnswer
from webapp.mailing.inbound.receiving import Incoming
from webapp.mailing.models import Address, Message
from webapp.staff.models import StaffMember
from webapp.visits.models import Visit

KINDS: dict[str | None, AnswerKind] = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
CLOCKS = timedelta(minutes=2)
"""So far other people's clocks may be off."""


def calendar(incoming: Incoming) -> str | None:
    """Every answer in it. None when no calendar entry of ours is answered."""
    found = [each for answer in incoming.reading.answers if (each := _answered(answer, incoming)) is not None]
    return ", ".join(dict.fromkeys(found)) or None


def words(incoming: Incoming) -> str | None:
    """Something a person wrote, or that nothing understood. None when nobody here is known to have sent it."""
    reading, message = incoming.reading, incoming.message
    if reading.kind not in ("none", "cancel"):
        return None
    invitation = _told_by(message) if message else _of_sender(reading.sender, incoming.now)
    if invitation is None:
        return None
    return "forwarded" if forward(invitation.id, reading.sender, reading.text, incoming.now) else None


def _answered(answer: CalendarAnswer, incoming: Incoming) -> str | None:
    invitation = _of_uid(answer.uid)
    if invitation is None:
        return None
    now = incoming.now
    Places.locked(Invitation, invitation.visit_id, now)
    db.session.refresh(invitation)
    theirs = invitation.address is not None and answer.attendee == invitation.address.email
    if theirs and (answer.method, answer.partstat) == ("REPLY", "NEEDS-ACTION"):
        return "nothing said"
    kind = _kind(answer, invitation)
    if not theirs or kind is None:  # somebody else, in whose place, or nothing that can be counted: a person decides
        said = " ".join(filter(None, [answer.partstat, answer.delegated_to, answer.comment])) or incoming.reading.text
        return "forwarded" if forward(invitation.id, answer.attendee or incoming.reading.sender, said, now) else None
    said_at = _said_at(answer, incoming, invitation)
    if _stale(answer, said_at, invitation):
        return "stale"
    invitation.calendar_at = said_at
    if remark := answer.comment or (incoming.reading.text if answer.in_body else ""):
        forward(invitation.id, answer.attendee or "", remark, now)
    nonce = f"{incoming.key[:32]}.{answer.uid}"
    try:
        taken = invitation.answer(kind, now, channel="calendar", nonce=nonce, times=_times(answer, invitation))
    except Closed as closed:
        return f"closed: {closed.reason}"
    return taken.kind


def _of_uid(uid: str) -> Invitation | None:
    """The UID is a secret of this one person; it is compared letter by letter."""
    try:
        found = db.session.scalar(select(Invitation).where(Invitation.calendar_uid == UUID(uid)))
    except ValueError:
        return None
    return found if found is not None and str(found.calendar_uid) == uid else None


def _kind(answer: CalendarAnswer, invitation: Invitation) -> AnswerKind | None:
    """Colleagues sign up for a seat: they suggest no other time. One who waits and says no leaves the list."""
    if answer.method == "COUNTER":
        return "other" if invitation.customer_id and answer.starts_at else None
    kind = KINDS.get(answer.partstat)
    return "left" if kind == "declined" and invitation.place else kind


def _said_at(answer: CalendarAnswer, incoming: Incoming, invitation: Invitation) -> datetime:
    """When it was said. Some programs copy the moment of our own entry; then the mail's date tells."""
    visit = invitation.visit
    ours = (invitation.invited_at, invitation.answered_at, visit.moved_at, visit.cancelled_at)
    seconds = {moment.astimezone(UTC).replace(microsecond=0) for moment in ours if moment}
    stamp = answer.stamp.astimezone(UTC) if answer.stamp else None
    if stamp is None or stamp in seconds:
        stamp = incoming.reading.written_at or incoming.now
    return min(stamp, incoming.now)


def _stale(answer: CalendarAnswer, said_at: datetime, invitation: Invitation) -> bool:
    """Whether it is about the visit as it was, or there is a newer word, through the calendar or another way."""
    visit, latest = invitation.visit, invitation.latest
    if answer.sequence is not None and answer.sequence < visit.revision:
        return True
    if answer.sequence is None and visit.moved_at and said_at < visit.moved_at:
        return True
    if invitation.calendar_at and said_at < invitation.calendar_at:
        return True
    return latest is not None and latest.channel != "calendar" and said_at < latest.given_at - CLOCKS


def _times(answer: CalendarAnswer, invitation: Invitation) -> dict[str, Any] | None:
    """As on the page: the daypart, and the very moment as a note. A time without a zone is the venue's."""
    if answer.method != "COUNTER" or answer.starts_at is None:
        return None
    zone, language = invitation.visit.zone, invitation.language
    there = dates.local(answer.starts_at, zone) if answer.starts_at.tzinfo else answer.starts_at
    note = f"{dates.day(there, language)}, {dates.time(there, language)}"
    return {"dayparts": [times.daypart(there)], "note": f"{note}. {answer.comment}".strip(". ")}


def _told_by(message: Message) -> Invitation | None:
    """Whose invitation a mail of ours was about."""
    kind, _, visit_id = (message.thread or "").partition("-")
    if kind != "visit" or not visit_id.isdigit():
        return None
    return db.session.scalar(_of_address(Invitation.visit_id == int(visit_id), Address.id == message.address_id))


def _of_sender(sender: str, now: datetime) -> Invitation | None:
    """The visit that is next for who has this address, or else was last."""
    if not sender:
        return None
    stands = (Invitation.withdrawn_at.is_(None), Invitation.released_at <= now)
    mine = _of_address(Address.email == sender, *stands).join(Invitation.visit)
    ahead = mine.where(Visit.ends_at > now).order_by(Visit.starts_at, Invitation.id)
    return db.session.scalar(ahead.limit(1)) or db.session.scalar(mine.order_by(Visit.starts_at.desc()).limit(1))


def _of_address(*conditions: ColumnElement[bool]) -> Select[Invitation]:
    theirs = or_(Customer.address_id == Address.id, StaffMember.address_id == Address.id)
    people = select(Invitation).outerjoin(Invitation.customer).outerjoin(Invitation.staff)
    return people.join(Address, theirs).where(*conditions)
