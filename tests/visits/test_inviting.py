"""Whom a visit invites: who gets mail, who is phoned, who is left out and why; nobody twice, and all of it taken back."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests import factories as make
from tests.factories import NOW
from webapp import db
from webapp.invitations import inviting
from webapp.invitations.inviting import Person, Selection
from webapp.invitations.models import Invitation
from webapp.visits.models import Visit

HOLD = timedelta(seconds=60)


def draft(visit: Visit, *people: Person) -> Visit:
    make.organisation()
    customers = [person.id for person in people if hasattr(person, "consents")]
    visit.choose(customers, [person.id for person in people if not hasattr(person, "consents")])
    db.session.flush()
    return visit


def reasons(visit: Visit) -> dict[str, str]:
    return {each.person.name.full: each.why for each in Selection.of(visit, NOW).left_out}


def names(people: Sequence[Person]) -> list[str]:
    return [person.name.full for person in people]


def test_who_has_no_mailbox_is_phoned(session: Session) -> None:
    visit = draft(make.visit(), make.customer("Sam de Vries"), make.customer("Kees Smit", email=""))
    selection = Selection.of(visit, NOW)
    assert (names(selection.by_mail), names(selection.by_phone)) == (["Sam de Vries"], ["Kees Smit"])
    inviting.invite(visit, NOW, HOLD, None)
    assert {each.person.name.full: each.by_phone for each in Invitation.of_visit(visit.id)} == {
        "Sam de Vries": False, "Kees Smit": True,
    }  # fmt: skip


def test_everybody_who_is_left_out_has_a_reason(session: Session) -> None:
    team = make.team()
    visit = make.visit(teams=[team])
    stopped, bounced, spam = make.customer("Wil Niet"), make.customer("Weg Is", phone=""), make.customer("Spam Zei")
    for person, why in ((stopped, "stop"), (bounced, "bounce"), (spam, "complaint")):
        assert person.address is not None
        person.address.suppress(why, NOW)  # type: ignore[arg-type]  # one of the three
    twice, taken_back = make.customer("Al Gevraagd"), make.customer("Terug Genomen")
    make.invitation(visit, twice)
    make.invitation(visit, taken_back, withdrawn_at=NOW)
    left = make.staff_member("Oud Collega", team, left_at=NOW)
    draft(
        visit, stopped, bounced, spam, twice, taken_back, left, visit.host,
        make.customer("Nog Niet", ground="not_yet"), make.customer("Trok In", ground="withdrawn"),
        make.customer("Onbekend Hier", ground=None), make.customer("Geen Enkel", email="", phone=""),
    )  # fmt: skip
    assert reasons(visit) == {
        "Wil Niet": "stop", "Weg Is": "bounce", "Spam Zei": "complaint", "Al Gevraagd": "invited",
        "Terug Genomen": "taken_back", "Oud Collega": "left", "Anna Bakker": "host", "Nog Niet": "not_yet",
        "Trok In": "withdrawn", "Onbekend Hier": "not_yet", "Geen Enkel": "no_address",
    }  # fmt: skip
    assert inviting.invite(visit, NOW, HOLD, None) == 0


def test_an_address_that_does_not_exist_leaves_the_phone(session: Session) -> None:
    person = make.customer()
    assert person.address is not None
    person.address.suppress("bounce", NOW)
    assert names(Selection.of(draft(make.visit(), person), NOW).by_phone) == ["Sam de Vries"]


def test_who_was_erased_since_is_nowhere(session: Session) -> None:
    visit = make.visit()
    visit.choose([999_999], [999_999])
    assert len(Selection.of(visit, NOW)) == 0
    assert Selection.of(visit, NOW).left_out == []


def test_reminders_stand_on_the_venues_clock(session: Session) -> None:
    friday_evening = datetime(2026, 11, 27, 22, 30, tzinfo=UTC)
    visit = draft(make.visit(), make.customer())
    inviting.invite(visit, friday_evening, HOLD, visit.organiser)
    (invited,) = Invitation.of_visit(visit.id)
    assert (invited.invited_at, invited.released_at) == (friday_evening, friday_evening + HOLD)
    assert [invited.remind_1_at, invited.remind_2_at, invited.unanswered_at] == [
        datetime(2026, 12, day, 8, 0, tzinfo=UTC) for day in (2, 8, 9)
    ]
    assert (invited.invited_by_id, invited.partstat, invited.calendar_uid.version) == (
        visit.organiser_id,
        "needs-action",
        4,
    )


def test_undo_within_the_hold_brings_the_selection_back(session: Session) -> None:
    visit = draft(make.visit(), make.customer("Sam de Vries"), make.staff_member("Femke van Dijk"))
    chosen = visit.draft
    inviting.invite(visit, NOW, HOLD, None)
    assert (visit.draft, visit.invited_at) == (None, NOW)
    assert inviting.undo_invite(visit, NOW + HOLD - timedelta(seconds=1)) == 2
    assert (visit.draft, visit.invited_at, Invitation.of_visit(visit.id)) == (chosen, None, [])


def test_after_the_hold_nothing_is_taken_back(session: Session) -> None:
    visit = draft(make.visit(), make.customer())
    inviting.invite(visit, NOW, HOLD, None)
    assert inviting.undo_invite(visit, NOW + HOLD) == 0
    assert len(Invitation.of_visit(visit.id)) == 1


def test_undo_takes_back_only_the_later_ones(session: Session) -> None:
    visit = draft(make.visit(), make.customer("Sam de Vries"))
    inviting.invite(visit, NOW, HOLD, None)
    later = NOW + timedelta(days=1)
    inviting.invite(draft(visit, make.customer("Noor de Boer")), later, HOLD, None)
    inviting.undo_invite(visit, later)
    assert [each.person.name.full for each in Invitation.of_visit(visit.id)] == ["Sam de Vries"]
    assert visit.invited_at == NOW


def test_who_answered_by_phone_within_the_hold_stays(session: Session) -> None:
    visit = draft(make.visit(), make.customer("Sam de Vries"), make.customer("Noor de Boer"))
    inviting.invite(visit, NOW, HOLD, None)
    Invitation.of_visit(visit.id)[0].answer("accepted", NOW, channel="phone")
    assert inviting.undo_invite(visit, NOW) == 1
    assert [each.partstat for each in Invitation.of_visit(visit.id)] == ["accepted"]


def test_a_cancelled_or_past_visit_invites_nobody(session: Session) -> None:
    off, over = draft(make.visit(), make.customer()), draft(make.visit(), make.customer())
    off.cancel(NOW, HOLD, {}, host_will_call=False)
    assert inviting.invite(off, NOW, HOLD, None) == 0
    assert inviting.invite(over, over.starts_at, HOLD, None) == 0


def test_later_only_who_was_not_invited_can_be_chosen(session: Session) -> None:
    team = make.team()
    visit = make.visit(teams=[team])
    sam, femke = make.customer("Sam de Vries"), make.staff_member("Femke van Dijk", team)
    noor, tariq = make.customer("Noor de Boer"), make.staff_member("Tariq Müller", team)
    make.customer("Nog Niet", ground="not_yet"), make.staff_member("Oud Collega", team, left_at=NOW)
    make.invitation(visit, sam), make.invitation(visit, femke)
    assert inviting.not_invited(visit) == ([noor], [tariq])


def test_the_hardest_mail_is_shown_first(session: Session) -> None:
    people: list[Person] = [
        make.customer("Zoë van der Meer", locale="en"), make.customer("Noor de Boer"), make.staff_member("Anna Aa"),
        make.customer("Beyoncé-Lou van der Meer-Öztürk", locale="en"), make.customer("Maximiliaan van Oranje-Nassau van Amsberg"),
    ]  # fmt: skip
    assert names(inviting.worst_first(people, "nl")) == [
        "Beyoncé-Lou van der Meer-Öztürk", "Noor de Boer", "Zoë van der Meer",
        "Maximiliaan van Oranje-Nassau van Amsberg", "Anna Aa",
    ]  # fmt: skip
    assert inviting.worst_first([], "nl") == []


@pytest.mark.parametrize("at_once", [2, 8])
def test_pressed_by_many_at_once_everybody_is_invited_once(database: Engine, at_once: int) -> None:
    with db.transaction():
        visit = draft(make.visit(), *(make.customer(f"Klant {n}") for n in range(20)))
        visit_id = visit.id

    def press(_n: int) -> int:
        with db.transaction():
            return inviting.invite(db.session.get_one(Visit, visit_id), NOW, HOLD, None)

    with ThreadPoolExecutor(at_once) as threads:
        assert sorted(threads.map(press, range(at_once))) == [0] * (at_once - 1) + [20]
    with db.transaction():
        assert len(Invitation.of_visit(visit_id)) == 20
