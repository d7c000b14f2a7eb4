"""On the check page: who is left out and why, asking somebody anyway with a reason, and asking owners first."""

from sqlalchemy import select

from tests import factories as make
from tests.board.conftest import Organiser
from tests.factories import NOW
from webapp import db
from webapp.customers.asks import Ask
from webapp.customers.owners import OwnerQuestion
from webapp.visits.models import Visit


def draft(anna: Organiser) -> tuple[int, int, int, int]:
    """A visit to which somebody was chosen who was asked enough, somebody with an owner, and somebody who said no."""
    with db.transaction():
        make.staff_member("Karin Visser")
        enough, owned, no = (
            make.customer("Gijs Genoeg"), make.customer("Olga Owner", relationship_owner="Karin Visser"),
            make.customer("Nina Nee", ground="withdrawn"),
        )  # fmt: skip
        for days in (100, 50):
            Ask.take(enough, "visit", None, NOW - days * (make.VISIT_AT - make.VISIT_AT.replace(day=2)))
        visit = make.visit(organiser=anna.account)
        visit.choose([enough.id, owned.id, no.id], [])
        return visit.id, enough.id, owned.id, no.id


def test_each_is_left_out_for_a_reason_and_only_some_may_be_asked_anyway(anna: Organiser) -> None:
    visit, enough, _owned, no = draft(anna)
    page = anna.text(f"/visits/{visit}/check")
    for why in (
        "Al 2 keer gevraagd in 12 maanden; de grens is 2.",
        "Karin Visser is de vaste contactpersoon, en wordt eerst gevraagd.",
        "Wil niet meer gevraagd worden.",
    ):
        assert why in page, why
    assert page.count("Toch vragen, met reden") == 2
    told = anna.post(f"/visits/{visit}/check/anyway", customer=str(enough), reason=" ")
    assert "Vul een reden in." in anna.text(told.location.partition("#")[0])
    anna.post(f"/visits/{visit}/check/anyway", customer=str(enough), reason="Belde zelf.")
    anna.post(f"/visits/{visit}/check/anyway", customer=str(no), reason="Is belangrijk.")
    assert "Eén persoon wordt toch gevraagd" in anna.text(f"/visits/{visit}/check")
    anna.post(f"/visits/{visit}/invitations")
    with db.transaction():
        asked = db.session.execute(select(Ask.customer_id, Ask.reason).where(Ask.about == f"visit-{visit}")).all()
        assert [tuple(each) for each in asked] == [(enough, "Belde zelf.")]


def test_owners_are_asked_from_the_page_and_their_customers_wait(anna: Organiser) -> None:
    visit, _enough, owned, _no = draft(anna)
    anna.post(f"/visits/{visit}/check/owners")
    with db.transaction():
        question = db.session.scalars(select(OwnerQuestion)).one()
        assert (question.customer_id, question.asked_by_id) == (owned, anna.account_id)
    assert "Karin Visser, de vaste contactpersoon, is op maandag 23 november 2026 gevraagd" in anna.text(
        f"/visits/{visit}/check"
    )
    with db.transaction():
        db.session.scalars(select(OwnerQuestion)).one().say("yes", NOW, None)
    anna.post(f"/visits/{visit}/invitations")
    with db.transaction():
        assert db.session.scalars(select(Ask.customer_id).where(Ask.about == f"visit-{visit}")).all() == [owned]
        assert db.session.get_one(Visit, visit).draft is None
