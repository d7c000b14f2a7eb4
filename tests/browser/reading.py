"""A page as it is read: its language, title and headings, and every piece of text with the language it is in."""

from html.parser import HTMLParser

NOT_READ = ("script", "style", "svg", "template", "pre", "code", "kbd", "head", "datalist")
"""Nothing that is ours to word: a mail as it left, keys, figures of a drawing."""
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
SAID_ALOUD = ("aria-label", "placeholder", "title", "alt", "data-busy", "data-show")


class Reading(HTMLParser):
    """`Reading.of(html)`."""

    def __init__(self) -> None:
        super().__init__()
        self.lang, self.title = "", ""
        self.headings: list[tuple[int, str]] = []
        self.pieces: list[tuple[str, str]] = []
        """Language and words, in order."""
        self.quoted: set[str] = set()
        """Which of them are what somebody says or is told, shown word for word."""
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._open: list[tuple[str, str]] = []

    @classmethod
    def of(cls, html: str) -> "Reading":
        made = cls()
        made.feed(html)
        made.close()
        return made

    def words(self, language: str | None = None) -> str:
        """Everything that is read in this language (default: the page's own), on one line."""
        return " ".join(text for lang, text in self.pieces if lang == (language or self.lang))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = {name: value or "" for name, value in attrs}
        self.tags.append((tag, marks))
        lang = marks.get("lang") or (self._open[-1][1] if self._open else "")
        if tag == "html":
            self.lang = lang
        if not any(each in NOT_READ for each, _ in self._open):
            self.pieces += [(lang, marks[name]) for name in SAID_ALOUD if marks.get(name)]
        if tag not in VOID:
            self._open.append((tag, lang))
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag in [each for each, _ in self._open]:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        text, around = " ".join(data.split()), [tag for tag, _ in self._open]
        if not text or not around:
            return
        if "title" in around and "svg" not in around:
            self.title += text
        for tag in around:
            if tag[0] == "h" and tag[1:].isdigit():
                level, said = self.headings[-1]
                self.headings[-1] = (level, f"{said} {text}".strip())
        if not set(around) & set(NOT_READ) and "textarea" not in around:
            self.pieces.append((self._open[-1][1], text))
            if "blockquote" in around or "q" in around:
                self.quoted.add(text)
