"""How people are called: in a letter, on a list, on a small round picture; and when two names are the same."""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from webapp.dates import cap_first
from webapp.i18n import Language

MAX_LENGTH = 200
"""Characters in a whole name."""


class Title(NamedTuple):
    """A title as it is said about somebody and to somebody; empty where a language has none."""

    nl: str
    nl_to: str
    en: str


TITLES = {
    "mevrouw": Title("mevrouw", "mevrouw", "Mrs"),
    "de heer": Title("de heer", "meneer", "Mr"),
    "Ms": Title("mevrouw", "mevrouw", "Ms"),
    "Mx": Title("", "", "Mx"),
    "dr.": Title("dr.", "dr.", "Dr"),
    "professor": Title("professor", "professor", "Professor"),
}
_SPELLINGS = {
    "mevrouw": ("mevrouw", "mevr", "mvr", "mw", "mrs"),
    "de heer": ("de heer", "heer", "meneer", "dhr", "de hr", "hr", "mr"),
    "Ms": ("ms", "miss"),
    "Mx": ("mx",),
    "dr.": ("dr", "doctor"),
    "professor": ("professor", "prof"),
}
_TITLE_OF = {spelling: title for title, spellings in _SPELLINGS.items() for spelling in spellings}

# Lower case before a family name, these are no part of it: Sam de Vries is found under V.
_DUTCH = "van de den der het 't 's ter ten te tot in op aan bij onder over uit uijt voor"
_OTHER = "von zu zum zur vom la le les du des del della di da do dos das af av el al bin ibn"
PARTICLES = frozenset(f"{_DUTCH} {_OTHER}".split())

# With a capital these open a name without first name: De Vries.
_OPENING = ("van", "de", "den", "der", "het", "'t", "ter", "ten")

# With a capital these are part of the family name: El Amrani, and Van Dijk as Belgians write it.
_PREFIXES = PARTICLES - {"do"} | {"ben", "abu", "ait", "aït", "ould"}

_SAME_LETTER = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_GLUED = re.compile(r"([dl]['’])(\w.*)")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_JOINERS = "\u200c\u200d"  # Persian and Indian names need them
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in parts. Any of them may be empty; somebody with one name only has it as `given`.

    Parts are kept as they were typed, save for what is no part of a name: spaces too many, line ends, characters that
    cannot be seen. So a name can stand in a header, and cannot turn the words around it. A family name typed with its
    particle, `van Dijk`, is taken apart.
    """

    title: str = ""
    given: str = ""
    particle: str = ""
    family: str = ""

    def __post_init__(self) -> None:
        for part in self.__slots__:
            if text := getattr(self, part):
                object.__setattr__(self, part, _cleaned(text))
        if self.title:
            object.__setattr__(self, "title", _title_of(self.title) or self.title)
        if self.family and not self.particle:
            particle, family = _without_particle(self.family.split())
            object.__setattr__(self, "particle", particle)
            object.__setattr__(self, "family", family)

    @classmethod
    def parse(cls, text: str) -> "PersonName":
        """Take a name apart: `mevrouw Sam de Vries`, `Vries, Sam de`, `'t Hart`, `Sukarno`."""
        title, words = _title_first(_cleaned(text).split())
        given, rest = _turned(words) or _cut(words, alone=bool(title))
        if not given:
            rest = [word.lower() if word.lower() in _OPENING else word for word in rest[:1]] + rest[1:]
        return cls(title, " ".join(given), family=" ".join(rest))

    def __bool__(self) -> bool:
        return bool(self.given or self.family)

    # In full, in a letter

    @property
    def full(self) -> str:
        """`Sam de Vries`; without a first name `De Vries`."""
        return _isolated(self._plain)

    @property
    def first(self) -> str:
        """What a colleague says: `Sam`."""
        return _isolated(self.given or self._last)

    def formal(self, locale: Language) -> str:
        """About somebody: `mevrouw De Vries`, `de heer De Vries`, `Mrs De Vries`; without a title the full name."""
        title = TITLES.get(self.title)
        return self._titled((title.nl if locale == "nl" else title.en) if title else "")

    def addressed(self, locale: Language) -> str:
        """To somebody: `mevrouw De Vries`, `meneer De Vries`, `Mrs De Vries`; without a title the full name."""
        title = TITLES.get(self.title)
        return self._titled((title.nl_to if locale == "nl" else title.en) if title else "")

    def salutation(self, locale: Language) -> str:
        """`Beste mevrouw De Vries,`, `Dear Sam de Vries,`."""
        if not self:
            return "Goedendag," if locale == "nl" else "Hello,"
        return f"{'Beste' if locale == 'nl' else 'Dear'} {self.addressed(locale)},"

    # In a list

    @property
    def short(self) -> str:
        """`S. de Vries`."""
        if not (self.given and self.family):
            return self.full
        first = self.given.split()[0]
        initial = first if first.endswith(".") else f"{_first_letter(first)}."
        return _isolated(f"{initial} {_joined(self.particle, self.family)}")

    @property
    def initials(self) -> str:
        """`SV`: for a small round picture. `El Amrani` gives A."""
        return _first_letter(self.given) + _first_letter(_bare(self.family))

    @property
    def sort_key(self) -> str:
        """By family name without particle and accents, then first name. `smit  ` stands before `smit kroes  `."""
        return "  ".join((folded(self.family or self.given), folded(self.given), folded(self.particle)))

    @property
    def normalised(self) -> str:
        """The same for two ways to write one name: case, accents, hyphens and the title do not count."""
        return folded(self._plain) or self._plain.casefold()

    @property
    def length(self) -> int:
        """Characters, to be held against MAX_LENGTH."""
        return len(self._plain)

    @property
    def too_long(self) -> bool:
        return self.length > MAX_LENGTH

    @property
    def _last(self) -> str:
        """The family name alone or after a title, where a particle has a capital."""
        return cap_first(_joined(self.particle, self.family)) if self.particle else self.family

    @property
    def _plain(self) -> str:
        return f"{self.given} {_joined(self.particle, self.family)}".strip() if self.given else self._last

    def _titled(self, title: str) -> str:
        return _isolated(f"{title} {self._last}") if title and self.family else self.full


def _cleaned(text: str) -> str:
    """One line, single spaces, composed, and nothing in it that cannot be seen."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = (" " if unicodedata.category(c) == "Cc" else c for c in unicodedata.normalize("NFC", text))
    seen = "".join(c for c in kept if c in _JOINERS or unicodedata.category(c) not in ("Cf", "Cs"))
    return " ".join(seen.split()).strip(_JOINERS + " ")


def _title_of(text: str) -> str | None:
    """The one spelling a title is kept in. A Dutch `mr.` is a lawyer, of whichever gender, and no Mr."""
    if text in ("mr", "mr."):
        return None
    return _TITLE_OF.get(text.replace(".", "").casefold())


def _title_first(words: list[str]) -> tuple[str, list[str]]:
    """The title, and the words after it. A title alone is a name."""
    for count in (2, 1):
        if len(words) > count and (title := _title_of(" ".join(words[:count]))):
            return title, words[count:]
    return "", words


def _turned(words: list[str]) -> tuple[list[str], list[str]] | None:
    """`Vries, Sam de` as first names and family name; None when no comma says so."""
    comma = next((at for at, word in enumerate(words[:-1]) if word.endswith(",")), None)
    if comma is None:
        return None
    family, given = [*words[:comma], words[comma][:-1]], words[comma + 1 :]
    cut = next((at for at in range(len(given)) if all(map(_is_particle, given[at:]))), len(given))
    return given[:cut], given[cut:] + family


def _cut(words: list[str], alone: bool) -> tuple[list[str], list[str]]:
    """First names, and the family name with its particle. After a title one name alone is the family's."""
    spelled = [word.replace("’", "'") for word in words]
    if len(words) == 1:
        return ([], words) if alone else (words, [])
    if words and (spelled[0] in PARTICLES or spelled[0].lower() in (*_OPENING, "el")):
        return [], words
    for at in range(1, len(words) - 1):
        if spelled[at] in PARTICLES or (spelled[at][0].isupper() and spelled[at].lower() in _PREFIXES):
            return words[:at], words[at:]
    return words[:-1], words[-1:]


def _is_particle(word: str) -> bool:
    return word.replace("’", "'") in PARTICLES


def _without_particle(words: list[str]) -> tuple[str, str]:
    """Particle and family name of `van der Meer`, `De Vries` alone, `d'Ancona`."""
    end = 0
    while end < len(words) - 1 and _is_particle(words[end]):
        end += 1
    if glued := _GLUED.fullmatch(words[end]) if words else None:
        return " ".join([*words[:end], glued[1]]), " ".join([glued[2], *words[end + 1 :]])
    return " ".join(words[:end]), " ".join(words[end:])


def _joined(particle: str, family: str) -> str:
    return particle + ("" if not particle or particle.endswith(("d'", "d’", "l'", "l’")) else " ") + family


def _bare(family: str) -> str:
    words = family.split()
    while len(words) > 1 and words[0].casefold().replace("’", "'") in _PREFIXES:
        words = words[1:]
    return " ".join(words)


def _first_letter(text: str) -> str:
    """The first letter with the marks that belong to it, as a capital."""
    letter = re.search(r"IJ|[^\W_]", text)
    if not letter:
        return ""
    end = letter.end()
    while end < len(text) and unicodedata.category(text[end]) in ("Mn", "Mc"):
        end += 1
    return text[letter.start() : end].upper()


def folded(text: str) -> str:
    """For comparing and sorting: no case, no accents, no punctuation; other scripts keep all their marks."""
    said = text.casefold()
    if said.isascii() and (said.isalnum() or said.replace(" ", "").isalnum()):
        return " ".join(said.split())
    if not said.isascii():
        said = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", said)))
        said = said.translate(_SAME_LETTER)
    return " ".join(re.sub(r"[-‐‑–/,_]", " ", re.sub(r"['’‘`´.]", "", said)).split())


def _isolated(text: str) -> str:
    """A name written from right to left leaves the sentence around it in order (Unicode UAX 9, isolates)."""
    if text.isascii() or not any(unicodedata.bidirectional(c) in ("R", "AL", "AN") for c in text):
        return text
    return f"{_ISOLATE}{text}{_END_ISOLATE}"
