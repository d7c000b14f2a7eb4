"""An installation that reads its mailbox, with one customer who is asked to one visit."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Caught, Relay
from tests.inbound.letters import MAILBOX, SAM
from webapp import db, rounds
from webapp.config import Settings
from webapp.invitations.models import Invitation
from webapp.links import Keys
from webapp.mailing.models import Address, Message
from webapp.mailing.sweep import install

MINUTE = timedelta(minutes=1)


@dataclass
class Office:
    """What a test may do here: let mail leave, let mail come in, and look."""

    settings: Settings
    smtp: Relay
    clock: Clock
    invitation_id: int

    def post(self) -> None:
        """What is due leaves."""
        rounds.tick(self.settings, wide=True)
        rounds.deliver(self.settings, 5)

    def comes_in(self, *mails: bytes) -> list[str | None]:
        """What came of each."""
        keys = Keys.of(*self.settings.secret_keys)
        return [rounds.take(mail, keys) for mail in mails]

    @property
    def mail(self) -> Caught:
        """The last mail to Sam that left."""
        return self.smtp.to(SAM)[-1]

    def message(self, notice: str = "visit_invitation") -> Message:
        return (
            db.session.scalars(select(Message).where(Message.notice == notice).order_by(Message.id.desc())).first()
            or _none()
        )

    def ended(self, notice: str = "visit_invitation") -> str | None:
        with db.transaction():
            return self.message(notice).end

    def suppressed(self, email: str = SAM) -> str | None:
        with db.transaction():
            return db.session.scalars(select(Address.suppressed_why).where(Address.email == email)).one()

    def invitation(self) -> Invitation:
        return db.session.get_one(Invitation, self.invitation_id)

    def answers(self) -> list[tuple[str, str]]:
        with db.transaction():
            return [(each.kind, each.channel) for each in self.invitation().answers]

    @property
    def uid(self) -> str:
        with db.transaction():
            return str(self.invitation().calendar_uid)

    def later(self, **by: float) -> datetime:
        return self.clock.forward(**by)


def _none() -> Message:
    raise AssertionError("no such message")


@pytest.fixture
def office(clock: Clock, database: object, settings: Settings, smtp: Relay) -> Office:
    """The invitation left a minute ago."""
    clock.at(NOW)
    with db.transaction():
        install(NOW - timedelta(days=1))
        factories.organisation()
        invitation_id = factories.invitation(factories.visit(), factories.customer(email=SAM), NOW - MINUTE).id
    read = replace(
        settings, imap_server="127.0.0.1", imap_use_ssl=False, mail_default_sender=f"Bezoek <{MAILBOX}>",
        imap_username="bezoek", imap_password="geheim",
    )  # fmt: skip
    made = Office(read, smtp, clock, invitation_id)
    made.post()
    return made
