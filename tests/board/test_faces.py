"""What a card shows is kept, and never kept too long: whatever changes in what it is read from shows at the next look."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import factories
from tests.board.conftest import Organiser
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.accounts.models import Organisation
from webapp.board import faces
from webapp.customers.models import Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.privacy.erasing import erase

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def suppress(sam: Customer, invitation: Invitation) -> None:
    assert sam.address
    sam.address.suppress("bounce", NOW)


def unwant(sam: Customer, invitation: Invitation) -> None:
    assert sam.address
    sam.address.unwant("invitations", NOW)


def hear_from(sam: Customer, invitation: Invitation) -> None:
    factories.proposal(invitation)


def bring_a_colleague(sam: Customer, invitation: Invitation) -> None:
    factories.answer(factories.invitation(invitation.visit, factories.staff_member("Bo Smit"), NOW))


def note_a_colleague_there(sam: Customer, invitation: Invitation) -> None:
    coming = factories.invitation(invitation.visit, factories.staff_member("Bo Smit"), NOW)
    db.session.add(Attendance(invitation=coming, present=True, at=NOW))


CHANGES: list[Callable[[Customer, Invitation], object]] = [
    lambda sam, invitation: setattr(sam, "group", "student"),
    lambda sam, invitation: setattr(sam, "family", "Bakker"),
    lambda sam, invitation: setattr(sam, "phone", ""),
    lambda sam, invitation: sam.mend_address("other@example.com"),
    suppress,
    unwant,
    lambda sam, invitation: sam.record("called", NOW, None),
    lambda sam, invitation: sam.record("willing", NOW, None),
    lambda sam, invitation: factories.consent(sam, "withdrawn", NOW),
    lambda sam, invitation: setattr(invitation, "hint", "accepted"),
    lambda sam, invitation: setattr(invitation, "by_phone", True),
    lambda sam, invitation: setattr(invitation, "withdrawn_at", NOW),
    lambda sam, invitation: factories.answer(invitation),
    hear_from,
    lambda sam, invitation: factories.cancel(invitation.visit),
    lambda sam, invitation: setattr(invitation.visit, "wall", invitation.visit.wall + DAY),
    bring_a_colleague,
    note_a_colleague_there,
    lambda sam, invitation: setattr(Organisation.required(), "rest_days", 10),
]


@pytest.mark.parametrize("planned", [True, False])
def test_a_change_of_any_row_shows_at_once(anna: Organiser, planned: bool) -> None:
    with db.transaction():
        sam = factories.customer("Sam de Vries")
        invitation = factories.invitation(factories.visit(), sam, NOW - DAY)
        if planned:
            factories.answer(invitation)
        ids = sam.id, invitation.id
    for change in CHANGES:
        seen(anna)
        with db.transaction():
            change(db.session.get_one(Customer, ids[0]), db.session.get_one(Invitation, ids[1]))
        kept = seen(anna)
        faces.forget()
        assert kept == seen(anna)


def test_the_clock_alone_changes_a_card(anna: Organiser, clock: Clock) -> None:
    with db.transaction():
        sam = factories.customer("Sam de Vries")
        factories.invitation(factories.visit(), sam, NOW, released_at=NOW + timedelta(hours=2))
    for _ in range(14):
        kept = seen(anna)
        faces.forget()
        assert kept == seen(anna)
        clock.forward(days=1)


def test_a_name_is_kept_an_hour_at_most_whoever_looks(anna: Organiser, clock: Clock) -> None:
    with db.transaction():
        sam = factories.customer("Sam de Vries").id
    faces.forget()
    seen(anna)
    with db.transaction():
        erase(db.session.get_one(Customer, sam), "organiser", None, NOW, ["k" * 32])
    clock.forward(minutes=59)
    anna.get("/account")
    assert "Vries" in repr(faces._kept)
    clock.forward(minutes=1)
    anna.get("/account")
    assert "Vries" not in repr(faces._kept)


def test_each_reader_has_a_form_of_their_own(anna: Organiser, sign_in: Callable[..., Organiser]) -> None:
    with db.transaction():
        factories.customer("Sam de Vries")
    assert "Leg vast" in anna.get("/customers").text
    assert "Leg vast" not in sign_in(role="viewer", name="Kim Kijker").get("/customers").text
    english = sign_in(locale="en", name="Eve Smith")
    assert "Leg vast" not in english.get("/customers").text
    assert 'name="next" value="/customers?view=list"' in english.get("/customers?view=list").text
    assert "\0" not in english.get("/customers").text


def seen(anna: Organiser) -> tuple[str, str]:
    """The cards on the board, and the lines of the list."""
    return anna.text("/customers"), anna.text("/customers?view=list")


def test_while_somebody_moves_no_statement_is_written_anew(anna: Organiser, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction():
        factories.customer("Sam de Vries")
    before = seen(anna)
    with db.transaction():
        factories.customer("Mo Aydin")
    monkeypatch.setattr(db.Written, "__init__", None)
    assert [(" Aydin " in kept, " Aydin " in now) for kept, now in zip(before, seen(anna), strict=True)] == [
        (False, True), (False, True),
    ]  # fmt: skip
