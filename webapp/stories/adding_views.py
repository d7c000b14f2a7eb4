"""How stories come in by an organiser's hand: asked for, told to somebody, pasted, or in a file."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts.models import Account
from webapp.customers.asks import MayNotAsk
from webapp.customers.models import Customer
from webapp.customers.refusing import why_not
from webapp.i18n import LANGUAGES
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import Team
from webapp.stories import approving, arc, asking, files, reviewing
from webapp.stories.dignity import CLOSE, GUIDE_OPEN, RULES
from webapp.stories.models import Story

blueprint = Blueprint("story_adding", __name__)
Page = str | Response | tuple[str, int]
REASON_AT_MOST = 200
SHOWN = 20


@blueprint.route("/stories/ask", methods=["GET", "POST"])
@access(role("organiser"))
def ask() -> Page:
    """Ask one person for their story. The first rule of dignity is a tick, the others are read."""
    given = request.values
    customer = _customer(given.get("customer", ""))
    if customer is None:
        return render_template("stories/ask_whom.html", found=_found(given.get("q", "")), words=given.get("q", ""))
    team = db.session.get(Team, int(given["team"])) if given.get("team", "").isdecimal() else None
    page = {
        "customer": customer,
        "named_teams": _named_teams(),
        "team": team,
        "rules": _rules(),
        "at_most": REASON_AT_MOST,
    }
    reason = " ".join(given.get("reason", "").split())
    if request.method == "GET":
        return render_template("stories/ask.html", reason=reason, against=None, errors=[], **page)
    errors = []
    if "nothing_pending" not in given:
        errors.append(("nothing_pending", _("Tick that nothing is pending. Otherwise do not ask this person now.")))
    if len(reason) > REASON_AT_MOST:
        errors.append(("reason", _("Keep it under %(n)s characters.", n=REASON_AT_MOST)))
    if errors:
        return render_template("stories/ask.html", reason=reason, against=None, errors=errors, **page), 422
    try:
        with db.session.begin_nested():
            story = asking.ask(
                customer, team, reason, clock.now(), edge.settings().hold, _me(), given.get("anyway", "").strip()
            )
    except MayNotAsk as against:
        said = [("", why_not(against.why, against.facts))]
        return render_template("stories/ask.html", reason=reason, against=against, errors=said, **page), 422
    except asking.AskedAlready:
        flash(_("This person was asked already, and has not answered yet."), "warning")
        return redirect(url_for("customers.edit", customer_id=customer.id).removesuffix("/edit"), 303)
    action = url_for("story_adding.take_back", story_id=story.id)
    flash({"text": _("The question is on its way."), "action": action, "fields": {}}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(f"/customers/{customer.id}", 303)


@blueprint.post("/stories/<int:story_id>/request/undo")
@access(role("organiser"))
def take_back(story_id: int) -> Page:
    """Within the hold nothing was asked; later no reminder follows."""
    story = db.session.get(Story, story_id) or abort(404)
    in_time = asking.take_back(story, clock.now(), _me())
    flash(_("Undone. Nothing was sent.") if in_time else _("Taken back: no reminder follows."), "saved")
    return redirect(f"/customers/{story.customer_id}", 303)


@blueprint.route("/stories/new", methods=["GET", "POST"])
@access(role("organiser"))
def new() -> Page:
    """Paste a letter, write down what somebody told, or bring a file."""
    form = request.values
    customer = _customer(form.get("customer", ""))
    values = {name: form.get(name, "") for name in ("who", "told_to", "text", "title", "not_to_be_told", "source")}
    values["locale"] = form.get("locale") or (customer.locale if customer else edge.language())
    page = {
        "customer": customer,
        "rules": _rules(),
        "steps": arc.STEPS,
        "open": _said(GUIDE_OPEN),
        "close": _said(CLOSE),
    }
    if request.method == "GET":
        return render_template("stories/new.html", values=values, errors=[], several=[], **page)
    errors, several = [], []
    if customer is None and values["who"].strip():
        several = _found(values["who"])
        customer = several[0] if len(several) == 1 else None
        if not several:
            errors.append(("who", _("Nobody is known by this name or address. Add them as a customer first.")))
        elif customer is None:
            errors.append(("who", _("More than one person fits. Choose who told it.")))
    written: list[files.Written] = []
    upload = request.files.get("file")
    try:
        if upload is not None and upload.filename:
            written = files.read(upload.read(files.FILE_AT_MOST + 1), upload.filename)
        elif arc.cleaned(values["text"]):
            written = [files.Written(arc.cleaned(values["text"])[: arc.TEXT_AT_MOST], values["title"])]
    except files.Unreadable as problem:
        errors.append(("file", _unreadable(problem.why)))
    if not written and not errors:
        errors.append(("text", _("Paste a text, or choose a file.")))
    if errors:
        return render_template("stories/new.html", values=values, errors=errors, several=several, **page), 422
    made = [_add(each, customer, values, len(written) > 1) for each in written]
    if len(made) > 1:
        flash(ngettext("One story added.", "%(num)s stories added.", len(made)), "saved")
        return redirect(url_for("stories.index", show="review"), 303)
    flash(_("Added. Look at names and places first; then it goes to who told it."), "saved")
    return redirect(url_for("stories.show", story_id=made[0].id), 303)


@blueprint.post("/stories/<int:story_id>/storyteller")
@access(role("organiser"))
def storyteller(story_id: int) -> Page:
    """Who told it, when that was not known at first."""
    story = db.session.get(Story, story_id) or abort(404)
    found = _found(request.form.get("who", ""))
    if story.customer_id is None and len(found) == 1:
        story.customer, story.group = found[0], story.group or found[0].group
        flash(_("Saved."), "saved")
    elif story.customer_id is None:
        flash(
            _("Nobody is known by this name or address.") if not found else _("More than one person fits."), "warning"
        )
    return redirect(url_for("stories.show", story_id=story.id), 303)


def _add(written: files.Written, customer: Customer | None, values: dict[str, str], many: bool) -> Story:
    """One story, told now. In a list each row says who; a name that fits nobody, or several, is left open."""
    who = customer
    if who is None and (written.email or written.name):
        found = _found(written.email or written.name)
        who = found[0] if len(found) == 1 else None
    locale = written.language.lower()[:2] if written.language else values["locale"]
    source = "import" if many else values["source"] if values["source"] in ("told", "letter") else "letter"
    story = Story(
        customer=who, organiser=_me(), locale=locale if locale in LANGUAGES else "nl", source=source,
        told_to=values["told_to"].strip()[:200], group=who.group if who else "", begun_at=clock.now(),
        not_to_be_told=arc.cleaned(values["not_to_be_told"]),
    )  # fmt: skip
    db.session.add(story)
    db.session.flush()
    approving.tell(story, clock.now(), _me(), written.text, written.title)
    return story


def _found(who: str) -> list[Customer]:
    """Customers with this address, else of this name; a few at most."""
    who = " ".join(who.split())
    if not who:
        return []
    query = select(Customer).order_by(Customer.sorting).limit(SHOWN)
    if "@" in who:
        return list(db.session.scalars(query.join(Address).where(Address.email == who.lower())))
    return list(db.session.scalars(query.where(Customer.sorting.startswith(PersonName.parse(who).sort_key.strip()))))


def _customer(given: str) -> Customer | None:
    return db.session.get(Customer, int(given)) if given.isdecimal() and len(given) < 15 else None


def _unreadable(why: str) -> str:
    words: dict[str, str] = {
        "too_big": _("This file is too big: at most 5 MB."),
        "kind": _("This is no text, Word document (DOCX) or CSV that can be read."),
        "empty": _("There is no text in this file."),
        "columns": _("The first row names no column “story” or “verhaal”."),
        "too_many": _("At most %(n)s stories at once.", n=files.STORIES_AT_MOST),
    }
    return words[why]


def _named_teams() -> list[tuple[str, str]]:
    return [("", _("The whole organisation")), *((str(team.id), team.name) for team in reviewing.teams())]


def _rules() -> list[str]:
    return [_said(rule) for rule in RULES]


def _said(words: tuple[str, str]) -> str:
    return words[edge.language() == "en"]


def _me() -> Account:
    account: Account = current_user.account
    return account
