"""The database: typed tables, one session per edge, transactions that edges open and rules never close."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    CursorResult,
    DateTime,
    Engine,
    ForeignKey,
    Identity,
    MetaData,
    SelectBase,
    TableValuedAlias,
    Text,
    any_,
    column,
    create_engine,
    func,
    literal,
    text,
)
from sqlalchemy import (
    JSON as PlainJSON,
)
from sqlalchemy import (
    cast as sql_cast,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.types import TypeEngine

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
Moment = Annotated[datetime, mapped_column(DateTime(timezone=True))]
JSON = dict[str, Any]
Found = TypeVar("Found")


def references(column: str, *, index: bool = True, ondelete: str | None = None, **kwargs: Any) -> Any:
    """A foreign key, indexed: without one, deleting the far side walks the whole table."""
    return mapped_column(BigInteger, ForeignKey(column, ondelete=ondelete), index=index, **kwargs)


def remember() -> None:
    """A promise: from here on nothing that is asked `once` changes in this transaction."""
    session().info["once"] = {}


def once(key: Hashable, make: Callable[[], Found]) -> Found:
    """What `make` gives; after `remember`, worked out once for each key."""
    known = session().info.get("once")
    if known is None:
        return make()
    if key not in known:
        known[key] = make()
    return cast("Found", known[key])


def written(ids: Iterable[int]) -> str:
    """As PostgreSQL writes an array; psycopg takes one letter by letter."""
    return "{" + ",".join(map(str, ids)) + "}"


def among(column: Any, ids: Iterable[int] | BindParameter[str]) -> ColumnElement[bool]:
    """`column in ids`, with one parameter however many they are: so the statement is one that is known already."""
    those = ids if isinstance(ids, BindParameter) else literal(written(ids), Text)
    found: ColumnElement[bool] = column == any_(sql_cast(those, ARRAY(BigInteger)))
    return found


def given(rows: ColumnElement[str], **types: TypeEngine[Any]) -> TableValuedAlias:
    """Rows that a statement is given as one JSON array of objects: one parameter, and they stay in order."""
    columns = [column(name, type) for name, type in types.items()]
    found = func.json_to_recordset(sql_cast(rows, PlainJSON)).table_valued(*columns, name="given")
    return found.render_derived(with_types=True)


class Written:
    """A statement that is written once: asked again, it costs no more than its rows. For what every page asks.

    Nothing is flushed before it. Bound values are as PostgreSQL's own types; those not in the statement are given.
    """

    def __init__(self, statement: SelectBase) -> None:
        dialect = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy's
        written = statement.compile(dialect=dialect).construct_expanded_state()
        self._text, self._values = written.statement, written.parameters

    def rows(self, **values: Any) -> CursorResult[Any]:
        return session.connection().exec_driver_sql(self._text, {**self._values, **values})


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )
    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), dict[str, Any]: JSONB, int: BigInteger}  # noqa: RUF012  (SQLAlchemy reads a plain dict here)


READ_ONLY = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
"""What is only looked at is looked at as it was at one moment."""
_scope: ContextVar[object] = ContextVar("transaction")
_factory = sessionmaker(expire_on_commit=False)
session: scoped_session[Session] = scoped_session(_factory, scopefunc=lambda: _scope.get())
"""The session of the transaction that is open; outside one, using it raises LookupError."""


def connect(url: str, **options: Any) -> Engine:
    """Bind this process to the database at `url` (postgresql+psycopg://...) and return its engine."""
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, **options)
    bind(engine)
    return engine


def bind(engine: Engine) -> None:
    _factory.configure(bind=engine)


def engine() -> Engine:
    bound = _factory.kw["bind"]
    assert isinstance(bound, Engine)
    return bound


def begin(*, read_only: bool = False) -> Session:
    """A new session of its own; the caller commits and closes. Edges use `transaction`."""
    opened = _factory()
    if read_only:
        opened.execute(READ_ONLY)
    return opened


@contextmanager
def transaction(*, read_only: bool = False) -> Iterator[Session]:
    """One unit of work: committed at the end, rolled back on an exception. May be nested: the inner one is separate."""
    token = _scope.set(object())
    try:
        opened = session()
        if read_only:
            opened.execute(READ_ONLY)
        try:
            yield opened
            opened.commit()
        except BaseException:
            opened.rollback()
            raise
        finally:
            session.remove()
    finally:
        _scope.reset(token)


@contextmanager
def rehearsal() -> Iterator[Session]:
    """A transaction that is never committed: do a thing to see what would come of it. Look at it inside.

    It waits for nobody for long: whoever holds a row may be the very request that looks.
    """
    with transaction() as opened:
        opened.execute(text("SET LOCAL lock_timeout = '3s'"))
        yield opened
        opened.rollback()
