"""What an organiser types about a customer."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import EmailField, RadioField, SelectChoice, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional, ValidationError

from webapp.accounts.forms import Filled, MailAddress, squeeze
from webapp.people import MAX_LENGTH, TITLES, PersonName

LINE, NOTE = 200, 2_000
"""Characters."""
LANGUAGES = [SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]
SALUTATIONS = [SelectChoice("", "–"), *(SelectChoice(title, title) for title in TITLES)]


class Chosen:
    """One of the choices; says so when there is none."""

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Choose one."))


def line(label: Any, longest: int = LINE, **options: Any) -> StringField:
    """One line that may be empty."""
    return StringField(label, [Length(max=longest)], filters=[squeeze], **options)


class CustomerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    title = SelectField(__("Salutation"), choices=SALUTATIONS, default="")
    given = line(__("First name"))
    family = line(__("Last name"), description=__("With its prefix: de Vries."))
    email = EmailField(__("E-mail address"), [Optional(), MailAddress()], render_kw={"autocomplete": "off"})
    phone = TelField(__("Phone"), [Length(max=40)], filters=[squeeze])
    locale = SelectField(__("Language"), choices=LANGUAGES)
    organisation = line(__("Organisation"))
    group = line(__("Group"), description=__("Whom your work is for: students, tenants."), render_kw={"list": "groups"})
    relationship_owner = line(
        __("Relationship owner"), description=__("The name or e-mail address of a colleague, who is asked first.")
    )

    @property
    def name(self) -> PersonName:
        return PersonName(self.title.data or "", self.given.data or "", family=self.family.data or "")

    def validate_given(self, field: Any) -> None:
        if not self.name:
            raise ValidationError(_("Fill in a name."))
        if self.name.too_long:
            said = {"n": self.name.length, "max": MAX_LENGTH}
            raise ValidationError(_("Name is too long (%(n)s characters, at most %(max)s). Shorten it.", **said))

    def validate_phone(self, field: Any) -> None:
        if not field.data and not self.email.data:
            raise ValidationError(_("Fill in an e-mail address or a phone number: one of them is needed."))


class NewCustomerForm(CustomerForm):
    ground = RadioField(__("May we ask this person?"), [Chosen()], validate_choice=False)


class AddressForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    email = EmailField(__("E-mail address"), [Filled(), MailAddress()], render_kw={"autocomplete": "off"})


class NoteForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    note = TextAreaField(__("Note"), [Length(max=NOTE)])
