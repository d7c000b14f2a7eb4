"""Which customers a page shows, as its address says; and their counts, which stop counting at a thousand."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, CursorResult, Select, SelectBase, Text, bindparam, func, literal, select, tuple_
from werkzeug.datastructures import MultiDict

from webapp import db
from webapp.board.cards import Card, cards
from webapp.board.faces import Face, faces, marked
from webapp.customers.models import Customer
from webapp.imports.models import Import
from webapp.stages.rule import STAGES, Stage, at_most, counted_all
from webapp.stages.standing import Standings

ON_A_PAGE = 50
AT_MOST = 500
"""Rows that can be selected at once."""
GROUPS_AT_MOST = 24
WRITTEN_AT_MOST = 200
"""Statements: of each filter that people look through."""
NO_GROUP = "-"
"""In an address: who is in no group."""


@dataclass(frozen=True)
class Filter:
    """All customers, unless something is said."""

    group: str = ""
    stage: Stage | None = None
    waiting: bool = False
    not_asked: bool = False
    """Only who may not be asked."""
    of_import: int | None = None

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> "Filter":
        """What an address asks for; what makes no sense in it is not looked at."""
        stage = next((stage for stage in STAGES if stage == args.get("stage")), None)
        return cls(
            group=args.get("group", "")[:200],
            stage=stage,
            waiting=args.get("waiting") == "long",
            not_asked=args.get("ask") == "no",
            of_import=args.get("import", type=int),
        )

    @property
    def is_on(self) -> bool:
        return self != Filter()

    def customers(self, standings: Standings, *columns: Any) -> Select[Any]:
        """Who is shown, with these columns, `stage` and `since`."""
        query = standings.select(*columns)
        if self.group:
            query = query.where(Customer.group == ("" if self.group == NO_GROUP else self.group))
        if self.not_asked:
            query = query.where(~Customer.may_be_asked())
        if self.of_import is not None:
            found = db.session.get(Import, self.of_import)
            query = query.where(Customer.id.in_(found.customer_ids()) if found else literal(False))
        return self._narrowed(query, standings)

    def ids(self, standings: Standings) -> Select[Any]:
        """Who is shown, by number: to be counted. Where the stage alone decides, nothing is asked of the customers."""
        if self.group or self.not_asked or self.of_import is not None:
            return self.customers(standings, Customer.id)
        return self._narrowed(standings.ids(), standings)

    def ask(
        self, standings: Standings, make: Callable[..., SelectBase], *how: Hashable, **more: object
    ) -> CursorResult[Any]:
        """The rows of what `make` makes of this filter. The statement is kept, save of one list that was brought."""
        if self.of_import is None:
            written = _written(make, self, bool(standings.moved), *how)
        else:
            written = db.Written(make(self, standings, *how))
        return written.rows(**standings.given, **more)

    def _narrowed(self, query: Select[Any], standings: Standings) -> Select[Any]:
        if self.waiting:
            query = query.where(standings.waits_long())
        return query if self.stage is None else query.where(standings.at(self.stage))


@lru_cache(WRITTEN_AT_MOST)
def _written(make: Callable[..., SelectBase], wanted: Filter, moved: bool, *how: Hashable) -> db.Written:
    return db.Written(make(wanted, Standings.to_write(moved), *how))


@dataclass(frozen=True)
class Page:
    """One page of a long list: the cards, and whose id its neighbours are asked with."""

    cards: Sequence[Face]
    before: int | None
    after: int | None


def page(
    wanted: Filter, now: datetime, size: int = ON_A_PAGE, after: int | None = None, before: int | None = None
) -> Page:
    """By name, from after or up to before the customer with that id: a page deep in the list costs what the first costs."""
    known = db.session.get(Customer, after or before or 0)
    backwards = bool(before and known)
    way = "" if known is None else "<" if backwards else ">"
    here = {"sorting": known.sorting, "id": known.id} if known else {}
    found = faces(wanted.ask(Standings(now), _listed, way, size, **here).all(), now)
    more = len(found) > size
    found = found[size - 1 :: -1] if backwards else found[:size]
    if not found:
        return Page((), None, None)
    return Page(
        found,
        before=found[0].id if (more if backwards else known is not None) else None,
        after=found[-1].id if (known is not None if backwards else more) else None,
    )


def _listed(wanted: Filter, standings: Standings, way: str, size: int) -> Select[Any]:
    key = tuple_(Customer.sorting, Customer.id)
    here = tuple_(bindparam("sorting", None, Text), bindparam("id", None, BigInteger))
    order = (Customer.sorting.desc(), Customer.id.desc()) if way == "<" else (Customer.sorting, Customer.id)
    query = wanted.customers(standings, Customer.id).order_by(*order).limit(at_most(size + 1))
    if way:
        query = query.where(key < here if way == "<" else key > here)
    return marked(query.add_columns(func.row_number().over(order_by=order).label("number")))


def one(customer_id: int, now: datetime) -> Card | None:
    """The card of one customer."""
    query = Standings(now).select(Customer).where(Customer.id == customer_id)
    row = db.session.execute(query).one_or_none()
    return cards([(row[0], row[1], row[2])], now)[0] if row else None


@dataclass(frozen=True)
class Group:
    name: str
    count: int


def groups() -> list[Group]:
    """The groups that customers are in, the biggest first."""
    names = Customer.groups(GROUPS_AT_MOST)
    counts = counted_all(*(select(Customer.id).where(Customer.group == name) for name in names)) if names else ()
    found = [Group(name, count) for name, count in zip(names, counts, strict=True)]
    return sorted(found, key=lambda group: (-group.count, group.name))
