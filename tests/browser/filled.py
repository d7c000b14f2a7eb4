"""The filled state: the sample organisation, and what it lacks, so that every page has something to show.

It is made once per run, in a database that the processes of the run copy.
"""

import fcntl
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from tests import factories as make
from tests.accounts.test_door import post
from tests.fixtures.services import Services
from tests.imports.lists import customers as list_with_errors
from tests.stories.test_pictures import photo
from webapp import clock, db, links
from webapp.accounts.models import Account, ColleagueInvitation
from webapp.board import upcoming
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.customers.owners import OwnerQuestion
from webapp.demo import sample
from webapp.groups.models import Asked, EndUserGroup, MappingRound
from webapp.invitations.inviting import Selection
from webapp.invitations.inviting_views import key_of
from webapp.invitations.models import Invitation
from webapp.links import PATHS, Keys, Scope
from webapp.mailing.models import Message, Said
from webapp.planning.models import PlannedLine
from webapp.privacy.records import DataExport
from webapp.staff.models import Team
from webapp.stories import pictures
from webapp.stories.models import Story
from webapp.telling.models import Campaign, Telling
from webapp.visits import options
from webapp.visits.models import Room, Visit
from webapp.visits.standing import Series

NAME = "sample"
HELD = timedelta(hours=22)
"""Before now: a visit whose questionnaires are open."""
COLUMNS_UNKNOWN = b"persoon;bereikbaar;kleur\nSam de Vries;sam@uni.example;rood"

Names = dict[str, str]
"""What stands in the addresses of pages: `{coming}` is the number of a visit, `{asked}` somebody's way to an answer."""


def make_once(services: Services, settings: Settings, app: Flask, now: datetime) -> Names:
    """The names of the filled state; its database is made by whichever process is first."""
    told = services.folder / f"{NAME}.json"
    with (services.folder / f"{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            _make(services, settings, app, now, told)
    names: Names = json.loads(told.read_text())
    return names


def _make(services: Services, settings: Settings, app: Flask, now: datetime, told: Path) -> None:
    bound = db.engine()
    engine = create_engine(services.make_database(NAME), poolclass=NullPool)
    db.bind(engine)
    try:
        with db.transaction():
            sample.load(settings, now)
        names = fill(settings, app, now)
    finally:
        db.bind(bound)
        engine.dispose()
    told.write_text(json.dumps(names))


def fill(settings: Settings, app: Flask, now: datetime) -> Names:
    """Add to the sample what it lacks, and name what pages are about."""
    with app.app_context(), db.transaction():
        anna = db.session.scalars(select(Account).where(Account.role == "admin")).one()
        names = {"cookie": anna.sign_in(clock.real(), "Firefox, Windows")[1], "anna": str(anna.id)}
        names |= _map() | _visits() | _doors(settings, now, anna) | _messages(now) | _seasons(anna, now)
        shared = db.session.get_one(Story, int(names["story_shared"]))
        pictures.add(shared, photo(size=(1200, 800)), "Een hand op een schouder.", now, None)
    client = signed_in(app, names["cookie"])
    names |= _imports(client)
    names["test"] = "0123456789abcdef0123456789abcdef"
    post(client, f"/visits/{names['draft']}/check/{names['first']}/test", "/account", key=names["test"])
    return names


def signed_in(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    return client


def _visits() -> Names:
    """The visits of the sample by what became of them, a room, a team, and people."""
    everything = db.session.scalars(select(Visit).order_by(Visit.starts_at)).all()
    invited = {each.id: Invitation.of_visit(each.id) for each in everything}
    coming = max(everything, key=lambda visit: len(invited[visit.id]))
    draft = next(each for each in everything if each.invited_at is None)
    assert draft.draft is not None
    choosing = next(each for each in everything if options.choosing(each))
    found = {
        "held": next(each for each in everything if each.finished_at),
        "unticked": [each for each in everything if each.starts_at < clock.now() and not each.finished_at][-1],
        "cancelled": next(each for each in everything if each.cancelled_at),
        "remote": next(each for each in everything if each.link),
        "coming": coming,
        "choosing": choosing,
        "draft": draft,
    }
    told = next(each for each in invited[coming.id] if each.customer and each.state == "accepted")
    return {name: str(each.id) for name, each in found.items()} | {
        "customer": str(told.customer_id),
        "invited": str(told.id),
        "wanting": str(next(each for each in invited[coming.id] if each.state == "proposed").id),
        "moved": "date=2026-12-11&from=10:00&until=10:45&zone=Europe/Amsterdam&room=" + str(coming.room_id),
        "option": options.values(choosing)[1],
        "unasked": str(_unasked()),
        "first": key_of(next(each for each in Selection.of(draft, clock.now()).by_mail if isinstance(each, Customer))),
        "room": str(db.session.scalars(select(Room.id).order_by(Room.id)).first()),
        "member": str(coming.host_id),
        "team": str(coming.teams[0].id),
    }


def _seasons(anna: Account, now: datetime) -> Names:
    """A plan to look at, with a pin, one set aside and a visit that came of it; and one that is being made."""
    names = {"season_runs": str(make.season(anna, now).id)}
    season = make.season(anna, now)
    teams = db.session.scalars(select(Team).order_by(Team.id).limit(4)).all()
    people = db.session.scalars(select(Customer).order_by(Customer.id).limit(4)).all()
    room, day = db.session.scalars(select(Room).order_by(Room.id)).first(), season.begins
    for number, (team, person) in enumerate(zip(teams, people, strict=True)):
        line = PlannedLine(
            plan=season.plan, team=team, customer=person, room=room if number else None,
            wall=datetime(day.year, day.month, day.day, 10) + timedelta(days=7 * number),  # noqa: DTZ001  (a wall time)
            reasons=[{"kind": "waited", "months": 14}, {"kind": "first_turn"}, {"kind": "language", "language": "nl"}],
        )  # fmt: skip
        line.pinned_at, line.refused_at = (now if number == 1 else None), (now if number == 2 else None)
        make.added(line)
    season.plan.finished_at, season.plan.gap, season.plan.seconds = now, 1, 9
    season.plan.reached, season.plan.teams = 4, 6
    season.plan.unreached = [[teams[0].id, "no_hour"]]
    return names | {"season": str(season.id)}


def _map() -> Names:
    """Groups, and the round that is open."""
    groups = db.session.scalars(select(EndUserGroup.id).where(EndUserGroup.standing()).order_by(EndUserGroup.id)).all()
    last = db.session.scalars(select(MappingRound.id).order_by(MappingRound.id.desc())).first()
    return {"group": str(groups[0]), "other_group": str(groups[1]), "round": str(last)}


def _mapping(door: object) -> Names:
    """Somebody's way to the three questions: not answered, answered, and closed."""
    assert callable(door)
    rounds = db.session.scalars(select(MappingRound.id).order_by(MappingRound.id)).all()
    asked = select(Asked.id).order_by(Asked.id).limit(1)
    found = {
        "mapping": asked.where(Asked.round_id == rounds[-1], Asked.answered_at.is_(None)),
        "mapping_done": asked.where(Asked.round_id == rounds[-1], Asked.answered_at.is_not(None)),
        "mapping_closed": asked.where(Asked.round_id == rounds[0], Asked.answered_at.is_(None)),
    }
    ids = {name: db.session.scalars(query).one() for name, query in found.items()}
    return {name: door("mapping", id) for name, id in ids.items()} | {"mapping_id": str(ids["mapping"])}


def _unasked() -> int:
    """A customer who was never asked anything."""
    asked = select(Invitation.customer_id).where(Invitation.customer_id.is_not(None))
    return db.session.scalars(select(Customer.id).where(Customer.id.not_in(asked)).order_by(Customer.id)).first() or 0


def _slots(door: Callable[[Scope, int], str]) -> Names:
    """The standing slot, and who may choose a day of it and who may not."""
    everybody = db.session.scalars(select(Customer).order_by(Customer.id)).all()
    books = next(each for each in everybody if each.agreed("live_visit"))
    others = next(each for each in everybody if not each.agreed("live_visit"))
    series = db.session.scalars(select(Series.id)).first()
    return {
        "series": str(series),
        "books": str(books.id),
        "slots": door("slots", books.id),
        "slots_closed": door("slots", others.id),
    }


def _doors(settings: Settings, now: datetime, anna: Account) -> Names:
    """Links as people have them in their mail."""
    keys = Keys.of(*settings.secret_keys)

    def door(scope: Scope, subject: int) -> str:
        return f"/{PATHS[scope]}/{keys.token(links.ensure(scope, [subject])[subject])}"

    names: Names = {}
    names |= _slots(door)
    coming = max(db.session.scalars(select(Visit)), key=lambda visit: len(Invitation.of_visit(visit.id)))
    for state, who, invitation in _one_of_each_state(Invitation.of_visit(coming.id)):
        names[f"{who}_{state}".replace("-", "_")] = door("answer", invitation.id)
        names[f"{who}_{state}_id".replace("-", "_")] = str(invitation.id)
        if invitation.address and f"{who}_address" not in names:
            names |= {f"{who}_address": str(invitation.address.id)}
            names |= {f"{who}_stop": door("stop", invitation.address.id)}
            names |= {f"{who}_data": door("data", invitation.address.id)}
            names |= {"staff_page": door("staff", invitation.address.id)} if who == "staff" else {}
    cancelled = db.session.scalars(select(Visit).where(Visit.cancelled_at.is_not(None))).first()
    past = db.session.scalars(select(Visit).where(Visit.starts_at < now).order_by(Visit.starts_at.desc())).first()
    assert cancelled is not None
    assert past is not None
    names["customer_cancelled"] = door(
        "answer", next(each for each in Invitation.of_visit(cancelled.id) if each.customer).id
    )
    names["customer_past"] = door("answer", next(each for each in Invitation.of_visit(past.id) if each.customer).id)
    names["host"] = door("host", coming.id)
    choosing = next(each for each in db.session.scalars(select(Visit)) if options.choosing(each))
    asked = [each for each in Invitation.of_visit(choosing.id) if each.customer_id]
    names["options_open"] = door("answer", next(each.id for each in asked if each.state == "needs-action"))
    names["options_chosen"] = door("answer", next(each.id for each in asked if each.state != "needs-action"))
    names["host_begun"] = door("host", past.id)
    for story in db.session.scalars(select(Story).order_by(Story.id.desc())):  # the first of each state counts
        names |= {f"story_{story.state}": str(story.id), f"door_{story.state}": door("story", story.id)}
    for name, answered in (("owner", False), ("owner_answered", True)):
        questions = select(OwnerQuestion.id).where(OwnerQuestion.answer.is_not(None).is_(answered))
        number = db.session.scalars(questions.order_by(OwnerQuestion.id)).first() or 0
        names |= {name: door("owner", number), f"{name}_id": str(number)}
    names |= _open_questionnaires(now, door) | _mapping(door) | _public_page(door)
    colleague = ColleagueInvitation(
        address_id=make.address("els.smit@uni.example").id, name="Els Smit", role="organiser", inviter_id=anna.id,
        invited_at=now, expires_at=now + timedelta(days=7),
    )  # fmt: skip
    make.added(colleague)
    request = anna.request_link(
        clock.real() + timedelta(days=1), now - timedelta(days=1)
    )  # works as long as the tests run
    address = int(names["customer_address"])
    export = make.added(DataExport(address_id=address, at=now, expires_at=now + timedelta(days=7), content=b"zip"))
    gone = make.account("Kees Prins", role="viewer", email="k.prins@uni.example", disabled_at=now)
    left = make.staff_member("Jan Mol", left_at=now)
    names |= {"customer_file": door("export", export.id), "no_access": str(gone.id), "who_left": str(left.id)}
    return names | {
        "welcome": door("colleague", colleague.id), "colleague": str(colleague.id),
        "sign_in": door("sign_in", request.id), "request": str(request.id),
    }  # fmt: skip


def _one_of_each_state(invitations: Iterable[Invitation]) -> list[tuple[str, str, Invitation]]:
    found: dict[tuple[str, str], Invitation] = {}
    for invitation in invitations:
        found.setdefault((invitation.state, "customer" if invitation.customer else "staff"), invitation)
    return [(state, who, invitation) for (state, who), invitation in found.items()]


def _open_questionnaires(now: datetime, door: object) -> Names:
    """Of a visit that was just held."""
    assert callable(door)
    held = make.visit(make.VISIT_AT, room=make.room(name="1.02"))
    began = now - HELD
    held.meet_at(began.replace(tzinfo=None), make.ZONE, 45)
    held.finished_at = held.invited_at = now
    customer, listener = (
        make.invitation(held, make.customer("Rosa Blom")),
        make.invitation(held, make.staff_member("Bas Kok")),
    )
    names: Names = {"just_held": str(held.id)}
    for who, invitation in (("customer", customer), ("staff", listener)):
        make.answer(invitation)
        make.attendance(invitation)
        entry = make.register(invitation, now - timedelta(hours=1))
        names |= {f"{who}_survey": door("survey", entry.id), f"{who}_register": str(entry.id)}
    done = make.register(make.invitation(held, make.customer("Ella Smid")), now - timedelta(hours=1), answered=True)
    over = make.register(make.invitation(held, make.customer("Aart Prins")), now - timedelta(days=9))
    return names | {"survey_done": door("survey", done.id), "survey_over": door("survey", over.id)}


def _public_page(door: Callable[[Scope, int], str]) -> Names:
    """Its links, and what was told there."""
    opened, closed = db.session.scalars(select(Campaign).order_by(Campaign.closed_at.nulls_first()))
    names = {"campaign": str(opened.id), "campaign_slug": opened.slug, "closed_slug": closed.slug}
    for telling in db.session.scalars(select(Telling)):
        name = "telling_done" if telling.confirmed_at else "telling"
        names |= {name: door("confirm", telling.id), f"{name}_id": str(telling.id)}
    return names


def _messages(now: datetime) -> Names:
    """One mail of each way it can end, and one that will leave."""
    names: Names = {}
    for message in db.session.scalars(
        select(Message).where(Message.id.in_(select(Said.message_id))).order_by(Message.id.desc())
    ):
        names.setdefault(f"mail_{message.end}", str(message.id))
    planned = upcoming.batches(now, now + upcoming.AHEAD)
    names["planned"] = str(next(each.subject_id for each in planned if each.notice == "day_before"))
    return names


def _imports(client: FlaskClient) -> Names:
    """A list with errors that waits for an organiser, one whose columns nobody knows, one that was taken over."""

    def bring(content: bytes) -> str:
        told = post(client, "/customers/import", "/account", file=(BytesIO(content), "klanten.csv"))
        assert told.status_code == 303, told.text
        return str(told.location).rpartition("/")[2]

    return {"import": bring(list_with_errors()), "import_columns": bring(COLUMNS_UNKNOWN)}
