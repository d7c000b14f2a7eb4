"""The registry of personal data names every column there is: a new one makes these tests fail until it is a line there."""

from typing import get_args

from sqlalchemy import JSON, Column, LargeBinary, Table, Text

from webapp import application, rounds
from webapp.db import Base
from webapp.links import Scope
from webapp.privacy.registry import NOT_PERSONAL, REGISTRY, ROOTS, SCOPES, SUBJECT, WITHOUT_A_WAY, of_table
from webapp.privacy.walking import depth

assert all((application, rounds))  # every table there is


def tables() -> list[Table]:
    return list(Base.metadata.tables.values())


def holds_words(column: Column[object]) -> bool:
    return isinstance(column.type, (Text, JSON, LargeBinary)) or column.type.__class__.__name__ == "ARRAY"


def known(column: Column[object]) -> bool:
    table = column.table.name
    named = {name for each in of_table(table) for name in each.columns}
    spelled = f"{table}.{column.name}"
    return (
        column.name in named
        or spelled in WITHOUT_A_WAY
        or not {spelled, f"{table}.*", f"*.{column.name}"}.isdisjoint(NOT_PERSONAL)
    )


def test_every_column_of_words_is_personal_for_a_purpose_or_not_personal_for_a_reason() -> None:
    unknown = [
        f"{table.name}.{column.name}"
        for table in tables()
        for column in table.columns
        if holds_words(column) and not known(column)
    ]
    assert unknown == [], "Register it in webapp/privacy/registry.py: one line."


def test_every_table_that_points_at_a_person_has_its_way() -> None:
    """But for who did it: an account is named in the deeds of its work, and those stay."""
    people = {"customer", "staff_member", "address"}
    missing = [
        f"{table.name}.{key.parent.name}"
        for table in tables()
        for key in table.foreign_keys
        if key.column.table.name in people
        and not any(key.parent.name in each.ways for each in of_table(table.name))
        and f"{table.name}.{key.parent.name}" not in ACTORS
    ]
    assert missing == [], "Register it in webapp/privacy/registry.py: one line."


ACTORS = {"visit.host_id", "season.host_id", "series.host_id"}
"""Somebody at work."""


def test_what_is_registered_exists_and_can_be_reached() -> None:
    for each in REGISTRY:
        here = Base.metadata.tables[each.table]
        assert set(each.columns) <= set(here.columns.keys()), each.table
        assert {each.contact, each.only} - {""} <= set(here.columns.keys()), each.table
        assert each.table in ROOTS or depth(each.table) > 0, each.table
        for way in each.ways:
            assert way == SUBJECT or "." in way or here.columns[way].foreign_keys, (each.table, way)
    for spelled in [*WITHOUT_A_WAY, *NOT_PERSONAL]:
        table, _, column = spelled.partition(".")
        assert table == "*" or column == "*" or column in Base.metadata.tables[table].columns, spelled


def test_every_door_says_whose_it_is() -> None:
    assert set(SCOPES) == set(get_args(Scope))
