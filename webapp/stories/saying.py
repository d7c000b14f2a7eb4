"""Small words around stories, for mails and pages alike."""

import re

from webapp import dates
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.i18n import Language

TEAMS_NAMED = 3
SOURCES: dict[str, dict[Language, str]] = {
    "nomination": {
        "nl": "een medewerker van {organisation} uw naam noemde",
        "en": "a colleague at {organisation} gave us your name",
    },
    "page": {"nl": "u zich op onze pagina hebt gemeld", "en": "you contacted us through our page"},
    "consent": {"nl": "u hebt gezegd dat wij u iets mogen vragen", "en": "you said we may ask you"},
    "list": {
        "nl": "u eerder contact had met {organisation}",
        "en": "you have been in touch with {organisation} before",
    },
}


def source_of(customer: Customer, language: Language) -> str:
    """Why we write to this person: what they said themselves, before how we came to know them."""
    key = "consent" if customer.ground == "agreed" else customer.source
    return SOURCES.get(key, SOURCES["list"])[language].format(organisation=Organisation.required().name)


def sentence(text: str) -> str:
    """What somebody typed, as one sentence: on one line, and closed."""
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def in_one_piece(phone: str) -> str:
    """A number that no line break cuts in two."""
    return " ".join(phone.split()).replace(" ", "\N{NO-BREAK SPACE}")


def tel(phone: str) -> str:
    return "tel:" + re.sub(r"[^\d+]", "", phone) if phone else ""


def team_label(names: list[str], language: Language) -> str:
    """Team names in a sentence; of many the first two and how many more."""
    if len(names) > TEAMS_NAMED:
        more = dates.in_words(len(names) - TEAMS_NAMED + 1, language)
        others = f"{more} andere teams" if language == "nl" else f"{more} other teams"
        names = [*names[: TEAMS_NAMED - 1], others]
    return dates.listed(names, language)
