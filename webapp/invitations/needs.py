"""What a customer who comes needs, ticked on the receipt: for the host, and on the run sheet."""

from collections.abc import Collection, Iterable, Mapping

from flask_babel import gettext as _

from webapp.invitations.models import Invitation


def named() -> Mapping[str, str]:
    """Everything there is to tick, in the words of the page."""
    return {
        "step_free": _("no steps"),
        "interpreter": _("an interpreter"),
        "companion": _("a chair for who comes along"),
    }


def keep(invitation: Invitation, ticked: Collection[str]) -> None:
    """As it stands on the form now; what is not ours is left out."""
    invitation.needs = " ".join(each for each in named() if each in ticked)


def spoken(invitations: Iterable[Invitation]) -> list[tuple[str, str]]:
    """Who needs something, and what."""
    found = ((each, [words for key, words in named().items() if key in each.needs.split()]) for each in invitations)
    return [(each.person.name.full, ", ".join(words)) for each, words in found if words]
