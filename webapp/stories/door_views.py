"""Behind the link of who tells a story: tell it, read it back, check what became of it, and take it back. No script."""

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, link
from webapp.accounts.models import Organisation
from webapp.customers import consents
from webapp.customers.models import Use
from webapp.customers.wording import ABOVE, ATTRIBUTIONS, BELOW, use_text
from webapp.stories import approving, arc, asking, changes, pictures
from webapp.stories.models import Story
from webapp.stories.notices import signature

blueprint = Blueprint("story_door", __name__)
Page = str | Response | tuple[str, int]
READ_BACK = len(arc.STEPS) + 1
ASKED_HERE: tuple[Use, ...] = ("story_inside", "read_aloud")
LONGEST = 6_000
"""Characters in one answer."""


@blueprint.get("/v/<token>")
@access(link("story"))
def show(token: str) -> Page:
    """Where this story stands: to be told, told, to be checked, or read."""
    story = story_behind()
    if story.gone:
        return _page("withdrawn", story)
    if story.told_at is None:
        if story.request is not None and story.request.refused_at is not None:
            return _page("refused", story)
        if story.request is not None and story.request.withdrawn_at is not None:
            return _page("closed", story)
        if "no" in request.args:
            return _page("refuse", story)
        return _page("start", story)
    if story.offered_id is not None and story.approved_id != story.offered_id and story.refused_at is None:
        return _approval(story)
    return _page("told", story, version=story.approved, told=story.told)


@blueprint.post("/v/<token>")
@access(link("story"))
def act(token: str) -> Page:
    """Whatever is pressed on that page: each a button of its own."""
    story, now, what = story_behind(), clock.now(), request.form.get("what", "")
    if what == "refuse":
        asking.refuse(story, now)
    elif what == "after all":
        asking.reconsider(story, now)
    elif what == "send" and story.told_at is None:
        if not arc.composed(story.answers, story.language):
            return _reading_back(story, error=_("There is nothing to send yet: answer at least one question.")), 422
        if error := _agree(story):
            return _reading_back(story, error=error), 422
        approving.tell(story, now, None)
    elif what in ("approve", "amend", "keep back"):
        return _decide(story, what)
    elif what == "withdraw":
        approving.withdraw(story, now, None)
    elif what == "give back":
        approving.give_back(story, now)
    return redirect(_here(token), 303)


@blueprint.get("/v/<token>/<int:step>")
@access(link("story"))
def question(token: str, step: int) -> Page:
    """One question a page; the last page reads everything back."""
    story = _open(token, step)
    if isinstance(story, Response):
        return story
    return _reading_back(story) if step == READ_BACK else _question(story, step)


@blueprint.post("/v/<token>/<int:step>")
@access(link("story"))
def answer(token: str, step: int) -> Page:
    """Kept at once, then on to the next; or back, which keeps it too."""
    story = _open(token, step)
    if isinstance(story, Response):
        return story
    if step == READ_BACK:
        abort(405)
    words = arc.cleaned(request.form.get("words", ""))
    if len(words) > LONGEST:
        return _question(story, step, words, _("This is longer than fits: at most %(n)s characters.", n=LONGEST)), 422
    asking.save(story, arc.STEPS[step - 1].name, words, clock.now())
    to = step - 1 if request.form.get("to") == "back" else READ_BACK if request.form.get("to") == "read" else step + 1
    return redirect(_here(token, f"/{max(to, 1)}"), 303)


@blueprint.get("/v/<token>/thanks")
@access(link("story"))
def thanks(token: str) -> Page:
    """Every thank-you that an organiser has passed on."""
    story = story_behind()
    return _page("thanks", story, thanks=[] if story.gone else [each for each in story.thanks if each.checked_at])


@blueprint.get("/v/<token>/coach")
@access(link("story"))
def coach(token: str) -> Page:
    """The five minutes, for who tells it aloud."""
    return _page("coach", story_behind(), steps=arc.STEPS)


def story_behind() -> Story:
    story = db.session.get(Story, edge.opened().subject_id)
    if story is None or story.customer is None:
        raise edge.NoSuchLink
    g.language = story.customer.locale
    return story


def _open(token: str, step: int) -> Story | Response:
    """A story that can still be told; else its first page says why not."""
    story = story_behind()
    if not 1 <= step <= READ_BACK:
        abort(404)
    if story.told_at or story.gone or (story.request and (story.request.refused_at or story.request.withdrawn_at)):
        return redirect(_here(token), 303)
    return story


def _question(story: Story, step: int, words: str | None = None, error: str = "") -> str:
    asked = arc.STEPS[step - 1]
    return _page(
        "question", story, step=step, asked=asked, question=asked.said(asked.question, edge.language()), error=error,
        words=getattr(story, asked.name) if words is None else words, errors=[("words", error)] if error else [],
        total=len(arc.STEPS), at_most=LONGEST,
    )  # fmt: skip


def _reading_back(story: Story, error: str = "") -> str:
    language = edge.language()
    read = [(place, each.said(each.question, language), story.answers[each.name]) for place, each in _numbered()]
    form = {"use": request.form.getlist("use"), "attribution": request.form.get("attribution", "")}
    return _page(
        "read_back", story, read=read, error=error, errors=[("agree", error)] if error else [], given=form,
        **_consent_texts(),
    )  # fmt: skip


def _approval(story: Story, error: str = "", amending: bool = False) -> str:
    told, offered = story.told, story.offered
    assert offered is not None  # asked for only when there is one
    bits = changes.between(told.text if told else "", offered.text)
    texts = {} if story.agreed else _consent_texts()
    form = {"use": request.form.getlist("use"), "attribution": request.form.get("attribution", "")}
    return _page(
        "approve", story, version=offered, bits=bits, changed=any(bit.kind != "same" for bit in bits), given=form,
        amending=amending or "change" in request.args, error=error, errors=[("agree", error)] if error else [],
        words=request.form.get("text", offered.text), title=request.form.get("title", offered.title), **texts,
    )  # fmt: skip


def _decide(story: Story, what: str) -> Page:
    now, seen = clock.now(), request.form.get("version", "")
    try:
        if what == "keep back":
            approving.keep_back(story, now, None)
        elif what == "amend":
            approving.amend(story, request.form.get("title", ""), request.form.get("text", ""), now)
        else:
            if not story.agreed and (error := _agree(story, needed=True)):
                return _approval(story, error), 422
            approving.approve(story, int(seen) if seen.isdecimal() else 0, now, None)
            pictures.approve(story, request.form.get("picture", 0, int), now)
    except approving.NotReady as problem:
        if problem.why == "no_text":
            empty = _("The text is empty. Write it, or choose that you would rather not share it.")
            return _approval(story, empty, amending=True), 422
    return redirect(_here(str((request.view_args or {})["token"])), 303)


def _agree(story: Story, needed: bool = False) -> str:
    """Take down what was ticked, word for word. Returns what is missing, in words."""
    uses = [use for use in ASKED_HERE if use in request.form.getlist("use")]
    shown = request.form.get("attribution", "")
    if needed and "story_inside" not in uses:
        return str(
            _("Tick that colleagues may read it; without that nobody will. Or choose that you would rather not.")
        )
    if "story_inside" in uses and shown not in ATTRIBUTIONS:
        return str(_("Choose what stands with your story: your name, your first name, or no name."))
    if "story_inside" not in uses and uses:
        return str(_("It can be read aloud only when colleagues may read it. Tick that too, or neither."))
    if uses and story.customer is not None:
        consents.agree(story.customer, uses, edge.language(), "page", clock.now(), None, shown)
    return ""


def _consent_texts() -> dict[str, Any]:
    language, organisation = edge.language(), Organisation.required()
    until = consents.expiry(clock.now())
    blank = "…"
    texts = {use: use_text(use, language, organisation, until) for use in ASKED_HERE}
    texts["story_inside"] = texts["story_inside"].replace(f"{ATTRIBUTIONS['name'][language]}.", f"{blank}")
    return {
        "above": ABOVE[language],
        "texts": texts,
        "attributions": [(key, words[language]) for key, words in ATTRIBUTIONS.items()],
        "below": BELOW[language].format(expires_date=dates.date(dates.local(until, organisation.zone), language)),
    }


def _numbered() -> list[tuple[int, arc.Step]]:
    return list(enumerate(arc.STEPS, 1))


def unfit_in_words(why: str) -> str:
    """Why a picture was not taken, and what to do."""
    words: dict[str, str] = {
        "too_big": _("This picture is too big: at most 12 MB and 25 million dots."),
        "kind": _("This is no picture that we can read. Choose a JPEG, PNG or WebP."),
        "no_alt": _("Say what is to be seen, for who does not see it. Then choose the picture once more."),
    }
    return words.get(why, "")


def _here(token: str, rest: str = "") -> str:
    return f"/v/{token}{rest}" + (f"?lang={edge.language()}" if "lang" in request.args else "")


def _page(name: str, story: Story, **values: Any) -> str:
    base = request.path.split("/v/")[0] if g.preview else "/v/" + str((request.view_args or {}).get("token", ""))
    if g.preview:
        base = f"/preview/story/{story.id}"
    chosen = f"?lang={edge.language()}" if "lang" in request.args else ""
    zone = Organisation.required().zone
    return render_template(
        f"stories/door/{name}.html", story=story, base=base, chosen=chosen, signed=signature(story),
        read_back=READ_BACK, unfit=unfit_in_words(request.args.get("unfit", "")),
        local=lambda moment: dates.local(moment, zone), **values,
    )  # fmt: skip
