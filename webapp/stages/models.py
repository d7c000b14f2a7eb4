"""Where customers stand, kept: a copy of what `Stages` derives from the facts, so that no page works it out for everybody.

Whoever writes a fact, by whatever way, leaves in the same transaction whom it is about (a trigger). Where these stand is
worked out at every look, until a tick has settled it. So a page is right whether or not a tick came since.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import DDL, BigInteger, Double, Index, event, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Id, references


class Standing(Base):
    """The stage a customer is in as long as no fact and no clock changes it."""

    __tablename__ = "standing"
    __table_args__ = (
        Index("standing_place_idx", "stage", "place", "customer_id"),
        Index("standing_from_idx", "holds_from", postgresql_where=text("holds_from > '-infinity'")),
        Index("standing_until_idx", "holds_until", postgresql_where=text("holds_until < 'infinity'")),
    )

    customer_id: Mapped[int] = references("customer.id", index=False, ondelete="CASCADE", primary_key=True)
    stage: Mapped[str]
    since: Mapped[datetime]
    place: Mapped[float] = mapped_column(Double)
    """In the column of the board: the lowest stands first. Of who waits, since when, in seconds."""
    holds_from: Mapped[datetime]
    holds_until: Mapped[datetime]
    """The first moment at which the clock alone may change it."""


class Unsettled(Base):
    """A fact about this customer was written since it was last worked out where they stand."""

    __tablename__ = "unsettled"

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(BigInteger)
    """No foreign key: whoever writes a fact waits for nobody here."""


FACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "customer": (("INSERT",), "SELECT id FROM fact"),
    "consent": (("INSERT", "UPDATE", "DELETE"), "SELECT customer_id FROM fact"),
    "contact": (("INSERT", "UPDATE", "DELETE"), "SELECT customer_id FROM fact"),
    "invitation": (("INSERT", "UPDATE", "DELETE"), "SELECT customer_id FROM fact"),
    "attendance": (
        ("INSERT", "UPDATE", "DELETE"),
        "SELECT customer_id FROM fact JOIN invitation ON invitation.id = invitation_id",
    ),
    "visit": (
        ("UPDATE",),
        "SELECT customer_id FROM fact JOIN was ON was.id = fact.id JOIN invitation ON visit_id = fact.id"
        " WHERE (fact.starts_at, fact.ends_at, fact.cancelled_at, fact.finished_at)"
        " IS DISTINCT FROM (was.starts_at, was.ends_at, was.cancelled_at, was.finished_at)",
    ),
    "organisation": (
        ("UPDATE",),
        "SELECT customer_id FROM invitation JOIN attendance ON invitation_id = invitation.id AND present"
        " WHERE EXISTS (SELECT FROM fact JOIN was ON was.id = fact.id WHERE fact.rest_days <> was.rest_days)",
    ),
}
"""By table what `Stages` reads: when it is written, and whom the rows (`fact`, and what they were: `was`) are about."""

FUNCTION = """CREATE FUNCTION leave_unsettled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'INSERT INTO unsettled (customer_id) SELECT DISTINCT customer_id FROM (' || TG_ARGV[0]
    || ') AS about (customer_id) WHERE customer_id IS NOT NULL';
  RETURN NULL;
END $$"""
ROWS = {"INSERT": "NEW TABLE AS fact", "UPDATE": "OLD TABLE AS was NEW TABLE AS fact", "DELETE": "OLD TABLE AS fact"}


def triggers() -> Iterator[str]:
    """One for each table and event: a statement is looked at once, however many rows it writes."""
    for table, (events, about) in FACTS.items():
        for each in events:
            yield (
                f"CREATE TRIGGER unsettled_by_{each.lower()} AFTER {each} ON {table} REFERENCING {ROWS[each]}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION leave_unsettled('{about}')"
            )


for _statement in (FUNCTION, *triggers()):
    event.listen(Base.metadata, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]  # SQLAlchemy's
