"""The questionnaires, version 1: own wording, fixed while in use; a new wording is a new version.

Sources of the constructs: perceived impact on beneficiaries and perceived social worth (Grant 2008, 2012),
perspective taking (Parker & Axtell 2001). The items are our own; the published scales are not copied.
"""

from dataclasses import dataclass
from typing import Literal

Audience = Literal["customer", "staff"]
VERSION = 1


@dataclass(frozen=True)
class Item:
    """One question. `text` and `ends` (the words at both ends of the scale) are (nl, en); `{end_users}` is filled in."""

    name: str
    construct: str
    text: tuple[str, str]
    points: int
    """How many points the scale has; 0: an open question."""
    ends: tuple[tuple[str, str], tuple[str, str]] = (("", ""), ("", ""))
    reversed: bool = False

    def words(self, language: str, end_users: str = "") -> str:
        return self.text[language == "en"].replace("{end_users}", end_users)

    def anchors(self, language: str) -> tuple[str, str]:
        low, high = self.ends
        return low[language == "en"], high[language == "en"]

    def score(self, value: int) -> int:
        """The value turned so that more is better."""
        return self.points + 1 - value if self.reversed else value


TRUE_AT_ALL = (("helemaal niet waar", "not true at all"), ("helemaal waar", "completely true"))
ANCHORS = (
    ("helemaal niet waar", "not true at all"),
    ("niet waar", "untrue"),
    ("eerder niet waar", "rather untrue"),
    ("deels wel, deels niet", "partly true, partly not"),
    ("eerder waar", "rather true"),
    ("waar", "true"),
    ("helemaal waar", "completely true"),
)
"""The seven points of the staff scale, in words: (nl, en)."""
AT_ALL = (("helemaal niet", "not at all"), ("helemaal wel", "completely"))
INTRO = (
    "Denk aan je werk van de afgelopen week. Wat past het best?",
    "Think of your work in the past week. What fits best?",
)


def _seven(name: str, nl: str, en: str, *, reverse: bool = False) -> Item:
    return Item(name, name.rsplit("_", 1)[0], (nl, en), 7, TRUE_AT_ALL, reverse)


STAFF = (
    _seven(
        "impact_1",
        "Ik kon deze week aanwijzen wat {end_users} aan mijn werk hadden.",
        "This week I could point to what {end_users} got out of my work.",
    ),
    _seven(
        "impact_2",
        "Iets wat ik deze week deed, maakte het makkelijker voor {end_users}.",
        "Something I did this week made things easier for {end_users}.",
    ),
    _seven(
        "impact_3",
        "Het bleef mij deze week onduidelijk wat mijn werk voor {end_users} uitmaakte.",
        "This week it stayed unclear to me what my work changed for {end_users}.",
        reverse=True,
    ),
    _seven(
        "appreciation_1",
        "Ik merkte deze week dat {end_users} blij waren met wat wij doen.",
        "This week I noticed that {end_users} were glad of what we do.",
    ),
    _seven(
        "appreciation_2",
        "Ik had deze week het gevoel dat {end_users} zien hoeveel zorg er in mijn werk zit.",
        "This week I had the sense that {end_users} see the care that goes into my work.",
    ),
    _seven(
        "appreciation_3",
        "Volgens mij merkten {end_users} deze week niets van mijn werk.",
        "I think {end_users} noticed nothing of my work this week.",
        reverse=True,
    ),
    _seven(
        "empathy_1",
        "Bij keuzes in mijn werk had ik deze week {end_users} voor ogen.",
        "When making choices in my work this week, I pictured {end_users}.",
    ),
    _seven(
        "empathy_2",
        "Ik snapte deze week waarom {end_users} deden wat ze deden, ook als het mij niet uitkwam.",
        "This week I understood why {end_users} did what they did, even when it did not suit me.",
    ),
    _seven(
        "empathy_3",
        "Wat er bij {end_users} speelde, ging deze week langs mij heen.",
        "What was going on for {end_users} this week passed me by.",
        reverse=True,
    ),
)

CHECKS = (
    Item(
        "check_real",
        "check_real",
        ("Hoe kwam het verhaal op je over?", "How did the story come across?"),
        7,
        (("helemaal in scène gezet", "completely staged"), ("helemaal echt", "completely real")),
    ),
    Item(
        "check_pushed",
        "check_pushed",
        ("Ik voelde druk om anders te gaan werken.", "I felt pressure to work differently."),
        7,
        TRUE_AT_ALL,
    ),
)

CUSTOMER = (
    Item("heard", "heard", ("Voelde u zich gehoord?", "Did you feel heard?"), 5, AT_ALL),
    Item("respected", "respected", ("Gingen wij respectvol met u om?", "Did we treat you with respect?"), 5, AT_ALL),
    Item("worth", "worth", ("Was het bezoek uw tijd waard?", "Was the visit worth your time?"), 5, AT_ALL),
    Item(
        "again",
        "again",
        (
            "Zou u het nog eens doen? Uw antwoord is geen toezegging.",
            "Would you do it again? Your answer is not a promise.",
        ),
        5,
        (("zeker niet", "certainly not"), ("zeker wel", "certainly")),
    ),
    Item(
        "complete",
        "complete",
        (
            "Kon u zeggen wat u wilde zeggen? Wat wilt u nog kwijt?",
            "Could you say what you wanted to say? Anything left to tell?",
        ),
        0,
    ),
)

CONSTRUCTS = {
    "impact": ("Impact", "Impact"),
    "appreciation": ("Waardering", "Appreciation"),
    "empathy": ("Empathie", "Empathy"),
}


def items(audience: str, label: str) -> tuple[Item, ...]:
    """The questions of one wave: the two checks only right after a visit."""
    if audience == "customer":
        return CUSTOMER
    return STAFF + CHECKS if label == "after" else STAFF
