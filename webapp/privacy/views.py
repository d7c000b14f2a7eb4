"""What stands under every mail: no more mail, and what we know about you. Two taps each, and back again."""

from datetime import datetime
from typing import get_args

from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp import clock, dates, edge
from webapp.access import access, link
from webapp.accounts.models import Organisation
from webapp.customers.models import MAY_BE_ASKED, Customer
from webapp.i18n import LANGUAGES
from webapp.mailing.models import Message
from webapp.mailing.notices import Choice, Notice
from webapp.privacy import retention
from webapp.privacy.models import Reader
from webapp.privacy.withdrawing import rather_not
from webapp.stories.models import of_customer

blueprint = Blueprint("privacy", __name__)


@blueprint.route("/u/<token>", methods=["GET", "POST"])
@access(link("stop"))
def stop(token: str) -> str | Response | tuple[str, int]:
    """Which mail, in which language, or none. A mail program may press the button itself (RFC 8058): no mail at all."""
    reader = opened()
    now = clock.now()
    if request.form.get("List-Unsubscribe") == "One-Click":
        _stop_all(reader)
        return Response(status=200, mimetype="text/plain")
    if request.method == "POST":
        _obey(reader, request.form.get("what", ""), request.form.get("about", ""))
        return redirect(here(), 303)
    return render_template("privacy/stop.html", reader=reader, ahead=reader.ahead(now), place=here, at=at)


def _obey(reader: Reader, what: str, about: str) -> None:
    now = clock.now()
    if what == "all":
        _stop_all(reader)
    elif what == "again" and reader.address.suppressed_at:
        reader.address.lift(now)
    elif what == "kind" and about in get_args(Choice):
        reader.address.unwant(about, now)
    elif what == "kind again":
        reader.address.want(about, now)
    elif what == "language" and about in LANGUAGES:
        reader.read_in(about)
    for invitation in reader.ahead(now):
        if str(invitation.id) == about and what == "visit":
            invitation.stop(now)
        elif str(invitation.id) == about and what == "visit again":
            invitation.resume()


def _stop_all(reader: Reader) -> None:
    if reader.address.suppressed_at is None:
        reader.address.suppress("stop", clock.now())


@blueprint.route("/p/<token>", methods=["GET", "POST"])
@access(link("data"))
def data(token: str) -> str | Response | tuple[str, int]:
    """Everything we hold about whoever reads this mailbox, in plain words; and whether we may ask."""
    reader = opened()
    if request.method == "POST":
        _permit(reader, request.form.get("customer", ""))
        return redirect(here(), 303)
    kept = retention.kept()
    return render_template(
        "privacy/data.html",
        reader=reader,
        place=here,
        at=at,
        today=at(clock.now()).date(),
        may_be_asked=MAY_BE_ASKED,
        ground=ground_in_words,
        uses=use_names(),
        said=request.args.get("said", ""),
        mailed=_mailed,
        stop_url=edge.door("stop", reader.address.id),
        answer_url=lambda invitation: edge.door("answer", invitation.id),
        stories=[(each, edge.door("story", each.id)) for person in reader.customers for each in of_customer(person)],
        months=kept["customers"],
        mail_days=kept["mail"],
        below=below,
    )


def _permit(reader: Reader, customer_id: str) -> None:
    """Who withdraws is asked nothing more from the next mail on."""
    for customer in reader.customers:
        if str(customer.id) == customer_id:
            rather_not(customer, edge.language(), clock.now())


def use_names() -> dict[str, str]:
    """What somebody may allow, by use, as the head of its text."""
    return {
        "to_be_asked": _("Being asked"),
        "story_inside": _("Your story, for colleagues"),
        "read_aloud": _("Your story, read aloud"),
        "live_visit": _("Telling it yourself"),
        "recording": _("A recording"),
        "outside_use": _("Outside the organisation"),
    }


def ground_in_words(customer: Customer) -> str:
    words: dict[str, str] = {
        "agreed": _("You agreed that we may ask you."),
        "existing": _("We were in touch with you already, so we may ask you."),
        "not_yet": _("We do not ask you anything yet."),
        "withdrawn": _("You do not want to be asked. We do not ask you."),
        "ended": _("Your consent has ended. We do not ask you."),
    }
    return words[customer.ground]


def _mailed(message: Message) -> tuple[str, str]:
    """What kind of mail it was, and what became of it."""
    notice = Notice.all.get(message.notice)
    title = notice.title[1 if edge.language() == "nl" else 0] if notice else message.notice
    if message.end in ("sent", "delayed"):
        return title, _("sent")
    return title, _("not sent") if message.end else _("ready")


# Shared with the other pages under a mail


def opened() -> Reader:
    """Whoever this link was mailed to, in their language."""
    reader = Reader.behind(edge.opened().subject_id)
    if reader is None:
        raise edge.NoSuchLink
    g.language = reader.language
    return reader


def here() -> str:
    """The same page, in the language chosen on it."""
    return request.path + (f"?lang={edge.language()}" if "lang" in request.args else "")


def below(page: str) -> str:
    """A page under this one, in the language chosen on it."""
    return f"{request.path}/{page}" + (f"?lang={edge.language()}" if "lang" in request.args else "")


def at(moment: datetime) -> datetime:
    """The wall time of a moment where the organisation is."""
    return dates.local(moment, Organisation.required().zone)
