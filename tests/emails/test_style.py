"""What holds for every mail: readable without pictures and without html, light enough, honest, discreet."""

import re
from email import message_from_bytes
from html.parser import HTMLParser

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from tests.emails.conftest import Mails
from tests.emails.samples import POST, SAMPLES, Stage
from tests.fixtures.database import Clock
from webapp.i18n import LANGUAGES, Language
from webapp.mailing import mime
from webapp.mailing.mime import Mail
from webapp.mailing.notices import Notice
from webapp.people import PersonName

HEAVIEST = 15_000  # bytes of html
SUBJECT_AT_MOST = 60  # characters; more and telephones cut it
LINE_AT_MOST = 76
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
VOID = {"meta", "br", "img", "hr", "input", "link"}

NEVER_SAID = {
    "nl": (
        "bijna de laatste", "nog maar", "mis het niet", "laatste kans", "iedereen doet mee", "na alles wat wij",
        "uw mail opende", "helaas", "ongeldig", "onjuist", "vergeten", "inspireren", "boodschap", "ambassadeur",
        "productiviteit", "indien", "tevens", "middels", "conform", "teneinde", "dienen te", "verzocht", "jl.", "a.s.",
    ),
    "en": (
        "don't miss", "last chance", "only 3 left", "everyone is coming", "we saw you", "unfortunately", "invalid",
        "inspire", "ambassador", "productivity",
    ),
}  # fmt: skip


class Page(HTMLParser):
    """Parses strictly: every tag closed in order. Keeps links, and colour pairs of every text that is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.links: list[str] = []
        self.pairs: set[tuple[str, str]] = set()
        self.texts: list[str] = []
        self.images = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.images += tag == "img"
        if tag == "a":
            self.links.append(given["href"])
        if tag == "table":
            assert given["role"] == "presentation"
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not data.strip() or any(tag in ("style", "title") for tag, _ in self.open):
            return
        styles = [given.get("style", "") for _, given in self.open]
        if any("display:none" in style for style in styles):
            return
        self.texts.append(" ".join(data.split()))
        self.pairs.add((_nearest("color", styles), _nearest("background", styles)))


def _nearest(name: str, styles: list[str]) -> str:
    for style in reversed(styles):
        if found := re.search(rf"(?:^|;){name}:(#[0-9a-f]{{6}})", style):
            return found[1]
    raise AssertionError(f"no {name} around this text")


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def page(mail: Mail) -> Page:
    parsed = Page()
    parsed.feed(mail.html)
    parsed.close()
    assert parsed.open == []
    return parsed


def preheader(mail: Mail) -> str:
    found = re.search(r"mso-hide:all\">(.*?)(?:&#847;|</div>)", mail.html, re.DOTALL)
    assert found is not None
    return found[1].strip()


@pytest.fixture(params=[(sample.name, language) for language in LANGUAGES for sample in SAMPLES], ids=".".join)
def mail(request: pytest.FixtureRequest, mails: Mails) -> Mail:
    """Each in turn."""
    return mails[request.param]


def test_every_mail_keeps_the_rules_of_style(mail: Mail) -> None:
    parsed = page(mail)
    assert parsed.images == 0
    assert len(mail.html.encode()) < HEAVIEST
    assert len(mail.subject) <= SUBJECT_AT_MOST
    assert f'<html lang="{mail.lang}"' in mail.html
    too_long = [line for line in mail.text.splitlines() if len(line) > LINE_AT_MOST and "http" not in line]
    assert too_long == []
    missing = [link for link in parsed.links if link.startswith("http") and link not in mail.text]
    assert missing == []
    assert [link for link in parsed.links if not link.startswith(("https://", "tel:"))] == []
    weak = {pair: contrast(*pair) for pair in parsed.pairs if contrast(*pair) < CONTRAST}
    assert weak == {}


def test_the_text_alone_says_as_much(mail: Mail) -> None:
    """Every sentence a reader of html sees stands in the text too, in the same words."""
    text = " ".join(mail.text.split())
    decoration = re.compile(r"^(\d+|[a-z]{3,4}|·|5 \w.*)$", re.IGNORECASE)
    heads = {POST.organisation, mail.subject}
    unsaid = [said for said in page(mail).texts[2:] if said not in text and not decoration.match(said)]
    assert set(unsaid) - heads == set()


def test_no_mail_says_what_we_never_say(mail: Mail) -> None:
    words = f"{mail.subject}\n{preheader(mail)}\n{mail.text}".lower()
    assert [said for said in NEVER_SAID[mail.lang] if re.search(rf"\b{re.escape(said)}\b", words)] == []
    prose = re.sub(r"https?://\S+", "", words)
    assert "!" not in prose
    assert "…" not in prose
    assert not re.search(r"\d[/-]\d{1,2}\b|\b[ap]m\b", prose.replace("–", " "))


def test_a_locked_screen_shows_no_customers_name_and_no_reason(mail: Mail) -> None:
    shown = f"{mail.subject} {preheader(mail)}"
    names = ("Vries", "Amrani", "Sukarno", "Robin", "Smit", "Hart", "beurs", "grant", "ziek", "ill.")
    assert [name for name in names if name in shown] == []


def test_the_second_line_in_the_inbox_is_not_the_first_line_of_the_mail(mail: Mail) -> None:
    first = mail.text.split("\n\n")[1].replace("\n", " ")
    assert preheader(mail)
    assert not first.startswith(preheader(mail))


def test_every_mail_becomes_bytes_that_calendars_and_mail_programs_read(mail: Mail) -> None:
    raw = mime.build(mail)
    assert b"multipart/alternative" in raw
    if mail.calendar:
        (event,) = Calendar.from_ical(mail.calendar.decode()).walk("VEVENT")
        assert mail.method == str(Calendar.from_ical(mail.calendar.decode())["METHOD"])
        assert str(event["UID"]).startswith("00000000-")


def test_customers_are_u_and_never_a_category(mail: Mail) -> None:
    notice = Notice.all[mail.message_id.split("@")[0].split(".")[1]]
    to_customer = notice.reader == "customer" or (notice.reader != "staff" and notice.why in ("link_customer", "data"))
    words = set(re.findall(r"[\w'-]+", re.sub(r"https?://\S+", "", mail.text.lower())))
    if mail.lang == "nl":
        assert words & ({"je", "jij", "jouw", "jullie"} if to_customer else {"u", "uw"}) == set()
    if to_customer:
        assert words & {"klant", "klanten", "customer", "customers"} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_place_is_cut_at_a_word_and_the_date_never(language: Language, session: Session, clock: Clock) -> None:
    on = Stage(language)
    on.room.place = "Congrescentrum De Nieuwe Buitensociëteit aan het Stationsplein"
    (sample,) = (each for each in SAMPLES if each.name == "hour_before")
    subject = sample.written(sample.content(on), on.language).subject
    assert subject.endswith(": Congrescentrum De Nieuwe Buitensociëteit aan")
    assert len(subject) <= SUBJECT_AT_MOST


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_type_stays_text(language: Language, session: Session, clock: Clock) -> None:
    """Script, line breaks and placeholders in every field: inert in the mail, and no header of their own."""
    hostile = '<script>alert("x")</script>\r\nBcc: all@example.com\r\n%(day)s {{ links }} & co'
    on = Stage(language)
    on.organisation.name = on.organisation.survey_sender = on.organisation.end_users_nl = (
        on.organisation.end_users_en
    ) = hostile
    on.team.name = on.organiser.name = on.organiser.phone = on.host.phone = on.customer.phone = hostile
    for person in (on.host, on.customer, on.colleague):
        person.name = PersonName(given=hostile, family=hostile)
    for field in ("name", "place", "address", "meeting_point", "travel_line"):
        setattr(on.room, field, hostile)
    on.visit.reason_nl = on.visit.reason_en = on.visit.link = hostile
    session.flush()
    for sample in SAMPLES:
        before = session.begin_nested()
        mail = sample.written(sample.content(on), on.language)
        before.rollback()
        session.expire_all()
        assert "<script" not in mail.html
        assert message_from_bytes(mime.build(mail))["Bcc"] is None
        page(mail)
