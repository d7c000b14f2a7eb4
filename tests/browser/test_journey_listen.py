"""One story, end to end, from an empty installation: the work floor says whom it works for, a gap is chosen, a colleague
nominates somebody, who is asked, tells, approves, is read and thanked, and takes it back: then it is gone everywhere. On
the real supervisor, with every part in its own process, and mail over SMTP; on telephones without script."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.newcomer import Newcomer, NewContext, mail_server
from tests.fixtures.firsthand import Firsthand
from tests.imports import lists
from webapp.local.mailbox import Mailbox

pytestmark = pytest.mark.browser

TEAM = "Nachtlijn"
STAFF = (
    ("Wim Uil", "wim@werk.example", TEAM, "front line"),
    ("Loes Kat", "loes@werk.example", "Roosterbureau", "back office"),
    ("Bas Das", "bas@werk.example", "Sleutelbeheer", "support"),
    ("Eva Bever", "eva@werk.example", "Stuurgroep", "management"),
)
"""One of each layer, in teams of their own."""
READER, NOMINATOR, OWNER = STAFF[0][1], STAFF[1][1], STAFF[3]
GROUP = "nachtwerkers"
NAME, EMAIL = "Ria Nachtegaal", "ria@thuis.example"
IN_DUTCH = {
    "start": "^Start$",
    "import": "^Import(eer)?$",
    "import colleagues": "^Importeer 4 collega",
    "colleagues in": "^4 collega.s erbij",
    "ask the floor": "^Vraag de werkvloer",
    "ask them": r"^Vraag 4 collega",
    "whom for": "^Voor wie doe jij je werk",
    "answer": "^Beantwoord 3 vragen",
    "three questions": "^Drie vragen, één minuut",
    "send answers": "^Verstuur mijn antwoorden",
    "nominate somebody": "^Draag iemand voor",
    "four answered": "^4 van 4 collega.s hebben geantwoord",
    "add group": "^Voeg toe als groep",
    "never": "^Niemand",
    "heard": "^Gehoord",
    "nobody to ask": "^Nu is er niemand om te vragen",
    "whom to meet": "^Wie zouden we eens moeten ontmoeten",
    "nominate": "^Draag voor",
    "nominated": "^Dank je. We vragen eerst de vaste contactpersoon",
    "change": "^Wijzig",
    "save": "^Bewaar",
    "ask owner": "^Vraag eerst Eva Bever",
    "good moment": "^Is dit een goed moment",
    "go ahead": "^Ja, vraag maar",
    "confirm": "^Bevestig: ja, vraag maar",
    "we may ask": "^Dank je: we mogen vragen",
    "ask consent": "^Vraag per mail wat goed is",
    "ask by mail": "^Vraag per mail",
    "may we": "^Mogen wij u iets vragen",
    "choose": "^Kies wat u goed vindt",
    "what is fine": "^Wat vindt u goed",
    "may ask me": "mag mij per mail of telefoon vragen",
    "save choices": "^Bewaar mijn keuzes",
    "we know": "^Wat wij van u weten",
    "ask story": "^Vraag een verhaal",
    "nothing pending": "loopt hier geen besluit",
    "would you tell": "^Wilt u ons uw verhaal vertellen",
    "tell": "^Vertel mijn verhaal",
    "go on": "^Bewaar en ga verder",
    "you wrote": "^Dit schreef u",
    "may read": "mogen mijn verhaal lezen",
    "first name": "^alleen mijn voornaam",
    "send story": "^Verstuur mijn verhaal",
    "arrived": "^Uw verhaal is binnen",
    "to review": "^Te beoordelen",
    "make it": r"^Maak er \[",
    "for approval": "^Stuur ter goedkeuring",
    "will you check": "^Leest u uw verhaal na",
    "check": "^Lees mijn verhaal na",
    "is this yours": "^Is dit uw verhaal",
    "this is right": "^Dit klopt: het mag gelezen worden",
    "approved": "^U hebt deze tekst goedgekeurd",
    "share": "^Deel met deze teams",
    "about the work": f"^Een verhaal over het werk van {TEAM}",
    "read": "^Lees het verhaal",
    "write back": "^Schrijf een paar woorden terug",
    "send thanks": "^Stuur je dank",
    "reads along": "Een organisator leest eerst mee",
    "pass on": "^Geef door",
    "was read": "^Uw verhaal is gelezen",
    "every thanks": "^Lees alle bedankjes",
    "wrote to you": "^Eén collega schreef u terug",
    "my story": "^Mijn verhaal",
    "take back": "^Mijn verhaal intrekken",
    "withdraw": "^Trek mijn verhaal in",
    "withdrawn": "^Uw verhaal is ingetrokken",
    "gone": "^Een verhaal dat weg is",
    "placeholder": "Dit verhaal is ingetrokken door wie het vertelde",
    "no story": "^Geen verhaal gevonden",
    "nothing": "^Niets gevonden",
}
IN_ENGLISH = {
    "start": "^Start$",
    "import": "^Import$",
    "import colleagues": "^Import 4 colleagues",
    "colleagues in": "^4 colleagues added",
    "ask the floor": "^Ask the work floor",
    "ask them": r"^Ask 4 colleagues",
    "whom for": "^Whom is your work for",
    "answer": "^Answer 3 questions",
    "three questions": "^Three questions, one minute",
    "send answers": "^Send my answers",
    "nominate somebody": "^Nominate somebody",
    "four answered": "^4 of 4 colleagues have answered",
    "add group": "^Add as a group",
    "never": "^Nobody",
    "heard": "^Heard",
    "nobody to ask": "^Nobody we could ask now",
    "whom to meet": "^Whom should we meet",
    "nominate": "^Nominate",
    "nominated": "^Thank you. We ask the relationship owner first",
    "change": "^Change",
    "save": "^Save",
    "ask owner": "^Ask Eva Bever first",
    "good moment": "^Is this a good moment",
    "go ahead": "^Yes, go ahead",
    "confirm": "^Confirm: yes, go ahead",
    "we may ask": "^Thank you: we may ask",
    "ask consent": "^Ask by mail what is fine",
    "ask by mail": "^Ask by mail",
    "may we": "^May we ask you something",
    "choose": "^Choose what is fine with you",
    "what is fine": "^What is fine with you",
    "may ask me": "may ask me by mail or phone",
    "save choices": "^Save my choices",
    "we know": "^What we know about you",
    "ask story": "^Ask for a story",
    "nothing pending": "^No decision, complaint or debt",
    "would you tell": "^Would you tell us your story",
    "tell": "^Tell my story",
    "go on": "^Save and go on",
    "you wrote": "^This is what you wrote",
    "may read": "may read my story",
    "first name": "^my first name only",
    "send story": "^Send my story",
    "arrived": "^Your story has arrived",
    "to review": "^To review",
    "make it": r"^Make it \[",
    "for approval": "^Send for approval",
    "will you check": "^Will you check your story",
    "check": "^Check my story",
    "is this yours": "^Is this your story",
    "this is right": "^This is right: it may be read",
    "approved": "^You approved this text",
    "share": "^Share with these teams",
    "about the work": f"^A story about the work of {TEAM}",
    "read": "^Read the story",
    "write back": "^Write a few words back",
    "send thanks": "^Send your thanks",
    "reads along": "An organiser reads along first",
    "pass on": "^Pass on",
    "was read": "^Your story has been read",
    "every thanks": "^Read every thank-you",
    "wrote to you": "^One colleague wrote back to you",
    "my story": "^My story",
    "take back": "^Take my story back",
    "withdraw": "^Withdraw my story",
    "withdrawn": "^Your story has been withdrawn",
    "gone": "^A story that is gone",
    "placeholder": "This story was withdrawn by the person who told it",
    "no story": "^No story found",
    "nothing": "^Nothing found",
}
FIVE_ANSWERS = {
    "nl": (
        "Elke nacht liep ik met een zaklantaarn naar mijn werk.",
        "Toen belde Kees Vermeulen van de nachtlijn.",
        "Nu brandt er licht.",
        "Iedereen luisterde.",
        "Mijn ziekte.",
    ),
    "en": (
        "Every night I walked to work with a flashlight.",
        "Then Peter Johnson of the night line called.",
        "Now there is light.",
        "Everybody listened.",
        "My illness.",
    ),
}
WORD = {"nl": "zaklantaarn", "en": "flashlight"}
THANKS = "Wij lazen het hardop. Dank u."


@pytest.mark.parametrize(("language", "words"), [("nl", IN_DUTCH), ("en", IN_ENGLISH)], ids=["nl", "en"])
def test_a_gap_on_the_map_becomes_a_story_that_is_read_thanked_for_and_taken_back(
    start: Callable[..., Firsthand], new_context: NewContext, tmp_path: Path, language: str, words: dict[str, str]
) -> None:
    with mail_server(tmp_path) as told:
        up = start("up", FIRSTHAND_HOLD="0.1", FIRSTHAND_TICK="0.2", **told)
        walk(Newcomer(up, Mailbox(tmp_path), new_context, language, words), tmp_path / "staff.csv")


def walk(newcomer: Newcomer, file: Path) -> None:
    phone = newcomer.phone(java_script_enabled=False)
    newcomer.set_up()
    bring_colleagues_of_four_layers(newcomer, file)
    round_ = ask_the_work_floor(newcomer)
    for _name, email, *_team in STAFF:
        answer_three_questions(newcomer, phone, email)
    fill_the_map(newcomer, round_)
    gap = choose_the_gap(newcomer)
    nominate_somebody(newcomer, phone)
    person = let_the_owner_agree(newcomer, phone)
    ask_for_consent(newcomer, phone, person)
    ask_for_a_story(newcomer, gap)
    tell_it_in_five_answers(newcomer, phone)
    story = check_it_and_send_it_for_approval(newcomer)
    approve_it(newcomer, phone)
    share_it_with_the_team(newcomer, story)
    read = read_and_thank(newcomer, phone)
    pass_the_thanks_on(newcomer)
    hear_the_thanks_and_withdraw(newcomer, phone)
    find_it_gone_everywhere(newcomer, phone, story, read)


def bring_colleagues_of_four_layers(newcomer: Newcomer, file: Path) -> None:
    rows = [[*each, newcomer.language] for each in STAFF]
    file.write_bytes(lists.csv_of([["name", "email", "team", "layer", "language"], *rows], ","))
    newcomer.page.goto(f"{newcomer.url}/staff")
    newcomer.link("import").click()
    newcomer.bring(file)
    newcomer.button("import colleagues").click()
    newcomer.reads("colleagues in")


def ask_the_work_floor(newcomer: Newcomer) -> str:
    """A round over all four layers; who will be asked is read first. Gives the address of its page."""
    page = newcomer.page
    page.goto(f"{newcomer.url}/groups")
    newcomer.link("ask the floor").click()
    for name, *_rest in STAFF:
        expect(page.locator("#main").get_by_text(name, exact=True)).to_be_visible()
    newcomer.button("ask them").click()
    expect(page).to_have_url(re.compile(r"/groups/rounds/\d+$"))
    return page.url


def answer_three_questions(newcomer: Newcomer, phone: Page, email: str) -> None:
    newcomer.open_mail(newcomer.mail("whom for", to=email), phone, "answer").tap()
    newcomer.reads("three questions", phone)
    phone.locator("input[name=q1]").first.fill(GROUP)
    _tap(newcomer, phone, "send answers")
    expect(phone.get_by_text(GROUP)).to_be_visible()


def fill_the_map(newcomer: Newcomer, round_: str) -> None:
    """What four colleagues named becomes a group: its column has a gap in each of their teams."""
    page = newcomer.page
    page.goto(round_)
    newcomer.reads("four answered")
    named = page.locator("section.sheet").filter(has=page.get_by_role("heading", name=f"“{GROUP}”"))
    named.get_by_role("button", name=re.compile(newcomer.words["add group"])).click()
    expect(page.get_by_role("heading", name=f"“{GROUP}”")).to_have_count(0)


def choose_the_gap(newcomer: Newcomer) -> str:
    """From the cell on the map to whom we could ask: nobody yet. Gives the address of that page."""
    page = newcomer.page
    page.goto(f"{newcomer.url}/groups")
    for _name, _email, team, _layer in STAFF:
        expect(_cell(page, team)).to_contain_text(re.compile(newcomer.words["never"]))
    _cell(page, TEAM).click()
    expect(page.get_by_text(re.compile(newcomer.words["nobody to ask"]))).to_be_visible()
    return page.url


def _cell(page: Page, team: str) -> Locator:
    """What the map says about this team and the new group."""
    row = page.locator(".only-wide tr").filter(has=page.get_by_role("rowheader", name=team))
    column = page.locator(".only-wide thead tr > *").all_inner_texts()
    return row.locator("> *").nth(next(n for n, text in enumerate(column) if text.startswith(GROUP))).locator("a")


def nominate_somebody(newcomer: Newcomer, phone: Page) -> None:
    """From the page where they read back what they answered."""
    newcomer.open_mail(newcomer.mail("whom for", to=NOMINATOR), phone, "answer").tap()
    newcomer.named("link", "nominate somebody", phone).tap()
    newcomer.reads("whom to meet", phone)
    for field, value in {"name": NAME, "reach": EMAIL, "group": GROUP}.items():
        phone.locator(f"#{field}").fill(value)
    _tap(newcomer, phone, "nominate")
    newcomer.reads("nominated", phone)


def let_the_owner_agree(newcomer: Newcomer, phone: Page) -> str:
    """The organiser notes who that is, and asks them first: two taps. Gives the address of the person's page."""
    page = newcomer.page
    page.locator("#q").fill(NAME)
    page.keyboard.press("Enter")
    _sheet(page, "customers").get_by_role("link", name=NAME).click()
    person = page.url
    newcomer.named("link", "change", _sheet(page, "reach")).click()
    page.locator("#relationship_owner").fill(OWNER[0])
    page.locator("#locale").select_option(newcomer.language)
    newcomer.button("save").click()
    newcomer.button("ask owner").click()
    newcomer.open_mail(newcomer.mail("good moment", to=OWNER[1]), phone, "go ahead").tap()
    _tap(newcomer, phone, "confirm")
    newcomer.reads("we may ask", phone)
    return person


def ask_for_consent(newcomer: Newcomer, phone: Page, person: str) -> None:
    """By mail: being asked is fine, nothing else is ticked."""
    newcomer.page.goto(person)
    newcomer.link("ask consent").click()
    newcomer.button("ask by mail").click()
    newcomer.open_mail(newcomer.mail("may we", to=EMAIL), phone, "choose").tap()
    newcomer.reads("what is fine", phone)
    phone.get_by_label(re.compile(newcomer.words["may ask me"])).check()
    _tap(newcomer, phone, "save choices")
    newcomer.reads("we know", phone)


def ask_for_a_story(newcomer: Newcomer, gap: str) -> None:
    """In the gap stands somebody now."""
    page = newcomer.page
    page.goto(gap)
    newcomer.named("link", "ask story", page.get_by_role("listitem").filter(has_text=NAME)).click()
    expect(page.locator("#team option:checked")).to_have_text(TEAM)
    page.get_by_label(re.compile(newcomer.words["nothing pending"])).check()
    newcomer.button("ask story").click()
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))


def tell_it_in_five_answers(newcomer: Newcomer, phone: Page) -> None:
    """A page for each, read back, and sent: colleagues may read it, with a first name."""
    newcomer.open_mail(newcomer.mail("would you tell", to=EMAIL), phone, "tell").tap()
    newcomer.reads("would you tell", phone)
    newcomer.named("link", "tell", phone).tap()
    for answer in FIVE_ANSWERS[newcomer.language]:
        phone.locator("#words").fill(answer)
        _tap(newcomer, phone, "go on")
    newcomer.reads("you wrote", phone)
    phone.get_by_label(re.compile(newcomer.words["may read"])).check()
    phone.get_by_label(re.compile(newcomer.words["first name"])).check()
    _tap(newcomer, phone, "send story")
    newcomer.reads("arrived", phone)


def check_it_and_send_it_for_approval(newcomer: Newcomer) -> str:
    """A name goes out. Gives the address of the story's page."""
    page = newcomer.page
    page.goto(f"{newcomer.url}/stories")
    newcomer.link("to review").click()
    _sheet(page, "ours").get_by_role("link", name=re.compile(WORD[newcomer.language])).click()
    story = page.url
    newcomer.button("make it").click()
    expect(page.locator(".changes del").first).to_be_visible()
    newcomer.button("for approval").click()
    return story


def approve_it(newcomer: Newcomer, phone: Page) -> None:
    """What was taken out is struck through."""
    newcomer.open_mail(newcomer.mail("will you check", to=EMAIL), phone, "check").tap()
    newcomer.reads("is this yours", phone)
    expect(phone.locator("del").first).to_be_visible()
    _tap(newcomer, phone, "this is right")
    newcomer.reads("approved", phone)


def share_it_with_the_team(newcomer: Newcomer, story: str) -> None:
    page = newcomer.page
    page.goto(story)
    expect(page.get_by_label(TEAM)).to_be_checked()
    newcomer.button("share").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(WORD[newcomer.language])


def read_and_thank(newcomer: Newcomer, phone: Page) -> str:
    """From the mail, on the page of a colleague in that team. Gives the address of what was read."""
    newcomer.open_mail(newcomer.mail("about the work", to=READER), phone, "read").tap()
    expect(phone.get_by_role("heading", level=1)).to_contain_text(WORD[newcomer.language])
    phone.get_by_label(re.compile(newcomer.words["write back"])).fill(THANKS)
    _tap(newcomer, phone, "send thanks")
    expect(phone.get_by_text(re.compile(newcomer.words["reads along"]))).to_be_visible()
    return phone.url


def pass_the_thanks_on(newcomer: Newcomer) -> None:
    page = newcomer.page
    page.goto(f"{newcomer.url}/groups")
    expect(_cell(page, TEAM)).to_contain_text(re.compile(newcomer.words["heard"]))
    page.goto(f"{newcomer.url}/stories?show=review")
    mine = page.locator("#thanks li").filter(has_text=THANKS)
    newcomer.named("button", "pass on", mine).click()
    expect(mine).to_have_count(0)


def hear_the_thanks_and_withdraw(newcomer: Newcomer, phone: Page) -> None:
    newcomer.open_mail(newcomer.mail("was read", to=EMAIL), phone, "every thanks").tap()
    newcomer.reads("wrote to you", phone)
    expect(phone.get_by_text(THANKS)).to_be_visible()
    newcomer.named("link", "my story", phone).tap()
    phone.locator("summary").filter(has_text=re.compile(newcomer.words["take back"])).tap()
    _tap(newcomer, phone, "withdraw")
    newcomer.reads("withdrawn", phone)


def find_it_gone_everywhere(newcomer: Newcomer, phone: Page, story: str, read: str) -> None:
    """At the next request: for the organiser and for staff, in the library, in search and behind the link in the mail."""
    page, word = newcomer.page, WORD[newcomer.language]
    for who, place in ((page, story), (phone, read)):
        who.goto(place)
        newcomer.reads("gone", who)
        expect(who.get_by_text(re.compile(newcomer.words["placeholder"]))).to_be_visible()
        assert word not in who.content()
        library = place.partition("#")[0].rpartition("/")[0]
        who.goto(library)
        expect(who.get_by_text(re.compile(newcomer.words["placeholder"])).first).to_be_visible()
        assert word not in who.content()
        who.goto(f"{library}?q={word}")
        expect(who.get_by_role("status").filter(has_text=re.compile(newcomer.words["no story"]))).to_be_visible()
    newcomer.open_mail(newcomer.mail("about the work", to=READER), phone, "read").tap()
    newcomer.reads("gone", phone)
    page.goto(f"{newcomer.url}/search?q={word}")
    newcomer.reads("nothing")
    page.goto(f"{newcomer.url}/groups")
    expect(_cell(page, TEAM)).to_contain_text(re.compile(newcomer.words["never"]))


def _sheet(page: Page, name: str) -> Locator:
    return page.locator(f"section[aria-labelledby='h-{name}']")


def _tap(newcomer: Newcomer, phone: Page, button: str) -> None:
    phone.get_by_role("button", name=re.compile(newcomer.words[button])).first.tap()
