"""What waits about a visit, as rows of Today."""

from collections.abc import Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import db
from webapp.board.rows import Action, Row, bold
from webapp.board.saying import _, date_short, ngettext, on, on_at, stamp
from webapp.dates import cap_first
from webapp.hosting.models import Incident, Promise
from webapp.invitations.models import Invitation, Proposal
from webapp.invitations.notices import times
from webapp.templating import language
from webapp.visits.models import Visit

NAMED = 3


def incidents(ids: list[int], now: datetime) -> list[Row]:
    found = select(Incident).where(Incident.id.in_(ids)).order_by(Incident.at).options(joinedload(Incident.visit))
    return [
        Row(
            f"incident-{each.id}",
            "alert",
            "no",
            bold(_("Something went wrong on %(day)s"), day=on(each.visit)),
            f"“{each.words}”",
            [Action(_("View the visit"), url_for("visit.show", visit_id=each.visit_id))],
            Action(_("Done"), url_for("hosting.seen", incident_id=each.id), {"next": "/today"}),
        )
        for each in db.session.scalars(found)
    ]


def promises(ids: list[int], now: datetime) -> list[Row]:
    """The earliest day first."""
    found = select(Promise).where(Promise.id.in_(ids)).order_by(Promise.due, Promise.id)
    to = {
        invitation.id: invitation.person.name.full
        for invitation in db.session.scalars(
            select(Invitation)
            .where(Invitation.id.in_(found.with_only_columns(Promise.invitation_id).order_by(None)))
            .options(joinedload(Invitation.customer))
        )
    }
    return [
        Row(
            f"promise-{each.id}",
            "hand",
            "maybe" if each.due < now.date() else "",
            bold(_("Promised to %(name)s: %(what)s"), name=to[each.invitation_id], what=each.words),
            _("By %(day)s; %(owner)s keeps it.", day=date_short(each.due), owner=each.owner.name),
            [Action(_("View the visit"), url_for("visit.show", visit_id=each.visit_id))],
            Action(_("Done"), url_for("hosting.kept", promise_id=each.id), {"next": "/today"}),
        )
        for each in db.session.scalars(found)
    ]


def proposals(ids: list[int], now: datetime) -> list[Row]:
    found = select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.at)
    found = found.options(
        joinedload(Proposal.invitation).options(joinedload(Invitation.visit), joinedload(Invitation.customer))
    )
    return [
        Row(
            f"proposal-{proposal.id}",
            "swap",
            "maybe",
            bold(_("%(name)s suggests another time"), name=proposal.invitation.person.name.full),
            _proposed(proposal),
            [
                Action(
                    _("Move the visit"), url_for("changing.move", visit_id=proposal.invitation.visit_id), primary=True
                ),
                Action(
                    _("See what was said"),
                    url_for("recording.show", visit_id=proposal.invitation.visit_id, id=proposal.invitation_id),
                ),
            ],
            Action(_("Done"), url_for("recording.decide", id=proposal.id), {"next": "/today"}),
        )
        for proposal in db.session.scalars(found)
    ]


def _proposed(proposal: Proposal) -> str:
    stands = _("It was %(day)s. That time stands until another one is agreed.", day=on_at(proposal.invitation.visit))
    spoken = times.said(proposal.times, language())
    can = _("Can make: %(times)s.", times=spoken)
    return f"{can} {stands}" if spoken else stands


def hints(ids: list[int], now: datetime) -> list[Row]:
    return [
        Row(
            f"hint-{invitation.id}",
            "hourglass",
            "info",
            bold(
                _("%(name)s tapped yes, but has not confirmed yet")
                if invitation.hint == "accepted"
                else _("%(name)s opened the answer page, but has not confirmed yet"),
                name=invitation.person.name.full,
            ),
            _(
                "%(when)s, about %(day)s. The answer is still open.",
                when=cap_first(stamp(invitation.hint_at)),
                day=on(invitation.visit),
            ),
            _answer_of(invitation),
        )
        for invitation in _invitations(ids)
        if invitation.hint_at is not None
    ]


def attendance(ids: list[int], now: datetime) -> list[Row]:
    return [
        Row(
            f"attendance-{visit.id}",
            "check-circle",
            "accent",
            bold(_("Who was there on %(day)s?"), day=on(visit)),
            _("Thanks and questions leave when you have ticked it."),
            [Action(_("Tick who was there"), url_for("attending.tick", visit_id=visit.id))],
        )
        for visit in _visits(ids)
    ]


def calls(ids: list[int], now: datetime) -> list[Row]:
    return [
        Row(
            f"call-{invitation.id}",
            "phone",
            "info",
            bold(_("Call %(name)s about %(day)s"), name=invitation.person.name.full, day=on(invitation.visit)),
            _("There is no e-mail address, so no mail leaves."),
            _answer_of(invitation),
        )
        for invitation in _invitations(ids)
    ]


def silent(ids: list[int], now: datetime) -> list[Row]:
    """One row per visit, naming a few."""
    silent = select(Invitation).where(
        Invitation.visit_id.in_(ids),
        Invitation.partstat == "needs-action",
        Invitation.withdrawn_at.is_(None),
        Invitation.customer_id.is_not(None),
        Invitation.unanswered_at <= now,
        Invitation.by_phone.is_(False),
        Invitation.hint.is_(None),
    )
    by_visit: dict[int, list[Invitation]] = {}
    for invitation in db.session.scalars(silent.options(joinedload(Invitation.customer)).order_by(Invitation.id)):
        by_visit.setdefault(invitation.visit_id, []).append(invitation)
    return [
        Row(
            f"silent-{visit.id}",
            "bell",
            "",
            bold(
                ngettext(
                    "One customer did not answer about %(day)s",
                    "%(num)s customers did not answer about %(day)s",
                    len(by_visit[visit.id]),
                    day="%(day)s",
                ),
                day=on(visit),
            ),
            _("%(names)s. No answer is not a no; no more mail leaves about it.", names=_few(by_visit[visit.id])),
            [Action(_("View the visit"), url_for("visit.show", visit_id=visit.id))],
        )
        for visit in _visits(list(by_visit))
    ]


def drafts(ids: list[int], now: datetime) -> list[Row]:
    drafts = []
    for visit in _visits(ids):
        chosen = visit.draft or {}
        count = len(chosen.get("customers", ())) + len(chosen.get("staff", ()))
        text = ngettext(
            "One invitation for %(day)s is ready", "%(num)s invitations for %(day)s are ready", count, day="%(day)s"
        )
        check = Action(_("Check the mails"), url_for("inviting.check", visit_id=visit.id))
        drafts.append(
            Row(f"draft-{visit.id}", "send", "", bold(text, day=on(visit)), _("Nothing has been sent yet."), [check])
        )
    return drafts


def _invitations(ids: list[int]) -> Sequence[Invitation]:
    found = select(Invitation).where(Invitation.id.in_(ids)).order_by(Invitation.id)
    return db.session.scalars(found.options(joinedload(Invitation.visit), joinedload(Invitation.customer))).all()


def _answer_of(invitation: Invitation) -> list[Action]:
    """Phone, and record what was said."""
    href = url_for("recording.show", visit_id=invitation.visit_id, id=invitation.id)
    phone = invitation.person.phone
    call = [Action(_("Call %(phone)s", phone=phone), "tel:" + phone.replace(" ", ""), icon="phone")] if phone else []
    return [*call, Action(_("Record the answer"), href)]


def _visits(ids: list[int]) -> Sequence[Visit]:
    found = select(Visit).where(Visit.id.in_(ids)).options(selectinload(Visit.teams))
    return db.session.scalars(found.order_by(Visit.starts_at)).all()


def _few(invitations: Sequence[Invitation]) -> str:
    names = ", ".join(each.person.name.full for each in invitations[:NAMED])
    more = len(invitations) - NAMED
    return ngettext("%(names)s and one other", "%(names)s and %(num)s others", more, names=names) if more > 0 else names
