"""One visit with everybody around it, and every mail about it, as somebody would get it.

Nothing here is random, so a golden file that changes is a mail that changes. Each sample writes facts into an open
transaction and gives the subject of a mail that is due at its moment; `written` makes that mail. The clock stays there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tests import factories
from webapp import clock, db, wiring
from webapp.accounts.models import AccountChange, ColleagueInvitation, LinkRequest, MailTest, SignInLink
from webapp.customers import consents
from webapp.customers.consents import agree
from webapp.customers.models import Customer, Use
from webapp.customers.nominations import nominate
from webapp.customers.owners import ask_owner
from webapp.customers.requests import ConsentRequest
from webapp.i18n import Language
from webapp.invitations.models import Invitation
from webapp.invitations.replies import forward
from webapp.links import PATHS, Keys
from webapp.mailing.mime import Mail
from webapp.mailing.models import Message
from webapp.mailing.notices import Content, Notice, Ref
from webapp.mailing.post import Post
from webapp.privacy.records import DataExport, Erasure
from webapp.privacy.withdrawing import withdraw_uses
from webapp.staff.models import StaffMember
from webapp.stories import approving, asking, monthly, sharing
from webapp.stories.models import Story, StoryReader, ThanksTold
from webapp.telling.models import Telling
from webapp.visits import options
from webapp.visits.models import Slot

assert wiring.NOTICES  # every notice is known

NOW = factories.NOW
EVE = datetime(2026, 12, 2, 15, 30, tzinfo=UTC)
HOUR_BEFORE = datetime(2026, 12, 3, 11, 50, tzinfo=UTC)
START = datetime(2026, 12, 3, 13, 0, tzinfo=UTC)
AFTER = datetime(2026, 12, 3, 16, 0, tzinfo=UTC)
NEXT_MORNING = datetime(2026, 12, 4, 8, 0, tzinfo=UTC)
TOKEN = "K7s2VQm0dZr4XwTq9nBhLw.mQ3vYc8eUoPj5RkN1tGzEA"
POST = Post(
    "https://firsthand.example", "firsthand.example", "gesprek@uni.example", Keys.of("key"), "Universiteit Voorbeeld"
)
TEAMS: dict[Language, str] = {"nl": "Bellers avond A", "en": "Evening callers"}
PLACES: dict[Language, dict[str, str]] = {
    "nl": {
        "name": "Kamer 2.14",
        "place": "Academiegebouw",
        "meeting_point": "bij de balie in de hal",
        "travel_line": "Het station is vijf minuten lopen; parkeren kan achter het gebouw.",
    },
    "en": {
        "name": "Room 2.14",
        "place": "Academy Building",
        "meeting_point": "at the desk in the hall",
        "travel_line": "The station is a five-minute walk; you can park behind the building.",
    },
}


class Stage:
    """A visit on Thursday 3 December, 14:00; nine colleagues in the team; everybody reads `language`."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.organisation = factories.organisation(locale=language, survey_sender="Mira Vos")
        self.organiser = factories.account("Noor Haddad", role="admin", email="n.haddad@uni.example", locale=language)
        self.team = factories.team(TEAMS[language])
        self.host = self.staff("Anna Bakker", email="a.bakker@uni.example", phone="020 111 11 11")
        self.colleague = self.staff("Tariq Yılmaz", email="t.yilmaz@uni.example")
        for number in range(7):
            self.staff(f"Sam Jansen{number}")
        self.room = factories.room(**PLACES[language], address="Oude Markt 1")
        self.visit = factories.visit(
            teams=[self.team], host=self.host, organiser=self.organiser, room=self.room,
            reason_nl="U studeert met een beurs uit ons studiefonds",
            reason_en="You study with a grant from our scholarship fund",
        )  # fmt: skip
        self.customer = self.somebody("mevrouw Sam de Vries", "s.devries@student.example")

    def staff(self, name: str, **values: str) -> StaffMember:
        return factories.staff_member(name, self.team, self.language, **values)

    def somebody(self, name: str, email: str | None = None) -> Customer:
        return factories.customer(name, self.language, email=email)

    def asked(self, at: datetime = NOW) -> Invitation:
        """The customer is invited, and the mail about it has left."""
        return self._invited(self.customer, at, "visit_invitation", 1)

    def asked_colleague(self, at: datetime = NOW) -> Invitation:
        return self._invited(self.colleague, at, "visit_invitation_staff", 2)

    def _invited(self, person: Customer | StaffMember, at: datetime, notice: str, number: int) -> Invitation:
        invitation = factories.invitation(self.visit, person, at, calendar_uid=UUID(int=number))
        factories.left(invitation, notice, at)
        return invitation

    def coming(self, name: str = "de heer Youssef El Amrani") -> Invitation:
        """Another customer, who said yes."""
        invitation = factories.invitation(self.visit, self.somebody(name))
        factories.answer(invitation)
        return invitation

    def full(self) -> None:
        """Every storyteller place is taken, and every seat."""
        self.visit.storyteller_places = self.visit.seats = 1
        self.coming()
        factories.answer(factories.invitation(self.visit, self.staff("Eline Bos")))

    def move(self, to: datetime | None = None, room: bool = False) -> None:
        """To Tuesday 8 December, 10:00, or only to another room."""
        there = factories.room(name="Kamer 3.01", place="Bibliotheek", address="Nieuwe Markt 8") if room else self.room
        when = to or (self.visit.wall if room else datetime(2026, 12, 8, 10, 0))  # noqa: DTZ001  (a wall time)
        self.visit.move(NOW + timedelta(hours=1), timedelta(0), None, Slot(when, self.visit.zone, 45, room=there))
        db.session.flush()

    def choose(self) -> None:
        """Two more times to choose from."""
        offered = (datetime(2026, 12, 8, 10, 0), datetime(2026, 12, 10, 15, 30))  # noqa: DTZ001  (wall times)
        slots = [Slot(when, self.visit.zone, 45, room=self.room) for when in offered]
        options.offer(self.visit, slots, first_yes=False)

    def decided(self, suits: list[str]) -> Invitation:
        """The customer could make these; it will be Tuesday 8 December, 10:00."""
        self.choose()
        invitation = self.asked()
        factories.proposal(invitation, []).times = {"dayparts": [], "note": "", "slots": suits}
        options.decide(self.visit, NOW + timedelta(hours=1), timedelta(0), None, options.slots(self.visit)[1])
        db.session.flush()
        return invitation

    def cancel(self, call: bool = True) -> None:
        reasons = {"nl": "De spreker van die dag is ziek", "en": "Our colleague who hosts is ill"} if call else {}
        self.visit.cancel(NOW + timedelta(hours=1), timedelta(0), reasons, host_will_call=call)
        db.session.flush()


@dataclass(frozen=True)
class Sample:
    name: str
    notice: str
    at: datetime
    make: Callable[[Stage], int]

    def content(self, on: Stage) -> Content:
        """From facts to what the mail says, as it is kept; it must be due."""
        clock.run_ahead(self.at - clock.real())
        notice = Notice.all[self.notice]
        subject = self.make(on)
        db.session.flush()
        db.session.expire_all()
        (row,) = notice.load(self.at, [subject])
        return Content.from_json(json.loads(json.dumps(notice.content(on.language, *row[5:]).to_json())))

    def written(self, content: Content, language: Language) -> Mail:
        notice = Notice.all[self.notice]
        message = Message(public_id="0" * 32, notice=notice.name, locale=language, thread="visit-1")
        return POST.mail(message, notice, content, urls(POST.refs(notice, content, 1)), "reader@example.com", self.at)


def urls(refs: dict[str, Ref]) -> dict[str, str]:
    """Links as long as real ones."""
    return {
        name: f"{POST.base_url}/{PATHS[ref.scope]}/{TOKEN}{ref.suffix}" if ref.scope else f"{POST.base_url}/visits/7"
        for name, ref in refs.items()
    }


SAMPLES: list[Sample] = []


def sample(name: str, at: datetime = NOW + timedelta(hours=2)) -> Callable[[Callable[[Stage], int]], None]:
    """A mail of the notice before the dot in `name`, due at `at`."""

    def add(make: Callable[[Stage], int]) -> None:
        SAMPLES.append(Sample(name, name.split(".")[0], at, make))

    return add


# To customers


@sample("visit_invitation")
def _(on: Stage) -> int:
    return factories.invitation(on.visit, on.customer).id


@sample("visit_invitation.no_reason_one_listener_elsewhere")
def _(on: Stage) -> int:
    on.visit.reason_nl = on.visit.reason_en = ""
    on.visit.seats = 1
    on.visit.zone = "Europe/London"
    on.visit.meet_at(on.visit.wall, on.visit.zone, 45)
    return factories.invitation(on.visit, on.somebody("Sukarno")).id


@sample("visit_invitation.times_to_choose")
def _(on: Stage) -> int:
    on.choose()
    return factories.invitation(on.visit, on.customer).id


@sample("date_decided.could")
def _(on: Stage) -> int:
    return on.decided(["2026-12-08T10:00", "2026-12-10T15:30"]).id


@sample("date_decided.could_not")
def _(on: Stage) -> int:
    return on.decided(["2026-12-10T15:30"]).id


@sample("answer_hint_nudge")
def _(on: Stage) -> int:
    invitation = on.asked()
    invitation.hint, invitation.hint_at, invitation.nudge_at = "accepted", NOW, NOW + timedelta(hours=2)
    return invitation.id


@sample("invitation_reminder_1", at=NOW + timedelta(days=3, hours=1))
def _(on: Stage) -> int:
    return on.asked().id


@sample("invitation_reminder_1.times_to_choose", at=NOW + timedelta(days=3, hours=1))
def _(on: Stage) -> int:
    on.choose()
    return on.asked().id


@sample("invitation_reminder_2.times_to_choose", at=NOW + timedelta(days=9, hours=1))
def _(on: Stage) -> int:
    on.choose()
    return on.asked().id


@sample("invitation_reminder_2", at=NOW + timedelta(days=9, hours=1))
def _(on: Stage) -> int:
    return on.asked().id


@sample("answer_receipt.yes")
def _(on: Stage) -> int:
    return factories.answer(on.asked()).id


@sample("answer_receipt.yes_online")
def _(on: Stage) -> int:
    on.visit.room, on.visit.link = None, "https://meet.example/abc-defg-hij"
    return factories.answer(on.asked()).id


@sample("answer_receipt.no")
def _(on: Stage) -> int:
    return factories.answer(on.asked(), "declined").id


@sample("answer_receipt.no_and_full")
def _(on: Stage) -> int:
    on.full()
    return factories.answer(on.asked(), "declined").id


@sample("answer_receipt.maybe")
def _(on: Stage) -> int:
    return factories.answer(on.asked(), "tentative").id


@sample("answer_receipt.other")
def _(on: Stage) -> int:
    return factories.proposal(on.asked(), [["tue", "morning"], ["thu", "afternoon"], ["fri", "evening"]]).answer_id


@sample("answer_receipt.other_after_yes")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    return factories.proposal(invitation, at=NOW + timedelta(minutes=5)).answer_id


@sample("answer_receipt.willing")
def _(on: Stage) -> int:
    on.full()
    return factories.proposal(on.asked(), [], because_full=True).answer_id


@sample("answer_receipt.waits")
def _(on: Stage) -> int:
    on.full()
    booked = on.asked()
    booked.unanswered_at = booked.invited_at
    return factories.proposal(booked, [], because_full=True, times={"waits": True}).answer_id


@sample("visit_moved.yes")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    on.move()
    return invitation.id


@sample("visit_moved.open")
def _(on: Stage) -> int:
    invitation = on.asked()
    on.move()
    return invitation.id


@sample("visit_moved.as_suggested")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.proposal(invitation, [["tue", "morning"]])
    on.move()
    return invitation.id


@sample("visit_moved.other_place")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    on.move(room=True)
    return invitation.id


@sample("visit_moved.other_time_and_place")
def _(on: Stage) -> int:
    invitation = on.asked()
    on.move(datetime(2026, 12, 8, 10, 0), room=True)  # noqa: DTZ001  (a wall time)
    return invitation.id


@sample("visit_cancelled.host_will_call")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    on.cancel()
    return invitation.id


@sample("visit_cancelled.no_reason")
def _(on: Stage) -> int:
    invitation = on.asked()
    on.cancel(call=False)
    return invitation.id


@sample("invitation_withdrawn")
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    invitation.withdrawn_at = NOW + timedelta(hours=1)
    return invitation.id


@sample("day_before", at=EVE)
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    return invitation.id


@sample("day_before.of_monday", at=datetime(2026, 12, 4, 15, 30, tzinfo=UTC))
def _(on: Stage) -> int:
    on.visit.meet_at(datetime(2026, 12, 7, 10, 0), on.visit.zone, 60)  # noqa: DTZ001  (a wall time)
    invitation = on.asked()
    factories.answer(invitation)
    return invitation.id


@sample("hour_before", at=HOUR_BEFORE)
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    invitation.short_notice_at = NOW
    return invitation.id


@sample("thank_you_with_survey", at=AFTER)
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    factories.attendance(invitation)
    for name in ("Eline Bos", "Daan Kok"):
        factories.attendance(factories.invitation(on.visit, on.staff(name)))
    return factories.register(invitation, on.visit.thanks_at).id


@sample("survey_reminder", at=AFTER + timedelta(days=4))
def _(on: Stage) -> int:
    invitation = on.asked()
    factories.answer(invitation)
    factories.attendance(invitation)
    return factories.register(invitation, on.visit.thanks_at).id


@sample("new_link")
def _(on: Stage) -> int:
    return factories.added(
        LinkRequest(address_id=on.customer.address_id, scope="answer", subject_id=1, at=NOW + timedelta(hours=1))
    ).id


@sample("data_export_ready")
def _(on: Stage) -> int:
    return _export(on.customer.address_id)


@sample("erased_receipt")
def _(on: Stage) -> int:
    on.customer.address_id, address_id = None, on.customer.address_id
    salutation = on.customer.name.salutation(on.language)
    at = NOW + timedelta(hours=1)
    return factories.added(
        Erasure(
            kind="customer", by="person", at=at, address_id=address_id, tell=True, alone=True, salutation=salutation
        )
    ).id


def _export(address_id: int | None) -> int:
    at = NOW + timedelta(hours=1)
    return factories.added(DataExport(address_id=address_id, at=at, expires_at=at + timedelta(days=7), content=b"")).id


@sample("public_page_confirmation", at=NOW + timedelta(minutes=1))
def _(on: Stage) -> int:
    mailbox = on.customer.address_id
    return factories.added(
        Telling(form="x", address_id=mailbox, locale=on.language, name="Sam", text="Zo was het.", uses={}, told_at=NOW)
    ).id


# To staff


@sample("visit_invitation_staff")
def _(on: Stage) -> int:
    return factories.invitation(on.visit, on.colleague).id


@sample("visit_invitation_staff.two_tell")
def _(on: Stage) -> int:
    on.visit.seats = 1
    on.coming()
    on.coming("mevrouw Sam de Vries")
    return factories.invitation(on.visit, on.colleague).id


@sample("invitation_reminder_staff_1", at=NOW + timedelta(days=3, hours=1))
def _(on: Stage) -> int:
    on.coming()
    return on.asked_colleague().id


@sample("invitation_reminder_staff_2", at=NOW + timedelta(days=9, hours=1))
def _(on: Stage) -> int:
    return on.asked_colleague().id


@sample("answer_receipt_staff.yes")
def _(on: Stage) -> int:
    return factories.answer(on.asked_colleague()).id


@sample("answer_receipt_staff.no")
def _(on: Stage) -> int:
    return factories.answer(on.asked_colleague(), "declined").id


@sample("waiting_place")
def _(on: Stage) -> int:
    factories.waiting_place(factories.invitation(on.visit, on.staff("Eline Bos")))
    return factories.waiting_place(on.asked_colleague(), NOW + timedelta(minutes=1)).id


@sample("waiting_offer")
def _(on: Stage) -> int:
    until = NOW + timedelta(days=1)
    return factories.waiting_place(on.asked_colleague(), offered_at=NOW + timedelta(hours=1), offer_until=until).id


@sample("waiting_offer.first_come", at=HOUR_BEFORE)
def _(on: Stage) -> int:
    return factories.waiting_place(on.asked_colleague(), offered_at=HOUR_BEFORE, offer_until=START).id


@sample("waiting_lapsed", at=NOW + timedelta(days=1, hours=1))
def _(on: Stage) -> int:
    until = NOW + timedelta(days=1)
    place = factories.waiting_place(on.asked_colleague(), offered_at=NOW, offer_until=until)
    place.end("lapsed", until)
    return place.id


@sample("waiting_lapsed.none_free", at=START + timedelta(minutes=1))
def _(on: Stage) -> int:
    return factories.waiting_place(on.asked_colleague(), ended_at=START, ended="none_free").id


@sample("visit_moved_staff.yes")
def _(on: Stage) -> int:
    invitation = on.asked_colleague()
    factories.answer(invitation)
    on.move()
    return invitation.id


@sample("visit_moved_staff.open")
def _(on: Stage) -> int:
    invitation = on.asked_colleague()
    on.move(room=True)
    return invitation.id


@sample("visit_cancelled_staff")
def _(on: Stage) -> int:
    invitation = on.asked_colleague()
    factories.answer(invitation)
    on.cancel()
    return invitation.id


@sample("invitation_withdrawn_staff")
def _(on: Stage) -> int:
    invitation = on.asked_colleague()
    invitation.withdrawn_at = NOW + timedelta(hours=1)
    return invitation.id


@sample("day_before_staff", at=EVE)
def _(on: Stage) -> int:
    on.coming()
    invitation = on.asked_colleague()
    factories.answer(invitation)
    return invitation.id


@sample("hour_before_staff", at=HOUR_BEFORE)
def _(on: Stage) -> int:
    invitation = on.asked_colleague()
    factories.answer(invitation)
    return invitation.id


@sample("staff_after_survey", at=NEXT_MORNING)
def _(on: Stage) -> int:
    return _asked_after(on, "after")


@sample("staff_after_survey.four_weeks", at=NEXT_MORNING)
def _(on: Stage) -> int:
    return _asked_after(on, "four_weeks")


@sample("survey_reminder_staff", at=NEXT_MORNING + timedelta(days=4))
def _(on: Stage) -> int:
    return _asked_after(on, "after")


def _asked_after(on: Stage, label: str) -> int:
    invitation = on.asked_colleague()
    factories.answer(invitation)
    factories.attendance(invitation)
    return factories.register(invitation, on.visit.staff_survey_at, label).id


@sample("data_export_ready_staff")
def _(on: Stage) -> int:
    return _export(on.colleague.address_id)


@sample("new_link_staff")
def _(on: Stage) -> int:
    return factories.added(
        LinkRequest(address_id=on.colleague.address_id, scope="staff", subject_id=1, at=NOW + timedelta(hours=1))
    ).id


# To who organises


@sample("host_brief", at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
def _(on: Stage) -> int:
    on.coming()
    factories.answer(on.asked())
    return on.visit.id


@sample("host_brief.nobody_yet", at=datetime(2026, 12, 1, 8, 30, tzinfo=UTC))
def _(on: Stage) -> int:
    return on.visit.id


@sample("unanswered_notice.one", at=NOW + timedelta(days=10, minutes=-30))
def _(on: Stage) -> int:
    _silent(on, 1)
    return on.visit.id


@sample("unanswered_notice.many", at=NOW + timedelta(days=10, minutes=-30))
def _(on: Stage) -> int:
    _silent(on, 14)
    return on.visit.id


def _silent(on: Stage, people: int) -> None:
    for number in range(people):
        at = NOW - timedelta(hours=1)
        factories.invitation(on.visit, on.somebody(f"Robin Smit {chr(65 + number)}"), at)


@sample("new_time_proposed", at=NOW + timedelta(minutes=16))
def _(on: Stage) -> int:
    factories.proposal(on.asked(), [["tue", "morning"], ["wed", "afternoon"]], at=NOW + timedelta(minutes=1))
    another = factories.invitation(on.visit, on.somebody("Quirine 't Hart"))
    factories.proposal(another, [], at=NOW + timedelta(minutes=2))
    return on.visit.id


@sample("bounced_notice", at=NOW + timedelta(hours=1, minutes=1))
def _(on: Stage) -> int:
    _came_back(on.asked(), 550, "5.1.1")
    _came_back(factories.invitation(on.visit, on.somebody("Quirine 't Hart")), 554, "5.2.2")
    return on.visit.id


def _came_back(invitation: Invitation, code: int, enhanced: str) -> None:
    message = factories.left(invitation, "invitation_reminder_1", NOW)
    message.thread, message.end, message.ended_at = (
        f"visit-{invitation.visit_id}",
        "bounced",
        NOW + timedelta(minutes=1),
    )
    message.stage, message.code, message.enhanced = "bounce", code, enhanced


@sample("reply_forwarded", at=NOW + timedelta(minutes=1))
def _(on: Stage) -> int:
    reply = forward(on.asked().id, "sam@elders.example", "Mag mijn zoon mee? Hij rijdt.", NOW)
    assert reply
    return reply.id


# To who has an account


@sample("sign_in_link", at=NOW + timedelta(minutes=1))
def _(on: Stage) -> int:
    link = SignInLink(account=on.organiser, asked_at=NOW, expires_at=NOW + timedelta(minutes=15))
    return factories.added(link).id


@sample("colleague_invitation")
def _(on: Stage) -> int:
    return factories.added(
        ColleagueInvitation(
            address=factories.address("e.bos@uni.example", on.language), name="Eline Bos", role="organiser",
            inviter=on.organiser, invited_at=NOW, expires_at=NOW + timedelta(days=7),
        )
    ).id  # fmt: skip


@sample("account_changed.password")
def _(on: Stage) -> int:
    return _changed(on, "password")


@sample("account_changed.address")
def _(on: Stage) -> int:
    return _changed(on, "address")


def _changed(on: Stage, what: str) -> int:
    account = factories.account("Eline Bos", email="e.bos@uni.example")
    return factories.added(AccountChange(account=account, address_id=account.address_id, what=what, at=NOW)).id


@sample("mail_test")
def _(on: Stage) -> int:
    return factories.added(MailTest(account=on.organiser, server="smtp.uni.example", at=NOW)).id


@sample("mapping_question")
def _(on: Stage) -> int:
    round = factories.mapping_round(on.organiser, asked_count=48)
    return factories.asked(round, on.colleague).id


# Stories


TOLD: dict[Language, tuple[str, str]] = {
    "nl": ("Toen belde Fatima mij terug. Ze bleef aan de lijn.", "Toen belde iemand mij terug. Ze bleef aan de lijn."),
    "en": ("Then Fatima rang me back. She stayed on the line.", "Then somebody rang me back. She stayed on the line."),
}
"""A story as it was told, and as it was edited."""


def _asked_for_story(on: Stage, at: datetime = NOW) -> Story:
    reason = {"nl": "U diende in het voorjaar een vergunning in", "en": "You applied for a permit this spring"}
    return asking.ask(on.customer, on.team, reason[on.language], at, timedelta(0), on.organiser)


def _told(on: Stage, edited: bool = True) -> Story:
    story = Story(id=7, customer=on.customer, organiser=on.organiser, locale=on.language, begun_at=NOW, source="letter")
    factories.added(story)
    told, better = TOLD[on.language]
    approving.tell(story, NOW, None, told)
    if edited:
        story.text = better
        story.title = better.partition(".")[0]
    approving.offer(story, NOW, on.organiser)
    return story


def _shared(on: Stage) -> Story:
    story = _told(on)
    consents.agree(on.customer, ["story_inside"], on.language, "page", NOW, None, "first_name")
    approving.approve(story, story.offered_id or 0, NOW, None)
    sharing.share(story, [on.team], NOW, timedelta(0), on.organiser)
    return story


@sample("story_request")
def _(on: Stage) -> int:
    return _asked_for_story(on).request.id  # type: ignore[union-attr]  # just made


@sample("story_request.no_reason")
def _(on: Stage) -> int:
    story = _asked_for_story(on)
    assert story.request
    story.request.reason, story.request.team = "", None
    return story.request.id


@sample("story_reminder", at=NOW + timedelta(days=9, hours=1))
def _(on: Stage) -> int:
    return _asked_for_story(on).request.id  # type: ignore[union-attr]  # just made


@sample("story_reminder.begun", at=NOW + timedelta(days=9, hours=1))
def _(on: Stage) -> int:
    story = _asked_for_story(on)
    asking.save(story, "before", TOLD[on.language][0], NOW)
    return story.request.id  # type: ignore[union-attr]  # just made


@sample("story_approval")
def _(on: Stage) -> int:
    return _told(on).id


@sample("story_approval.as_told")
def _(on: Stage) -> int:
    return _told(on, edited=False).id


@sample("story_shared_with_team")
def _(on: Stage) -> int:
    story = _shared(on)
    mine = select(StoryReader.id).where(StoryReader.story_id == story.id, StoryReader.staff_id == on.colleague.id)
    return db.session.scalars(mine).one()


@sample("staff_digest", at=datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
def _(on: Stage) -> int:
    _shared(on)
    monthly.choose(NOW + timedelta(days=2))
    return on.staff("Eline Bos").id


def _thanked(on: Stage, *colleagues: StaffMember) -> int:
    story = _shared(on)
    words = {"nl": "Dank u. Ik hang dit boven mijn bureau.", "en": "Thank you. I pin this above my desk."}
    for colleague in colleagues:
        sharing.check(sharing.thank(story, colleague, words[on.language], NOW), True, NOW, on.organiser)
    sharing.tell_due(NOW)
    return db.session.scalars(select(ThanksTold.id)).one()


@sample("story_thanks")
def _(on: Stage) -> int:
    return _thanked(on, on.colleague, on.host, on.staff("Eline Bos"))


@sample("story_thanks.one")
def _(on: Stage) -> int:
    return _thanked(on, on.colleague)


# Finding who is willing


@sample("consent_request")
def _(on: Stage) -> int:
    on.customer.source = "nomination"
    db.session.flush()
    reason = {"nl": "U diende in het voorjaar een vergunning in", "en": "You applied for a permit this spring"}
    return ConsentRequest.send(on.customer, reason[on.language], on.organiser, NOW, timedelta(minutes=1)).id


@sample("consent_renewal", at=NOW + timedelta(days=340))
def _(on: Stage) -> int:
    agree(on.customer, ("story_inside", "read_aloud"), on.language, "page", NOW, None)
    return on.customer.id


@sample("consent_withdrawn_receipt")
def _(on: Stage) -> int:
    return _withdrawn(on, ("read_aloud", "recording"))


@sample("consent_withdrawn_receipt.visit")
def _(on: Stage) -> int:
    factories.answer(on.asked())
    return _withdrawn(on, ("live_visit",))


def _withdrawn(on: Stage, uses: tuple[Use, ...]) -> int:
    agree(on.customer, uses, on.language, "page", NOW, None)
    return withdraw_uses(on.customer, uses, on.language, "page", NOW + timedelta(hours=1))[0].id


@sample("owner_approval")
def _(on: Stage) -> int:
    return ask_owner(on.customer, on.colleague, "visit", on.organiser, NOW, timedelta(minutes=1)).id


@sample("nomination_received")
def _(on: Stage) -> int:
    return nominate(on.colleague, on.customer, "", True, NOW + timedelta(hours=1)).id


@sample("nomination_outcome.planned")
def _(on: Stage) -> int:
    return _outcome(on, "planned", visit_day=on.visit.wall.date(), visit_team=on.team.name)


@sample("nomination_outcome.story")
def _(on: Stage) -> int:
    return _outcome(on, "story")


@sample("nomination_outcome.not_now")
def _(on: Stage) -> int:
    return _outcome(on, "not_now")


def _outcome(on: Stage, outcome: str, **more: object) -> int:
    nomination = nominate(on.colleague, on.customer, "", True, NOW)
    for name, value in {"outcome": outcome, "outcome_at": NOW + timedelta(hours=1), **more}.items():
        setattr(nomination, name, value)
    return nomination.id
