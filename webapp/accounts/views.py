"""The door: setting up, signing in by mailed link or password, signing out."""

from ipaddress import ip_address

from flask import Blueprint, flash, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp import clock, db, edge
from webapp.access import access, link, public
from webapp.accounts import audit, passwords
from webapp.accounts.forms import SetupForm, SignInForm, WelcomeForm
from webapp.accounts.models import Account, ColleagueInvitation, Organisation, SignInLink
from webapp.accounts.signing_in import enter, leave, safe_path
from webapp.extensions import limiter, login
from webapp.mailing import sweep
from webapp.mailing.models import Address

blueprint = Blueprint("accounts", __name__)
login.login_view = "accounts.sign_in"
login.login_message = None
PER_NETWORK = "30 per minute"
PER_ADDRESS = "10 per minute"


def _typed_address() -> str:
    return edge.unreadable("address", request.form.get("email", ""))


@blueprint.get("/")
@access(public)
def front() -> Response:
    if Organisation.current() is None:
        return redirect("/setup", 303)
    return redirect("/today" if current_user.is_authenticated else "/login", 303)


@blueprint.route("/setup", methods=["GET", "POST"])
@access(public)
@limiter.limit(PER_NETWORK, methods=["POST"])
def setup() -> Response | str | tuple[str, int]:
    """First run only: the organisation and its first admin."""
    if Organisation.current() is not None:
        return redirect("/login", 303)
    form = SetupForm()
    trusted = _at_this_machine()
    if form.validate_on_submit():
        if trusted or _right_code(form.code.data or ""):
            _found_organisation(form)
            return redirect("/today", 303)
        form.code.errors = [_("This is not the setup code. It stands in the server's log.")]
    page = render_template("accounts/setup.html", form=form, ask_code=not trusted)
    return (page, 422) if form.is_submitted() else page


def _at_this_machine() -> bool:
    """Loopback, with nobody forwarding for somebody else."""
    forwarded = any(
        name.lower() == "forwarded" or name.lower().startswith("x-forwarded") for name, _v in request.headers
    )
    return not forwarded and ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104  (an address to compare with)


def _right_code(typed: str) -> bool:
    code = edge.settings().setup_code
    return typed.replace(" ", "").upper() == code


def _found_organisation(form: SetupForm) -> None:
    now, language = clock.now(), edge.language()
    sweep.install(now)  # what falls due from here on is mailed, whenever the workers first run
    db.session.add(Organisation(name=form.organisation.data, locale=language, zone=form.chosen_zone(), set_up_at=now))
    account = Account(
        address_id=Address.of(form.email.data, language).id,
        name=form.name.data,
        role="admin",
        password_hash=passwords.hash_of(form.password.data),
        created_at=now,
    )
    db.session.add(account)
    db.session.flush()
    audit.note("set up", "organisation", account, now)
    enter(account)


@blueprint.route("/login", methods=["GET", "POST"])
@access(public)
@limiter.limit(PER_NETWORK, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=_typed_address, methods=["POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """By password, or by asking for a link: two buttons of one form."""
    if Organisation.current() is None:
        return redirect("/setup", 303)
    form = SignInForm()
    if not form.is_submitted():
        return render_template("accounts/login.html", form=form)
    by_link = "link" in request.form
    if form.validate() and by_link:
        _mail_link(form.email.data)
        return redirect("/login/sent", 303)
    if not form.errors:
        account = Account.by_email(form.email.data)
        if passwords.matches(form.password.data or "", account.password_hash if account else None) and account:
            enter(account)
            return redirect(safe_path(request.args.get("next")), 303)
        form.password.errors = [_("Address and password do not match. Try again, or ask for a sign-in link.")]
    return render_template("accounts/login.html", form=form), 422


def _mail_link(email: str) -> None:
    """A request is a row; the mail follows. An unknown address gets the same page and no mail."""
    account = Account.by_email(email)
    if account is not None:
        account.request_link(clock.real(), clock.now())


@blueprint.get("/login/sent")
@access(public)
def link_sent() -> str:
    return render_template("accounts/link_sent.html")


@blueprint.route("/login/<token>", methods=["GET", "POST"])
@access(link("sign_in"))
def follow_link(token: str) -> Response | str | tuple[str, int]:
    """A mailed link opens a page with one button: scanners open links, people press."""
    request_ = db.session.get(SignInLink, edge.opened().subject_id)
    usable = request_ is not None and request_.used_at is None and request_.expires_at > clock.real()
    if request_ is None or not usable or request_.account.disabled_at is not None:
        return render_template("accounts/link_old.html"), 410
    g.language = request_.account.address.locale
    if request.method == "GET":
        return render_template("accounts/follow_link.html", account=request_.account)
    request_.used_at = clock.real()
    enter(request_.account)
    return redirect("/today", 303)


@blueprint.route("/welcome/<token>", methods=["GET", "POST"])
@access(link("colleague"))
def welcome(token: str) -> Response | str | tuple[str, int]:
    """A colleague sets up the account they were asked for."""
    invitation = db.session.get(ColleagueInvitation, edge.opened().subject_id)
    now = clock.now()
    if invitation is None or not invitation.open(now):
        return render_template("accounts/link_old.html"), 410
    existing = db.session.query(Account).filter_by(address_id=invitation.address_id).one_or_none()
    if existing is not None and not (current_user.is_authenticated and current_user.account.id == existing.id):
        return redirect("/login?next=" + request.path, 303)
    g.language = invitation.address.locale
    form = WelcomeForm(name=invitation.name, meta={"csrf": False})  # the link's nonce was redeemed at the edge
    if request.method == "POST" and form.validate():
        account = invitation.accept(form.name.data, form.phone.data or "", passwords.hash_of(form.password.data), now)
        enter(account)
        flash(_("Welcome. This is what waits for you."))
        return redirect("/today", 303)
    page = render_template("accounts/welcome.html", form=form, invitation=invitation)
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/logout")
@access(public)
def sign_out() -> Response:
    if current_user.is_authenticated:
        current_user.sign_in.ended_at = clock.real()
        audit.note("signed out", f"account-{current_user.account.id}", current_user.account, clock.now())
    leave()
    return redirect("/login", 303)
