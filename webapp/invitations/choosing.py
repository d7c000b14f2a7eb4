"""Which answers a page offers, and which of them comes first and biggest."""

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.invitations.models import AnswerKind, Invitation

SAME_WISH: dict[str, Sequence[AnswerKind]] = {
    "accepted": ("accepted", "waiting"),
    "waiting": ("waiting", "accepted"),
    "declined": ("declined", "left"),
    "left": ("left", "declined"),
    "other": ("other",),
}
"""What a link in a mail meant, then what it comes down to by now: on the list for a yes, off the list for a no."""
SETTLED = ("accepted", "declined", "tentative", "proposed", "willing", "waiting")
"""States with a receipt to show; in the others there is something to choose."""


@dataclass(frozen=True)
class Choices:
    """The answers somebody can give now, the intended one first."""

    kinds: Sequence[AnswerKind]
    intended: AnswerKind | None
    """None: nothing in particular, or what stands already."""
    full: bool

    @classmethod
    def of(cls, invitation: Invitation, fits: bool, wish: str | None = None) -> "Choices":
        kinds = _possible(invitation, fits)
        intended = next((kind for kind in SAME_WISH.get(wish or "", ()) if kind in kinds), None)
        others = [kind for kind in kinds if kind != intended]
        return cls([intended, *others] if intended else others, intended, not fits)


def _possible(invitation: Invitation, fits: bool) -> list[AnswerKind]:
    kinds: list[AnswerKind]
    if invitation.customer_id:
        kinds = ["accepted", "other", "declined"]
    elif invitation.place:
        kinds = ["accepted", "left"] if invitation.place.offered_at and fits else ["left"]
    else:
        kinds = ["accepted" if fits else "waiting", "declined"]
    return [kind for kind in kinds if kind != _stands(invitation, fits)]


def _stands(invitation: Invitation, fits: bool) -> AnswerKind | None:
    """What need not be said again. Who suggested another time may still come at the old one, or suggest others."""
    if invitation.partstat == "declined":
        return "declined"
    if invitation.state == "willing":
        return None if fits else "accepted"
    return "accepted" if invitation.latest and invitation.latest.kind == "accepted" else None
