"""What the workers do, round by round: each step looks for what is due, is idempotent, and commits by itself.

Celery calls these from `tasks/`; `firsthand deliver --loop` calls the same without a broker.
"""

import imaplib
import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from time import monotonic, sleep

from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError

from webapp import clock, db, logs, wiring
from webapp.accounts.models import Organisation
from webapp.config import Settings
from webapp.imports import work
from webapp.links import Keys
from webapp.mailing import erased
from webapp.mailing.delivery import Sender
from webapp.mailing.evidence import PostfixLog
from webapp.mailing.failpoints import reach
from webapp.mailing.inbound import receiving
from webapp.mailing.inbound.mailbox import Mailbox, Unreadable
from webapp.mailing.inbound.receiving import FAILED, LATER, NOBODYS, NotYet
from webapp.mailing.models import LANES, ClockShift, Dispatch
from webapp.mailing.post import Post
from webapp.mailing.resolution import Evidence, NoEvidence, resolve
from webapp.mailing.restored import pause_if_restored
from webapp.mailing.server import Connection
from webapp.mailing.sweep import beat, sweep
from webapp.mailing.transport import Relay
from webapp.planning import work as planning
from webapp.privacy import retention

DELIVER_SECONDS = 20.0
RECEIVE_EVERY = 30.0
"""Seconds between two looks into the mailbox."""
GRACE = 3
"""Times the hurry: a mail that left so long after its marker at the latest is in the mail server's log, or nowhere."""


def tick(settings: Settings, evidence: Evidence | None = None, *, wide: bool = False) -> None:
    """One tick: facts that became due, messages that became due, and what a crash left in doubt."""
    read_clock(settings)
    if wide:
        keep_key(settings)
    for step in (*wiring.STEPS, _nightly(settings)):
        try:
            with db.transaction():
                step(clock.now())
        except Exception as error:
            logs.failed("step failed", error, step=step.__name__)
    with db.transaction():
        sweep(clock.now(), clock.real(), wide=wide, window=settings.narrow_window)
    resolve(settings, evidence or relay_log(settings))


def _nightly(settings: Settings) -> wiring.Step:
    """The one step that needs the installation's keys: whom it erases is known again by a keyed hash."""

    def nightly(now: datetime) -> None:
        retention.nightly(now, settings.secret_keys)

    return nightly


def keep_key(settings: Settings) -> None:
    """The key by which erased mailboxes are known lies wrapped in the installation's own, which may have changed."""
    try:
        with db.transaction():
            erased.rewrap(settings.secret_keys)
    except erased.KeyLost as error:
        logs.failed("erased addresses cannot be recognised: put the older key into SECRET_KEY_FALLBACKS", error)


@cache
def relay_log(settings: Settings) -> Evidence:
    """What the mail server wrote down, where that can be read. Kept, because it is read on from where it stopped."""
    if settings.relay_log is None:
        return NoEvidence()
    return PostfixLog(
        settings.relay_log, settings.mail_domain, GRACE * settings.hurry, knock=Connection.of(settings).check
    )


def read_clock(settings: Settings) -> None:
    """In a demo, let this process's clock run as far ahead as the time machine says."""
    if settings.demo:
        with db.transaction():
            ClockShift.follow()


@contextmanager
def sender(settings: Settings) -> Iterator[Sender | None]:
    """A sending process of this installation; None while mail is off or nobody set it up."""
    with db.transaction():
        organisation = Organisation.current()
        name = organisation.name if organisation else None
        if organisation:
            pause_if_restored("nl" if organisation.locale == "nl" else "en", clock.now())
    if settings.mail_off or name is None:
        yield None
        return
    with Sender(settings, Post.of(settings, name), Relay.of(settings)) as found:
        yield found


def deliver(settings: Settings, seconds: float, lanes: tuple[str, ...] = tuple(LANES)) -> int:
    """Send what is to go, for so long at most; returns how many the relay accepted."""
    read_clock(settings)
    if not _anything_to_send(lanes):
        return 0
    with sender(settings) as found:
        return found.work(lanes, seconds) if found else 0


def _anything_to_send(lanes: tuple[str, ...]) -> bool:
    """One question, before a sender is made: most ticks have nothing to send."""
    waiting = exists().where(Dispatch.lane.in_([LANES[lane] for lane in lanes]), Dispatch.try_at <= clock.real())
    with db.transaction() as session:
        return bool(session.scalar(select(waiting)))


def receive(settings: Settings, trust: ssl.SSLContext | None = None) -> int:
    """Read what came in; returns how many mails. Each is committed, then marked: whatever happens in between, it counts once."""
    if settings.imap_server is None:
        return 0
    read_clock(settings)
    keys, received = Keys.of(*settings.secret_keys), 0
    try:
        with Mailbox.of(settings, trust) as mailbox:
            for number, raw in mailbox.unread():
                came_of = take(raw, keys)
                if came_of == LATER:
                    continue
                reach("after_incoming_commit")
                mailbox.done(number, for_a_person=came_of in (NOBODYS, FAILED))
                received += 1
        with db.transaction():
            beat("mailbox", clock.now(), clock.real())
    except (Unreadable, OSError, imaplib.IMAP4.error) as error:
        logs.failed("the mailbox cannot be read", error)
    return received


def take(raw: bytes, keys: Keys) -> str | None:
    """One mail that came in, in a transaction of its own. One that cannot be dealt with holds up nobody."""
    try:
        with db.transaction():
            came_of = receiving.receive(raw, keys, wiring.READERS, clock.now(), clock.real())
            reach("before_incoming_commit")
        return came_of
    except NotYet:
        return LATER
    except OperationalError:
        raise  # the database is away: the mail stays unread
    except Exception as error:
        logs.failed("mail cannot be received", error)
        with db.transaction():
            receiving.keep(raw, clock.real())
        return FAILED


def lists(settings: Settings) -> None:
    """Read and apply the lists that are too long to wait for, and forget the old ones."""
    read_clock(settings)
    work.work()


def seasons(settings: Settings) -> None:
    """Search for a season plan that was asked for, if any."""
    read_clock(settings)
    planning.work()


def run(settings: Settings, *, loop: bool) -> None:
    """Tick and deliver without a broker: once, or for ever. A database that is away is waited for."""
    next_wide = next_look = 0.0
    while True:
        wide = monotonic() >= next_wide
        try:
            tick(settings, wide=wide)
            deliver(settings, DELIVER_SECONDS)
            lists(settings)
            seasons(settings)
            if monotonic() >= next_look:
                next_look = monotonic() + RECEIVE_EVERY
                receive(settings)
        except OperationalError as error:
            logs.failed("the database is away", error)
        if not loop:
            return
        next_wide = monotonic() + settings.wide_tick.total_seconds() if wide else next_wide
        sleep(settings.tick.total_seconds())


if __name__ == "__main__":
    found = Settings.from_environment(os.environ)
    db.connect(found.database_url, pool_size=2)
    run(found, loop="--loop" in sys.argv)
