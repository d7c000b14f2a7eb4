"""Who did what. Append-only: the database refuses to change a row, and to delete any but the oldest; and chained.

Written with one small insert in the transaction of what was done, so there is no deed without its line and no line
without its deed. The chain is not made there: whoever links to the last row must keep everybody else from doing so until
the commit, and a list of a hundred thousand people takes its time. So a tick seals the rows, a few seconds later and one
process at a time, in the order in which it finds them: each takes the next place, and the digest of the row before.
Until then the trigger alone guards a row. Ids only: what is said about a person stands with that person.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import DDL, Index, LargeBinary, delete, event, func, literal_column, select, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db, logs
from webapp.db import Base, Id, references

if TYPE_CHECKING:
    from webapp.accounts.models import Account

LOCK = 0x41554454
"""Of PostgreSQL's advisory locks the one of the chain."""
AT_ONCE = 500
KEPT_AT_LEAST = timedelta(days=180)
"""Nothing younger is ever cut off: the trigger sees to it (there it is written once more), by the real clock."""
BEGINNING = b"\0" * 32
CUT = "cut the audit log"


class AuditEntry(Base):
    """One deed. `place`, `previous` and `digest` are its link in the chain, None until it is sealed."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_open_idx", "id", postgresql_where=text("place is null")),
        Index("audit_entry_at_idx", "at"),
    )

    id: Mapped[Id]
    at: Mapped[datetime]
    account_id: Mapped[int | None] = references("account.id")
    """None: the person themselves through a link, or the clock."""
    what: Mapped[str]
    about: Mapped[str] = mapped_column(default="")
    """A kind and an id: `customer-12`."""
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    place: Mapped[int | None] = mapped_column(unique=True)
    previous: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)

    def content(self) -> bytes:
        """What the digest is about; the same however it was read from the database."""
        said = [self.place, self.at.astimezone(UTC).isoformat(), self.account_id, self.what, self.about, self.facts]
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    def sealed_after(self, previous: bytes) -> bytes:
        return hashlib.sha256(previous + self.content()).digest()


def note(
    what: str, about: str, by: "Account | int | None", now: datetime, facts: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Somebody did something. `facts` are ids, numbers and keys, never what anybody is called or wrote."""
    entry = AuditEntry(
        at=now,
        account_id=by if isinstance(by, int) or by is None else by.id,
        what=what,
        about=about,
        facts=dict(facts or {}),
    )
    db.session.add(entry)
    return entry


def note_look(
    what: str, about: str, by: "Account | None", now: datetime, facts: Mapping[str, Any] | None = None
) -> None:
    """The same for a GET that hands something out: by itself, for it changes nothing else."""
    with db.transaction():
        note(what, about, by.id if by else None, now, facts)


def alone() -> bool:
    """Whether nobody else works on the chain, for as long as the transaction lasts."""
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def seal(now: datetime) -> int:
    """A step of every tick: link what was noted since; returns how many."""
    open_ = select(AuditEntry.id).where(AuditEntry.place.is_(None)).limit(literal_column("1"))
    if db.session.scalar(open_) is None or not alone():
        return 0
    last = newest()
    place, digest = (last.place or 0, last.digest or BEGINNING) if last else (0, BEGINNING)
    rows = select(AuditEntry).where(AuditEntry.place.is_(None)).order_by(AuditEntry.id).limit(AT_ONCE)
    found = db.session.scalars(rows).all()
    for entry in found:
        place += 1
        entry.place, entry.previous = place, digest
        entry.digest = digest = entry.sealed_after(digest)
    db.session.flush()
    return len(found)


def newest() -> AuditEntry | None:
    """The head of the chain."""
    return db.session.scalar(
        select(AuditEntry).where(AuditEntry.place.is_not(None)).order_by(AuditEntry.place.desc()).limit(1)
    )


def cut(before: datetime, now: datetime, at_once: int = AT_ONCE) -> int:
    """Forget what is older, from the oldest end, and note in the chain where it begins from now on; returns how many.

    The newest row always stays: the chain goes on from it.
    """
    if not alone():
        return 0
    sealed = AuditEntry.place.is_not(None)
    oldest = select(AuditEntry).where(sealed).order_by(AuditEntry.place).limit(at_once + 1)
    going: list[AuditEntry] = []
    for entry, following in zip(rows := db.session.scalars(oldest).all(), rows[1:], strict=False):
        if entry.at >= before:
            break
        assert following.place
        going.append(entry)
    if going:
        last = going[-1]
        assert last.digest is not None
        db.session.execute(delete(AuditEntry).where(sealed, AuditEntry.place <= last.place))
        note(CUT, "audit", None, now, {"place": last.place, "digest": last.digest.hex()})
    return len(going)


def anchor() -> None:
    """Say in the log of this day how far the chain reaches: who rewrites the database does not rewrite that."""
    if head := newest():
        logs.log.info("audit log", place=head.place, digest=(head.digest or b"").hex())


@dataclass(frozen=True)
class Checked:
    """How many rows hold, how many wait to be sealed, the head; and the first row that does not hold, with the reason."""

    rows: int
    waiting: int
    head: str
    broken: int | None = None
    why: str = ""


def check() -> Checked:
    """Walk the whole chain, from its oldest row."""
    rows, previous, expected = 0, None, 0
    for entry in _every():
        assert entry.place is not None
        if previous is None:
            expected, previous = entry.place, entry.previous or b""
            if not _begins_rightly(entry):
                return Checked(
                    rows, 0, "", entry.place, "The rows before it are gone, and nothing says who cut them off."
                )
        if entry.place != expected:
            return Checked(rows, 0, "", expected, "It is missing.")
        if entry.previous != previous:
            return Checked(rows, 0, "", entry.place, "It does not follow from the row before it.")
        if entry.digest != entry.sealed_after(previous):
            return Checked(rows, 0, "", entry.place, "It was changed after it was sealed.")
        previous, expected, rows = entry.digest, entry.place + 1, rows + 1
    waiting = db.session.scalar(select(func.count()).where(AuditEntry.place.is_(None))) or 0
    return Checked(rows, waiting, (previous or b"").hex())


def _every() -> Iterator[AuditEntry]:
    """All sealed rows in order, some at a time."""
    last = 0
    sealed = select(AuditEntry).order_by(AuditEntry.place).limit(AT_ONCE)
    while rows := db.session.scalars(sealed.where(AuditEntry.place > last)).all():
        yield from rows
        last = rows[-1].place or 0
        db.session.expunge_all()


def _begins_rightly(first: AuditEntry) -> bool:
    """The chain begins at its beginning, or where a later row of it says that it was cut."""
    if first.place == 1:
        return first.previous == BEGINNING
    here = {"place": (first.place or 0) - 1, "digest": (first.previous or b"").hex()}
    return (
        db.session.scalar(select(AuditEntry.id).where(AuditEntry.what == CUT, AuditEntry.facts == here).limit(1))
        is not None
    )


GUARDS = (
    """CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.place IS NULL AND NEW.place IS NOT NULL
      AND (NEW.id, NEW.at, NEW.account_id, NEW.what, NEW.about, NEW.facts)
        IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.account_id, OLD.what, OLD.about, OLD.facts) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM gone WHERE place IS NULL OR at > now() - interval '180 days')
      AND NOT EXISTS (SELECT FROM audit_entry WHERE place < (SELECT max(place) FROM gone)) THEN
      RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log is cut at its oldest end only';
  END IF;
  RAISE EXCEPTION 'the audit log is never emptied';
END $$""",
    "CREATE TRIGGER audit_entry_update BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_entry_delete AFTER DELETE ON audit_entry REFERENCING OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_entry_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
)

for _statement in GUARDS:
    event.listen(Base.metadata, "after_create", DDL(_statement))  # type: ignore[no-untyped-call]  # SQLAlchemy's
