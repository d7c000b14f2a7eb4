"""One card per customer: in which stage, since when, the one thing to know now, and what can be recorded about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import db
from webapp.accounts.models import Organisation
from webapp.board.saying import _, ago, day_short, ngettext, on, on_at
from webapp.customers.models import Customer
from webapp.customers.nominations import Nomination
from webapp.invitations.models import Answer, Attendance, Invitation
from webapp.people import PersonName
from webapp.stages.rule import Stage


@dataclass(frozen=True)
class Chip:
    """A status in an icon and words."""

    text: str
    icon: str
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """What the board and the list show of one customer."""

    customer: Customer
    stage: Stage
    since: datetime
    now: datetime
    invitations: Sequence[Invitation] = ()
    """Those that stand, the oldest first."""
    colleagues: dict[int, int] = field(default_factory=dict)
    """By visit: how many come, or came."""
    nominated_by: str = ""
    """The colleague who named them, while they stand under "found"."""

    @property
    def id(self) -> int:
        return self.customer.id

    @property
    def name(self) -> PersonName:
        return self.customer.name

    @property
    def under(self) -> str:
        return self.customer.group or self.customer.organisation

    @property
    def days(self) -> str:
        """How long somebody waits, or what else is known about time."""
        if self.stage in ("planned", "met") and self.invitation is not None:
            count = self.colleagues.get(self.invitation.visit_id, 0)
            return ngettext("one colleague", "%(num)s colleagues", count) if count else ""
        return ago(self.since)

    @property
    def invitation(self) -> Invitation | None:
        """The one this stage is about: the next visit, or the last one."""
        match self.stage:
            case "planned":
                expected = [each for each in self.invitations if self._expects(each)]
                return min(expected, key=lambda each: each.visit.starts_at, default=None)
            case "asked":
                return max(self.open, key=lambda each: each.invited_at, default=None)
            case "met" | "resting":
                here = [each for each in self.invitations if each.attendance and each.attendance.present]
                return max(here, key=lambda each: each.visit.ends_at, default=None)
            case _:
                return self.invitations[-1] if self.invitations else None

    @property
    def open(self) -> list[Invitation]:
        """Invitations that can still be answered."""
        return [each for each in self.invitations if each.closed(self.now) is None]

    def _expects(self, invitation: Invitation) -> bool:
        on_its_way = invitation.partstat == "accepted" and invitation.attendance is None
        return on_its_way and invitation.visit.cancelled_at is None

    @property
    def can_be_invited(self) -> bool:
        """May be asked, and can be reached."""
        address = self.customer.address
        reached = address is not None and address.suppressed_at is None
        said_so = address is not None and (
            address.suppressed_why in ("stop", "complaint") or "invitations" in address.unwanted
        )
        by_phone = bool(self.customer.phone) and not said_so
        return self.customer.ground in ("agreed", "existing") and ((reached and not said_so) or by_phone)

    @property
    def chip(self) -> Chip:
        """The one thing to know now; what went wrong comes first."""
        address = self.customer.address
        if address is not None and address.suppressed_at is not None and self.stage not in ("declined", "resting"):
            return {
                "bounce": Chip(_("Mail came back"), "bounce", "no"),
                "complaint": Chip(_("Reported mail as spam"), "alert", "no"),
            }.get(address.suppressed_why or "", Chip(_("Wants no mail"), "x-circle", "no"))
        if address is not None and "invitations" in address.unwanted and self.stage in ("found", "asked", "met"):
            return Chip(_("Wants no invitations"), "x-circle", "no")
        return {
            "found": self._found, "asked": self._asked, "willing": self._willing, "planned": self._planned,
            "met": self._met, "resting": self._resting, "declined": self._declined,
        }[self.stage]()  # fmt: skip

    def _found(self) -> Chip:
        customer, last = self.customer, self.invitation
        if customer.ground == "not_yet":
            return Chip(_("May not be asked yet"), "pause-circle", "maybe")
        if customer.address is None:
            return (
                Chip(_("Only by phone"), "phone", "info") if customer.phone else Chip(_("No address"), "alert", "maybe")
            )
        if last is not None and last.partstat == "needs-action":
            return Chip(_("Did not answer, %(day)s", day=on(last.visit)), "hourglass")
        if last is not None:
            return Chip(_("Was asked before, %(day)s", day=on(last.visit)), "clock")
        called = [each for each in customer.contacts if each.what == "called" and each.undone_at is None]
        if called:
            return Chip(_("Called, %(day)s", day=day_short(called[-1].at)), "phone", "info")
        return (
            Chip(_("Gave consent"), "check", "yes")
            if customer.ground == "agreed"
            else Chip(_("In touch with us"), "info", "info")
        )

    def _asked(self) -> Chip:
        invitation = self.invitation
        assert invitation is not None  # being asked is an invitation
        if invitation.hint:
            return Chip(_("Tapped yes, not confirmed") if invitation.hint == "accepted" else _("Not confirmed yet"),
                        "hourglass", "maybe")  # fmt: skip
        if invitation.by_phone:
            return Chip(_("Call about %(day)s", day=on(invitation.visit)), "phone", "maybe")
        if invitation.released_at > self.now:
            return Chip(_("Invitation leaves shortly"), "send", "info")
        if invitation.unanswered_at <= self.now:
            return Chip(_("No answer after two reminders"), "hourglass", "maybe")
        reminders = (at for at in (invitation.remind_1_at, invitation.remind_2_at) if at > self.now)
        reminder = next(reminders, None)
        if reminder is not None and reminder < invitation.visit.starts_at:
            return Chip(_("Reminder %(day)s", day=day_short(reminder)), "bell", "info")
        return Chip(_("Invited for %(day)s", day=on(invitation.visit)), "send", "info")

    def _willing(self) -> Chip:
        said, last = self.customer.said, self.invitation
        if said is not None and said.what == "willing" and said.at == self.since:
            return Chip(_("Said yes on the phone"), "phone", "accent")
        if last is None:
            return Chip(_("Would like to come"), "hand", "accent")
        if last.attendance is not None and not last.attendance.present:
            return Chip(_("Was not there, %(day)s", day=on(last.visit)), "alert", "maybe")
        if last.visit.cancelled_at is not None:
            return Chip(_("Visit of %(day)s was cancelled", day=on(last.visit)), "x-circle", "maybe")
        if last.proposal is not None and not last.proposal.because_full:
            return Chip(_("Suggests another time"), "swap", "maybe")
        return Chip(_("Would like another time"), "hand", "accent")

    def _planned(self) -> Chip:
        invitation = self.invitation
        assert invitation is not None  # being planned is a yes
        if invitation.visit.ends_at <= self.now:
            return Chip(_("Were they there, %(day)s?", day=on(invitation.visit)), "alert", "maybe")
        if invitation.proposal is not None:
            return Chip(_("Suggests another time"), "swap", "maybe")
        return Chip(on_at(invitation.visit), "check", "yes")

    def _met(self) -> Chip:
        assert self.invitation is not None  # being met is having been there
        return Chip(on(self.invitation.visit), "heart", "yes")

    def _resting(self) -> Chip:
        return Chip(_("Rests until %(day)s", day=day_short(self.since + Organisation.required().rest)), "rest")

    def _declined(self) -> Chip:
        said, last = self.customer.said, self.invitation
        if self.customer.ground == "withdrawn":
            by_phone = said is not None and said.what == "declined" and said.at == self.since
            return Chip(_("Said no on the phone") if by_phone else _("Withdrew consent"), "x-circle", "no")
        assert last is not None  # otherwise it was said on the phone
        return Chip(_("Said no to %(day)s", day=on(last.visit)), "x-circle", "no")


def cards(rows: Sequence[tuple[Customer, Stage, datetime]], now: datetime) -> list[Card]:
    """The cards of these customers, in this order, in a fixed number of queries."""
    found: dict[int, list[Invitation]] = {customer.id: [] for customer, *_rest in rows}
    db.session.scalars(select(Customer).where(Customer.id.in_(found)).options(*_READ)).all()
    for invitation in _invitations(list(found)):
        assert invitation.customer_id is not None  # asked for by customer
        found[invitation.customer_id].append(invitation)
    counts = _colleagues({each.visit_id for many in found.values() for each in many})
    named = Nomination.of_customers([customer.id for customer, stage, _since in rows if stage == "found"])
    return [
        Card(customer, stage, since, now, found[customer.id], counts, _nominator(named.get(customer.id)))
        for customer, stage, since in rows
    ]


def _nominator(nomination: Nomination | None) -> str:
    return nomination.nominator.name.full if nomination else ""


_READ = (selectinload(Customer.consents), selectinload(Customer.contacts))
"""What a card reads of a customer; found for all of them at once."""


def _invitations(customers: Sequence[int]) -> Sequence[Invitation]:
    if not customers:
        return ()
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.customer_id.in_(customers), Invitation.withdrawn_at.is_(None))
        .options(
            joinedload(Invitation.visit),
            joinedload(Invitation.attendance),
            selectinload(Invitation.answers).selectinload(Answer.proposal),
        )
        .order_by(Invitation.id)
    ).all()


def _colleagues(visits: set[int]) -> dict[int, int]:
    """How many staff come to each of these visits; of one that was, how many were there."""
    if not visits:
        return {}
    there, coming = func.count().filter(Attendance.present), func.count().filter(Invitation.partstat == "accepted")
    rows = db.session.execute(
        select(Invitation.visit_id, func.coalesce(func.nullif(there, 0), coming))
        .outerjoin(Attendance)
        .where(Invitation.visit_id.in_(visits), Invitation.staff_id.is_not(None), Invitation.withdrawn_at.is_(None))
        .group_by(Invitation.visit_id)
    )
    return {visit_id: int(count) for visit_id, count in rows}
