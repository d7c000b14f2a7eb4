"""The real mail of one person before it leaves: for the check page, for a move or a cancellation, and as a test to oneself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from webapp import db
from webapp.accounts.letters import Letter, letter
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.inviting import Person
from webapp.invitations.models import Invitation
from webapp.invitations.notices.customers import VisitInvitation
from webapp.invitations.notices.readers import AboutInvitation
from webapp.invitations.notices.staff import VisitInvitationStaff
from webapp.mailing.notices import Content
from webapp.visits.models import Visit


def invitation_for(person: Person, visit: Visit, now: datetime, pages: str, settings: Settings) -> Letter:
    """The invitation of somebody who has an address and is not invited yet. `pages`: where their answer page is shown."""
    assert person.address is not None  # who has none is phoned
    notice = VisitInvitation if isinstance(person, Customer) else VisitInvitationStaff
    invitation = Invitation(
        visit=visit,
        customer=person if isinstance(person, Customer) else None,
        staff=None if isinstance(person, Customer) else person,
        partstat="needs-action",
        invited_at=now,
        released_at=now,
        calendar_uid=UUID(int=0),
    )
    language = invitation.language
    return _letter(person, visit, notice, language, notice.shown(language, invitation), pages, settings)


def told(visit: Visit, notices: Sequence[type[AboutInvitation]], at: datetime, settings: Settings) -> list[Letter]:
    """Everybody who will have heard of a move or a cancellation at `at`. Ask it in a rehearsal of that."""
    letters = []
    for notice in notices:
        query = notice.due(at - notice.lapses, at).where(Invitation.visit_id == visit.id)
        query = query.add_columns(*notice.entities).options(*notice.options())
        for row in db.session.execute(query):
            invitation: Invitation = row[5]
            pages = f"/preview/answer/{invitation.id}"
            content = notice.content(invitation.language, *row[5:])
            letters.append(_letter(invitation.person, visit, notice, invitation.language, content, pages, settings))
    return letters


def worst_first(letters: Sequence[Letter], locale: str) -> list[Letter]:
    """By name, save that the first is the hardest to get right: another language, the longest name."""
    ordered = sorted(letters, key=lambda letter: letter.name)
    worst = max(ordered, key=lambda letter: (letter.language != locale, len(letter.name)), default=None)
    return [letter for letter in ordered if letter is worst] + [letter for letter in ordered if letter is not worst]


def _letter(
    person: Person,
    visit: Visit,
    notice: type[AboutInvitation],
    language: Language,
    content: Content,
    pages: str,
    settings: Settings,
) -> Letter:
    address: Any = person.address
    return letter(person.name.full, address, notice, language, content, visit.thread, "answer", pages, settings)
