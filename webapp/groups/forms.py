"""What an organiser types about a group."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_babel import lazy_pgettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from webapp.accounts.forms import Filled, squeeze
from webapp.groups import merging
from webapp.groups.models import NAME_AT_MOST
from webapp.staff.forms import LAYERS

TEXT_AT_MOST = 600
"""Characters."""
KIND_NAMES = {
    "customer": __("people we do it for"),
    "supplier": __("suppliers"),
    "other": __("others who have to do with it"),
}
TIME_NAMES = {
    "past": lazy_pgettext("time", "past"),
    "present": lazy_pgettext("time", "present"),
    "potential": lazy_pgettext("time", "potential"),
}
RELATION_NAMES = {
    "direct": lazy_pgettext("relation", "direct"),
    "indirect": lazy_pgettext("relation", "indirect"),
    "internal": lazy_pgettext("relation", "colleagues"),
}
LAYER_NAMES = dict(LAYERS)


def _choices(names: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, text) for value, text in names.items()]


class GroupForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    name = StringField(__("Name of the group"), [Filled(), Length(max=NAME_AT_MOST)], filters=[squeeze])
    kind = RadioField(__("Who are they?"), choices=_choices(KIND_NAMES), default="customer")
    time = RadioField(__("When is our work for them?"), choices=_choices(TIME_NAMES), default="present")
    relation = RadioField(__("How does our work reach them?"), choices=_choices(RELATION_NAMES), default="direct")
    description = TextAreaField(
        __("What they get out of our work"),
        [Length(max=TEXT_AT_MOST)],
        description=__("One sentence is enough. Colleagues read it on the map."),
    )

    group_id = 0
    """Of the group that is changed; 0 for a new one."""

    def validate_name(self, field: Any) -> None:
        known = merging.find(field.data)
        if known is not None and known.id != self.group_id:
            raise ValidationError(_("This name belongs to a group already: %(name)s.", name=known.name))
