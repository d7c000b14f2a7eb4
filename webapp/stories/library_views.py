"""Colleagues read stories on their own page, without an account or a script, and write back."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link
from webapp.staff.models import StaffMember
from webapp.stories import library, reviewing, sharing
from webapp.stories.models import Story, Thanks
from webapp.stories.views import principles

blueprint = Blueprint("story_library", __name__)
Page = str | Response | tuple[str, int]


@blueprint.get("/m/<token>/stories")
@access(link("staff"))
def index(token: str) -> str:
    """Every story that may be read, whichever team it was first given to."""
    me = colleague()
    wanted, after = library.Wanted.of(request.args), request.args.get("after", "")
    found = library.find(wanted, int(after) if after.isdecimal() and len(after) < 15 else None)
    return render_template(
        "stories/library.html", found=found, wanted=wanted, base=_base(me), me=me, teams=reviewing.teams(),
        groups=library.groups(), principles=principles(),
    )  # fmt: skip


@blueprint.get("/m/<token>/stories/<int:story_id>")
@access(link("staff"))
def show(token: str, story_id: int) -> Page:
    return _reading(colleague(), library.one(story_id) or abort(404))


@blueprint.post("/m/<token>/stories/<int:story_id>")
@access(link("staff"))
def thank(token: str, story_id: int) -> Page:
    """A few words back; an organiser reads along first."""
    me, story, words = colleague(), library.one(story_id) or abort(404), request.form.get("thanks", "")
    if story.gone:
        return redirect(_here(me, story), 303)
    if not words.strip():
        return _reading(me, story, error=_("Write a few words first.")), 422
    if len(words) > sharing.THANKS_AT_MOST:
        return _reading(me, story, words, _("Keep it under %(n)s characters.", n=sharing.THANKS_AT_MOST)), 422
    if _given(me, story) is None:
        sharing.thank(story, me, words, clock.now())
    return redirect(_here(me, story) + "#thanks", 303)


@blueprint.get("/m/<token>/stories/<int:story_id>/aloud")
@access(link("staff"))
def aloud(token: str, story_id: int) -> Page:
    """In big letters, for a meeting; only where the storyteller allowed it."""
    me, story = colleague(), library.one(story_id) or abort(404)
    if story.gone:
        return _reading(me, story)
    allowed = story.customer is not None and story.customer.agreed("read_aloud")
    return render_template(
        "stories/aloud_link.html",
        story=story,
        version=story.approved,
        allowed=allowed,
        back=_here(me, story),
        picture=f"{_base(me)}/{story.id}/picture",
    )


def _reading(me: StaffMember, story: Story, words: str = "", error: str = "") -> str:
    may_aloud = story.customer is not None and story.customer.agreed("read_aloud")
    return render_template(
        "stories/reading.html", story=story, version=None if story.gone else story.approved, base=_base(me), me=me,
        given=_given(me, story), words=words, error=error, errors=[("thanks", error)] if error else [],
        may_aloud=may_aloud, principles=principles(), there=_here(me, story), at_most=sharing.THANKS_AT_MOST,
    )  # fmt: skip


def _given(me: StaffMember, story: Story) -> Thanks | None:
    """What I wrote back already: once is enough."""
    mine = select(Thanks).where(Thanks.story_id == story.id, Thanks.staff_id == me.id).order_by(Thanks.id.desc())
    return db.session.scalars(mine).first()


def colleague() -> StaffMember:
    mine = select(StaffMember).where(StaffMember.address_id == edge.opened().subject_id, StaffMember.left_at.is_(None))
    found = db.session.scalars(mine).first()
    if found is None:
        raise edge.NoSuchLink
    g.language = found.address.locale if found.address else None
    return found


def _base(me: StaffMember) -> str:
    if g.preview:
        return url_for("preview.story_library.index", subject_id=me.address_id)
    return url_for("story_library.index", token=(request.view_args or {})["token"])


def _here(me: StaffMember, story: Story) -> str:
    return f"{_base(me)}/{story.id}" + (f"?lang={edge.language()}" if "lang" in request.args else "")
