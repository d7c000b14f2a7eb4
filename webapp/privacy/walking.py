"""From a person to every row that is about them, along the ways of the registry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, Table, inspect, or_, select

from webapp.customers import asks, nominations, owners, requests
from webapp.db import Base
from webapp.groups import models as groups
from webapp.mailing.notices import Notice
from webapp.privacy import records
from webapp.privacy.registry import REGISTRY, ROOTS, SCOPES, SUBJECT, Held, Kind, of_table
from webapp.stages import models as stages
from webapp.stories import models as stories
from webapp.surveys import models as surveys

assert all(
    (asks, nominations, owners, requests, groups, stages, stories, surveys, records)
)  # to import them is to have their tables


@dataclass(frozen=True)
class Person:
    """Ids by root table. The mailbox is among them only when everybody who reads it is meant."""

    ids: Mapping[Kind, Sequence[int]] = field(default_factory=dict)


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def walk(person: Person) -> Iterator[tuple[Held, ColumnElement[bool]]]:
    """Every line of the registry with the condition for its rows: those furthest from the person first."""
    for each in sorted(REGISTRY, key=lambda each: -depth(each.table)):
        found = about(each.table, person)
        if found is not None:
            yield each, found


def about(name: str, person: Person) -> ColumnElement[bool] | None:
    """SQL: this row is about the person. None: no row of this table can be."""
    found = [condition for condition in _conditions(name, person) if condition is not None]
    return or_(*found) if found else None


def _conditions(name: str, person: Person) -> Iterator[ColumnElement[bool] | None]:
    here = table(name)
    if name in ROOTS:  # a person is named, not found: who else reads the mailbox stays
        ids = person.ids.get(name)
        yield here.c.id.in_(ids) if ids else None
        return
    for way in dict.fromkeys(way for each in of_table(name) for way in each.ways):
        if way == SUBJECT:
            yield from _by_subject(here, person)
        elif "." in way:
            nearer, column = way.split(".")
            rows = about(nearer, person)
            yield here.c.id.in_(select(table(nearer).c[column]).where(rows)) if rows is not None else None
        else:
            yield _through(here.c[way], person)


def _through(column: Column[Any], person: Person) -> ColumnElement[bool] | None:
    target = next(iter(column.foreign_keys)).column
    if target.table.name in ROOTS:
        ids = person.ids.get(target.table.name)
        return column.in_(ids) if ids else None
    rows = about(target.table.name, person)
    return column.in_(select(target).where(rows)) if rows is not None else None


def _by_subject(here: Table, person: Person) -> Iterator[ColumnElement[bool] | None]:
    """A message says by its notice, a link by its scope, of which table its subject is."""
    kind = here.c.notice if here.name == "message" else here.c.scope
    for subject, names in (_subjects() if here.name == "message" else _scopes()).items():
        rows = about(subject, person)
        if rows is not None:
            yield kind.in_(names) & here.c.subject_id.in_(_ids(subject, rows))


def _ids(name: str, rows: ColumnElement[bool]) -> Select[Any]:
    return select(table(name).c.id).where(rows)


@cache
def _subjects() -> dict[str, list[str]]:
    """By table the notices that are about its rows."""
    found: dict[str, list[str]] = {}
    for notice in Notice.all.values():
        mapper = inspect(notice.about).parent
        name = str(mapper.local_table.name)
        if name in ROOTS or of_table(name):
            found.setdefault(name, []).append(notice.name)
    return found


def _scopes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for scope, name in SCOPES.items():
        if name is not None:
            found.setdefault(name, []).append(scope)
    return found


@cache
def depth(name: str) -> int:
    """Steps from a person at most: what is further is erased first, while it can still be found."""
    if name in ROOTS:
        return 0
    nearer = [0]
    for way in {way for each in of_table(name) for way in each.ways}:
        if way == SUBJECT:
            subjects = _subjects() if name == "message" else _scopes()
            nearer += [depth(each) for each in subjects]
        elif "." in way:
            nearer.append(depth(way.split(".")[0]))
        else:
            nearer.append(depth(next(iter(table(name).c[way].foreign_keys)).column.table.name))
    return 1 + max(nearer)
