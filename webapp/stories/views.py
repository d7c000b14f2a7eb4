"""The organiser's stories: what is to be reviewed, what is read, and one story on its way from told to shared."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, role
from webapp.accounts.models import Account, Organisation
from webapp.accounts.signing_in import safe_path
from webapp.customers import consents
from webapp.customers.wording import ABOVE, ATTRIBUTIONS, use_text
from webapp.staff.models import Team
from webapp.stories import approving, arc, changes, library, recognising, reviewing, sharing
from webapp.stories.models import PRINCIPLES, Story, Thanks
from webapp.stories.recognising import REPLACEMENTS, Kind

blueprint = Blueprint("stories", __name__)
Page = str | Response | tuple[str, int]


@blueprint.get("/stories")
@access(role("viewer"))
def index() -> str:
    """What may be read, the newest first; or what is still under way."""
    if request.args.get("show") == "review":
        return _review()
    wanted = library.Wanted.of(request.args)
    after = request.args.get("after", "")
    found = library.find(wanted, int(after) if after.isdecimal() and len(after) < 15 else None)
    return render_template(
        "stories/index.html",
        found=found,
        wanted=wanted,
        waiting=reviewing.count(),
        under_way=bool(reviewing.waiting_for_them()) if wanted.plain and not found.stories else False,
        teams=reviewing.teams(),
        groups=library.groups(),
        principles=principles(),
        query=None,
    )


def _review() -> str:
    return render_template(
        "stories/review.html",
        ours=reviewing.waiting_for_us(),
        theirs=reviewing.waiting_for_them(),
        ended=reviewing.ended(),
        thanks=reviewing.thanks_to_check(),
        states=states(),
    )


@blueprint.get("/stories/<int:story_id>")
@access(role("viewer"))
def show(story_id: int) -> str:
    """Read it when it is shared; else work on it."""
    story = _story(story_id)
    if story.gone:
        return render_template("stories/gone.html", story=story)
    return _reading(story) if story.shared_at else _working(story)


@blueprint.get("/stories/<int:story_id>/aloud")
@access(role("viewer"))
def aloud(story_id: int) -> Page:
    """In big letters, for a meeting; only where the storyteller allowed it."""
    story = library.one(story_id) or abort(404)
    if story.gone:
        return render_template("stories/gone.html", story=story)
    allowed = story.customer is not None and story.customer.agreed("read_aloud")
    back = url_for("stories.show", story_id=story.id)
    return render_template("stories/aloud.html", story=story, version=story.approved, allowed=allowed, back=back)


@blueprint.post("/stories/<int:story_id>/text")
@access(role("organiser"))
def edit(story_id: int) -> Page:
    """The text as the organiser has it; what was told stays beside it."""
    story, form = _story(story_id), request.form
    typed = {name: form.get(name, "") for name in ("title", "byline", "text")}
    too_long = len(typed["text"]) > arc.TEXT_AT_MOST or len(typed["title"]) > arc.TITLE_AT_MOST
    if too_long or not typed["text"].strip():
        error = _("Keep it under %(n)s characters.", n=arc.TEXT_AT_MOST) if too_long else _("The text is empty.")
        return _working(story, error=error, typed=typed), 422
    seen = form.get("revision", "")
    try:
        approving.edit(story, int(seen) if seen.isdecimal() else -1, clock.now(), _me(), **typed)
    except approving.NotReady:
        said = _("Somebody else changed this text meanwhile. Below is what you wrote; beside it what stands there now.")
        return _working(story, error=said, typed=typed, theirs=story.text), 409
    if form.get("principle", "") in ("", *PRINCIPLES):
        story.principle = form.get("principle", "")
    flash(_("Saved."), "saved")
    return redirect(url_for("stories.show", story_id=story.id), 303)


@blueprint.post("/stories/<int:story_id>/replace")
@access(role("organiser"))
def replace(story_id: int) -> Page:
    """One click of the privacy check: a name, wherever it stands, becomes [name]."""
    story, what, kind = _story(story_id), request.form.get("what", ""), request.form.get("kind", "")
    seen = request.form.get("revision", "")
    if kind not in REPLACEMENTS or not what.strip():
        abort(400)
    known: Kind = kind
    texts = {
        name: recognising.replaced(getattr(story, name), what, known, story.language) for name in ("title", "text")
    }
    try:
        approving.edit(story, int(seen) if seen.isdecimal() else -1, clock.now(), _me(), **texts)
    except approving.NotReady:
        flash(_("Somebody else changed this text meanwhile. Look once more."), "warning")
    return redirect(url_for("stories.show", story_id=story.id, _anchor="check"), 303)


@blueprint.post("/stories/<int:story_id>/approval")
@access(role("organiser"))
def offer(story_id: int) -> Page:
    """To who told it: is this right?"""
    story = _story(story_id)
    if not (story.customer and story.customer.address) or story.customer.address.suppressed_at:
        flash(
            _("This storyteller cannot be mailed. Read the text aloud on the phone, and record the approval."),
            "warning",
        )
        return redirect(url_for("stories.show", story_id=story.id), 303)
    try:
        approving.offer(story, clock.now(), _me())
    except approving.NotReady:
        flash(_("There is no text yet."), "warning")
    else:
        flash(_("A mail is on its way. Nobody reads the story before it is approved."), "saved")
    return redirect(url_for("stories.show", story_id=story.id), 303)


@blueprint.post("/stories/<int:story_id>/approval/phone")
@access(role("organiser"))
def approve_by_phone(story_id: int) -> Page:
    """Read aloud on the phone: the text, and the words of the consent as they stand."""
    story, me, now = _story(story_id), _me(), clock.now()
    shown, uses = request.form.get("attribution", ""), request.form.getlist("use")
    if story.customer is None or "read" not in request.form or (not story.agreed and "story_inside" not in uses):
        said = _("Tick that you read the text aloud, and what the storyteller allows.")
        return _working(story, error=said), 422
    if "story_inside" in uses:
        if shown not in ATTRIBUTIONS:
            return _working(story, error=_("Choose what stands with the story.")), 422
        given: Any = [use for use in ("story_inside", "read_aloud") if use in uses]
        consents.agree(story.customer, given, story.language, "phone", now, me, shown)
    version = approving.offer(story, now, me)
    approving.approve(story, version.id, now, me)
    flash(_("Recorded: approved on the phone."), "saved")
    return redirect(url_for("stories.show", story_id=story.id), 303)


@blueprint.post("/stories/<int:story_id>/sharings")
@access(role("organiser"))
def share(story_id: int) -> Page:
    """To these teams, after the hold; within it, and later, it can be taken back."""
    story = _story(story_id)
    chosen = {int(each) for each in request.form.getlist("teams") if each.isdecimal() and len(each) < 15}
    teams = db.session.scalars(select(Team).where(db.among(Team.id, chosen)).order_by(Team.id)).all()
    if not teams:
        flash(_("Choose at least one team."), "warning")
        return redirect(url_for("stories.show", story_id=story.id, _anchor="share"), 303)
    try:
        told = sharing.share(story, teams, clock.now(), edge.settings().hold, _me())
    except sharing.NotAllowed as problem:
        words = {
            "not_approved": _("The storyteller has not approved a text yet."),
            "no_consent": _("The storyteller has not allowed that colleagues read it."),
            "withdrawn": _("The storyteller has withdrawn it."),
        }
        flash(words[problem.why], "warning")
        return redirect(url_for("stories.show", story_id=story.id), 303)
    said = ngettext("Shared. One colleague gets a mail.", "Shared. %(num)s colleagues get a mail.", told)
    action = url_for("stories.unshare", story_id=story.id)
    flash({"text": said, "action": action, "fields": {}}, "undo")  # type: ignore[arg-type]  # the frame shows it
    return redirect(url_for("stories.show", story_id=story.id), 303)


@blueprint.post("/stories/<int:story_id>/sharings/undo")
@access(role("organiser"))
def unshare(story_id: int) -> Page:
    """From one team, or from all: whoever was not mailed yet is not mailed."""
    story, team = _story(story_id), request.form.get("team", "")
    sharing.take_back(story, clock.now(), int(team) if team.isdecimal() and len(team) < 15 else None)
    story.note("took a story back from teams", _me(), clock.now())
    flash(_("Taken back. Mail that had not left does not leave."), "saved")
    return redirect(url_for("stories.show", story_id=story.id), 303)


@blueprint.post("/stories/thanks/<int:thanks_id>")
@access(role("organiser"))
def check_thanks(thanks_id: int) -> Page:
    """It goes on to the storyteller, or it does not."""
    thanks = db.session.get(Thanks, thanks_id) or abort(404)
    good = request.form.get("what") == "pass on"
    sharing.check(thanks, good, clock.now(), _me())
    flash(_("It goes to the storyteller, with others of this month.") if good else _("It does not go on."), "saved")
    back = url_for("stories.index", show="review", _anchor="thanks")
    return redirect(safe_path(request.form.get("next") or back), 303)


def _reading(story: Story) -> str:
    shared = [each for each in story.sharings if each.undone_at is None]
    free = [team for team in reviewing.teams() if team.id not in {each.team_id for each in shared}]
    may_aloud = story.customer is not None and story.customer.agreed("read_aloud")
    return render_template(
        "stories/story.html", story=story, version=story.approved, shared=shared, teams=free, may_aloud=may_aloud,
        thanks=story.thanks, principles=principles(), to_tell=sharing.to_tell(story),
    )  # fmt: skip


def _working(story: Story, error: str = "", typed: dict[str, str] | None = None, theirs: str = "") -> str:
    told = story.told
    headings = [each.said(each.heading, story.language) for each in arc.TOLD]
    names = reviewing.known_names(f"{story.title}\n{story.text}")
    found = recognising.marks(story.text, names, (), headings)
    language, organisation, now = story.language, Organisation.required(), clock.now()
    until = consents.expiry(now)
    agreed = story.agreed
    return render_template(
        "stories/work.html",
        story=story,
        state=states()[story.state],
        told=told,
        pieces=_pieces(story.text, found),
        found=_distinct(found),
        replacement=lambda kind: REPLACEMENTS[kind][language],
        kinds=kinds(),
        principles=principles(),
        changed=changes.count(told.text, story.text) if told else 0,
        bits=changes.between(told.text, story.text) if told else [],
        steps=list(reviewing.steps(story)),
        typed=typed or {"title": story.title, "byline": story.byline, "text": story.text},
        error=error,
        theirs=theirs,
        errors=[("text", error)] if error else [],
        to_tell=sharing.to_tell(story),
        teams=reviewing.teams(),
        ready=story.approved_id is not None and agreed,
        same=story.approved is not None and (story.approved.title, story.approved.text) == (story.title, story.text),
        agreed=agreed,
        mailable=bool(story.customer and story.customer.address and not story.customer.address.suppressed_at),
        above=ABOVE[language],
        uses=[(use, use_text(use, language, organisation, until)) for use in ("story_inside", "read_aloud")],
        attributions=[(key, words[language]) for key, words in ATTRIBUTIONS.items()],
        said=lambda step: step.said(step.question, edge.language()),
        arc=arc,
    )


def _pieces(text: str, found: list[recognising.Mark]) -> list[tuple[str, str]]:
    """The text in stretches, each with what it may be; most are nothing."""
    pieces, at = [], 0
    for mark in found:
        pieces += [("", text[at : mark.start]), (mark.kind, mark.text)]
        at = mark.end
    return [*pieces, ("", text[at:])]


def _distinct(found: list[recognising.Mark]) -> list[tuple[str, Kind, int]]:
    """Each thing once, with how often it stands there."""
    counted: dict[tuple[str, Kind], int] = {}
    for mark in found:
        counted[mark.text, mark.kind] = counted.get((mark.text, mark.kind), 0) + 1
    return [(text, kind, times) for (text, kind), times in counted.items()]


def principles() -> dict[str, tuple[str, str, str]]:
    """What a story is about: word, icon, tone."""
    return {
        "impact": (_("impact"), "spark", "accent"),
        "appreciation": (_("appreciation"), "heart", "voice"),
        "empathy": (_("empathy"), "hand", "other"),
    }


def kinds() -> dict[str, str]:
    return {
        "name": _("name"), "place": _("place"), "date": _("date"), "number": _("number"), "contact": _("contact detail"),
    }  # fmt: skip


def states() -> dict[str, tuple[str, str, str]]:
    """Where a story stands: word, icon, tone."""
    return {
        "asked": (_("asked"), "send", "info"),
        "begun": (_("is writing"), "edit", "info"),
        "silent": (_("question taken back"), "undo", ""),
        "declined": (_("rather does not tell"), "x-circle", "no"),
        "told": (_("to be checked"), "eye", "maybe"),
        "offered": (_("with the storyteller"), "hourglass", "info"),
        "amended": (_("changed by the storyteller"), "edit", "maybe"),
        "kept_back": (_("rather not shared"), "lock", "no"),
        "approved": (_("approved, to be shared"), "check", "maybe"),
        "shared": (_("shared"), "check", "yes"),
        "withdrawn": (_("withdrawn"), "lock", ""),
    }


def _story(story_id: int) -> Story:
    return db.session.get(Story, story_id) or abort(404)


def _me() -> Account:
    account: Account = current_user.account
    return account
