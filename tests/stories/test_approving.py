"""What was told is edited with care, seen by who told it, and shared letter by letter as they approved it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import factories
from tests.doors import door, heading, nonce, press
from tests.fixtures.database import Clock
from tests.stories import making
from tests.stories.making import NOW
from webapp import db
from webapp.config import Settings
from webapp.stories import approving, sharing
from webapp.stories.models import Story


def story() -> Story:
    return db.session.query(Story).one()


def test_what_was_told_stays_as_it_was_told(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        page = f"/stories/{making.told().id}"
    making.send(client, page, page + "/replace", what="Fatima", kind="name", revision="0")
    with db.transaction():
        assert story().text == "Toen belde [naam] mij terug. Nu loop ik op dinsdag mee op de afdeling."
        assert [each.text for each in story().versions] == [making.TEXT]


def test_names_and_days_are_marked_for_the_organiser_and_what_must_not_be_told_stands_beside(
    app: Flask, clock: Clock
) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        page = f"/stories/{making.told(not_to_be_told='De ziekte van mijn broer.').id}"
    shown = client.get(page).text
    assert '<mark class="name" title="naam">Fatima</mark>' in shown
    assert '<mark class="date" title="datum">dinsdag</mark>' in shown
    assert "De ziekte van mijn broer." in shown


def test_two_organisers_do_not_write_over_each_other(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        page = f"/stories/{making.told().id}"
    making.send(client, page, page + "/text", title="Een", text="Eerste.", revision="0")
    late = making.send(client, page, page + "/text", title="Twee", text="Tweede.", revision="0")
    assert (late.status_code, "Tweede." in late.text, "Eerste." in late.text) == (409, True, True)


def offered(settings: Settings) -> str:
    with db.transaction():
        told = making.told()
        told.text = told.text.replace("Fatima", "[naam]")
        approving.offer(told, NOW, None)
        story_id = told.id
    return door(settings, "story", story_id)


def test_the_storyteller_sees_exactly_what_was_changed(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    page = client.get(offered(settings))
    assert heading(page) == "Is dit uw verhaal?"
    assert "Fatima</del>" in page.text
    assert "[naam]</ins>" in page.text


def test_approval_without_consent_asks_for_it_and_with_it_may_be_shared(
    client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    path = offered(settings)
    page = client.get(path)
    with db.transaction():
        version = str(story().offered_id)
    assert press(client, path, what="approve", version=version).status_code == 422
    fields = {
        "nonce": nonce(page),
        "what": "approve",
        "version": version,
        "use": ["story_inside"],
        "attribution": "none",
    }
    assert client.post(path, data=fields).status_code == 303
    with db.transaction():
        assert (story().state, story().label("nl")) == ("approved", "Iemand")
        assert story().approved_id == int(version)


def test_another_text_than_the_one_that_was_seen_is_not_approved(
    client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    path = offered(settings)
    with db.transaction():
        making.allow(story().customer)  # type: ignore[arg-type]  # there is one
        seen = str(story().offered_id)
        approving.offer(story(), NOW, None)
    press(client, path, what="approve", version=seen)
    with db.transaction():
        assert story().approved_at is None


def test_a_change_goes_back_to_the_organiser(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    path = offered(settings)
    press(client, path, what="amend", title="Zo was het", text="Toen belde iemand.")
    with db.transaction():
        assert (story().state, story().text, story().title) == ("amended", "Toen belde iemand.", "Zo was het")


def test_rather_not_is_never_shared(client: FlaskClient, settings: Settings, clock: Clock) -> None:
    clock.at(NOW)
    path = offered(settings)
    press(client, path, what="keep back")
    with db.transaction():
        assert story().state == "kept_back"
        with pytest.raises(sharing.NotAllowed):
            sharing.share(story(), [factories.team()], NOW, making.NO_TIME, None)


def test_only_the_approved_text_is_shared_whatever_was_edited_since(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        approved = making.approved()
        approving.edit(approved, 0, NOW, None, text="Iets heel anders.")
        sharing.share(approved, [factories.team()], NOW, making.NO_TIME, None)
        page = f"/stories/{approved.id}"
    shown = client.get(page).text
    assert ("Toen belde Fatima mij terug." in shown, "Iets heel anders." in shown) == (True, False)


def test_approval_can_be_given_on_the_phone_in_the_words_of_the_consent(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        page = f"/stories/{making.told(factories.customer(email='')).id}"
    said = {"read": "1", "use": ["story_inside", "read_aloud"], "attribution": "name"}
    assert making.send(client, page, page + "/approval/phone", **said).status_code == 303
    with db.transaction():
        consents = {each.use: each.channel for each in story().customer.consents if each.version}  # type: ignore[union-attr]  # there is one
        assert (story().state, consents) == ("approved", {"story_inside": "phone", "read_aloud": "phone"})
