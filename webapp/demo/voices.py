"""What people of the sample answer to a questionnaire: believable, and the same at every load."""

from random import Random

from webapp.surveys.box import RATHER_NOT
from webapp.surveys.instruments import Item, items

MIDDLE: dict[str, float] = {
    "impact": 5.6, "appreciation": 5.4, "empathy": 5.2, "check_real": 6.2, "check_pushed": 2.2,
    "heard": 4.6, "respected": 4.8, "worth": 4.3, "again": 4.2,
}  # fmt: skip
"""Around which point of the scale people answer, by construct, after the reversed ones were turned."""
FADES = {"four_weeks": 0.5}
SPREAD = 0.9
RATHER_NOT_SHARE, WORDS_SHARE = 0.03, 0.8
CUSTOMER_POINTS = 5
"""Their scale has no "rather not say"."""
WORDS = {
    "nl": (
        "Fijn dat er echt geluisterd werd. Ik had meer willen vertellen over het eerste jaar.",
        "Ja. Ik hoop dat de bellers weten dat één gesprek vier jaar studie werd.",
        "Het mocht langer duren, er waren nog vragen.",
        "Ik vond het spannend, maar iedereen was vriendelijk. Dank voor de thee!",
        "Ik kon alles zeggen. Mooi om te horen hoe zo’n belavond gaat.",
        "Graag nog eens, dan met mijn moeder erbij.",
        "Er werd gevraagd wat niet goed ging. Dat deed mij goed.",
        "De zaal was lastig te vinden. Verder niets dan lof.",
        "Ik wist niet dat er zoveel mensen bij mijn beurs betrokken waren.",
        "Iemand vroeg wat ik met het eerste geld deed. Boeken, en een winterjas.",
        "Prima zo.",
        "Ik had graag ook de mensen ontmoet die de brieven schrijven.",
    ),
    "en": (
        "Yes, thank you. It was good to hear what happens on the other side of the phone.",
        "I would have liked a little more time for questions.",
        "People laughed and one of them cried. So did I, nearly.",
        "It felt like a conversation, not an interview.",
        "Nobody had asked me before what the scholarship was for. I said: for sleeping.",
        "All good. Please send me the photo.",
    ),
}


class Voices:
    """What a number of people say. Nobody says the very words of somebody else, as long as there are other words."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._words = {language: chance.sample(words, len(words)) for language, words in WORDS.items()}

    def answers(self, audience: str, label: str, language: str) -> dict[str, str]:
        """One filled-in questionnaire, as its page posts it."""
        found = {item.name: self._answer(item, label, language) for item in items(audience, label)}
        return {name: value for name, value in found.items() if value}

    def _answer(self, item: Item, label: str, language: str) -> str:
        chance = self.chance
        if not item.points:
            words = self._words["en" if language == "en" else "nl"]
            return words.pop() if words and chance.random() < WORDS_SHARE else ""
        if item.points > CUSTOMER_POINTS and chance.random() < RATHER_NOT_SHARE:
            return RATHER_NOT
        score = round(chance.gauss(MIDDLE[item.construct] - FADES.get(label, 0), SPREAD))
        return str(item.score(min(max(score, 1), item.points)))
