"""A row of Today: it says in words what waits, and has the one thing to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Action:
    """A button: a link, or a form with these fields."""

    text: str
    href: str
    fields: dict[str, str] | None = None
    primary: bool = False
    icon: str = ""


@dataclass(frozen=True)
class Row:
    """Something that waits."""

    id: str
    icon: str
    tone: str
    title: Markup
    under: str
    actions: Sequence[Action] = field(default_factory=tuple)
    done: Action | None = None
    """Seen to: it waits no more."""
    phone: str = ""
    mend: Action | None = None
    """One field: the right address, and the mail that came back leaves after all."""
    name: str = ""
    """Whose address that is."""


def bold(text: str, **names: str) -> Markup:
    """A translated sentence, with these names in bold; nothing in them is read as a tag."""
    return escape(text) % {key: Markup("<b>{}</b>").format(name) for key, name in names.items()}
