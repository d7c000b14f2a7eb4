"""What a mail that came in was read as: plain values, nothing looked up."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["bounce", "delivered", "complaint", "stop", "autoreply", "answer", "cancel", "receipt", "report", "none"]
"""`answer`: of a calendar. `stop`: a mail program's unsubscribe button. `report`: about our domain, not about a mail.
`none`: written by somebody, or not understood; a person reads it."""
Failure = Literal["hard", "soft", "blocked", "delayed", "delivered"]
"""Hard: there is no such mailbox. Soft: full, or given up after waiting. Blocked: about us, not about the mailbox.
Delayed: still being tried."""


@dataclass(frozen=True)
class Verdict:
    """What became of a mail for one recipient."""

    address: str
    """As we mailed it, where the report says so; in small letters."""
    failure: Failure
    status: str = ""
    """RFC 3463, where there is one."""
    text: str = ""


@dataclass(frozen=True)
class CalendarAnswer:
    """What one calendar object says (RFC 5546): REPLY, or COUNTER with a time of its own."""

    method: Literal["REPLY", "COUNTER"]
    uid: str
    attendee: str | None = None
    """In small letters, without `mailto:`; None when the object names nobody, or several."""
    partstat: str | None = None
    sequence: int | None = None
    stamp: datetime | None = None
    """When it was said: the later of DTSTAMP and Outlook's own reply time."""
    delegated_to: str | None = None
    comment: str = ""
    in_body: bool = False
    """Outlook puts what somebody writes with an answer into the mail; others fill that with words of their own."""
    starts_at: datetime | None = None
    """Of a counter-proposal; without a zone when the zone is not one we know."""
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Reading:
    kind: Kind
    verdicts: tuple[Verdict, ...] = ()
    answers: tuple[CalendarAnswer, ...] = ()
    methods: tuple[str, ...] = ()
    """Of every calendar object in it, in order."""
    named: tuple[str, ...] = ()
    """Whom a complaint names; nothing is done on a name alone."""
    feedback: str = ""
    sender: str = ""
    """The address in From. Anybody can write one there."""
    recipients: tuple[str, ...] = ()
    """Whom it was for: where our own token stands, if anywhere."""
    written_at: datetime | None = None
    text: str = ""
    """What somebody wrote, without what they quoted."""
    whole: str = field(default="", repr=False)
    """Everything legible in it: where Message-IDs and tokens of ours are looked for."""
