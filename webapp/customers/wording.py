"""The exact words in which somebody allows something: kept with their consent, in the language they were said in.

Another text is another version. First person, so that they can be read aloud on the phone as they stand.
"""

from datetime import datetime

from webapp import dates
from webapp.accounts.models import Organisation
from webapp.customers.models import Use
from webapp.i18n import Language

VERSION = 1
TEXTS: dict[Use, dict[Language, str]] = {
    "to_be_asked": {
        "nl": "{organisation} mag mij per mail of telefoon vragen om mee te doen, hoogstens {budget} keer in twaalf "
        "maanden. Ik mag elke keer nee zeggen.",
        "en": "{organisation} may ask me by mail or phone to take part, at most {budget} times in twelve months. I may "
        "say no every time.",
    },
    "story_inside": {
        "nl": "Medewerkers van {organisation} mogen mijn verhaal lezen, nadat ik de tekst heb goedgekeurd. Erbij staat: "
        "{attribution}.",
        "en": "Staff of {organisation} may read my story, after I have approved the text. It carries: {attribution}.",
    },
    "read_aloud": {
        "nl": "Iemand van {organisation} mag mijn goedgekeurde verhaal voorlezen aan collega's, ook als ik er niet bij "
        "ben.",
        "en": "Somebody of {organisation} may read my approved story aloud to colleagues, also when I am not there.",
    },
    "live_visit": {
        "nl": "Ik wil zelf aan medewerkers van {organisation} vertellen, ter plekke of online. De gastgever krijgt mijn "
        "naam en telefoonnummer; de deelnemers krijgen alleen mijn naam. Ik mag altijd stoppen.",
        "en": "I want to tell my story myself to staff of {organisation}, in person or online. The host gets my name "
        "and phone number; those present get only my name. I may stop at any time.",
    },
    "recording": {
        "nl": "{organisation} mag mijn bezoek opnemen. Alleen medewerkers zien de opname, en die wordt uiterlijk op "
        "{recording_until} gewist. Zonder opname ben ik even welkom.",
        "en": "{organisation} may record my visit. Only staff see the recording, and it is erased by "
        "{recording_until}. Without a recording I am just as welcome.",
    },
    "outside_use": {
        "nl": "{organisation} mag mijn goedgekeurde verhaal ook buiten de organisatie gebruiken: {channels}. Voor iets "
        "anders vraagt {organisation} het mij opnieuw.",
        "en": "{organisation} may also use my approved story outside the organisation: {channels}. For anything else, "
        "{organisation} asks me again.",
    },
}
ABOVE: dict[Language, str] = {
    "nl": "U kunt alles, iets of niets aankruisen. Dat verandert niets aan hoe wij u helpen.",
    "en": "You can tick everything, something or nothing. It changes nothing about how we help you.",
}
BELOW: dict[Language, str] = {
    "nl": "Dit geldt tot {expires_date}. Intrekken kan altijd, met de link in elke mail. Dan stopt het gebruik meteen. "
    "Wat al is gezegd of gedrukt, kan niemand terughalen.",
    "en": "This holds until {expires_date}. I can withdraw at any time, with the link in every mail. Use then stops at "
    "once. What has been said or printed cannot be taken back.",
}
ATTRIBUTIONS: dict[str, dict[Language, str]] = {
    "name": {"nl": "mijn naam", "en": "my name"},
    "first_name": {"nl": "alleen mijn voornaam", "en": "my first name only"},
    "none": {"nl": "geen naam", "en": "no name"},
}
CHANNELS: dict[Language, str] = {"nl": "website en jaarverslag", "en": "website and annual report"}
NAMES: dict[Use, dict[Language, str]] = {
    "to_be_asked": {"nl": "gevraagd worden", "en": "being asked"},
    "story_inside": {"nl": "verhaal binnen de organisatie", "en": "story inside the organisation"},
    "read_aloud": {"nl": "voorlezen", "en": "reading aloud"},
    "live_visit": {"nl": "zelf vertellen", "en": "telling it myself"},
    "recording": {"nl": "opname", "en": "recording"},
    "outside_use": {"nl": "gebruik buiten de organisatie", "en": "use outside the organisation"},
}
"""Of each use, within a sentence."""
GROUNDS: dict[str, dict[Language, str]] = {
    "existing": {"nl": "Had eerder contact met {organisation}.", "en": "Has been in touch with {organisation} before."},
    "not_yet": {
        "nl": "Nog niet: gevraagd wordt pas als dat verandert.",
        "en": "Not yet: nothing is asked until that changes.",
    },
    "withdrawn": {"nl": "Wil niet meer gevraagd worden.", "en": "Does not want to be asked any more."},
}
WITHDRAWN: dict[Language, str] = {"nl": "Trok de toestemming in: {use}.", "en": "Withdrew consent: {use}."}
ENDED: dict[Language, str] = {"nl": "De toestemming liep af: {use}.", "en": "Consent ran out: {use}."}


def consent_text(
    use: Use, language: Language, organisation: Organisation, expires_at: datetime, attribution: str = "name"
) -> str:
    """Everything that somebody agrees to with this tick, word for word: the text of the use, and until when."""
    text = use_text(use, language, organisation, expires_at, attribution)
    return f"{text} {below_all(language, organisation, expires_at)}"


def use_text(
    use: Use, language: Language, organisation: Organisation, expires_at: datetime, attribution: str | None = "name"
) -> str:
    """The text of one use. Without an attribution it ends where that is chosen."""
    text = TEXTS[use][language].format(
        organisation=organisation.name,
        budget=dates.in_words(organisation.asks_a_year, language),
        attribution=ATTRIBUTIONS[attribution][language] if attribution else "",
        recording_until=dates.date(dates.local(expires_at, organisation.zone), language),
        channels=CHANNELS[language],
    )
    return text if attribution else text.removesuffix(" .")


def below_all(language: Language, organisation: Organisation, expires_at: datetime) -> str:
    return BELOW[language].format(expires_date=dates.date(dates.local(expires_at, organisation.zone), language))


def ground_text(ground: str, language: Language, organisation: Organisation, expires_at: datetime) -> str:
    """What is recorded for being asked on this ground, word for word."""
    if ground == "agreed":
        return consent_text("to_be_asked", language, organisation, expires_at)
    return GROUNDS[ground][language].format(organisation=organisation.name)
