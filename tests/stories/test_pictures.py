"""A picture goes with a story: nothing of the file but its dots, approved by who tells it, and gone with the story."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from tests.doors import door, nonce, press
from tests.fixtures.database import Clock
from tests.stories import making
from tests.stories.making import NOW
from tests.stories.test_sharing import shared_with_colleague
from webapp import db
from webapp.config import Settings
from webapp.mailing.post import Post
from webapp.privacy.erasing import erase
from webapp.privacy.exporting import packed, person_of
from webapp.stories import pictures
from webapp.stories.models import Story, StoryPicture


def photo(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """With the place where it was taken, and a comment."""
    image, file, told = Image.new("RGB", size, "teal"), BytesIO(), Image.Exif()
    told[0x010E] = "kanarie"
    told[0x0112] = 6  # held upright
    image.save(file, kind, exif=told, comment=b"kanarie") if kind == "JPEG" else image.save(file, kind)
    return file.getvalue()


def bring(client: FlaskClient, page: str, content: bytes, alt: str = "Een hand op een schouder.") -> str:
    """Who tells the story brings a picture; where that leads."""
    fields = {"nonce": nonce(client.get(page)), "alt": alt, "picture": (BytesIO(content), "ik.jpg")}
    return client.post(f"{page}/picture", data=fields).location.partition("?")[2]


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_only_the_dots_are_kept_upright_and_no_bigger_than_a_page_needs(kind: str) -> None:
    made = Image.open(BytesIO(pictures.rewritten(photo(kind, (3200, 1600)))))
    assert (made.format, dict(made.getexif()), b"kanarie" in pictures.rewritten(photo(kind))) == ("JPEG", {}, False)
    assert made.size == ((800, 1600) if kind == "JPEG" else (1600, 800))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "kind"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"), (photo()[:200], "kind"),
        (photo("PNG", (6000, 6000)), "too_big"), (b"x" * (pictures.FILE_AT_MOST + 1), "too_big"),
    ],
    ids=["nothing", "svg", "half a file", "too many dots", "too many bytes"],
)  # fmt: skip
def test_what_is_no_picture_or_too_big_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(pictures.Unfit) as refused:
        pictures.rewritten(content)
    assert refused.value.why == why


def test_who_tells_it_brings_one_and_colleagues_see_it_until_the_story_is_withdrawn(
    client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    story_id, page = shared_with_colleague(settings)
    mine, theirs = door(settings, "story", story_id), f"{page}/stories/{story_id}"
    assert bring(client, mine, photo(), alt=" ") == "unfit=no_alt#picture"
    assert "Zeg wat er te zien is" in client.get(f"{mine}?unfit=no_alt").text
    assert client.get(f"{theirs}/picture").status_code == 404
    assert bring(client, mine, photo()) == ""
    assert 'alt="Een hand op een schouder."' in client.get(theirs).text
    seen = client.get(f"{theirs}/picture")
    assert (seen.mimetype, seen.headers["Content-Disposition"].startswith("attachment")) == ("image/jpeg", True)
    assert (seen.headers["Cache-Control"], seen.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    press(client, mine, what="withdraw")
    assert [client.get(f"{each}/picture").status_code for each in (mine, theirs)] == [404, 404]


def test_what_an_organiser_brings_is_seen_by_colleagues_after_the_storyteller_approved_that_picture(
    app: Flask, client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    organiser = making.organiser(app)
    with db.transaction():
        story = making.told()
        assert story.customer is not None
        making.allow(story.customer)
        story_id = story.id
    for _ in range(2):
        making.send(
            organiser, f"/stories/{story_id}", f"/stories/{story_id}/picture",
            alt="Een brief op tafel.", picture=(BytesIO(photo("PNG")), "brief.png"),
        )  # fmt: skip
    making.send(organiser, f"/stories/{story_id}", f"/stories/{story_id}/approval")
    mine = door(settings, "story", story_id)
    assert 'alt="Een brief op tafel."' in client.get(mine).text
    with db.transaction():
        story = db.session.get_one(Story, story_id)
        picture, version = story.picture, story.offered_id
        assert picture is not None
        assert (picture.approved_at, story.shown_picture) == (None, None)
        number = picture.id
    press(client, mine, what="approve", version=version, picture=number)
    with db.transaction():
        assert db.session.get_one(Story, story_id).shown_picture is not None
        assert len(db.session.scalars(select(StoryPicture)).all()) == 1, "the second took the place of the first"
    making.send(organiser, f"/stories/{story_id}", f"/stories/{story_id}/picture", what="remove")
    with db.transaction():
        assert db.session.scalars(select(StoryPicture)).all() == []


def test_it_is_in_what_somebody_takes_along_and_goes_when_they_are_erased(
    app: Flask, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    with app.test_request_context(), db.transaction():
        story = making.shared()
        assert story.customer is not None
        pictures.add(story, photo(), "Een brug.", NOW, None)
        customer, made = (
            story.customer,
            packed(person_of(story.customer), ["Samira Haddou"], "nl", Post.of(settings, "Universiteit"), NOW),
        )
        names = ZipFile(BytesIO(made)).namelist()
        assert names == ["data.json", "data.html", f"story-{story.id}.jpg"]
        erase(customer, "organiser", None, NOW, settings.secret_keys)
        assert db.session.scalars(select(StoryPicture.id)).all() == []
