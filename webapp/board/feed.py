"""What just came in: the last answers, whoever gave them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import db
from webapp.board.rows import bold
from webapp.board.saying import _, on
from webapp.invitations.models import Answer, Invitation

SHOWN = 8


@dataclass(frozen=True)
class News:
    """One answer."""

    answer: Answer
    text: Markup
    new: bool

    @property
    def invitation(self) -> Invitation:
        return self.answer.invitation


def latest(since: int) -> list[News]:
    """The last answers; those after the one with number `since` are new."""
    found = select(Answer).order_by(Answer.given_at.desc(), Answer.id.desc()).limit(SHOWN)
    person = (joinedload(Invitation.visit), joinedload(Invitation.customer), joinedload(Invitation.staff))
    answers: Sequence[Answer] = db.session.scalars(
        found.options(joinedload(Answer.invitation).options(*person), joinedload(Answer.proposal))
    ).all()
    return [News(answer, _said(answer), answer.id > since) for answer in answers]


def newest() -> int:
    """The number of the last answer, to tell whether there is news."""
    return db.session.scalar(select(func.coalesce(func.max(Answer.id), 0))) or 0


def _said(answer: Answer) -> Markup:
    full = answer.proposal is not None and answer.proposal.because_full
    sentences: dict[str, str] = {
        "accepted": _("%(name)s comes on %(day)s"),
        "declined": _("%(name)s does not come on %(day)s"),
        "tentative": _("%(name)s comes on %(day)s, maybe"),
        "other": _("%(name)s would come, but %(day)s is full")
        if full
        else _("%(name)s suggests another time than %(day)s"),
        "waiting": _("%(name)s is on the waiting list for %(day)s"),
        "left": _("%(name)s left the waiting list for %(day)s"),
    }
    invitation = answer.invitation
    return escape(sentences[answer.kind]) % {
        "name": bold("%(name)s", name=invitation.person.name.full),
        "day": on(invitation.visit),
    }
