"""A list of many contacts: read, checked, stored and taken over; against COPY into a table of its own and an upsert."""

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
TABLE = """create table floor_contact (email text primary key, given text, family text, phone text, language text, team text);
create table floor_consent (email text references floor_contact, ground text, at timestamptz)"""
UPSERT = """insert into floor_contact select distinct on (lower(email)) lower(email), given, family, phone, language, team
  from fresh where email like '%@%.%' on conflict (email) do update set phone = excluded.phone"""
CONSENT = "insert into floor_consent select email, 'agreed', now() from floor_contact"


def content(n: int) -> bytes:
    rows = (
        f"Sam{at};van den Berg{at};p{at}@d{at % 300}.example;06 {10_000_000 + at};nl;groep {at % 7}\n"
        for at in range(n)
    )
    return (HEADER + "".join(rows)).encode()


def floor(ground: Ground, list: bytes) -> float:
    """Seconds."""
    with psycopg.connect(ground.database().render_as_string(hide_password=False).replace("+psycopg", "")) as connection:
        connection.execute(TABLE)
        began = time.perf_counter()
        connection.execute(
            "create temporary table fresh (given text, family text, email text, phone text, language text, team text)"
        )
        with connection.cursor().copy("copy fresh from stdin (format csv, header, delimiter ';')") as copy:
            file = io.BytesIO(list)
            while block := file.read(1 << 16):
                copy.write(block)
        connection.execute(UPSERT)
        connection.execute(CONSENT)
        connection.commit()
        return time.perf_counter() - began


def product(ground: Ground, list: bytes, n: int) -> tuple[float, float]:
    """Seconds to read and check it, and to take it over."""
    engine = db.connect(ground.database().render_as_string(hide_password=False))
    with db.transaction() as session:
        make.organisation()
        brought = upload("customers", make.account(role="admin"), "list.csv", list, "nl", clock.now()).id
        session.flush()
    began = time.perf_counter()
    work.work()
    read = time.perf_counter() - began
    with db.transaction() as session:
        found = session.get_one(Import, brought)
        assert found.counts()["new"] == n
        ask_to_apply(found, "agreed", "Zij hebben gezegd dat wij hen mogen vragen.", "nl", clock.now())
    began = time.perf_counter()
    work.work()
    with db.transaction() as session:
        assert session.get_one(Import, brought).applied_at is not None
    engine.dispose()
    return read, time.perf_counter() - began
