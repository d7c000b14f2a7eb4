"""What somebody does with their own data: take it along, have it erased. Two taps each, behind a link from our mail."""

from io import BytesIO

from flask import Blueprint, g, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from webapp import clock, db, edge, links
from webapp.access import access, link, public
from webapp.accounts import audit
from webapp.accounts.models import Organisation
from webapp.links import PATHS
from webapp.mailing.post import Post
from webapp.privacy import exporting, retention
from webapp.privacy.erasing import erase
from webapp.privacy.models import Reader
from webapp.privacy.records import DataExport
from webapp.privacy.views import at, here, opened

blueprint = Blueprint("own_data", __name__)

FILENAME = {"nl": "mijn-gegevens.zip", "en": "my-data.zip"}


@blueprint.route("/p/<token>/file", methods=["GET", "POST"])
@access(link("data"))
def export(token: str) -> str | Response:
    """Everything about whoever reads this mailbox, in one file."""
    return _export()


@blueprint.route("/m/<token>/file", methods=["GET", "POST"])
@access(link("staff"))
def export_staff(token: str) -> str | Response:
    """The same, for a colleague."""
    return _export()


def _export() -> str | Response:
    reader, now = opened(), clock.now()
    if request.method == "GET":
        return render_template("privacy/own_export.html", reader=reader, place=here)
    recent = _recent(reader)
    made = recent or exporting.ask_as_reader(reader, post(), now)
    if not recent:
        audit.note("asked for their data", f"address-{reader.address.id}", None, now, {"export": made.id})
    door = links.ensure("export", [made.id])[made.id]
    return redirect(f"/{PATHS['export']}/{edge.keys().token(door)}?lang={edge.language()}", 303)


def _recent(reader: Reader) -> DataExport | None:
    """Asked for a moment ago: pressed twice is one file and one mail."""
    mine = db.session.query(DataExport).filter_by(address_id=reader.address.id, account_id=None)
    return mine.filter(DataExport.at > clock.now() - exporting.ONE_PER).order_by(DataExport.id.desc()).first()


@blueprint.get("/x/<token>")
@access(link("export"))
def ready(token: str) -> str:
    """The file is here, and until when."""
    made = _made()
    until = at(made.expires_at)
    return render_template("privacy/own_file.html", until=until, token=token, staff=not _customers(made))


@blueprint.get("/x/<token>/file")
@access(link("export"))
def fetch(token: str) -> Response:
    made = _made()
    audit.note_look("fetched their data", f"address-{made.address_id}", None, clock.now(), {"export": made.id})
    return sent(made)


def _made() -> DataExport:
    """No preview either: whoever may see what a customer sees need not have all of it in a file."""
    made = db.session.get(DataExport, edge.opened().subject_id)
    if g.preview or made is None or made.content is None or made.expires_at <= clock.now() or made.address_id is None:
        raise edge.NoSuchLink
    opened_by = Reader.behind(made.address_id)
    if opened_by is None:
        raise edge.NoSuchLink
    g.language = opened_by.language
    return made


def _customers(made: DataExport) -> bool:
    reader = Reader.behind(made.address_id) if made.address_id else None
    return bool(reader and reader.customers)


def sent(made: DataExport) -> Response:
    assert made.content is not None
    name = FILENAME[edge.language()]
    return send_file(BytesIO(made.content), "application/zip", as_attachment=True, download_name=name)


@blueprint.route("/p/<token>/erase", methods=["GET", "POST"])
@access(link("data"))
def erase_me(token: str) -> str | Response:
    """Everything about one of those who read this mailbox."""
    reader = opened()
    if request.method == "POST":
        whom = next((each for each in reader.customers if str(each.id) == request.form.get("customer", "")), None)
        if whom is None:
            raise edge.NoSuchLink
        language = edge.language()
        erase(whom, "person", None, clock.now(), edge.settings().secret_keys)
        return redirect(f"/erased?lang={language}", 303)
    if not reader.customers:
        raise edge.NoSuchLink
    return render_template("privacy/own_erase.html", reader=reader, place=here, kept=retention.kept())


@blueprint.get("/erased")
@access(public)
def erased() -> str:
    """Nothing of theirs is here any more, so neither is a link to them."""
    return render_template("privacy/erased.html")


def post() -> Post:
    return Post.of(edge.settings(), Organisation.required().name)
