"""Somebody is erased: nothing about them is left, what was counted still counts, and who shares their mailbox stays."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, Table, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from tests import factories as make
from tests.factories import NOW
from webapp import db, links, wiring
from webapp.accounts.audit import AuditEntry
from webapp.customers.models import Customer
from webapp.db import Base
from webapp.invitations.models import Attendance, Invitation
from webapp.invitations.replies import Reply
from webapp.links import Link
from webapp.mailing import erased, said, sweep
from webapp.mailing.models import Address, Message
from webapp.mailing.notices import Content
from webapp.privacy.erasing import StillHere, erase, wipe_mailboxes
from webapp.privacy.records import Erasure
from webapp.privacy.registry import NOBODY
from webapp.staff.models import StaffMember
from webapp.stages.standing import Standings, settle
from webapp.surveys.models import Register

assert wiring.NOTICES
KEYS = ("a key for tests only, of forty characters",)
LATER = NOW + timedelta(days=30)
WORDS = ("kanarie", "0687654321", "geheim")
"""In everything that is about the one who goes."""


@pytest.fixture(autouse=True)
def open_transaction(session: object) -> None:
    make.organisation()


def everywhere(*words: str) -> list[str]:
    """Every column of every table in which one of the words still stands."""
    db.session.flush()
    return [
        f"{table.name}.{column.name}: {word}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, (Text, JSONB, LargeBinary))
        for word in words
        if _holds(table, column, word)
    ]


def _holds(table: Table, column: Column[Any], word: str) -> bool:
    text = func.encode(column, "escape") if isinstance(column.type, LargeBinary) else cast(column, Text)
    return bool(db.session.scalar(select(func.count()).select_from(table).where(func.lower(text).contains(word))))


def sam() -> Customer:
    """Somebody who was asked, came, wrote and was written to."""
    customer = make.customer(
        "mevrouw Kanarie de Vries",
        email="kanarie@example.com",
        phone="06 87654321".replace(" ", ""),
        note="geheim",
    )
    customer.consent("agreed", "Ja, geheim.", "nl", "page", NOW, None)
    customer.record("called", NOW, None, "geheim")
    visit = make.visit()
    invitation = make.invitation(visit, customer)
    make.proposal(invitation, [["tue", "morning"]]).times = {"dayparts": [], "note": "geheim"}
    make.answer(invitation)
    make.attendance(invitation)
    make.register(invitation, NOW)
    make.added(Reply(invitation_id=invitation.id, sender="kanarie@example.com", text="geheim", at=NOW))
    left = make.left(invitation, "visit_invitation")
    left.reply, left.thread = "250 ok kanarie@example.com", visit.thread
    others = make.left(make.invitation(visit, make.staff_member()), "visit_invitation_staff")
    others.thread = visit.thread
    for message in (left, others):
        content = Content(
            {"salutation": "Beste mevrouw De Vries", "teller": "Kanarie de Vries"}, to_name="Kanarie de Vries"
        )
        said.store([(message.id, content, NOW)], NOW)
    links.ensure("answer", [invitation.id])
    assert customer.address_id
    links.ensure("data", [customer.address_id])
    return customer


def gone(customer: Customer, by: str = "person") -> Erasure:
    return erase(customer, by, None, NOW, KEYS)  # type: ignore[arg-type]  # one of the words


def receipt_left(erasure: Erasure) -> None:
    make.added(
        Message(
            public_id="r" * 32, notice="erased_receipt", subject_id=erasure.id, locale="nl", due_at=NOW, planned_at=NOW,
            address_id=erasure.address_id, end="sent", reply="250 kanarie",
        )
    )  # fmt: skip


def test_nothing_about_them_is_left_anywhere() -> None:
    erasure = gone(sam())
    assert everywhere(*WORDS) == ["address.email: kanarie", "erasure.salutation: kanarie"][:1]
    receipt_left(erasure)
    assert wipe_mailboxes(NOW) == 1
    assert everywhere(*WORDS, "vries") == []


def test_until_the_last_mail_has_left_the_mailbox_is_kept_and_a_week_at_most() -> None:
    erasure = gone(sam())
    assert wipe_mailboxes(NOW) == 0
    assert wipe_mailboxes(NOW + timedelta(days=8)) == 1
    assert db.session.get_one(Erasure, erasure.id).wiped_at is not None
    assert everywhere("kanarie") == []


def test_who_came_is_still_counted() -> None:
    customer = sam()
    gone(customer)
    invitation = db.session.scalars(select(Invitation).where(Invitation.customer_id == customer.id)).one()
    assert (invitation.person.name.full, invitation.partstat) == (NOBODY, "accepted")
    assert db.session.scalars(select(Attendance.present)).all() == [True]
    assert db.session.scalars(select(Register.answered)).all() == [False]


def test_they_are_on_no_board_and_in_no_list_any_more() -> None:
    customer, other = sam(), make.customer("Sam Smit")
    settle(NOW)
    gone(customer)
    assert db.session.scalars(Standings(NOW).select(Customer.id)).all() == [other.id]
    settle(NOW)
    assert db.session.scalars(Standings(NOW).select(Customer.id)).all() == [other.id]


def test_what_was_planned_for_them_ends_with_the_reason() -> None:
    customer = make.customer(email="kanarie@example.com")
    make.invitation(make.visit(), customer)
    sweep.install(NOW - timedelta(days=1))
    sweep.sweep(NOW, NOW, wide=True)
    gone(customer)
    message = db.session.scalars(select(Message).where(Message.notice == "visit_invitation")).one()
    assert (message.end, message.why, message.dispatch) == ("cancelled", "erased", None)
    sweep.sweep(NOW + timedelta(days=8), NOW, wide=True)
    theirs = db.session.scalars(select(Message).where(Message.address_id == customer.address_id))
    assert {each.notice for each in theirs if each.end is None} <= {"erased_receipt"}


def test_a_seat_they_had_comes_free_and_no_draft_names_them() -> None:
    customer, other = make.customer(), make.customer()
    invitation = make.invitation(visit := make.visit(), customer)
    make.answer(invitation)
    visit.draft = {"customers": [customer.id, other.id], "staff": []}
    db.session.flush()
    gone(customer)
    assert db.session.get_one(Invitation, invitation.id).withdrawn_at == NOW
    assert visit.draft == {"customers": [other.id], "staff": []}


def test_the_other_one_of_a_couple_stays() -> None:
    customer = sam()
    other = make.customer("de heer Bo Smit", email="kanarie@example.com", note="blijft")
    theirs = make.left(make.invitation(make.visit(), other), "visit_invitation")
    said.store([(theirs.id, Content({"salutation": "Beste meneer Smit"}), NOW)], NOW)
    erasure = gone(customer)
    receipt_left(erasure)
    wipe_mailboxes(NOW)

    assert everywhere("geheim", "0687654321", "de vries") == []
    assert other.address is not None
    assert (other.name.full, other.note, other.address.email, other.address.suppressed_at) == (
        "Bo Smit", "blijft", "kanarie@example.com", None,
    )  # fmt: skip
    assert said.content(theirs.id) is not None
    assert erased.among(["kanarie@example.com"], KEYS) == set()
    assert db.session.scalars(select(Link.scope)).all() == ["data"]


def test_a_colleague_is_erased_when_they_have_left() -> None:
    eline = make.staff_member("Eline Kanarie", make.team(), email="kanarie@uni.example", phone="0687654321")
    make.answer(make.invitation(make.visit(), eline))
    with pytest.raises(StillHere):
        erase(eline, "organiser", None, NOW, KEYS)
    eline.left_at = NOW
    erase(eline, "organiser", None, NOW, KEYS)
    wipe_mailboxes(NOW)
    assert everywhere(*WORDS) == []
    kept = db.session.scalars(select(StaffMember).where(StaffMember.id == eline.id)).one()
    assert (kept.name.full, kept.erased_at, kept.team_id is not None) == (NOBODY, NOW, True)


def test_an_account_is_erased_when_it_has_no_access_and_its_deeds_stay() -> None:
    anna = make.account("Anna Kanarie", email="kanarie@uni.example", phone="0687654321")
    anna.sign_in(NOW, "tests")
    with pytest.raises(StillHere):
        erase(anna, "organiser", None, NOW, KEYS)
    anna.disabled_at = NOW
    erase(anna, "organiser", None, NOW, KEYS)
    wipe_mailboxes(NOW)
    assert everywhere(*WORDS) == []
    assert [each.about for each in db.session.scalars(select(AuditEntry))] == [f"account-{anna.id}"]


def test_twice_is_once() -> None:
    customer = sam()
    gone(customer)
    gone(customer)
    assert everywhere("geheim") == []


def test_the_address_is_known_again_whoever_writes_it_and_whatever_the_key_is_by_then() -> None:
    erasure = gone(sam())
    receipt_left(erasure)
    wipe_mailboxes(NOW)
    back = Address.of(" Kanarie@Example.com", "nl")
    assert back.suppressed_at is None
    new = ("another key for tests, of forty characters", *KEYS)
    assert erased.among([back.email, "sam@example.com"], KEYS) == {"kanarie@example.com"}
    assert erased.among([back.email], new) == {"kanarie@example.com"}
    erased.rewrap(new)
    assert erased.among([back.email], new[:1]) == {"kanarie@example.com"}
    assert erased.among([back.email], KEYS) == set()
    erased.lift(back.email, new[:1], NOW)
    assert erased.among([back.email], new[:1]) == set()
