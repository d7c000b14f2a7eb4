"""Many rows at once: by COPY into a table, and by one parameter into a question."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier
from sqlalchemy import ARRAY, ColumnElement, any_, func, inspect, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute

from webapp import db
from webapp.db import JSON, Base


def copy(noun: type[Base], rows: Sequence[JSON]) -> None:
    """Store these rows, all with the same attributes. What they do not say is as the noun's default says."""
    if not rows:
        return
    db.session.flush()
    columns = {each.key: each.columns[0] for each in inspect(noun).column_attrs}
    defaults = {name: column.default.arg for name, column in columns.items() if getattr(column.default, "is_scalar", 0)}
    names = list(defaults | rows[0])
    json_names = {name for name in names if isinstance(columns[name].type, JSONB)}
    into = SQL("COPY {} ({}) FROM STDIN").format(
        Identifier(noun.__tablename__), SQL(", ").join(Identifier(columns[name].name) for name in names)
    )
    with _raw().cursor() as cursor, cursor.copy(into) as copying:
        for row in rows:
            said = defaults | row
            copying.write_row([_json(said[name]) if name in json_names else said[name] for name in names])


def new_ids(noun: type[Base], count: int) -> list[int]:
    """So many ids that nobody else gets."""
    sequence = func.pg_get_serial_sequence(noun.__tablename__, "id")
    return list(db.session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))


def take_stock(*columns: InstrumentedAttribute[Any]) -> None:
    """Have the database count what came in these columns of a table, by which it is asked for. Until it has, it looks
    through the table row by row; the other columns follow when it finds the time."""
    names = SQL(", ").join(Identifier(column.name) for column in columns)
    _raw().execute(SQL("ANALYZE {} ({})").format(Identifier(columns[0].class_.__tablename__), names))


def one_of(column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """SQL: this column has one of these values."""
    return column == any_(array(values, column.type))


def array(values: Iterable[Any], type: Any) -> Any:
    """SQL: these values as one parameter, however many they are."""
    return literal(list(values), ARRAY(type))


def _raw() -> Connection[Any]:
    raw = db.session.connection().connection.driver_connection
    assert isinstance(raw, Connection)
    return raw


def _json(value: Any) -> str | None:
    if not value:
        return None if value is None else "{}" if isinstance(value, dict) else "[]"
    return json.dumps(value)
