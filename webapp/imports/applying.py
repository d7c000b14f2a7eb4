"""A checked list becomes people: in one transaction, once."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on

from webapp import db
from webapp.accounts.models import AuditEntry
from webapp.customers.models import Consent, Customer, Ground
from webapp.imports.checking import Checked
from webapp.imports.known import Changes, Known, Person, mailboxes
from webapp.imports.models import BATCH, READY, Import, ImportRow
from webapp.imports.reading import match
from webapp.staff.models import StaffMember, Team

_WEIGHT: dict[str, int] = {"not_yet": 0, "existing": 1, "agreed": 2}
"""A list may strengthen the ground on which somebody is asked; it never weakens it, and never ends a refusal."""


def ask_to_apply(of: Import, ground: Ground | None, wording: str, wording_locale: str, now: datetime) -> None:
    """Somebody pressed the button: on this ground, in these words, these people may be asked."""
    if of.is_open:
        of.ground, of.wording, of.wording_locale, of.apply_asked_at, of.done = ground, wording, wording_locale, now, 0


def apply(of: Import, now: datetime) -> None:
    """Take over every row that is ready. A second time does nothing."""
    if of.apply_asked_at is not None and of.applied_at is None:
        applying = Applying(of, now)
        while applying.batch():
            pass
        applying.finish()


class Applying:
    """A list on its way from rows to people, a batch at a time, all in one transaction."""

    def __init__(self, of: Import, now: datetime) -> None:
        self.of, self.now, self.done, self.line = of, now, 0, 0
        self.people: dict[int, int] = {}
        """Row number to the person it became: a later row may be the same one."""
        self.teams = set(db.session.scalars(select(Team.id))) if of.kind == "staff" else set()

    def batch(self) -> int:
        """Take over the next rows; returns how many, 0 at the end."""
        found = self.of.rows().where(ImportRow.line > self.line, ImportRow.state.in_(READY)).limit(BATCH)
        rows = db.session.scalars(found).all()
        if rows:
            self.line, self.done = rows[-1].line, self.done + len(rows)
            known = match(self.of.kind, [(row, self._again(row)) for row in rows])
            self._meet([row for row in rows if row.state == "new"], known)
            self._change([row for row in rows if row.state == "changed"], known)
            self._join(rows, known)
            self._ground([row.customer_id for row in rows if row.customer_id is not None])
            db.session.flush()
        return len(rows)

    def finish(self) -> None:
        if self.of.kind == "staff":
            self.of.made_teams = sorted(set(db.session.scalars(select(Team.id))) - self.teams)
        self.of.applied_at, self.of.done = self.now, self.done
        account_id, about = self.of.account_id, f"import {self.of.id}"
        db.session.add(AuditEntry(at=self.now, account_id=account_id, what=f"imported {self.of.kind}", about=about))
        db.session.flush()

    def _again(self, row: ImportRow) -> Checked:
        """As it was understood when somebody last looked; only the people we know may have changed since."""
        return Checked(row.values, tuple(row.said)).without("row.known")

    def _meet(self, rows: Sequence[ImportRow], known: Known) -> None:
        """Make the people who are new."""
        locales = {row.values["email"]: row.values["language"] or self.of.locale for row in rows if row.values["email"]}
        addresses = mailboxes(locales)
        with db.session.no_autoflush:  # they belong to no session yet
            made = [
                known.made(row.values, addresses.get(row.values["email"]), self.of.locale, self.now) for row in rows
            ]
        db.session.add_all(made)
        db.session.flush()
        for row, person in zip(rows, made, strict=True):
            self._is(row, person.id)

    def _change(self, rows: Sequence[ImportRow], known: Known) -> None:
        for row in rows:
            person = self._person(row)
            if person is not None:
                self._write(row, person, row.changes, known)

    def _join(self, rows: Sequence[ImportRow], known: Known) -> None:
        """A row that is the same person as an earlier one; merged with it, it fills what was empty."""
        for row in rows:
            others = [problem.values["other"] for problem in row.said if problem.key in ("row.same", "row.twice")]
            if row.state == "same" and others and row.customer_id is None and row.staff_id is None:
                self._is(row, self.people.get(int(others[0])))
                person = self._person(row)
                if person is not None and row.decision == "merge":
                    self._write(row, person, known.gaps(person, row.values), known)
            self._is(row, row.customer_id or row.staff_id)

    def _write(self, row: ImportRow, person: Person, changes: Changes, known: Known) -> None:
        row.changes = changes
        row.before = {field: old for field, (old, _) in changes.items()}
        known.write(person, {field: new for field, (_, new) in changes.items()})

    def _is(self, row: ImportRow, person_id: int | None) -> None:
        if self.of.kind == "customers":
            row.customer_id = person_id
        else:
            row.staff_id = person_id
        if person_id is not None:
            self.people[row.line] = person_id

    def _person(self, row: ImportRow) -> Person | None:
        if self.of.kind == "customers":
            return db.session.get(Customer, row.customer_id or 0)
        return db.session.get(StaffMember, row.staff_id or 0)

    def _ground(self, customer_ids: Sequence[int]) -> None:
        """Note on what ground these customers may be asked, where that says more than we knew."""
        if self.of.ground is None or not customer_ids:
            return
        last = (
            select(Consent.customer_id, Consent.ground)
            .where(Consent.customer_id.in_(customer_ids))
            .ext(distinct_on(Consent.customer_id))
            .order_by(Consent.customer_id, Consent.id.desc())
        )
        held = dict(db.session.execute(last).all())
        weight = _WEIGHT[self.of.ground]
        given = {
            "ground": self.of.ground, "wording": self.of.wording, "locale": self.of.wording_locale, "channel": "import",
            "recorded_by_id": self.of.account_id, "at": self.now,
        }  # fmt: skip
        said = [
            {"customer_id": customer_id} | given
            for customer_id in sorted(set(customer_ids))
            if customer_id not in held or _WEIGHT.get(held[customer_id], weight) < weight
        ]
        if said:
            db.session.execute(insert(Consent), said)
