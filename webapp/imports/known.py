"""Who of a list we know already, and what the list says differently; how a row becomes a customer or a staff member."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import outerjoin

from webapp import db
from webapp.customers.models import Customer
from webapp.db import JSON
from webapp.imports.bulk import array, one_of
from webapp.imports.checking import Checked, digits, name_of
from webapp.imports.columns import Kind
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team

_NAME = ("given", "particle", "family")
Person = Customer | StaffMember
Changes = dict[str, list[str]]
"""Field to [old, new]."""


class Acquaintance(NamedTuple):
    """Somebody we know."""

    id: int
    says: dict[str, str]
    """In the words of a list."""
    name: PersonName


class Known:
    """The people we have who may be on this list. Of these many rows, not of all."""

    noun: ClassVar[Any]
    whole: ClassVar[Any]
    """SQL: the noun with what is kept beside it."""
    fields: ClassVar[dict[str, str]]
    """Of a list, to those of the person."""
    beside: ClassVar[dict[str, Any]]
    """Of a list, to those of the address or team, and the rest."""

    def __init__(self, rows: Sequence[Checked], unused: Collection[str] = ()) -> None:
        """`unused`: addresses that nobody has."""
        emails = {row.values["email"] for row in rows} - {"", *unused}
        named = {row.name.sort_key for row in rows if row.values["phone"]}
        unaddressed = {row.name.sort_key for row in rows if row.values["phone"] and not row.values["email"]}
        self._by_email: dict[str, list[Acquaintance]] = defaultdict(list)
        self._by_phone: dict[tuple[str, str], Acquaintance] = {}
        addresses = db.session.scalars(select(Address.id).where(one_of(Address.email, emails))).all() if emails else ()
        for person in self.met(one_of(self.noun.address_id, addresses)) if addresses else ():
            self._by_email[person.says["email"]].append(person)
        called = one_of(self.noun.sorting, named) & self.noun.address_id.is_(None)
        if unaddressed:
            called = or_(called, one_of(self.noun.sorting, unaddressed))
        for person in self.met(called) if unaddressed or (named and self._somebody_without_address()) else ():
            if person.says["phone"]:
                self._by_phone[digits(person.says["phone"]), person.name.normalised] = person

    def _somebody_without_address(self) -> bool:
        return db.session.scalar(select(self.noun.id).where(self.noun.address_id.is_(None)).limit(1)) is not None

    @staticmethod
    def of(kind: Kind, rows: Sequence[Checked], unused: Collection[str] = ()) -> "Known":
        return (KnownCustomers if kind == "customers" else KnownStaff)(rows, unused)

    @classmethod
    def met(cls, which: ColumnElement[bool]) -> list[Acquaintance]:
        """These people, as they are now."""
        columns = {field: getattr(cls.noun, column) for field, column in cls.fields.items()} | cls.beside
        said = (func.coalesce(column, "") for column in columns.values())
        found = select(cls.noun.id, *said).select_from(cls.whole).where(which).order_by(cls.noun.id)
        people = ((id, dict(zip(columns, said, strict=True))) for id, *said in db.session.execute(found))
        return [Acquaintance(id, says, name_of(says)) for id, says in people]

    def same(self, checked: Checked) -> Acquaintance | None:
        """The person of this row: by address and name, or by phone and name when either has no address."""
        values = checked.values
        for person in self._by_email.get(values["email"], ()):
            if person.name.normalised == checked.name.normalised:
                return person
        if not self._by_phone or not values["phone"]:
            return None
        found = self._by_phone.get((digits(values["phone"]), checked.name.normalised))
        return found if found is not None and not (values["email"] and found.says["email"]) else None

    def other(self, checked: Checked) -> Acquaintance | None:
        """Somebody of another name who has the address of this row."""
        return next(iter(self._by_email.get(checked.values["email"], ())), None)

    @classmethod
    def changes(cls, person: Acquaintance, values: Mapping[str, str]) -> Changes:
        """What the list says differently. What it does not say stays as it is, save that who had left has come back."""
        old = person.says
        renamed = any(old[part] != values[part] for part in _NAME)
        said = {field for field, value in values.items() if value} | (set(_NAME) if renamed else set())
        changed = {
            field: [old[field], values[field]] for field in sorted(said & old.keys()) if old[field] != values[field]
        }
        return changed | ({"left": [old["left"], ""]} if old.get("left") else {})

    @classmethod
    def gaps(cls, person: Acquaintance, values: Mapping[str, str]) -> Changes:
        """What the list adds to somebody whom a row is merged with: only what was empty."""
        found = cls.changes(person, values)
        return {field: change for field, change in found.items() if not change[0] and field not in _NAME}

    @classmethod
    def write(cls, person: Person, values: Mapping[str, str]) -> None:
        """Set these fields, by their names in a list."""
        name = {part: getattr(person, part) or "" for part in ("title", *_NAME)}
        person.name = PersonName(**name | {part: values[part] for part in name if part in values})
        for field in (values.keys() & cls.fields.keys()) - name.keys():
            setattr(person, cls.fields[field], values[field])
        if "email" in values:
            said = {values["email"]: values.get("language") or "nl"} if values["email"] else {}
            person.address_id = mailboxes(said).ids.get(values["email"])

    def new(self, row: Checked, address_id: int | None, locale: str, now: datetime) -> JSON:
        """Somebody new, as the row says: what is kept of them, by attribute."""
        kept = {column: row.values[field] for field, column in self.fields.items() if field != "language"}
        parts = {"title": row.name.title or None, "sorting": row.name.sort_key}
        return kept | parts | {"address_id": address_id, "added_at": now}


class KnownCustomers(Known):
    noun = Customer
    fields: ClassVar = {
        "title": "title", "given": "given", "particle": "particle", "family": "family", "phone": "phone",
        "organisation": "organisation", "group": "group", "owner": "relationship_owner", "note": "note",
        "language": "locale",
    }  # fmt: skip

    whole = outerjoin(Customer, Address, Customer.address_id == Address.id)
    beside: ClassVar = {"email": Address.email, "language": func.coalesce(Address.locale, Customer.locale)}

    @classmethod
    def write(cls, person: Person, values: Mapping[str, str]) -> None:
        super().write(person, values)
        if person.address and values.get("language"):
            person.address.locale = values["language"]

    def new(self, row: Checked, address_id: int | None, locale: str, now: datetime) -> JSON:
        spoken = row.values["language"] or locale
        return super().new(row, address_id, locale, now) | {"locale": spoken, "source": "list"}


class KnownStaff(Known):
    noun = StaffMember
    fields: ClassVar = {part: part for part in ("title", *_NAME, "phone")}

    whole = outerjoin(StaffMember, Address, StaffMember.address_id == Address.id).outerjoin(Team)
    beside: ClassVar = {
        "email": Address.email, "language": Address.locale, "team": Team.name, "layer": Team.layer,
        "left": cast(StaffMember.left_at, Text),
    }  # fmt: skip

    @classmethod
    def write(cls, person: Person, values: Mapping[str, str]) -> None:
        assert isinstance(person, StaffMember)
        super().write(person, values)
        if "team" in values:
            person.team = _team(values["team"], values.get("layer") or "front_line")
        if person.team and values.get("layer"):
            person.team.layer = values["layer"]
        if person.address and values.get("language"):
            person.address.locale = values["language"]
        if "left" in values:
            person.left_at = datetime.fromisoformat(values["left"]) if values["left"] else None

    def new(self, row: Checked, address_id: int | None, locale: str, now: datetime) -> JSON:
        team = _team(row.values["team"], row.values["layer"] or "front_line")
        if team and row.values["layer"]:
            team.layer = row.values["layer"]
        return super().new(row, address_id, locale, now) | {"team_id": team.id if team else None}


class Mailboxes(NamedTuple):
    """Addresses and their ids; `fresh` are those that nobody can have yet."""

    ids: dict[str, int]
    fresh: Collection[str]


def mailboxes(locales: Mapping[str, str]) -> Mailboxes:
    """The addresses with these names, made where new; the language is for the new ones.

    Whoever makes the same one at this moment is waited for: what they say of it is seen afterwards.
    """
    emails = sorted(locales)
    new = select(*(func.unnest(array(part, Text)) for part in (emails, map(locales.__getitem__, emails))))
    adding = insert(Address).from_select(["email", "locale"], new, include_defaults=False).on_conflict_do_nothing()
    made = dict(db.session.execute(adding.returning(Address.email, Address.id)).all()) if locales else {}
    old = locales.keys() - made.keys()
    found = db.session.execute(select(Address.email, Address.id).where(one_of(Address.email, old))).all() if old else ()
    return Mailboxes(made | dict(found), made.keys())


def _team(name: str, layer: str) -> Team | None:
    if not name:
        return None
    if found := db.session.scalar(select(Team).where(Team.name == name)):
        return found
    db.session.execute(insert(Team).values(name=name, layer=layer).on_conflict_do_nothing())
    return db.session.scalars(select(Team).where(Team.name == name)).one()
