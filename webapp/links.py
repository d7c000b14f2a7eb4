"""Links in mail: `BASE_URL/<kind>/<selector>.<mac>`. What the database holds cannot be replayed."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import LargeBinary, UniqueConstraint, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base, Id

Scope = Literal["answer", "survey", "host", "stop", "data", "staff", "sign_in", "colleague"]
PATHS: dict[Scope, str] = {
    "answer": "a",  # an invitation
    "survey": "s",  # a register entry
    "host": "h",  # a visit, for its host
    "stop": "u",  # an address
    "data": "p",  # an address
    "staff": "m",  # the address of a staff member
    "sign_in": "login",  # a request to sign in; works once
    "colleague": "welcome",  # an invitation to organise along
}
VERSION = b"1"
_MAC_BYTES = 16


class Link(Base):
    """One door for one purpose; `PATHS` says what `subject_id` is in each scope."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("scope", "subject_id"),)

    id: Mapped[Id]
    scope: Mapped[str]
    subject_id: Mapped[int]
    selector: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    generation: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime | None]

    def revoke(self) -> None:
        """Every link handed out so far stops working; the next one is new."""
        self.generation += 1


@dataclass(frozen=True)
class Keys:
    """The signing keys, newest first. During rotation the older ones still open doors, but make none."""

    secrets: tuple[bytes, ...]

    @classmethod
    def of(cls, *secret_keys: str) -> "Keys":
        return cls(tuple(hmac.digest(key.encode(), b"firsthand links", "sha256") for key in secret_keys))

    def mac(self, scope: str, selector: bytes, generation: int, secret: bytes | None = None) -> bytes:
        message = b"|".join((VERSION, scope.encode(), selector, str(generation).encode()))
        return hmac.digest(secret or self.secrets[0], message, hashlib.sha256)[:_MAC_BYTES]

    def token(self, link: Link) -> str:
        return f"{_b64(link.selector)}.{_b64(self.mac(link.scope, link.selector, link.generation))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ensure(scope: Scope, subjects: Iterable[int]) -> dict[int, Link]:
    """The links of `subjects`, made where missing: one statement each way, however many."""
    wanted = sorted(set(subjects))
    rows = existing(scope, wanted)
    missing = [subject for subject in wanted if subject not in rows]
    if missing:
        db.session.execute(
            insert(Link).on_conflict_do_nothing(),
            [{"scope": scope, "subject_id": s, "selector": secrets.token_bytes(16), "generation": 1} for s in missing],
        )
        rows |= existing(scope, missing)
    return rows


def existing(scope: Scope, subjects: Sequence[int]) -> dict[int, Link]:
    """The links of `subjects` that were ever made."""
    found = db.session.scalars(select(Link).where(Link.scope == scope, Link.subject_id.in_(subjects)))
    return {link.subject_id: link for link in found}


def many(wanted: Iterable[tuple[Scope, int]]) -> dict[tuple[str, int], Link]:
    """The links for a batch of mails, over all scopes, made where missing."""
    pairs = sorted(set(wanted))
    found = {
        (link.scope, link.subject_id): link
        for link in db.session.scalars(select(Link).where(tuple_(Link.scope, Link.subject_id).in_(pairs)))
    }
    for scope in get_args(Scope):
        missing = [subject for s, subject in pairs if s == scope and (s, subject) not in found]
        found |= {(scope, subject): link for subject, link in ensure(scope, missing).items()} if missing else {}
    return found


def resolve(keys: Keys, scope: Scope, token: str, now: datetime) -> Link | None:
    """The link that `token` opens in this scope, or None. Unknown, forged, revoked and expired take the same time."""
    link = genuine(keys, scope, token)
    return link if link is None or link.expires_at is None or link.expires_at > now else None


def genuine(keys: Keys, scope: Scope, token: str) -> Link | None:
    """The link that `token` is a key to, expired or not: enough to know whose it is, not to open anything."""
    try:
        selector, mac = (_unb64(part) for part in token.split(".", 1))
    except ValueError:
        selector, mac = b"", b""
    link = db.session.scalar(select(Link).where(Link.selector == selector))
    against = link or Link(scope=scope, selector=b"\0" * 16, generation=0, subject_id=0)
    macs = [keys.mac(scope, selector, against.generation, secret) for secret in keys.secrets]
    ours = sum(hmac.compare_digest(mac, each) for each in macs)  # all are compared: it always takes the same time
    return link if link is not None and ours and link.scope == scope else None
