"""The rows of Today: each says in words what waits, and has the one thing to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from webapp import db
from webapp.board import outbox, outcomes
from webapp.board.saying import _, ngettext, on, on_at, stamp
from webapp.board.waiting import Waiting
from webapp.customers.models import Customer
from webapp.customers.owners import OwnerQuestion
from webapp.dates import cap_first
from webapp.imports.models import LEFT, Import
from webapp.invitations.models import Invitation, Proposal
from webapp.invitations.notices import times
from webapp.mailing.models import Message, Pause
from webapp.staff.models import StaffMember
from webapp.stages.rule import counted
from webapp.stages.standing import Standings
from webapp.stories.models import Story, Thanks
from webapp.templating import language
from webapp.visits.models import Visit

NAMED = 3


@dataclass(frozen=True)
class Action:
    """A button: a link, or a form with these fields."""

    text: str
    href: str
    fields: dict[str, str] | None = None
    primary: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Row:
    """Something that waits."""

    id: str
    icon: str
    tone: str
    title: Markup
    under: str
    actions: Sequence[Action] = field(default_factory=tuple)
    done: Action | None = None
    """Seen to: it waits no more."""
    phone: str = ""
    mend: Action | None = None
    """One field: the right address, and the mail that came back leaves after all."""
    name: str = ""
    """Whose address that is."""


def rows(waiting: Waiting) -> list[Row]:
    """Everything that waits, in the order of its kinds."""
    found: dict[str, list[int]] = {}
    for kind, id in waiting.ids:
        found.setdefault(kind, []).append(id)
    makers: dict[str, Callable[[list[int], datetime], list[Row]]] = {
        "paused": _paused, "proposal": _proposals, "owner": _owners, "hint": _hints, "trouble": _trouble,
        "attendance": _attendance, "call": _calls, "silent": _silent, "story": _stories,
        "thanks": _thanks, "draft": _drafts, "import": _imports, "willing": _willing,
    }  # fmt: skip
    return [row for kind, ids in found.items() for row in makers[kind](ids, waiting.now)]


def bold(text: str, **names: str) -> Markup:
    """A translated sentence, with these names in bold; nothing in them is read as a tag."""
    return escape(text) % {key: Markup("<b>{}</b>").format(name) for key, name in names.items()}


def _paused(ids: list[int], now: datetime) -> list[Row]:
    return [
        Row(
            f"pause-{pause.id}",
            "pause-circle",
            "maybe",
            bold(_("Mail is paused: %(what)s"), what=outcomes.scope_name(pause.scope)),
            _("By %(by)s, since %(date)s. Nothing of it leaves.", by=pause.by, date=stamp(pause.at)),
            [Action(_("Resume"), url_for("messages.resume"), {"scope": pause.scope, "next": "/today"}, icon="play")],
        )
        for pause in db.session.scalars(select(Pause).where(Pause.id.in_(ids)).order_by(Pause.at))
    ]


def _proposals(ids: list[int], now: datetime) -> list[Row]:
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
    spoken = times.spoken(proposal.times.get("dayparts", ()), language())
    can = _("Can make: %(times)s.", times=spoken)
    return f"{can} {stands}" if spoken else stands


def _invitations(ids: list[int]) -> Sequence[Invitation]:
    found = select(Invitation).where(Invitation.id.in_(ids)).order_by(Invitation.id)
    return db.session.scalars(found.options(joinedload(Invitation.visit), joinedload(Invitation.customer))).all()


def _answer_of(invitation: Invitation) -> list[Action]:
    """Phone, and record what was said."""
    href = url_for("recording.show", visit_id=invitation.visit_id, id=invitation.id)
    phone = invitation.person.phone
    call = [Action(_("Call %(phone)s", phone=phone), "tel:" + phone.replace(" ", ""), icon="phone")] if phone else []
    return [*call, Action(_("Record the answer"), href)]


def _owners(ids: list[int], now: datetime) -> list[Row]:
    """Did not answer in three working days; the customer was asked nothing."""
    found = select(OwnerQuestion).where(OwnerQuestion.id.in_(ids)).order_by(OwnerQuestion.due_at)
    rows = []
    for question in db.session.scalars(
        found.options(joinedload(OwnerQuestion.customer), joinedload(OwnerQuestion.owner))
    ):
        decide = url_for("owners.decide", customer_id=question.customer_id)
        names = {"owner": question.owner.name.full, "name": question.customer.name.full}
        rows.append(
            Row(
                f"owner-{question.id}",
                "hourglass",
                "maybe",
                bold(_("%(owner)s did not say whether we may ask %(name)s"), **names),
                _(
                    "Asked on %(date)s. Now you decide; nobody asked the customer anything.",
                    date=stamp(question.asked_at),
                ),
                [
                    Action(_("We may ask"), decide, {"answer": "yes", "next": "/today"}, icon="check"),
                    Action(_("Not now"), decide, {"answer": "not_now", "next": "/today"}),
                    Action(
                        _("See the customer"), url_for("person.show", customer_id=question.customer_id, _anchor="asked")
                    ),
                ],
            )
        )
    return rows


def _hints(ids: list[int], now: datetime) -> list[Row]:
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


def _trouble(ids: list[int], now: datetime) -> list[Row]:
    found = select(Message).where(Message.id.in_(ids)).order_by(Message.id)
    messages = db.session.scalars(found.options(joinedload(Message.dispatch), joinedload(Message.address))).all()
    addresses = {message.address_id for message in messages}
    customers = {
        each.address_id: each for each in db.session.scalars(select(Customer).where(Customer.address_id.in_(addresses)))
    }
    staff = {
        each.address_id: each
        for each in db.session.scalars(select(StaffMember).where(StaffMember.address_id.in_(addresses)))
    }
    rows_found = []
    for line in outbox.lines(messages, now, outbox.pauses()):
        message = line.message
        title = bold(
            _("Mail to %(name)s came back")
            if message.end in ("failed", "bounced")
            else _("%(name)s reported our mail as spam")
            if message.end == "complained"
            else _("Uncertain whether the mail to %(name)s arrived"),
            name=line.to,
        )
        person = customers.get(message.address_id)
        member = staff.get(message.address_id)
        reader = person or member
        if person is not None:
            mending = []
        elif member is not None:
            mending = [Action(_("Mend the address"), url_for("staff.edit", member_id=member.id))]
        else:
            mending = []
        read = Action(_("Read the mail"), url_for("messages.show", message_id=message.id))
        rows_found.append(
            Row(
                f"message-{message.id}",
                line.outcome.icon,
                line.outcome.tone,
                title,
                f"{line.outcome.sentence} {message.address.email}",
                [*mending, read],
                Action(_("Done"), url_for("messages.settle", message_id=message.id), {"next": "/today"}),
                phone=reader.phone if reader else "",
                mend=Action("", url_for("customers.mend", customer_id=person.id))
                if person is not None and message.end in ("failed", "bounced")
                else None,
                name=line.to,
            )
        )
    return rows_found


def _attendance(ids: list[int], now: datetime) -> list[Row]:
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


def _calls(ids: list[int], now: datetime) -> list[Row]:
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


def _silent(ids: list[int], now: datetime) -> list[Row]:
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


def _few(invitations: Sequence[Invitation]) -> str:
    names = ", ".join(each.person.name.full for each in invitations[:NAMED])
    more = len(invitations) - NAMED
    return ngettext("%(names)s and one other", "%(names)s and %(num)s others", more, names=names) if more > 0 else names


def _stories(ids: list[int], now: datetime) -> list[Row]:
    found = []
    for story in db.session.scalars(select(Story).where(Story.id.in_(ids)).order_by(Story.told_at)):
        ready = story.approved_id is not None
        who = story.customer.name.full if story.customer else _("somebody, by letter")
        text = _("The story of %(name)s may be shared") if ready else _("The story of %(name)s is to be checked")
        href = url_for("stories.show", story_id=story.id)
        do = Action(_("Share it"), href) if ready else Action(_("Check it"), href)
        under = _("The text is approved.") if ready else _("Look at names and places; then it goes to who told it.")
        found.append(Row(f"story-{story.id}", "stories", "", bold(text, name=who), under, [do]))
    return found


def _thanks(ids: list[int], now: datetime) -> list[Row]:
    found = select(Thanks).where(Thanks.id.in_(ids)).order_by(Thanks.id).options(joinedload(Thanks.staff))
    rows = []
    for each in db.session.scalars(found):
        href, title = url_for("stories.check_thanks", thanks_id=each.id), _("%(name)s wrote a thank-you for a story")
        go = [
            Action(_("Pass it on"), href, {"what": "pass on", "next": "/today"}, icon="check"),
            Action(_("Do not pass it on"), href, {"what": "keep", "next": "/today"}),
        ]
        rows.append(Row(f"thanks-{each.id}", "heart", "", bold(title, name=each.staff.name.full), f"“{each.text}”", go))
    return rows


def _drafts(ids: list[int], now: datetime) -> list[Row]:
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


def _imports(ids: list[int], now: datetime) -> list[Row]:
    found = []
    for each in db.session.scalars(select(Import).where(Import.id.in_(ids)).order_by(Import.id)):
        counts = each.counts()
        left = sum(counts[state] for state in LEFT)
        text = ngettext(
            "One row of %(file)s needs a look", "%(num)s rows of %(file)s need a look", left, file="%(file)s"
        )
        look = Action(_("Mend and import"), url_for("imports.show", kind=each.kind, import_id=each.id))
        title = bold(text, file=each.filename or _("a pasted list"))
        found.append(Row(f"import-{each.id}", "file", "", title, _("Nothing has been imported yet."), [look]))
    return found


def _willing(ids: list[int], now: datetime) -> list[Row]:
    standings = Standings(now)
    count = counted(standings.ids(standings.waits_long("willing")))
    title = ngettext(
        "One customer would like to come, and has no date",
        "%(num)s customers would like to come, and have no date",
        count,
    )
    see = Action(_("See who"), url_for("people.index", waiting="long", stage="willing"))
    return [Row("willing", "hand", "accent", escape(title), _("For longer than a week."), [see])]


def _visits(ids: list[int]) -> Sequence[Visit]:
    found = select(Visit).where(Visit.id.in_(ids)).options(selectinload(Visit.teams))
    return db.session.scalars(found.order_by(Visit.starts_at)).all()
