"""A list of many contacts: read, checked, stored and taken over; against COPY and an upsert into the same tables."""

import io
import time

import psycopg

from tests import factories as make
from tests.bench.ground import Ground
from webapp import clock, db
from webapp.imports import work
from webapp.imports.applying import ask_to_apply
from webapp.imports.models import Import
from webapp.imports.reading import upload

HEADER = "Voornaam;Achternaam;E-mailadres;Telefoon;Taal;Klantgroep\n"
WORDING = "Zij hebben gezegd dat wij hen mogen vragen."
FRESH = """create temporary table fresh (line bigint generated always as identity (start with 2), given text, family text,
  email text, phone text, language text, team text)"""
STORE = (
    """insert into address (email, locale) select distinct on (lower(email)) lower(email), language from fresh
  where email like '%@%.%' on conflict (email) do update set locale = excluded.locale""",
    """insert into customer (address_id, locale, phone, organisation, end_user_group, relationship_owner, note, source,
  added_at, given, particle, family, sorting)
  select address.id, language, phone, '', team, '', '', 'list', now(), given, '', family, lower(family || '  ' || given)
  from fresh join address on address.email = lower(fresh.email)""",
    """insert into consent (customer_id, ground, wording, locale, channel, recorded_by_id, at)
  select customer.id, 'agreed', wording, 'nl', 'import', account_id, now() from customer, import""",
    """insert into import_row (import_id, line, cells, "values", problems, key, state, customer_id)
  select import.id, line, jsonb_build_array(fresh.given, fresh.family, fresh.email, fresh.phone, language, team),
  jsonb_build_object('title', '', 'given', fresh.given, 'particle', '', 'family', fresh.family, 'phone', fresh.phone,
  'email', address.email, 'language', language, 'organisation', '', 'group', team, 'owner', '', 'note', ''), '[]',
  address.email, 'new', customer.id
  from import, fresh join address on address.email = lower(fresh.email) join customer on customer.address_id = address.id""",
    "update import set read_at = now(), applied_at = now()",
)


def content(n: int) -> bytes:
    rows = (
        f"Sam{at};van den Berg{at};p{at}@d{at % 300}.example;06 {10_000_000 + at};nl;groep {at % 7}\n"
        for at in range(n)
    )
    return (HEADER + "".join(rows)).encode()


def floor(ground: Ground, list: bytes) -> float:
    """Seconds. COPY reads the list, and a statement for each table stores the same rows and columns as the product, in
    its own tables with all their keys and indexes; who is known is updated. It looks for nothing wrong in a row, takes
    no name apart, shows no page and no progress, and writes a row once: whom it became, too."""
    url = ground.database().render_as_string(hide_password=False)
    _brought(url, list)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        began = time.perf_counter()
        connection.execute(FRESH)
        into = "copy fresh (given, family, email, phone, language, team) from stdin (format csv, header, delimiter ';')"
        with connection.cursor().copy(into) as copy:
            file = io.BytesIO(list)
            while block := file.read(1 << 16):
                copy.write(block)
        for statement in STORE:
            connection.execute(statement)
        connection.commit()
        return time.perf_counter() - began


def _brought(url: str, list: bytes) -> int:
    """The list as it was uploaded; returns its id."""
    engine = db.connect(url)
    with db.transaction():
        make.organisation()
        found = upload("customers", make.account(role="admin"), "list.csv", list, "nl", clock.now())
        found.wording = WORDING
    engine.dispose()
    return found.id


def product(ground: Ground, list: bytes, n: int) -> tuple[float, float]:
    """Seconds to read and check it, and to take it over."""
    url = ground.database().render_as_string(hide_password=False)
    brought = _brought(url, list)
    engine = db.connect(url)
    began = time.perf_counter()
    work.work()
    read = time.perf_counter() - began
    with db.transaction() as session:
        found = session.get_one(Import, brought)
        assert found.counts()["new"] == n
        ask_to_apply(found, "agreed", WORDING, "nl", clock.now())
    began = time.perf_counter()
    work.work()
    with db.transaction() as session:
        assert session.get_one(Import, brought).applied_at is not None
    engine.dispose()
    return read, time.perf_counter() - began
