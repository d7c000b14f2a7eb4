"""Somebody is asked for their story and tells it, page by page, on a phone without script."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.doors import door, heading, nonce, press
from tests.fixtures.database import Clock
from tests.stories import making
from tests.stories.making import NOW
from webapp import db
from webapp.config import Settings
from webapp.customers.asks import Ask
from webapp.customers.models import Consent
from webapp.stories.models import Story, StoryRequest


def asked_path(settings: Settings) -> str:
    with db.transaction():
        story_id = making.asked().id
    return door(settings, "story", story_id)


def test_every_answer_is_kept_and_can_be_read_back(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    path = asked_path(settings)
    assert press(client, f"{path}/1", words="Ik had het al afgezegd.").location == f"{path}/2"
    assert press(client, f"{path}/2", words="").location == f"{path}/3"
    page = client.get(f"{path}/6")
    assert ("Ik had het al afgezegd." in page.text, page.text.count("Overgeslagen.")) == (True, 4)
    assert "Wat u al schreef, is bewaard." in client.get(path).text


def test_a_story_is_sent_with_what_may_be_done_with_it_word_for_word(
    client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    path = asked_path(settings)
    press(client, f"{path}/2", words="Toen belde iemand terug.")
    press(client, f"{path}/5", words="De naam van mijn broer.")
    page = client.get(f"{path}/6")
    assert "checked" not in page.text
    sent = {"nonce": nonce(page), "what": "send", "use": ["story_inside"], "attribution": "first_name"}
    assert client.post(path, data=sent).status_code == 303
    assert heading(client.get(path)) == "Uw verhaal is binnen"
    with db.transaction():
        story = db.session.scalars(select(Story)).one()
        assert (story.text, story.not_to_be_told) == ("De omslag\nToen belde iemand terug.", "De naam van mijn broer.")
        said = db.session.scalars(select(Consent).where(Consent.use == "story_inside")).one()
        assert (said.attribution, said.channel, said.version) == ("first_name", "page", 1)
        assert "Erbij staat: alleen mijn voornaam." in said.wording


def test_who_ticks_a_use_without_a_name_is_asked_which(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    path = asked_path(settings)
    press(client, f"{path}/1", words="Het was stil.")
    page = client.get(f"{path}/6")
    answer = client.post(path, data={"nonce": nonce(page), "what": "send", "use": ["story_inside"]})
    assert (answer.status_code, "<title>Fout:" in answer.text) == (422, True)
    with db.transaction():
        assert db.session.scalars(select(Story)).one().told_at is None


def test_no_is_two_taps_and_forgets_what_was_written(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    path = asked_path(settings)
    press(client, f"{path}/1", words="Het was stil.")
    assert client.get(path + "?no=1").status_code == 200
    assert press(client, path + "?no=1", path, what="refuse").status_code == 303
    assert heading(client.get(path)) == "Dat is goed"
    with db.transaction():
        story = db.session.scalars(select(Story)).one()
        assert (story.before, story.state) == ("", "declined")


def test_asking_counts_and_taking_it_back_in_time_does_not(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        who = factories.customer().id
    page = f"/stories/ask?customer={who}"
    refused = making.send(client, page, "/stories/ask", customer=who)
    assert refused.status_code == 422
    assert making.send(client, page, "/stories/ask", customer=who, nothing_pending="1").status_code == 303
    with db.transaction():
        request = db.session.scalars(select(StoryRequest)).one()
        assert [ask.kind for ask in db.session.scalars(select(Ask))] == ["story"]
        assert request.remind_at - NOW > timedelta(days=8)
        story_id = request.story_id
    making.send(client, "/stories", f"/stories/{story_id}/request/undo")
    with db.transaction():
        assert db.session.scalars(select(Ask)).all() == []
