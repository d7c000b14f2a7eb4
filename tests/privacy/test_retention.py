"""What is old goes by itself, at night, a batch at a time; how many is in a report that an admin reads."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, select

from tests import factories as make
from tests.board.conftest import Organiser
from tests.doors import heading
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.test_access import signed_in
from webapp import db, links
from webapp.accounts import audit
from webapp.accounts.audit import AuditEntry
from webapp.customers.models import Customer
from webapp.invitations.models import Attendance, Invitation
from webapp.links import Link
from webapp.mailing import erased, said
from webapp.mailing.models import Message, Said
from webapp.mailing.notices import Content
from webapp.privacy import retention
from webapp.privacy.records import Erasure, Retention, RetentionReport
from webapp.stories.models import Story
from webapp.visits.models import Visit

IN_MARCH, A_YEAR_AGO, LAST_MONTH = (
    datetime.fromisoformat(f"{day}T14:00") for day in ("2026-03-03", "2025-11-03", "2026-10-20")
)
KEYS = ("a key for tests only, of forty characters",)
pytestmark = pytest.mark.usefixtures("database")


def months_ago(count: float) -> datetime:
    return NOW - count * retention.MONTH


@pytest.fixture(autouse=True)
def _organisation(database: Engine) -> None:
    with db.transaction():
        make.organisation(set_up_at=months_ago(60))


def night(at: datetime = NOW) -> dict[str, int]:
    """All batches of one night; what the report says."""
    while True:
        with db.transaction():
            report = retention.night(at, KEYS)
            if report is None or report.done_at is not None:
                break
    with db.transaction(read_only=True):
        found = db.session.scalars(select(RetentionReport).order_by(RetentionReport.id.desc())).first()
        return {kind: number for kind, number in (found.counts if found else {}).items() if number}


def long_known(name: str, last: float, **values: str) -> Customer:
    """Somebody added long ago, with whom the last contact was so many months ago."""
    customer = make.customer(name, ground=None, added_at=months_ago(40), **values)
    make.consent(customer, "existing", at=months_ago(last))
    return customer


def people() -> list[str]:
    with db.transaction(read_only=True):
        return [each.name.full for each in db.session.scalars(select(Customer).where(Customer.erased_at.is_(None)))]


def test_a_customer_goes_a_year_after_the_last_contact_and_hears_nothing() -> None:
    with db.transaction():
        long_known("Oud Smit", 12.1, email="oud@example.com")
        long_known("Jong Blom", 11.9)
    assert night() == {"customers": 1}
    assert people() == ["Jong Blom"]
    with db.transaction():
        erasure = db.session.scalars(select(Erasure)).one()
        assert (erasure.by, erasure.tell) == ("clock", False)
        assert erased.among(["oud@example.com"], KEYS) == {"oud@example.com"}


def test_every_kind_of_contact_counts_but_not_what_the_clock_said() -> None:
    with db.transaction():
        long_known("Belde Kok", 20).record("called", months_ago(2), None)
        asked = make.invitation(make.visit(IN_MARCH), long_known("Gast Prins", 20), at=months_ago(20))
        make.answer(asked, at=months_ago(15))
        make.consent(long_known("Klok Vos", 20), "ended", at=months_ago(1))
        make.invitation(make.visit(), long_known("Straks Bos", 20), at=months_ago(20))
    assert night() == {"customers": 1}
    assert people() == ["Belde Kok", "Gast Prins", "Straks Bos"]


def test_who_tells_a_story_that_is_shared_stays_and_an_unshared_one_goes() -> None:
    with db.transaction():
        shared = make.added(
            Story(customer_id=long_known("Verteller Kok", 30).id, begun_at=months_ago(30), shared_at=months_ago(29))
        )
        recent = make.customer("Stille Bos")
        make.added(Story(customer_id=recent.id, begun_at=months_ago(7), told_at=months_ago(6.5), text="geheim"))
        young = make.added(Story(customer_id=recent.id, begun_at=months_ago(7), told_at=months_ago(5)))
        kept = {shared.id, young.id}
    assert night() == {"stories": 1}
    with db.transaction(read_only=True):
        assert set(db.session.scalars(select(Story.id))) == kept
    assert people() == ["Verteller Kok", "Stille Bos"]


def test_after_a_year_it_is_known_how_many_came_and_no_longer_who() -> None:
    with db.transaction():
        old, new = make.visit(A_YEAR_AGO), make.visit(IN_MARCH)
        for visit in (old, new):
            make.attendance(make.invitation(visit, make.customer()))
            make.attendance(make.invitation(visit, make.staff_member()))
            make.attendance(make.invitation(visit, make.staff_member()), present=False)
    counts = night()
    assert counts["attendance"] == 3
    with db.transaction(read_only=True):
        left = select(Invitation.visit_id).join(Attendance).distinct()
        assert db.session.scalars(left).all() == [new.id]
        assert db.session.get_one(Visit, old.id).came == {"customer": 1, "staff": 1, "staff_absent": 1}


def test_links_stop_a_month_after_the_visit_but_not_those_under_every_mail() -> None:
    with db.transaction():
        customer = make.customer()
        past = make.invitation(make.visit(LAST_MONTH), customer)
        coming = make.invitation(make.visit(), customer)
        links.ensure("answer", [past.id, coming.id])
        assert customer.address_id
        links.ensure("stop", [customer.address_id])
        open_before = past.id
    assert night() == {"links": 1}
    with db.transaction(read_only=True):
        closed = db.session.scalars(select(Link).where(Link.expires_at.is_not(None))).one()
        assert (closed.scope, closed.subject_id) == ("answer", open_before)


def test_a_shorter_time_for_mail_counts() -> None:
    with db.transaction():
        message = make.left(make.invitation(make.visit(), make.customer()), "visit_invitation")
        said.store([(message.id, Content({"salutation": "x"}), NOW - timedelta(days=10))], NOW)
        mail = next(each for each in retention.KINDS if each.kind == "mail")
        retention.shorten(mail, 7, make.account(role="admin"), NOW)
    assert night() == {"mail": 1}
    with db.transaction(read_only=True):
        assert db.session.scalars(select(Said.message_id)).all() == []
        assert db.session.scalars(select(Message.end)).all() == ["sent"]


def test_a_setting_only_ever_shortens() -> None:
    with db.transaction():
        anna = make.account(role="admin")
        for kind in retention.KINDS:
            for units in (kind.longest + 1, 0, kind.shortest - 1):
                with pytest.raises(retention.TooLong):
                    retention.shorten(kind, units, anna, NOW)
        make.added(Retention(kind="customers", units=99, set_at=NOW))
        assert retention.kept()["customers"] == 12


def test_the_audit_log_is_cut_after_two_years_and_its_chain_holds() -> None:
    with db.transaction():
        for at in (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 2, 1, tzinfo=UTC), NOW):
            audit.note("changed customer", "customer-1", None, at)
    with db.transaction():
        audit.seal(NOW)
    assert night() == {"audit": 2}
    with db.transaction():
        audit.seal(NOW)
        assert audit.check().broken is None
        assert "retention" in db.session.scalars(select(AuditEntry.what)).all()


def test_it_is_done_once_a_day_and_not_before_two() -> None:
    midnight = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # half past twelve in the Netherlands
    with db.transaction():
        long_known("Oud Smit", 13)
        assert retention.night(midnight, KEYS) is None
    assert night(midnight + timedelta(hours=2)) == {"customers": 1}
    with db.transaction():
        long_known("Later Smit", 13)
        assert retention.night(NOW, KEYS) is None
    assert people() == ["Later Smit"]
    assert night(NOW + timedelta(days=1)) == {"customers": 1}


def test_a_night_is_done_in_batches_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(retention.BATCHES, "customers", 2)
    with db.transaction():
        for number in range(5):
            long_known(f"Oud Smit{number}", 13)
    with db.transaction():
        first = retention.night(NOW, KEYS)
        assert first is not None
        assert (first.counts["customers"], first.done_at) == (2, None)
    assert night() == {"customers": 5}
    assert people() == []


def test_one_kind_that_fails_keeps_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setitem(retention.LETTING_GO, "links", broken)
    with db.transaction():
        long_known("Oud Smit", 13)
    assert night() == {"customers": 1, "failed": ["links"]}
    assert people() == []


# On the page


@pytest.fixture
def anna(app: Flask, clock: Clock) -> Organiser:
    clock.at(NOW)
    return Organiser(signed_in(app, "admin"), 0)


def test_an_admin_sees_who_goes_and_when(anna: Organiser) -> None:
    with db.transaction():
        long_known("Straks Smit", 11.5)
        long_known("Blijft Blom", 3)
    page = anna.get("/admin/privacy")
    assert heading(page) == "Wat wij bewaren, en hoe lang"
    assert "Straks Smit" in page.text
    assert "Blijft Blom" not in page.text


def test_the_report_of_a_night_is_read_on_the_page(anna: Organiser) -> None:
    assert "Er ging nog geen nacht voorbij." in anna.text("/admin/privacy")
    with db.transaction():
        long_known("Oud Smit", 13)
    night()
    assert "Klanten: 1." in anna.text("/admin/privacy")
    night(NOW + timedelta(days=1))
    assert "Niets was oud genoeg." in anna.text("/admin/privacy")


def lengths(**changed: str) -> dict[str, str]:
    return {kind.kind: str(kind.longest) for kind in retention.KINDS} | changed


def test_an_admin_shortens_and_what_is_wrong_stays_typed(anna: Organiser) -> None:
    assert anna.post("/admin/privacy", **lengths(customers="6", mail="14")).status_code == 303
    with db.transaction(read_only=True):
        kept = retention.kept()
        assert (kept["customers"], kept["mail"], kept["audit"]) == (6, 14, 24)
    wrong = anna.post("/admin/privacy", **lengths(customers="5", mail="31"))
    assert wrong.status_code == 422
    assert "Een getal van 1 tot en met 30." in wrong.text
    assert 'value="31"' in wrong.text
    with db.transaction(read_only=True):
        assert retention.kept()["customers"] == 6


def test_the_audit_log_is_read_and_filtered(anna: Organiser) -> None:
    with db.transaction():
        bo = make.account("Bo Smit")
        audit.note("erased", "customer-7", None, NOW, {"by": "person"})
        audit.note("moved visit", "visit-3", bo, NOW - timedelta(days=3), {"to": "2026-12-08 10:00"})
        account = bo.id
    everything = anna.text("/admin/audit")
    assert "wiste iemand" in everything
    assert "verplaatste een bezoek" in everything
    assert "wiste iemand" not in anna.text(f"/admin/audit?who={account}")
    assert "verplaatste een bezoek" not in anna.text("/admin/audit?who=nobody")
    assert "verplaatste een bezoek" not in anna.text("/admin/audit?since=2026-11-22")
    assert "verplaatste een bezoek" in anna.text("/admin/audit?until=2026-11-20")
    assert "Niets genoteerd dat past." in anna.text("/admin/audit?what=signed+out")
    assert 'href="/visits/3"' in anna.get("/admin/audit?about=visit-3").text
