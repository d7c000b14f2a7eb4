"""From what was told to what is approved: told once, edited, sent, and approved, changed or kept back by who told it."""

from datetime import datetime

from webapp import db
from webapp.accounts.models import Account
from webapp.stories import arc
from webapp.stories.models import Story, StoryVersion


class NotReady(Exception):
    """`why`: `no_text`, `no_storyteller`, `no_mail`, `nothing_to_approve`, `changed_meanwhile`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def tell(story: Story, now: datetime, by: Account | None, text: str = "", title: str = "") -> None:
    """This is what was told. From here on it is kept as it is; editing happens beside it."""
    if story.told_at is not None:
        return
    story.text = arc.cleaned(text or arc.composed(story.answers, story.language))[: arc.TEXT_AT_MOST]
    story.title = arc.cleaned(title)[: arc.TITLE_AT_MOST] or arc.first_sentence(story.text, story.language)
    story.told_at = now
    db.session.flush()
    story.keep("told", now, by)
    story.note("told a story", by, now)


def edit(story: Story, seen: int, now: datetime, by: Account | None, **texts: str) -> None:
    """The organiser's text. Raises NotReady when somebody else wrote meanwhile; what was sent or approved stays."""
    story.hold()
    if seen != story.revision:
        raise NotReady("changed_meanwhile")
    changed = {name: arc.cleaned(text) for name, text in texts.items() if arc.cleaned(text) != getattr(story, name)}
    for name, words in changed.items():
        setattr(story, name, words)
    if changed:
        story.revision += 1
        story.note("edited a story", by, now)


def offer(story: Story, now: datetime, by: Account | None) -> StoryVersion:
    """Ask who told it whether this text may be read. A mail leaves to who has an address."""
    if not story.text.strip():
        raise NotReady("no_text")
    if story.customer is None:
        raise NotReady("no_storyteller")
    version = story.keep("offered", now, by)
    story.offered_id = version.id
    story.approval_asked_at, story.refused_at, story.amended_at = now, None, None
    if story.shared_at is None:
        story.approved_at = story.approved_id = None
    db.session.flush()
    db.session.refresh(story, ["offered", "versions"])
    story.note("sent a story for approval", by, now)
    return version


def approve(story: Story, seen: int, now: datetime, by: Account | None) -> None:
    """Exactly the text that was `seen` may be shared; another one was sent meanwhile: NotReady."""
    story.hold()
    if story.offered_id is None or story.offered_id != seen:
        raise NotReady("nothing_to_approve")
    story.approved_id, story.approved_at = story.offered_id, now
    story.refused_at = story.amended_at = None
    db.session.flush()
    db.session.refresh(story, ["approved"])
    story.note("approved a story", by, now)


def amend(story: Story, title: str, text: str, now: datetime) -> None:
    """Who told it says it differently: back to the organiser, who sends it once more."""
    story.hold()
    text = arc.cleaned(text)[: arc.TEXT_AT_MOST]
    if not text:
        raise NotReady("no_text")
    story.text = text
    story.title = arc.cleaned(title)[: arc.TITLE_AT_MOST] or story.title
    story.revision += 1
    story.amended_at, story.offered_id = now, None
    db.session.flush()
    story.keep("amended", now, None)
    story.note("changed a story", None, now)


def keep_back(story: Story, now: datetime, by: Account | None) -> None:
    """Rather not: it was not shared and will not be."""
    story.refused_at, story.offered_id = now, None
    if story.shared_at is not None:
        withdraw(story, now, by)
    story.note("kept a story back", by, now)


def withdraw(story: Story, now: datetime, by: Account | None) -> None:
    """Gone at the next request, everywhere it was."""
    if story.withdrawn_at is None:
        story.withdrawn_at = now
        story.note("withdrew a story", by, now)


def give_back(story: Story, now: datetime) -> None:
    """Whoever took it back by mistake may undo that."""
    if story.withdrawn_at is not None:
        story.withdrawn_at = None
        story.note("gave a story back", None, now)
