"""A mapping round from its start to its end, and what a colleague answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, literal, select, update

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.groups import sampling
from webapp.groups.models import NAME_AT_MOST, NAMES_AT_MOST, QUESTIONS, Asked, EndUserGroup, MappingRound, Suggestion
from webapp.groups.sampling import Sizes
from webapp.people import folded
from webapp.staff.models import StaffMember

DAYS_OPEN = (7, 14, 28)


class Changed(Exception):
    """Who would be mailed is no longer who was shown: somebody else asked them, or a colleague left."""


class Closed(Exception):
    """The round takes no more answers."""


def start(
    seed: str, sizes: Sizes, shown: str, days: int, by: Account, now: datetime, hold: timedelta
) -> MappingRound | None:
    """Ask the sample that was shown; the mail leaves after the hold. None: there is nobody to ask. Raises Changed.

    One round at a time is started, so that two organisers never draw the same person.
    """
    db.session.execute(select(Organisation.id).with_for_update())
    sample = sampling.drawn(seed, sampling.allowed(sizes, now), now)
    people = [row.staff_id for row in db.session.execute(sample)]
    if sampling.fingerprint(people) != shown:
        raise Changed
    if not people:
        return None
    released_at = now + hold
    made = MappingRound(
        started_at=now, started_by_id=by.id, released_at=released_at, closes_at=released_at + timedelta(days=days),
        seed=seed, sizes=dict(sizes), asked_count=len(people),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    drawn = sample.subquery()
    rows = select(literal(made.id), drawn.c.staff_id, drawn.c.team_id, drawn.c.layer)
    db.session.execute(insert(Asked).from_select(["round_id", "staff_id", "team_id", "layer"], rows))
    return made


def rehearsed(member: StaffMember, by: Account, now: datetime) -> Asked:
    """A round of one colleague, as their page would show it; for a rehearsal, which forgets it."""
    made = MappingRound(
        started_at=now, started_by_id=by.id, released_at=now, closes_at=now + timedelta(days=14),
        seed="", sizes={}, asked_count=1,
    )  # fmt: skip
    asked = Asked(
        round=made, staff=member, team_id=member.team_id, layer=member.team.layer if member.team else "support"
    )
    db.session.add(asked)
    db.session.flush()
    return asked


def undo(round: MappingRound, now: datetime) -> bool:
    """Within the hold nobody was asked: the round is gone. False: too late."""
    if round.released_at <= now:
        return False
    db.session.execute(delete(MappingRound).where(MappingRound.id == round.id))
    db.session.expunge(round)
    return True


def stop(round: MappingRound, now: datetime) -> None:
    """No more mail leaves and no more answers come in; what was said stays."""
    round.stopped_at = round.stopped_at or now


def reopen(round: MappingRound) -> None:
    round.stopped_at = None


Names = Mapping[int, Sequence[str]]
"""By question, what was typed."""
Ticks = Mapping[int, Sequence[int]]
"""By question, the groups that were ticked."""


def answer(asked: Asked, names: Names, ticks: Ticks, now: datetime) -> None:
    """What this colleague says, in place of what they said before. Raises Closed."""
    db.session.execute(select(Asked.id).where(Asked.id == asked.id).with_for_update())
    if not asked.round.open(now):
        raise Closed
    before = {(each.question, each.folded): each.group_id for each in asked.suggestions}
    asked.suggestions.clear()
    db.session.flush()
    groups = {each.id: each for each in db.session.scalars(select(EndUserGroup).where(EndUserGroup.standing()))}
    for question in QUESTIONS:
        seen: set[str] = set()
        chosen = [groups[id] for id in ticks.get(question, ()) if id in groups]
        for group in chosen:
            seen.add(group.folded)
            asked.suggestions.append(_said(question, group.name, group.folded, group.id, ticked=True))
        for name in _cleaned(names.get(question, ())):
            same = folded(name) or name.casefold()
            if same not in seen:
                seen.add(same)
                asked.suggestions.append(_said(question, name, same, before.get((question, same)), ticked=False))
    asked.answered_at = now
    db.session.flush()


def meant(asked: Asked, suggestion_id: int, group_id: int | None, now: datetime) -> None:
    """The colleague says that a name they typed is this group, or after all is not. Raises Closed."""
    if not asked.round.open(now):
        raise Closed
    standing = select(EndUserGroup.id).where(EndUserGroup.id == group_id, EndUserGroup.standing())
    said = update(Suggestion).where(Suggestion.id == suggestion_id, Suggestion.asked_id == asked.id)
    db.session.execute(said.where(Suggestion.ticked.is_(False)).values(group_id=standing.scalar_subquery()))


def counts(round_id: int) -> tuple[int, int]:
    """How many were asked, and how many answered."""
    query = select(func.count(), func.count(Asked.answered_at)).where(Asked.round_id == round_id)
    asked, answered = db.session.execute(query).one()
    return asked, answered


def _said(question: int, text: str, same: str, group_id: int | None, *, ticked: bool) -> Suggestion:
    return Suggestion(question=question, text=text, folded=same, group_id=group_id, ticked=ticked)


def _cleaned(names: Sequence[str]) -> list[str]:
    """A field may hold several names, on lines or between semicolons."""
    parts = [" ".join(part.split())[:NAME_AT_MOST] for name in names for part in name.replace(";", "\n").split("\n")]
    return [part for part in parts if part][:NAMES_AT_MOST]
