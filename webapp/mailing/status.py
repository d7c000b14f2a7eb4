"""What a mail server said, in a form that can be kept: code, enhanced code (RFC 3463), queue id, and no address."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["accepted", "deferred", "refused", "unknown", "unsent"]

TIMED_OUT = "timed out"
OPENING = ("dns", "connect", "greeting", "tls", "login")
"""Stages before any mail: what fails in them is about the relay."""
TEXT_CHARACTERS = 500  # of an answer, at most, are kept
NAME_CHARACTERS = 3  # a shorter local part is an ordinary word as well, and says nothing about anybody
LOGIN_REQUIRED = 530  # RFC 4954, section 6: about our settings, whichever mail happened to be refused

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?:\s+|$)")
_WITH_ADDRESS = re.compile(r"""[^\s<>"'(),;:\[\]]+(?:@|%40)[^\s<>"'(),;:\[\]]+""")
_QUEUED_AS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bqueued as ([\w.-]+)",  # Postfix, and most that imitate it
        r"\bid=([\w.-]+)",  # Exim
        r"InternalId=(\d+)",  # Exchange
        r"^([\w.-]+) Message accepted for delivery",  # Sendmail, OpenSMTPD
        r"^ok \d+ qp (\d+)",  # qmail
        r"^OK\s+(?:\d+ )?([\w.-]{8,})",  # Google, Amazon
    )
]


@dataclass(frozen=True)
class Reply:
    """One answer of a server (RFC 5321, section 4.2): its code, and its lines without it."""

    code: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """How far a mail came, and what the server said last."""

    kind: Kind
    """Accepted (250), deferred (4xx, or the network before the dot), refused (5xx), unknown (lost after the dot),
    unsent (not tried: no time left, or the connection went with a mail before)."""
    stage: str
    """dns, connect, greeting, tls, login; mail, rcpt, data, dot."""
    code: int | None = None
    enhanced: str | None = None
    text: str = ""
    """Without code and without addresses."""
    queue_id: str | None = None


def outcome(kind: Kind, stage: str, reply: Reply, recipient: str = "") -> Outcome:
    """The reply in a form that can be kept. `recipient` is who must not be named in it."""
    enhanced, texts = None, []
    for line in reply.lines:
        found = _ENHANCED.match(line)
        if found and found[1] == str(reply.code)[0]:
            enhanced = enhanced or found[0].strip()
            line = line[found.end() :]
        texts.append(line)
    text = " ".join(" ".join(texts).split())
    return Outcome(
        kind, stage, reply.code, enhanced, nameless(text, recipient), _queue_id(text) if kind == "accepted" else None
    )


def judged(stage: str, reply: Reply, recipient: str) -> Outcome:
    """What a 4xx or 5xx means for this mail."""
    if reply.code == LOGIN_REQUIRED:
        return outcome("deferred", "login", reply, recipient)
    return outcome("deferred" if reply.code < 500 else "refused", stage, reply, recipient)


def nameless(text: str, recipient: str = "") -> str:
    """The text without addresses, and without the part of the recipient's that names the person."""
    text = _WITH_ADDRESS.sub("…", text) if "@" in text or "%40" in text else text
    local = recipient.rpartition("@")[0]
    if len(local) >= NAME_CHARACTERS and local.lower() in text.lower():
        text = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", "…", text, flags=re.IGNORECASE)
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable())
    return text[:TEXT_CHARACTERS]


def _queue_id(text: str) -> str | None:
    return next((found[1] for pattern in _QUEUED_AS if (found := pattern.search(text))), None)
