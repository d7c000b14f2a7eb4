"""What an organiser types about a team and about somebody in it."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import EmailField, SelectChoice, SelectField, StringField, TelField
from wtforms.validators import Length, Optional, ValidationError

from webapp import db
from webapp.accounts.forms import Filled, MailAddress, squeeze
from webapp.mailing.models import Address
from webapp.people import MAX_LENGTH, TITLES, PersonName
from webapp.staff.models import StaffMember, Team

LINE = 200
"""Characters."""
LAYERS = [
    ("front_line", __("front line")),
    ("back_office", __("back office")),
    ("support", __("support")),
    ("management", __("management")),
]
SALUTATIONS = [SelectChoice("", "–"), *(SelectChoice(title, title) for title in TITLES)]
LANGUAGES = [SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")]


class TeamForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField(__("Name of the team"), [Filled(), Length(max=LINE)], filters=[squeeze])
    layer = SelectField(
        __("Layer"),
        choices=[SelectChoice(*layer) for layer in LAYERS],
        description=__("Where in the organisation this team stands."),
    )

    team_id = 0
    """Of the team that is changed; 0 for a new one."""

    def validate_name(self, field: Any) -> None:
        same = select(Team.id).where(func.lower(Team.name) == field.data.lower(), Team.id != self.team_id)
        if db.session.scalar(same) is not None:
            raise ValidationError(_("There is a team with this name already."))


class MemberForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    title = SelectField(__("Salutation"), choices=SALUTATIONS, default="")
    given = StringField(__("First name"), [Length(max=LINE)], filters=[squeeze])
    family = StringField(
        __("Last name"), [Length(max=LINE)], filters=[squeeze], description=__("With its prefix: de Vries.")
    )
    email = EmailField(__("E-mail address"), [Optional(), MailAddress()], render_kw={"autocomplete": "off"})
    phone = TelField(__("Phone"), [Length(max=40)], filters=[squeeze], description=__("Customers call the host here."))
    locale = SelectField(__("Language"), choices=LANGUAGES)
    team = SelectField(__("Team"))

    member_id = 0
    """Of who is changed; 0 for somebody new."""

    @property
    def name(self) -> PersonName:
        return PersonName(self.title.data or "", self.given.data or "", family=self.family.data or "")

    def validate_given(self, field: Any) -> None:
        if not self.name:
            raise ValidationError(_("Fill in a name."))
        if self.name.too_long:
            said = {"n": self.name.length, "max": MAX_LENGTH}
            raise ValidationError(_("Name is too long (%(n)s characters, at most %(max)s). Shorten it.", **said))

    def validate_email(self, field: Any) -> None:
        taken = select(StaffMember).join(Address).where(Address.email == field.data, StaffMember.id != self.member_id)
        other = db.session.scalars(taken).first()
        if other is not None:
            raise ValidationError(_("%(name)s has this address already.", name=other.name.full))
