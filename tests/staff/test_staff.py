"""Teams and the people in them: added, changed, gone and back, with their history."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests import factories
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from webapp import db
from webapp.invitations.models import Invitation
from webapp.staff.models import StaffMember, Team

pytestmark = pytest.mark.usefixtures("database")
KARLIJN = {"given": "Karlijn", "family": "Bakker", "email": "karlijn@uni.example", "locale": "nl"}


@pytest.fixture
def team(anna: Organiser) -> int:
    with db.transaction():
        return factories.team("Bellers avond A").id


def member() -> StaffMember:
    return db.session.scalars(select(StaffMember)).one()


def test_nobody_yet_says_how_to_begin(anna: Organiser) -> None:
    page = anna.text("/staff")
    assert page.startswith("Nog geen collega's")
    assert "Importeer een lijst" in page


def test_a_team_is_made_and_changed_by_hand(anna: Organiser) -> None:
    answer = anna.post("/staff/teams/new", name="  Bellers   avond A ", layer="back_office")
    with db.transaction():
        team = db.session.scalars(select(Team)).one()
        assert (team.name, team.layer, answer.location) == ("Bellers avond A", "back_office", f"/staff/teams/{team.id}")
    anna.post(f"/staff/teams/{team.id}/edit", name="Bellers avond B", layer="front_line")
    assert "Opgeslagen. Medewerkers Bellers avond B Uitvoering · 0 collega's" in anna.text(f"/staff/teams/{team.id}")


def test_two_teams_have_two_names(anna: Organiser, team: int) -> None:
    answer = anna.post("/staff/teams/new", name="bellers AVOND a", layer="support")
    assert answer.status_code == 422
    assert "Er is al een team met deze naam." in words(answer.text)
    assert anna.post(f"/staff/teams/{team}/edit", name="Bellers avond A", layer="support").status_code == 303


def test_somebody_is_added_to_a_team(anna: Organiser, team: int) -> None:
    assert f'value="{team}"' in anna.get(f"/staff/new?team={team}").text
    answer = anna.post("/staff/new", **KARLIJN, team=str(team))
    assert answer.location == f"/staff/teams/{team}"
    assert "Karlijn Bakker karlijn@uni.example Nederlands" in anna.text(f"/staff/teams/{team}")
    page = anna.text("/staff")
    assert page.startswith("Eén collega in één team")
    assert "Karlijn Bakker" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given": "", "family": ""}, "Vul een naam in."),
        ({"email": "karlijn"}, "Dit e-mailadres is niet compleet."),
        ({"email": "tariq@uni.example"}, "Tariq Yılmaz heeft dit adres al."),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_stays(
    anna: Organiser, team: int, changes: dict[str, str], said: str
) -> None:
    with db.transaction():
        factories.staff_member(email="tariq@uni.example")
    answer = anna.post("/staff/new", **KARLIJN | {"phone": "020 123"} | changes, team=str(team))
    assert answer.status_code == 422
    assert said in words(answer.text)
    assert 'value="020 123"' in answer.text


def test_who_has_left_keeps_their_past_and_can_come_back(anna: Organiser, team: int) -> None:
    anna.post("/staff/new", **KARLIJN, team=str(team))
    with db.transaction():
        karlijn = member().id
        invitation = factories.invitation(factories.visit(host=member()), member(), NOW).id
    anna.post(f"/staff/{karlijn}/departure")
    page = anna.text(f"/staff/teams/{team}")
    assert "Karlijn Bakker werkt hier niet meer." in page
    assert "Werkten hier KB Karlijn Bakker tot vandaag, 09:00" in page
    assert "Karlijn Bakker" not in anna.text("/staff").replace("werkt hier", "")
    with db.transaction():
        assert member().left_at is not None
        assert db.session.get_one(Invitation, invitation).staff_id == karlijn
    anna.post(f"/staff/{karlijn}/return")
    with db.transaction():
        assert member().left_at is None


def test_somebody_without_mailbox_can_stand_in_a_team(anna: Organiser, team: int) -> None:
    anna.post("/staff/new", **KARLIJN | {"email": ""}, team=str(team))
    assert "geen e-mail" in anna.text("/staff")


def test_a_change_moves_somebody_to_another_team_and_language(anna: Organiser, team: int) -> None:
    anna.post("/staff/new", **KARLIJN, team=str(team))
    with db.transaction():
        other, karlijn = factories.team("ICT").id, member().id
    anna.post(f"/staff/{karlijn}", **KARLIJN | {"locale": "en"}, team=str(other))
    with db.transaction():
        changed = member()
        assert changed.address
        assert (changed.team_id, changed.address.locale) == (other, "en")


def test_layers_are_a_filter(anna: Organiser, team: int) -> None:
    with db.transaction():
        factories.team("ICT", "support")
    page = anna.text("/staff?layer=support")
    assert "ICT" in page
    assert "Bellers avond A" not in page


def test_a_big_team_shows_a_few_and_leads_to_the_rest(anna: Organiser, team: int) -> None:
    with db.transaction():
        there = db.session.get_one(Team, team)
        for n in range(15):
            factories.staff_member(f"Sam N{n:02}", there)
    page = anna.text("/staff")
    assert page.count("Sam N") == 12
    assert "Nog 3" in page


def test_script_in_a_name_stays_text(anna: Organiser) -> None:
    nasty = "<script>alert(1)</script>"
    anna.post("/staff/teams/new", name=nasty, layer="support")
    with db.transaction():
        team = db.session.scalars(select(Team)).one()
        factories.staff_member(f"{nasty} Sam", team, phone=nasty)
        number = team.id
    for path in ("/staff", f"/staff/teams/{number}"):
        assert nasty not in anna.get(path).text


def test_who_reads_along_changes_nothing(sign_in: Callable[..., Organiser]) -> None:
    viewer = sign_in(role="viewer")
    with db.transaction():
        team = factories.team().id
        karlijn = factories.staff_member().id
    assert viewer.get("/staff").status_code == 200
    codes = {
        viewer.post(path, name="x", layer="support").status_code
        for path in (f"/staff/teams/{team}/edit", "/staff/teams/new", "/staff/new", f"/staff/{karlijn}/departure")
    }
    assert codes == {404}
