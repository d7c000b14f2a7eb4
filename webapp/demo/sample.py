"""The sample organisation: a university whose callers raise money for scholarships, and students who tell what it did.

It is made anew from today's date at every load; nothing of its past is ever mailed.
"""

import csv
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from importlib.resources import files
from random import Random

from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Account, Organisation
from webapp.config import Settings
from webapp.customers.models import Consent, Customer, What
from webapp.demo import finding, groups_map, stories, told
from webapp.demo.past import Past
from webapp.demo.season import ACADEMY, CANTEEN, SEASON, SENATE
from webapp.demo.story import HALF, RECEIPTS, Cast, Unfolding
from webapp.demo.voices import Voices
from webapp.mailing import sweep
from webapp.mailing.models import Address
from webapp.mailing.post import Post
from webapp.people import PersonName
from webapp.staff.models import StaffMember, Team
from webapp.visits.models import Room
from webapp.visits.standing import Series

NAME, ZONE = "Universiteit Voorbeeld", "Europe/Amsterdam"
SET_UP = timedelta(days=120)
"""So long ago it all began."""
SEED = 2011
A_SECOND = timedelta(seconds=1)
ORGANISERS = {"Anna Bakker": "admin", "Karim Visser": "organiser"}
GONE = ("tyrone.pinas@studnet.example",)
STOPPED = ("bartjan.terhorst@mail.example",)
SAID: tuple[tuple[str, What, int, str], ...] = (
    ("Rachid Tahiri", "willing", 9, "Belde zelf: wil graag vertellen, liefst na zijn promotie in januari."),
    ("Jacqueline de Ruiter", "called", 4, "Voicemail; ik probeer het vrijdag weer."),
    ("Annelies van 't Veer", "note", 15, "Schreef een kaart aan de bellers. Ligt op het secretariaat."),
    ("Marta Kowalska", "declined", 21, "Liever niet, te druk met werk. Niet meer vragen dit jaar."),
)
"""What was said outside mail: by whom, how many days ago."""
WORDING = {
    "agreed": "Deze mensen hebben gezegd dat we hen mogen vragen.",
    "existing": "We hebben contact met deze mensen; dit past daarbij.",
    "not_yet": "Nog niet: eerst vragen of het mag.",
}


def load(settings: Settings, now: datetime) -> None:
    """Fill an empty database, in the transaction that is open. `now` is the moment at which the sample is today."""
    begun, until = now - SET_UP, now - A_SECOND
    organisation = _organisation(begun)
    _rooms()
    cast = _cast(begun)
    sweep.install(until)
    past = Past(Post.of(settings, NAME), until, GONE)
    unfolding = [Unfolding(story, past, cast, ZONE, seed=number) for number, story in enumerate(SEASON)]
    for each in unfolding:
        each.begin()
    stories.begin(past, cast)
    groups_map.begin(past, next(iter(cast.organisers.values())), begun)
    past.at(until, past.mail(*RECEIPTS, *HALF))
    _say(cast, now)
    told.load(cast, now)
    finding.load(cast.customers, cast.staff, next(iter(cast.organisers.values())), now)
    _standing(cast, now)
    past.live()
    for each in unfolding:
        if each.story.fresh:
            each.invite_more(now)
    assert organisation.name == NAME  # was kept at hand all the time: every mail asks for it


def _organisation(begun: datetime) -> Organisation:
    organisation = Organisation(
        id=1, name=NAME, locale="nl", zone=ZONE, phone="020 000 01 00", survey_sender="Noor Haddad",
        end_users_nl="onze beursstudenten", end_users_en="our scholarship students", set_up_at=begun,
    )  # fmt: skip
    db.session.add(organisation)
    db.session.flush()
    return organisation


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("webapp.demo").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _cast(begun: datetime) -> Cast:
    staff = {row["name"]: (row, _staff_member(row, begun)) for row in _rows("staff.csv")}
    teams: dict[str, Team] = {}
    for row, member in staff.values():
        member.team = teams.setdefault(row["team"], Team(name=row["team"], layer=row["layer"]))
        db.session.add(member)
    db.session.flush()
    organisers = {name: _account(staff[name][1], role, begun) for name, role in ORGANISERS.items()}
    admin = next(iter(organisers.values()))
    customers = [_customer(row, begun, admin) for row in _rows("customers.csv")]
    db.session.flush()
    return Cast(
        {each.name.full: each for each in customers},
        {name: each for name, (_, each) in staff.items()},
        organisers,
        Voices(Random(SEED)),  # noqa: S311  (the same sample at every load)
    )


def _say(cast: Cast, now: datetime) -> None:
    by = next(iter(cast.organisers.values()))
    for name, what, days, words in SAID:
        cast.customers[name].record(what, now - timedelta(days=days), by, words)
    for customer in cast.customers.values():
        if customer.address and customer.address.email in STOPPED:
            customer.address.suppress("stop", now - SET_UP / 2)


def _staff_member(row: dict[str, str], begun: datetime) -> StaffMember:
    member = StaffMember(address=_address(row["email"], row["language"]), phone=row["phone"], added_at=begun)
    member.name = PersonName.parse(row["name"])
    member.left_at = begun + SET_UP / 2 if row["left"] else None
    return member


def _account(member: StaffMember, role: str, begun: datetime) -> Account:
    account = Account(address=member.address, name=member.name.full, phone=member.phone, role=role, created_at=begun)
    db.session.add(account)
    db.session.flush()
    member.account_id = account.id
    return account


def _customer(row: dict[str, str], begun: datetime, by: Account) -> Customer:
    customer = Customer(
        address=_address(row["email"], row["language"]), locale=row["language"], phone=row["phone"], group=row["group"],
        relationship_owner=row["owner"], added_at=begun,
    )  # fmt: skip
    customer.name = PersonName(row["title"], row["given"], "", row["family"])
    wording, channel = WORDING[row["ground"]], "import"
    customer.consents.append(Consent(ground=row["ground"], wording=wording, channel=channel, at=begun, recorded_by=by))
    db.session.add(customer)
    return customer


def _address(email: str, locale: str) -> Address | None:
    if not email:
        return None
    address = Address(email=email, locale=locale)
    db.session.add(address)
    return address


def _standing(cast: Cast, now: datetime) -> None:
    """Every first Thursday somebody is welcome, with who organises."""
    organiser, host = next(iter(cast.organisers.values())), next(iter(cast.staff.values()))
    room = db.session.scalars(select(Room).where(Room.name == CANTEEN)).one()
    slot = Series(
        name="Open donderdag", nth=1, weekday=3, starts=time(10, 0), minutes=45, zone=ZONE, room=room, host=host,
        organiser=organiser, storyteller_places=2, created_at=now,
    )  # fmt: skip
    slot.teams = [host.team] if host.team else []
    db.session.add(slot)
    db.session.flush()


def _rooms() -> None:
    place = {"address": "Oude Markt 1", "travel_line": "Vijf minuten lopen van het station."}
    db.session.add_all([
        Room(name=ACADEMY, place="Academiegebouw", meeting_point="bij de balie in de hal", seats=16, **place),
        Room(name=SENATE, place="Academiegebouw", meeting_point="bovenaan de trap", seats=14, **place),
        Room(name=CANTEEN, place="Kantine Zuid", address="Parklaan 20", meeting_point="bij de draaideur",
             travel_line="Tramhalte Parklaan is voor de deur.", seats=20),
    ])  # fmt: skip
    db.session.flush()
