"""Mail about the waiting list for a staff seat: joined, offered, passed on."""

from collections.abc import Mapping
from typing import Any, ClassVar

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from webapp import clock, dates
from webapp.i18n import Language
from webapp.invitations.models import Invitation, WaitingPlace
from webapp.invitations.notices import occasions
from webapp.invitations.notices.readers import ToStaff
from webapp.invitations.notices.whom import COMES, staff
from webapp.visits.models import Visit

_place = aliased(WaitingPlace)
_waiting = aliased(Invitation)

POSITION = (
    select(func.count())
    .select_from(_place)
    .join(_waiting, _place.invitation_id == _waiting.id)
    .where(
        _waiting.visit_id == Invitation.visit_id,
        _place.ended_at.is_(None),
        tuple_(_place.joined_at, _place.id) <= tuple_(WaitingPlace.joined_at, WaitingPlace.id),
    )
    .correlate(Invitation, WaitingPlace)
    .scalar_subquery()
    .label("position")
)
"""Of a place on the list; the first is 1."""


class AboutPlace(ToStaff, abstract=True):
    """About one place on the waiting list."""

    about = WaitingPlace.id
    lane, lapses = "urgent", occasions.DAY
    entities: ClassVar[tuple[Any, ...]] = (Invitation, WaitingPlace)

    @classmethod
    def places(cls, *conditions: Any) -> Select[Any]:
        return staff().join(WaitingPlace, WaitingPlace.invitation_id == Invitation.id).where(*conditions)

    @classmethod
    def subject(cls, subject_id: int) -> Select[Any]:
        return select(Invitation).join(WaitingPlace).where(WaitingPlace.id == subject_id)


class OnTheList(AboutPlace):
    """At once, to who joins."""

    name, title = "waiting_place", ("On the waiting list", "Op de wachtlijst")
    moment = WaitingPlace.joined_at
    entities = (Invitation, WaitingPlace, POSITION)

    @classmethod
    def whom(cls) -> Select[Any]:
        return cls.places(WaitingPlace.ended_at.is_(None), WaitingPlace.offered_at.is_(None))

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        return {"position": more[1]}


class SeatOffered(AboutPlace):
    """To the first, when a seat comes free; in the last two hours to everybody who waits."""

    name, title = "waiting_offer", ("Seat offered", "Plek vrij")
    by = ("first_come",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "false": ("to the first on the list", "aan de eerste van de lijst"),
        "true": ("to everybody, just before", "aan iedereen, vlak ervoor"),
    }
    moment, stops = WaitingPlace.offered_at, WaitingPlace.offer_until
    occurrence = occasions.once_per(WaitingPlace.offered_at)

    @classmethod
    def whom(cls) -> Select[Any]:
        return cls.places(WaitingPlace.ended_at.is_(None))

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        place, visit = more[0], invitation.visit
        return {"offer_until": _until(place, language), "first_come": place.offer_until == visit.starts_at}


class SeatPassedOn(AboutPlace):
    """To who let an offer go by, or waited in vain."""

    name, title = "waiting_lapsed", ("Seat passed on", "Plek doorgegeven")
    by = ("lapsed",)
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {
        "true": ("did not answer in time", "reageerde niet op tijd"),
        "false": ("no seat came free", "er kwam geen plek vrij"),
    }
    moment, stops = WaitingPlace.ended_at, None

    @classmethod
    def whom(cls) -> Select[Any]:
        lapsed = and_(WaitingPlace.ended == "lapsed", WaitingPlace.ended_at < Visit.starts_at)
        rejoined = select(_place).where(_place.invitation_id == Invitation.id, _place.id > WaitingPlace.id).exists()
        return cls.places(or_(lapsed, WaitingPlace.ended == "none_free"), ~COMES, ~rejoined)

    @classmethod
    def values(cls, language: Language, invitation: Invitation, *more: Any) -> dict[str, Any]:
        place, visit = more[0], invitation.visit
        lapsed = place.ended == "lapsed"
        return {
            "lapsed": lapsed,
            "again": lapsed and visit.starts_at > clock.now(),
            "offer_until": _until(place, language),
        }


def _until(place: WaitingPlace, language: Language) -> str:
    if place.offer_until is None:
        return ""
    until = dates.local(place.offer_until, place.invitation.visit.zone)
    return f"{dates.day(until, language)}, {dates.time(until, language)}"
