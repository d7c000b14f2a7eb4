"""Dutch and English: the catalogues, read straight from their .po files and merged."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
BABEL_LOCALES: dict[str, str] = {"nl": "nl_NL", "en": "en_GB"}
"""English is British on purpose: bare `en` writes 12/3/26 and 2:00 PM."""
FOLDER = Path(__file__).parent / "translations"


@cache
def catalogue(language: Language) -> Translations:
    """All messages of one language. English is the source and needs no catalogue."""
    merged = Catalog(locale=language)
    for path in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    merged.add(message.id, message.string, flags=message.flags, context=message.context)
    if merged.num_plurals == 0 or language not in LANGUAGES:
        raise ValueError(f"There is no language {language!r}; there is nl and en.")
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)
