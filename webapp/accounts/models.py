"""The organisation, its accounts, and how somebody gets in: mailed link or password."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, SmallInteger, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.access import ROLES
from webapp.accounts import audit
from webapp.accounts.audit import AuditEntry as AuditEntry
from webapp.db import Base, Id, references
from webapp.mailing.models import Address

SIGN_IN_LINK_WORKS_FOR = timedelta(minutes=15)
IDLE_AT_MOST = timedelta(hours=8)
SIGNED_IN_AT_MOST = timedelta(hours=24)
INVITATION_WORKS_FOR = timedelta(days=7)
REST_DAYS = 90
"""After a visit, until an organisation sets it otherwise."""


class Organisation(Base):
    """The one organisation of this installation, and the settings that are its own."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=1)
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="nl")
    zone: Mapped[str] = mapped_column(default="Europe/Amsterdam")
    phone: Mapped[str] = mapped_column(default="")
    end_users_nl: Mapped[str] = mapped_column(default="onze klanten")
    end_users_en: Mapped[str] = mapped_column(default="our customers")
    survey_sender: Mapped[str] = mapped_column(default="")
    asks_a_year: Mapped[int] = mapped_column(SmallInteger, default=2, server_default="2")
    rest_days: Mapped[int] = mapped_column(SmallInteger, default=REST_DAYS, server_default=str(REST_DAYS))
    """After a visit."""
    consent_months: Mapped[int] = mapped_column(SmallInteger, default=12, server_default="12")
    """So long a consent holds."""
    set_up_at: Mapped[datetime]

    @property
    def rest(self) -> timedelta:
        """So long after a visit nobody is asked again."""
        return timedelta(days=self.rest_days)

    @classmethod
    def current(cls) -> "Organisation | None":
        """None until `/setup` is done. Asked of the database once in a transaction: a session forgets what nobody holds."""
        found = db.session.get(cls, 1)
        db.session.info["organisation"] = found
        return found

    @classmethod
    def required(cls) -> "Organisation":
        """The organisation, where setting up has been done."""
        found = cls.current()
        if found is None:
            raise LookupError("Nobody has set this installation up.")
        return found


class Account(Base):
    """Somebody who signs in: viewer, organiser or admin."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("role in ('viewer', 'organiser', 'admin')", "role"),)

    id: Mapped[Id]
    address_id: Mapped[int] = references("address.id", unique=True)
    name: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    role: Mapped[str]
    theme: Mapped[str] = mapped_column(default="auto")
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    address: Mapped[Address] = relationship(lazy="joined")

    @property
    def email(self) -> str:
        return self.address.email

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.name

    def may(self, role: str) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)

    @classmethod
    def by_email(cls, email: str) -> "Account | None":
        """The working account of this address."""
        return db.session.scalar(
            select(cls).join(Address).where(Address.email == email.strip().lower(), cls.disabled_at.is_(None))
        )

    def sign_in(self, now: datetime, device: str) -> tuple["SignIn", str]:
        """A new sign-in and the secret its cookie carries; only a hash of that is kept. `now` is real time."""
        secret = secrets.token_urlsafe(32)
        entry = SignIn(account=self, key=_hash(secret), at=now, seen_at=now, device=device_name(device))
        db.session.add(entry)
        return entry, secret

    def end_sign_ins(self, now: datetime, but: "SignIn | None" = None) -> None:
        """Sign out everywhere, save where this was asked. Open sign-in links stop working too."""
        others = update(SignIn).where(SignIn.account_id == self.id, SignIn.ended_at.is_(None))
        db.session.execute(others.where(SignIn.id != (but.id if but else 0)).values(ended_at=now))
        links = update(SignInLink).where(SignInLink.account_id == self.id, SignInLink.used_at.is_(None))
        db.session.execute(links.values(used_at=now))

    def request_link(self, now: datetime, asked_at: datetime) -> "SignInLink":
        """A link that signs in once (scope `sign_in`). `now` is real time, `asked_at` the application's."""
        entry = SignInLink(account=self, asked_at=asked_at, expires_at=now + SIGN_IN_LINK_WORKS_FOR)
        db.session.add(entry)
        db.session.flush()
        return entry


class SignIn(Base):
    """One browser in which somebody is signed in."""

    __tablename__ = "sign_in"

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id")
    key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(default="")

    account: Mapped[Account] = relationship(lazy="joined")

    @classmethod
    def by_secret(cls, secret: str, now: datetime) -> "SignIn | None":
        """The sign-in that this cookie opens, unless idle or too old. `now` is real time."""
        found = db.session.scalar(select(cls).where(cls.key == _hash(secret), cls.ended_at.is_(None)))
        if found is None or found.account.disabled_at is not None:
            return None
        return found if found.fresh(now) else None

    def fresh(self, now: datetime) -> bool:
        """Neither idle nor too old. `now` is real time."""
        return now - self.seen_at < IDLE_AT_MOST and now - self.at < SIGNED_IN_AT_MOST


class SignInLink(Base):
    """A request to sign in by mail: one row, one mail, one use."""

    __tablename__ = "sign_in_link"

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id")
    asked_at: Mapped[datetime]
    """Application time: the mail's moment."""
    expires_at: Mapped[datetime]
    """Real time."""
    used_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="joined")


class ColleagueInvitation(Base):
    """Somebody asked to organise along. An address that has an account must sign in to accept."""

    __tablename__ = "colleague_invitation"

    id: Mapped[Id]
    address_id: Mapped[int] = references("address.id")
    name: Mapped[str]
    role: Mapped[str]
    inviter_id: Mapped[int] = references("account.id")
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    address: Mapped[Address] = relationship(lazy="joined")
    inviter: Mapped[Account] = relationship(lazy="joined")

    def open(self, now: datetime) -> bool:
        """Whether the invitation can still be taken up."""
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > now

    def accept(self, name: str, phone: str, password_hash: str, now: datetime) -> Account:
        """The account that was promised; an existing one of this address takes the new role."""
        self.accepted_at = now
        account = db.session.scalar(select(Account).where(Account.address_id == self.address_id))
        if account is None:
            account = Account(address_id=self.address_id, created_at=now)
            db.session.add(account)
        account.name, account.phone, account.role = name, phone, self.role
        account.password_hash, account.disabled_at = password_hash, None
        db.session.flush()
        audit.note("accepted invitation", f"account-{account.id}", account, now, {"role": self.role})
        return account


class AccountChange(Base):
    """A changed password or address; told to the account holder, at the old address too."""

    __tablename__ = "account_change"

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id")
    address_id: Mapped[int] = references("address.id")
    what: Mapped[str]
    """`password` or `address`."""
    at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


class MailTest(Base):
    """A test mail that an admin asked for."""

    __tablename__ = "mail_test"

    id: Mapped[Id]
    account_id: Mapped[int] = references("account.id")
    server: Mapped[str] = mapped_column(default="", server_default="")
    """The relay that was to take it."""
    at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="joined")


class LinkRequest(Base):
    """A new link asked for on the page of an old one; the mail goes to the address the link was for."""

    __tablename__ = "link_request"

    id: Mapped[Id]
    address_id: Mapped[int] = references("address.id")
    scope: Mapped[str]
    subject_id: Mapped[int]
    at: Mapped[datetime]


def device_name(agent: str) -> str:
    """What a browser says of itself, as people call it: `Firefox, Windows`."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Mac OS": "Mac",
        "Linux": "Linux",
    }
    found = [next((name for mark, name in each.items() if mark in agent), "") for each in (browsers, systems)]
    return ", ".join(name for name in found if name)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
