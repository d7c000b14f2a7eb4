"""The organisation's mail server, opened with care: Flask-Mail's connection and settings, its faults mended.

Flask-Mail 0.10 waits for ever, believes any certificate, and logs in without asking for one. (Its Message-ID that
changes and its calendar part without a method do not concern us: `mime` makes the bytes.)
"""

import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import flask_mail

from webapp.config import Settings
from webapp.mailing.status import TIMED_OUT, Outcome, Reply, nameless, outcome

READY = 220

Step = Callable[[smtplib.SMTP], Reply | None]


@dataclass(frozen=True)
class Stage:
    """One step of opening a connection, and how it went: accepted or deferred."""

    name: str
    outcome: Outcome


class NotOpened(smtplib.SMTPException):
    """The connection could not be opened, or not trusted. Says nothing about any mail, so it defers every one."""

    def __init__(self, outcome: Outcome):
        super().__init__(outcome.text)
        self.outcome = outcome


class Connection(flask_mail.Connection):
    """Flask-Mail's connection with timeouts and a verified peer; without one it says neither AUTH nor DATA."""

    def __init__(
        self,
        mail: flask_mail.Mail,
        *,
        ehlo: str | None = None,
        trust: ssl.SSLContext | None = None,
        connect_seconds: float = 10,
        command_seconds: float = 60,
    ):
        super().__init__(mail)
        self.ehlo, self.trust = ehlo, trust
        self.connect_seconds, self.command_seconds = connect_seconds, command_seconds

    @classmethod
    def of(cls, settings: Settings, trust: ssl.SSLContext | None = None) -> Self:
        """The connection these settings describe. `trust` replaces the certificates this machine believes."""
        names = ("server", "port", "use_tls", "use_ssl", "username", "password", "default_sender")
        mail = flask_mail.Mail()
        mail.state = mail.init_mail({f"MAIL_{name.upper()}": getattr(settings, f"mail_{name}") for name in names})
        return cls(
            mail,
            ehlo=settings.mail_domain,
            trust=trust,
            connect_seconds=settings.connect_timeout.total_seconds(),
            command_seconds=settings.command_timeout.total_seconds(),
        )

    def configure_host(self, passed: list[Stage] | None = None) -> smtplib.SMTP:
        """An open, verified, logged-in connection. Fills `passed` as it goes; raises NotOpened."""
        host = smtplib.SMTP(local_hostname=self.ehlo)
        host._host = self.mail.server  # type: ignore[attr-defined]  # whose certificate `starttls` asks for
        for stage, step in self._steps():
            try:
                reply = step(host)
            except (OSError, UnicodeError) as error:
                host.close()
                raise NotOpened(_failure(stage, error)) from error
            if passed is not None:
                said = outcome("accepted", stage, reply) if reply else Outcome("accepted", stage)
                passed.append(Stage(stage, said))
        return host

    def check(self) -> list[Stage]:
        """Open a connection only to see how far it comes; the last stage is the one that failed, if one did."""
        passed: list[Stage] = []
        try:
            self.configure_host(passed).close()
        except NotOpened as failed:
            passed.append(Stage(failed.outcome.stage, failed.outcome))
        return passed

    def _steps(self) -> list[tuple[str, Step]]:
        secure = self.mail.use_ssl or self.mail.use_tls
        steps: list[tuple[str, Step]] = []
        if self.mail.username and not secure:
            steps.append(("tls", _refuse_readable_password))
        steps.append(("connect", self._connect))
        if self.mail.use_ssl:
            steps.append(("tls", self._wrap))
        steps.append(("greeting", _greet))
        if self.mail.use_tls and not self.mail.use_ssl:
            steps.append(("tls", self._start_tls))
        if self.mail.username:
            steps.append(("login", self._login))
        return steps

    def _connect(self, host: smtplib.SMTP) -> None:
        host.sock = socket.create_connection((self.mail.server, self.mail.port), self.connect_seconds)
        host.sock.settimeout(self.command_seconds)
        host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host.sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # the answer to a final dot may take minutes

    def _wrap(self, host: smtplib.SMTP) -> None:
        assert host.sock is not None  # connected by the step before
        host.sock = self._trusted().wrap_socket(host.sock, server_hostname=self.mail.server)

    def _start_tls(self, host: smtplib.SMTP) -> Reply:
        host.starttls(context=self._trusted())
        host.ehlo_or_helo_if_needed()  # what the server can do is asked anew, from the one we now know
        return Reply(READY, ())

    def _login(self, host: smtplib.SMTP) -> Reply:
        code, answer = host.login(self.mail.username, self.mail.password)
        return _reply(code, answer)

    def _trusted(self) -> ssl.SSLContext:
        return self.trust or ssl.create_default_context()


def _refuse_readable_password(host: smtplib.SMTP) -> Reply:
    raise smtplib.SMTPNotSupportedError("MAIL_USERNAME needs MAIL_USE_TLS or MAIL_USE_SSL")


def _greet(host: smtplib.SMTP) -> Reply:
    code, answer = host.getreply()
    if code != READY:
        raise smtplib.SMTPConnectError(code, answer)
    host.ehlo_or_helo_if_needed()
    return _reply(code, answer)


def _reply(code: int, answer: bytes | str) -> Reply:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return Reply(code, tuple(text.splitlines()))


def _failure(stage: str, error: OSError | UnicodeError) -> Outcome:
    if isinstance(error, smtplib.SMTPResponseException):
        return outcome("deferred", stage, _reply(error.smtp_code, error.smtp_error))
    if isinstance(error, socket.gaierror):
        stage = "dns"
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        text = TIMED_OUT
    elif isinstance(error, ssl.SSLCertVerificationError):
        text = error.verify_message
    elif isinstance(error, UnicodeError):
        text = "not ASCII"  # its own words would quote a password
    else:
        text = getattr(error, "strerror", None) or str(error)
    return Outcome("deferred", stage, text=nameless(text.rstrip(".")))
