"""Every page in Dutch and in English: whole, without a word of the other; times and dates as people there write them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import text

from tests import factories as make
from tests.browser import pages
from tests.browser.conftest import Read
from tests.browser.filled import Names
from tests.browser.reading import Reading
from tests.doors import door, press
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Caught, Relay
from webapp import db, rounds
from webapp.config import Settings
from webapp.i18n import LANGUAGES

pytestmark = pytest.mark.xdist_group("pages")  # one process asks for all pages

MINUTE = timedelta(minutes=1)

DUTCH = """het een niet wordt worden naar geen nog ook zijn maar uw jouw jij wij deze dit voor bij aan hebben heeft bent
    klanten klant bezoek bezoeken mensen morgen vandaag gisteren uur alle meer wie waar hoe collega medewerkers uit over
    terug bewaar kies stuur nieuw antwoord vraag vragen"""
ENGLISH = """the and with your you this that from not are will has have who which today tomorrow yesterday customer
    customers visits people nobody everybody colleague colleagues when where choose save send answer answers question add
    edit select all none more back"""
HALVES = {"nl": ENGLISH, "en": DUTCH}
"""Words that give the other language away; none of them is a word or a name in both."""
ALSO = {"en": {"over", "meer", "die"}, "nl": {"all", "back", "none"}}
"""But these are."""
AMERICAN = re.compile(r"\b\d{1,2}(:\d\d)?\s?[ap]\.?m\b|\b\d{1,2}/\d{1,2}(/\d{2,4})?\b", re.IGNORECASE)
ADDRESS = re.compile(r"\S+@\S+")
INFORMAL = re.compile(r"\b(je|jij|jou|jouw)\b", re.IGNORECASE)
FORMAL = re.compile(r"\b(u|uw)\b", re.IGNORECASE)
SAID = re.compile("“[^”]*”")
QUOTED = (
    "Nederlands, u",  # how somebody is addressed
    "Mogen we uw verhaal horen?",
    "Nog één tik: komt u",
    "Vertel één moment. Wat zag, hoorde of dacht u?",
    "Sluit af zoals u wilt.",
    "U hebt ervaring met ons werk.",
    "Wat betekende ons werk voor u?",  # on a card, for who finds it
    "Niemand leest het voordat u",
    "U studeert met een beurs",  # in the text of a mail to a customer
    "U hoeft niets voor te bereiden",
)
"""What customers are told, where organisers read it."""
MARKS = " “”‘’\"'.,:;<>"
LONG = 12
"""Characters; what was typed and is as long as this is found inside our sentences too."""
OF_CUSTOMERS = [
    template
    for template in (*pages.LINK, *pages.PREVIEW)
    if "customer" in template or "{first}" in template or template.startswith("{survey")
]
OF_STAFF = [each for each in (*pages.LINK, *pages.PREVIEW) if "staff" in each or "host" in each]


Typed = set[str]


@pytest.fixture
def typed(names: Names) -> Typed:
    """Everything that people typed and machines answered, as the database has it: names, notes, reasons, replies."""
    columns = text("""SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb')""")
    with db.transaction() as session:
        return {
            " ".join(each.split()).strip(MARKS)
            for table, column in session.execute(columns).all()
            for value in session.scalars(
                text(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')
            )
            for each in _texts(value)
        }


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value


def ours(said: str, typed: Typed) -> str:
    """What is worded by us in this piece of text."""
    said = ADDRESS.sub("", said).strip(MARKS)
    if said in typed:
        return ""
    for each in sorted((each for each in typed if len(each) >= LONG and each in said), key=len, reverse=True):
        said = said.replace(each, "")
    return said


def own(page: Reading) -> Iterator[str]:
    """The pieces that are in the page's own language."""
    return (said for lang, said in page.pieces if lang == page.lang)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_in_one_language(read: Read, typed: Typed, language: str) -> None:
    given_away = set(HALVES[language].split()) - ALSO[language]
    wrong = []
    for template in pages.EVERYTHING:
        page = read(template, language)
        assert page.lang == language, template
        strange = (said for said in own(page) if given_away & set(re.findall(r"\w+", said.lower())))
        wrong += [
            f"{template}: {said}" for said in strange if given_away & set(re.findall(r"\w+", ours(said, typed).lower()))
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_american_times_or_dates(read: Read, language: str) -> None:
    wrong = []
    for template in pages.EVERYTHING:
        said = (said for _, said in read(template, language).pieces if AMERICAN.search(said))
        wrong += [f"{template}: {each}" for each in said]
    assert not wrong, "\n".join(wrong)


def test_customers_are_addressed_formally_and_colleagues_are_not(read: Read, typed: Typed) -> None:
    asked = read("{customer_survey}", "nl").words()
    wrong = []
    for template in (*pages.ORGANISER, *OF_CUSTOMERS, *OF_STAFF):
        other = INFORMAL if template in OF_CUSTOMERS else FORMAL
        page = read(template, "nl")
        said = [each for each in own(page) if each not in page.quoted and other.search(each)]
        quoted = asked if template in pages.ORGANISER else ""
        wrong += [
            f"{template}: {each}"
            for each in said
            if each not in quoted and not each.startswith(QUOTED) and other.search(ours(SAID.sub("", each), typed))
        ]
    assert not wrong, "\n".join(wrong)


SAM = {
    "nl": (
        "Mogen we uw verhaal horen? Donderdag 3 december, 14:00 uur",
        "Nog één tik, mevrouw De Vries",
        "U komt donderdag 3 december, 14:00 uur",
        "U komt donderdag 3 december",
        "Uw bezoek bij Universiteit Voorbeeld",
        "Eén mail aan u",
        "2 mails aan u",
    ),
    "en": (
        "May we hear your story? Thursday 3 December, 14:00",
        "One more tap, Mrs De Vries",
        "You are coming on Thursday 3 December, 14:00",
        "You are coming on Thursday 3 December",
        "Your visit to Universiteit Voorbeeld",
        "One mail to you",
        "2 mails to you",
    ),
}
"""Invitation, the page behind it, receipt, its page, the entry in the calendar; what was sent, once and twice."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_person_has_everything_in_the_language_they_read(
    client: FlaskClient, settings: Settings, smtp: Relay, clock: Clock, database: object, language: str
) -> None:
    def mail() -> Caught:
        rounds.tick(settings, wide=True)
        rounds.deliver(settings, seconds=20)
        return smtp.mails[-1]

    def heading(path: str, level: int = 1) -> list[str]:
        page = Reading.of(client.get(path).text)
        assert page.lang == language
        return [text for each, text in page.headings if each == level]

    clock.at(NOW - MINUTE)
    rounds.tick(settings, wide=True)
    with db.transaction():
        make.organisation()
        sam = make.customer(locale=language)
        invitation, address = make.invitation(make.visit(), sam).id, sam.address_id
    assert address is not None
    clock.at(NOW + MINUTE)
    asked, said = mail(), [*SAM[language]]
    assert f'<html lang="{language}"' in asked.text("html")
    page, data = door(settings, "answer", invitation), door(settings, "data", address)
    told: list[str] = [asked.subject, *heading(page)]
    once = heading(data, 2)
    press(client, page, answer="accepted")
    receipt = mail()
    entry = Calendar.from_ical(receipt.text("calendar")).walk("VEVENT")[0]
    told += [receipt.subject, *heading(page + "/done"), str(entry["SUMMARY"])]
    assert (told, entry["SUMMARY"].params["LANGUAGE"][:2]) == (said[:5], language)
    assert (said[5] in once, said[6] in heading(data, 2)) == (True, True)
