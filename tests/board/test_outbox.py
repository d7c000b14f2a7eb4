"""The outbox says of every mail what will become of it, or what became of it, in words."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests import factories
from tests.board.conftest import Organiser, words
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from webapp import clock as application_clock
from webapp import db, rounds
from webapp.config import Settings
from webapp.mailing import by_hand
from webapp.mailing.models import DeliveryEvent, Dispatch, Message, Said
from webapp.mailing.sweep import install
from webapp.visits.models import Visit

pytestmark = pytest.mark.usefixtures("database")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def sam(anna: Organiser) -> int:
    """An invitation of Sam's that is due now."""
    with db.transaction():
        install(NOW - DAY)
        visit = factories.visit(organiser=anna.account)
        customer = factories.customer("mevrouw Sam de Vries", email="sam@example.com")
        return factories.invitation(visit, customer, NOW - MINUTE).id


def tick(settings: Settings) -> None:
    rounds.tick(settings, wide=True)


def deliver(settings: Settings) -> None:
    tick(settings)
    rounds.deliver(settings, 5)


def the_mail() -> Message:
    return db.session.scalars(select(Message).order_by(Message.id)).one()


def shown(anna: Organiser) -> str:
    """The page of the one mail there is."""
    with db.transaction():
        number = the_mail().id
    return anna.text(f"/messages/{number}")


def ended(anna: Organiser, end: str, **values: Any) -> str:
    """What the page says of a mail that ended so."""
    with db.transaction():
        address = factories.customer("Sam de Vries").address_id
        at = NOW - DAY
        defaults = {"notice": "visit_invitation", "subject_id": 1, "locale": "nl", "due_at": at, "planned_at": at}
        factories.added(Message(public_id="x", address_id=address, end=end, ended_at=at, **defaults | values))
    return shown(anna)


def test_nothing_sent_yet_says_what_will_stand_here(anna: Organiser) -> None:
    assert "Nog niets verstuurd" in anna.text("/messages")


def test_what_leaves_in_two_weeks_can_be_read_and_counted(anna: Organiser, sam: int, settings: Settings) -> None:
    page = anna.text("/messages")
    assert page.startswith("4 gepland, 0 niet gelukt")
    assert "Donderdag 26 november 08:59 Sam de Vries Eerste herinnering · do 3 dec gepland Lees Sla over" in page
    with db.transaction():
        visit = db.session.scalars(select(Visit)).one()
        for name in ("Mo Aydin", "Bo Smit", "Lan Nguyễn", "Ad Aa"):
            factories.answer(factories.invitation(visit, factories.customer(name), NOW - DAY))
    page = anna.text("/messages?state=planned")
    assert "16:00 Mo Aydin en 3 anderen De dag ervoor · do 3 dec gepland Lees Sla deze 4 over" in page


def test_a_planned_mail_reads_as_it_will_be_with_links_that_only_show(anna: Organiser, sam: int) -> None:
    page = anna.get(f"/messages/planned/invitation_reminder_1/{sam}")
    assert page.status_code == 200
    frame = anna.get(f"/messages/planned/invitation_reminder_1/{sam}/html")
    assert f"/preview/answer/{sam}" in frame.text
    assert not re.search(r"/a/[\w-]{20,}\.", frame.text)


def test_a_planned_mail_that_was_written_meanwhile_leads_to_the_mail(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    deliver(settings)
    answer = anna.get(f"/messages/planned/visit_invitation/{sam}")
    with db.transaction():
        assert answer.location == f"/messages/{the_mail().id}"


def test_skipping_a_batch_can_be_undone(anna: Organiser, sam: int) -> None:
    with db.transaction():
        due = db.session.scalars(select(Visit)).one()
        thread = due.thread
    page = anna.get("/messages").text
    moment = re.search(r'name="due" value="([^"]+)"', page)
    assert moment
    assert "Eerste herinnering" in words(page)
    anna.post("/messages/planned/invitation_reminder_1/stop", thread=thread, due=moment[1], next="/messages")
    page = anna.text("/messages")
    assert "Eén mail gestopt." in page
    assert "Niet verstuurd: Anna Bakker heeft dit gestopt." in page
    with db.transaction():
        at = the_mail().ended_at
        assert at
    anna.post("/messages/stops/undo", at=at.isoformat(), next="/messages")
    assert "gestopt" not in anna.text("/messages?state=not_sent")
    assert "Eerste herinnering · do 3 dec gepland" in anna.text("/messages")


def test_a_sent_mail_shows_what_left_and_who_took_it(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    deliver(settings)
    page = shown(anna)
    assert "Uitnodiging aan mevrouw Sam de Vries" in page or "Uitnodiging aan Sam de Vries" in page
    assert "verstuurd Aangenomen door 127.0.0.1, ma 23 nov" in page
    assert "Aangenomen door de mailserver" in page
    with db.transaction():
        number = the_mail().id
    frame = anna.get(f"/messages/{number}/html")
    sent = smtp.mails[0].text("html")
    links = re.compile(r'href="[^"]*"')
    assert links.sub("", frame.text).split() == links.sub("", sent).split()
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert not re.search(r"/[auspm]/[\w-]{20,}\.", frame.text)
    assert anna.text(f"/messages/{number}?tab=text").count("Beste mevrouw De Vries,") == 1
    assert "Auto-Submitted: auto-generated" in anna.text(f"/messages/{number}?tab=headers")


def test_a_refused_mail_says_why_in_words_and_can_be_tried_again(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    smtp.refuse("sam@example.com", "554 5.7.1 Policy")
    deliver(settings)
    page = shown(anna)
    assert "De ontvangende server weigert onze mail (5.7.1). Vraag je beheerder naar SPF, DKIM en DMARC." in page
    assert "554 5.7.1 Policy" in page
    assert "1 niet gelukt" in anna.text("/messages")
    anna.post("/messages/retries", next="/messages")
    assert "Eén is weer onderweg." in anna.text("/messages")
    rounds.deliver(settings, 5)
    assert len(smtp.mails) == 1
    assert "Met de hand opnieuw geprobeerd" in shown(anna)


def test_a_busy_server_is_tried_again_and_the_page_says_when(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    smtp.refuse("sam@example.com", "421 4.3.2 Later")
    deliver(settings)
    page = shown(anna)
    assert "vertraagd Nog niet gelukt: De ontvangende server is druk." in page
    assert "Poging 1 van 12, om" in page


def test_an_address_that_does_not_exist_is_not_tried_before_it_is_mended(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    smtp.refuse("sam@example.com", "550 5.1.1 Unknown")
    deliver(settings)
    with db.transaction():
        number = the_mail().id
    anna.post(f"/messages/{number}/retry", next="/messages")
    assert "Naar dit adres gaat geen mail. Verbeter het eerst, of bel." in anna.text("/messages")
    assert smtp.mails == []


def test_a_mail_that_waits_can_be_stopped(anna: Organiser, sam: int, settings: Settings, smtp: Relay) -> None:
    tick(settings)
    assert "staat klaar Gaat weg zodra het kan." in shown(anna)
    with db.transaction():
        number = the_mail().id
    anna.post(f"/messages/{number}/stop")
    rounds.deliver(settings, 5)
    assert smtp.mails == []
    assert "Niet verstuurd: Anna Bakker heeft dit gestopt." in shown(anna)
    anna.post(f"/messages/{number}/retry")
    rounds.deliver(settings, 5)
    assert len(smtp.mails) == 1


def test_pausing_everything_stands_on_every_page_of_the_outbox(
    anna: Organiser, sam: int, settings: Settings, smtp: Relay
) -> None:
    tick(settings)
    anna.post("/messages/pauses", scope="all", next="/messages")
    rounds.deliver(settings, 5)
    assert smtp.mails == []
    said = "Gepauzeerd door Anna Bakker (alles), sinds vandaag, 09:00."
    assert said in anna.text("/messages")
    assert said in shown(anna)
    assert said in anna.text(f"/messages/planned/invitation_reminder_1/{sam}")
    anna.post("/messages/pauses/end", scope="all", next="/messages")
    assert "Hervat. Wat wachtte gaat nu weg" in anna.text("/messages")
    rounds.deliver(settings, 5)
    assert len(smtp.mails) == 1


def test_one_kind_and_one_visit_can_be_paused(anna: Organiser, sam: int) -> None:
    with db.transaction():
        thread = db.session.scalars(select(Visit)).one().thread
    anna.post("/messages/pauses", scope="notice:invitation_reminder_1")
    anna.post("/messages/pauses", scope=f"thread:{thread}")
    page = anna.text(f"/messages?thread={thread}")
    assert "Gepauzeerd door Anna Bakker (Eerste herinnering), sinds vandaag, 09:00." in page
    assert "Gepauzeerd door Anna Bakker (dit bezoek), sinds vandaag, 09:00." in page
    assert anna.post("/messages/pauses", scope="notice:nothing").status_code == 400


@pytest.mark.parametrize(
    ("end", "facts", "sentence"),
    [
        ("superseded", {"why": "superseded"}, "vervangen Niet verstuurd: er kwam nieuwer nieuws."),
        ("not_needed", {"why_facts": {"fact": "answered"}}, "niet nodig Niet meer nodig: al geantwoord."),
        ("not_needed", {"why_facts": {"fact": "cancelled"}}, "Niet meer nodig: het bezoek is afgelast."),
        ("not_needed", {}, "Niet meer nodig: er veranderde iets voordat hij wegging."),
        (
            "suppressed",
            {"why": "suppressed.stop", "why_facts": {"since": "2026-11-20T09:05:00+00:00"}},
            "mag niet Niet verstuurd: wil geen mail meer, sinds vr 20 nov, 10:05. Alleen die persoon kan dat terugdraaien.",
        ),
        ("suppressed", {"why": "suppressed.bounce"}, "Niet verstuurd: dit adres bestaat niet. Verbeter het of bel."),
        ("suppressed", {"why": "suppressed.complaint"}, "Niet verstuurd: eerdere mail is als spam gemeld."),
        ("suppressed", {"why": "consent"}, "Niet verstuurd: geen toestemming voor “gevraagd worden”."),
        (
            "expired",
            {"why_facts": {"not_after": "2026-11-20T09:05:00+00:00"}},
            "te laat Niet verstuurd: te laat. Na vr 20 nov, 10:05 had deze mail geen zin meer.",
        ),
        ("unknown", {}, "onzeker Onzeker gebleven, ook na één keer precies zo opnieuw versturen."),
        (
            "failed",
            {"why_facts": {"attempts": 3}},
            "niet gelukt Niet gelukt na 3 pogingen: Deze mail kon niet gemaakt worden.",
        ),
        (
            "failed",
            {"why_facts": {"attempts": 12}, "stage": "connect", "reply": "timed out"},
            "Niet gelukt na 12 pogingen: De mailserver reageerde niet op tijd.",
        ),
    ],
)
def test_every_end_has_a_sentence(anna: Organiser, end: str, facts: dict[str, Any], sentence: str) -> None:
    assert sentence in ended(anna, end, **facts)


def test_a_mail_in_doubt_says_so(anna: Organiser, sam: int, settings: Settings) -> None:
    tick(settings)
    with db.transaction():
        db.session.scalars(select(Dispatch)).one().state = "unknown"
    assert "onzeker Onzeker: de verbinding brak op het laatste moment." in shown(anna)


def test_while_mail_is_off_everything_waits_and_nothing_is_called_sent(
    sign_in: Callable[..., Organiser], make_app: Callable[..., Any], clock: Clock, sam: int, settings: Settings
) -> None:
    off = make_app(mail_server=None)
    tick(settings)
    browser = Organiser(off.test_client(), 0)
    with db.transaction():
        account = factories.account("Karin Visser", role="organiser")
        _entry, secret = account.sign_in(application_clock.real(), "tests")
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = secret, True
    page = browser.text("/messages")
    assert "Mail staat uit: er gaat niets weg. Alles staat klaar in postvak uit." in page
    assert "Klaargezet. Mail staat uit; er gaat niets weg." in page
    assert "verstuurd" not in page.replace("Niet verstuurd", "").replace("Verstuurd 0", "").lower()


def test_a_wiped_mail_says_that_it_was(anna: Organiser, sam: int, settings: Settings, smtp: Relay) -> None:
    deliver(settings)
    with db.transaction():
        db.session.execute(delete(Said))
    page = shown(anna)
    assert "De tekst is gewist Wat een mail zei, bewaren we dertig dagen." in page
    with db.transaction():
        number = the_mail().id
    assert anna.get(f"/messages/{number}/html").status_code == 404


def test_filters_and_pages_lead_through_a_long_history(anna: Organiser) -> None:
    with db.transaction():
        address = factories.address("sam@example.com").id
        at = NOW - DAY
        for n in range(120):
            end = "failed" if n % 40 == 0 else "sent"
            same = {"notice": "visit_invitation", "subject_id": n, "address_id": address, "locale": "nl"}
            db.session.add(Message(public_id=f"m{n}", due_at=at, planned_at=at, ended_at=at, end=end, **same))
    first = anna.get("/messages?state=sent").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    second = anna.get(following[1].replace("&amp;", "&")).text
    ids = [set(re.findall(r'<li id="m(\d+)"', page)) for page in (first, second)]
    assert [len(each) for each in ids] == [50, 50]
    assert not ids[0] & ids[1]
    assert len(re.findall(r'<li id="m', anna.get("/messages?state=failed").text)) == 3


def test_script_in_a_mail_runs_nowhere(anna: Organiser, settings: Settings, smtp: Relay) -> None:
    with db.transaction():
        install(NOW - DAY)
        visit = factories.visit(reason_nl="<script>alert(1)</script><img src=x onerror=alert(1)>")
        nasty = factories.customer('mevrouw Sam "<script>alert(2)</script>"', email="sam@example.com")
        factories.invitation(visit, nasty, NOW - MINUTE)
    deliver(settings)
    with db.transaction():
        number = the_mail().id
    for path in ("/messages", f"/messages/{number}", f"/messages/{number}?tab=text", f"/messages/{number}/html"):
        page = anna.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_who_reads_along_reads_and_stops_nothing(sign_in: Callable[..., Organiser], settings: Settings) -> None:
    viewer = sign_in(role="viewer")
    with db.transaction():
        install(NOW - DAY)
        factories.invitation(factories.visit(), factories.customer(), NOW - MINUTE)
    tick(settings)
    page = viewer.get("/messages").text
    assert "Pauzeer" not in page
    for path in ("/messages/pauses", "/messages/retries", "/messages/1/stop"):
        assert viewer.post(path, scope="all").status_code == 404
    with db.transaction():
        assert db.session.scalars(select(DeliveryEvent)).all() == []


def test_pauses_are_named_with_who_and_since_when(anna: Organiser) -> None:
    with db.transaction():
        by_hand.pause("all", "Karin Visser", NOW - 2 * DAY)
    assert "Gepauzeerd door Karin Visser (alles), sinds za 21 nov, 09:00." in anna.text("/messages")
