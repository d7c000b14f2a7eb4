"""The picture with a story: brought by an organiser or by who tells it, and shown where the story is read."""

from secrets import token_hex
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db
from webapp.access import access, link, role
from webapp.accounts.models import Account
from webapp.stories import library, pictures
from webapp.stories.door_views import story_behind, unfit_in_words
from webapp.stories.library_views import colleague
from webapp.stories.models import Story

blueprint = Blueprint("story_pictures", __name__)


@blueprint.get("/stories/<int:story_id>/picture")
@access(role("viewer"))
def show(story_id: int) -> Response:
    return _sent(db.session.get(Story, story_id))


@blueprint.post("/stories/<int:story_id>/picture")
@access(role("organiser"))
def change(story_id: int) -> Response:
    """Bring one, or take it away. Colleagues see it after who told the story has approved it."""
    story = db.session.get(Story, story_id) or abort(404)
    me: Account = current_user.account
    why = _changed(story, me)
    flash(unfit_in_words(why) or _("Saved."), "warning" if why else "saved")
    return redirect(url_for("stories.show", story_id=story.id, _anchor="picture"), 303)


@blueprint.get("/m/<token>/stories/<int:story_id>/picture")
@access(link("staff"))
def read(token: str, story_id: int) -> Response:
    """For who works here: only what may be read now."""
    colleague()
    story = library.one(story_id)
    return _sent(story if story is not None and story.shown_picture else None)


@blueprint.get("/v/<token>/picture")
@access(link("story"))
def mine(token: str) -> Response:
    return _sent(story_behind())


@blueprint.post("/v/<token>/picture")
@access(link("story"))
def bring(token: str) -> Response:
    """Who tells it brings a picture, or takes it away: approved by that."""
    story = story_behind()
    if story.told_at is None or story.gone:
        abort(404)
    why = _changed(story, None)
    asked: dict[str, Any] = {"lang": request.args.get("lang"), "unfit": why or None}
    return redirect(url_for("story_door.show", token=token, **asked, _anchor="picture"), 303)


def _changed(story: Story, by: Account | None) -> str:
    """Do what the form says. What is wrong with the picture, as a key; empty: nothing."""
    now, upload = clock.now(), request.files.get("picture")
    if request.form.get("what") == "remove":
        pictures.remove(story, now, by)
        return ""
    try:
        content = upload.read(pictures.FILE_AT_MOST + 1) if upload is not None else b""
        pictures.add(story, content, request.form.get("alt", ""), now, by)
    except pictures.Unfit as unfit:
        return unfit.why
    return ""


def _sent(story: Story | None) -> Response:
    """Never opened by itself: under a random name, to be saved; a page shows it all the same."""
    if story is None or story.picture is None or story.gone:
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{token_hex(8)}.jpg"'}
    return Response(story.picture.content, mimetype="image/jpeg", headers=headers)
