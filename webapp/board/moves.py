"""Moving somebody on the board is recording a fact; what is no fact an organiser can know is refused, with the reason.

The three ways (the select on a card, an arrow key, dragging) post the same: the column somebody should come to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import url_for

from webapp.accounts.models import Account, Organisation
from webapp.board.cards import Card
from webapp.board.saying import _, day_short, on, pgettext
from webapp.customers.models import Contact
from webapp.invitations.models import AnswerKind, Closed, Invitation
from webapp.stages.rule import STAGES
from webapp.stages.standing import Standings


@dataclass(frozen=True)
class Option:
    """One thing that can be recorded, and the column it leads to. A hidden one says, when tried, why it cannot be."""

    value: str
    text: str
    to: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Moved:
    """What was recorded, and how to undo it, if that can be done."""

    text: str
    contact: Contact | None = None


Rule = Callable[[Card, Account], Contact | None]


class Refused(Exception):
    """No such fact can be recorded, with the reason and where it could."""

    def __init__(self, reason: str, href: str = "", link: str = ""):
        super().__init__(reason)
        self.reason, self.href, self.link = reason, href, link


def stage_name(stage: str) -> str:
    names = {
        "found": pgettext("stage", "found"),
        "asked": pgettext("stage", "asked"),
        "willing": pgettext("stage", "willing"),
        "planned": pgettext("stage", "planned"),
        "met": pgettext("stage", "met"),
        "resting": pgettext("stage", "resting"),
        "declined": pgettext("stage", "rather not"),
    }
    return names[stage]


def options(card: Card) -> list[Option]:
    """What the select on a card offers; what cannot be recorded is there for the arrow keys and the mouse alone."""
    offered = _offered(card)
    shown = {option.to for option in offered}
    rest = [stage for stage in STAGES if stage != card.stage and stage not in shown and stage != "resting"]
    return [*offered, *(Option(stage, stage_name(stage), stage, hidden=True) for stage in rest)]


def _offered(card: Card) -> list[Option]:
    called = Option("called", _("Called, nothing agreed"))
    one = card.open[0] if len(card.open) == 1 else None
    no = Option("declined", _("Said: rather not"), "declined")
    match card.stage:
        case "found":
            return [Option("willing", _("Said yes on the phone"), "willing"), no, called]
        case "asked" if one:
            return [_yes_to(one), Option("willing", _("Would like another time"), "willing"), no, called]
        case "willing":
            back = [Option("found", _("Take that back"), "found")] if _taken_down(card) else []
            return [*([_yes_to(one)] if one else []), no, called, *back]
        case "planned" if one:
            return [Option("declined", _("Cannot come after all"), "declined"), called]
        case "declined":
            back = [Option("found", _("Take that back"), "found")] if _taken_down(card) else []
            yes = _yes_to(one) if one else Option("willing", _("Said yes on the phone"), "willing")
            return [*back, *([] if back and not one else [yes]), called]
        case _:
            return [no, called]


def _yes_to(invitation: Invitation) -> Option:
    return Option("planned", _("Comes on %(day)s", day=on(invitation.visit)), "planned")


def record(card: Card, value: str, by: Account) -> Moved:
    """Take down the fact that brings this customer to a column, or that they were called. Raises Refused."""
    if value == "called":
        called = card.customer.record("called", card.now, by)
        return Moved(_("Recorded: you called %(name)s.", name=card.name.full), called)
    if value not in STAGES or value == card.stage:
        raise Refused(_("%(name)s is there already.", name=card.name.full))
    rules: dict[str, Rule] = {"willing": _willing, "declined": _declined, "planned": _planned, "found": _found}
    contact = rules.get(value, _by_itself)(card, by)
    reached = Standings(card.now).of(card.customer.id)[0]
    said = _("%(name)s is now in “%(stage)s”.", name=card.name.full, stage=stage_name(reached))
    return Moved(said, contact)


def _willing(card: Card, by: Account) -> Contact | None:
    customer = card.customer
    rested_at = card.since + Organisation.required().rest
    if card.stage in ("met", "resting") and rested_at > card.now:
        raise Refused(_("Rests after a visit, until %(day)s.", day=day_short(rested_at)))
    if card.stage == "planned":
        raise Refused(_("Is expected already."), _visit(card), _("To the visit"))
    if card.stage == "asked":
        _answer(card, "other", by)
        return None
    said_no = customer.said is not None and customer.said.what == "declined"
    last = customer.last("to_be_asked") if said_no else None
    ground = last.ground if last else customer.ground
    if ground == "withdrawn":
        raise Refused(_("Withdrew consent. Only that person can undo this."))
    if ground in ("not_yet", "ended"):
        href = url_for("person.show", customer_id=customer.id, _anchor="consent")
        raise Refused(_("May not be asked yet: record first on what ground."), href, _("Record consent"))
    return customer.record("willing", card.now, by)


def _declined(card: Card, by: Account) -> Contact | None:
    """A no to the visit somebody stands on is an answer to it; otherwise it is a no to being asked."""
    if not card.open:
        return card.customer.record("declined", card.now, by)
    _answer(card, "declined", by)
    return None


def _planned(card: Card, by: Account) -> None:
    if not card.open:
        href = url_for("visits.new", customers=card.customer.id)
        raise Refused(_("Nobody comes to a visit uninvited. Invite first."), href, _("Invite"))
    _answer(card, "accepted", by)


def _answer(card: Card, kind: AnswerKind, by: Account) -> None:
    """What somebody said about the visit they are asked to; the receipt goes, as after a tap of their own."""
    if len(card.open) > 1:
        raise Refused(_("Stands on several visits: record it there."), _visit(card), _("To the visit"))
    try:
        card.open[0].answer(kind, card.now, "phone", recorded_by=by)
    except Closed:
        raise Refused(_("There is nothing to answer any more."), _visit(card), _("To the visit")) from None


def _found(card: Card, by: Account) -> Contact:
    said = _taken_down(card)
    if said is None:
        raise Refused(_("Answered that themselves; an answer is not taken back for somebody."))
    said.undo(card.now)
    return said


def _taken_down(card: Card) -> Contact | None:
    """What was recorded on the phone, if that is why somebody stands where they stand."""
    said = card.customer.said
    return said if said is not None and said.what == card.stage and said.at == card.since else None


def _by_itself(card: Card, by: Account) -> Contact:
    """What follows from an invitation or a visit cannot be recorded here."""
    waits = [each for each in card.invitations if each.visit.ends_at <= card.now and each.attendance is None]
    if card.stage == "planned" and waits:
        href = url_for("visit.show", visit_id=waits[-1].visit_id)
        raise Refused(_("Note on the visit who was there; then this happens by itself."), href, _("To the visit"))
    if card.stage in ("found", "willing"):
        href = url_for("visits.new", customers=card.customer.id)
        raise Refused(_("This happens by itself, after an invitation."), href, _("Invite"))
    raise Refused(_("This happens by itself."))


def _visit(card: Card) -> str:
    found: Sequence[Invitation] = card.open or card.invitations[-1:]
    return url_for("visit.show", visit_id=found[0].visit_id) if found else ""
