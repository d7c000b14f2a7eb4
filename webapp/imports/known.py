"""Who of a list we know already, and what the list says differently; how a row becomes a customer or a staff member."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from webapp import db
from webapp.customers.models import Customer
from webapp.imports.checking import Checked, digits, name_of
from webapp.imports.columns import Kind
from webapp.mailing.models import Address
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team

_NAME = ("given", "particle", "family")
Person = Customer | StaffMember
Changes = dict[str, list[str]]
"""Field to [old, new]."""


class Known:
    """The people we have who may be on this list. Of these many rows, not of all."""

    noun: ClassVar[Any]
    fields: ClassVar[dict[str, str]]
    """Of a list, to those of the person."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        rows = list(rows)
        emails = {row["email"] for row in rows if row["email"]}
        named = {name_of(row).sort_key for row in rows if row["phone"]}
        unaddressed = {name_of(row).sort_key for row in rows if row["phone"] and not row["email"]}
        here = select(self.noun).outerjoin(self.noun.address)
        by_email = db.session.scalars(here.where(Address.email.in_(emails))).all() if emails else []
        either = or_(self.noun.address_id.is_(None), self.noun.sorting.in_(unaddressed))
        by_name = db.session.scalars(here.where(self.noun.sorting.in_(named), either)).all() if named else []
        self._by_email: dict[str, list[Person]] = defaultdict(list)
        self._by_phone: dict[tuple[str, str], Person] = {}
        for person in by_email:
            self._by_email[self.email_of(person)].append(person)
        for person in by_name:
            if person.phone:
                self._by_phone[digits(person.phone), person.name.normalised] = person

    @staticmethod
    def of(kind: Kind, rows: Iterable[Mapping[str, str]]) -> "Known":
        return KnownCustomers(rows) if kind == "customers" else KnownStaff(rows)

    def same(self, checked: Checked) -> Person | None:
        """The person of this row: by address and name, or by phone and name when either has no address."""
        values, name = checked.values, checked.name.normalised
        for person in self._by_email.get(values["email"], ()):
            if person.name.normalised == name:
                return person
        found = self._by_phone.get((digits(values["phone"]), name)) if values["phone"] else None
        return found if found is not None and not (values["email"] and self.email_of(found)) else None

    def other(self, checked: Checked) -> Person | None:
        """Somebody of another name who has the address of this row."""
        return next(iter(self._by_email.get(checked.values["email"], ())), None)

    @classmethod
    def email_of(cls, person: Person) -> str:
        return person.address.email if person.address else ""

    @classmethod
    def now(cls, person: Person) -> dict[str, str]:
        """A person in the words of a list."""
        found = {field: getattr(person, column) or "" for field, column in cls.fields.items()}
        return found | {"email": cls.email_of(person)}

    @classmethod
    def changes(cls, person: Person, values: Mapping[str, str]) -> Changes:
        """What the list says differently. What it does not say stays as it is."""
        old = cls.now(person)
        renamed = any(old[part] != values[part] for part in _NAME)
        said = {field for field, value in values.items() if value} | (set(_NAME) if renamed else set())
        return {
            field: [old[field], values[field]] for field in sorted(said & old.keys()) if old[field] != values[field]
        }

    @classmethod
    def gaps(cls, person: Person, values: Mapping[str, str]) -> Changes:
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
            found = mailboxes({values["email"]: values.get("language", "")}) if values["email"] else {}
            person.address_id = found.get(values["email"])

    @classmethod
    def made(cls, values: Mapping[str, str], address_id: int | None, locale: str, now: datetime) -> Person:
        """Somebody new, as the row says."""
        raise NotImplementedError


class KnownCustomers(Known):
    noun = Customer
    fields: ClassVar = {
        "title": "title", "given": "given", "particle": "particle", "family": "family", "phone": "phone",
        "organisation": "organisation", "group": "group", "owner": "relationship_owner", "note": "note",
        "language": "locale",
    }  # fmt: skip

    @classmethod
    def now(cls, person: Person) -> dict[str, str]:
        return super().now(person) | ({"language": person.address.locale} if person.address else {})

    @classmethod
    def write(cls, person: Person, values: Mapping[str, str]) -> None:
        super().write(person, values)
        if person.address and values.get("language"):
            person.address.locale = values["language"]

    @classmethod
    def made(cls, values: Mapping[str, str], address_id: int | None, locale: str, now: datetime) -> Customer:
        made = Customer(address_id=address_id, locale=values["language"] or locale, source="list", added_at=now)
        cls.write(made, {field: values[field] for field in cls.fields if field != "language"})
        return made


class KnownStaff(Known):
    noun = StaffMember
    fields: ClassVar = {part: part for part in ("title", *_NAME, "phone")}

    @classmethod
    def now(cls, person: Person) -> dict[str, str]:
        assert isinstance(person, StaffMember)
        team, address = person.team, person.address
        return super().now(person) | {
            "team": team.name if team else "",
            "layer": team.layer if team else "",
            "language": address.locale if address else "",
        }

    @classmethod
    def changes(cls, person: Person, values: Mapping[str, str]) -> Changes:
        """Who had left and stands on the list again has come back."""
        assert isinstance(person, StaffMember)
        back = {"left": [person.left_at.isoformat(), ""]} if person.left_at else {}
        return super().changes(person, values) | back

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

    @classmethod
    def made(cls, values: Mapping[str, str], address_id: int | None, locale: str, now: datetime) -> StaffMember:
        made = StaffMember(address_id=address_id, added_at=now)
        cls.write(made, {field: values[field] for field in (*cls.fields, "team", "layer")})
        return made


def mailboxes(locales: Mapping[str, str]) -> dict[str, int]:
    """The addresses with these names, made where new; the language is for the new ones."""
    if not locales:
        return {}
    new = [{"email": email, "locale": locale or "nl"} for email, locale in sorted(locales.items())]
    db.session.execute(insert(Address).on_conflict_do_nothing(), new)
    found = db.session.execute(select(Address.email, Address.id).where(Address.email.in_(locales)))
    return dict(found.all())


def _team(name: str, layer: str) -> Team | None:
    if not name:
        return None
    if found := db.session.scalar(select(Team).where(Team.name == name)):
        return found
    db.session.execute(insert(Team).values(name=name, layer=layer).on_conflict_do_nothing())
    return db.session.scalars(select(Team).where(Team.name == name)).one()
