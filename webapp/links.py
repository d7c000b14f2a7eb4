"""Links in mail: `BASE_URL/<kind>/<selector>.<mac>`. What the database holds cannot be replayed."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    Executable,
    LargeBinary,
    Table,
    TableValuedAlias,
    Text,
    and_,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base

Scope = Literal[
    "answer",
    "slots",
    "survey",
    "host",
    "stop",
    "data",
    "staff",
    "owner",
    "mapping",
    "sign_in",
    "colleague",
    "export",
    "story",
    "confirm",
    "feed_organiser",
    "feed_host",
    "feed_team",
    "feed_room",
]
PATHS: dict[Scope, str] = {
    "answer": "a",  # an invitation
    "slots": "b",  # a customer, who chooses a day
    "survey": "s",  # a register entry
    "host": "h",  # a visit, for its host
    "stop": "u",  # an address
    "data": "p",  # an address
    "staff": "m",  # the address of a staff member
    "owner": "o",  # a question to a relationship owner
    "mapping": "k",  # a colleague asked in a mapping round
    "confirm": "c",  # what was told on the public page, to be confirmed
    "story": "v",  # a story, told or asked for
    "sign_in": "login",  # a request to sign in; works once
    "colleague": "welcome",  # an invitation to organise along
    "feed_organiser": "fo",  # an account: a calendar of the visits it runs
    "feed_host": "fh",  # a staff member, who hosts
    "feed_team": "ft",
    "feed_room": "fr",
    "export": "x",  # a file with everything about a person
}
VERSION = b"1"
_SELECTOR_BYTES = _MAC_BYTES = 16


class Link(Base):
    """One door for one purpose; `PATHS` says what `subject_id` is in each scope."""

    __tablename__ = "link"

    scope: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    selector: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    generation: Mapped[int] = mapped_column(default=1, server_default="1")
    expires_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime | None]
    """From outside: who had the link had a mail with it."""

    def revoke(self) -> None:
        """Every link handed out so far stops working; the next one is new."""
        self.generation += 1


class Door(NamedTuple):
    """What it takes to make a link to one subject in one scope."""

    scope: Scope
    subject_id: int
    selector: bytes
    generation: int


_LINK = cast(Table, Link.__table__)
_DOOR = (_LINK.c.scope, _LINK.c.subject_id, _LINK.c.selector, _LINK.c.generation)


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

    def token(self, link: Link | Door) -> str:
        return f"{_b64(link.selector)}.{_b64(self.mac(link.scope, link.selector, link.generation))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ensure(scope: Scope, subjects: Iterable[int]) -> dict[int, Door]:
    """The doors of `subjects`, made where missing."""
    return {subject: door for (_, subject), door in many((scope, subject) for subject in subjects).items()}


def many(wanted: Iterable[tuple[Scope, int]]) -> dict[tuple[Scope, int], Door]:
    """The doors for a batch of mails, over all scopes, made where missing: one statement each way, however many."""
    pairs = sorted(set(wanted))
    given = _given([{"scope": s, "subject_id": id, "hex": secrets.token_hex(_SELECTOR_BYTES)} for s, id in pairs])
    made = select(given.c.scope, given.c.subject_id, func.decode(given.c.hex, "hex"))
    new = insert(_LINK).from_select(["scope", "subject_id", "selector"], made, include_defaults=False)
    found = _doors(new.on_conflict_do_nothing(index_elements=_LINK.primary_key).returning(*_DOOR)) if pairs else {}
    if known := [pair for pair in pairs if pair not in found]:
        found |= existing(known)  # also who was made by somebody else in this very moment
    return found


def existing(pairs: Sequence[tuple[Scope, int]]) -> dict[tuple[Scope, int], Door]:
    """The doors of (scope, subject) that were ever made."""
    given = _given([{"scope": scope, "subject_id": subject} for scope, subject in pairs])
    return _doors(
        select(*_DOOR).join(given, and_(_LINK.c.scope == given.c.scope, _LINK.c.subject_id == given.c.subject_id))
    )


def _given(rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """As rows, which stay in order: who makes the same doors in another one would wait for ever."""
    return db.given(literal(json.dumps(rows), Text), scope=Text(), subject_id=BigInteger(), hex=Text())


def _doors(statement: Executable) -> dict[tuple[Scope, int], Door]:
    doors = (Door(*row) for row in db.session.execute(statement))
    return {(door.scope, door.subject_id): door for door in doors}


def resolve(keys: Keys, scope: Scope, token: str, now: datetime) -> Link | None:
    """The link that `token` opens in this scope, or None. Unknown, forged, revoked and expired take the same time."""
    link = genuine(keys, scope, token)
    return link if link is None or link.expires_at is None or link.expires_at > now else None


def seen(link: Link, now: datetime) -> None:
    """Write down when it was first opened: the one thing that a look writes. By itself, for a look changes nothing else."""
    first = update(Link).where(Link.selector == link.selector, Link.first_seen_at.is_(None)).values(first_seen_at=now)
    with db.transaction() as session:
        session.execute(first)


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
