"""Shared stories are read, searched and thanked for; withdrawn they are gone at the next request, everywhere."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import factories
from tests.doors import door, press
from tests.fixtures.database import Clock
from tests.stories import making
from tests.stories.making import NOW
from webapp import db
from webapp.config import Settings
from webapp.customers import consents
from webapp.mailing.notices import Notice
from webapp.stories import library, notices, sharing
from webapp.stories.library import Wanted
from webapp.stories.models import Story, StoryReader, Thanks, ThanksTold

HOUR = timedelta(hours=1)
GONE = "Dit verhaal is ingetrokken door wie het vertelde."
assert notices


def due(name: str, now: object) -> list[int]:
    notice = Notice.all[name]
    return [row.subject_id for row in db.session.execute(notice.due(NOW - timedelta(days=1), now))]  # type: ignore[arg-type]


def shared_with_colleague(settings: Settings) -> tuple[int, str]:
    """A shared story, and the page of somebody in its team."""
    with db.transaction():
        factories.organisation()
        team = factories.team()
        colleague = factories.staff_member(team=team)
        story = making.shared(team=team)
        story_id, address_id = story.id, colleague.address_id
        assert address_id is not None
    return story_id, door(settings, "staff", address_id)


@pytest.mark.usefixtures("session")
def test_everybody_in_the_teams_gets_one_mail_however_many_of_their_teams_it_is_given_to() -> None:
    factories.organisation()
    first, second = factories.team(), factories.team()
    colleague = factories.staff_member(team=first)
    story = making.approved()
    assert sharing.share(story, [first], NOW, making.NO_TIME, None) == 1
    colleague.team = second
    db.session.flush()
    assert sharing.share(story, [second], NOW, making.NO_TIME, None) == 0
    assert len(due("story_shared_with_team", NOW + HOUR)) == 1


@pytest.mark.usefixtures("session")
def test_taken_back_within_the_hold_nobody_is_mailed_and_nobody_reads_it() -> None:
    factories.organisation()
    team = factories.team()
    factories.staff_member(team=team)
    story = making.approved()
    sharing.share(story, [team], NOW, timedelta(minutes=1), None)
    sharing.take_back(story, NOW)
    assert (due("story_shared_with_team", NOW + HOUR), library.one(story.id)) == ([], None)
    assert db.session.scalars(select(StoryReader)).all() == []


@pytest.mark.usefixtures("session")
def test_no_mail_leaves_with_a_story_whose_consent_was_withdrawn() -> None:
    factories.organisation()
    team = factories.team()
    factories.staff_member(team=team)
    story = making.shared(team=team)
    waiting = due("story_shared_with_team", NOW + HOUR)
    assert len(waiting) == 1
    assert story.customer is not None
    consents.withdraw(story.customer, ["story_inside"], "nl", "page", NOW, None)
    assert Notice.all["story_shared_with_team"].load(NOW + HOUR, waiting) == []


@pytest.mark.usefixtures("session")
def test_search_finds_words_in_both_languages_with_or_without_accents_the_best_first() -> None:
    dutch = making.shared(text="De universiteiten belden twee keer, en één beller bleef aan de lijn.", title="Anders")
    titled = making.shared(text="Het was stil.", title="Een beller die bleef")
    english = making.shared(text="The callers rang me twice.", locale="en")

    def found(words: str) -> list[int]:
        return [each.id for each in library.find(Wanted(words)).stories]

    assert found("beller") == [titled.id, dutch.id]
    assert (found("universiteit"), found("EEN lijn")) == ([dutch.id], [dutch.id])
    assert found("caller") == [english.id]
    assert (found("bel"), found("olifant")) == ([titled.id, dutch.id], [])


@pytest.mark.usefixtures("session")
def test_filters_narrow_by_team_group_principle_use_and_length() -> None:
    team = factories.team()
    one = making.shared(team=team, principle="impact", group="beursstudenten")
    long = making.shared(text="woord " * 500)
    assert long.customer is not None
    making.allow(long.customer, "story_inside", "read_aloud")

    def found(wanted: Wanted) -> list[int]:
        return [each.id for each in library.find(wanted).stories]

    for wanted in (
        Wanted(team=team.id),
        Wanted(principle="impact"),
        Wanted(group="beursstudenten"),
        Wanted(length="short"),
    ):
        assert found(wanted) == [one.id]
    assert found(Wanted(aloud=True)) == found(Wanted(length="long")) == [long.id]


@pytest.mark.usefixtures("session")
def test_pages_follow_each_other_without_gap_or_double() -> None:
    customer = factories.customer()
    team = factories.team()
    ids = [making.shared(customer, at=NOW + timedelta(minutes=n // 3), team=team).id for n in range(30)]
    first = library.find(Wanted())
    second = library.find(Wanted(), first.after)
    assert [each.id for each in (*first.stories, *second.stories)] == sorted(ids, reverse=True)
    assert second.after is None


def test_a_withdrawn_story_is_gone_at_the_next_request_everywhere(
    app: Flask, client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    story_id, page = shared_with_colleague(settings)
    organiser = making.organiser(app)
    places = [f"{page}/stories", f"{page}/stories/{story_id}", f"{page}/stories/{story_id}/aloud"]
    inside = ["/stories", f"/stories/{story_id}", f"/stories/{story_id}/aloud", "/stories?show=review"]
    assert "Fatima" in client.get(f"{page}/stories/{story_id}").text
    press(client, door(settings, "story", story_id), what="withdraw")
    for reader, path in [(client, each) for each in places] + [(organiser, each) for each in inside]:
        shown = reader.get(path + ("&" if "?" in path else "?") + "lang=nl").text
        assert (path, GONE in shown, "Fatima" in shown) == (path, True, False)
    assert "belde Fatima" not in client.get(f"{page}/stories?q=Fatima").text
    press(client, door(settings, "story", story_id), what="give back")
    assert "Fatima" in client.get(f"{page}/stories/{story_id}").text


def test_a_colleague_writes_back_and_it_goes_on_after_an_organiser_has_read_it(
    app: Flask, client: FlaskClient, settings: Settings, clock: Clock
) -> None:
    clock.at(NOW)
    story_id, page = shared_with_colleague(settings)
    organiser = making.organiser(app)
    assert press(client, f"{page}/stories/{story_id}", thanks=" ").status_code == 422
    press(client, f"{page}/stories/{story_id}", thanks="Dank u. Ik hang het op.")
    with db.transaction():
        thanks = db.session.scalars(select(Thanks)).one()
        assert sharing.tell_due(NOW) == 0
        thanks_id = thanks.id
    making.send(organiser, "/stories?show=review", f"/stories/thanks/{thanks_id}", what="pass on")
    with db.transaction():
        assert sharing.tell_due(NOW) == 1
        assert len(due("story_thanks", NOW + HOUR)) == 1
    assert "Dank u. Ik hang het op." in client.get(door(settings, "story", story_id) + "/thanks").text


@pytest.mark.usefixtures("session")
def test_thank_yous_come_at_most_once_a_month() -> None:
    story = making.shared()

    def thanked(at: timedelta) -> int:
        given = sharing.thank(story, factories.staff_member(), "Dank u.", NOW + at)
        sharing.check(given, True, NOW + at, None)
        return sharing.tell_due(NOW + at)

    assert [thanked(timedelta(days=day)) for day in (0, 3, 29, 31)] == [1, 0, 0, 1]
    told = db.session.scalars(select(ThanksTold).order_by(ThanksTold.id)).all()
    assert [db.session.query(Thanks).filter_by(told_id=each.id).count() for each in told] == [1, 3]


def test_a_story_is_read_aloud_only_when_that_was_allowed(app: Flask, clock: Clock) -> None:
    clock.at(NOW)
    client = making.organiser(app)
    with db.transaction():
        story = making.shared()
        path = f"/stories/{story.id}/aloud"
    assert "Fatima" not in client.get(path).text
    with db.transaction():
        found = db.session.get_one(Story, story.id)
        assert found.customer is not None
        making.allow(found.customer, "story_inside", "read_aloud")
    assert "Fatima" in client.get(path).text


@pytest.mark.usefixtures("session")
def test_before_it_is_shared_is_seen_how_many_mails_each_team_gets() -> None:
    factories.organisation()
    first, second = factories.team(), factories.team()
    for _ in range(2):
        factories.staff_member(team=first)
    factories.staff_member(team=first, left_at=NOW)
    factories.staff_member(team=second)
    story = making.approved()
    assert sharing.to_tell(story) == {first.id: 2, second.id: 1}
    sharing.share(story, [first], NOW, HOUR, None)
    assert sharing.to_tell(story) == {second.id: 1}
