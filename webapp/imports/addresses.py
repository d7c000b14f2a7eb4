"""An e-mail address as typed: the one mailbox it means, or what is wrong with it and what was probably meant."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 254
"""Characters (RFC 5321, 4.5.3.1.3, less the angle brackets)."""

_PROVIDERS = (
    "gmail.com hotmail.com hotmail.nl outlook.com live.nl live.com icloud.com yahoo.com ziggo.nl kpnmail.nl planet.nl"
    " xs4all.nl home.nl casema.nl upcmail.nl hetnet.nl quicknet.nl chello.nl telfort.nl solcon.nl proton.me me.com"
)
"""Whose names people know, and mistype."""
_ENDINGS = ("nl", "be", "com", "org", "eu", "net", "edu", "example")
_WRONG_ENDINGS = {"con": "com", "cim": "com", "comm": "com", "vom": "com", "ocm": "com", "nll": "nl", "n": "nl"}

LOOKS_LIKE_ONE = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# Narrower than the standard on purpose: what matches needs no further look.
_PLAIN = re.compile(r"[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,24}")
_PLAIN_AT_MOST = 60  # characters: below this no part can be too long
_RESERVED = (".test", ".local", ".arpa", ".onion", ".invalid", ".localhost")
_BETWEEN = re.compile(r"\s*[;,/|]\s*|\s+(?=\S+@)|\s+(?:en|and|of|or)\s+")
_ANGLES = re.compile(r"<([^<>]*@[^<>]*)>")


@dataclass(frozen=True)
class Fault:
    """Why an address cannot be used: `email.none`, `.at`, `.ats`, `.dot`, `.many`, `.wrong`."""

    key: str


def normal(typed: str) -> str | Fault:
    """The mailbox: small letters, the domain in ASCII (RFC 5891), without `mailto:`, a name or brackets around it."""
    text = _bare(typed)
    lower = text.lower()
    if len(lower) <= _PLAIN_AT_MOST and _PLAIN.fullmatch(lower) and not lower.endswith(_RESERVED):
        return lower
    if "@" not in text:
        return Fault("email.at" if "." in text and " " not in text else "email.none")
    if len(_split(text)) > 1:
        return Fault("email.many")
    if text.count("@") > 1:
        return Fault("email.ats")
    if "." not in text.rpartition("@")[2].strip(". "):
        return Fault("email.dot")
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return Fault("email.wrong")
    return (found.ascii_email or found.normalized).lower()


def guess(typed: str, domains: Iterable[str] = ()) -> str | None:
    """The address that was probably meant; `domains` are those of the other people on the list, the commonest first."""
    text = re.sub(r"\s*\(at\)\s*|\s+at\s+", "@", _bare(typed), flags=re.IGNORECASE)
    text = (_split(text) or [text])[0]
    text = re.sub(r"([@.])\1+", r"\1", re.sub(r"\s+", "", text).replace(",", ".")).strip(".;:'\"")
    local, at, domain = text.lower().rpartition("@")
    if not at or not local.strip("."):
        return None
    meant = local.strip(".") + "@" + _domain(domain.strip(".-"), tuple(domains))
    return meant if meant != typed.strip().lower() and not isinstance(normal(meant), Fault) else None


def slip(email: str, domains: Iterable[str] = ()) -> str | None:
    """A usable address whose domain is one slip of the keys away from a well-known one: the address probably meant."""
    local, _, domain = email.rpartition("@")
    meant = _domain(domain, tuple(domains))
    return f"{local}@{meant}" if meant != domain else None


def _bare(typed: str) -> str:
    text = typed.strip()
    if inside := _ANGLES.search(text):
        text = inside[1].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.strip("\"'<>;, \u200b\ufeff")


def _split(text: str) -> list[str]:
    """The addresses in a cell that holds several."""
    parts = [part for part in _BETWEEN.split(text) if part.count("@") == 1]
    return parts if len(parts) > 1 else []


@lru_cache(1_000)
def _domain(domain: str, common: tuple[str, ...]) -> str:
    """The domain that was probably meant, or the same again."""
    known = [*common, *_PROVIDERS.split()]
    if domain in known:
        return domain
    if "." not in domain:
        for other in known:
            if other.partition(".")[0] == domain or other.replace(".", "") == domain:
                return other
        for ending in _ENDINGS:
            if domain.endswith(ending) and len(domain) > len(ending) + 2:
                return f"{domain.removesuffix(ending)}.{ending}"
        return domain
    body, _, ending = domain.rpartition(".")
    for other in known:
        if _one_slip(domain, other):
            return other
    return f"{body}.{_WRONG_ENDINGS[ending]}" if ending in _WRONG_ENDINGS else domain


def _one_slip(typed: str, meant: str) -> bool:
    """One letter more, less, other, or two neighbours swapped. Short names differ by one letter and mean it."""
    if abs(len(typed) - len(meant)) > 1 or len(meant) < 8:
        return False
    start = 0
    while typed[start : start + 1] == meant[start : start + 1] != "":
        start += 1
    one, other = typed[start:], meant[start:]
    swapped = one[2:] == other[2:] and one[:2] == other[1::-1]
    return swapped or one[1:] == other or one == other[1:] or one[1:] == other[1:]
