"""Facts in the words of the glossary: answers, consent, mail stops."""

from webapp.board.saying import _, on
from webapp.customers.models import Consent
from webapp.invitations.models import Answer
from webapp.visits.models import Visit


def answered(answer: Answer, visit: Visit) -> tuple[str, str, str]:
    """What somebody answered about this visit, with an icon and a tone."""
    day = on(visit)
    if answer.proposal is not None and answer.proposal.because_full:
        return _("Would like to come, but %(day)s is full", day=day), "hand", "accent"
    return {
        "accepted": (_("Comes on %(day)s", day=day), "check-circle", "yes"),
        "declined": (_("Does not come on %(day)s", day=day), "x-circle", "no"),
        "tentative": (_("Maybe comes on %(day)s", day=day), "clock", "maybe"),
        "other": (_("Suggests another time than %(day)s", day=day), "swap", "maybe"),
        "waiting": (_("On the waiting list for %(day)s", day=day), "seat", ""),
        "left": (_("Off the waiting list for %(day)s", day=day), "seat", ""),
    }[answer.kind]


def ground_name(ground: str) -> str:
    """On what ground somebody may be asked."""
    names: dict[str, str] = {
        "agreed": _("Agreed to be asked"),
        "existing": _("In touch with us already"),
        "not_yet": _("May not be asked yet"),
        "withdrawn": _("Consent withdrawn"),
        "ended": _("Consent has ended"),
    }
    return names[ground]


def use_name(use: str) -> str:
    """What somebody allows, as organisers call it."""
    names: dict[str, str] = {
        "to_be_asked": _("Being asked"),
        "story_inside": _("Story, for colleagues"),
        "read_aloud": _("Read aloud"),
        "live_visit": _("Telling it live"),
        "recording": _("Recording"),
        "outside_use": _("Outside the organisation"),
    }
    return names[use]


def consented(consent: Consent) -> tuple[str, str, str, str]:
    """A word about what is allowed: title, icon, tone, and through what it came."""
    icons = {
        "agreed": ("check", "yes"), "existing": ("info", "info"), "not_yet": ("pause-circle", "maybe"),
        "ended": ("clock", "maybe"),
    }  # fmt: skip
    icon, tone = icons.get(consent.ground, ("x-circle", "no"))
    channels: dict[str, str] = {
        "import": _("from a list"),
        "hand": _("recorded on the page"),
        "phone": _("on the phone"),
        "page": _("on their own page"),
        "clock": _("by itself"),
    }
    title = ground_name(consent.ground)
    if consent.use != "to_be_asked":
        said = {"agreed": _("Agreed: %(use)s"), "withdrawn": _("Withdrawn: %(use)s"), "ended": _("Ended: %(use)s")}
        title = said.get(consent.ground, "%(use)s") % {"use": use_name(consent.use)}
    return title, icon, tone, channels.get(consent.channel, consent.channel)


def suppressed(reason: str, choice: str | None) -> tuple[str, str]:
    """Why no mail, or none of one kind, leaves to a mailbox, with an icon."""
    if choice:
        unwanted = _("Wants no more questionnaires") if choice == "surveys" else _("Wants no more invitations")
        return unwanted, "x-circle"
    reasons = {
        "bounce": (_("This address does not exist"), "bounce"),
        "complaint": (_("Reported our mail as spam"), "alert"),
    }
    return reasons.get(reason, (_("Wants no more mail"), "x-circle"))
