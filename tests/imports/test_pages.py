"""The import pages without script: upload, check, mend, take over, undo; and what hostile files do to them."""

import random
import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from tests import factories
from tests.fixtures.database import Clock
from tests.imports.lists import HEADER, crm, csv_of, customers, people, staff, xlsx_of
from webapp import clock as application_clock
from webapp import db
from webapp.customers.models import Consent, Customer
from webapp.imports import work
from webapp.imports.applying import turn
from webapp.imports.models import Import, ImportRow
from webapp.imports.rest import neutral
from webapp.mailing.models import Address
from webapp.staff.models import StaffMember


class Organiser:
    """Somebody signed in, with a browser that runs no script."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page = answer.text
        return self.page

    def post(self, path: str, **fields: object) -> TestResponse:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page or self.get("/customers/import"))
        assert token
        boundary, body = encode_multipart({"csrf_token": token[1]} | fields)
        answer = self.client.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')
        if answer.status_code == 303:
            self.path = answer.location.partition("#")[0]
            self.get(self.path)
        else:
            self.page = answer.text
        return answer

    def bring(self, content: bytes, name: str = "klanten.csv", kind: str = "customers") -> TestResponse:
        self.get(f"/{kind}/import")
        return self.post(f"/{kind}/import", file=FileStorage(BytesIO(content), name))

    def take_over(self, **fields: object) -> TestResponse:
        return self.post(f"{self.path.partition('?')[0]}/application", **{"ground": "existing"} | fields)

    @property
    def heading(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.page, re.DOTALL)
        assert found
        return unescape(found[1]).strip()

    @property
    def words(self) -> str:
        text = re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", "", self.page, flags=re.DOTALL))
        return " ".join(unescape(text).split())


@pytest.fixture
def me(app: Flask, client: FlaskClient, clock: Clock) -> Organiser:
    clock.at(factories.NOW)
    with db.transaction():
        factories.organisation()
        _, secret = factories.account().sign_in(application_clock.real(), "test")
    with client.session_transaction() as cookie:
        cookie["_user_id"] = secret
    return Organiser(client)


def row(line: int) -> ImportRow:
    with db.transaction(read_only=True) as session:
        return session.scalars(select(ImportRow).where(ImportRow.line == line).order_by(ImportRow.id.desc())).first()  # type: ignore[return-value]  # it is there


def people_now(noun: type[Customer] | type[StaffMember] = Customer) -> int:
    with db.transaction(read_only=True) as session:
        return session.scalar(select(func.count()).select_from(noun)) or 0


# The way through


def test_the_list_of_120_from_upload_to_people(me: Organiser) -> None:
    me.bring(customers())
    assert me.heading == "114 rijen klaar; 4 met een fout; 2 vragen een keuze"
    assert "<title>Fout: 114 rijen klaar" in me.page
    assert "Rij 8, E-mailadres: Dit is geen e-mailadres. Vul het in." in me.words
    assert "Rij 24, E-mailadres: Dit e-mailadres heeft meer dan één @. Bedoelde je twee@student.example?" in me.words
    assert "Rij 42, E-mailadres: Geen e-mailadres. Vul het in, of houd de rij zo: dan kan alleen bellen." in me.words
    assert "Rij 51, Achternaam: Naam is te lang (309 tekens, hoogstens 200). Kort hem in." in me.words
    assert "Rij 61, E-mailadres: Dezelfde persoon als rij 13? Voeg samen, of houd allebei." in me.words
    assert "Rij 34, Opmerking: Begint met “=”. We bewaren het als tekst." in me.words
    assert "puntkomma’s, Windows-1252" in me.words
    assert people_now() == 0
    me.take_over()
    assert me.heading == "114 klanten erbij, 0 bijgewerkt, 0 gelijk."
    assert "Ongedaan maken kan tot morgen 09:00 uur." in me.words
    assert "Nodig 114 uit" in me.words
    assert re.search(r'href="/customers\?import=\d+"', me.page)
    assert people_now() == 114
    with db.transaction(read_only=True) as session:
        said = session.scalars(select(Consent.wording).distinct()).all()
    assert said == ["Zij hebben eerder contact met ons gehad."]


def test_a_short_list_waits_while_another_is_taken_over(me: Organiser) -> None:
    me.bring(crm())
    with db.transaction():
        assert turn()
        me.take_over()
        assert (people_now(), work.work()) == (0, 0)
        assert "0 van 60 rijen" in me.words
    assert work.work() == 1
    me.get(me.path)
    assert (me.heading, people_now()) == ("60 klanten erbij, 0 bijgewerkt, 0 gelijk.", 60)


def test_a_crm_list_needs_nothing_to_choose(me: Organiser) -> None:
    me.bring(crm(), "contacts.csv")
    assert me.heading == "60 rijen klaar; geen fouten"
    for header in ("Record ID", "Lead Status", "Create Date", "Marketing contact status"):
        assert f"{header} lezen we niet" in me.words


def test_staff_are_brought_the_same_way_and_nobody_asks_for_a_ground(me: Organiser) -> None:
    me.bring(staff(), "medewerkers.csv", "staff")
    assert 'name="ground"' not in me.page
    me.take_over()
    assert (me.heading, people_now(StaffMember)) == ("12 collega’s erbij, 0 bijgewerkt, 0 gelijk.", 12)


def test_a_workbook_and_pasted_rows_are_lists_too(me: Organiser) -> None:
    me.bring(xlsx_of([["naam", "e-mail"], ["Sam de Vries", "sam@uni.example"]]), "lijst.xlsx")
    assert me.heading == "Eén rij klaar; geen fouten"
    me.get("/customers/import")
    me.post("/customers/import", pasted="naam\te-mail\nJo Bos\tjo@uni.example")
    assert "Uit geplakte rijen ." in me.words
    assert row(2).values["email"] == "jo@uni.example"


def test_the_same_file_again_says_so(me: Organiser) -> None:
    me.bring(crm())
    me.take_over()
    me.bring(crm())
    assert me.heading == "0 nieuw, 60 gelijk; geen fouten"
    me.take_over()
    assert (me.heading, people_now()) == ("0 klanten erbij, 0 bijgewerkt, 60 gelijk.", 60)


def test_in_english_it_says_the_same(me: Organiser) -> None:
    me.bring(customers())
    me.get(me.path + "?lang=en")
    assert me.heading == "114 rows ready; 4 in error; 2 ask for a choice"
    assert "Import 114 customers" in me.words
    assert "Go on without these 6" in me.words


# Mending in place


def test_a_mended_row_turns_good_and_the_counts_follow(me: Organiser) -> None:
    me.bring(customers())
    bad = row(8)
    me.post(f"{me.path}/rows", **{f"cell-{bad.id}-email": "mehmet@student.example", "do": f"check-{bad.id}"})
    assert me.heading == "115 rijen klaar; 3 met een fout; 2 vragen een keuze"
    assert f'id="row-{bad.id}" data-state="mended"' in me.page
    assert "Importeer 115 klanten" in me.words


def test_one_press_takes_the_guess(me: Organiser) -> None:
    me.bring(customers())
    me.post(f"{me.path}/rows", do=f"guess-{row(24).id}")
    assert (row(24).state, row(24).values["email"]) == ("new", "twee@student.example")


def test_without_an_address_the_row_may_stay_for_phoning(me: Organiser) -> None:
    me.bring(customers())
    me.post(f"{me.path}/rows", do=f"phone-{row(42).id}")
    assert (row(42).state, me.heading) == ("new", "115 rijen klaar; 3 met een fout; 2 vragen een keuze")
    assert "Alleen bellen" in me.words


def test_the_two_that_are_asked_are_merged_or_kept(me: Organiser) -> None:
    me.bring(customers())
    me.post(f"{me.path}/rows", do=f"merge-{row(61).id}")
    me.post(f"{me.path}/rows", do=f"keep-{row(62).id}")
    assert me.heading == "116 rijen klaar; 4 met een fout"
    me.post(f"{me.path}/rows", do=f"back-{row(61).id}")
    assert row(61).state == "asked"
    me.take_over()
    assert people_now() == 115


def test_what_was_typed_in_several_rows_goes_along_with_the_import_button(me: Organiser) -> None:
    me.bring(customers())
    me.take_over(**{f"cell-{row(8).id}-email": "a@student.example", f"cell-{row(51).id}-family": "Dijkstra"})
    assert (me.heading, people_now()) == ("116 klanten erbij, 0 bijgewerkt, 0 gelijk.", 116)


def test_typing_what_is_still_wrong_takes_nothing_over_and_keeps_it(me: Organiser) -> None:
    me.bring(customers())
    me.take_over(**{f"cell-{row(8).id}-email": "nog steeds fout"})
    assert (people_now(), "nog steeds fout" in me.page) == (0, True)


def test_the_ground_is_asked_and_nothing_typed_is_lost_when_it_is_forgotten(me: Organiser) -> None:
    me.bring(customers())
    me.take_over(ground="", **{f"cell-{row(8).id}-email": "a@student.example"})
    assert "Kies op welke grond deze mensen gevraagd mogen worden." in me.words
    assert (people_now(), row(8).state) == (0, "new")


def test_rows_of_another_list_cannot_be_mended_through_this_one(me: Organiser) -> None:
    me.bring(customers())
    theirs = row(8).id
    me.bring(crm())
    me.post(f"{me.path}/rows", **{f"cell-{theirs}-email": "a@student.example"})
    with db.transaction(read_only=True) as session:
        assert session.get_one(ImportRow, theirs).typed == {}


# Columns


def test_missing_columns_are_named_with_what_was_found_and_can_be_chosen(me: Organiser) -> None:
    me.bring(b"wie;bereikbaar;kleur\nSam de Vries;sam@uni,example;rood")
    assert "Geen kolom voor Naam + E-mail. Gevonden: wie, bereikbaar, kleur. Kies zelf de kolom." in me.words
    assert "bijvoorbeeld: Sam de Vries" in me.words
    me.post(f"{me.path}/columns", **{"column-0": "name", "column-1": "email", "column-2": ""})
    assert me.heading == "0 rijen klaar; één met een fout"
    assert "Bedoelde je sam@uni.example?" in me.words


# Afterwards


def test_undo_takes_it_back_for_a_day(me: Organiser, clock: Clock) -> None:
    me.bring(customers())
    me.take_over()
    path = me.path
    clock.forward(hours=23)
    assert "Ongedaan maken kan tot vandaag 09:00 uur." in (me.get(path) and me.words)
    me.post(f"{path}/undo")
    assert (me.heading, people_now()) == ("Teruggezet. Alles is zoals het was.", 0)
    with db.transaction(read_only=True) as session:
        assert session.scalar(select(func.count()).select_from(Address)) == 1


def test_after_a_day_it_cannot_be_undone(me: Organiser, clock: Clock) -> None:
    me.bring(crm())
    me.take_over()
    clock.forward(hours=25)
    me.post(f"{me.path}/undo")
    assert (people_now(), "Maak de import ongedaan" in me.words) == (60, False)


def test_who_was_invited_meanwhile_stays_and_is_named(me: Organiser) -> None:
    me.bring(b"naam;e-mail\nSam de Vries;sam@uni.example\nJo Bos;jo@uni.example")
    me.take_over()
    with db.transaction() as session:
        sam = session.scalars(select(Customer).where(Customer.family == "Vries")).one()
        factories.invitation(factories.visit(), sam)
    me.post(f"{me.path}/undo")
    assert (me.heading, people_now()) == ("Teruggezet, op wat sindsdien gebeurde na", 1)
    assert "Sam de Vries" in me.words


def test_pressing_twice_makes_nobody_twice(me: Organiser) -> None:
    me.bring(crm())
    path = me.path
    me.take_over()
    me.path = path
    me.take_over()
    assert people_now() == 60


def test_the_rest_is_a_file_with_the_same_columns_that_can_be_brought_again(me: Organiser) -> None:
    me.bring(customers())
    bad = row(8)
    me.post(f"{me.path}/rows", **{f"cell-{bad.id}-email": "nog fout"})
    answer = me.client.get(f"{me.path}/rest.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rest.csv"'
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert (lines[0], len(lines)) == (";".join(HEADER), 8)
    assert ";nog fout;+31 6 " in lines[1]
    me.bring(answer.data, "rest.csv")
    assert me.heading.endswith("4 met een fout")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3+cmd", "'-2+3+cmd"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("＝1", "'＝1"), ("+31 6 12345678", "+31 6 12345678"),
        ("+31(0)612345678", "+31(0)612345678"), ("-", "'-"), ("gewoon", "gewoon"), ("", ""),
    ],
)  # fmt: skip
def test_no_spreadsheet_runs_a_cell_of_ours(cell: str, written: str) -> None:
    assert neutral(cell) == written


# Hostile files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Dit bestand heeft geen rijen."),
        (b"naam;e-mail\r\n", "Dit bestand heeft geen rijen."),
        (random.Random(3).randbytes(100_000), "Dit is geen CSV of XLSX. Sla je lijst zo op en probeer opnieuw."),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "Dit is geen CSV of XLSX."),
        (b"PK\x03\x04garbage", "Dit is geen CSV of XLSX."),
        (b"naam;e-mail\nA;a@uni.example\n" * 800_000, "Bestand is 22 MB; tot 20 MB kan. Splits het."),
        (b'naam;e-mail\n"A;a@uni.example\n', "Rij 2: hier begint een aanhalingsteken dat nergens eindigt."),
    ],
    ids=["empty", "header only", "noise", "picture", "broken zip", "too big", "open quote"],
)
def test_a_file_that_is_no_list_gets_one_clear_sentence(me: Organiser, content: bytes, said: str) -> None:
    answer = me.bring(content, "iets.csv")
    assert (answer.status_code, said in me.words) == (422, True)
    assert "<title>Fout:" in me.page


def test_nothing_chosen_says_so_and_what_was_pasted_stays(me: Organiser) -> None:
    me.get("/customers/import")
    assert me.post("/customers/import").status_code == 422
    assert "Kies een bestand, of plak een lijst." in me.words
    assert me.post("/customers/import", pasted='naam;mail\n"stuk').status_code == 422
    assert "&#34;stuk" in me.page


def test_a_file_far_too_big_for_any_list_is_refused_at_the_door(me: Organiser) -> None:
    assert me.bring(bytes(26 * 1024 * 1024)).status_code == 413


def test_script_in_every_field_is_inert(me: Organiser) -> None:
    nasty = "<script>alert('%s')</script>"
    header = [nasty % name for name in ("kop", *HEADER)]
    rows = [[nasty % name for name in ("cel", *HEADER)], *([["x", *factories_row] for factories_row in people(2)[1:]])]
    me.bring(csv_of([header, *rows]), "<script>naam</script>.csv")
    me.post(f"{me.path}/columns", **{f"column-{at}": field for at, field in enumerate(
        ("", "title", "given", "particle", "family", "organisation", "email", "phone", "language", "group", "owner", "note")
    )})  # fmt: skip
    for only in ("", "?only=errors"):
        me.get(me.path.partition("?")[0] + only)
        assert not re.search(r"<script>(alert|naam)", me.page)
        assert "&lt;script&gt;" in me.page
    me.take_over()
    assert not re.search(r"<script>(alert|naam)", me.page)
    me.get("/customers/import")
    assert not re.search(r"<script>(alert|naam)", me.page)


def test_line_ends_in_a_cell_reach_no_header(me: Organiser) -> None:
    me.bring(b'naam;e-mail;groep\n"Sam\r\nBcc: x@evil.example";"sam@uni.example\r\nBcc: y@evil.example";"a\r\nb"')
    found = row(2)
    assert (found.name.full, found.values["group"], found.state) == ("Sam Bcc: x@evil.example", "a b", "error")


def test_a_list_of_5000_goes_on_in_the_background_while_somebody_leaves(me: Organiser) -> None:
    me.bring(csv_of(people(5_000)))
    assert me.heading == "We lezen de lijst"
    assert '<meta http-equiv="refresh" content="2">' in me.page
    assert "0 van 5.001 rijen" in me.words
    path = me.path
    me.get("/customers/import")
    assert "nog niet overgenomen" in me.words
    work.work()
    assert me.client.get(f"{path}/progress").headers["HX-Refresh"] == "true"
    me.get(path)
    assert me.heading == "5.000 rijen klaar; geen fouten"
    me.path = path
    me.take_over()
    assert (me.heading, people_now()) == ("We nemen de lijst over", 0)
    work.work()
    me.get(path)
    assert (me.heading, people_now()) == ("5.000 klanten erbij, 0 bijgewerkt, 0 gelijk.", 5_000)


def test_only_organisers_come_here(app: Flask, me: Organiser) -> None:
    me.bring(customers())
    path, stranger = me.path, app.test_client()
    assert stranger.get(path).status_code in (302, 303)
    with db.transaction():
        _, secret = factories.account("Vera", role="viewer").sign_in(application_clock.real(), "test")
    with stranger.session_transaction() as cookie:
        cookie["_user_id"] = secret
    assert [stranger.get(page).status_code for page in (path, f"{path}/rest.csv", "/customers/import")] == [404] * 3


def test_a_list_of_staff_is_not_shown_as_one_of_customers(me: Organiser) -> None:
    me.bring(staff(), "m.csv", "staff")
    assert me.client.get(me.path.replace("staff", "customers")).status_code == 404


def test_what_was_forgotten_is_gone(me: Organiser, clock: Clock) -> None:
    me.bring(customers())
    path = me.path
    clock.forward(days=8)
    with db.transaction():
        Import.forget(application_clock.now())
    assert me.client.get(path).status_code == 404


def test_the_sample_can_be_brought_as_it_is(me: Organiser) -> None:
    for kind in ("customers", "staff"):
        me.bring(me.client.get(f"/{kind}/import/sample.csv").data, "sample.csv", kind)
        assert me.heading == "Eén rij klaar; geen fouten"


def test_the_receipt_still_stands_when_the_list_is_forgotten(me: Organiser, clock: Clock) -> None:
    me.bring(crm())
    me.take_over()
    clock.forward(days=2)
    with db.transaction():
        Import.forget(application_clock.now() + timedelta(0))
    assert me.get(me.path)
    assert me.heading == "60 klanten erbij, 0 bijgewerkt, 0 gelijk."
