"""Who is signed in: a cookie that names a sign-in on the server, so that it can be listed and ended."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import request, session
from flask_login import UserMixin, login_user, logout_user
from sqlalchemy import update

from webapp import clock, db
from webapp.accounts import audit
from webapp.accounts.models import Account, SignIn
from webapp.extensions import login

SEEN_EVERY = timedelta(minutes=5)
"""How finely "last seen" is kept: a write for every page would be a price without a buyer."""


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    """The account in this browser, and the sign-in it came by."""

    def __init__(self, sign_in: SignIn, secret: str):
        self.sign_in, self.account, self._secret = sign_in, sign_in.account, secret

    def get_id(self) -> str:
        return self._secret


@login.user_loader  # type: ignore[untyped-decorator]  # Flask-Login ships no types
def load(secret: str) -> Visitor | None:
    real = clock.real()
    found = SignIn.by_secret(secret, real)
    if found is None:
        return None
    if real - found.seen_at > SEEN_EVERY:
        with db.transaction() as own:
            own.execute(update(SignIn).where(SignIn.id == found.id).values(seen_at=real))
    return Visitor(found, secret)


def enter(account: Account) -> None:
    """Sign this browser in, under a new id."""
    session.clear()
    entry, secret = account.sign_in(clock.real(), request.user_agent.string)
    audit.note("signed in", f"account-{account.id}", account, clock.now())
    db.session.flush()
    login_user(Visitor(entry, secret))


def leave() -> None:
    logout_user()
    session.clear()


def safe_path(target: str | None) -> str:
    """`next`: a path on this host, or today's page."""
    parts = urlsplit(target or "")
    ours = bool(target) and not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return target if ours and target and not target.startswith(("//", "/\\")) and "\\" not in target else "/today"
