"""The audit log in words: what was done, about what, and where that is to be seen."""

from flask_babel import gettext as _

from webapp.accounts.audit import AuditEntry
from webapp.privacy.retention import Kind

PAGES = {
    "customer": "/customers/{id}",
    "staff": "/staff/{id}",
    "visit": "/visits/{id}",
    "import": "/customers/import/{id}",
    "message": "/messages/{id}",
    "room": "/admin/rooms/{id}",
    "story": "/stories/{id}",
}
"""Where something is shown, by what an entry is about."""


def words() -> dict[str, str]:
    """What can be done, as it is read behind a name. What is not here is read as it was noted."""
    return {
        "signed in": _("signed in"),
        "signed out": _("signed out"),
        "set up": _("set up"),
        "ended sign-in": _("ended sign-in"),
        "ended other sign-ins": _("ended other sign-ins"),
        "changed account": _("changed account"),
        "changed password": _("changed password"),
        "changed role": _("changed role"),
        "invited colleague": _("invited colleague"),
        "withdrew invitation": _("withdrew invitation"),
        "accepted invitation": _("accepted invitation"),
        "changed organisation": _("changed organisation"),
        "changed retention": _("changed retention"),
        "retention": _("retention"),
        "cut the audit log": _("cut the audit log"),
        "erased": _("erased"),
        "asked for their data": _("asked for their data"),
        "fetched their data": _("fetched their data"),
        "exported a person": _("exported a person"),
        "fetched an export": _("fetched an export"),
        "exported customers": _("exported customers"),
        "imported customers": _("imported customers"),
        "imported staff": _("imported staff"),
        "import of customers undone": _("import of customers undone"),
        "import of staff undone": _("import of staff undone"),
        "changed customer": _("changed customer"),
        "mended address": _("mended address"),
        "recorded consent": _("recorded consent"),
        "asked anyway": _("asked anyway"),
        "noted departure": _("noted departure"),
        "noted return": _("noted return"),
        "invited": _("invited"),
        "took back invitations": _("took back invitations"),
        "took an invitation back": _("took an invitation back"),
        "gave an invitation back": _("gave an invitation back"),
        "recorded by phone": _("recorded by phone"),
        "dealt with a proposal": _("dealt with a proposal"),
        "put a proposal back": _("put a proposal back"),
        "moved visit": _("moved visit"),
        "took back a move": _("took back a move"),
        "offered times": _("offered times to choose from"),
        "chose a time": _("chose a time"),
        "took back a choice": _("took back the choice of a time"),
        "cancelled visit": _("cancelled visit"),
        "took back a cancellation": _("took back a cancellation"),
        "ticked attendance": _("ticked attendance"),
        "paused mail": _("paused mail"),
        "resumed mail": _("resumed mail"),
        "stopped mail": _("stopped mail"),
        "tried again": _("tried again"),
        "added room": _("added room"),
        "changed room": _("changed room"),
        "closed room": _("closed room"),
        "opened room": _("opened room"),
        "changed template": _("changed template"),
        "took back template": _("took back template"),
        "approved a story": _("approved a story"),
        "asked for a story": _("asked for a story"),
        "asked for consent": _("asked for consent"),
        "asked owners": _("asked owners"),
        "asked the owner": _("asked the owner"),
        "changed a story": _("changed a story"),
        "closed a campaign": _("closed a campaign"),
        "decided about names": _("decided about names"),
        "edited a story": _("edited a story"),
        "gave a story back": _("gave a story back"),
        "made a calendar link": _("made a calendar link"),
        "kept a promise": _("kept a promise"),
        "saw a report": _("saw a report"),
        "kept a story back": _("kept a story back"),
        "made a campaign": _("made a campaign"),
        "refused to tell a story": _("refused to tell a story"),
        "reopened mapping round": _("reopened mapping round"),
        "sent a story for approval": _("sent a story for approval"),
        "shared a story": _("shared a story"),
        "started mapping round": _("started mapping round"),
        "stopped mapping round": _("stopped mapping round"),
        "told a story": _("told a story"),
        "told us on the page": _("told us on the page"),
        "took a story back from teams": _("took a story back from teams"),
        "took back a decision about names": _("took back a decision about names"),
        "took back asking for a story": _("took back asking for a story"),
        "took back asking for consent": _("took back asking for consent"),
        "took back mapping round": _("took back mapping round"),
        "will tell a story after all": _("will tell a story after all"),
        "withdrew a story": _("withdrew a story"),
    }


def said(entry: AuditEntry) -> str:
    return words().get(entry.what, entry.what)


def about(entry: AuditEntry) -> tuple[str, str]:
    """What it is about, and its page; empty when it has none."""
    kind, _dash, id = entry.about.partition("-")
    return entry.about, PAGES[kind].format(id=id) if kind in PAGES and id.isdigit() else ""


def kinds() -> dict[Kind, tuple[str, str]]:
    """What retention calls things, and from when it counts."""
    return {
        "mail": (_("The text of mails"), _("days after they left")),
        "links": (_("Links in mail"), _("days after the visit")),
        "attendance": (_("Who was at a visit"), _("months after it; how many there were stays")),
        "stories": (_("Stories that are not shared"), _("months after the last word")),
        "customers": (_("Customers"), _("months after the last contact")),
        "audit": (_("The audit log"), _("months")),
    }
