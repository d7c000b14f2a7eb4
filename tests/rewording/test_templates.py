"""An organiser changes what mails say: names of values, nothing that runs, in the very next mail, and back again."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import factories
from tests.board.conftest import Organiser, words
from tests.emails.samples import Stage
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as time
from webapp import db, rounds
from webapp.config import Settings
from webapp.mailing import rendering
from webapp.mailing.models import Rewording
from webapp.mailing.sweep import sweep

INVITATION = "/templates/visit_invitation/nl"
TEXT = {
    "subject": "Vertelt u ons uw verhaal op {dag}?",
    "preheader": "Om {tijd}, bij {team}.",
    "heading": "Wij luisteren graag",
    "words": "Bij {team} zijn {collegas} benieuwd.\n\n{aanleiding}\nKoffie staat klaar.",
}


def save(anna: Organiser, path: str = INVITATION, version: int = 0, **changes: str) -> tuple[int, str]:
    answer = anna.post(path, **TEXT | {"version": str(version)} | changes)
    return answer.status_code, words(answer.text)


def test_every_mail_stands_in_the_list_and_opens_with_its_standard_text(anna: Organiser) -> None:
    listed = anna.text("/templates")
    assert "Elke mail zegt nog wat er standaard in staat" in listed
    assert "Ontvangst antwoord: stelt een ander moment voor" in listed
    page = anna.get(INVITATION).text
    assert "{zin_aanleiding}\nBij {team} willen {collegas} graag van u horen hoe dat was." in page
    assert "Mogen we uw verhaal horen? {Dag}, {tijd}" in page


def test_the_next_mail_says_what_was_saved_and_keeps_what_stays_ours(
    anna: Organiser, settings: Settings, smtp: Relay, clock: Clock
) -> None:
    assert save(anna)[0] == 303
    with db.transaction():
        stage = Stage("nl")
        stage.visit.reason_nl = ""
        factories.invitation(stage.visit, stage.customer)
        sweep(NOW - timedelta(days=1), time.real(), wide=True)
    clock.at(NOW + timedelta(minutes=1))
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)
    (mail,) = smtp.to("s.devries@student.example")
    assert mail.message["Subject"] == "Vertelt u ons uw verhaal op donderdag 3 december?"
    text = mail.text("plain")
    assert text.startswith("Beste mevrouw De Vries,")
    assert "Bij Bellers avond A zijn negen collega's benieuwd." in " ".join(text.split())
    assert "aanleiding" not in text, "a line of which the field is empty falls out"
    assert "Koffie staat klaar." in text
    assert "Ja, ik kom" in text
    assert "Wij luisteren graag" in mail.text("html")
    shown = anna.get(INVITATION).text
    assert "Zoals mevrouw Sam de Vries hem krijgt" in shown or "Sam de Vries" in shown


def test_an_unknown_name_is_refused_with_the_one_that_was_meant_and_nothing_typed_is_lost(anna: Organiser) -> None:
    code, said = save(anna, words="Wij zien u op {dagg} en dan.")
    assert (code, "{dagg}: bedoel je {dag}?" in said) == (422, True)
    assert (
        "Wij zien u op {dagg} en dan." in anna.post(INVITATION, **TEXT | {"words": "Wij zien u op {dagg} en dan."}).text
    )
    assert "{xyzzy}: dat veld kent deze mail niet" in save(anna, words="Hallo {xyzzy}")[1]
    assert "Een veld is één woord tussen accolades" in save(anna, words="Hallo {{ links }}")[1]
    assert "een vergrendeld scherm" in save(anna, subject="Omdat {aanleiding}")[1]
    with db.transaction():
        assert db.session.query(Rewording).count() == 0


def test_what_looks_like_a_program_is_said_as_it_stands(anna: Organiser) -> None:
    assert save(anna, words="Lees % raise x % en <b>{team}</b> %(day)s $dag")[0] == 303
    shown = anna.get(INVITATION + "/mail").text
    assert "Lees % raise x % en &lt;b&gt;Bellers avond A&lt;/b&gt; %(day)s $dag" in shown


def test_typed_words_are_shown_as_a_mail_before_they_are_saved(anna: Organiser) -> None:
    answer = anna.post(INVITATION + "/mail", **TEXT)
    assert "zijn zes collega&#39;s benieuwd." in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Deze tekst is nog geen mail" in anna.post(INVITATION + "/mail", **TEXT | {"subject": ""}).text
    with db.transaction():
        assert db.session.query(Rewording).count() == 0


def test_every_version_stays_and_can_be_taken_back(anna: Organiser) -> None:
    save(anna)
    with db.transaction():
        first = db.session.query(Rewording).one().id
    save(anna, version=first, subject="Anders")
    anna.post(INVITATION + "/versions", version="0")
    assert "de standaardtekst" in anna.text(INVITATION)
    anna.post(INVITATION + "/versions", version=str(first))
    assert 'value="Vertelt u ons uw verhaal op {dag}?"' in anna.get(INVITATION).text
    with db.transaction():
        said = [version.subject for version in db.session.query(Rewording).order_by(Rewording.id)]
    assert said == ["Vertelt u ons uw verhaal op {day}?", "Anders", "", "Vertelt u ons uw verhaal op {day}?"]
    assert "Eén tekst is van jullie" in anna.text("/templates")


def test_who_saves_after_somebody_else_sees_both_texts_first(anna: Organiser) -> None:
    save(anna, subject="Van Anna")
    code, said = save(anna, version=0, subject="Van een ander scherm")
    assert (code, "Van Anna" in said) == (409, True)
    with db.transaction():
        last = db.session.query(Rewording).one().id
    assert save(anna, version=last, subject="Van een ander scherm")[0] == 303


def test_a_viewer_reads_along_and_mail_about_signing_in_is_nobodys_to_change(
    anna: Organiser, sign_in: Callable[..., Organiser]
) -> None:
    fixed = anna.get("/templates/sign_in_link/nl").text
    assert ("Deze woorden liggen vast" in fixed, "Bewaar" in fixed) == (True, False)
    assert save(anna, "/templates/sign_in_link/nl")[0] == 404
    viewer = sign_in(role="viewer", name="Vera Kijker")
    assert viewer.get(INVITATION).status_code == 200
    assert save(viewer)[0] == 404
    assert viewer.post(INVITATION + "/versions", version="0").status_code == 404


@pytest.mark.parametrize("text", ["{a}", "x {a} {b}\n{leeg}\n{a}"])
def test_a_value_that_looks_like_a_name_is_not_read_again(text: str) -> None:
    values = {"a": "{b}", "b": "{a}", "leeg": ""}
    assert (
        rendering.filled(text, values.__getitem__) == {"{a}": "{b}", "x {a} {b}\n{leeg}\n{a}": "x {b} {a}\n{b}"}[text]
    )
