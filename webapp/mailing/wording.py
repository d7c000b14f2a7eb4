"""What a mail server answered, in plain words (the raw answer goes below them, folded)."""

from webapp.i18n import Language, catalogue
from webapp.mailing.status import LOGIN_REQUIRED, TIMED_OUT, Outcome

NO_SUCH_MAILBOX = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}
FULL = {"4.2.2", "5.2.2"}


def plain(
    outcome: Outcome, language: Language, *, server: str = "", port: int = 0, sender: str = "", again: str | None = None
) -> str:
    """One or two sentences for an organiser. `again` is the time of the next try, as people write it."""
    _ = catalogue(language).gettext
    if outcome.kind == "accepted":
        return _("The mail server accepted this mail.")
    if outcome.kind == "unknown":
        return _(
            "Uncertain: the connection broke at the last moment. "
            "We are finding out whether the mail was accepted."
        )  # fmt: skip
    if outcome.code is None and outcome.text == TIMED_OUT:
        return _("The mail server did not answer in time.")
    match outcome.stage:
        case "dns":
            return _("%(server)s cannot be found. Is the name right?") % {"server": server}
        case "connect":
            values = {"server": server, "port": port}
            return _("%(server)s does not answer on port %(port)s. Is the port right?") % values
        case "tls":
            return _(
                "The secure connection cannot be trusted: %(detail)s. Nothing was sent, not even the password."
            ) % {"detail": outcome.text}
        case "login" if outcome.code == LOGIN_REQUIRED:
            return _("The mail server wants a name and a password. Set MAIL_USERNAME and MAIL_PASSWORD.")
        case "login" if outcome.code is None or outcome.code >= 500:
            return _("The mail server does not know this name or password.")
        case "mail" if outcome.kind == "refused":
            return _("The mail server refuses %(sender)s as sender.") % {"sender": sender}
    if outcome.code is None:
        return _("The mail server broke off the connection.")
    if outcome.enhanced in NO_SUCH_MAILBOX:
        return _("This address does not exist.")
    if outcome.enhanced in FULL:
        return _("The mailbox is full.")
    if outcome.kind == "refused":
        code = {"code": outcome.enhanced or outcome.code}
        if (outcome.enhanced or "").startswith("5.7."):
            return (
                _("The receiving server refuses our mail (%(code)s). Ask your administrator about SPF, DKIM and DMARC.")
                % code
            )
        return _("The receiving server refuses this mail (%(code)s).") % code
    if again is None:
        return _("The receiving server is busy. We try again soon.")
    return _("The receiving server is busy. We try again at %(time)s.") % {"time": again}
