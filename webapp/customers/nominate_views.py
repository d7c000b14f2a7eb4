"""A colleague nominates somebody from their own page: two fields, no account, no script; and sees what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from webapp import clock, dates, db, edge
from webapp.access import access, link
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.customers.nominations import Nomination, known_already, new_customer, nominate
from webapp.i18n import LANGUAGES, Language
from webapp.people import MAX_LENGTH, PersonName
from webapp.staff.models import StaffMember

blueprint = Blueprint("nominations", __name__)

DIGITS_AT_LEAST = 6
WHY_AT_MOST, LINE = 1_000, 200
"""Characters."""


@dataclass
class Typed:
    """What was filled in: a mail address or a phone number in one field, told apart by its sign."""

    name: str = ""
    reach: str = ""
    why: str = ""
    group: str = ""
    locale: Language = "nl"
    """In which we write to this person."""
    knows: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: "MultiDict[str, str]") -> "Typed":
        name, reach, group = (" ".join(form.get(each, "").split())[:LINE] for each in ("name", "reach", "group"))
        why, locale = form.get("why", "").strip()[:WHY_AT_MOST], _locale(form.get("locale"))
        return cls(name, reach, why, group, locale, "knows" in form)

    @property
    def person(self) -> PersonName:
        return PersonName.parse(self.name)

    @property
    def email(self) -> str:
        return self.reach.lower() if "@" in self.reach else ""

    @property
    def phone(self) -> str:
        return "" if self.email else self.reach

    def valid(self) -> bool:
        if not self.person:
            self.errors["name"] = _("Fill in a name.")
        elif self.person.too_long:
            said = {"n": self.person.length, "max": MAX_LENGTH}
            self.errors["name"] = _("Name is too long (%(n)s characters, at most %(max)s). Shorten it.", **said)
        if not self.reach:
            self.errors["reach"] = _("Fill in an e-mail address or a phone number.")
        elif self.email and not _is_address(self.email):
            self.errors["reach"] = _("This is not a complete e-mail address. Write it like name@example.org.")
        elif self.phone and sum(each.isdigit() for each in self.phone) < DIGITS_AT_LEAST:
            self.errors["reach"] = _("This is no e-mail address and no phone number. Check it.")
        return not self.errors


@blueprint.route("/m/<token>/nominate", methods=["GET", "POST"])
@access(link("staff"))
def new(token: str) -> str | Response | tuple[str, int]:
    """Whom should we meet? Somebody who may be known already is asked about; what was typed is never lost."""
    me = _me()
    if request.method == "GET":
        return _page(me, Typed(group=request.args.get("group", "")[:LINE], locale=_locale(None)))
    typed = Typed.of(request.form)
    if not typed.valid():
        return _page(me, typed), 422
    same, said = known_already(typed.person, typed.email, typed.phone), request.form.get("same", "")
    chosen = next((each for each in same if str(each.id) == said), None)
    if same and chosen is None and said != "other":
        return _page(me, typed, same), 422
    now = clock.now()
    customer = chosen or new_customer(typed.person, typed.email, typed.phone, typed.group, typed.locale, now)
    made = nominate(me, customer, typed.why, typed.knows, now)
    return redirect(_below(f"nominations?made={made.id}"), 303)


@blueprint.get("/m/<token>/nominations")
@access(link("staff"))
def mine(token: str) -> str:
    """Whom I nominated, and what came of it; why somebody does not take part is not told."""
    me = _me()
    found = Nomination.of_nominator(me.id)
    made = next((each for each in found if str(each.id) == request.args.get("made")), None)
    return render_template(
        "customers/nominations.html",
        found=found,
        made=made,
        nominate_url=_below("nominate"),
        my_page=_below(""),
        at=lambda moment: dates.local(moment, Organisation.required().zone),
    )


def _page(me: StaffMember, typed: Typed, same: Sequence[Customer] = ()) -> str:
    return render_template(
        "customers/nominate.html",
        typed=typed,
        same=same,
        groups=Customer.groups(50),
        my_page=_below(""),
        place=_below("nominate"),
    )


def _locale(said: str | None) -> Language:
    """What was chosen; the organisation's, while nothing was."""
    chosen = said if said in LANGUAGES else Organisation.required().locale
    return "en" if chosen == "en" else "nl"


def _is_address(email: str) -> bool:
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _me() -> StaffMember:
    """The colleague whose page this is, in their language."""
    address_id = edge.opened().subject_id
    found = db.session.scalar(select(StaffMember).where(StaffMember.address_id == address_id))
    if found is None or found.left_at is not None or found.address is None:
        raise edge.NoSuchLink
    g.language = "en" if found.address.locale == "en" else "nl"
    return found


def _below(page: str) -> str:
    """A page under this colleague's own, in the language chosen."""
    root = request.path.rsplit("/", 1)[0]
    path = f"{root}/{page}" if page else root
    if "lang" in request.args:
        path += ("&" if "?" in path else "?") + f"lang={edge.language()}"
    return path
