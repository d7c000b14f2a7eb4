"""Small words about customers, for mails and pages alike."""

import re

from webapp.accounts.models import Account, Organisation
from webapp.customers.models import Customer
from webapp.i18n import Language

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
NO_REASON: dict[Language, str] = {
    "nl": "U hebt ervaring met ons werk.",
    "en": "You have experience of our work.",
}
ASK_IN_WORDS: dict[str, dict[Language, str]] = {
    "visit": {"nl": "voor een bezoek", "en": "for a visit"},
    "story": {"nl": "om een verhaal", "en": "for a story"},
    "consent": {"nl": "of wij later iets mogen vragen", "en": "whether we may ask something later"},
}


def source_of(customer: Customer, language: Language) -> str:
    """Why we write to this person: what they said themselves, before how we came to know them."""
    return source("consent" if customer.ground == "agreed" else customer.source, language)


def source(key: str, language: Language) -> str:
    return SOURCES.get(key, SOURCES["list"])[language].format(organisation=Organisation.required().name)


def sentence(text: str) -> str:
    """What somebody typed, as one sentence: on one line, and closed."""
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."


def signature(by: Account | None) -> dict[str, str]:
    """Who signs a mail to a customer before there is a host. Nobody: the organisation does."""
    if by is None:
        return {}
    phone = by.phone or Organisation.required().phone
    return {
        "host_name": by.name,
        "host_first_name": by.first_name,
        "host_phone": " ".join(phone.split()).replace(" ", "\N{NO-BREAK SPACE}"),
        "host_tel": "tel:" + re.sub(r"[^\d+]", "", phone) if phone else "",
    }
