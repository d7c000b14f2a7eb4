"""The stories of the sample, in every state they can be in: asked, begun, told, sent, changed, approved, shared, gone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

from sqlalchemy import select

from webapp import db
from webapp.accounts.models import Account
from webapp.customers import consents
from webapp.customers.models import Customer, Use
from webapp.demo.past import Past
from webapp.demo.story import Cast
from webapp.staff.models import Team
from webapp.stories import approving, asking, notices, sharing, staff_notices
from webapp.stories.models import Story

AGREED = "Eerder zo afgesproken met de vaste contactpersoon."
HOLD = timedelta(minutes=1)
HALF_PAST_NINE = {"hour": 9, "minute": 30, "second": 0, "microsecond": 0}
Ends = Literal["begun", "refused", "told", "offered", "amended", "approved", "shared", "withdrawn"]
MAILS = (
    notices.StoryRequested, notices.StoryReminder, notices.StoryApproval, staff_notices.StoryShared, notices.StoryThanks,
)  # fmt: skip


@dataclass(frozen=True)
class Tale:
    """One story; `days` ago somebody was asked for it, or brought it."""

    who: str
    days: int
    ends: Ends
    title: str = ""
    byline: str = ""
    before: str = ""
    turning_point: str = ""
    what_changed: str = ""
    who_played_a_part: str = ""
    not_to_be_told: str = ""
    principle: str = ""
    attribution: str = "first_name"
    aloud: bool = False
    team: str = "Bellers avond A"
    replaced: tuple[tuple[str, str], ...] = ()
    thanks: tuple[tuple[str, str], ...] = ()
    """Who wrote back, and what; the last one waits for an organiser."""


TALES = (
    Tale(
        "Robin Vos", 62, "shared", "Iemand die mij nooit gezien had, vond dat ik moest kunnen studeren",
        "beursstudent geneeskunde",
        "Ik was aangenomen voor geneeskunde en ik had het al afgezegd. Mijn moeder werkte twee banen en mijn broertje was "
        "net ziek geworden. Ik had de mail aan de universiteit klaarstaan. Het was een heel beleefde mail.",
        "Toen belde iemand van het beurzenbureau terug, om kwart voor zes. Ze zei niet dat het goed zou komen. Ze zei: “Ik "
        "blijf even aan de lijn terwijl u het formulier invult.” We hebben veertig minuten gebeld.",
        "Nu loop ik op dinsdag mee op de kinderafdeling. Mijn moeder heeft één baan. Elke maand dat die beurs kwam, dacht "
        "ik: er is iemand die weet dat ik besta.",
        "De bellers heb ik nooit gesproken. Iemand die mij nooit gezien had, vond dat ik moest kunnen studeren, en bleef "
        "daarom avond na avond vreemden bellen. Dat vergeet je niet.",
        "Wat mijn broertje heeft.", "impact", "name", aloud=True,
        thanks=(
            ("Tariq Yılmaz", "Ik dacht altijd dat na ons telefoontje niemand meer aan ons dacht. Dank u."),
            ("Sanne Kuipers", "Dit hangt nu boven mijn bureau."),
        ),
    ),
    Tale(
        "Wouter van Rossum", 48, "shared", "Ik geef elk jaar, maar pas toen die jongen belde wist ik waarvoor",
        "alumnus-donateur",
        "Ik maakte ieder jaar iets over en las de brief nooit.",
        "Tot een jongen belde die zelf met een beurs studeerde. Hij vroeg niets. Hij vertelde wat hij die week had geleerd.",
        "Nu lees ik de brief wel, en mijn vrouw ook.",
        "Die beller. Wel had ik zijn verhaal graag tien jaar eerder gehoord.",
        principle="appreciation", aloud=True, team="Bellers weekend",
    ),
    Tale(
        "Jia Hao Lim", 40, "shared", "The letter came on a Tuesday. On Wednesday I told my mother I could stay",
        "former scholarship student, physics",
        "I had packed. The rent was paid until Friday and I did not want anybody to know.",
        "The letter came on a Tuesday. I read it three times, because the first sentence was so short.",
        "On Wednesday I told my mother I could stay. I teach now, and I write short first sentences.",
        "Somebody had phoned through a long list of people in the evenings. I would like them to know it was my evening too.",
        principle="impact", team="Bellers avond B",
    ),
    Tale(
        "Ton Timmer", 33, "shared", "Het formulier vroeg drie keer hetzelfde. Ik dacht: zij geloven mij niet",
        "een ouder",
        "Ik wilde in één keer iets groters geven.",
        "Het formulier vroeg drie keer hetzelfde. Ik dacht: zij geloven mij niet. Toen ben ik gestopt.",
        "Later belde iemand om te vragen waar het misging. Ze luisterde en schreef het op.",
        "Die ene vrouw. Het formulier is nu korter, zag ik.",
        principle="empathy", attribution="none",
    ),
    Tale(
        "Ayoub Idrissi", 30, "withdrawn", "Mijn vader weet het nog steeds niet", "beursstudent",
        "Ik durfde het thuis niet te zeggen.", "Toen kwam de beurs.", "Ik schrijf nu mijn scriptie.", principle="impact",
    ),
    Tale(
        "Mirjam Koning", 9, "told", "", "",
        "Ik werkte bij de bakker in de Dorpsstraat 12 en studeerde 's nachts. Mijn cijfers waren slecht.",
        "Op 14 maart belde Youssef van de universiteit. Hij vroeg of het klopte dat ik wilde stoppen.",
        "Ik sta nu zelf voor de klas in Gouda, met dertig kinderen.",
        "Youssef, en mevrouw De Groot van het studiepunt. Het duurde alleen wel elf weken.",
        "Waarom ik toen wilde stoppen.",
    ),
    Tale(
        "Sofía Álvarez", 12, "offered", "I kept the voicemail for two years", "PhD candidate",
        "I had two jobs and no time to be tired.",
        "Then Anna left a voicemail: the grant was mine, and she said it twice because she was glad herself.",
        "I kept the voicemail for two years. I have one job now.",
        replaced=(("Anna", "somebody"),), principle="appreciation",
    ),
    Tale(
        "Marieke Dijkgraaf", 16, "approved", "Ik hoefde niet nog een keer uit te leggen waarom", "promovendus rechten",
        "Ik had mijn verhaal al aan zeven loketten verteld.",
        "De achtste zei: het staat in uw dossier, ik lees het wel even.",
        "Ik hoefde niet nog een keer uit te leggen waarom. Ik kon gewoon beginnen.",
        principle="empathy",
    ),
    Tale(
        "Abdi Warsame", 14, "amended", "Het was geen cadeau", "ouder van een beursstudent",
        "Iedereen zei dat onze dochter geluk had.", "Een beller vroeg wat zij ervoor had gedaan.", "Het was geen cadeau.",
    ),
    Tale("Dion Kartosen", 4, "begun", before="Mijn studieschuld was hoger dan het salaris van mijn ouders."),
    Tale("Ahmet Polat", 11, "refused"),
)  # fmt: skip
LETTER = (
    "Beste mensen van het fonds, u kent mij niet. Mijn dochter Noor studeert dankzij u in Leiden. Ze belde gisteren dat ze "
    "haar eerste tentamen had gehaald. Ik wilde dat u dat wist. Met groet, een vader"
)


def begin(past: Past, cast: Cast) -> None:
    """Put their first acts in the past; the rest follows."""
    by = cast.organisers["Karim Visser"]
    for tale in TALES:
        past.at(_ago(past, tale.days), partial(_ask, past, cast, tale, by))
    past.at(_ago(past, 2), partial(_letter, by))


def _ago(past: Past, days: int) -> datetime:
    return (past.now - timedelta(days=days)).replace(**HALF_PAST_NINE)  # type: ignore[arg-type]  # parts of a time


def _ask(past: Past, cast: Cast, tale: Tale, by: Account, now: datetime) -> None:
    customer, team = cast.customers[tale.who], db.session.scalars(select(Team).where(Team.name == tale.team)).one()
    story = asking.ask(customer, team, "", now, HOLD, by, AGREED)
    assert story.request is not None
    past.at(now + HOLD, past.mail(*MAILS))
    past.at(story.request.remind_at, past.mail(*MAILS))
    acts: dict[str, Callable[[datetime], object]] = {
        "refused": partial(asking.refuse, story), "begun": partial(_save, story, tale),
    }  # fmt: skip
    past.at(now + timedelta(days=1, hours=3), acts.get(tale.ends, partial(_tell, past, cast, tale, story, by)))


def _save(story: Story, tale: Tale, now: datetime) -> None:
    for step in story.answers:
        asking.save(story, step, getattr(tale, step), now)


def _tell(past: Past, cast: Cast, tale: Tale, story: Story, by: Account, now: datetime) -> None:
    _save(story, tale, now)
    approving.tell(story, now, None)
    assert story.customer is not None
    _allow(story.customer, tale, now)
    if tale.ends != "told":
        past.at(now + timedelta(days=1), partial(_edit, past, cast, tale, story, by))


def _allow(customer: Customer, tale: Tale, now: datetime) -> None:
    uses: list[Use] = ["story_inside", "read_aloud"] if tale.aloud else ["story_inside"]
    consents.agree(customer, uses, "en" if customer.locale == "en" else "nl", "page", now, None, tale.attribution)


def _edit(past: Past, cast: Cast, tale: Tale, story: Story, by: Account, now: datetime) -> None:
    text = story.text
    for what, with_ in tale.replaced:
        text = text.replace(what, with_)
    approving.edit(story, story.revision, now, by, title=tale.title, byline=tale.byline, text=text)
    story.principle = tale.principle
    approving.offer(story, now, by)
    past.at(now + HOLD, past.mail(*MAILS))
    if tale.ends != "offered":
        past.at(now + timedelta(days=1, hours=2), partial(_answer, past, cast, tale, story, by))


def _answer(past: Past, cast: Cast, tale: Tale, story: Story, by: Account, now: datetime) -> None:
    if tale.ends == "amended":
        approving.amend(
            story, tale.title, story.text + "\n\nZij heeft er hard voor gewerkt; dat mag er ook staan.", now
        )
        return
    approving.approve(story, story.offered_id or 0, now, None)
    if tale.ends in ("shared", "withdrawn"):
        past.at(now + timedelta(days=1), partial(_share, past, cast, tale, story, by))


def _share(past: Past, cast: Cast, tale: Tale, story: Story, by: Account, now: datetime) -> None:
    team = db.session.scalars(select(Team).where(Team.name == tale.team)).one()
    sharing.share(story, [team], now, HOLD, by)
    past.at(now + HOLD, past.mail(*MAILS))
    if tale.ends == "withdrawn":
        past.at(now + timedelta(days=6), lambda at: approving.withdraw(story, at, None))
    for number, (name, words) in enumerate(tale.thanks, 1):
        last = number == len(tale.thanks)
        past.at(now + timedelta(days=number), partial(_thank, past, cast, story, name, words, by, last))


def _thank(past: Past, cast: Cast, story: Story, name: str, words: str, by: Account, last: bool, now: datetime) -> None:
    thanks = sharing.thank(story, cast.staff[name], words, now)
    if not last:
        sharing.check(thanks, True, now, by)
        sharing.tell_due(now)
        past.at(now + HOLD, past.mail(*MAILS))


def _letter(by: Account, now: datetime) -> None:
    """Old post, of which nobody knows yet who wrote it."""
    story = Story(organiser=by, locale="nl", source="letter", told_to="secretariaat", begun_at=now)
    db.session.add(story)
    db.session.flush()
    approving.tell(story, now, by, LETTER)
