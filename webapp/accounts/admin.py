"""My account, and what an admin sets: colleagues, the organisation, mail."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, public, role
from webapp.accounts import audit, passwords
from webapp.accounts.forms import ColleagueForm, OrganisationForm, PasswordForm, ProfileForm
from webapp.accounts.models import (
    INVITATION_WORKS_FOR,
    Account,
    AccountChange,
    ColleagueInvitation,
    MailTest,
    Organisation,
    SignIn,
)
from webapp.accounts.signing_in import safe_path
from webapp.i18n import LANGUAGES
from webapp.mailing.models import Address, Message
from webapp.mailing.transport import Relay

blueprint = Blueprint("admin", __name__)


def _me() -> Account:
    account = current_user.account
    assert isinstance(account, Account)
    return account


def _note(what: str, about: str = "", **facts: object) -> None:
    audit.note(what, about or f"account-{_me().id}", _me(), clock.now(), facts)


@blueprint.route("/account", methods=["GET", "POST"])
@access(role("viewer"))
def account() -> Response | str | tuple[str, int]:
    form, password = ProfileForm(obj=_me()), PasswordForm()
    if form.validate_on_submit():
        _me().name, _me().phone = form.name.data, form.phone.data or ""
        _note("changed account")
        flash(_("Saved."))
        return redirect("/account", 303)
    page = render_template("accounts/account.html", form=form, password=password, sign_ins=_sign_ins())
    return (page, 422) if form.is_submitted() else page


def _sign_ins() -> list[SignIn]:
    real = clock.real()
    query = (
        select(SignIn).where(SignIn.account_id == _me().id, SignIn.ended_at.is_(None)).order_by(SignIn.seen_at.desc())
    )
    return [each for each in db.session.scalars(query) if each.fresh(real)]


@blueprint.post("/account/password")
@access(role("viewer"))
def change_password() -> Response | tuple[str, int]:
    """A new password ends every other sign-in, and is told by mail."""
    form = PasswordForm()
    if not form.validate():
        page = render_template(
            "accounts/account.html", form=ProfileForm(formdata=None, obj=_me()), password=form, sign_ins=_sign_ins()
        )
        return page, 422
    me, now = _me(), clock.now()
    me.password_hash = passwords.hash_of(form.password.data)
    me.end_sign_ins(clock.real(), but=current_user.sign_in)
    db.session.add(AccountChange(account=me, address_id=me.address_id, what="password", at=now))
    _note("changed password")
    flash(_("Your password has changed. You are signed out everywhere else."))
    return redirect("/account", 303)


@blueprint.post("/account/sign-ins/<int:sign_in_id>/end")
@access(role("viewer"))
def end_sign_in(sign_in_id: int) -> Response:
    entry = db.session.get(SignIn, sign_in_id)
    if entry is None or entry.account_id != _me().id:
        abort(404)
    entry.ended_at = clock.real()
    _note("ended sign-in")
    return redirect("/account", 303)


@blueprint.post("/account/sign-ins/end")
@access(role("viewer"))
def end_sign_ins() -> Response:
    """Sign out everywhere else."""
    _me().end_sign_ins(clock.real(), but=current_user.sign_in)
    _note("ended other sign-ins")
    flash(_("You are signed out everywhere else."))
    return redirect("/account", 303)


@blueprint.post("/lang/<language>")
@access(public)
def choose_language(language: str) -> Response:
    if language not in LANGUAGES:
        abort(404)
    if current_user.is_authenticated:
        _me().address.locale = language
        return redirect(safe_path(request.form.get("next")), 303)
    return redirect(f"/login?lang={language}", 303)


@blueprint.post("/theme/<theme>")
@access(role("viewer"))
def choose_theme(theme: str) -> Response:
    if theme not in ("auto", "light", "dark"):
        abort(404)
    _me().theme = theme
    return redirect(safe_path(request.form.get("next")), 303)


@blueprint.get("/admin")
@access(role("admin"))
def settings() -> Response:
    return redirect("/admin/organisation", 303)


@blueprint.route("/admin/users", methods=["GET", "POST"])
@access(role("admin"))
def users() -> Response | str | tuple[str, int]:
    """Who signs in here; ask a colleague along."""
    form = ColleagueForm()
    if form.validate_on_submit():
        now = clock.now()
        address = Address.of(form.email.data, Organisation.required().locale)
        db.session.add(
            ColleagueInvitation(
                address_id=address.id, name=form.name.data, role=form.role.data, inviter_id=_me().id,
                invited_at=now, expires_at=now + INVITATION_WORKS_FOR,
            )
        )  # fmt: skip
        _note("invited colleague", f"address-{address.id}", role=form.role.data)
        flash(_("The invitation is on its way to %(address)s.", address=address.email))
        return redirect("/admin/users", 303)
    accounts = db.session.scalars(select(Account).order_by(Account.disabled_at.is_not(None), Account.name)).all()
    open_ = ColleagueInvitation.expires_at > clock.now()
    invited = db.session.scalars(
        select(ColleagueInvitation).where(
            ColleagueInvitation.accepted_at.is_(None), ColleagueInvitation.withdrawn_at.is_(None), open_
        )
    ).all()
    seen = dict(
        db.session.execute(select(SignIn.account_id, func.max(SignIn.seen_at)).group_by(SignIn.account_id)).all()
    )
    page = render_template("accounts/users.html", form=form, accounts=accounts, invited=invited, seen=seen)
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/admin/users/<int:account_id>/role")
@access(role("admin"))
def change_role(account_id: int) -> Response | tuple[str, int]:
    account, new = db.session.get(Account, account_id), request.form.get("role", "")
    if account is None or new not in ("viewer", "organiser", "admin", "none"):
        abort(404)
    if account.role == "admin" and new != "admin" and _admins() == 1 and account.disabled_at is None:
        flash(_("There must be at least one admin. Make somebody else admin first."), "no")
        return redirect("/admin/users", 303)
    if new == "none":
        account.disabled_at = clock.now()
        account.end_sign_ins(clock.real())
    else:
        account.role, account.disabled_at = new, None
    _note("changed role", f"account-{account.id}", role=new)
    flash(_("Saved."))
    return redirect("/admin/users", 303)


def _admins() -> int:
    admins = select(func.count()).select_from(Account).where(Account.role == "admin", Account.disabled_at.is_(None))
    return db.session.scalar(admins) or 0


@blueprint.post("/admin/users/invitations/<int:invitation_id>/withdrawal")
@access(role("admin"))
def withdraw_invitation(invitation_id: int) -> Response:
    invitation = db.session.get(ColleagueInvitation, invitation_id)
    if invitation is None:
        abort(404)
    invitation.withdrawn_at = clock.now()
    _note("withdrew invitation", f"address-{invitation.address_id}")
    return redirect("/admin/users", 303)


@blueprint.route("/admin/organisation", methods=["GET", "POST"])
@access(role("admin"))
def organisation() -> Response | str | tuple[str, int]:
    found = Organisation.required()
    form = OrganisationForm(obj=found)
    if form.validate_on_submit():
        form.populate_obj(found)
        _note("changed organisation", "organisation")
        flash(_("Saved."))
        return redirect("/admin/organisation", 303)
    page = render_template("accounts/organisation.html", form=form)
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/admin/mail", methods=["GET", "POST"])
@access(role("admin"))
def mail() -> Response | str:
    """How mail leaves, stage by stage; and a test to me, through the same way every mail goes."""
    if request.method == "POST":
        db.session.add(MailTest(account=_me(), server=edge.settings().mail_server or "", at=clock.now()))
        return redirect("/admin/mail", 303)
    found = edge.settings()
    stages = Relay.of(found).check() if not found.mail_off and "check" in request.args else []
    last = db.session.scalar(select(Message).where(Message.notice == "mail_test").order_by(Message.id.desc()).limit(1))
    return render_template("accounts/mail.html", settings=found, stages=stages, last=last, names=_stage_names())


def _stage_names() -> dict[str, str]:
    return {"connect": _("Connection"), "tls": _("Encryption"), "greeting": _("Greeting"), "login": _("Signing in")}
