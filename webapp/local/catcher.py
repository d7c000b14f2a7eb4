"""A mail server that delivers nothing: every mail goes into the demo's mailbox.

`python -m webapp.local.catcher FD FOLDER`: it listens on a socket that the supervisor opened, so that its address
outlives it.
"""

import asyncio
import signal
import socket
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from webapp.local.mailbox import Mailbox

_LARGEST_MAIL_BYTES = 10 * 1024 * 1024


class Catcher:
    """The hooks of aiosmtpd, by their names."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_EHLO(  # noqa: N802, RUF100  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(  # noqa: N802, RUF100  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        try:
            self.mailbox.keep(envelope.mail_from or "", envelope.rcpt_tos, envelope.content)
        except OSError as error:
            print(f"A mail could not be kept: {error.strerror}", flush=True)
            return "452 4.3.1 No room to keep this mail"
        return "250 2.0.0 Kept"


def serve(listening: socket.socket, mailbox: Mailbox) -> None:
    """Catch mail until SIGTERM."""
    loop = asyncio.new_event_loop()
    handler = Catcher(mailbox)
    factory = lambda: SMTP(handler, data_size_limit=_LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, loop=loop)  # noqa: E731
    server = loop.run_until_complete(loop.create_server(factory, sock=listening))
    loop.add_signal_handler(signal.SIGTERM, loop.stop)
    loop.run_forever()
    server.close()
    loop.close()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), Mailbox(Path(sys.argv[2])))
