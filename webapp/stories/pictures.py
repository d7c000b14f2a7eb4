"""The picture with a story: one raster image, written anew so that nothing but its dots is kept, and its description."""

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, ImageOps
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import Base, Id, references

if TYPE_CHECKING:
    from webapp.stories.models import Story

KINDS = ("JPEG", "PNG", "WEBP")
FILE_AT_MOST = 12 * 1024 * 1024
DOTS_AT_MOST = 25_000_000
"""Unpacked: asked of the head of the file, before anything is unpacked."""
SIDE_AT_MOST = 1_600
QUALITY = 82
ALT_AT_MOST = 300
"""Characters."""


class Unfit(Exception):
    """`why`: `too_big`, `kind`, `no_alt`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class StoryPicture(Base):
    """Shown to colleagues once who told the story has seen it there and approved, or brought it themselves."""

    __tablename__ = "story_picture"

    id: Mapped[Id]
    story_id: Mapped[int] = references("story.id", ondelete="CASCADE", unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """A JPEG of ours."""
    alt: Mapped[str]
    """What is to be seen, for who does not see it."""
    at: Mapped[datetime]
    by_id: Mapped[int | None] = references("account.id")
    """None: who tells it, through their link."""
    approved_at: Mapped[datetime | None]

    story: Mapped["Story"] = relationship(back_populates="picture")


def add(story: "Story", content: bytes, alt: str, now: datetime, by: Account | None) -> StoryPicture:
    """In the place of the one before. Raises Unfit."""
    alt = " ".join(alt.split())[:ALT_AT_MOST]
    made = rewritten(content)
    if not alt:
        raise Unfit("no_alt")
    remove(story, now, by)
    story.picture = StoryPicture(content=made, alt=alt, at=now, by_id=by and by.id, approved_at=None if by else now)
    story.note("added a picture", by, now)
    db.session.flush()
    return story.picture


def remove(story: "Story", now: datetime, by: Account | None) -> None:
    story.hold()
    if story.picture is not None:
        db.session.delete(story.picture)
        db.session.flush()
        db.session.expire(story, ["picture"])
        story.note("removed a picture", by, now)


def approve(story: "Story", seen: int, now: datetime) -> None:
    """Exactly the one that was `seen`."""
    if story.picture is not None and story.picture.id == seen:
        story.picture.approved_at = story.picture.approved_at or now


def rewritten(content: bytes) -> bytes:
    """The dots alone, upright, at most so wide and high: no place, camera, thumbnail or comment goes along."""
    if len(content) > FILE_AT_MOST:
        raise Unfit("too_big")
    try:
        with Image.open(BytesIO(content), formats=KINDS) as opened:
            if opened.width * opened.height > DOTS_AT_MOST:
                raise Unfit("too_big")
            opened.draft("RGB", (SIDE_AT_MOST, SIDE_AT_MOST))
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unfit("kind") from error
    upright.thumbnail((SIDE_AT_MOST, SIDE_AT_MOST))
    dots = Image.new("RGB", upright.size, "white")
    dots.paste(upright, mask=upright)
    file = BytesIO()
    dots.save(file, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return file.getvalue()
