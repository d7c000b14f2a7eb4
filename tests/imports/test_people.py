"""A list becomes people: counted before, applied once, undone within the day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests import factories
from tests.factories import NOW
from tests.imports.lists import crm, customers, staff
from webapp import db
from webapp.accounts.models import Account, AuditEntry
from webapp.customers.models import Consent, Contact, Customer
from webapp.imports.applying import apply, ask_to_apply
from webapp.imports.columns import Kind
from webapp.imports.models import Import, ImportRow
from webapp.imports.reading import choose_columns, decide, mend, upload
from webapp.imports.undoing import ask_to_undo, stayed, undo
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember, Team

WORDING = "Deze mensen hebben eerder contact met ons gehad."
pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def me(session: Session) -> Account:
    factories.organisation()
    return factories.account()


def brought(me: Account, content: bytes, kind: Kind = "customers", now: datetime = NOW) -> Import:
    found = upload(kind, me, "lijst.csv", content, "nl", now)
    db.session.refresh(found)
    return found


def applied(of: Import, now: datetime = NOW, ground: Any = "existing") -> Import:
    ask_to_apply(of, ground if of.kind == "customers" else None, WORDING, "nl", now)
    apply(of, now)
    db.session.expire_all()
    return of


def taken_back(of: Import, by: Account, now: datetime) -> None:
    ask_to_undo(of, by, now)
    undo(of, now)


def counts(of: Import) -> dict[str, int]:
    return {state: count for state, count in of.counts().items() if count}


def line(of: Import, number: int) -> ImportRow:
    return db.session.scalars(of.rows().where(ImportRow.line == number)).one()


def people() -> list[str]:
    return sorted(person.name.full for person in db.session.scalars(select(Customer)))


def small(*rows: str) -> bytes:
    return "\n".join(["naam;e-mail;telefoon;taal;groep", *rows]).encode()


# Reading


def test_the_list_of_120_is_114_new_four_in_error_and_two_asked(me: Account) -> None:
    assert counts(brought(me, customers())) == {"new": 114, "error": 4, "asked": 2}


def test_nothing_is_stored_before_somebody_says_so(me: Account) -> None:
    before = db.session.scalar(select(func.count()).select_from(Address))
    brought(me, customers())
    assert people() == []
    assert db.session.scalar(select(func.count()).select_from(Address)) == before


def test_a_list_of_a_crm_needs_no_choice(me: Account) -> None:
    of = brought(me, crm())
    assert (of.missing, counts(of)) == ([], {"new": 60})


def test_a_list_whose_columns_are_unclear_waits_for_a_choice(me: Account) -> None:
    of = brought(me, b"wie;hoe bereikbaar;wat\nSam de Vries;sam apenstaart uni.example;x")
    assert (of.missing, of.read_at, of.waits) == (["name", "email"], None, False)
    choose_columns(of, {0: "name", 1: "email"}, NOW)
    db.session.refresh(of)
    assert (of.read_at, counts(of), of.ignored) == (NOW, {"error": 1}, ["wat"])


# Mending


def test_a_mended_address_turns_its_row_good_and_the_count_with_it(me: Account) -> None:
    of = brought(me, customers())
    assert mend(of, line(of, 24), {"email": "twee@student.example"})
    assert counts(of) == {"new": 115, "error": 3, "asked": 2}
    assert line(of, 24).values["email"] == "twee@student.example"


def test_what_was_probably_meant_is_guessed(me: Account) -> None:
    of = brought(me, customers())
    assert [line(of, number).guess(of) for number in (8, 24, 42)] == [None, "twee@student.example", None]


def test_mending_into_an_address_of_the_list_asks_and_mending_away_takes_the_question_back(me: Account) -> None:
    of = brought(me, customers())
    mend(of, line(of, 8), {"email": "persoon.2@student.example"})
    assert (line(of, 8).state, line(of, 8).said[0].values) == ("asked", {"other": 2})
    mend(of, line(of, 2), {"email": "anders@student.example"})
    assert (line(of, 8).state, line(of, 2).state) == ("new", "new")


def test_keeping_a_row_without_address_means_phoning(me: Account) -> None:
    of = brought(me, customers())
    decide(of, line(of, 42), "phone")
    assert line(of, 42).state == "new"
    applied(of)
    kept = db.session.scalars(select(Customer).where(Customer.address_id.is_(None))).one()
    assert kept.phone == line(of, 42).values["phone"] != ""
    decide(of, line(of, 42), None)


def test_a_row_of_another_name_is_kept_beside_or_merged_with_the_earlier_one(me: Account) -> None:
    of = brought(me, customers())
    decide(of, line(of, 61), "keep")
    decide(of, line(of, 62), "merge")
    assert counts(of) == {"new": 115, "error": 4, "same": 1}
    applied(of)
    assert len(people()) == 115
    assert line(of, 62).customer_id == line(of, 14).customer_id
    assert line(of, 61).customer_id != line(of, 13).customer_id
    both = [db.session.get_one(Customer, line(of, number).customer_id or 0) for number in (13, 61)]
    assert both[0].address_id == both[1].address_id


def test_merging_fills_what_was_empty_and_changes_no_name(me: Account) -> None:
    of = brought(me, small("Sam de Vries;sam@uni.example;;nl;", "Jo Bos;sam@uni.example;0612345678;en;student"))
    decide(of, line(of, 3), "merge")
    applied(of)
    person = db.session.scalars(select(Customer)).one()
    assert (person.name.full, person.phone, person.group, person.locale) == (
        "Sam de Vries",
        "0612345678",
        "student",
        "nl",
    )


def test_a_decision_can_be_taken_back(me: Account) -> None:
    of = brought(me, customers())
    decide(of, line(of, 61), "merge")
    decide(of, line(of, 61), None)
    assert line(of, 61).state == "asked"


def test_what_was_mended_survives_another_choice_of_columns(me: Account) -> None:
    of = brought(me, customers())
    mend(of, line(of, 24), {"email": "twee@student.example"})
    choose_columns(of, {1: "given", 2: "particle", 3: "family", 5: "email"}, NOW)
    db.session.expire_all()
    assert (line(of, 24).state, line(of, 24).values["phone"]) == ("new", "")


def test_a_row_with_a_cell_too_many_is_pointed_out(me: Account) -> None:
    of = brought(me, small("Sam;sam@uni.example;;nl;groep;te veel"))
    assert [problem.key for problem in line(of, 2).said] == ["row.cells"]
    mend(of, line(of, 2), {"group": "studenten"})
    assert line(of, 2).state == "new"


# Applying


def test_applying_makes_people_with_all_the_list_says(me: Account) -> None:
    of = applied(brought(me, customers()))
    person = db.session.get_one(Customer, line(of, 34).customer_id or 0)
    assert person.address is not None
    assert person.note == '=HYPERLINK("http://evil.example";"klik")'
    assert (person.address.email, person.relationship_owner, person.source) == (
        "persoon.34@student.example", "m.smit@uni.example", "list",
    )  # fmt: skip
    english = db.session.get_one(Customer, line(of, 3).customer_id or 0)
    assert (english.locale, english.address and english.address.locale, english.group) == ("en", "en", "leverancier")
    assert len(people()) == 114


def test_the_ground_is_kept_per_person_with_its_words(me: Account) -> None:
    of = applied(brought(me, small("Sam;sam@uni.example;;;")), ground="agreed")
    said = db.session.scalars(select(Consent)).one()
    assert (said.ground, said.wording, said.locale, said.channel, said.recorded_by_id, said.at) == (
        "agreed", WORDING, "nl", "import", me.id, NOW,
    )  # fmt: skip
    assert said.customer_id == line(of, 2).customer_id


def test_only_not_yet_blocks_asking(me: Account) -> None:
    for number, ground in enumerate(("agreed", "existing", "not_yet")):
        applied(brought(me, small(f"Sam {ground};sam{number}@uni.example;;;")), ground=ground)
    may = db.session.scalars(select(Customer).where(Customer.may_be_asked()).order_by(Customer.id)).all()
    assert [person.family for person in may] == ["agreed", "existing"]


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        ("not_yet", "existing", ["not_yet", "existing"]),
        ("existing", "agreed", ["existing", "agreed"]),
        ("agreed", "existing", ["agreed"]),
        ("existing", "not_yet", ["existing"]),
        ("withdrawn", "agreed", ["withdrawn"]),
        (None, "not_yet", ["not_yet"]),
    ],
)
def test_a_list_never_weakens_a_ground_and_never_ends_a_refusal(
    me: Account, before: Any, said: str, after: list[str]
) -> None:
    sam = factories.customer("Sam", email="sam@uni.example", ground=before, phone="")
    applied(brought(me, small("Sam;sam@uni.example;;;")), ground=said)
    assert [consent.ground for consent in sam.consents] == after


def test_applying_twice_makes_nobody_twice(me: Account) -> None:
    of = applied(brought(me, customers()))
    applied(of)
    assert len(people()) == 114
    assert db.session.scalars(select(AuditEntry.what)).all() == ["imported customers"]


def test_the_same_file_again_changes_nothing(me: Account) -> None:
    applied(brought(me, customers()))
    again = brought(me, customers())
    assert counts(again) == {"same": 114, "error": 4, "asked": 2}
    applied(again)
    assert (len(people()), counts(again)) == (114, {"same": 114, "error": 4, "asked": 2})
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 114


def test_the_same_file_of_a_crm_or_of_staff_again_is_all_the_same(me: Account) -> None:
    applied(brought(me, crm()))
    assert counts(brought(me, crm())) == {"same": 60}
    applied(brought(me, staff(), "staff"))
    assert counts(brought(me, staff(), "staff")) == {"same": 12}


def test_people_kept_side_by_side_are_known_apart_the_next_time(me: Account) -> None:
    of = brought(me, customers())
    decide(of, line(of, 61), "keep")
    applied(of)
    assert counts(brought(me, customers())) == {"same": 115, "error": 4, "asked": 1}


def test_what_is_different_is_shown_old_and_new_and_then_stored(me: Account) -> None:
    sam = factories.customer("Sam de Vries", email="sam@uni.example", phone="06 1234567", note="houdt van thee")
    of = brought(me, small("Sam de Vries;SAM@uni.example;06 7654321;en;studenten"))
    assert (counts(of), line(of, 2).changes) == (
        {"changed": 1},
        {"group": ["", "studenten"], "language": ["nl", "en"], "phone": ["06 1234567", "06 7654321"]},
    )
    applied(of)
    assert (sam.phone, sam.group, sam.locale, sam.note) == ("06 7654321", "studenten", "en", "houdt van thee")
    assert sam.address is not None
    assert sam.address.locale == "en"


def test_an_address_of_somebody_else_is_asked_about(me: Account) -> None:
    sam = factories.customer("Sam de Vries", email="sam@uni.example")
    of = brought(me, small("Jo Bos;sam@uni.example;;;"))
    assert (counts(of), line(of, 2).said[0].values) == ({"asked": 1}, {"name": "Sam de Vries"})
    decide(of, line(of, 2), "merge")
    assert line(of, 2).changes == {"family": ["Vries", "Bos"], "given": ["Sam", "Jo"], "particle": ["de", ""]}
    applied(of)
    assert (people(), sam.name.full) == (["Jo Bos"], "Jo Bos")


def test_somebody_known_by_phone_gets_the_address_of_the_list(me: Account) -> None:
    sam = factories.customer("Sam de Vries", email="", phone="+31 6 12345678")
    of = brought(me, small("Sam de Vries;sam@uni.example;0612345678;;"))
    assert counts(of) == {"changed": 1}
    applied(of)
    assert sam.address is not None
    assert sam.address.email == "sam@uni.example"


def test_who_was_added_meanwhile_is_not_added_again(me: Account) -> None:
    of = brought(me, small("Sam;sam@uni.example;;;", "Jo;jo@uni.example;;;"))
    factories.customer("Sam", email="sam@uni.example", phone="")
    applied(of)
    assert (people(), counts(of)) == (["Jo", "Sam"], {"new": 1, "same": 1})


def test_who_was_erased_meanwhile_comes_anew_with_the_address_of_the_list(me: Account) -> None:
    sam = factories.customer("Sam", email="sam@uni.example", phone="", ground=None)
    of = brought(me, small("Sam;sam@uni.example;;;"))
    db.session.delete(sam)
    db.session.flush()
    db.session.execute(delete(Address).where(Address.id == sam.address_id))
    applied(of)
    person = db.session.scalars(select(Customer)).one()
    assert (counts(of), person.address and person.address.email) == ({"new": 1}, "sam@uni.example")


def test_the_same_person_twice_in_a_list_is_one_person(me: Account) -> None:
    of = brought(me, small("Zoë Müller;zoe@uni.example;;;", "zoe muller;ZOE@uni.example;;;"))
    assert counts(of) == {"new": 1, "same": 1}
    applied(of)
    assert (people(), line(of, 3).customer_id) == (["Zoë Müller"], line(of, 2).customer_id)


def test_staff_come_with_their_teams_layers_and_languages(me: Account) -> None:
    applied(brought(me, staff(), "staff"))
    found = db.session.execute(
        select(Team.name, Team.layer, func.count()).join(StaffMember).group_by(Team.id).order_by(Team.name)
    )
    assert [tuple(row) for row in found] == [
        ("Bellers avond A", "front_line", 4), ("Beurzenbureau", "back_office", 4), ("ICT", "support", 4),
    ]  # fmt: skip


def test_a_colleague_who_had_left_and_is_on_the_list_has_come_back(me: Account) -> None:
    team = factories.team("ICT", "support")
    sam = factories.staff_member("Sam", team, email="sam@uni.example", left_at=NOW - timedelta(days=9))
    of = brought(me, b"name,email,team,layer\nSam,sam@uni.example,ICT,support", "staff")
    assert counts(of) == {"changed": 1}
    applied(of)
    assert sam.left_at is None
    taken_back(of, me, NOW)
    assert sam.left_at == NOW - timedelta(days=9)


def test_a_colleague_changes_team(me: Account) -> None:
    sam = factories.staff_member("Sam", factories.team("ICT", "support"), email="sam@uni.example")
    of = applied(brought(me, b"name,email,team,layer\nSam,sam@uni.example,Leiding,leiding", "staff"))
    assert sam.team is not None
    assert (sam.team.name, sam.team.layer, line(of, 2).changes["team"]) == ("Leiding", "management", ["ICT", "Leiding"])
    taken_back(of, me, NOW)
    assert (sam.team.name, db.session.scalars(select(Team.name)).all()) == ("ICT", ["ICT"])


# Undoing


def test_undone_within_the_day_everything_is_as_it_was(me: Account) -> None:
    sam = factories.customer("Sam de Vries", email="sam@uni.example", phone="1234567", ground="not_yet")
    addresses = db.session.scalars(select(Address.email)).all()
    of = applied(brought(me, small("Sam de Vries;sam@uni.example;7654321;;", "Jo;jo@uni.example;;;")))
    assert (people(), sam.phone, sam.ground) == (["Jo", "Sam de Vries"], "7654321", "existing")
    taken_back(of, me, NOW + timedelta(hours=23))
    assert (people(), sam.phone, sam.ground) == (["Sam de Vries"], "1234567", "not_yet")
    assert db.session.scalars(select(Address.email)).all() == addresses
    assert of.undone_at == NOW + timedelta(hours=23)


def test_after_a_day_it_stays_as_it_is(me: Account) -> None:
    of = applied(brought(me, small("Jo;jo@uni.example;;;")))
    taken_back(of, me, NOW + timedelta(hours=24))
    assert (people(), of.undone_at) == (["Jo"], None)


def test_who_has_been_invited_since_stays_and_is_named(me: Account) -> None:
    of = applied(brought(me, small("Jo;jo@uni.example;;;", "Sam;sam@uni.example;;;")))
    jo = db.session.get_one(Customer, line(of, 2).customer_id or 0)
    factories.invitation(factories.visit(), jo)
    taken_back(of, me, NOW)
    assert (people(), db.session.scalars(stayed(of)).all()) == (["Jo"], [jo])


def test_who_was_phoned_or_said_something_since_stays(me: Account) -> None:
    of = applied(brought(me, small("Jo;jo@uni.example;;;", "Sam;sam@uni.example;;;", "Ed;ed@uni.example;;;")))
    jo, sam = (db.session.get_one(Customer, line(of, number).customer_id or 0) for number in (2, 3))
    factories.added(Contact(customer_id=jo.id, what="willing", at=NOW))
    factories.consent(sam, "withdrawn", NOW + timedelta(hours=1))
    taken_back(of, me, NOW + timedelta(hours=2))
    assert (people(), sam.ground) == (["Jo", "Sam"], "withdrawn")


def test_what_somebody_changed_again_since_is_not_put_back(me: Account) -> None:
    sam = factories.customer("Sam", email="sam@uni.example", phone="1234567")
    of = applied(brought(me, small("Sam;sam@uni.example;7654321;en;")))
    sam.phone = "1111111"
    taken_back(of, me, NOW)
    assert (sam.phone, sam.locale) == ("1111111", "nl")


def test_undoing_twice_is_undoing_once(me: Account) -> None:
    of = applied(brought(me, small("Jo;jo@uni.example;;;")))
    taken_back(of, me, NOW)
    factories.customer("Jo", email="jo@uni.example")
    taken_back(of, me, NOW)
    assert people() == ["Jo"]


# Forgetting


def test_the_list_is_forgotten_and_its_people_stay(me: Account) -> None:
    of, waiting = applied(brought(me, customers())), brought(me, crm())
    Import.forget(NOW + timedelta(hours=23))
    assert of.forgotten_at is None
    Import.forget(NOW + timedelta(hours=25))
    db.session.expire_all()
    assert (of.content, line(of, 34).cells, line(of, 34).values) == (None, [], {})
    assert len(db.session.scalars(of.customer_ids()).all()) == 114
    assert waiting.content is not None
    Import.forget(NOW + timedelta(days=8))
    db.session.expire_all()
    assert waiting.content is None
