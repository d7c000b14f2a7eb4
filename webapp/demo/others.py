"""Let the others answer: whoever was mailed and is silent opens the link in the mail and posts the page, as people do.

Nothing is written here but that it was done. Who stays silent stays so, however often it is asked.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from html.parser import HTMLParser
from random import Random
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp import clock, db, links, logs, rounds
from webapp.config import Settings
from webapp.demo.voices import Voices
from webapp.invitations.models import Invitation
from webapp.links import PATHS, Keys, Scope
from webapp.mailing.models import ClockShift, Message
from webapp.surveys.models import Register, Wave
from webapp.visits.models import Visit

SILENT_PARTS, WISHES = (
    20,
    {"customer": {"accepted": 50, "declined": 30, "other": 20}, "staff": {"accepted": 80, "declined": 20}},
)
"""In parts of a hundred: who does not answer; what the others would like."""
INSTEAD = {"accepted": "waiting"}
"""What a wish comes down to when there is no button for it."""
DAYPARTS = ("mon-afternoon", "tue-morning", "tue-evening", "thu-afternoon", "fri-morning")
PATIENCE_SECONDS = 10.0
INVITED = ("visit_invitation", "visit_invitation_staff")
ASKED = ("thank_you_with_survey", "staff_after_survey")

Fields = dict[str, str]
Answering = Callable[[str], None]


class Page(HTMLParser):
    """The form on a page: what it posts by itself, and the answers there are buttons for."""

    def __init__(self, url: str, fields: Fields | None = None) -> None:
        super().__init__()
        self.url, self.hidden, self.offered = url, Fields(), set[str]()
        body = urlencode(fields).encode() if fields else None
        with urlopen(url, body, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310  (our own address)
            self.feed(answer.read().decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found.get("value", "")
        if tag == "button" and found.get("name") == "answer":
            self.offered.add(found["value"])

    def post(self, **fields: str) -> "Page":
        return Page(self.url, self.hidden | fields)


def answer(settings: Settings) -> None:
    """Answer for everybody who is silent, if somebody asked for that. Killed half-way, the next tick does the rest."""
    rounds.read_clock(settings)
    with db.transaction() as session:
        if session.scalar(select(ClockShift.answers_asked_at)) is None:
            return
        everybody = [*_invited(clock.now()), *_asked(clock.now())]
        found = links.many((scope, subject) for scope, subject, _answering in everybody)
    keys = Keys.of(*settings.secret_keys)
    for scope, subject, answering in everybody:
        try:
            answering(f"{settings.base_url}/{PATHS[scope]}/{keys.token(found[scope, subject])}")
        except URLError as error:  # one closed page, or a site that is just starting, keeps nobody else from answering
            logs.failed("somebody could not answer", error, scope=scope, subject=subject)
    with db.transaction():
        ClockShift.locked().answers_asked_at = None


def ask(now: datetime) -> None:
    """Ask the others to answer; the next tick sees to it."""
    ClockShift.locked().answers_asked_at = now


def _invited(now: datetime) -> Iterator[tuple[Scope, int, Answering]]:
    """Who got an invitation and neither answered nor tapped."""
    open_ = (Invitation.partstat == "needs-action", Invitation.answered_at.is_(None), Invitation.withdrawn_at.is_(None))
    ahead = (Visit.starts_at > now, Visit.cancelled_at.is_(None), Invitation.hint.is_(None))
    query = select(Invitation).join(Invitation.visit).where(*open_, *ahead, _mailed(INVITED, Invitation.id))
    for invitation in db.session.scalars(query.order_by(Invitation.id)):
        chance = Random(invitation.id)  # noqa: S311  (the same person would do the same again)
        if chance.randrange(100) >= SILENT_PARTS:
            wishes = WISHES["customer" if invitation.customer_id else "staff"]
            wish = chance.choices(list(wishes), list(wishes.values()))[0]
            yield "answer", invitation.id, partial(_answer_invitation, wish, chance)


def _asked(now: datetime) -> Iterator[tuple[Scope, int, Answering]]:
    """Who got a questionnaire that is open."""
    window = (Register.answered.is_(False), Register.opens_at <= now, Register.closes_at > now)
    query = select(Register, Wave).join(Register.wave).where(*window, _mailed(ASKED, Register.id))
    voices = Voices(Random(now.toordinal()))  # noqa: S311  (as below)
    for entry, wave in db.session.execute(query.order_by(Register.id)):
        chance = Random(entry.id)  # noqa: S311  (as above)
        if chance.randrange(100) >= SILENT_PARTS:
            given = voices.answers(wave.audience, wave.label, entry.invitation.language)
            yield "survey", entry.id, partial(_answer_survey, given)


def _mailed(notices: Sequence[str], subject: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return exists().where(Message.notice.in_(notices), Message.subject_id == subject, Message.end == "sent")


def _answer_invitation(wish: str, chance: Random, url: str) -> None:
    if wish == "other":
        Page(url + "/times").post(part=chance.choice(DAYPARTS))
        return
    page = Page(url)
    possible = wish if wish in page.offered else INSTEAD.get(wish)
    if possible in page.offered:
        page.post(answer=str(possible))


def _answer_survey(given: Fields, url: str) -> None:
    """Staff have a second page; there what was filled in on the first comes back hidden."""
    page = Page(url).post(**given)
    if "nonce" in page.hidden:
        page.post(**given)
