"""The settings: read once from the environment, typed, and checked before anything starts.

Every field names its variable; one that is missing or wrong raises `SettingsError` with one sentence: which, what is
wrong, what to do. `Settings.from_environment(os.environ)` is how a process gets them; tests use `dataclasses.replace`.
"""

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import time, timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit


class SettingsError(Exception):
    """A setting that is missing or wrong, as one sentence for the person who starts Firsthand."""


def _from(
    name: str, parse: Callable[[str], Any], default: Any = MISSING, example: str = "", secret: bool = False
) -> Any:
    """A field read from the variable `name`. A secret is left out of `repr`, so it cannot reach a log."""
    return field(default=default, repr=not secret, metadata={"name": name, "parse": parse, "example": example})


def _database(text: str) -> str:
    """In SQLAlchemy's spelling. By hand: importing SQLAlchemy for this would triple the supervisor's memory."""
    parts = _split(text)
    if parts.scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError("is not an address of a PostgreSQL database")
    if not parts.path.strip("/"):
        raise ValueError("does not name a database")
    return f"postgresql+psycopg://{text.partition('://')[2]}"


def _redis(text: str) -> str:
    scheme, _, rest = text.partition("://")
    kinds = {"redis": "redis", "rediss": "rediss", "unix": "unix", "redis+socket": "unix", "redis+unix": "unix"}
    if scheme not in kinds or not rest:
        raise ValueError("is not an address of Redis or Valkey")
    return f"{kinds[scheme]}://{rest}"


def _base_url(text: str) -> str:
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("is not an address of a site, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is not an address") from None
    return parts


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError(f"has {len(text)} characters and needs at least 32")
    return text


def _secrets(text: str) -> tuple[str, ...]:
    return tuple(_secret(part.strip()) for part in text.split(",") if part.strip())


def _yes(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("is neither 1 nor 0")


def _count(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
            raise ValueError(f"is not a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def _seconds(text: str) -> timedelta:
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError("is not a number of seconds") from None
    if not 0 < seconds <= 86_400:
        raise ValueError("is not a number of seconds above 0, a day at most")
    return timedelta(seconds=seconds)


def _hours(text: str) -> tuple[time, time] | None:
    """`20:00-08:00`; None for `off`."""
    if text.lower() == "off":
        return None
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError("is neither two times of day nor off") from None
    if begin == end or begin.tzinfo or end.tzinfo:
        raise ValueError("is no part of a day")
    return begin, end


def _sender(text: str) -> str:
    address = parseaddr(text)[1]
    if "@" not in address.strip("@") or any(character in text for character in "\r\n\0"):
        raise ValueError("is not a mail address")
    return text


def _domain(text: str) -> str:
    if not text or any(character.isspace() or character in "@/:<>" for character in text):
        raise ValueError("is not the name of a domain")
    return text.lower()


def _mailbox(text: str) -> str:
    if not text.isascii() or not text.isprintable() or '"' in text or "\\" in text:
        raise ValueError("is not the name of a folder of a mailbox")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("is not a full path")
    return path


_port = _count(1, 65_535)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this process was told. Times are `timedelta`; addresses are normalised; `None` means: not set."""

    home: Path | None = _from("FIRSTHAND_HOME", _folder, None, example="/var/lib/firsthand")
    """State of the whole of Firsthand on one machine; None where other services keep the state."""
    port: int = _from("PORT", _port, 8000, example="8000")

    database_url: str = _from(
        "DATABASE_URL", _database, example="postgresql://firsthand:password@db/firsthand", secret=True
    )
    redis_url: str = _from("REDIS_URL", _redis, example="redis://redis:6379/0", secret=True)
    base_url: str = _from("BASE_URL", _base_url, example="https://visits.example.org")
    """The address in the browser and in every mail, without a slash at the end."""
    secret_key: str = _from("SECRET_KEY", _secret, example="what `openssl rand -base64 48` prints", secret=True)
    secret_key_fallbacks: tuple[str, ...] = _from(
        "SECRET_KEY_FALLBACKS", _secrets, (), example="older keys, separated by commas", secret=True
    )

    mail_server: str | None = _from("MAIL_SERVER", _domain, None, example="smtp.example.org")
    """None: outbox mode. Everything is made and can be read, nothing leaves."""
    mail_port: int = _from("MAIL_PORT", _port, 25, example="587")
    mail_use_tls: bool = _from("MAIL_USE_TLS", _yes, False, example="1")
    mail_use_ssl: bool = _from("MAIL_USE_SSL", _yes, False, example="1")
    mail_username: str | None = _from("MAIL_USERNAME", str, None)
    mail_password: str | None = _from("MAIL_PASSWORD", str, None, secret=True)
    mail_default_sender: str = _from(
        "MAIL_DEFAULT_SENDER", _sender, "Firsthand <firsthand@localhost>", example="Visits <visits@example.org>"
    )
    mail_domain: str = _from("MAIL_DOMAIN", _domain, "localhost", example="example.org")
    """Domain of Message-IDs and of envelope senders (VERP). Without it: the domain of MAIL_DEFAULT_SENDER."""

    mail_rate: int | None = _from("MAIL_RATE", _count(1, 1_000_000), None, example="600")
    """Mails a minute that the relay is given; None: as many as it takes."""
    mail_connections: int | None = _from("MAIL_CONNECTIONS", _count(1, 1_000), None, example="4")
    """Connections to the relay at once; from two on, one of them is kept for what is urgent. None: one per process."""
    mail_domain_rate: int | None = _from("MAIL_DOMAIN_RATE", _count(1, 1_000_000), None, example="300")
    """Mails a minute to any one recipient domain. None: until it says that it is too much."""
    quiet_hours: tuple[time, time] | None = _from(
        "QUIET_HOURS", _hours, (time(20), time(8)), example="20:00-08:00, or off"
    )
    """When no ask, reminder or questionnaire leaves, on its reader's clock."""

    imap_server: str | None = _from("IMAP_SERVER", _domain, None, example="imap.example.org")
    """Of the mailbox that MAIL_DEFAULT_SENDER names. None: what comes back is not read, and nobody is asked to answer."""
    imap_port: int = _from("IMAP_PORT", _port, 993, example="993")
    imap_use_ssl: bool = _from("IMAP_USE_SSL", _yes, True, example="1")
    """0: STARTTLS, and without any only on this machine itself."""
    imap_username: str = _from("IMAP_USERNAME", str, "", example="visits@example.org")
    imap_password: str = _from("IMAP_PASSWORD", str, "", example="the password of that mailbox", secret=True)
    imap_folder: str = _from("IMAP_FOLDER", _mailbox, "INBOX", example="INBOX")

    relay_log: Path | None = _from("RELAY_LOG", _folder, None, example="/var/log/mail.log")
    """The Postfix log of the mail server, where it can be read here: then a mail in doubt is not sent blindly again."""

    metrics_token: str = _from("METRICS_TOKEN", str, "", example="what `openssl rand -hex 20` prints", secret=True)
    """Who knows it may read /metrics; without it there is no such page."""

    demo: bool = _from("FIRSTHAND_DEMO", _yes, False, example="1")
    """Sample organisation, mailbox and time machine. Never beside real people."""
    proxies: int = _from("FIRSTHAND_PROXIES", _count(0, 10), 0, example="1")
    """How many reverse proxies of ours stand in front, so whose X-Forwarded-* lines are believed."""

    hold: timedelta = _from("FIRSTHAND_HOLD", _seconds, timedelta(seconds=60), example="60")
    """How long a mailing waits for "undo"."""
    tick: timedelta = _from("FIRSTHAND_TICK", _seconds, timedelta(seconds=2), example="2")
    """How often the last minutes are swept, and the urgent lane is emptied."""
    wide_tick: timedelta = _from("FIRSTHAND_WIDE_TICK", _seconds, timedelta(seconds=60), example="60")
    """How often everything that has not lapsed is swept."""
    narrow_window: timedelta = _from("FIRSTHAND_NARROW_WINDOW", _seconds, timedelta(minutes=5), example="300")
    lease: timedelta = _from("FIRSTHAND_LEASE", _seconds, timedelta(seconds=60), example="60")
    """How long a claimed mail belongs to its claimer."""
    hurry: timedelta = _from("FIRSTHAND_HURRY", _seconds, timedelta(seconds=5), example="5")
    """From marker to final dot at most; a marker twice this old, whose owner is gone, is taken up."""
    batch: int = _from("FIRSTHAND_BATCH", _count(1, 1_000), 100, example="100")
    """Mails per claim."""
    group: int = _from("FIRSTHAND_GROUP", _count(1, 100), 10, example="10")
    """Mails per marker: so many at most are in doubt after a crash."""
    max_attempts: int = _from("FIRSTHAND_MAX_ATTEMPTS", _count(1, 100), 12, example="12")
    connect_timeout: timedelta = _from("FIRSTHAND_CONNECT_TIMEOUT", _seconds, timedelta(seconds=10), example="10")
    command_timeout: timedelta = _from("FIRSTHAND_COMMAND_TIMEOUT", _seconds, timedelta(seconds=60), example="60")
    dot_timeout: timedelta = _from("FIRSTHAND_DOT_TIMEOUT", _seconds, timedelta(seconds=600), example="600")
    """RFC 5321, 4.5.3.2.6: shorter ones manufacture unknowns."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """The settings in `environ`. An empty variable counts as not set. Raises SettingsError."""
        found = {each.name: _read(each, environ) for each in fields(cls) if _given(each, environ)}
        settings = cls(**(_mail_defaults(found) | found))
        settings._check_mail(found)
        settings._check_mailbox(found)
        return settings

    @classmethod
    def database(cls, environ: Mapping[str, str]) -> str:
        """DATABASE_URL alone, for what needs nothing else: migrations. Raises SettingsError."""
        each = next(each for each in fields(cls) if each.name == "database_url")
        _given(each, environ)
        return str(_read(each, environ))

    def _check_mail(self, found: Mapping[str, Any]) -> None:
        if self.mail_use_tls and self.mail_use_ssl:
            raise SettingsError("MAIL_USE_TLS and MAIL_USE_SSL exclude each other; keep the first for port 587.")
        if self.mail_username and not (self.mail_use_tls or self.mail_use_ssl):
            raise SettingsError("MAIL_USERNAME would send its password readable over the line; set MAIL_USE_TLS=1.")
        if bool(self.mail_username) != bool(self.mail_password):
            raise SettingsError("MAIL_USERNAME and MAIL_PASSWORD belong together; set both or neither.")
        if self.mail_server and "mail_default_sender" not in found:
            raise SettingsError(
                "MAIL_DEFAULT_SENDER is missing while MAIL_SERVER is set; "
                "set it to, for example, Visits <visits@example.org>."
            )

    def _check_mailbox(self, found: Mapping[str, Any]) -> None:
        if not self.imap_server:
            return
        for name in ("imap_username", "imap_password"):
            if name not in found:
                raise SettingsError(f"{name.upper()} is missing while IMAP_SERVER is set; set it, or leave both out.")
        if "mail_default_sender" not in found:
            raise SettingsError(
                "MAIL_DEFAULT_SENDER is missing while IMAP_SERVER is set; set it to the address of that mailbox."
            )

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs, then the older ones that are still believed."""
        return (self.secret_key, *self.secret_key_fallbacks)

    @property
    def mail_off(self) -> bool:
        """Outbox mode."""
        return self.mail_server is None

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over https: cookies are Secure then, and named `__Host-`."""
        return self.base_url.startswith("https:")

    @property
    def setup_code(self) -> str:
        """What the first visitor types to found the organisation; follows from the key, so every process knows it."""
        digest = hmac.digest(self.secret_key.encode(), b"firsthand setup code", "sha256")
        letters = base64.b32encode(digest).decode()
        return "-".join(letters[at : at + 4] for at in (0, 4, 8))

    @property
    def broker_url(self) -> str:
        """`redis_url` in Celery's spelling."""
        return self.redis_url.replace("unix://", "redis+socket://", 1)

    @property
    def limiter_url(self) -> str:
        """`redis_url` in the spelling of the rate limiter."""
        return self.redis_url.replace("unix://", "redis+unix://", 1)


def _given(each: Field[Any], environ: Mapping[str, str]) -> bool:
    given = bool(environ.get(each.metadata["name"], "").strip())
    if not given and each.default is MISSING:
        raise SettingsError(f"{each.metadata['name']} is missing; set it to, for example, {each.metadata['example']}.")
    return given


def _read(each: Field[Any], environ: Mapping[str, str]) -> Any:
    name, parse, example = (each.metadata[key] for key in ("name", "parse", "example"))
    try:
        return parse(environ[name].strip())
    except ValueError as wrong:
        raise SettingsError(f"{name} {wrong}; set it to, for example, {example}.") from None


def _mail_defaults(found: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from the other settings: the port from the kind of TLS, the domain from sender or site."""
    imap_port = 993 if found.get("imap_use_ssl", True) else 143
    ports = {"mail_use_ssl": 465, "mail_use_tls": 587}
    port = next((number for kind, number in ports.items() if found.get(kind)), 25)
    host = urlsplit(found["base_url"]).hostname or ""
    domain = parseaddr(found["mail_default_sender"])[1].rpartition("@")[2] if "mail_default_sender" in found else host
    domain = found.get("mail_domain") or ("localhost" if _is_number(domain) else domain.lower())
    sender = f"Firsthand <firsthand@{domain}>"
    return {"imap_port": imap_port, "mail_port": port, "mail_domain": domain, "mail_default_sender": sender}


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
