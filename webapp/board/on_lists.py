"""Whom customers' lists say people belong to: how many of each group, and names that are no group yet."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select
from sqlalchemy.orm import aliased

from webapp import db
from webapp.customers.models import Customer
from webapp.groups import suggesting
from webapp.groups.models import EndUserGroup
from webapp.people import folded


def customers_by_group() -> dict[int, int]:
    """How many people on our lists belong to each group."""
    named = aliased(EndUserGroup)
    written = (
        select(Customer.group.label("name"), func.count().label("n"))
        .where(Customer.group > "")
        .group_by(Customer.group)
        .subquery()
    )
    root = func.coalesce(named.stands_for_id, named.id)
    query = select(root, func.sum(written.c.n)).join(written, written.c.name == named.name).group_by(root)
    return {id: int(n) for id, n in db.session.execute(query)}


@dataclass(frozen=True)
class OnList:
    """A name on customers' lists that is no group yet."""

    name: str
    count: int
    alike: Sequence[EndUserGroup]


def names_on_lists(most: int = 20) -> list[OnList]:
    """Names on lists that are no group yet, the most used first, each with the groups it looks like."""
    from_lists = select(Customer.group.label("name"), func.count().label("n")).where(Customer.group > "")
    rows = from_lists.group_by(Customer.group).subquery()
    known = select(literal(1)).where(EndUserGroup.name == rows.c.name).exists()
    query = select(rows.c.name, rows.c.n).where(~known).order_by(rows.c.n.desc(), rows.c.name).limit(most)
    found = db.session.execute(query).all()
    near = suggesting.alike([folded(name) for name, _n in found]) if found else {}
    return [OnList(name, n, near.get(folded(name), ())) for name, n in found]
