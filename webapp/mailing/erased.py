"""Mailboxes that were erased, and people behind one that somebody else still reads: only a keyed hash of each, so that
nobody is mailed again who asked to be forgotten.

The key is random and lies in the database wrapped with the installation's own (`SECRET_KEY`): whoever takes the database
away cannot try out addresses with it, and when the installation's key is changed the hashes stay good, for the key is
wrapped anew (`rewrap`, with each tick). Asked at the claim, the one door by which mail leaves: so a list that is brought
once more mails nobody who was erased.
"""

import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base, Id
from webapp.people import folded

SIZE = 32


class ErasedAddress(Base):
    """One of them, by what is mailed: an address, or an address and a name. `lifted_at`: the person came back by
    themselves, and proved that they read it."""

    __tablename__ = "erased_address"

    id: Mapped[Id]
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class ErasureKey(Base):
    """The key of the hashes, wrapped; one row."""

    __tablename__ = "erasure_key"
    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=1)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    proof: Mapped[bytes] = mapped_column(LargeBinary)
    """Tells which of the installation's keys unwraps it."""


class KeyLost(Exception):
    """None of the installation's keys unwraps the key of the hashes: the older ones belong in SECRET_KEY_FALLBACKS."""


def person(email: str, name: str) -> str:
    """Somebody behind a mailbox, as they are remembered when others read it too."""
    return f"{email} {folded(name)}"


def remember(whom: str, keys: Sequence[str], now: datetime) -> None:
    """From now on nothing is mailed to this address, or this `person`, however they come back."""
    row = {"hash": _hash(whom, _key(keys, make=True)), "at": now, "lifted_at": None}
    told = insert(ErasedAddress).values(row)
    again = {"at": now, "lifted_at": None}
    db.session.execute(told.on_conflict_do_update(index_elements=[ErasedAddress.hash], set_=again))


def among(whom: Collection[str], keys: Sequence[str]) -> set[str]:
    """Which of these addresses, or of these people, were erased. One question when nobody ever was."""
    if not whom or db.session.get(ErasureKey, 1) is None:
        return set()
    try:
        key = _key(keys)
    except KeyLost:
        return set()  # said in the log every minute; to mail nobody at all would help nobody
    hashes = {_hash(each, key): each for each in whom}
    found = select(ErasedAddress.hash).where(ErasedAddress.hash.in_(hashes), ErasedAddress.lifted_at.is_(None))
    return {hashes[each] for each in db.session.scalars(found)}


def lift(whom: str, keys: Sequence[str], now: datetime) -> bool:
    """The person themselves came back: they asked, from this mailbox. Whether they had been erased."""
    known = bool(among([whom], keys))
    if known:
        hash = _hash(whom, _key(keys))
        db.session.scalars(select(ErasedAddress).where(ErasedAddress.hash == hash)).one().lifted_at = now
    return known


def rewrap(keys: Sequence[str]) -> None:
    """After the installation's key was changed, while the old one is still among the fallbacks."""
    row = db.session.get(ErasureKey, 1)
    if row is not None and not _opens(row, keys[0]):
        row.salt, row.wrapped, row.proof = _wrap(_unwrap(row, keys), keys[0])


def _key(keys: Sequence[str], *, make: bool = False) -> bytes:
    row = db.session.get(ErasureKey, 1)
    if row is None and make:
        salt, wrapped, proof = _wrap(secrets.token_bytes(SIZE), keys[0])
        new = insert(ErasureKey).values(id=1, salt=salt, wrapped=wrapped, proof=proof)
        db.session.execute(new.on_conflict_do_nothing())
        row = db.session.get_one(ErasureKey, 1)
    if row is None:
        raise KeyLost
    return _unwrap(row, keys)


def _wrap(key: bytes, secret: str) -> tuple[bytes, bytes, bytes]:
    salt = secrets.token_bytes(SIZE)
    return salt, _xor(key, _pad(salt, secret)), _proof(salt, secret)


def _unwrap(row: ErasureKey, keys: Sequence[str]) -> bytes:
    for secret in keys:
        if _opens(row, secret):
            return _xor(row.wrapped, _pad(row.salt, secret))
    raise KeyLost


def _opens(row: ErasureKey, secret: str) -> bool:
    return hmac.compare_digest(row.proof, _proof(row.salt, secret))


def _pad(salt: bytes, secret: str) -> bytes:
    """As long as the key, used for this salt only: laid over it, it cannot be told from chance."""
    return hmac.digest(secret.encode(), b"firsthand erasure pad" + salt, "sha256")


def _proof(salt: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"firsthand erasure proof" + salt, "sha256")


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _hash(whom: str, key: bytes) -> bytes:
    return hmac.digest(key, whom.strip().lower().encode(), "sha256")
