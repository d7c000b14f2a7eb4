"""The four texts of a mail, and what is wrong with the names in them."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from webapp.accounts.forms import Filled, squeeze
from webapp.mailing.notices import Wording
from webapp.mailing.rendering import FIELD
from webapp.rewording import fields

ODD = re.compile(r"[^\n\t\x20-\x7e\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff]")
"""What no keyboard types; the private letters among it stand for places in a mail."""
LONGEST_LINE, LONGEST = 150, 5000


def _tidy(text: str | None) -> str:
    lines = [" ".join(line.split()) for line in ODD.sub("", (text or "").replace("\r\n", "\n")).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class Names:
    """Every `{name}` is one that this mail knows; on a locked screen nobody is named."""

    def __init__(self, seen: bool = False):
        self.seen = seen

    def __call__(self, form: "WordingForm", field: Any) -> None:
        for found in FIELD.findall(field.data or ""):
            if found not in form.names:
                near = fields.nearest(found, form.names)
                said = {"field": "{" + found + "}", "guess": "{" + str(near) + "}"}
                raise ValidationError(
                    _("%(field)s: did you mean %(guess)s?", **said)
                    if near
                    else _("%(field)s: this mail knows no such field. Choose one from the list.", **said)
                )
            if self.seen and fields.private(form.names[found]):
                raise ValidationError(
                    _("%(field)s cannot stand here: a locked screen shows this line.", field="{" + found + "}")
                )
        if re.search(r"[{}]", FIELD.sub("", field.data or "")):
            raise ValidationError(_("A field is one word between braces, for example %(field)s.", field=form.one))


def _line(label: Any, hint: Any, required: bool = True) -> StringField:
    checks = [Filled()] if required else []
    return StringField(
        label, [*checks, Length(max=LONGEST_LINE), Names(seen=True)], filters=[squeeze, _tidy], description=hint
    )


class WordingForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    names: Mapping[str, str] = {}

    subject = _line(__("Subject"), __("A telephone shows about 60 characters."))
    preheader = _line(__("Second line in the inbox"), __("Not the same as the first sentence."))
    heading = _line(__("Heading"), __("Empty: the subject."), required=False)
    words = TextAreaField(
        __("Text"), [Filled(), Length(max=LONGEST), Names()], filters=[_tidy],
        description=__("An empty line begins a new paragraph. Greeting, facts, buttons and the foot stay as they are."),
        render_kw={"rows": 12},
    )  # fmt: skip
    version = HiddenField()

    @property
    def one(self) -> str:
        return "{" + next(iter(self.names), "") + "}"

    @classmethod
    def of(cls, names: Mapping[str, str], **options: Any) -> "WordingForm":
        form = cls(**options)
        form.names = names
        return form

    @property
    def wording(self) -> Wording:
        """As it is stored."""
        typed = (self.subject.data, self.preheader.data, self.heading.data, self.words.data)
        return Wording(*(fields.stored(text or "", self.names) for text in typed))
