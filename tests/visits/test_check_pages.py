"""Before mail leaves it is seen as it will be; then it waits, can be taken back, and leaves once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from html import unescape
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select

from tests import factories as make
from tests.factories import NOW
from tests.fixtures.database import Clock
from tests.fixtures.smtp import Relay
from tests.visits.desk import Desk, desk, form_of, heading, text, visit
from webapp import db, rounds
from webapp.config import Settings
from webapp.customers.models import Customer
from webapp.invitations.models import Invitation, MailSample
from webapp.mailing.models import Message
from webapp.staff.models import StaffMember

BEYONCE = "Beyoncé-Lou van der Meer-Öztürk"
LINK = re.compile(r'http://(?:localhost|127\.0\.0\.1:\d+)([^"\s<>]*)')


@pytest.fixture(autouse=True)
def _begun(database: Engine, settings: Settings, clock: Clock) -> None:
    """Mail of these kinds existed before: a first tick."""
    clock.at(NOW)
    rounds.tick(settings, wide=True)


def leaves(settings: Settings, clock: Clock) -> None:
    """The hold passes, and the workers do a round."""
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)


def invitations(visit_id: int) -> list[str]:
    with db.transaction():
        return [each.person.name.full for each in Invitation.of_visit(visit_id)]


def without_links(mail: str) -> str:
    """Preview and working links lead elsewhere; each counts as itself, and so does a second one to the same place."""
    seen: dict[str, str] = {}
    numbers = count(1)
    return LINK.sub(lambda found: seen.setdefault(found[0], f"link-{next(numbers)}"), unescape(mail))


def test_the_check_page_says_who_gets_what_and_who_does_not(desk: Desk) -> None:
    with db.transaction():
        unwilling = make.customer("Wil Niet", ground="withdrawn").id
    visit_id = desk.planned(customers=[*desk.customers, desk.phone, unwilling])
    page = desk.open(f"/visits/{visit_id}/check")
    said = text(page)
    assert heading(page) == "6 mails staan klaar; één niet"
    for words in (
        "Voor maandag 7 december, 14:00–14:45 uur, Kamer 1.",
        "Verstuur 6 uitnodigingen",
        "6 mensen krijgen deze mail 5 nl, 1 en",
        "Eén persoon heeft geen e-mail: bellen Kees Smit 06 12345678",
        "Eén persoon slaan we over Wil Niet Wil niet meer gevraagd worden.",
        f"De mail aan {BEYONCE}",
        "May we hear your story? Monday 7 December, 14:00",
        "1 van 6",
    ):
        assert words in said


def test_one_goes_through_the_mails_of_everybody(desk: Desk) -> None:
    visit_id = desk.planned()
    page = desk.open(f"/visits/{visit_id}/check")
    seen = []
    while True:
        seen.append(re.findall(r"De mail aan (.*?)<", page.text)[0])
        following = re.search(r'href="([^"]*)"[^>]*data-next', page.text)
        if not following:
            break
        page = desk.open(unescape(following[1]))
    assert sorted(seen) == sorted(
        [BEYONCE, "Sam de Vries", "Noor de Boer", "Tariq Müller", "Femke van Dijk", "Łukasz Nguyễn"]
    )


def test_text_and_headers_have_a_tab(desk: Desk) -> None:
    visit_id = desk.planned()
    assert "May we hear your story?" in text(desk.open(f"/visits/{visit_id}/check?tab=text"))
    headers = text(desk.open(f"/visits/{visit_id}/check?tab=headers"))
    for name in (
        "Auto-Submitted: auto-generated",
        "Reply-To: Anna Bakker",
        "List-Unsubscribe: <http",
        "In-Reply-To: <visit-",
    ):
        assert name in headers


def test_the_mail_in_the_frame_may_run_nothing_and_load_nothing(desk: Desk) -> None:
    visit_id = desk.planned()
    page = desk.open(f"/visits/{visit_id}/check")
    frame = re.search(r'<iframe src="([^"]*)"[^>]*sandbox="([^"]*)"', page.text)
    assert frame
    assert "allow-scripts" not in frame[2]
    assert "allow-same-origin" not in frame[2]
    mail = desk.open(frame[1])
    assert "default-src 'none'" in mail.headers["Content-Security-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def test_what_is_checked_is_what_leaves(desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> None:
    visit_id = desk.planned(reason_en="You called our evening team.")
    with db.transaction():
        keys = [f"c{id}" for id in desk.customers] + [f"s{id}" for id in desk.staff]
        emails = {
            f"{'c' if hasattr(each, 'consents') else 's'}{each.id}": each.address.email
            for each in (*db.session.query(Customer), *db.session.query(StaffMember))
            if each.address
        }
    shown = {
        key: desk.open(f"/visits/{visit_id}/check/{key}/mail").text.replace('<base target="_top">', "") for key in keys
    }
    desk.press(desk.open(f"/visits/{visit_id}/check"), "/invitations")
    leaves(settings, clock)
    assert len(smtp.mails) == len(keys)
    for key in keys:
        (sent,) = smtp.to(emails[key])
        assert without_links(sent.text("html").replace("\r\n", "\n").strip()) == without_links(shown[key].strip())


def test_links_of_the_mail_open_the_page_its_reader_will_see(desk: Desk) -> None:
    visit_id = desk.planned()
    key = f"c{desk.customers[0]}"
    mail = desk.open(f"/visits/{visit_id}/check/{key}/mail").text
    links = {unescape(path) for path in LINK.findall(mail)}
    pages = {link: desk.open(link) for link in links}
    assert {link: page.status_code for link, page in pages.items()} == dict.fromkeys(links, 200)
    answer = pages[f"/visits/{visit_id}/check/{key}/page?answer=accepted"]
    assert ("mevrouw De Vries" in heading(answer), "Voorbeeld: knoppen doen hier niets." in text(answer)) == (
        True,
        True,
    )
    assert re.findall(r"<button(?![^>]* disabled)[^>]*>", answer.text.partition("<main")[2]) == []
    assert desk.open(f"/visits/{visit_id}/check/{key}/page/times").status_code == 200
    assert desk.open(f"/visits/{visit_id}/check/{key}/page/nowhere").status_code == 404
    assert invitations(visit_id) == []


def test_a_test_is_one_mail_to_me_in_the_language_of_its_reader(desk: Desk, settings: Settings, smtp: Relay) -> None:
    visit_id = desk.planned()
    page = desk.open(f"/visits/{visit_id}/check")
    form = form_of(page, "/test")
    told = [desk.client.post(form.action, data=form.values) for _ in range(2)]
    assert "De test naar organiser@uni.example is onderweg." in text(desk.open(told[0].location))
    rounds.tick(settings)
    rounds.deliver(settings, 10)
    (mail,) = smtp.mails
    assert (mail.recipient, mail.subject) == (
        "organiser@uni.example", "[Test] May we hear your story? Monday 7 December, 14:00",
    )  # fmt: skip
    assert "List-Unsubscribe" not in mail.message
    links = LINK.findall(mail.text("html"))
    assert links
    assert all(link.startswith(("/visits/", "/preview/")) for link in links)
    assert "Naar jou verstuurd om 09:00, aangenomen door" in text(desk.open(told[1].location))
    assert invitations(visit_id) == []


def test_what_a_test_said_is_forgotten_after_a_day(desk: Desk, settings: Settings, clock: Clock) -> None:
    form = form_of(desk.open(f"/visits/{desk.planned()}/check"), "/test")
    desk.client.post(form.action, data=form.values)
    rounds.tick(settings)
    with db.transaction():
        assert db.session.query(MailSample).one().content is not None
    clock.forward(days=1, minutes=1)
    rounds.tick(settings)
    with db.transaction():
        assert db.session.query(MailSample).filter(MailSample.content.is_(None)).count() == 1


def test_a_test_of_somebody_else_is_not_shown(desk: Desk) -> None:
    visit_id = desk.planned()
    with db.transaction():
        other = make.account(email="other@uni.example")
        db.session.add(MailSample(key="f" * 32, account_id=other.id, content={}, at=NOW))
    assert desk.open(f"/visits/{visit_id}/check/test/{'f' * 32}").status_code == 404


def test_nothing_leaves_within_the_hold_and_undo_takes_all_of_it_back(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    visit_id = desk.sent()
    clock.forward(seconds=55)
    rounds.tick(settings, wide=True)
    rounds.deliver(settings, 10)
    page = desk.open(f"/visits/{visit_id}")
    assert re.search(r"7 mails gaan over [1-5] seconden weg\. Maak ongedaan", text(page))
    undone = desk.press(page, "/invitations/undo")
    assert undone.location == f"/visits/{visit_id}/check"
    assert "Teruggezet. Er is niets verstuurd." in text(desk.open(undone.location))
    leaves(settings, clock)
    assert (smtp.mails, invitations(visit_id)) == ([], [])


def test_undo_pressed_twice_is_no_error(desk: Desk) -> None:
    form = form_of(desk.open(f"/visits/{desk.sent()}"), "/invitations/undo")
    told = [desk.client.post(form.action, data=form.values).location for _ in range(2)]
    assert told[0] == told[1]
    assert "Te laat" not in text(desk.open(told[1]))


def test_nothing_is_checked_or_sent_once_the_visit_has_begun(desk: Desk, clock: Clock) -> None:
    visit_id = desk.planned()
    form = form_of(desk.open(f"/visits/{visit_id}/check"), "/invitations")
    with db.transaction():
        clock.at(visit(visit_id).starts_at)
    assert desk.open(f"/visits/{visit_id}/check").location == f"/visits/{visit_id}"
    desk.client.post(form.action, data=form.values)
    assert invitations(visit_id) == []


def test_after_the_hold_undo_says_it_is_too_late(desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> None:
    visit_id = desk.sent()
    page = desk.open(f"/visits/{visit_id}")
    leaves(settings, clock)
    told = desk.press(page, "/invitations/undo")
    assert "Te laat: de mail gaat al weg." in text(desk.open(told.location))
    assert (len(smtp.mails), len(invitations(visit_id))) == (6, 7)


def test_pressed_twice_everybody_gets_one_mail(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay, app: Flask
) -> None:
    visit_id = desk.planned()
    form = form_of(desk.open(f"/visits/{visit_id}/check"), "/invitations")
    cookie = desk.client.get_cookie("firsthand")
    assert cookie is not None

    def press() -> int:
        browser = app.test_client()
        browser.set_cookie("firsthand", cookie.value)
        return browser.post(form.action, data=form.values).status_code

    with ThreadPoolExecutor(4) as threads:  # each in a context of its own, that knows the clock
        pressed = [threads.submit(copy_context().run, press) for _ in range(4)]
        assert [each.result() for each in pressed] == [303] * 4
    leaves(settings, clock)
    assert len(smtp.mails) == len({mail.recipient for mail in smtp.mails}) == 6
    assert desk.open(f"/visits/{visit_id}/check").location == f"/visits/{visit_id}"


def test_progress_counts_while_mail_leaves_and_says_when_it_is_done(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    visit_id = desk.sent()
    smtp.refuse("person-that-is-busy@example.com")
    clock.forward(seconds=61)
    rounds.tick(settings, wide=True)
    assert "0 van 6" in text(desk.open(f"/visits/{visit_id}"))
    slow = replace(settings, batch=2, group=2)
    rounds.deliver(slow, 0.001)
    sending = desk.open(f"/visits/{visit_id}/sending")
    assert re.search(r"2 van 6 Nog ongeveer \d+ seconden\. Je kunt gerust weg\.", text(sending))
    assert '<progress id="progress" max="6" value="2">' in sending.text
    assert 'hx-trigger="every 1s"' in sending.text
    assert '<noscript><meta http-equiv="refresh" content="3">' in desk.open(f"/visits/{visit_id}").text
    rounds.deliver(settings, 10)
    done = desk.open(f"/visits/{visit_id}/sending")
    assert ("6 verstuurd." in text(done), "hx-trigger" in done.text) == (True, False)


def test_a_refused_address_is_told_and_can_be_tried_again(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    visit_id = desk.sent()
    with db.transaction():
        customer = db.session.get_one(Customer, desk.customers[0])
        name, address = customer.name.full, customer.address
        assert address is not None
    smtp.refuse(address.email, "554 5.7.1 We do not want this")
    leaves(settings, clock)
    page = desk.open(f"/visits/{visit_id}")
    assert "5 verstuurd. Eén lukte niet." in text(page)
    assert f"Eén mail kwam niet aan {name} {address.email}, niet gelukt" in text(page)
    told = desk.press(page, "/retry")
    assert told.location == f"/visits/{visit_id}"
    rounds.deliver(settings, 10)
    assert [mail.recipient for mail in smtp.mails].count(address.email) == 1


def test_sent_tomorrow_it_waits_until_half_past_eight(
    desk: Desk, settings: Settings, clock: Clock, smtp: Relay
) -> None:
    visit_id = desk.planned()
    desk.press(desk.open(f"/visits/{visit_id}/check"), "/invitations", when="tomorrow")
    assert "De mail gaat weg: morgen, 08:30." in text(desk.open(f"/visits/{visit_id}"))
    clock.at(NOW.replace(day=24, hour=7, minute=29))
    rounds.tick(settings, wide=True)
    assert rounds.deliver(settings, 10) == 0
    clock.forward(minutes=2)
    rounds.tick(settings, wide=True)
    assert rounds.deliver(settings, 10) == 6


def test_with_mail_off_everything_is_put_in_the_outbox_and_nothing_is_called_sent(
    make_app: Callable[..., Flask], settings: Settings, clock: Clock
) -> None:
    off = desk(make_app(mail_server=None), clock)
    silent = replace(settings, mail_server=None)
    rounds.tick(silent, wide=True)
    visit_id = off.planned()
    page = off.open(f"/visits/{visit_id}/check")
    assert "Zet 6 klaar in postvak uit" in text(page)
    assert "Mail staat uit: er gaat niets weg." in text(page)
    off.press(page, "/invitations")
    clock.forward(seconds=61)
    rounds.tick(silent, wide=True)
    assert rounds.deliver(silent, 5) == 0
    said = text(off.open(f"/visits/{visit_id}"))
    assert "6 mails staan klaar in postvak uit. Mail staat uit; er gaat niets weg." in said
    assert "verstuurd" not in said
    with db.transaction():
        assert db.session.scalar(select(func.count(Message.id)).where(Message.end.is_(None))) == 6


def test_more_people_later_sees_only_the_new(desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> None:
    visit_id = desk.sent(customers=desk.customers[:1], teams=[])
    leaves(settings, clock)
    page = desk.open(f"/visits/{visit_id}/invite")
    assert sorted(re.findall(r'name="customers" value="(\d+)"', page.text)) == sorted(
        map(str, [*desk.customers[1:], desk.phone])
    )
    told = desk.press(page, "/invite", customers=desk.customers[1:], teams=[desk.team])
    check = desk.open(told.location)
    assert heading(check) == "5 mails staan klaar; niemand wordt overgeslagen"
    desk.press(check, "/invitations")
    leaves(settings, clock)
    assert len(smtp.mails) == len({mail.recipient for mail in smtp.mails}) == 6


def test_script_and_line_ends_are_inert_in_the_mail(desk: Desk, settings: Settings, clock: Clock, smtp: Relay) -> None:
    nasty = '<script>alert(1)</script>\r\nBcc: x@example.com\r\n\r\n"><img src=x>'
    visit_id = desk.sent(reason_nl=nasty, reason_en=nasty, room="new", room_name=nasty)
    leaves(settings, clock)
    assert visit_id
    assert len(smtp.mails) == 6
    for mail in smtp.mails:
        assert mail.message["Bcc"] is None
        assert "<script" not in mail.text("html")
        assert "<img" not in mail.text("html")


def test_the_buttons_of_the_form_count_as_one_ticks(desk: Desk) -> None:
    form = form_of(desk.open("/visits/new"), "/visits")
    token = form.values["csrf_token"]
    for chosen, said in (
        ({}, "Controleer de mails"),
        ({"customers": desk.customers[:1]}, "Controleer 1 mail"),
        ({"customers": [*desk.customers, desk.phone], "teams": [desk.team]}, "Controleer 6 mails"),
    ):
        assert said in text(desk.client.post("/visits/count", data={"csrf_token": token} | chosen))


def test_a_draft_outlives_the_browser(desk: Desk) -> None:
    visit_id = desk.planned()
    page = desk.open(f"/visits/{visit_id}")
    assert heading(page) == "Ma 7 dec: nog niemand uitgenodigd"
    assert f'href="/visits/{visit_id}/check"' in page.text
    with db.transaction():
        assert visit(visit_id).draft is not None
