"""What mail said is wiped when it is old: that it was sent, to whom and when, stays."""

from datetime import datetime, timedelta

from webapp import clock
from webapp.mailing import said
from webapp.mailing.inbound.models import wipe_old_incoming

KEPT = timedelta(days=30)
AT_ONCE = 1_000
"""Mails wiped in one tick at most."""


def wipe_old_mail(now: datetime) -> int:
    """A step of every tick; returns how many were wiped. By the real clock: a demo that runs ahead forgets nothing."""
    before = min(now, clock.real()) - KEPT
    return said.wipe(before, AT_ONCE)


def wipe_old_replies(now: datetime) -> int:
    """A step of every tick: mail that came in, by the real clock too."""
    return wipe_old_incoming(min(now, clock.real()))
