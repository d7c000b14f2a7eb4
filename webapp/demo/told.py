"""What came in through the public page, and a mail in the words of this organisation."""

from datetime import datetime, timedelta

from webapp import db
from webapp.demo.story import Cast
from webapp.mailing.notices import Notice, Wording
from webapp.rewording.texts import Text
from webapp.telling.models import Campaign, Telling

INVITATION = Wording(
    "Wilt u uw verhaal vertellen? {Day}, {time}",
    "{hours}, {place}. Antwoorden kost twee tikken.",
    "Wilt u uw verhaal vertellen?",
    "{occasion}\nBij {team} bellen {colleagues} elke week voor het studiefonds. Zij zien bijna nooit wat dat oplevert.\n\n"
    "U hoeft niets voor te bereiden. Nee zeggen mag: dat verandert niets aan hoe wij u helpen.",
)
TOLD = "Zonder de beurs was ik na het eerste jaar gestopt. Een beller onthield mijn naam, en vroeg een jaar later hoe het ging."
TELLS = "Rachid Tahiri"


def load(cast: Cast, now: datetime) -> None:
    """Two links, one of them closed; a story that was confirmed, one that waits for its mailbox; one reworded mail."""
    by = next(iter(cast.organisers.values()))
    open_day = Campaign(
        slug="open-dag", title="Wat betekende uw beurs?", group="", made_by_id=by.id, made_at=now - timedelta(days=30)
    )
    reunion = Campaign(
        slug="reunie", title="", group="", made_by_id=by.id, made_at=now - timedelta(days=90),
        closed_at=now - timedelta(days=60),
    )  # fmt: skip
    db.session.add_all([open_day, reunion])
    db.session.flush()
    teller = cast.customers[TELLS]
    assert teller.address is not None
    for key, email, days in (("sample-1", teller.address.email, 12), ("sample-2", "iemand@mail.example", 1)):
        at = now - timedelta(days=days)
        Telling.receive(
            email, "nl", at, form=key, campaign_id=open_day.id, name=teller.name.full, text=TOLD,
            uses={"story_inside": "first_name"},
        )  # fmt: skip
    first = db.session.query(Telling).filter_by(form="sample-1").one()
    first.confirm(now - timedelta(days=12) + timedelta(minutes=4), ())
    Text(Notice.all["visit_invitation"], "", "nl").reword(INVITATION, now - timedelta(days=2), by.id)
