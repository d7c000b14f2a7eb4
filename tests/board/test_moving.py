"""Moving a card is recording a fact, or being told why there is none; and everything recorded can be undone."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import factories
from tests.board.conftest import Organiser
from tests.factories import NOW
from webapp import db
from webapp.customers.models import Contact, Customer
from webapp.invitations.models import Answer, Invitation
from webapp.stages.standing import Standings

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def sam(anna: Organiser) -> int:
    with db.transaction():
        return factories.customer("Sam de Vries", added_at=NOW - timedelta(days=3)).id


def stage(customer_id: int) -> str:
    with db.transaction():
        return Standings(NOW + timedelta(hours=1)).of(customer_id)[0]


def move(anna: Organiser, customer_id: int, to: str) -> str:
    """Post what the select, an arrow key and dragging post; what the board says then."""
    answer = anna.post(f"/customers/{customer_id}/moves", to=to, next="/customers")
    assert (answer.status_code, answer.location) == (303, f"/customers#c{customer_id}")
    return anna.text("/customers")


def invite(customer_id: int, **values: object) -> int:
    with db.transaction():
        customer = db.session.get_one(Customer, customer_id)
        return factories.invitation(factories.visit(), customer, NOW - timedelta(days=1), **values).id


def test_said_yes_on_the_phone_is_written_down_with_who_wrote_it(anna: Organiser, sam: int) -> None:
    assert "Sam de Vries staat nu bij “wil komen”." in move(anna, sam, "willing")
    assert stage(sam) == "willing"
    with db.transaction():
        contact = db.session.query(Contact).one()
        assert (contact.what, contact.recorded_by_id, contact.undone_at) == ("willing", anna.account_id, None)


def test_undo_puts_the_card_back(anna: Organiser, sam: int) -> None:
    page = move(anna, sam, "willing")
    assert "Maak ongedaan" in page
    with db.transaction():
        contact = db.session.query(Contact).one().id
    anna.post(f"/customers/contacts/{contact}/undo", next="/customers")
    assert stage(sam) == "found"


def test_taking_back_what_was_recorded_can_be_undone_too(anna: Organiser, sam: int) -> None:
    move(anna, sam, "willing")
    move(anna, sam, "found")
    assert stage(sam) == "found"
    with db.transaction():
        contact = db.session.query(Contact).one().id
    anna.post(f"/customers/contacts/{contact}/undo", again="yes", next="/customers")
    assert stage(sam) == "willing"


def test_rather_not_is_obeyed_everywhere(anna: Organiser, sam: int) -> None:
    move(anna, sam, "declined")
    assert stage(sam) == "declined"
    with db.transaction():
        assert db.session.get_one(Customer, sam).ground == "withdrawn"


def test_a_call_is_remembered_and_moves_nobody(anna: Organiser, sam: int) -> None:
    assert "Gebeld, ma 23 nov" in move(anna, sam, "called")
    assert stage(sam) == "found"


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        ("not_yet", "Mag nog niet gevraagd worden: leg eerst vast waarom wel."),
        ("withdrawn", "Trok toestemming in. Alleen die persoon kan dat terugdraaien."),
    ],
)
def test_who_may_not_be_asked_does_not_become_willing(anna: Organiser, sam: int, ground: str, reason: str) -> None:
    with db.transaction():
        factories.consent(db.session.get_one(Customer, sam), ground)
    before = stage(sam)
    assert reason in move(anna, sam, "willing")
    assert stage(sam) == before


@pytest.mark.parametrize("to", ["asked", "met", "planned"])
def test_what_follows_from_an_invitation_cannot_be_dragged(anna: Organiser, sam: int, to: str) -> None:
    page = move(anna, sam, to)
    assert ("Dit gaat vanzelf" in page) or ("Zonder uitnodiging komt niemand op bezoek" in page)
    assert stage(sam) == "found"


def test_a_reason_is_told_once(anna: Organiser, sam: int) -> None:
    assert "Dit gaat vanzelf, na een uitnodiging." in move(anna, sam, "asked")
    assert "Dit gaat vanzelf" not in anna.text("/customers")


def test_a_yes_on_the_phone_of_who_was_asked_is_the_answer_to_the_invitation(anna: Organiser, sam: int) -> None:
    invite(sam)
    assert "Sam de Vries staat nu bij “ingepland”." in move(anna, sam, "planned")
    with db.transaction():
        answer = db.session.query(Answer).one()
        assert (answer.kind, answer.channel, answer.recorded_by_id) == ("accepted", "phone", anna.account_id)


def test_a_no_on_the_phone_of_who_was_asked_answers_the_invitation_and_bans_nobody(anna: Organiser, sam: int) -> None:
    invite(sam)
    move(anna, sam, "declined")
    with db.transaction():
        assert db.session.query(Invitation).one().partstat == "declined"
        assert db.session.get_one(Customer, sam).ground == "existing"
    assert stage(sam) == "declined"


def test_who_would_like_another_time_stops_being_reminded(anna: Organiser, sam: int) -> None:
    invite(sam)
    move(anna, sam, "willing")
    with db.transaction():
        assert db.session.query(Answer).one().kind == "other"
    assert stage(sam) == "willing"


def test_who_stands_on_two_visits_is_answered_for_on_the_visit(anna: Organiser, sam: int) -> None:
    invite(sam)
    invite(sam)
    assert "Staat op meer bezoeken: leg het daar vast." in move(anna, sam, "planned")


def test_an_answer_of_their_own_is_not_taken_back(anna: Organiser, sam: int) -> None:
    with db.transaction():
        invitation = factories.invitation(factories.visit(), db.session.get_one(Customer, sam), NOW - timedelta(days=1))
        factories.proposal(invitation)
    assert "Antwoordde dat zelf" in move(anna, sam, "found")
    assert stage(sam) == "willing"


def test_a_viewer_reads_the_board_and_moves_nobody(sign_in: Callable[..., Organiser]) -> None:
    viewer = sign_in(role="viewer")
    with db.transaction():
        sam = factories.customer().id
    page = viewer.get("/customers").text
    assert "data-move" not in page
    assert viewer.post(f"/customers/{sam}/moves", to="willing").status_code == 404
