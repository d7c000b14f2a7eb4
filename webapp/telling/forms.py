"""The form of the public page, and that of a campaign."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_babel import lazy_pgettext
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from webapp.accounts.forms import Filled, MailAddress, squeeze
from webapp.accounts.forms import text as line
from webapp.customers.models import Use
from webapp.customers.wording import ATTRIBUTIONS
from webapp.i18n import Language
from webapp.stories import arc
from webapp.telling.models import Campaign

OFFERED: tuple[Use, ...] = ("story_inside", "read_aloud", "live_visit", "to_be_asked", "outside_use")
"""What can be allowed here; a recording is asked about when there is something to record."""
ANSWER_AT_MOST = 6_000
NAME_AT_MOST = 120


def _answer() -> TextAreaField:
    return TextAreaField(
        "", [Length(max=ANSWER_AT_MOST)], filters=[lambda typed: arc.cleaned(typed or "")], render_kw={"rows": 4}
    )


class TellForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    text = TextAreaField(
        __("Your story"), [Length(max=arc.TEXT_AT_MOST)], filters=[lambda typed: arc.cleaned(typed or "")],
        render_kw={"rows": 9},
    )  # fmt: skip
    before, turning_point, what_changed, who_played_a_part, not_to_be_told = (_answer() for _step in arc.STEPS)
    name = line(lazy_pgettext("customer", "Your name"), longest=NAME_AT_MOST, render_kw={"autocomplete": "name"})
    email = EmailField(
        lazy_pgettext("customer", "Your e-mail address"),
        [Filled(), MailAddress(), Length(max=200)],
        render_kw={"autocomplete": "email"},
    )
    uses = SelectMultipleField(choices=[SelectChoice(use, use) for use in OFFERED])
    attribution = RadioField(choices=[SelectChoice(key, key) for key in ATTRIBUTIONS], validate_choice=False)
    website = StringField(__("Leave this empty"), render_kw={"autocomplete": "off", "tabindex": -1})
    """People do not see it; what fills in every field is nobody."""

    @classmethod
    def in_language(cls, language: Language, **options: Any) -> "TellForm":
        form = cls(meta={"csrf": False}, **options)
        for step in arc.STEPS:
            form[step.name].label.text = step.said(step.question, language)
        return form

    @property
    def answers(self) -> dict[str, str]:
        return {step.name: self[step.name].data or "" for step in arc.STEPS}

    def validate_text(self, field: TextAreaField) -> None:
        told = [self[step.name].data for step in arc.TOLD]
        if not any([field.data, *told]):
            raise ValidationError(_("Write something first, or answer one of the questions."))

    def validate_uses(self, field: SelectMultipleField) -> None:
        if "story_inside" in (field.data or []) and self.attribution.data not in ATTRIBUTIONS:
            raise ValidationError(_("Choose what stands with your story: your name, your first name, or no name."))

    @property
    def allowed(self) -> dict[str, str]:
        """What was ticked; of `story_inside` what stands with it."""
        return {use: self.attribution.data if use == "story_inside" else "" for use in self.uses.data or []}


class CampaignForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    slug = StringField(
        __("In the link"), [Filled(), Length(max=40)], filters=[squeeze, lambda typed: (typed or "").lower()],
        description=__("Small letters, figures and hyphens, for example open-day."),
    )  # fmt: skip
    title = line(__("Above the page"), longest=120, required=False, description=__("Empty: the usual words."))
    group = StringField(__("Group"), [Length(max=120)], filters=[squeeze], render_kw={"list": "groups"})
    team_id = SelectField(__("Team"), coerce=int)

    def validate_slug(self, field: StringField) -> None:
        if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", field.data or ""):
            raise ValidationError(_("Only small letters, figures and hyphens: it is read aloud and typed over."))
        if Campaign.at(field.data):
            raise ValidationError(_("This link exists already. Choose another word."))
