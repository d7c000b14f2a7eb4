"""Every notice and every step of a tick, in pipeline order: for the workers, the outbox and the tests."""

from collections.abc import Callable
from datetime import datetime

from webapp.accounts import audit
from webapp.accounts import notices as of_accounts
from webapp.customers import consents
from webapp.customers import notices as of_customers
from webapp.groups import notices as of_groups
from webapp.invitations import booking, incoming
from webapp.invitations import notices as of_invitations
from webapp.invitations.agreeing import settle_agreed
from webapp.invitations.models import look_after_waiting, wipe_samples
from webapp.invitations.replies import wipe_replies
from webapp.mailing import budgets, housekeeping
from webapp.mailing.inbound.receiving import Reader
from webapp.privacy import erasing, withdrawing
from webapp.privacy import notices as of_privacy
from webapp.stages import nominated, standing
from webapp.stories import monthly, sharing, staff_notices
from webapp.stories import notices as of_stories
from webapp.surveys import asking, box
from webapp.surveys import notices as of_surveys
from webapp.telling import notices as of_telling
from webapp.telling.models import forget_unconfirmed

NOTICES = (
    of_accounts,
    of_groups,
    of_customers,
    of_stories,
    staff_notices,
    of_telling,
    of_invitations,
    of_surveys,
    of_privacy,
    withdrawing,
)
"""Where every kind of mail is said: to import them is to have them."""

Step = Callable[[datetime], object]
STEPS: tuple[Step, ...] = (
    look_after_waiting,
    booking.seat_waiting,
    settle_agreed,
    consents.end_due,
    nominated.tell_outcomes,
    standing.settle,
    asking.open_due,
    box.empty_due,
    sharing.tell_due,
    monthly.choose,
    housekeeping.wipe_old_mail,
    housekeeping.wipe_old_replies,
    budgets.forget,
    forget_unconfirmed,
    erasing.wipe_mailboxes,
    audit.seal,
    wipe_samples,
    wipe_replies,
)
"""What each tick looks after before the sweep; idempotent, each in a transaction of its own, given the time."""

READERS: tuple[Reader, ...] = (incoming.calendar, incoming.words)
"""Whom mail that comes in may concern, beside our mail itself: asked one after the other."""
