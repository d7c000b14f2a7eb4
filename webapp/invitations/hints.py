"""The hint of an unconfirmed tap: kept beside an invitation, never an answer, dropped when a mail scanner made it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Mapped

NUDGE_AFTER = timedelta(hours=2)
SCANNED_WITHIN = timedelta(minutes=1)
"""Several different answers fetched within this time: nobody reads that fast, so a machine did."""


class Hinted:
    """What somebody's mail was tapped for while the answer is still open."""

    hint: Mapped[str | None]
    """The unconfirmed tap; never an answer."""
    hint_at: Mapped[datetime | None]
    nudge_at: Mapped[datetime | None]
    hint_dropped_at: Mapped[datetime | None]
    """It looked like a mail scanner."""

    def tap(self, kind: str, now: datetime, nudge_at: datetime | None) -> None:
        """Somebody opened the page with this answer in mind. A second, other one within a minute was a machine."""
        if _just_now(self.hint_dropped_at, now) or self.hint == kind:
            return
        if _just_now(self.hint_at, now):
            self.drop_hint(now)
        else:
            self.hint, self.hint_at, self.nudge_at, self.hint_dropped_at = kind, now, nudge_at, None

    def peek(self, now: datetime) -> None:
        """Something asked only for the headers: a machine. What was tapped within the minute was its doing."""
        if self.hint_at is None or _just_now(self.hint_at, now):
            self.drop_hint(now)

    def drop_hint(self, now: datetime) -> None:
        self.forget_hint()
        self.hint_dropped_at = now

    def forget_hint(self) -> None:
        """The answer is in: there is nothing to hint at."""
        self.hint = self.hint_at = self.nudge_at = None


def _just_now(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and now - moment < SCANNED_WITHIN
