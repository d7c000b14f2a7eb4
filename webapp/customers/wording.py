"""The exact words in which somebody agreed to be asked: kept with their consent, in the language they were said in."""

from webapp.i18n import Language

TO_BE_ASKED: dict[Language, str] = {
    "nl": "{organisation} mag mij per mail of telefoon vragen om mee te doen. Ik mag elke keer nee zeggen.",
    "en": "{organisation} may ask me by mail or phone to take part. I may say no every time.",
}
"""To read aloud on the phone, as it stands."""
EXISTING: dict[Language, str] = {
    "nl": "Had eerder contact met {organisation}.",
    "en": "Has been in touch with {organisation} before.",
}
NOT_YET: dict[Language, str] = {
    "nl": "Nog niet: gevraagd wordt pas als dat verandert.",
    "en": "Not yet: nothing is asked until that changes.",
}
WITHDRAWN: dict[Language, str] = {
    "nl": "Wil niet meer gevraagd worden.",
    "en": "Does not want to be asked any more.",
}
_WORDS: dict[str, dict[Language, str]] = {
    "agreed": TO_BE_ASKED, "existing": EXISTING, "not_yet": NOT_YET, "withdrawn": WITHDRAWN,
}  # fmt: skip


def words(ground: str, language: Language, organisation: str) -> str:
    """What is recorded for this ground, word for word."""
    return _WORDS[ground][language].format(organisation=organisation)
