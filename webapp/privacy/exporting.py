"""Everything about a person in one file: for machines as JSON, for people as a page, along the same registry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import LargeBinary, Row, select

from webapp import dates, db
from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.i18n import BABEL_LOCALES, Language
from webapp.mailing import said
from webapp.mailing.models import Message
from webapp.mailing.notices import Notice
from webapp.mailing.post import Post
from webapp.privacy import words
from webapp.privacy.erasing import readers_besides
from webapp.privacy.models import Reader
from webapp.privacy.records import EXPORT_KEPT, DataExport
from webapp.privacy.registry import SECRET, Held, Kind, of_table
from webapp.privacy.walking import Person, about, table, walk
from webapp.staff.models import StaffMember

ONE_PER = timedelta(minutes=10)
"""Asked for again sooner, it is the same file."""
ROWS_AT_MOST = 10_000
"""Of one table; nobody has more, and a request ends."""
UNREAD = frozenset({"id", "latest", "turn", "settled_at", "stage", "code", "enhanced", "queue_id"})
"""Of no use on the page for people; in the JSON they stand."""


@dataclass(frozen=True)
class Section:
    """What one table holds of the person."""

    table: str
    title: str
    why: str
    how_long: str
    rows: list[dict[str, Any]]


def ask_as_reader(reader: Reader, post: Post, now: datetime) -> DataExport:
    """Whoever reads this mailbox wants to know everything; the mail with the way to it follows."""
    people: list[Customer | StaffMember] = [*reader.customers, *([reader.staff] if reader.staff else [])]
    ids: dict[Kind, Sequence[int]] = {"address": [reader.address.id]}
    if reader.customers:
        ids["customer"] = [each.id for each in reader.customers]
    if reader.staff:
        ids["staff_member"] = [reader.staff.id]
    content = packed(Person(ids), [each.name.full for each in people], reader.language, post, now)
    return _kept(DataExport(address_id=reader.address.id, at=now, expires_at=now + EXPORT_KEPT, content=content))


def ask_as_admin(whom: Customer | StaffMember, by: Account, post: Post, now: datetime) -> DataExport:
    """An admin takes it along for somebody who asked by phone or letter. Only this account can fetch it."""
    person = person_of(whom)
    language: Language = "en" if (whom.address.locale if whom.address else "") == "en" else "nl"
    content = packed(person, [whom.name.full], language, post, now)
    about = {"customer_id": whom.id} if isinstance(whom, Customer) else {"staff_id": whom.id}
    return _kept(DataExport(account=by, at=now, expires_at=now + EXPORT_KEPT, content=content, **about))


def _kept(export: DataExport) -> DataExport:
    db.session.add(export)
    db.session.flush()
    return export


def person_of(whom: Customer | StaffMember) -> Person:
    """This person, with their mailbox when nobody else reads it."""
    kind: Kind = "customer" if isinstance(whom, Customer) else "staff_member"
    ids: dict[Kind, Sequence[int]] = {kind: [whom.id]}
    if whom.address is not None and not readers_besides(whom, whom.address):
        ids["address"] = [whom.address.id]
    return Person(ids)


def packed(person: Person, names: Sequence[str], language: Language, post: Post, now: datetime) -> bytes:
    """The zip: `data.json` and `data.html`, and the pictures with stories."""
    found = sections(person, language, post)
    plain = {
        "organisation": post.organisation,
        "made_at": now.isoformat(),
        "people": list(names),
        "data": {each.table: {"why": each.why, "kept": each.how_long, "rows": each.rows} for each in found},
    }
    with force_locale(BABEL_LOCALES[language]):
        labels = words.columns(language)
        page = render_template(
            "privacy/export.html", sections=found, names=names, now=_here(now),
            label=lambda name: labels.get(name, name.replace("_", " ")),
            shown=lambda row: _shown(row, language), language=language, organisation_name=post.organisation,
        )  # fmt: skip
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in (("data.json", json.dumps(plain, ensure_ascii=False, indent=1)), ("data.html", page)):
            archive.writestr(ZipInfo(name, (now.year, now.month, now.day, 0, 0, 0)), text, ZIP_DEFLATED)
        for number, content in _pictures(person):
            archive.writestr(ZipInfo(f"story-{number}.jpg", (now.year, now.month, now.day, 0, 0, 0)), content)
    return file.getvalue()


def _pictures(person: Person) -> Sequence[Row[int, bytes]]:
    """By number of the story."""
    mine = about("story_picture", person)
    pictures = table("story_picture")
    return [] if mine is None else db.session.execute(select(pictures.c.story_id, pictures.c.content).where(mine)).all()


def sections(person: Person, language: Language, post: Post) -> list[Section]:
    """What is held, the person first; a table of which there is nothing is left out."""
    titles, purposes, clocks = words.tables(language), words.purposes(language), words.clocks(language)
    found: dict[str, Section] = {}
    for held, rows in walk(person):
        if held.table in found or held.table == "said":  # what a mail said stands with the mail
            continue
        values = _rows(held, rows)
        if held.table == "message":
            values = [_with_text(row, language, post) for row in values]
        if values:
            first = of_table(held.table)[0]
            found[held.table] = Section(
                held.table, titles.get(held.table, held.table), purposes[first.purpose], clocks[first.clock], values
            )
    order = list(titles)
    return sorted(found.values(), key=lambda each: order.index(each.table) if each.table in order else len(order))


def _rows(held: Held, rows: Any) -> list[dict[str, Any]]:
    here = table(held.table)
    columns = [each for each in here.columns if each.name not in SECRET and not isinstance(each.type, LargeBinary)]
    columns = [each for each in columns if each.type.__class__.__name__ != "TSVECTOR"]
    found = db.session.execute(select(*columns).where(rows).order_by(*here.primary_key).limit(ROWS_AT_MOST))
    return [{name: _plain(value) for name, value in row.items()} for row in found.mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _with_text(row: dict[str, Any], language: Language, post: Post) -> dict[str, Any]:
    """A mail with its name and, as long as it is kept, what it said."""
    notice = Notice.all.get(row["notice"])
    if notice is None:
        return row
    named = {
        "notice": notice.title[language == "nl"],
        **{name: value for name, value in row.items() if name != "notice"},
    }
    content = said.content(row["id"])
    if content is None:
        return named
    message = db.session.get_one(Message, row["id"])
    shown: Language = "en" if (content.language or message.locale) == "en" else "nl"
    refs = post.refs(notice, content, message.address_id)
    return named | {"text": post.render(notice, shown, content, dict.fromkeys(refs, post.base_url)).text}


def _shown(row: dict[str, Any], language: Language) -> list[tuple[str, Any]]:
    """What of a row a person reads."""
    kept = [
        (name, value)
        for name, value in row.items()
        if value not in (None, "", [], {}) and name not in UNREAD and not name.endswith("_id")
    ]
    return [
        (name, _moment(value, language) if isinstance(value, str) and name.endswith("at") else value)
        for name, value in kept
    ]


def _moment(value: str, language: Language) -> str:
    try:
        at = _here(datetime.fromisoformat(value))
    except ValueError:
        return value
    return f"{dates.date(at, language)}, {dates.time(at, language)}"


def _here(moment: datetime) -> datetime:
    return dates.local(moment, Organisation.required().zone) if moment.tzinfo else moment
