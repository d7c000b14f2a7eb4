"""Forms of the door and of the accounts."""

from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from wtforms import EmailField, IntegerField, PasswordField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, StopValidation, ValidationError

from webapp.accounts import passwords

LONGEST = 200


def squeeze(text: str | None) -> str:
    """White space of any kind, line breaks among them, becomes one space: a name is one line."""
    return " ".join((text or "").split())


class Filled:
    """Says which field is empty, in its own words."""

    field_flags: dict[str, bool] = {}  # noqa: RUF012  (WTForms reads a plain dict)

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Fill in: %(field)s.", field=field.label.text))


class MailAddress:
    """A usable address, stored in small letters; says what it lacks."""

    def __call__(self, form: FlaskForm, field: Any) -> None:
        try:
            checked = validate_email((field.data or "").strip(), check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_("This is not a complete e-mail address. Write it like name@example.org.")) from None
        field.data = checked.normalized.lower()


class NewPassword:
    """Twelve characters or more, not easily guessed."""

    def __call__(self, form: FlaskForm, field: Any) -> None:
        password = field.data or ""
        if len(password) < passwords.SHORTEST:
            raise ValidationError(_("Choose a longer password: at least %(n)s characters.", n=passwords.SHORTEST))
        about = tuple(str(other.data) for other in form if other is not field and isinstance(other.data, str))
        if passwords.easily_guessed(password, about):
            raise ValidationError(
                _("This password is easily guessed. Four words that do not belong together work well.")
            )


def text(label: Any, *, longest: int = LONGEST, required: bool = True, **options: Any) -> StringField:
    checks = [Filled()] if required else []
    return StringField(label, [*checks, Length(max=longest)], filters=[squeeze], **options)


class SetupForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    organisation = text(__("Organisation"), render_kw={"autocomplete": "organization"})
    name = text(__("Your name"), render_kw={"autocomplete": "name"})
    email = EmailField(__("Your e-mail address"), [Filled(), MailAddress()], render_kw={"autocomplete": "username"})
    password = PasswordField(
        __("Password"),
        [NewPassword()],
        description=__("At least twelve characters. You can also always sign in with a mailed link."),
        render_kw={"autocomplete": "new-password"},
    )
    code = text(
        __("Setup code"), required=False, description=__("It stands in the server's log, or ask: firsthand setup-code")
    )
    zone = StringField(default="Europe/Amsterdam")

    def chosen_zone(self) -> str:
        return self.zone.data if self.zone.data in available_timezones() else "Europe/Amsterdam"


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    email = EmailField(__("E-mail address"), [Filled(), MailAddress()], render_kw={"autocomplete": "username"})
    password = PasswordField(__("Password"), [], render_kw={"autocomplete": "current-password"})


class WelcomeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = text(__("Your name"), render_kw={"autocomplete": "name"})
    phone = TelField(__("Phone"), [Length(max=40)], filters=[squeeze], render_kw={"autocomplete": "tel"})
    password = PasswordField(__("Password"), [NewPassword()], render_kw={"autocomplete": "new-password"})


class ProfileForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = text(__("Your name"), render_kw={"autocomplete": "name"})
    phone = TelField(__("Phone"), [Length(max=40)], filters=[squeeze], render_kw={"autocomplete": "tel"})


class PasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    password = PasswordField(__("New password"), [NewPassword()], render_kw={"autocomplete": "new-password"})


ROLE_CHOICES = [
    SelectChoice("viewer", __("Viewer: reads along")),
    SelectChoice("organiser", __("Organiser: plans visits and invites")),
    SelectChoice("admin", __("Admin: also accounts and settings")),
]


class ColleagueForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = text(__("Name"))
    email = EmailField(__("E-mail address"), [Filled(), MailAddress()], render_kw={"autocomplete": "off"})
    role = SelectField(__("Role"), choices=ROLE_CHOICES, default="organiser")


class Number(IntegerField):  # type: ignore[misc]  # WTForms ships no types
    """A whole number in a range. Not sent at all, what was there stays."""

    def __init__(self, label: Any, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        options.setdefault("render_kw", {"inputmode": "numeric", "min": least, "max": most})
        super().__init__(label, **options)

    def pre_validate(self, form: Any) -> None:
        if self.raw_data and (self.data is None or not self.least <= self.data <= self.most):
            self.process_errors: list[str] = []
            raise StopValidation(_("Fill in a number from %(least)s to %(most)s.", least=self.least, most=self.most))

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.raw_data:
            super().populate_obj(obj, name)


class OrganisationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = text(__("Organisation"))
    phone = TelField(__("Phone"), [Length(max=40)], filters=[squeeze])
    locale = SelectField(__("Language"), choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")])
    zone = text(__("Time zone"), description=__("For example Europe/Amsterdam."))
    end_users_nl = text(__("Whom your work is for, in Dutch"), description=__("A plural with onze: onze studenten."))
    end_users_en = text(__("Whom your work is for, in English"), description=__("A plural with our: our students."))
    survey_sender = text(
        __("Sender of questionnaires"), required=False, description=__("Somebody who does not organise the visits.")
    )

    asks_a_year = Number(
        __("How often may somebody be asked?"), 1, 12,
        description=__("Times in twelve months, over all organisers together."),
    )  # fmt: skip
    rest_days = Number(__("Rest after a visit"), 0, 365, description=__("Days."))
    consent_months = Number(
        __("How long does a consent hold?"), 1, 36,
        description=__("Months. A month before the end we ask once whether it may go on."),
    )  # fmt: skip

    def validate_zone(self, field: Any) -> None:
        if field.data not in available_timezones():
            raise ValidationError(_("We do not know this time zone. Write it like Europe/Amsterdam."))
