"""Who gets which mail when, and who gets none: the facts decide, at the moment it leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from tests import factories
from tests.emails.samples import EVE, HOUR_BEFORE, NOW, START, Stage
from webapp import db, wiring
from webapp.accounts.models import LinkRequest, SignInLink
from webapp.invitations.models import Attendance, Invitation
from webapp.invitations.notices.staff import VisitInvitationStaff
from webapp.mailing.notices import Notice, Refusal
from webapp.surveys.models import Register
from webapp.visits.models import Slot

assert wiring.NOTICES

MINUTE = timedelta(minutes=1)
IN_THREE_WORKING_DAYS = NOW + timedelta(days=3)
IN_SEVEN_WORKING_DAYS = NOW + timedelta(days=9)
IN_EIGHT_WORKING_DAYS = NOW + timedelta(days=10)


@pytest.fixture
def on(session: Session) -> Stage:
    return Stage("nl")


def due(name: str, at: datetime) -> list[int]:
    """The subjects of everybody due now or before, and not lapsed."""
    notice = Notice.all[name]
    db.session.flush()
    return [row.subject_id for row in db.session.execute(notice.due(at - notice.lapses, at))]


def why_not(name: str, subject_id: int, at: datetime) -> Refusal | None:
    db.session.flush()
    db.session.expire_all()
    return Notice.all[name].why_not(subject_id, at)


def needless(fact: str) -> Refusal:
    return Refusal("not_needed", "not_needed", {"fact": fact})


# Asking and reminding


def test_the_invitation_waits_for_the_hold(on: Stage) -> None:
    invitation = factories.invitation(on.visit, on.customer, released_at=NOW + MINUTE)
    assert due("visit_invitation", NOW) == []
    assert due("visit_invitation", NOW + MINUTE) == [invitation.id]


def test_customers_and_staff_each_get_their_own(on: Stage) -> None:
    customer, colleague = factories.invitation(on.visit, on.customer), factories.invitation(on.visit, on.colleague)
    assert due("visit_invitation", NOW) == [customer.id]
    assert due("visit_invitation_staff", NOW) == [colleague.id]


def test_two_reminders_then_the_organiser_is_told(on: Stage) -> None:
    invitation = on.asked()
    assert due("invitation_reminder_1", IN_THREE_WORKING_DAYS - MINUTE) == []
    assert due("invitation_reminder_1", IN_THREE_WORKING_DAYS) == [invitation.id]
    assert due("invitation_reminder_2", IN_SEVEN_WORKING_DAYS) == [invitation.id]
    assert due("unanswered_notice", IN_SEVEN_WORKING_DAYS) == []
    on.visit.meet_at(on.visit.wall + timedelta(days=7), on.visit.zone, 45)
    assert due("unanswered_notice", IN_EIGHT_WORKING_DAYS) == [on.visit.id]


def test_a_reminder_that_is_three_days_late_is_not_sent(on: Stage) -> None:
    on.asked()
    assert due("invitation_reminder_1", IN_THREE_WORKING_DAYS + timedelta(days=3, minutes=1)) == []


@pytest.mark.parametrize("kind", ["accepted", "declined", "tentative"])
def test_who_answered_is_not_asked_again(on: Stage, kind: str) -> None:
    invitation = on.asked()
    factories.answer(invitation, kind)
    for notice, at in [("visit_invitation", NOW), ("invitation_reminder_1", IN_THREE_WORKING_DAYS)]:
        assert due(notice, at) == []
        assert why_not(notice, invitation.id, at) == needless("answered")


def test_an_open_proposal_stops_reminders(on: Stage) -> None:
    factories.proposal(on.asked())
    assert due("invitation_reminder_1", IN_THREE_WORKING_DAYS) == []
    assert due("unanswered_notice", IN_EIGHT_WORKING_DAYS) == []


def test_full_places_stop_reminders_to_customers_but_not_invitations(on: Stage) -> None:
    invitation = on.asked()
    on.full()
    assert invitation.id in due("visit_invitation", NOW)
    assert due("invitation_reminder_1", IN_THREE_WORKING_DAYS) == []
    assert due("unanswered_notice", IN_EIGHT_WORKING_DAYS) == []
    assert why_not("invitation_reminder_1", invitation.id, IN_THREE_WORKING_DAYS) == needless("full")


def test_full_seats_stop_reminders_to_staff(on: Stage) -> None:
    invitation = on.asked_colleague()
    assert due("invitation_reminder_staff_1", IN_THREE_WORKING_DAYS) == [invitation.id]
    on.full()
    assert due("invitation_reminder_staff_1", IN_THREE_WORKING_DAYS) == []


def test_a_seat_that_somebody_waits_for_is_offered_to_nobody_else(on: Stage) -> None:
    on.asked_colleague()
    on.visit.seats = 1
    factories.waiting_place(factories.invitation(on.visit, on.staff("Eline Bos")))
    assert due("invitation_reminder_staff_1", IN_THREE_WORKING_DAYS) == []


def test_withdrawn_consent_stops_what_asks_and_nothing_else(on: Stage) -> None:
    invitation = on.asked()
    factories.consent(on.customer, "withdrawn")
    assert due("visit_invitation", NOW) == due("invitation_reminder_1", IN_THREE_WORKING_DAYS) == []
    assert why_not("invitation_reminder_1", invitation.id, NOW) == Refusal(
        "suppressed", "consent", {"ground": "withdrawn"}
    )
    factories.answer(invitation)
    assert due("day_before", EVE) == [invitation.id]


def test_who_left_gets_no_more_mail(on: Stage) -> None:
    invitation = on.asked_colleague()
    factories.answer(invitation)
    on.colleague.left_at = NOW
    assert due("day_before_staff", EVE) == due("answer_receipt_staff", NOW) == []
    assert why_not("day_before_staff", invitation.id, EVE) == needless("left")


def test_stopping_mail_about_a_visit_stops_it_all(on: Stage) -> None:
    invitation = on.asked()
    answer = factories.answer(invitation)
    invitation.stopped_at = NOW
    on.cancel()
    assert due("answer_receipt", NOW) == due("day_before", EVE) == due("visit_cancelled", EVE) == []
    assert why_not("answer_receipt", answer.id, NOW) == needless("cancelled")


def test_an_unconfirmed_tap_is_nudged_once_it_is_two_hours_old(on: Stage) -> None:
    invitation = on.asked()
    invitation.tapped("accepted", NOW)
    assert due("answer_hint_nudge", NOW + timedelta(minutes=119)) == []
    assert due("answer_hint_nudge", NOW + timedelta(minutes=120)) == [invitation.id]
    invitation.drop_hint(NOW + MINUTE)
    assert due("answer_hint_nudge", NOW + timedelta(minutes=120)) == []


# Answers


def test_only_the_last_answer_has_a_receipt(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation)
    last = factories.answer(invitation, "declined", NOW + MINUTE)
    assert due("answer_receipt", NOW + MINUTE) == [last.id]


def test_who_declined_hears_nothing_more(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation, "declined")
    on.move()
    at = NOW + timedelta(hours=2)
    assert due("visit_moved", at) == due("day_before", on.visit.eve_at) == []
    on.cancel()
    assert due("visit_cancelled", at) == []


def test_the_waiting_list_tells_its_place_its_turn_and_its_end(on: Stage) -> None:
    invitation = on.asked_colleague()
    place = factories.waiting_place(invitation)
    assert due("waiting_place", NOW) == [place.id]
    assert due("answer_receipt_staff", NOW) == []
    place.offer(NOW + MINUTE, NOW + timedelta(hours=4))
    assert due("waiting_place", NOW + MINUTE) == []
    assert due("waiting_offer", NOW + MINUTE) == [place.id]
    assert due("waiting_offer", NOW + timedelta(hours=4)) == []
    place.end("lapsed", NOW + timedelta(hours=4))
    assert due("waiting_lapsed", NOW + timedelta(hours=4)) == [place.id]
    factories.waiting_place(invitation, NOW + timedelta(hours=5))
    assert due("waiting_lapsed", NOW + timedelta(hours=5)) == []


def test_an_offer_that_ends_as_the_visit_begins_is_not_said_to_be_passed_on(on: Stage) -> None:
    place = factories.waiting_place(on.asked_colleague(), offered_at=HOUR_BEFORE, offer_until=START)
    place.end("lapsed", START)
    assert due("waiting_lapsed", START) == []


# Changes


def test_moving_the_visit_moves_the_reminder(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation)
    on.move()
    assert due("day_before", EVE) == []
    assert due("day_before", datetime(2026, 12, 7, 15, 0, tzinfo=UTC)) == [invitation.id]


def test_another_hour_of_the_same_day_is_no_second_reminder(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation)
    (before,) = db.session.execute(Notice.all["day_before"].due(EVE - timedelta(days=1), EVE)).all()
    on.move(datetime(2026, 12, 3, 11, 0))  # noqa: DTZ001  (a wall time)
    (after,) = db.session.execute(Notice.all["day_before"].due(EVE - timedelta(days=1), EVE)).all()
    assert (before.subject_id, before.occurrence) == (after.subject_id, after.occurrence)


def test_five_moves_within_the_hold_are_one_mail_with_the_last_time(on: Stage) -> None:
    invitation = on.asked()
    hold, now = timedelta(seconds=60), NOW + timedelta(hours=1)
    for hour in (9, 10, 11, 12, 15):
        on.visit.move(now, hold, None, Slot(datetime(2026, 12, 8, hour), on.visit.zone, 45, room=on.room))  # noqa: DTZ001  (a wall time)
        db.session.flush()
        assert due("visit_moved", now) == []
        now += timedelta(seconds=5)
    (row,) = Notice.all["visit_moved"].load(now + hold, [invitation.id])
    content = Notice.all["visit_moved"].content("nl", *row[5:])
    said = {name: content.values[name] for name in ("day", "time", "old_day_short", "old_time", "other_place")}
    assert row.occurrence == "5"
    assert said == {
        "day": "dinsdag 8 december", "time": "15:00 uur",
        "old_day_short": "do 3 dec", "old_time": "14:00 uur", "other_place": False,
    }  # fmt: skip


def test_there_and_back_is_no_mail(on: Stage) -> None:
    on.asked()
    there = Slot(datetime(2026, 12, 8, 10), on.visit.zone, 45, room=on.room)  # noqa: DTZ001  (a wall time)
    on.visit.move(NOW, timedelta(seconds=60), None, there)
    on.visit.undo_move(NOW + timedelta(seconds=30), timedelta(seconds=60))
    assert due("visit_moved", NOW + timedelta(hours=1)) == []


def test_who_was_invited_after_the_move_knows_no_other_time(on: Stage) -> None:
    on.move()
    factories.left(factories.invitation(on.visit, on.customer), "visit_invitation", NOW + timedelta(hours=2))
    assert due("visit_moved", NOW + timedelta(hours=3)) == []


def test_who_was_never_told_is_not_told_of_a_cancellation(on: Stage) -> None:
    factories.invitation(on.visit, on.customer)
    on.cancel()
    assert due("visit_cancelled", NOW + timedelta(hours=1)) == due("visit_invitation", NOW) == []


def test_who_said_yes_by_phone_is_told_of_a_cancellation(on: Stage) -> None:
    invitation = factories.invitation(on.visit, on.customer, by_phone=True)
    factories.answer(invitation, channel="phone")
    on.cancel()
    assert due("visit_cancelled", NOW + timedelta(hours=1)) == [invitation.id]


def test_a_cancelled_visit_reminds_nobody(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation)
    on.cancel()
    assert due("day_before", EVE) == due("host_brief", EVE) == []
    assert why_not("day_before", invitation.id, EVE) == needless("cancelled")


def test_an_invitation_taken_back_is_told_after_the_hold_to_who_knew(on: Stage) -> None:
    told, untold = on.asked(), factories.invitation(on.visit, on.somebody("Eline Bos"))
    told.withdrawn_at = untold.withdrawn_at = NOW + timedelta(hours=1)
    assert due("invitation_withdrawn", NOW + timedelta(minutes=60)) == []
    assert due("invitation_withdrawn", NOW + timedelta(minutes=61)) == [told.id]
    assert due("visit_invitation", NOW) == due("invitation_reminder_1", IN_THREE_WORKING_DAYS) == []


def test_who_found_the_places_taken_hears_nothing_of_a_visit_that_is_not_theirs(on: Stage) -> None:
    factories.proposal(on.asked(), [], because_full=True)
    on.move()
    assert due("visit_moved", NOW + timedelta(hours=2)) == []
    on.cancel()
    assert due("visit_cancelled", NOW + timedelta(hours=2)) == []


# The day itself


@pytest.mark.parametrize(
    ("day", "reminded"),
    [(date(2026, 12, 3), date(2026, 12, 2)), (date(2026, 12, 7), date(2026, 12, 4)), (date(2026, 12, 8), date(2026, 12, 7))],
)  # fmt: skip
def test_the_day_before_is_a_friday_for_a_monday(on: Stage, day: date, reminded: date) -> None:
    on.visit.meet_at(datetime.combine(day, on.visit.wall.time()), on.visit.zone, 45)
    invitation = on.asked()
    factories.answer(invitation)
    four = datetime.combine(reminded, datetime.min.time(), UTC) + timedelta(hours=15)
    assert due("day_before", four - MINUTE) == []
    assert due("day_before", four) == [invitation.id]


def test_no_reminder_comes_after_the_start(on: Stage) -> None:
    invitation = on.asked()
    factories.answer(invitation)
    assert due("day_before", START - MINUTE) == [invitation.id]
    assert due("day_before", START) == []


def test_an_hour_before_staff_are_told_and_customers_who_want_it(on: Stage) -> None:
    customer, colleague = on.asked(), on.asked_colleague()
    factories.answer(customer)
    factories.answer(colleague)
    assert due("hour_before_staff", HOUR_BEFORE) == [colleague.id]
    assert due("hour_before", HOUR_BEFORE) == []
    customer.short_notice_at = NOW
    assert due("hour_before", HOUR_BEFORE) == [customer.id]


def test_another_host_is_briefed_too(on: Stage) -> None:
    at = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    (first,) = Notice.all["host_brief"].load(at, [on.visit.id])
    on.visit.host = on.colleague
    db.session.flush()
    (second,) = Notice.all["host_brief"].load(at, [on.visit.id])
    assert (first.address_id, second.address_id) == (on.host.address_id, on.colleague.address_id)
    assert first.occurrence != second.occurrence


# Organisers, surveys, links


def test_proposals_of_a_quarter_of_an_hour_are_one_mail(on: Stage) -> None:
    for minute in (1, 14, 16):
        invitation = factories.invitation(on.visit, on.somebody(f"Robin Smit {minute}"))
        factories.proposal(invitation, at=NOW + timedelta(minutes=minute))
    assert due("new_time_proposed", NOW + timedelta(minutes=14)) == []
    assert due("new_time_proposed", NOW + timedelta(minutes=15)) == [on.visit.id]
    assert due("new_time_proposed", NOW + timedelta(minutes=30)) == [on.visit.id, on.visit.id]


def test_a_decided_proposal_needs_no_mail(on: Stage) -> None:
    factories.proposal(on.asked(), decided_at=NOW)
    assert due("new_time_proposed", NOW + timedelta(minutes=15)) == []


def _asked_after(on: Stage, invitation: Invitation) -> int:
    factories.answer(invitation)
    factories.attendance(invitation)
    return factories.register(invitation, on.visit.thanks_at).id


def test_thanks_go_to_who_was_there_and_stop_with_the_answer(on: Stage) -> None:
    line = _asked_after(on, on.asked())
    assert due("thank_you_with_survey", on.visit.thanks_at) == [line]
    db.session.scalars(select(Attendance)).one().present = False
    assert due("thank_you_with_survey", on.visit.thanks_at) == []


def test_who_answered_the_questions_is_not_reminded(on: Stage) -> None:
    line = _asked_after(on, on.asked_colleague())
    at = on.visit.thanks_at + timedelta(days=4)
    assert due("survey_reminder_staff", at) == [line]
    register = db.session.get_one(Register, line)
    register.answered = True
    assert due("survey_reminder_staff", at) == []
    assert why_not("survey_reminder_staff", line, at) == needless("answered")


def test_a_customer_who_withdrew_is_thanked_by_nobody(on: Stage) -> None:
    _asked_after(on, on.asked())
    factories.consent(on.customer, "withdrawn")
    assert due("thank_you_with_survey", on.visit.thanks_at) == []


def test_a_used_sign_in_link_is_not_mailed(on: Stage) -> None:
    link = factories.added(SignInLink(account=on.organiser, asked_at=NOW, expires_at=NOW + timedelta(minutes=15)))
    assert due("sign_in_link", NOW) == [link.id]
    assert due("sign_in_link", NOW + timedelta(minutes=16)) == []
    link.used_at = NOW
    assert due("sign_in_link", NOW) == []


def test_a_shared_mailbox_is_greeted_without_a_name(on: Stage) -> None:
    factories.customer("Robin de Vries", email="s.devries@student.example")
    asked = factories.added(LinkRequest(address_id=on.customer.address_id, scope="answer", subject_id=1, at=NOW))
    (row,) = Notice.all["new_link"].load(NOW, [asked.id])
    assert Notice.all["new_link"].content("nl", *row[5:]).values["salutation"] == "Goedendag,"
    assert due("new_link_staff", NOW) == []


def test_what_was_checked_is_what_is_sent(on: Stage) -> None:
    """The check page shows the mail of somebody not invited yet, in the words it will have."""
    notice = VisitInvitationStaff
    shown = notice.shown("nl", Invitation(visit=on.visit, staff=on.colleague, partstat="needs-action"))
    invitation = factories.invitation(on.visit, on.colleague)
    (row,) = notice.load(NOW, [invitation.id])
    assert notice.content("nl", row.Invitation, *row[6:]).values == shown.values


@pytest.mark.parametrize("name", ["visit_invitation", "visit_invitation_staff"])
def test_a_batch_costs_as_many_queries_as_one_mail(on: Stage, name: str) -> None:
    """Names, teams and counts come with the guard, not mail by mail."""
    invite = on.staff if name.endswith("staff") else on.somebody
    ids = [factories.invitation(on.visit, invite(f"Robin Smit {n}")).id for n in range(20)]
    assert _queries(name, ids) == _queries(name, ids[:1])


def test_a_batch_of_a_mapping_round_costs_as_many_queries_as_one_mail(on: Stage) -> None:
    round = factories.mapping_round(on.organiser, NOW - timedelta(minutes=1))
    ids = [factories.asked(round, on.staff(f"Robin Smit {n}")).id for n in range(20)]
    assert _queries("mapping_question", ids) == _queries("mapping_question", ids[:1])


def test_a_round_asks_who_was_drawn_until_they_answered_left_or_it_stopped(on: Stage) -> None:
    round = factories.mapping_round(on.organiser)
    silent, answered, gone = (factories.asked(round, on.staff(name)) for name in ("Bo", "Kim", "Jo"))
    answered.answered_at = gone.staff.left_at = NOW
    db.session.flush()
    assert due("mapping_question", NOW) == [silent.id]
    assert due("mapping_question", round.closes_at) == []
    round.stopped_at = NOW
    db.session.flush()
    assert due("mapping_question", NOW) == []


def _queries(name: str, ids: list[int]) -> int:

    counted: list[str] = []
    engine = db.engine()

    def count(*args: object) -> None:
        counted.append(str(args[2]))

    db.session.flush()
    db.session.expire_all()
    db.session.expunge_all()
    event.listen(engine, "before_cursor_execute", count)
    try:
        for row in Notice.all[name].load(NOW, ids):
            Notice.all[name].content("nl", *row[5:])
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(counted)
