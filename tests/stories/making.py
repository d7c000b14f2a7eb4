"""Stories on their way, for tests: told, approved, shared; and somebody who organises, signed in."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests import factories
from tests.accounts.test_door import hidden
from webapp import clock, db
from webapp.customers import consents
from webapp.customers.models import Customer, Use
from webapp.staff.models import Team
from webapp.stories import approving, asking, sharing
from webapp.stories.models import Story

NOW = factories.NOW
NO_TIME = timedelta(0)
TEXT = "Toen belde Fatima mij terug. Nu loop ik op dinsdag mee op de afdeling."


def organiser(app: Flask, role: str = "organiser") -> FlaskClient:
    """A browser that is signed in already."""
    with db.transaction():
        factories.organisation()
        secret = factories.account(role=role, email="a.bakker@uni.example").sign_in(clock.real(), "tests")[1]
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def send(client: FlaskClient, page: str, to: str, **fields: Any) -> TestResponse:
    """Press a button on `page` whose form goes to `to`."""
    token = hidden(client.get(page).text, "csrf_token")
    return client.post(to, data={"csrf_token": token} | fields)


def allow(customer: Customer, *uses: Use, attribution: str = "first_name", at: datetime = NOW) -> None:
    consents.agree(customer, uses or ("story_inside",), "nl", "page", at, None, attribution)


def asked(customer: Customer | None = None, team: Team | None = None, at: datetime = NOW) -> Story:
    factories.organisation()
    return asking.ask(customer or factories.customer(), team, "", at, NO_TIME, None)


def told(customer: Customer | None = None, text: str = TEXT, at: datetime = NOW, **values: Any) -> Story:
    factories.organisation()
    customer = customer or factories.customer("mevrouw Samira Haddou")
    title = values.pop("title", "")
    story = factories.added(Story(customer=customer, customer_id=customer.id, begun_at=at, source="letter", **values))
    approving.tell(story, at, None, text, title)
    return story


def approved(customer: Customer | None = None, text: str = TEXT, at: datetime = NOW, **values: Any) -> Story:
    """Allowed to be read and approved as it is."""
    story = told(customer, text, at, **values)
    assert story.customer is not None
    if not story.customer.agreed("story_inside"):
        allow(story.customer, at=at)
    version = approving.offer(story, at, None)
    approving.approve(story, version.id, at, None)
    return story


def shared(
    customer: Customer | None = None, text: str = TEXT, at: datetime = NOW, team: Team | None = None, **values: Any
) -> Story:
    story = approved(customer, text, at, **values)
    sharing.share(story, [team or factories.team()], at, NO_TIME, None)
    return story
