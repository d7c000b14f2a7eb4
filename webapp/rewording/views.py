"""The texts of every mail: read, reworded, seen as somebody gets it, and taken back."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as Redirect

from webapp import clock, db, mailframe
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.board.saying import _, pgettext
from webapp.mailing import rewording
from webapp.mailing.models import Rewording
from webapp.mailing.notices import Wording
from webapp.rewording import fields, texts
from webapp.rewording.forms import WordingForm
from webapp.rewording.texts import Text
from webapp.templating import language as page_language

blueprint = Blueprint("rewording", __name__)


@blueprint.get("/templates")
@access(role("viewer"))
def index() -> str:
    """Every kind of mail by its step, and which of its texts were changed."""
    changed = texts.changed()
    steps = _steps()
    kinds: dict[str, dict[str, list[Text]]] = {step: {} for step in steps.values()}
    for text in texts.every():
        kinds[_step(text, steps)].setdefault(text.key, []).append(text)
    return render_template(
        "rewording/index.html",
        kinds=kinds,
        changed=changed,
        page=page_language(),
        key=lambda text: (text.notice.name, text.variant, text.language),
    )


def _steps() -> dict[str, str]:
    """Where in the pipeline a mail is sent, in words and in that order: by slice, and for invitations by who reads it."""
    listen = pgettext("step", "Listen")
    return {
        "groups": pgettext("step", "Map"),
        "customers": pgettext("step", "Find"),
        "stories": listen,
        "telling": listen,
        "customer": _("Invite: customers"),
        "staff": _("Invite: colleagues"),
        "organiser": _("Invite: organisers"),
        "surveys": pgettext("step", "Ask"),
        "": pgettext("step", "Other mail"),
        "privacy": pgettext("step", "Data"),
        "accounts": pgettext("step", "Accounts"),
    }


def _step(text: Text, steps: dict[str, str]) -> str:
    slice_ = text.notice.__module__.split(".")[1]
    return steps.get(text.notice.reader if slice_ == "invitations" else slice_, steps[""])


@blueprint.route("/templates/<key>/<language>", methods=["GET", "POST"])
@access(role("viewer"))
def edit(key: str, language: str) -> str | tuple[str, int] | Redirect:
    text = _text(key, language)
    last = _last(text)
    form = WordingForm.of(text.names, data=_opened(text, last), formdata=request.form or None)
    if not form.is_submitted():
        return _page(text, form, last)
    _only_organisers(text)
    if not form.validate():
        return _page(text, form, last), 422
    if form.version.data != _number(last):
        form.version.data = _number(last)
        form.version.raw_data = None
        return _page(text, form, last, conflict=True), 409
    text.reword(form.wording, clock.now(), _me().id)
    _note("changed template", text)
    flash(_("Saved. The next mail says it like this."), "saved")
    return redirect(_here(text), 303)


@blueprint.get("/templates/<key>/<language>/mail")
@access(role("viewer"))
def mail(key: str, language: str) -> Response:
    """The mail as it leaves now, or as it did in one version, for a frame that can run nothing."""
    text = _text(key, language)
    wanted = request.args.get("version", type=int)
    version = _version(text, wanted) if wanted else _last(text)
    return mailframe.framed(texts.mail(text, _wording(version), clock.now()).mail.html)


@blueprint.post("/templates/<key>/<language>/mail")
@access(role("viewer"))
def typed(key: str, language: str) -> Response:
    """The same in the words that were typed, saved or not; what is wrong with them stands in its place."""
    text = _text(key, language)
    form = WordingForm.of(text.names)
    if not form.validate():
        return mailframe.framed(render_template("rewording/wrong.html", form=form, page=page_language()))
    return mailframe.framed(texts.mail(text, form.wording, clock.now()).mail.html)


@blueprint.post("/templates/<key>/<language>/versions")
@access(role("organiser"))
def take_back(key: str, language: str) -> Redirect:
    """An earlier version once more, or the standard text: as a new version, so nothing is lost."""
    text = _text(key, language)
    _only_organisers(text)
    wanted = request.form.get("version", 0, type=int)
    text.reword(_wording(_version(text, wanted)) if wanted else None, clock.now(), _me().id)
    _note("took back template", text)
    flash(_("Back as it was. The next mail says it like this."), "saved")
    return redirect(_here(text), 303)


def _page(text: Text, form: WordingForm, last: Rewording | None, conflict: bool = False) -> str:
    page = page_language()
    return render_template(
        "rewording/edit.html",
        text=text,
        form=form,
        last=last,
        conflict=conflict,
        page=page,
        versions=text.versions(),
        reader=texts.mail(text, _wording(last), clock.now()),
        others=[other for other in texts.every() if other.key == text.key and other.language != text.language],
        names=[(called, fields.label(name, page), _example(name, text)) for called, name in text.names.items()],
        shown=lambda stored: fields.shown(stored, text.language),
        standard=text.standard,
        may=not text.fixed and _me().may("organiser"),
    )


def _example(name: str, text: Text) -> str:
    return "" if name in fields.BLOCKS else fields.example(name, text.language)


def _opened(text: Text, last: Rewording | None) -> dict[str, str]:
    """What the form opens with."""
    wording = _wording(last) or text.standard
    opened = {name: fields.shown(value, text.language) for name, value in wording._asdict().items()}
    return opened | {"version": _number(last)}


def _number(version: Rewording | None) -> str:
    return str(version.id) if version else "0"


def _last(text: Text) -> Rewording | None:
    return rewording.latest().get((text.notice.name, text.variant, text.language))


def _wording(version: Rewording | None) -> Wording | None:
    return rewording.of(version) if version and version.subject else None


def _version(text: Text, number: int) -> Rewording:
    found = db.session.get(Rewording, number) or abort(404)
    if (found.notice, found.variant, found.language) != (text.notice.name, text.variant, text.language):
        abort(404)
    return found


def _text(key: str, language: str) -> Text:
    return texts.find(key, language) or abort(404)


def _only_organisers(text: Text) -> None:
    if text.fixed or not _me().may("organiser"):
        abort(404)


def _here(text: Text) -> str:
    return url_for("rewording.edit", key=text.key, language=text.language)


def _note(what: str, text: Text) -> None:
    audit.note(what, f"{text.key} {text.language}", _me(), clock.now())


def _me() -> Account:
    account: Account = current_user.account
    return account
