"""The five questions a story is told along, and the text that comes of them: headings, paragraphs, how long it reads."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from webapp.i18n import Language

WORDS_A_MINUTE = 200
TEXT_AT_MOST = 12_000
TITLE_AT_MOST = 160
"""Characters."""


@dataclass(frozen=True)
class Step:
    """One question of the arc; everything but the question is (nl, en)."""

    name: str
    question: tuple[str, str]
    heading: tuple[str, str]
    """Over what was answered, in the story."""
    coach: tuple[str, str]
    """For who tells it aloud: one step of five minutes."""

    def said(self, of: tuple[str, str], language: Language) -> str:
        return of[language == "en"]


STEPS = (
    Step(
        "before",
        ("Hoe was het vóórdat u met ons te maken kreeg?", "What was it like before you had to do with us?"),
        ("Eerst", "Before"),
        ("Begin bij een gewone dag van toen.", "Start with an ordinary day back then."),
    ),
    Step(
        "turning_point",
        ("Wat was het moment waarop het anders werd?", "At what moment did things change?"),
        ("De omslag", "The turning point"),
        (
            "Vertel één moment. Wat zag, hoorde of dacht u?",
            "Tell one moment. What did you see, hear or think?",
        ),
    ),
    Step(
        "what_changed",
        ("Wat is er nu anders, op een gewone dag?", "What is different now, on an ordinary day?"),
        ("Wat er veranderde", "What changed"),
        (
            "Noem één ding dat nu anders is. Ging niet alles goed? Zeg dat ook.",
            "Name one thing that is different now. Not everything went well? Say that too.",
        ),
    ),
    Step(
        "who_played_a_part",
        (
            "Wie deed daarin iets wat u is bijgebleven? Wat hadden wij beter kunnen doen?",
            "Who did something in it that stayed with you? What could we have done better?",
        ),
        ("Wie een rol speelde", "Who played a part"),
        (
            "Wat deden de mensen in deze kamer, of iemand als zij?",
            "What did the people in this room, or somebody like them, do?",
        ),
    ),
    Step(
        "not_to_be_told",
        ("Wat mag beslist niet verder verteld worden?", "What must certainly not be passed on?"),
        ("", ""),
        (
            "Sluit af zoals u wilt. Bedanken mag; het hoeft niet.",
            "End as you like. You may say thanks; you need not.",
        ),
    ),
)
TOLD = STEPS[:-1]
"""What may stand in the story. The answer to the last question never does."""


@dataclass(frozen=True)
class Section:
    """A part of a story: its heading, empty when it has none, and its paragraphs."""

    heading: str
    paragraphs: list[str]


def cleaned(text: str) -> str:
    """What somebody typed or pasted: composed letters, plain line ends, no characters that cannot be seen."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Co", "Cs"))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def composed(answers: Mapping[str, str], language: Language) -> str:
    """One text of the answers that may be told; what was skipped leaves no heading."""
    parts = [
        f"{step.said(step.heading, language)}\n{answers[step.name].strip()}"
        for step in TOLD
        if answers.get(step.name, "").strip()
    ]
    return "\n\n".join(parts)


def sections(text: str, language: Language) -> list[Section]:
    """The text as it is read: a line that is one of our headings is a heading."""
    headings = {step.said(step.heading, language) for step in TOLD}
    found = [Section("", [])]
    for paragraph in _lines(text):
        if paragraph in headings:
            found.append(Section(paragraph, []))
        else:
            found[-1].paragraphs.append(paragraph)
    return [each for each in found if each.paragraphs]


def first_sentence(text: str, language: Language, at_most: int = TITLE_AT_MOST) -> str:
    """What a story may be called until somebody chooses better words: how it begins."""
    said = next((paragraph for each in sections(text, language) for paragraph in each.paragraphs), "")
    sentence = re.split(r"(?<=[.!?…])\s", said, maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= at_most else sentence[:at_most].rpartition(" ")[0] + "…"


def word_count(text: str) -> int:
    return len(text.split())


def minutes(words: int) -> int:
    """How long reading takes; nothing is read in no time."""
    return max(1, round(words / WORDS_A_MINUTE))


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if line.strip():
            yield line.strip()
