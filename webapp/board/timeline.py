"""Everything between us and one customer, in order: planned, sent, answered, said, noted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import url_for
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock, dates, db
from webapp.accounts.models import Account
from webapp.board import outcomes, upcoming
from webapp.board.outcomes import Pauses
from webapp.board.saying import _, on, stamp
from webapp.board.wording import answered, consented, suppressed
from webapp.customers.asks import Ask
from webapp.customers.models import Consent, Customer
from webapp.customers.nominations import Nomination
from webapp.customers.owners import OwnerQuestion
from webapp.invitations.models import Answer, Invitation
from webapp.invitations.notices import times
from webapp.mailing.models import Message, Suppression
from webapp.mailing.notices import Notice
from webapp.stories.models import of_customer
from webapp.stories.reviewing import steps
from webapp.templating import language

AHEAD = timedelta(days=60)
AT_MOST = 200
"""Mails shown of one person."""

Kind = Literal["mail", "story", "other"]


@dataclass(frozen=True)
class Moment:
    """Something that happened, or will."""

    at: datetime
    title: str
    under: str
    icon: str
    tone: str = ""
    kind: Kind = "other"
    href: str = ""
    quote: str = ""
    exact: str = ""
    """The exact text that was agreed to, folded."""
    planned: bool = False

    @property
    def link(self) -> str:
        return {"mail": _("read the mail"), "story": _("the story")}.get(self.kind) or _("the visit")


def of(customer: Customer, pauses: Pauses, only_mail: bool) -> tuple[list[Moment], list[Moment]]:
    """What is still to come, the last first; and what was, the last first."""
    now = clock.now()
    invitations = _invitations(customer)
    past = [*_mail(customer, invitations, pauses, now)]
    if not only_mail:
        past += [*_answers(invitations), *_said(customer), *_stops(customer), *_consents(customer)]
        past += [*_nominated(customer), *_asked(customer), *_owners(customer), *_stories(customer), _added(customer)]
    to_come = list(_planned(customer, pauses, now)) if customer.address_id else []
    order = {"key": lambda moment: moment.at, "reverse": True}
    return sorted(to_come, **order), sorted(past, **order)  # type: ignore[call-overload]  # the same order twice


def _invitations(customer: Customer) -> Sequence[Invitation]:
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.customer_id == customer.id)
        .options(
            joinedload(Invitation.visit),
            joinedload(Invitation.attendance),
            selectinload(Invitation.answers).options(joinedload(Answer.proposal), joinedload(Answer.recorded_by)),
        )
        .order_by(Invitation.id)
    ).all()


def _planned(customer: Customer, pauses: Pauses, now: datetime) -> Iterator[Moment]:
    assert customer.address_id is not None  # asked only about who has a mailbox
    for due in upcoming.to_address(customer.address_id, now, now + AHEAD):
        outcome = outcomes.planned(due, pauses, now)
        yield Moment(
            due.leaves_at,
            outcomes.title(due.notice),
            f"{stamp(due.leaves_at)} · {outcome.sentence}" if outcome.tone else stamp(due.leaves_at),
            "bell",
            kind="mail",
            href=url_for("messages.planned", notice=due.notice, subject_id=due.subject_id),
            planned=True,
        )


def _mail(customer: Customer, invitations: Sequence[Invitation], pauses: Pauses, now: datetime) -> Iterator[Moment]:
    """Mail to this person: about their invitations, also at an earlier address; and all else to their mailbox."""
    about_invitation = [notice.name for notice in Notice.all.values() if notice.about is Invitation.id]
    mine = and_(Message.notice.in_(about_invitation), Message.subject_id.in_([each.id for each in invitations]))
    other = and_(Message.address_id == customer.address_id, Message.notice.not_in(about_invitation))
    found = select(Message).where(or_(mine, other)).options(joinedload(Message.dispatch), joinedload(Message.address))
    visits = {each.visit.thread: each.visit for each in invitations}
    for message in db.session.scalars(found.order_by(Message.id.desc()).limit(AT_MOST)):
        outcome = outcomes.of(message, pauses, now)
        at = message.accepted_at or message.ended_at or message.planned_at
        visit = visits.get(message.thread or "")
        name = outcomes.title(message.notice)
        sent = message.end == "sent"
        yield Moment(
            at,
            _("%(title)s for %(day)s", title=name, day=on(visit)) if visit else name,
            stamp(at) if sent else f"{stamp(at)} · {outcome.word}. {outcome.sentence}".rstrip(". ") + ".",
            "send" if sent else outcome.icon,
            "info" if sent else outcome.tone,
            "mail",
            url_for("messages.show", message_id=message.id),
        )


def _answers(invitations: Sequence[Invitation]) -> Iterator[Moment]:
    for invitation in invitations:
        visit = invitation.visit
        href = url_for("visit.show", visit_id=visit.id)
        if invitation.by_phone:
            to_call = _("To be called about %(day)s", day=on(visit))
            yield Moment(invitation.invited_at, to_call, stamp(invitation.invited_at), "phone", "info", href=href)
        for answer in invitation.answers:
            said, icon, tone = answered(answer, visit)
            wished = answer.proposal.times if answer.proposal else {}
            note = wished.get("note", "")
            under = [stamp(answer.given_at), _by(answer.recorded_by), times.said(wished, language())]
            yield Moment(answer.given_at, said, _joined(under), icon, tone, quote=note, href=href)
        if invitation.withdrawn_at:
            taken_back = _("Invitation for %(day)s taken back", day=on(visit))
            yield Moment(invitation.withdrawn_at, taken_back, stamp(invitation.withdrawn_at), "undo")
        if invitation.attendance:
            title, icon, tone = _present() if invitation.attendance.present else _absent()
            yield Moment(visit.ends_at, title, dates.date(visit.wall, language()), icon, tone, href=href)


def _present() -> tuple[str, str, str]:
    return _("Was there"), "heart", "yes"


def _absent() -> tuple[str, str, str]:
    return _("Was not there"), "alert", "maybe"


def _said(customer: Customer) -> Iterator[Moment]:
    """What organisers recorded; what was undone is as if it never was."""
    words = {
        "willing": (_("Said yes on the phone"), "phone", "accent"),
        "declined": (_("Said on the phone: rather not"), "phone", "no"),
        "called": (_("Called"), "phone", ""),
        "note": (_("A note"), "edit", ""),
    }
    for contact in customer.contacts:
        if contact.undone_at is None:
            title, icon, tone = words[contact.what]
            under = _joined([stamp(contact.at), _by(contact.recorded_by)])
            yield Moment(contact.at, title, under, icon, tone, quote=contact.words)


def _stops(customer: Customer) -> Iterator[Moment]:
    stops = select(Suppression).where(Suppression.address_id == customer.address_id)
    for stop in db.session.scalars(stops):
        title, icon = suppressed(stop.reason, stop.choice)
        yield Moment(stop.at, title, stamp(stop.at), icon, "no")
        if stop.lifted_at:
            yield Moment(stop.lifted_at, _("Mail is welcome again"), stamp(stop.lifted_at), "mail", "yes")


def _consents(customer: Customer) -> Iterator[Moment]:
    found = select(Consent).where(Consent.customer_id == customer.id).options(joinedload(Consent.recorded_by))
    for consent in db.session.scalars(found):
        title, icon, tone, channel = consented(consent)
        under = _joined([stamp(consent.at), channel, _by(consent.recorded_by)])
        yield Moment(consent.at, title, under, icon, tone, exact=consent.wording)


def _nominated(customer: Customer) -> Iterator[Moment]:
    found = select(Nomination).where(Nomination.customer_id == customer.id).options(joinedload(Nomination.nominator))
    for each in db.session.scalars(found):
        title = _("Nominated by %(name)s", name=each.nominator.name.full)
        knows = _("the customer knows of this") if each.knows else ""
        yield Moment(each.at, title, _joined([stamp(each.at), knows]), "user-plus", quote=each.why)


def _asked(customer: Customer) -> Iterator[Moment]:
    """What is no invitation, which stands here by itself; and over what limit somebody was asked, and why."""
    found = select(Ask).where(Ask.customer_id == customer.id, or_(Ask.kind != "visit", Ask.reason != ""))
    titles = {"consent": _("Asked for consent"), "story": _("Asked for a story"), "visit": _("Asked anyway")}
    for each in db.session.scalars(found.options(joinedload(Ask.by))):
        by = _("by %(name)s", name=each.by.name) if each.by else ""
        yield Moment(each.at, titles[each.kind], _joined([stamp(each.at), by]), "send", "info", quote=each.reason)


def _stories(customer: Customer) -> Iterator[Moment]:
    """What was told, and what became of it; the text stands on the story's own page."""
    titles: dict[str, tuple[str, str, str]] = {
        "declined": (_("Would rather not tell a story"), "x-circle", "no"),
        "told": (_("Told a story"), "stories", "accent"),
        "amended": (_("Changed the text of the story"), "edit", ""),
        "approved": (_("Approved the text of the story"), "check", "yes"),
        "shared": (_("The story was shared"), "send", "info"),
        "kept_back": (_("Rather does not share the story"), "lock", "no"),
        "withdrawn": (_("Withdrew the story"), "lock", "no"),
    }
    for story in of_customer(customer):
        href = url_for("stories.show", story_id=story.id)
        for name, at in steps(story):
            if name in titles:
                title, icon, tone = titles[name]
                yield Moment(at, title, stamp(at), icon, tone, "story", href)


def _owners(customer: Customer) -> Iterator[Moment]:
    found = select(OwnerQuestion).where(OwnerQuestion.customer_id == customer.id)
    for each in db.session.scalars(
        found.options(joinedload(OwnerQuestion.owner), joinedload(OwnerQuestion.answered_by))
    ):
        name = each.owner.name.full
        yield Moment(
            each.asked_at, _("%(name)s, the relationship owner, was asked", name=name), stamp(each.asked_at), "send"
        )
        if each.answered_at:
            who = each.answered_by.name if each.answered_by else name
            yes = each.answer == "yes"
            title = _("%(name)s said: yes, go ahead", name=who) if yes else _("%(name)s said: not now", name=who)
            icon, tone = ("check", "yes") if yes else ("pause-circle", "maybe")
            yield Moment(each.answered_at, title, stamp(each.answered_at), icon, tone)


def _added(customer: Customer) -> Moment:
    ways = {
        "list": _("Came from a list"),
        "nomination": _("Came by a nomination"),
        "page": _("Came by the public page"),
    }
    how = ways.get(customer.source, _("Added by hand"))
    return Moment(customer.added_at, how, stamp(customer.added_at), "user-plus")


def _by(account: Account | None) -> str:
    return _("recorded by %(name)s", name=account.name) if account else ""


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(filter(None, parts))
