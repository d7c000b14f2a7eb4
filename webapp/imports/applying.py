"""A checked list becomes people: in one transaction, once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, cast, column, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from webapp import db
from webapp.accounts import audit
from webapp.customers.consents import lasting
from webapp.customers.models import Consent, Customer, Ground
from webapp.imports.bulk import array, copy, new_ids, one_of, take_stock
from webapp.imports.checking import Checked, Problem, name_of
from webapp.imports.known import Changes, Known, Mailboxes, mailboxes
from webapp.imports.matching import Matched, match
from webapp.imports.models import LOCK, READY, Import, ImportRow
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember, Team

LOT = 2_000
"""Rows that are taken over together, with one statement for each table."""
_WEIGHT: dict[str, int] = {"not_yet": 0, "existing": 1, "ended": 1, "agreed": 2}
"""A list may strengthen the ground on which somebody is asked; it never weakens it, and never ends a refusal."""


def ask_to_apply(of: Import, ground: Ground | None, wording: str, wording_locale: str, now: datetime) -> None:
    """Somebody pressed the button: on this ground, in these words, these people may be asked."""
    if of.is_open:
        of.ground, of.wording, of.wording_locale, of.apply_asked_at, of.done = ground, wording, wording_locale, now, 0


def apply(of: Import, now: datetime) -> None:
    """Take over every row that is ready, or leave it for later while another list is. A second time does nothing."""
    if of.apply_asked_at is not None and of.applied_at is None and turn():
        applying = Applying(of, now)
        while applying.batch():
            pass
        applying.finish()


def turn() -> bool:
    """Whether no other list is being taken over, for as long as the transaction lasts. Two that name the same people
    would each wait for what the other has made."""
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, 0))))


@dataclass(slots=True)
class Taken:
    """A row on its way to a person."""

    row: Any
    matched: Matched
    person_id: int | None
    written: Changes = field(default_factory=dict)
    """What it changed of the person."""

    @classmethod
    def of(cls, row: Any, matched: Matched) -> "Taken":
        return cls(row, matched, matched.person_id, matched.changes if matched.state == "changed" else {})

    @property
    def same_as(self) -> int | None:
        """The earlier row that is the same person, of whom we knew nothing."""
        if self.matched.state != "same" or self.matched.person_id is not None:
            return None
        said = self.matched.checked.problems
        return next((int(each.values["other"]) for each in said if each.key in ("row.same", "row.twice")), None)

    @property
    def as_it_was(self) -> bool:
        """Nothing is to be kept of it, save who it became."""
        matched, row = self.matched, self.row
        same = matched.state == row.state and len(matched.checked.problems) == len(row.problems or ())
        return same and not self.written and row.person_id in (None, matched.person_id)


def _again(row: Any) -> Checked:
    """As it was understood when somebody last looked; only the people we know may have changed since."""
    said = tuple(Problem(**problem) for problem in row.problems or () if problem["key"] != "row.known")
    return Checked(row.values, name_of(row.values), said)


class Applying:
    """A list on its way from rows to people, a lot at a time, all in one transaction."""

    def __init__(self, of: Import, now: datetime) -> None:
        self.of, self.now, self.done, self.line = of, now, 0, 0
        self.noun: Any = Customer if of.kind == "customers" else StaffMember
        self.person = ImportRow.customer_id if of.kind == "customers" else ImportRow.staff_id
        self.teams = set(db.session.scalars(select(Team.id))) if of.kind == "staff" else set()

    def batch(self) -> int:
        """Take over what is ready of the next rows; returns how many were looked at, 0 at the end."""
        found = self._next()
        rows = [row for row in found if row.state in READY]
        if rows:
            said = [row.values for row in rows if row.values["email"]]
            boxes = mailboxes({values["email"]: values["language"] or self.of.locale for values in said})
            again = list(map(_again, rows))
            known = Known.of(self.of.kind, again, boxes.fresh)
            taken = [
                Taken.of(row, match(known, checked, row.decision)) for row, checked in zip(rows, again, strict=True)
            ]
            self._meet([each for each in taken if each.matched.state == "new"], known, boxes)
            self._write([each for each in taken if each.written], known)
            self._keep(taken)
            self._join([each for each in taken if each.same_as is not None], known)
            self._ground({each.person_id for each in taken if each.person_id and each.matched.state != "new"})
        self.done += len(rows)
        return len(found)

    def finish(self) -> None:
        if self.of.kind == "staff":
            self.of.made_teams = sorted(set(db.session.scalars(select(Team.id))) - self.teams)
        self.of.applied_at, self.of.done = self.now, self.done
        audit.note(
            f"imported {self.of.kind}", f"import-{self.of.id}", self.of.account_id, self.now, {"number": self.done}
        )
        db.session.flush()
        if self.done > LOT:
            take_stock(self.noun.address_id, self.noun.sorting)
            take_stock(Address.email)
            take_stock(Consent.customer_id)

    def _next(self) -> Sequence[Any]:
        """The rows that follow. Asked by line alone: of rows as young as these no other index is worth its while."""
        problems = func.nullif(ImportRow.problems, cast([], JSONB)).label("problems")  # most say nothing
        kept = (ImportRow.id, ImportRow.line, ImportRow.values, problems, ImportRow.state, ImportRow.decision)
        rows = select(*kept, self.person.label("person_id"))
        mine = (ImportRow.import_id == self.of.id, ImportRow.line > self.line)
        found = db.session.execute(rows.where(*mine).order_by(ImportRow.line).limit(LOT)).all()
        self.line = found[-1].line if found else self.line
        return found

    def _meet(self, new: Sequence[Taken], known: Known, boxes: Mailboxes) -> None:
        """Make the people who are new."""
        people = []
        for each, person_id in zip(new, new_ids(self.noun, len(new)), strict=True):
            each.person_id, row = person_id, each.matched.checked
            person = known.new(row, boxes.ids.get(row.values["email"]), self.of.locale, self.now)
            people.append({"id": person_id} | person)
        copy(self.noun, people)
        self._say([person["id"] for person in people])

    def _write(self, rows: Sequence[Taken], known: Known) -> None:
        found = select(self.noun).where(one_of(self.noun.id, [each.person_id for each in rows]))
        people = {person.id: person for person in db.session.scalars(found)} if rows else {}
        for each in rows:
            if each.person_id in people:
                known.write(people[each.person_id], {part: new for part, (_, new) in each.written.items()})
        db.session.flush()

    def _join(self, rows: Sequence[Taken], known: Known) -> None:
        """A row that is the same person as an earlier one; merged with it, it fills what was empty."""
        mine = (ImportRow.import_id == self.of.id, one_of(ImportRow.line, {each.same_as for each in rows}))
        people = dict(db.session.execute(select(ImportRow.line, self.person).where(*mine)).all()) if rows else {}
        for each in rows:
            each.person_id = people.get(each.same_as or 0)
            if each.person_id is not None and each.row.decision == "merge":
                for person in known.met(self.noun.id == each.person_id):
                    each.written = known.gaps(person, each.row.values)
                self._write([each], known)
        self._keep(rows)

    def _keep(self, rows: Sequence[Taken]) -> None:
        """Note on the rows whom they became, and what that changed."""
        other = []
        for each in rows:
            if not each.as_it_was:
                kept = each.matched.columns(self.of.kind) | {"id": each.row.id, self.person.key: each.person_id}
                before = {part: old for part, (old, _) in each.written.items()}
                other.append(kept | ({"changes": each.written, "before": before} if before else {}))
        if other:
            db.session.execute(update(ImportRow), other)
        became = {each.row.line: each.person_id for each in rows if each.as_it_was and each.person_id}
        if became:
            given = func.unnest(array(became.keys(), BigInteger), array(became.values(), BigInteger))
            told = given.table_valued(
                column("line", BigInteger), column("person", BigInteger), name="told"
            ).render_derived()
            mine = (ImportRow.import_id == self.of.id, ImportRow.line.between(min(became), max(became)))
            noting = update(ImportRow).where(*mine, ImportRow.line == told.c.line).values({self.person: told.c.person})
            db.session.execute(noting.execution_options(synchronize_session=False))

    def _ground(self, customer_ids: Collection[int]) -> None:
        """Note on what ground these customers, known before, may be asked, where that says more than we knew."""
        if self.of.ground is None or not customer_ids:
            return
        last = (
            select(Consent.customer_id, Consent.ground)
            .where(one_of(Consent.customer_id, customer_ids), Consent.use == "to_be_asked")
            .ext(distinct_on(Consent.customer_id))
            .order_by(Consent.customer_id, Consent.id.desc())
        )
        held = dict(db.session.execute(last).all())
        weight = _WEIGHT[self.of.ground]
        self._say([
            each for each in sorted(customer_ids) if each not in held or _WEIGHT.get(held[each], weight) < weight
        ])  # fmt: skip

    def _say(self, customer_ids: Sequence[int]) -> None:
        """These customers may be asked on the ground of the list, in its words."""
        of = self.of
        if of.ground is not None and customer_ids:
            said = {
                "ground": of.ground, "wording": of.wording, "locale": of.wording_locale, "channel": "import",
                "recorded_by_id": of.account_id, "at": self.now,
            } | lasting(of.ground, self.now)  # fmt: skip
            each = select(func.unnest(array(customer_ids, BigInteger)), *map(literal, said.values()))
            db.session.execute(insert(Consent).from_select(["customer_id", *said], each, include_defaults=False))
