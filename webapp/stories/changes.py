"""What was changed between two texts, word by word: for who told the story to see exactly what became of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
_WORD = re.compile(r"\S+|\n+|[^\S\n]+")


@dataclass(frozen=True)
class Bit:
    """A stretch of text that stayed, went or came."""

    kind: Kind
    text: str


def between(before: str, after: str) -> list[Bit]:
    """The two texts as one: what stayed, and at each change what went, then what came."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    return list(_joined(_bits(old, new)))


def count(before: str, after: str) -> int:
    """How many places were changed: words changed beside each other are one."""
    kinds = [each.kind == "same" for each in between(before, after) if each.text.strip() or each.kind != "same"]
    return sum(not same and (place == 0 or kinds[place - 1]) for place, same in enumerate(kinds))


def _bits(old: list[str], new: list[str]) -> Iterator[Bit]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > 4_000).get_opcodes():
        if what == "equal":
            yield Bit("same", "".join(old[i1:i2]))
        else:
            yield Bit("gone", "".join(old[i1:i2]))
            yield Bit("new", "".join(new[j1:j2]))


def _joined(bits: Iterator[Bit]) -> Iterator[Bit]:
    """Changes with only a space between them are one change: easier to read, and counted once."""
    gone = new = space = ""
    for bit in bits:
        if bit.kind == "same" and (gone or new) and bit.text.isspace() and "\n" not in bit.text:
            space += bit.text
        elif bit.kind == "same":
            yield from _change(gone, new)
            yield Bit("same", space + bit.text)
            gone = new = space = ""
        elif bit.text:
            gone, new, space = gone + space, new + space, ""
            gone, new = (gone + bit.text, new) if bit.kind == "gone" else (gone, new + bit.text)
    yield from _change(gone, new)
    if space:
        yield Bit("same", space)


def _change(gone: str, new: str) -> Iterator[Bit]:
    if gone:
        yield Bit("gone", gone)
    if new:
        yield Bit("new", new)
