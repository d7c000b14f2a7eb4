"""Of every mail in words: on its way, sent, or not sent and why. The reader is an organiser."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp import clock, dates, edge
from webapp.board.saying import _, day_short, ngettext, stamp, wall
from webapp.board.upcoming import Batch, Due
from webapp.config import Settings
from webapp.mailing.by_hand import BY_HAND
from webapp.mailing.inbound.consequences import EVIDENCE
from webapp.mailing.models import DeliveryEvent, Dispatch, Message, Pause
from webapp.mailing.notices import Notice
from webapp.mailing.status import Kind
from webapp.mailing.status import Outcome as ServerSaid
from webapp.mailing.wording import plain
from webapp.templating import language

Pauses = Mapping[str, Pause]
"""What is held back, by scope."""


@dataclass(frozen=True)
class Outcome:
    """How a mail stands: a word for its chip, and a sentence when there is something to say."""

    word: str
    icon: str
    tone: str = ""
    sentence: str = ""


def title(notice: str) -> str:
    """What organisers call this kind of mail."""
    found = Notice.all.get(notice)
    return found.title[language() == "nl"] if found else notice


def clock_time(moment: datetime) -> str:
    return dates.time(wall(moment), language())


def of(message: Message, pauses: Pauses, now: datetime) -> Outcome:
    """The message with its dispatch, when it has one."""
    if message.dispatch is not None:
        return _under_way(message, message.dispatch, pauses)
    return _ended(message, now)


def planned(mail: Due | Batch, pauses: Pauses, now: datetime) -> Outcome:
    """A mail that is not written down yet: it will fall due, if nothing changes."""
    if held := _held(mail.notice, mail.thread, pauses):
        return held
    seconds = round((mail.leaves_at - now).total_seconds())
    if seconds <= edge.settings().hold.total_seconds():
        leaves = ngettext("Leaves in one second.", "Leaves in %(num)s seconds.", max(seconds, 1))
        return Outcome(_("leaves shortly"), "hourglass", "info", leaves)
    sentence = _("Leaves %(day)s at %(time)s.", day=day_short(mail.leaves_at), time=clock_time(mail.leaves_at))
    if mail.day_at:
        return Outcome(_("planned"), "clock", "info", f"{sentence} {_('We send asks in daytime only.')}")
    return Outcome(_("planned"), "clock", "", sentence)


def _held(notice: str, thread: str | None, pauses: Pauses) -> Outcome | None:
    """Paused by somebody, or waiting because mail is off."""
    for scope in ("all", f"notice:{notice}", f"thread:{thread}"):
        if scope in pauses:
            pause = pauses[scope]
            said = {"by": pause.by, "what": scope_name(scope), "date": stamp(pause.at)}
            return Outcome(
                _("paused"), "pause-circle", "maybe", _("Paused by %(by)s (%(what)s), since %(date)s.", **said)
            )
    if edge.settings().mail_off:
        return Outcome(_("ready"), "clock", "maybe", _("Ready. Mail is off; nothing leaves."))
    return None


def scope_name(scope: str) -> str:
    """What a pause holds back, in words."""
    kind, _colon, name = scope.partition(":")
    if kind == "notice":
        return title(name)
    return _("this visit") if kind == "thread" else _("everything")


def _under_way(message: Message, dispatch: Dispatch, pauses: Pauses) -> Outcome:
    if dispatch.state == "transmitting":
        return Outcome(_("being sent"), "send", "info")
    if dispatch.state == "unknown":
        return Outcome(_("uncertain"), "alert", "maybe", _uncertain())
    if held := _held(message.notice, message.thread, pauses):
        return held
    if dispatch.waits and dispatch.try_at > clock.real():
        return Outcome(_("waits"), "clock", "maybe", _waits(message, dispatch))
    if dispatch.attempts and message.stage:
        again = clock_time(dispatch.try_at)
        most = edge.settings().max_attempts
        why = plain(_said(message, "deferred"), language(), again=again, **_server())
        said = {"plain": why, "i": dispatch.attempts, "max": most, "time": again}
        return Outcome(
            _("delayed"), "clock", "maybe", _("Not yet: %(plain)s Try %(i)s of %(max)s, at %(time)s.", **said)
        )
    return Outcome(_("ready"), "send", "info", _("Leaves as soon as it can."))


def _waits(message: Message, dispatch: Dispatch) -> str:
    if dispatch.waits == "quiet":
        until = clock_time(clock.now() + (dispatch.try_at - clock.real()))
        return _("Waits until %(time)s: we send asks in daytime only.", time=until)
    slow = message.address.domain if dispatch.waits == "domain" else _settings().mail_server
    return _("Waits a moment: %(domain)s accepts no more mails at once.", domain=slow)


def _ended(message: Message, now: datetime) -> Outcome:
    facts: dict[str, Any] = message.why_facts or {}
    match message.end:
        case "sent":
            return Outcome(_("sent"), "check", "yes", _accepted(message))
        case "delayed":
            return Outcome(_("delayed"), "clock", "maybe", _accepted(message))
        case "bounced":
            return Outcome(_("came back"), "bounce", "no", _failed_because(message))
        case "complained":
            return Outcome(_("reported as spam"), "alert", "no", _accepted(message))
        case "failed":
            return Outcome(_("failed"), "bounce", "no", _failed(message, facts))
        case "unknown":
            sentence = _("Still uncertain after one more copy, exactly the same. Phone, or try again.")
            return Outcome(_("uncertain"), "alert", "maybe", sentence)
        case "superseded":
            return Outcome(_("replaced"), "swap", "", _("Not sent: there was newer news."))
        case "cancelled" if "by" in facts:
            return Outcome(_("stopped"), "x-circle", "", _("Not sent: %(by)s stopped this.", by=facts["by"]))
        case "cancelled" if message.why == "erased":
            return Outcome(_("stopped"), "x-circle", "", _("Not sent: this person has been erased."))
        case "suppressed":
            return Outcome(_("not allowed"), "x-circle", "no", _not_allowed(message, facts))
        case "expired":
            return Outcome(_("too late"), "x-circle", "", _too_late(facts))
        case "held":
            return Outcome(_("waits for you"), "hourglass", "maybe")
        case _:
            return Outcome(_("not needed"), "x-circle", "", needless(facts.get("fact", "")))


def _accepted(message: Message) -> str:
    if message.accepted_at is None:
        return ""
    at = wall(message.accepted_at)
    said = {
        "server": _settings().mail_server or "",
        "day": day_short(message.accepted_at),
        "time": dates.time(at, language()),
    }
    return _("Accepted by %(server)s, %(day)s %(time)s.", **said)


def _failed(message: Message, facts: dict[str, Any]) -> str:
    tries = int(facts.get("attempts", 1))
    why = _failed_because(message)
    return ngettext("Failed after one try: %(plain)s", "Failed after %(num)s tries: %(plain)s", tries, plain=why)


def _failed_because(message: Message) -> str:
    if message.stage is None and message.code is None:
        return _("This mail could not be made.")
    return plain(_said(message, "refused"), language(), **_server())


def _not_allowed(message: Message, facts: dict[str, Any]) -> str:
    since = stamp(datetime.fromisoformat(facts["since"])) if "since" in facts else ""
    match message.why:
        case "suppressed.stop":
            return _("Not sent: wants no more mail, since %(date)s. Only that person can undo this.", date=since)
        case "suppressed.bounce":
            return _("Not sent: this address does not exist. Mend it, or phone.")
        case "suppressed.unwanted" if facts.get("choice") == "surveys":
            return _(
                "Not sent: wants no more questionnaires, since %(date)s. Only this person can undo that.", date=since
            )
        case "suppressed.unwanted" if facts.get("choice") == "stories":
            return _("Not sent: wants no more stories, since %(date)s. Only this person can undo that.", date=since)
        case "suppressed.unwanted":
            return _("Not sent: wants no more invitations, since %(date)s. Only this person can undo that.", date=since)
        case "suppressed.erased":
            return _("Not sent: this person has been erased.")
        case "suppressed.complaint":
            return _("Not sent: earlier mail was reported as spam.")
        case _:
            return _("Not sent: no consent for “%(use)s”.", use=_("being asked"))


def _too_late(facts: dict[str, Any]) -> str:
    after = stamp(datetime.fromisoformat(facts["not_after"])) if "not_after" in facts else ""
    return _("Not sent: too late. After %(date)s this mail made no sense.", date=after)


def event_name(event: DeliveryEvent) -> str:
    """One step of a mail on its way."""
    if event.detail == EVIDENCE:
        return _("An answer shows that it arrived")
    if event.state == "queued":
        return _("Tried again by hand") if event.detail == BY_HAND else _("Sent once more, exactly the same")
    names: dict[str, str] = {
        "accepted": _("Accepted by the mail server"), "sent": _("Accepted by the mail server"),
        "deferred": _("Not taken yet"), "refused": _("Refused by the mail server"), "unsent": _("Not tried"),
        "unknown": _("The connection broke at the last moment"), "failed": _("Given up"),
        "cancelled": _("Stopped by hand") if event.detail in (BY_HAND, "cancelled") else _("Not needed any more"),
        "superseded": _("Replaced by newer news"), "suppressed": _("Held back: not allowed"), "expired": _("Too late"),
        "not_needed": _("Not needed any more"), "bounced": _("Came back"), "delayed": _("Still being tried by their server"),
        "delivered": _("Delivered, their server says"), "complained": _("Reported as spam"),
        "autoreply": _("Answered by a machine"),
    }  # fmt: skip
    return names.get(event.state, event.state)


def needless(fact: str) -> str:
    """Why a planned mail was not needed any more."""
    facts = {
        "answered": _("already answered"),
        "cancelled": _("the visit was cancelled"),
        "withdrawn": _("the invitation was taken back"),
        "left": _("does not work here any more"),
        "full": _("all places are taken"),
    }
    if fact in facts:
        return _("No longer needed: %(fact)s.", fact=facts[fact])
    return _("No longer needed: things changed before it left.")


def _uncertain() -> str:
    return _("Uncertain: the connection broke at the last moment. We are finding out whether the mail was accepted.")


def _said(message: Message, kind: Kind) -> ServerSaid:
    """The server's last answer, as it was kept."""
    return ServerSaid(kind, message.stage or "", message.code, message.enhanced, message.reply or "", message.queue_id)


def _settings() -> Settings:
    return edge.settings()


def _server() -> dict[str, Any]:
    settings = _settings()
    return {"server": settings.mail_server or "", "port": settings.mail_port, "sender": settings.mail_default_sender}
