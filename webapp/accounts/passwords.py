"""Passwords: Argon2id, twelve characters or more, and none that is known to be guessed first."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST, LONGEST = 12, 200
GUESSED_TOO_SOON = 3
"""zxcvbn's score (0-4) below which somebody with a list of broken passwords gets in."""
_hasher = PasswordHasher()
_COST = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
_NOBODY = f"$argon2id$v=19${_COST}${'A' * 22}${'A' * 43}"
"""Costs as much to compare with as any other. Not made by hashing: every process of ours would do that at its start."""


def hash_of(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password; takes as long when there is none, so that an unknown address looks like a known one."""
    try:
        return _hasher.verify(stored or _NOBODY, password[:LONGEST]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def easily_guessed(password: str, about: tuple[str, ...]) -> bool:
    """Whether it stands in a list of broken passwords, follows a pattern, or is made of what is known `about` its owner."""
    words = [word for text in about for word in (text, *text.replace("@", " ").replace(".", " ").split()) if word]
    return int(zxcvbn(password[:72], user_inputs=words)["score"]) < GUESSED_TOO_SOON
