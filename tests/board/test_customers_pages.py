"""The board and the list: who stands where, whom the filters leave, and whom one can select."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import factories
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from tests.fixtures.database import Clock
from webapp import db
from webapp.customers.models import Customer
from webapp.stages.standing import settle

pytestmark = pytest.mark.usefixtures("database")
DAY = timedelta(days=1)


def people(*names: str, **values: Any) -> list[int]:
    with db.transaction():
        return [factories.customer(name, **values).id for name in names]


def ticked(page: str) -> list[str]:
    """Names whose box is ticked."""
    return re.findall(r'class="tick"[^>]*checked[^>]*aria-label="Kies ([^"]+)"', page)


def names(page: str) -> list[str]:
    """Who stands on the list, from top to bottom."""
    return re.findall(r'<th scope="row">.*?<a [^>]*>([^<]+)</a>', page)


def column(page: str, stage: str) -> str:
    section = re.search(rf'<section id="{stage}".*?</section>', page, re.DOTALL)
    assert section
    return words(section[0])


def test_nobody_yet_offers_two_ways_to_begin(anna: Organiser) -> None:
    page = anna.text("/customers")
    assert "Importeer een lijst" in page
    assert "Voeg iemand toe" in page


def test_the_heading_counts_who_waits(anna: Organiser) -> None:
    sam, _mo = people("Sam de Vries", "Mo Aydin")
    with db.transaction():
        db.session.get_one(Customer, sam).record("willing", NOW - DAY, None)
    assert anna.text("/customers").startswith("2 klanten; één wacht op jou")


def test_a_card_says_the_one_thing_to_know(anna: Organiser) -> None:
    with db.transaction():
        visit = factories.visit()
        factories.invitation(visit, factories.customer("Sam de Vries"), NOW - DAY)
        factories.invitation(visit, factories.customer("Mo Aydin"), NOW - DAY, hint="accepted", hint_at=NOW)
        coming = factories.invitation(visit, factories.customer("Lan Nguyễn"), NOW - DAY)
        factories.answer(coming)
        gone = factories.customer("Bo Smit")
        assert gone.address
        gone.address.suppress("bounce", NOW)
    page = anna.get("/customers").text
    assert "Sam de Vries Herinnering wo 25 nov gisteren" in column(page, "asked")
    assert "Mo Aydin Tikte ja, niet bevestigd" in column(page, "asked")
    assert "Lan Nguyễn do 3 dec, 14:00" in column(page, "planned")
    assert "Bo Smit Mail kwam terug" in column(page, "found")
    assert "Nog niemand. Wie zover is, komt hier vanzelf." in column(page, "met")


def test_another_rest_shows_on_the_board_at_once(sign_in: Callable[..., Organiser], clock: Clock) -> None:
    admin = sign_in("admin")
    with db.transaction():
        visit, sam = factories.visit(), factories.customer("Sam de Vries")
        factories.attendance(factories.answer(factories.invitation(visit, sam)).invitation)
        later = visit.ends_at + 40 * DAY
    with db.transaction():
        settle(later)
    clock.at(later)
    admin = sign_in("admin")
    assert "Sam de Vries Rust tot wo 3 mrt" in admin.text("/customers")
    form = {"name": "Gemeente", "locale": "nl", "zone": "Europe/Amsterdam", "end_users_nl": "a", "end_users_en": "a"}
    assert admin.post("/admin/organisation", **form, rest_days="30").status_code == 303
    assert "Sam de Vries" in column(admin.get("/customers").text, "found")


def test_a_column_shows_a_few_and_leads_to_the_rest(anna: Organiser) -> None:
    people(*(f"Sam Nummer{n}" for n in range(12)))
    page = anna.get("/customers").text
    assert page.count('class="card') == 8
    assert 'href="/customers?stage=found&amp;view=list">Nog 4' in page


def test_the_list_goes_by_name_whatever_the_particle_and_accents(anna: Organiser) -> None:
    people("Sam de Vries", "Zoë Ábel", "Mo van den Berg", "Ümit Bakker")
    assert names(anna.get("/customers?view=list").text) == [
        "Zoë Ábel",
        "Ümit Bakker",
        "Mo van den Berg",
        "Sam de Vries",
    ]


def test_pages_of_the_list_follow_on_each_other_and_lead_back(anna: Organiser) -> None:
    people(*(f"Sam N{n:03}" for n in range(120)))
    first = anna.get("/customers?view=list").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = anna.get(following[1].replace("&amp;", "&")).text
    back = re.search(r'href="([^"]+)" rel="prev"', second)
    assert back
    assert [len(names(first)), names(second)[0], names(second)[-1]] == [50, "Sam N050", "Sam N099"]
    assert names(anna.get(back[1].replace("&amp;", "&")).text) == names(first)
    assert 'rel="prev"' not in first


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("group=student", ["Mo Aydin"]),
        ("ask=no", ["Bo Smit"]),
        ("stage=willing", ["Lan Nguyễn"]),
        ("waiting=long", ["Lan Nguyễn"]),
        ("group=-", ["Lan Nguyễn", "Bo Smit"]),
        ("stage=nonsense&import=12345", []),
    ],
)
def test_filters_are_links(anna: Organiser, query: str, expected: list[str]) -> None:
    people("Mo Aydin", group="student")
    people("Bo Smit", ground="not_yet")
    (lan,) = people("Lan Nguyễn")
    with db.transaction():
        db.session.get_one(Customer, lan).record("willing", NOW - 8 * DAY, None)
    assert names(anna.get(f"/customers?view=list&{query}").text) == expected


def test_the_first_so_many_of_a_filter_are_those_who_can_be_invited(anna: Organiser) -> None:
    people("Ad Aa", ground="not_yet")
    people("Bo Bb", email="", phone="")
    with db.transaction():
        stopped = factories.customer("Cas Cc")
        assert stopped.address
        stopped.address.suppress("stop", NOW)
    people("Dirk Dd", email="", phone="06 1")
    people("Eva Ee", "Fay Ff")
    page = anna.get("/customers?view=list&first=2").text
    assert ticked(page) == ["Dirk Dd", "Eva Ee"]
    assert len(re.findall(r'class="tick"[^>]*disabled', page)) == 3


def test_more_than_a_page_can_be_selected_without_script(anna: Organiser) -> None:
    people(*(f"Sam N{n:03}" for n in range(80)))
    assert len(ticked(anna.get("/customers?view=list&first=70").text)) == 70


def test_the_selection_goes_to_the_new_visit(anna: Organiser) -> None:
    sam, mo = people("Sam de Vries", "Mo Aydin")
    answer = anna.post("/visits/new", customers=[str(sam), str(mo)])
    chosen = re.findall(r'name="customers" value="(\d+)" checked', answer.text)
    assert sorted(map(int, chosen)) == sorted([sam, mo])


def test_the_file_runs_nothing_and_comes_back_as_it_was(anna: Organiser) -> None:
    people("=cmd|calc Sam", phone="+31 6 1234", organisation="@SUM(1)", group="+1+cmd")
    answer = anna.get("/customers/export")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="klanten-2026-11-23.csv"'
    (row,) = rows
    assert (row["Voornaam"], row["Organisatie"], row["Groep"]) == ("'=cmd|calc", "'@SUM(1)", "'+1+cmd")
    assert (row["Telefoon"], row["Stap"]) == ("+31 6 1234", "gevonden")


def test_script_in_a_name_stays_text(anna: Organiser) -> None:
    people('<script>alert(1)</script> "Sam"', group="<b>groep</b>", organisation="<img src=x>")
    for path in ("/customers", "/customers?view=list", "/search?q=sam"):
        page = anna.get(path).text
        assert "<script>alert" not in page
        assert "<b>groep" not in page
        assert "<img src=x" not in page


@pytest.mark.parametrize("asked", ["nguyen", "NGUYỄN lan", "lan n", "yildiz", "van den berg", "berg mo"])
def test_search_minds_neither_capitals_nor_accents(anna: Organiser, asked: str) -> None:
    people("Lan Nguyễn", "Mo van den Berg", "Ruben Yılmaz-Yıldız")
    page = anna.text(f"/search?q={asked}")
    found = {"nguyen": "Lan", "lan n": "Lan", "NGUYỄN lan": "Lan", "yildiz": "Ruben"}.get(asked, "Mo")
    assert found in page
    assert sum(name in page for name in ("Lan Nguyễn", "Mo van den Berg", "Ruben Yılmaz")) == 1


def test_search_finds_colleagues_teams_visits_and_addresses(anna: Organiser) -> None:
    with db.transaction():
        team = factories.team("Bellers avond Ä")
        factories.staff_member("Karlijn Bakker", team)
        factories.visit(teams=[team])
        factories.customer("Sam de Vries", email="sam.devries@studnet.example")
    assert "Karlijn Bakker" in anna.text("/search?q=karlijn")
    page = anna.text("/search?q=avond a")
    assert "Karlijn Bakker" in page
    assert "donderdag 3 december 2026, Kamer" in page
    assert "Sam de Vries" in anna.text("/search?q=sam.devries@")
    assert "Niets gevonden voor “xyzzy”" in anna.text("/search?q=xyzzy")


def test_who_waits_long_grows_by_the_day_though_nothing_happens(anna: Organiser, clock: Clock) -> None:
    sam, _mo = people("Sam de Vries", "Mo Aydin")
    with db.transaction():
        db.session.get_one(Customer, sam).record("willing", NOW - 6 * DAY, None)
    with db.transaction():
        settle(NOW)
    seen = []
    for _ in range(3):
        seen.append("Sam de Vries" in column(anna.get("/customers?waiting=long").text, "willing"))
        clock.forward(hours=20)
    assert seen == [False, False, True]
