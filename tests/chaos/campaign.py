"""Facts from which mail follows: an organisation, visits, and so many customers asked to them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests import factories as make
from webapp import clock, db, wiring
from webapp.customers.models import Consent, Customer
from webapp.invitations.models import Invitation
from webapp.mailing import sweep
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.visits.models import Visit

PER_VISIT = 500


def found() -> None:
    """An organisation, in which every notice has existed for a while."""
    with db.transaction():
        make.organisation()
    assert wiring.NOTICES  # imported, so that every notice is known here
    with db.transaction():
        sweep.install(clock.now() - timedelta(hours=1))


def visit(places: int = PER_VISIT, **values: Any) -> Visit:
    """Ten days from now, with room for everybody."""
    wall = (clock.now() + timedelta(days=10)).replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None)
    return make.visit(at=wall, storyteller_places=places, created_at=clock.now(), **values)


def invite(n: int, name: str = "Sam de Vries", domain: str = "example.com", visits: Sequence[int] = ()) -> list[str]:
    """`n` customers are asked, now; returns what must be mailed."""
    now = clock.now()
    with db.transaction() as session:
        to = list(visits) or [visit().id for _ in range(-(-n // PER_VISIT))]
        people = [Customer(locale=("nl", "en")[at % 2], added_at=now) for at in range(n)]
        for at, person in enumerate(people):
            person.name = PersonName.parse(name)
            person.address = Address(email=f"p{at}-{uuid4().hex[:8]}@{domain}", locale=person.locale)
            person.consents = [Consent(ground="existing", wording="", channel="import", at=now)]
        session.add_all(people)
        session.flush()
        asked = [
            Invitation(
                visit_id=to[at % len(to)], customer_id=person.id, invited_at=now, released_at=now, calendar_uid=uuid4(),
                remind_1_at=now + timedelta(days=4), remind_2_at=now + timedelta(days=8),
                unanswered_at=now + timedelta(days=9),
            )
            for at, person in enumerate(people)
        ]  # fmt: skip
        session.add_all(asked)
        session.flush()
        return [f"visit_invitation {each.id}" for each in asked]
