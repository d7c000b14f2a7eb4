"""What waits about who was named, nominated, asked or told a story, as rows of Today."""

from datetime import datetime

from flask import url_for
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import db
from webapp.board.rows import Action, Row, bold
from webapp.board.saying import _, day_short, ngettext, stamp
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.customers.nominations import Nomination
from webapp.customers.owners import OwnerQuestion
from webapp.groups import suggesting
from webapp.groups.models import MappingRound
from webapp.imports.models import LEFT, Import
from webapp.stages.rule import counted
from webapp.stages.standing import Standings
from webapp.stories.models import Story, Thanks


def owners(ids: list[int], now: datetime) -> list[Row]:
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


def stories(ids: list[int], now: datetime) -> list[Row]:
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


def thanks(ids: list[int], now: datetime) -> list[Row]:
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


def imports(ids: list[int], now: datetime) -> list[Row]:
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


def willing(ids: list[int], now: datetime) -> list[Row]:
    standings = Standings(now)
    count = counted(standings.ids(standings.waits_long("willing")))
    title = ngettext(
        "One customer would like to come, and has no date",
        "%(num)s customers would like to come, and have no date",
        count,
    )
    see = Action(_("See who"), url_for("people.index", waiting="long", stage="willing"))
    return [Row("willing", "hand", "accent", escape(title), _("For longer than a week."), [see])]


def names(ids: list[int], now: datetime) -> list[Row]:
    """One row per mapping round."""
    found = []
    for round in db.session.scalars(select(MappingRound).where(MappingRound.id.in_(ids)).order_by(MappingRound.id)):
        count = suggesting.counts(round.id)["waiting"]
        title = ngettext("One name waits for a decision", "%(num)s names wait for a decision", count)
        under = _("Colleagues named whom their work is for, in the round of %(day)s.", day=day_short(round.released_at))
        decide = Action(_("Decide about the names"), url_for("mapping.show", round_id=round.id))
        found.append(Row(f"names-{round.id}", "groups", "", escape(title), under, [decide]))
    return found


def nominations(ids: list[int], now: datetime) -> list[Row]:
    """Of several colleagues who nominated the same person, the first."""
    found = select(Nomination).where(Nomination.id.in_(ids)).order_by(Nomination.id)
    rows = []
    for each in db.session.scalars(found.options(joinedload(Nomination.customer), joinedload(Nomination.nominator))):
        both = {"nominator": each.nominator.name.full, "name": each.customer.name.full}
        under = f"“{each.why}”" if each.why else _("Nobody asked this person anything yet.")
        see = Action(_("See the customer"), url_for("person.show", customer_id=each.customer_id))
        title = bold(_("%(nominator)s nominated %(name)s"), **both)
        rows.append(Row(f"nomination-{each.id}", "user-plus", "info", title, under, [first_step(each.customer), see]))
    return rows


def first_step(customer: Customer) -> Action:
    """With somebody who was nominated: what they think of being asked, or an invitation."""
    if customer.ground in MAY_BE_ASKED:
        return Action(_("Invite"), url_for("visits.new", customers=customer.id))
    if customer.address is None:
        return Action(_("Record what was agreed on the phone"), url_for("asking.by_phone", customer_id=customer.id))
    return Action(_("Ask for consent"), url_for("asking.consent", customer_id=customer.id))
