"""What somebody wrote, without the mail they answered."""

import re

from webapp.mailing.inbound.parts import Letter

MAX_CHARACTERS = 2_000
_QUOTES = re.compile(
    r"^(?:"
    r"(?:on|op|am|le)\b.{4,200}(?:wrote|schreef|schrieb|a écrit)\b.{0,80}:?"
    r"|-{2,}\s*(?:original message|oorspronkelijk bericht|doorgestuurd bericht|forwarded message|ursprüngliche nachricht).*"
    r"|_{10,}|-- ?"
    r"|(?:from|van|von|de):\s.{3,}"
    r")$",
    re.IGNORECASE,
)


def written(letter: Letter) -> str:
    """The lines above the first quotation, in order; a signature stays off. Empty when there are none."""
    lines: list[str] = []
    found = letter.prose[: MAX_CHARACTERS * 5].splitlines()
    for at, line in enumerate(found):
        both = f"{line.strip()} {found[at + 1].strip()}" if at + 1 < len(found) else line.strip()
        if _QUOTES.match(line.strip()[:300]) or (
            lines and _QUOTES.match(both[:300]) and both[:3].lower() in _BEGINNINGS
        ):
            break
        if not line.lstrip().startswith(">"):
            lines.append(_shown(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:MAX_CHARACTERS]


_BEGINNINGS = ("on ", "op ", "am ", "le ")


def _shown(line: str) -> str:
    return "".join(character for character in line.rstrip() if character.isprintable())
