"""What the organiser decides about names: a group of its own, another spelling, no group at all. All of it can be undone."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from webapp import db
from webapp.accounts.models import Account
from webapp.groups.models import EndUserGroup, SetAside, TeamGroupLink
from webapp.people import folded


def find(name: str) -> EndUserGroup | None:
    """The group that goes by this name, however it is written."""
    root = EndUserGroup.root()
    named = select(root).where(EndUserGroup.folded == folded(name)).order_by(root).limit(1)
    return db.session.scalars(select(EndUserGroup).where(EndUserGroup.id == named.scalar_subquery())).first()


def add(name: str, by: Account | None, now: datetime, **more: str) -> EndUserGroup:
    """A new group; where the name is known already, the group that goes by it."""
    known = find(name)
    if known is not None:
        return known
    made = EndUserGroup(added_at=now, added_by_id=by.id if by else None, **more)
    made.call(name)
    db.session.add(made)
    db.session.flush()
    db.session.execute(delete(SetAside).where(SetAside.folded == made.folded))
    return made


def spell(name: str, into: EndUserGroup, by: Account | None, now: datetime) -> EndUserGroup | None:
    """This name is another spelling of a group. None: somebody gave the name a meaning already."""
    if db.session.scalar(select(EndUserGroup.id).where(EndUserGroup.name == name)) is not None:
        return None
    into = _standing(into)
    made = EndUserGroup(added_at=now, added_by_id=by.id if by else None)
    made.kind, made.time, made.relation = into.kind, into.time, into.relation
    made.call(name)
    _merge(made, into, by, now)
    db.session.add(made)
    db.session.flush()
    return made


def rename(group: EndUserGroup, name: str, by: Account | None, now: datetime) -> None:
    """Under another name; the old one stays a spelling, since lists and answers have it."""
    if group.name == name:
        return
    old, again = group.name, db.session.scalar(select(EndUserGroup).where(EndUserGroup.name == name))
    if again is not None and again.stands_for_id == group.id:
        db.session.delete(again)  # the spelling becomes the name
        db.session.flush()
    group.call(name)
    db.session.flush()
    spell(old, group, by, now)


def merge(groups: Iterable[EndUserGroup], into: EndUserGroup, by: Account | None, now: datetime) -> list[EndUserGroup]:
    """These become other spellings of one; what hangs on them stays there, and counts for that one. Returns who was merged."""
    lock()
    into = _standing(into)
    merged = [group for group in groups if group.merged_into_id is None and group.id != into.id]
    for group in merged:
        _merge(group, into, by, now)
    db.session.flush()
    _settle()
    return merged


def part(groups: Sequence[EndUserGroup]) -> None:
    """Undo: each is a group of its own again; a name that never was one is only a name again."""
    lock()
    for group in groups:
        if group.merged_at is None:
            continue
        if group.merged_at == group.added_at:
            _hand_over(group)
            db.session.delete(group)
        else:
            group.merged_into_id = group.merged_at = group.merged_by_id = group.stands_for_id = None
    db.session.flush()
    _settle()


def remove(group: EndUserGroup) -> bool:
    """Undo of adding it. False: something hangs on it by now."""
    lock()
    spellings = select(EndUserGroup.id).where(EndUserGroup.merged_into_id == group.id)
    links = select(TeamGroupLink.id).where(TeamGroupLink.group_id == group.id)
    if db.session.scalar(spellings.limit(1)) or db.session.scalar(links.limit(1)):
        return False
    db.session.delete(group)
    db.session.flush()
    return True


def set_aside(names: Iterable[str], by: Account | None, now: datetime) -> list[str]:
    """These names are no group. Returns which were not set aside before."""
    rows = [{"folded": name, "at": now, "by_id": by.id if by else None} for name in names]
    new = insert(SetAside).on_conflict_do_nothing().returning(SetAside.folded)
    return list(db.session.scalars(new, rows)) if rows else []


def take_back(names: Sequence[str]) -> None:
    """Undo: these names wait for a decision again."""
    db.session.execute(delete(SetAside).where(SetAside.folded.in_(names)))


def lock() -> None:
    """One at a time: two organisers who merge each other's groups would make a ring."""
    db.session.execute(select(EndUserGroup.id).order_by(EndUserGroup.id).with_for_update())


def _standing(group: EndUserGroup) -> EndUserGroup:
    return db.session.get_one(EndUserGroup, group.stands_for_id) if group.stands_for_id else group


def _merge(group: EndUserGroup, into: EndUserGroup, by: Account | None, now: datetime) -> None:
    group.merged_into_id = group.stands_for_id = into.id
    group.merged_at, group.merged_by_id = now, by.id if by else None


def _hand_over(spelling: EndUserGroup) -> None:
    """What was merged into a name that goes away, goes where that name went."""
    beneath = update(EndUserGroup).where(EndUserGroup.merged_into_id == spelling.id)
    db.session.execute(beneath.values(merged_into_id=spelling.merged_into_id))


def _settle() -> None:
    """Write down for every spelling which group it stands for, at the end of its chain."""
    top, below = aliased(EndUserGroup), aliased(EndUserGroup)
    walk = select(top.id, top.id.label("root")).where(top.merged_into_id.is_(None)).cte("walk", recursive=True)
    walk = walk.union_all(select(below.id, walk.c.root).join(walk, below.merged_into_id == walk.c.id))
    moved = (EndUserGroup.id == walk.c.id, EndUserGroup.merged_into_id.is_not(None))
    db.session.execute(update(EndUserGroup).where(*moved).values(stands_for_id=walk.c.root))
    db.session.expire_all()
