"""What in a text may tell who it is about: names, places, dates, numbers, ways to reach somebody. In Dutch and English.

A helper for the eye, not a guard: it marks too much rather than too little, and a person decides. Nothing is learned and
nothing leaves: patterns, lists, and the names we know ourselves.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from webapp.i18n import Language

Kind = Literal["name", "place", "date", "number", "contact"]
REPLACEMENTS: dict[Kind, dict[Language, str]] = {
    "name": {"nl": "[naam]", "en": "[name]"},
    "place": {"nl": "[plaats]", "en": "[place]"},
    "date": {"nl": "[datum]", "en": "[date]"},
    "number": {"nl": "[getal]", "en": "[number]"},
    "contact": {"nl": "[contactgegeven]", "en": "[contact detail]"},
}


@dataclass(frozen=True)
class Mark:
    """A stretch of the text, from `start` to `end`, and what it may be."""

    start: int
    end: int
    kind: Kind
    text: str


_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "jan|feb|mrt|apr|jun|jul|aug|sep|sept|okt|nov|dec|january|february|march|may|june|july|august|october|oct"
)
_DAYS = (
    "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_FEASTS = (
    "kerst(?:mis|avond)?|pasen|pinksteren|oud en nieuw|suikerfeest|sinterklaas|christmas|easter|new year(?:'s eve)?"
)
_STREET = (
    r"\b(?-i:[A-ZÀ-Ž])[\w'’-]*(?:(?:straat|laan|weg|plein|gracht|kade|dijk|singel|steeg|hof|pad|markt|dreef|plantsoen|wal|"
    r"baan|poort|park|haven)|\s(?-i:Street|Road|Lane|Avenue|Square|Drive|Close|Terrace|Straat|Laan|Weg|Plein|Markt))\b"
    r"(?:\s\d+(?:\s?[a-z])?\b)?"
)
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    ("contact", r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"),
    ("contact", r"\bhttps?://\S+|\bwww\.\S+"),
    (
        "contact",
        r"(?<![\w-])(?:\+|00)\d{1,3}[\s\d().-]{7,16}\d\b|\b0\d{1,3}[\s-]?\d{2,4}[\s-]?\d{2,4}(?:[\s-]?\d{2,4})?\b",
    ),
    ("contact", r"\b[A-Z]{2}\d{2}\s?[A-Z]{4}\s?(?:\d{4}\s?){2}\d{0,2}\b"),
    ("place", r"\b[1-9]\d{3}\s?(?-i:[A-Z]{2})\b"),
    ("place", r"\b(?-i:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})\b"),
    ("place", _STREET),
    (
        "date",
        rf"\b(?:(?:{_DAYS})\s)?\d{{1,2}}(?:e|de|ste|st|nd|rd|th)?\s(?:of\s)?(?:{_MONTHS})\b\.?(?:,?\s(?:19|20)\d\d)?",
    ),
    ("date", rf"\b(?-i:{_MONTHS.title()})\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s(?:19|20)\d\d)?\b"),
    ("date", rf"\b(?:{_MONTHS})\s(?:19|20)\d\d\b"),
    ("date", r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b"),
    ("date", rf"\b(?:{_DAYS})\b|\b(?:{_FEASTS})\b"),
    ("date", r"\b(?:19|20)\d\d\b"),
    ("date", r"\b\d{1,2}[:.]\d{2}\s?(?:uur|u|h|am|pm)?\b|\b\d{1,2}\s?(?:uur|o'clock|am|pm)\b"),
    ("number", r"[€£$]\s?\d(?:[\d.,]*\d)?|\b\d[\d.,]*\s?(?:euro|eur|procent|percent)\b|\b\d[\d.,]*\s?%"),
    ("number", r"\b\d[\d.,]*\d\b|\b\d\b"),
)
_FOUND_BY = re.compile("|".join(f"(?P<p{n}>{pattern})" for n, (_, pattern) in enumerate(_PATTERNS)), re.IGNORECASE)
_PLACE_ENDINGS = (
    "dam|burg|burgh|stad|dorp|drecht|veen|hoven|recht|wijk|woude|voorde|voort|haven|sluis|zijl|broek|huizen|kerk|hem|"
    "ingen|stede|schoten|berg|beek|meer|mond|horst|loo|ford|bridge|ham|shire|mouth|pool|chester|town|field|wick"
)
_PLACES_WRITTEN = (
    "amsterdam rotterdam utrecht eindhoven groningen tilburg almere breda nijmegen apeldoorn haarlem arnhem enschede "
    "amersfoort zaanstad zwolle leiden maastricht dordrecht zoetermeer ede delft venlo deventer gouda leeuwarden assen "
    "middelburg lelystad hilversum alkmaar hoorn roermond antwerpen gent brugge brussel leuven londen london parijs paris "
    "berlijn berlin nederland netherlands belgië belgium duitsland germany turkije turkey marokko morocco suriname syrië "
    "syria polen poland oekraïne ukraine manchester birmingham leeds oxford cambridge edinburgh dublin bristol"
)
_PLACES = frozenset(_PLACES_WRITTEN.split())
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CAPITALS = re.compile(
    r"(?:[A-ZÀ-Ž][\w'’-]*|['’][ts])(?:\s(?:(?:van|de|den|der|het|ten|ter|te|el|al|von|le|la|'t|van de|van den|van der)\s)*"
    r"[A-ZÀ-Ž][\w'’-]*)*"
)
_NOT_NAMES_WRITTEN = (
    "i i'm i’m i'd i’d i've i’ve i'll i’ll ik god english dutch nederlands engels nederlandse mr mrs ms dr mevrouw meneer "
    "internet ok nee ja"
)
_NOT_NAMES = frozenset(_NOT_NAMES_WRITTEN.split())
_TITLED = re.compile(
    r"\b(?:mevrouw|meneer|de heer|mevr\.?|dhr\.?|mr\.?|mrs\.?|ms\.?|dr\.?|prof\.?|professor|juf|meester|tante|oom|aunt|uncle)\s+"
    r"((?:(?:van|de|den|der|het|ten|ter|el|al|von)\s)*[A-ZÀ-Ž][\w'’-]*)",
    re.IGNORECASE,
)


def marks(
    text: str, known_names: Collection[str] = (), known_places: Collection[str] = (), headings: Collection[str] = ()
) -> list[Mark]:
    """Everything to look at, in order and never overlapping. The lines that are `headings` are ours."""
    found: list[Mark] = []
    theirs = _without(text, headings)
    for each in sorted(_all(theirs, known_names, known_places), key=lambda mark: (mark.start, -mark.end)):
        if not (found and each.start < found[-1].end):
            found.append(each)
    return found


def replaced(text: str, what: str, kind: Kind, language: Language) -> str:
    """The text without `what`, wherever it stands as a whole, also over two lines: its replacement in its place."""
    words = r"\s+".join(map(re.escape, what.split()))
    whole = rf"(?<!\w){words}(?!\w)"
    return re.sub(whole, REPLACEMENTS[kind][language].replace("\\", r"\\"), text)


def _all(text: str, names: Collection[str], places: Collection[str]) -> Iterator[Mark]:
    for hit in _FOUND_BY.finditer(text):
        kind = _PATTERNS[int((hit.lastgroup or "p0")[1:])][0]
        yield Mark(hit.start(), hit.end(), kind, hit[0])
    yield from _known(text, places, "place")
    yield from _known(text, names, "name")
    for hit in _TITLED.finditer(text):
        yield Mark(hit.start(1), hit.end(1), "name", hit[1])
    yield from _capitalised(text)


def _known(text: str, wanted: Collection[str], kind: Kind) -> Iterator[Mark]:
    """Names of people and places we know, with or without their accents and in any case of their first letter."""
    index = {_bare(each): each for each in wanted if len(_bare(each)) > 2}
    if not index:
        return
    for hit in _WORD.finditer(text):
        if _bare(hit[0]) in index and hit[0][0].isupper():
            yield Mark(hit.start(), hit.end(), kind, hit[0])
    for each in index:
        if " " in each:
            for hit in re.finditer(rf"(?<!\w){re.escape(each)}(?!\w)", _bare(text)):
                yield Mark(hit.start(), hit.end(), kind, text[hit.start() : hit.end()])


def _capitalised(text: str) -> Iterator[Mark]:
    """Words with a capital where no sentence begins: names of people, or of places by how they end."""
    for hit in _CAPITALS.finditer(text):
        start, words = hit.start(), hit[0]
        if _sentence_begins(text, start):
            first = words.split()[0]
            rest = words[len(first) :].lstrip()
            if not rest or not rest[0].isupper():
                if _place(first):
                    yield Mark(start, start + len(first), "place", first)
                continue
            if first.lower() in _STARTERS:
                start, words = hit.end() - len(rest), rest
        if words.lower() in _NOT_NAMES:
            continue
        yield Mark(start, start + len(words), "place" if _place(words) else "name", words)


_STARTERS_WRITTEN = (
    "de het een en maar toen nu dat dit die deze als mijn onze haar zijn hun in op bij van voor na the a an and but then "
    "now that this these when my our her his their in on at from for after with met ook later daar there want because "
    "volgens dankzij tot until door by ik wij we hij zij ze he she they you u je"
)
_STARTERS = frozenset(_STARTERS_WRITTEN.split())


def _place(words: str) -> bool:
    last = words.split()[-1].lower()
    return last in _PLACES or (len(last) > 5 and re.search(rf"(?:{_PLACE_ENDINGS})$", last) is not None)


def _sentence_begins(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\"'“”‘’«»(–—-[")
    return not before or before[-1] in ".!?:…\n" or "\n" in text[len(before) : at]


def _without(text: str, headings: Collection[str]) -> str:
    """The text with full stops for every letter of a heading: no name begins there and goes on in the line below."""
    return "\n".join("." * len(line) if line.strip() in headings else line for line in text.split("\n"))


def _bare(text: str) -> str:
    """Letter for letter the same length: small, without accents."""
    return "".join((unicodedata.normalize("NFD", sign)[0].lower() or sign)[:1] for sign in text)


def words_of(text: str) -> set[str]:
    """The words that begin with a capital: among them are the names that stand in it."""
    return {hit[0] for hit in _WORD.finditer(text) if hit[0][0].isupper()}
