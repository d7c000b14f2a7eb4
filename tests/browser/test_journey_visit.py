"""One visit, end to end, as a stranger walks it: `firsthand demo`, two lists, 36 customers and a team, the mail, the
answers, the clock, who was there, what they found of it. On the real supervisor, with every part in its own process."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.newcomer import PATIENCE_MS, NewContext, Stranger
from tests.fixtures.firsthand import Firsthand
from tests.fixtures.services import wait_until
from tests.imports import lists

pytestmark = pytest.mark.browser

CLICKS_AT_MOST = 12
CHOSEN = 36
TEAM = "Bellers avond A"
LONGEST_WEEKEND_DAYS = 4
IN_DUTCH = {
    "sign in": "^Log in",
    "import": "^Import(eer)?$",
    "import colleagues": "^Importeer 12 collega",
    "colleagues in": "^12 collega.s erbij",
    "customers": "^Klanten$",
    "in touch": "contact",
    "import customers": "^Importeer 114 klanten",
    "customers in": "^114 klanten erbij",
    "to invite": "^Nodig 114 uit",
    "check": r"^Controleer \d+ mails",
    "ready": r"^\d+ mails staan klaar",
    "send": r"^Verstuur \d+ uitnodigingen",
    "nobody yet": r"0\s×\sja",
    "one yes": r"1\s×\sja",
    "eve": "^Naar de dag ervoor",
    "visit": "^Naar het bezoek",
    "a day": r"^\+1 dag",
    "others": "^Laat de anderen antwoorden",
    "invitation": "^Wilt u uw verhaal vertellen",
    "yes": "^Ja, ik kom",
    "one more tap": "^Nog één tik",
    "confirm": "^Bevestig: ja, ik kom",
    "you come": "^U komt",
    "receipt": "^U komt",
    "reminder": "wij kijken ernaar uit",
    "who": "^Wie was er",
    "everybody": "^Iedereen is er",
    "finish": "^Rond af en bedank",
    "thanks": "^Dank u wel",
    "five": "^5 van 5",
    "is this right": "Dank u wel. Klopt deze 5",
    "send answers": "^Verstuur",
    "customer done": "^Dank u. Uw antwoorden zijn binnen",
    "questions": "korte vragen over je werkweek",
    "open questions": "^Open de vragen",
    "eleven": "^11 vragen",
    "to the last two": "^Door naar de laatste twee",
    "two last": "^Nog twee vragen",
    "staff send": "^Verstuur mijn antwoorden",
    "staff done": "^Dank je. Je antwoorden zijn binnen",
    "readable": "Cijfers zijn te lezen",
    "result": r"van \d+ collega.s hebben geantwoord",
    "figure": "Hoe collega.s hun werk zien",
}
IN_ENGLISH = {
    "sign in": "^Sign in",
    "import": "^Import$",
    "import colleagues": "^Import 12 colleagues",
    "colleagues in": "^12 colleagues added",
    "customers": "^Customers$",
    "in touch": "in touch",
    "import customers": "^Import 114 customers",
    "customers in": "^114 customers added",
    "to invite": "^Invite 114",
    "check": r"^Check \d+ mails",
    "ready": r"^\d+ mails are ready",
    "send": r"^Send \d+ invitations",
    "nobody yet": r"0\s×\syes",
    "one yes": r"1\s×\syes",
    "eve": "^To the day before",
    "visit": "^To the visit",
    "a day": r"^\+1 day",
    "others": "^Let the others answer",
    "invitation": "^May we hear your story",
    "yes": "^Yes, I.ll come",
    "one more tap": "^One more tap",
    "confirm": "^Confirm: yes, I.ll come",
    "you come": "^You are coming",
    "receipt": "^You are coming",
    "reminder": "we look forward to it",
    "who": "^Who was there",
    "everybody": "^Everybody is there",
    "finish": "^Finish and thank",
    "thanks": "^Thank you for your story",
    "five": "^5 of 5",
    "is this right": "Thank you. Is this 5",
    "send answers": "^Send",
    "customer done": "^Thank you. Your answers are in",
    "questions": "short questions about your work week",
    "open questions": "^Open the questions",
    "eleven": "^11 questions",
    "to the last two": "^On to the last two",
    "two last": "^Two last questions",
    "staff send": "^Send my answers",
    "staff done": "^Thank you. Your answers are in, apart",
    "readable": "Figures can be read",
    "result": r"of \d+ colleagues have answered",
    "figure": "How colleagues see their work",
}


@pytest.mark.parametrize(("language", "words"), [("nl", IN_DUTCH), ("en", IN_ENGLISH)], ids=["nl", "en"])
def test_a_stranger_walks_a_visit_from_list_to_result(
    start: Callable[..., Firsthand], new_context: NewContext, tmp_path: Path, language: str, words: dict[str, str]
) -> None:
    demo = start("demo", FIRSTHAND_HOLD="3", FIRSTHAND_TICK="0.5")
    demo.says("Ctrl-C", seconds=120)
    newcomer = Stranger(demo, new_context, language, words)
    newcomer.sign_in()
    bring_the_colleagues(newcomer, tmp_path / "medewerkers.csv")
    visit = invite_36_customers_and_a_team(newcomer, tmp_path / "klanten.csv")
    email = accept_in_two_taps(newcomer, visit)
    newcomer.press("others")
    newcomer.press("eve")
    assert newcomer.mail("reminder", to=email)
    newcomer.press("visit")
    tick_who_was_there(newcomer, visit)
    newcomer.press("a day")
    answer_as_a_customer(newcomer, email)
    answer_as_a_colleague(newcomer)
    newcomer.press("others")
    read_the_result(newcomer, visit)


def bring_the_colleagues(newcomer: Stranger, file: Path) -> None:
    file.write_bytes(lists.staff())
    newcomer.page.goto(f"{newcomer.url}/staff")
    newcomer.link("import").click()
    newcomer.bring(file)
    newcomer.button("import colleagues").click()
    newcomer.reads("colleagues in")


def invite_36_customers_and_a_team(newcomer: Stranger, file: Path) -> str:
    """From the list of customers to mail that leaves; gives the address of the visit's page."""
    file.write_bytes(lists.customers())
    page = newcomer.page
    newcomer.link("customers").click()
    newcomer.clicks = 0
    newcomer.click(newcomer.link("import"))
    newcomer.bring(file)
    newcomer.click(page.get_by_label(re.compile(newcomer.words["in touch"])))
    newcomer.click(newcomer.button("import customers"))
    newcomer.reads("customers in")
    newcomer.click(newcomer.link("to invite"))
    newcomer.click(page.locator("[data-first]"))
    page.keyboard.press("Control+a")
    page.keyboard.type(str(CHOSEN))
    expect(page.locator("[data-invite] [data-count]")).to_have_text(str(CHOSEN))
    newcomer.click(page.locator("[data-invite]"))
    newcomer.click(page.get_by_label(re.compile(f"^{TEAM}")))
    newcomer.click(newcomer.button("check"))
    newcomer.reads("ready")
    ready = int(page.get_by_role("heading", level=1).inner_text().split()[0])
    assert ready > CHOSEN
    newcomer.click(newcomer.button("send"))
    newcomer.reads("nobody yet")
    assert newcomer.clicks <= CLICKS_AT_MOST, newcomer.clicks
    wait_until(lambda: _invitations(newcomer) >= ready, f"{ready} invitations in the mailbox", 60)
    return page.url


def _invitations(newcomer: Stranger) -> int:
    """How many of those people have mail; two of the sample's own were asked before."""
    return len(newcomer.mailbox) - 2


def accept_in_two_taps(newcomer: Stranger, visit: str) -> str:
    """On a telephone, from the mail; the organiser sees it come in. Gives the customer's address."""
    mail = newcomer.mail("invitation", to="persoon.")
    phone = newcomer.phone()
    newcomer.open_mail(mail, phone, "yes").tap()
    newcomer.reads("one more tap", phone)
    phone.get_by_role("button", name=re.compile(newcomer.words["confirm"])).tap()
    newcomer.reads("you come", phone)
    assert newcomer.mail("receipt", to=mail.recipient)
    assert newcomer.page.url == visit
    expect(newcomer.page.locator("[data-live] .chip.yes")).to_have_count(1, timeout=PATIENCE_MS)
    return mail.recipient


def tick_who_was_there(newcomer: Stranger, visit: str) -> None:
    newcomer.page.goto(visit)
    newcomer.link("who").click()
    newcomer.button("everybody").click()
    newcomer.button("finish").click()
    expect(newcomer.page).to_have_url(re.compile("/visits/"))


def answer_as_a_customer(newcomer: Stranger, email: str) -> None:
    """The first answer is a tap in the mail; the page asks for nothing else."""
    phone = newcomer.phone()
    newcomer.open_mail(newcomer.mail("thanks", to=email), phone, "five").tap()
    newcomer.reads("is this right", phone)
    phone.get_by_role("button", name=re.compile(newcomer.words["send answers"])).tap()
    newcomer.reads("customer done", phone)


def answer_as_a_colleague(newcomer: Stranger) -> None:
    """Nine questions and two; the mail comes on the next working day."""
    for _day in range(LONGEST_WEEKEND_DAYS):
        if newcomer.mails("questions"):
            break
        newcomer.press("a day")
    phone = newcomer.phone()
    newcomer.open_mail(newcomer.mail("questions"), phone, "open questions").tap()
    newcomer.reads("eleven", phone)
    _choose_everywhere(phone, 6)
    phone.get_by_role("button", name=re.compile(newcomer.words["to the last two"])).tap()
    newcomer.reads("two last", phone)
    _choose_everywhere(phone, 6)
    phone.get_by_role("button", name=re.compile(newcomer.words["staff send"])).tap()
    newcomer.reads("staff done", phone)


def _choose_everywhere(page: Page, point: int) -> None:
    for scale in page.locator(".scale").all():
        scale.locator(f"input[value='{point}']").check(force=True)


def read_the_result(newcomer: Stranger, visit: str) -> None:
    page = newcomer.page
    page.goto(f"{newcomer.url}/effect")
    page.locator(f"a[href='/effect/visits/{visit.rsplit('/', 1)[-1]}']").click()
    newcomer.reads("result")
    expect(page.get_by_role("heading", name=re.compile(newcomer.words["figure"]))).to_be_visible()
