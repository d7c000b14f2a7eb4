"""Mail that nobody wrote: absence, "thank you for your mail", challenges (RFC 3834). Counted, and never answered."""

import re

from webapp.mailing.inbound.parts import Letter

_SUBJECT = re.compile(
    r"^\W*(?:re:\s*)?(?:"
    r"auto(?:matic|matisch|matische|matyczna)?[ -]?(?:reply|response|respons|antwoord|antwort|odpowied|bericht)|"
    r"out of (?:the )?office|afwezigheids?(?:bericht|assistent|melding)|niet aanwezig:|vakantiebericht|abwesenheit|"
    r"réponse automatique|absence du bureau"
    r")|\((?:automatic response|automatisch antwoord)\)$",
    re.IGNORECASE,
)
"""How programs begin it. Words that people use as well ("I am away") are no signal: a person would not be heard."""
_CHALLENGE = re.compile(r"pre-?approved|allowed\s+list|guest list", re.IGNORECASE)
_HEADERS = (
    "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-MS-Exchange-Inbox-Rules-Loop", "X-Apple-Action",
    "X-Bluebottle-Request", "X-Mailer-Autoreply",
)  # fmt: skip


def automatic(letter: Letter) -> bool:
    """One signal is enough: a mail that a person writes has none of them."""
    submitted = letter.header("Auto-Submitted").lower()
    return (
        (bool(submitted) and not submitted.startswith("no"))
        or any(letter.header(name) for name in _HEADERS)
        or letter.header("Precedence").lower() in ("bulk", "junk", "auto_reply")
        or letter.header("Return-Path") == "<>"
        or letter.header("From") == "<>"
        or bool(_SUBJECT.search(letter.header("Subject")))
    )


def challenge(letter: Letter) -> bool:
    """Asks the sender to prove something, dressed up as a report. The mail was delivered."""
    return any(_CHALLENGE.search(part.text) for part in letter.of("message/delivery-status"))
