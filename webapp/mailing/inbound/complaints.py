"""Mail that says our mail was unwelcome: ARF (RFC 5965), Outlook.com's own form, and iCloud's unsubscribe button."""

import re

from webapp.mailing.inbound.parts import Letter
from webapp.mailing.inbound.readings import Reading

_FIELD = re.compile(
    r"^(feedback-type|original-rcpt-to|removal-recipient)[ \t]*:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
_JMRP = re.compile(r"^X-HmXmrOriginalRecipient:[ \t]*(\S+@\S+)", re.IGNORECASE | re.MULTILINE)
_UNWELCOME = ("abuse", "fraud", "virus", "other", "not-spam", "opt-out", "")


def complaint(letter: Letter) -> Reading | None:
    reports = letter.of("message/feedback-report")
    if reports:
        return _report("\n".join(part.text for part in reports))
    if letter.header("X-Apple-Unsubscribe").lower() == "true":
        return Reading("stop")
    returned = "\n".join(part.text for part in letter.of("message/rfc822"))
    found = _JMRP.search(returned)
    if found and letter.type == "multipart/mixed":
        return Reading("complaint", named=(found[1].strip("<>").lower(),))
    return None


def _report(text: str) -> Reading:
    fields = [(name.lower(), value.strip().strip("<>").lower()) for name, value in _FIELD.findall(text)]
    kind = next((value for name, value in fields if name == "feedback-type"), "")
    if kind not in _UNWELCOME or kind == "not-spam":
        return Reading("report", feedback=kind)
    named = tuple(dict.fromkeys(value for name, value in fields if name != "feedback-type" and "@" in value.strip("@")))
    return Reading("complaint", named=named[:50], feedback=kind)
