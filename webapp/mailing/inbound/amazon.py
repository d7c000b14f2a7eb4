"""Amazon's notices about mail, which come as JSON in a mail, sometimes as JSON in a string of JSON."""

import json
import re
from typing import Any

from webapp.mailing.inbound.judging import judge, status_in
from webapp.mailing.inbound.readings import Reading, Verdict

_OBJECT = re.compile(r"\A\s*\{")
_REFUSED = ("ContentRejected", "AttachmentRejected", "MessageTooLarge")


def notice(text: str) -> Reading | None:
    """What the notice says; None when it is none."""
    if not _OBJECT.match(text):
        return None
    text = text.replace("!\n ", "")  # how Sendmail cuts a line that is too long
    try:
        told = _object(text)
        if isinstance(told.get("Message"), str):
            told = _object(told["Message"])
        return _read(told)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None


def _object(text: str) -> dict[str, Any]:
    """The object at the beginning; what follows it is a foot."""
    found: dict[str, Any] = json.JSONDecoder(strict=False).raw_decode(text.strip())[0]
    return found


def _read(told: dict[str, Any]) -> Reading | None:
    kind = told.get("notificationType") or told.get("eventType")
    whole = json.dumps(told)[:100_000]
    if kind == "Delivery":
        found = [Verdict(str(each).lower(), "delivered") for each in told["delivery"]["recipients"]]
        return Reading("delivered", verdicts=tuple(found), whole=whole)
    if kind == "Bounce":
        bounce = told["bounce"]
        return Reading(
            "bounce", verdicts=tuple(_verdict(bounce, each) for each in bounce["bouncedRecipients"]), whole=whole
        )
    if kind == "Complaint":
        complaint = told["complaint"]
        named = tuple(str(each["emailAddress"]).lower() for each in complaint["complainedRecipients"])
        feedback = str(complaint.get("complaintFeedbackType") or "abuse")
        return Reading("complaint", named=named, feedback=feedback, whole=whole)
    return None


def _verdict(bounce: dict[str, Any], recipient: dict[str, Any]) -> Verdict:
    said, status = str(recipient.get("diagnosticCode", "")), str(recipient.get("status", ""))
    failure = judge("failed", said, status)
    if not said and not status:
        failure = "hard" if bounce.get("bounceType") == "Permanent" else "soft"
    if bounce.get("bounceSubType") in _REFUSED:
        failure = "blocked"
    return Verdict(str(recipient["emailAddress"]).lower(), failure, status or status_in(said), said[:500])
