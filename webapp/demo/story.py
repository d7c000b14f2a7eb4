"""One visit of the sample and how it unfolds: asked, answered, reminded, held, asked again; by the rules of every day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Literal

from sqlalchemy import select

from webapp import db
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.customers.models import Customer
from webapp.demo import finding
from webapp.demo.past import Past
from webapp.demo.voices import Voices
from webapp.hosting.afterwards import KEPT_WITHIN
from webapp.hosting.models import Exposure, Promise
from webapp.invitations import inviting
from webapp.invitations.models import Attendance, Invitation
from webapp.invitations.moments import FreeTimes
from webapp.invitations.notices import customers as to_customers
from webapp.invitations.notices import organisers as to_organisers
from webapp.invitations.notices import staff as to_staff
from webapp.invitations.notices import waiting as to_waiting
from webapp.mailing.notices import Notice
from webapp.staff.models import StaffMember, Team
from webapp.surveys import asking, box
from webapp.surveys import notices as to_asked
from webapp.surveys.models import Register, Wave
from webapp.visits import options, wall
from webapp.visits.models import Room, Slot, Visit

Says = Literal["yes", "no", "other", "tapped", "nothing"]
Notices = Sequence[type[Notice]]
KINDS: Mapping[str, Literal["accepted", "declined", "other"]] = {"yes": "accepted", "no": "declined", "other": "other"}

YES: Says = "yes"
NO: Says = "no"

LASTS_MINUTES = 45
HOLD = timedelta(minutes=1)
THINKS = tuple(timedelta(hours=hours) for hours in (0.2, 0.7, 1.5, 3, 5, 8, 21, 26, 30, 47, 52, 70))
"""How long after the mail people answer; what would fall in the night waits for the morning."""
REMINDED = (6, 2, 2)
"""Of ten, how many answer the invitation, the first reminder, the last one."""
TAKEN = "Voor ons is het een regel op het scherm; zij zaten er een week mee."
PROMISED = "Laten weten wat er met de tip is gedaan"
JUST_NOW = timedelta(minutes=35)
LAST_NIGHT = time(20, 14)
FILLS_IN = timedelta(hours=4)
TICKS_AFTER = timedelta(minutes=10)
ANOTHER_TIME = {"dayparts": [["tue", "morning"], ["thu", "afternoon"]], "note": "Op woensdag heb ik altijd college."}

INVITATIONS: Notices = (to_customers.VisitInvitation, to_staff.VisitInvitationStaff)
RECEIPTS: Notices = (to_customers.AnswerReceipt, to_staff.AnswerReceiptStaff, to_waiting.OnTheList)
HALF: Notices = (to_customers.HintNudge, to_organisers.NewTimeProposed)
"""What half an answer leads to."""
FIRST: Notices = (to_customers.FirstReminder, to_staff.FirstReminderStaff)
LAST: Notices = (to_customers.LastReminder, to_staff.LastReminderStaff)
SILENT: Notices = (to_organisers.UnansweredNotice,)
BRIEF: Notices = (to_organisers.HostBrief,)
EVE: Notices = (to_customers.DayBefore, to_staff.DayBeforeStaff)
HOUR: Notices = (to_customers.HourBefore, to_staff.HourBeforeStaff)
OFF: Notices = (to_customers.VisitCancelled, to_staff.VisitCancelledStaff)
ASKED: Notices = (to_asked.ThankYou, to_asked.StaffAfterSurvey)
ASKED_AGAIN: Notices = (to_asked.SurveyReminder, to_asked.SurveyReminderStaff)


@dataclass(frozen=True)
class Story:
    """Days are working days from today; people go by their names."""

    day: int
    at: time
    place: str
    """A room, or a link."""
    host: str
    teams: Sequence[str]
    asked: int | None = None
    """How many working days before it people were asked; None: not yet."""
    customers: Mapping[str, Says] = field(default_factory=dict)
    yes: int = 0
    """How many of the teams say yes, then how many no; the others nothing."""
    no: int = 0
    seats: int = 12
    places: int = 3
    """For storytellers."""
    today: Sequence[str] = ()
    """Who says yes just now, the last one first."""
    fresh: Sequence[str] = ()
    """Customers who are asked at the very moment: their mail leaves for real."""
    absent: Sequence[str] = ()
    ticked: bool = True
    answered: tuple[int, int, int] = (0, 0, 0)
    """How many fill in their questionnaire: customers, staff, staff after four weeks."""
    reason: tuple[str, str] = ("", "")
    """Why they are asked, in Dutch and in English."""
    options: int = 0
    """How many other times there are to choose from; `yes` and `other` then say which suit: all, or the last."""
    cancelled: int | None = None
    """How many working days before it."""
    why: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Cast:
    """Who plays, by name."""

    customers: Mapping[str, Customer]
    staff: Mapping[str, StaffMember]
    organisers: Mapping[str, Account]
    voices: Voices


class Unfolding:
    """What happens to one story, act by act."""

    def __init__(self, story: Story, past: Past, cast: Cast, zone: str, seed: int) -> None:
        self.story, self.past, self.cast, self.zone = story, past, cast, zone
        self.organiser = cast.organisers.get(story.host) or next(iter(cast.organisers.values()))
        self.invited: list[Invitation] = []
        self.chance = Random(seed)  # noqa: S311  (the same sample at every load)
        today = wall.to_wall(past.now, zone).date()
        self.wall = datetime.combine(wall.add_working_days(today, story.day), story.at)
        self.visit: Visit

    def begin(self) -> None:
        """Put its first acts in the past."""
        asked = self.story.asked
        days_before = asked + 1 if asked else self.story.day + 1
        self.past.at(self._days_before(days_before, time(15, 40)), self.plan)
        if asked:
            self.past.at(self._days_before(asked, time(10, 20)), self.invite)

    def _days_before(self, days: int, at: time) -> datetime:
        return wall.to_utc(datetime.combine(wall.add_working_days(self.wall.date(), -days), at), self.zone, 0)

    def plan(self, now: datetime) -> None:
        story = self.story
        link = story.place if story.place.startswith("http") else ""
        room = None if link else db.session.scalars(select(Room).where(Room.name == story.place)).one()
        teams = db.session.scalars(select(Team).where(Team.name.in_(story.teams))).all()
        self.visit = Visit.plan(
            now, Slot(self.wall, self.zone, LASTS_MINUTES, room=room, link=link),
            host=self.cast.staff[story.host], organiser=self.organiser, teams=list(teams), seats=story.seats,
            storyteller_places=story.places, reason_nl=story.reason[0], reason_en=story.reason[1],
        )  # fmt: skip
        if story.options:
            others = FreeTimes(self.visit, now).near(self.wall + timedelta(days=1), story.options)
            options.offer(self.visit, [moment.slot for moment in others], first_yes=False)
        members = [member.id for team in teams for member in team.members if member.left_at is None]
        chosen = [self.cast.customers[name] for name in story.customers]
        self.visit.choose([each.id for each in chosen], members)
        if story.asked is None:  # it waits as a draft: one owner is still to be asked
            finding.owners_agreed(chosen[:-1], self.organiser, now)

    def invite(self, now: datetime) -> None:
        """Everybody of the draft; what they say, and what is said to them, follows by itself."""
        visit, at = self.visit, self.past.at
        finding.owners_agreed(finding.everybody((visit.draft or {}).get("customers", ())), self.organiser, now)
        count = inviting.invite(visit, now, HOLD, self.organiser)
        audit.note("invited", visit.thread, self.organiser, now, {"number": count})
        sent = now + HOLD
        at(sent, self.past.mail(*INVITATIONS))
        asked = db.session.scalars(select(Invitation).where(Invitation.visit_id == visit.id))
        self.invited = sorted(asked, key=lambda each: each.person.sorting)
        one = self.invited[0]
        for invitation, says in self._what_they_say():
            at(self._when(invitation, says, sent), partial(self.answer, invitation, says))
        for moment, notices in (
            (one.remind_1_at, FIRST), (one.remind_2_at, LAST), (one.unanswered_at, SILENT),
            (visit.host_brief_at, BRIEF), (visit.eve_at, (*RECEIPTS, *EVE)), (visit.hour_before_at, HOUR),
        ):  # fmt: skip
            at(moment, self.past.mail(*notices))
        if self.story.cancelled is not None:
            at(self._days_before(self.story.cancelled, time(11, 5)), self.cancel)
        elif self.story.ticked:
            at(visit.ends_at + TICKS_AFTER, self.tick)

    def _what_they_say(self) -> Iterator[tuple[Invitation, Says]]:
        story = self.story
        colleagues = [YES] * story.yes + [NO] * story.no
        for invitation in self.chance.sample(self.invited, len(self.invited)):
            if invitation.customer is not None:
                yield invitation, story.customers[invitation.customer.name.full]
            elif invitation.person.name.full in story.today:
                yield invitation, "yes"
            elif colleagues:
                yield invitation, colleagues.pop(0)

    def _when(self, invitation: Invitation, says: Says, sent: datetime) -> datetime:
        """By day, after the mail or a reminder, and before the visit."""
        name, today = invitation.person.name.full, list(self.story.today)
        if name in today:
            return self.past.now - JUST_NOW * (today.index(name) + 1)
        if says == "tapped":
            yesterday = wall.to_wall(self.past.now, self.zone).date() - timedelta(days=1)
            return wall.to_utc(datetime.combine(yesterday, LAST_NIGHT), self.zone, 0)
        since = self.chance.choices((sent, invitation.remind_1_at, invitation.remind_2_at), REMINDED)[0]
        when = wall.next_daytime(since + self.chance.choice(THINKS), self.zone)
        return min(when, self.visit.eve_at - HOLD)

    def answer(self, invitation: Invitation, says: Says, now: datetime) -> None:
        if invitation.visit.cancelled_at is None and says in KINDS:
            times = ANOTHER_TIME if says == "other" else None
            kind = KINDS[says]
            if options.choosing(self.visit) and says != "no":
                suits = options.values(self.visit)[-1 if says == "other" else 0 :]
                kind, times = "other", {"dayparts": [], "note": "", "slots": suits}
            invitation.answer(kind, now, times=times)
        elif says == "tapped":
            invitation.tapped("accepted", now)

    def invite_more(self, now: datetime) -> None:
        """Not a past any more: the hold is over at once, and the next tick mails them."""
        self.visit.choose([self.cast.customers[name].id for name in self.story.fresh], [])
        people = finding.everybody((self.visit.draft or {})["customers"])
        finding.owners_agreed(people, self.organiser, now)
        self.visit.ask_anyway({each.id: "Vroeg zelf om nog eens te mogen komen." for each in people})
        inviting.invite(self.visit, now, timedelta(0), self.organiser)

    def cancel(self, now: datetime) -> None:
        self.visit.cancel(now, HOLD, dict(zip(("nl", "en"), self.story.why, strict=True)), host_will_call=False)
        self.past.at(now + HOLD, self.past.mail(*OFF))

    def tick(self, now: datetime) -> None:
        """The host goes through the list; who was there is asked, right after and after four weeks."""
        for invitation in self.invited:
            if invitation.partstat == "accepted":
                present = invitation.person.name.full not in self.story.absent
                db.session.add(Attendance(invitation=invitation, present=present, at=now))
        self.visit.finished_at = now
        self.write_down(now)
        db.session.flush()
        asking.open_due(now)
        for wave in db.session.scalars(select(Wave).where(Wave.visit_id == self.visit.id)):
            first = self._register(wave)[0]
            at = self.past.at
            at(first.opens_at, self.past.mail(*ASKED))
            at(first.opens_at + FILLS_IN, partial(self.fill_in, wave, share=0.6))
            at(first.remind_at, self.past.mail(*ASKED_AGAIN))
            at(first.remind_at + FILLS_IN, partial(self.fill_in, wave, share=1))
            at(first.closes_at, box.empty_due)

    def write_down(self, now: datetime) -> None:
        """How it was told; and to the first who told, what the host promised."""
        way = "live" if self.visit.room else "remote"
        db.session.add(Exposure(visit_id=self.visit.id, told="customer", way=way, minutes=6, debrief=TAKEN, at=now))
        told = next((each for each in self.invited if each.customer and each.partstat == "accepted"), None)
        if told is not None:
            due = now + KEPT_WITHIN
            values = {"words": PROMISED, "owner_id": self.organiser.id, "due": due.date(), "at": now}
            values |= {"done_at": due, "done_by_id": self.organiser.id} if due < self.past.now else {}
            db.session.add(Promise(visit_id=self.visit.id, invitation_id=told.id, **values))

    def fill_in(self, wave: Wave, now: datetime, share: float) -> None:
        """Some at once, the others after the reminder, as many as the story says."""
        customers, soon, later = self.story.answered
        number = customers if wave.audience == "customer" else soon if wave.label == "after" else later
        for entry in self._register(wave)[: round(number * share)]:
            if not entry.answered:
                language = entry.invitation.language
                given = self.cast.voices.answers(wave.audience, wave.label, language)
                box.cast(entry, box.checked(wave, given), now)
        box.empty_due(now)

    def _register(self, wave: Wave) -> Sequence[Register]:
        query = select(Register).where(Register.wave_id == wave.id).order_by(Register.id)
        return db.session.scalars(query.execution_options(populate_existing=True)).all()
