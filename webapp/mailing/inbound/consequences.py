"""What reports about our mail change: how a message ended, whether its mailbox is mailed again. Twice is once, in any order."""

from datetime import datetime

from sqlalchemy import delete, select

from webapp import db
from webapp.mailing.inbound.readings import Reading, Verdict
from webapp.mailing.models import Address, DeliveryEvent, Dispatch, Message
from webapp.mailing.status import nameless

EVIDENCE = "proved by what came back"
LEFT = ("sent", "delayed", "unknown")
"""Ends of a mail that somebody may have got."""


def proves(message: Message, now: datetime) -> None:
    """Who writes about a mail had it: one whose fate was in doubt was accepted."""
    dispatch = db.session.scalar(
        select(Dispatch).where(Dispatch.message_id == message.id, Dispatch.state == "unknown").with_for_update()
    )
    if dispatch is None and message.end != "unknown":
        return
    message.end, message.why, message.accepted_at = "sent", None, message.accepted_at or now
    message.ended_at = message.ended_at or now
    _note(message, "accepted", now, EVIDENCE)
    db.session.execute(delete(Dispatch).where(Dispatch.message_id == message.id))
    db.session.expire(message, ["dispatch"])


def of_report(reading: Reading, message: Message, now: datetime) -> str:
    """A delivery report. One that names another mailbox that we know changes nothing: not the mail, which is on its way to
    a better address by now, and not that mailbox, which whoever had our mail could have written there."""
    verdict = _mine(reading, message)
    other = db.session.scalar(select(Address.id).where(Address.email == verdict.address))
    if other not in (None, message.address_id):
        return "about another address"
    if verdict.failure == "delivered":
        if message.end == "delayed":
            message.end = "sent"
            _note(message, "delivered", now)
        return "delivered"
    if verdict.failure == "delayed":
        if message.end == "sent":
            message.end = "delayed"
            _note(message, "delayed", now)
        return "delayed"
    if message.dispatch is not None or message.end not in (*LEFT, "bounced"):
        return "too late to count"
    if message.end != "bounced" or (verdict.failure == "hard" and message.why != "bounced.hard"):
        _bounced(message, verdict, now)
    if verdict.failure == "hard":
        suppress_for_bounce(message.address, now)
    return f"bounced {verdict.failure}"


def of_complaint(reading: Reading, message: Message, now: datetime) -> str:
    """Somebody wants no more of it. That weighs more than a mailbox that was full or gone, and less than their own stop."""
    why = "stop" if reading.kind == "stop" or reading.feedback == "opt-out" else "complaint"
    if message.address.suppressed_why not in ("stop", why):
        message.address.suppress("stop" if why == "stop" else "complaint", now)
    if why == "complaint" and message.dispatch is None and message.end in LEFT:
        message.end = "complained"
        _note(message, "complained", now)
    return why


def of_automatic(message: Message, now: datetime) -> str:
    _note(message, "autoreply", now)
    return "counted"


def suppress_for_bounce(address: Address, now: datetime) -> None:
    if address.suppressed_at is None:
        address.suppress("bounce", now)


def _mine(reading: Reading, message: Message) -> Verdict:
    """The verdict on the address we mailed; an alias has another name, and the report is about our mail all the same."""
    named = {verdict.address: verdict for verdict in reading.verdicts}
    wrong = (verdict for verdict in reading.verdicts if verdict.failure != "delivered")
    return named.get(message.address.email) or next(wrong, reading.verdicts[0])


def _bounced(message: Message, verdict: Verdict, now: datetime) -> None:
    message.end, message.why, message.ended_at, message.settled_at = "bounced", f"bounced.{verdict.failure}", now, None
    message.stage, message.code = "bounce", 550 if verdict.failure == "hard" else 554
    message.enhanced, message.reply = _status(verdict), nameless(verdict.text, message.address.email)
    _note(message, "bounced", now, verdict.failure)


def _status(verdict: Verdict) -> str:
    """One that says what was concluded, when the server's own says nothing, or something else."""
    usual = {"hard": ("5.1.", "5.1.1"), "soft": ("5.2.2", "4.4.7"), "blocked": ("5.7.", "5.7.0")}
    begins, otherwise = usual.get(verdict.failure, ("", ""))
    return (
        verdict.status
        if verdict.status.startswith(begins)
        else otherwise
        if verdict.failure == "hard"
        else verdict.status
    )


def _note(message: Message, state: str, now: datetime, detail: str | None = None) -> None:
    db.session.add(DeliveryEvent(message_id=message.id, at=now, state=state, detail=detail))
