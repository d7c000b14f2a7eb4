"""People, visits and answers for tests, each with sensible defaults; say only what the test is about.

They need an open transaction, never commit, and flush, so that what comes back has its id.
`NOW` is Monday 23 November 2026, 09:00 in the Netherlands; the visit is on Thursday 3 December, 14:00.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Consent, Customer
from webapp.db import Base
from webapp.groups.models import Asked, EndUserGroup, MappingRound, Suggestion, TeamGroupLink
from webapp.invitations.models import PARTSTATS, Answer, Attendance, Invitation, Proposal, WaitingPlace
from webapp.mailing.models import Address, Message
from webapp.people import PersonName, folded
from webapp.planning.models import Season
from webapp.staff.models import StaffMember, Team
from webapp.surveys.models import Register, Wave
from webapp.visits.models import Room, Visit

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
VISIT_AT = datetime(2026, 12, 3, 14, 0)  # noqa: DTZ001  (a wall time)
ZONE = "Europe/Amsterdam"

_numbers = count(1)
Row = TypeVar("Row", bound=Base)


def added(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row


def organisation(**values: Any) -> Organisation:
    """The one of this installation; made once."""
    defaults = {"name": "Universiteit Voorbeeld", "phone": "020 000 00 00", "set_up_at": NOW}
    return Organisation.current() or added(Organisation(id=1, **defaults | {"survey_sender": "Noor Haddad"} | values))


def address(email: str | None = None, locale: str = "nl") -> Address:
    return Address.of(email or f"person-{next(_numbers)}@example.com", locale)


def account(name: str = "Anna Bakker", role: str = "organiser", **values: Any) -> Account:
    email, locale = values.pop("email", None), values.pop("locale", "nl")
    defaults = {"phone": "020 111 11 11", "created_at": NOW}
    return added(Account(address_id=address(email, locale).id, name=name, role=role, **defaults | values))


def team(name: str | None = None, layer: str = "front_line") -> Team:
    return added(Team(name=name or f"Team {next(_numbers)}", layer=layer))


def staff_member(
    name: str = "Tariq Yılmaz", team: Team | None = None, locale: str = "nl", **values: Any
) -> StaffMember:
    """Somebody in `team`. `email=""`: without a mailbox."""
    email = values.pop("email", None)
    mailbox = None if email == "" else address(email, locale).id
    made = StaffMember(address_id=mailbox, team_id=team.id if team else None, **{"added_at": NOW} | values)
    made.name = PersonName.parse(name)
    return added(made)


def customer(
    name: str = "mevrouw Sam de Vries", locale: str = "nl", ground: str | None = "existing", **values: Any
) -> Customer:
    """Somebody who may be asked, unless `ground` says otherwise (None: never asked). `email=""`: without a mailbox."""
    email = values.pop("email", None)
    mailbox = None if email == "" else address(email, locale).id
    made = Customer(address_id=mailbox, locale=locale, **{"phone": "06 12345678", "added_at": NOW} | values)
    made.name = PersonName.parse(name)
    added(made)
    if ground:
        consent(made, ground)
    return made


def consent(customer: Customer, ground: str, at: datetime = NOW) -> Consent:
    """What this person last said about being asked."""
    said = Consent(customer_id=customer.id, ground=ground, wording="", channel="import", at=at)
    return added(said)


def group(name: str, **values: Any) -> EndUserGroup:
    made = EndUserGroup(**{"added_at": NOW} | values)
    made.call(name)
    return added(made)


def team_link(team: Team, group: EndUserGroup, does: str = "") -> TeamGroupLink:
    return added(TeamGroupLink(team_id=team.id, group_id=group.id, does=does, added_at=NOW))


def mapping_round(by: Account | None = None, at: datetime = NOW, days: int = 14, **values: Any) -> MappingRound:
    """A round whose mail left at once."""
    by = by or account()
    defaults = {"started_at": at, "released_at": at, "closes_at": at + timedelta(days=days), "seed": "a", "sizes": {}}
    return added(MappingRound(started_by_id=by.id, **defaults | {"asked_count": 1} | values))


def asked(round: MappingRound, person: StaffMember, *names: str, question: int = 1) -> Asked:
    """A colleague in the sample of a round, who answered when `names` are given."""
    layer = person.team.layer if person.team else "front_line"
    at = round.released_at + timedelta(hours=1) if names else None
    made = added(Asked(round=round, staff=person, team_id=person.team_id, layer=layer, answered_at=at))
    for name in names:
        added(Suggestion(asked=made, question=question, text=name, folded=folded(name)))
    return made


def room(**values: Any) -> Room:
    defaults = {
        "name": f"Kamer 2.{next(_numbers)}",
        "place": "Academiegebouw",
        "address": "Oude Markt 1",
        "meeting_point": "bij de balie in de hal",
        "travel_line": "Vijf minuten lopen van het station.",
    }
    return added(Room(**defaults | values))


def visit(at: datetime = VISIT_AT, minutes: int = 45, zone: str = ZONE, **values: Any) -> Visit:
    """A visit on the venue's clock, with a room, a host, an organiser and a team, all made when not given."""
    teams = values.pop("teams", None) or [team()]
    organiser = values.pop("organiser", None) or account()
    host = values.pop("host", None) or staff_member("Anna Bakker", teams[0], phone="020 111 11 11")
    place = {} if "room" in values or "link" in values else {"room": room()}
    made = Visit(
        organiser=organiser, organiser_id=organiser.id, host=host, host_id=host.id, teams=teams,
        **{"created_at": NOW} | place | values,
    )  # fmt: skip
    made.meet_at(at, zone, minutes)
    return added(made)


def season(by: Account, now: datetime = NOW, **values: Any) -> Season:
    """Four weeks from three weeks ahead, with a plan that was asked for."""
    begins = (now + timedelta(weeks=3)).date()
    defaults: dict[str, Any] = {
        "created_at": now, "organiser": by, "host": StaffMember.of(by, now), "zone": ZONE, "minutes": 45, "visits": 1,
        "begins": begins, "ends": begins + timedelta(days=27), "starts": ["10:00", "14:00"], "storytellers": 1,
        "staff": 12, "drawn": [], "link": "", "own_languages": False,
    }  # fmt: skip
    made = added(Season(**defaults | values))
    made.again(by, now)
    db.session.refresh(made, ["plans"])
    return made


def move(visit: Visit, to: datetime, now: datetime = NOW, hold: timedelta = timedelta(0)) -> None:
    """The visit moves; who was invited hears of it after the hold."""
    visit.old_wall = visit.wall
    visit.meet_at(to, visit.zone, visit.minutes)
    visit.revision, visit.moved_at, visit.move_told_at = visit.revision + 1, now, now + hold
    db.session.flush()


def cancel(visit: Visit, now: datetime = NOW, hold: timedelta = timedelta(0)) -> None:
    visit.revision, visit.cancelled_at, visit.cancel_told_at = visit.revision + 1, now, now + hold
    db.session.flush()


def invitation(visit: Visit, person: Customer | StaffMember, at: datetime = NOW, **values: Any) -> Invitation:
    """An invitation that left at once, with its reminders after three and seven working days."""
    made = Invitation(
        visit=visit,
        visit_id=visit.id,
        customer=person if isinstance(person, Customer) else None,
        staff=person if isinstance(person, StaffMember) else None,
        **{
            "invited_at": at,
            "released_at": at,
            "remind_1_at": working_days_after(at, 3),
            "remind_2_at": working_days_after(at, 7),
            "unanswered_at": working_days_after(at, 8),
            "calendar_uid": UUID(int=next(_numbers)),
        }
        | values,
    )
    return added(made)


def left(invitation: Invitation, notice: str, at: datetime = NOW) -> Message:
    """The mail about it left, so the person knows."""
    message = Message(
        public_id=f"{next(_numbers):032}", notice=notice, subject_id=invitation.id, locale="nl", due_at=at, planned_at=at,
        address_id=invitation.person.address_id, end="sent", accepted_at=at,
    )  # fmt: skip
    return added(message)


def answer(invitation: Invitation, kind: str = "accepted", at: datetime = NOW, **values: Any) -> Answer:
    """The person answers; a later answer replaces it."""
    for earlier in invitation.answers:
        earlier.latest = False
    given = added(Answer(invitation=invitation, kind=kind, given_at=at, **values))
    if not (kind == "other" and invitation.partstat == "accepted"):
        invitation.partstat = PARTSTATS[kind]
    invitation.answered_at = at
    return given


def proposal(
    invitation: Invitation, dayparts: list[list[str]] | None = None, at: datetime = NOW, **values: Any
) -> Proposal:
    """Another time, please: Tuesday morning, unless `dayparts` says otherwise."""
    given = answer(invitation, "other", at)
    times = {"dayparts": [["tue", "morning"]] if dayparts is None else dayparts, "note": ""}
    return added(Proposal(answer=given, invitation=invitation, **{"times": times, "at": at} | values))


def waiting_place(invitation: Invitation, at: datetime = NOW, **values: Any) -> WaitingPlace:
    answer(invitation, "waiting", at)
    return added(WaitingPlace(invitation=invitation, joined_at=at, **values))


def attendance(invitation: Invitation, present: bool = True, at: datetime | None = None) -> Attendance:
    return added(Attendance(invitation=invitation, present=present, at=at or invitation.visit.ends_at))


def register(invitation: Invitation, opens_at: datetime, label: str = "after", **values: Any) -> Register:
    """A place in the survey after the visit, with its wave; open seven days, reminded on the fourth."""
    audience = "customer" if invitation.customer_id else "staff"
    wave = db.session.query(Wave).filter_by(visit_id=invitation.visit_id, audience=audience, label=label).first()
    closes_at = opens_at + timedelta(days=7)
    wave = wave or added(Wave(visit_id=invitation.visit_id, audience=audience, label=label, closes_at=closes_at))
    defaults = {"opens_at": opens_at, "remind_at": opens_at + timedelta(days=4), "closes_at": closes_at}
    return added(Register(wave=wave, invitation=invitation, **defaults | values))


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day, so many days from Monday to Friday later."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < 5
    return moment
