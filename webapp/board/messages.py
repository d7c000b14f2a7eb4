"""The pages of the outbox, and what can be done there: try again, stop, pause, see to."""

from collections.abc import Sequence
from datetime import date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp import clock, db, mailframe
from webapp.access import access, role
from webapp.accounts import audit
from webapp.accounts.models import Account
from webapp.accounts.signing_in import safe_path
from webapp.board import letters, outbox, outcomes, upcoming
from webapp.board.letters import Letter
from webapp.board.saying import _, day_short, ngettext, today, wall
from webapp.mailing import by_hand
from webapp.mailing.by_hand import CannotTryAgain
from webapp.mailing.models import DeliveryEvent, Message
from webapp.mailing.notices import Notice
from webapp.stages.rule import COUNTED_TO

blueprint = Blueprint("messages", __name__)

TABS = ("mail", "text", "headers", "calendar")
FIRST_PLANNED = 8
"""Batches shown above what left; all of them are one press away."""
AT_ONCE = 500
"""Mails tried again with one press."""


@blueprint.get("/messages")
@access(role("viewer"))
def index() -> str:
    """What will leave in two weeks, then what left, the last first; of one state, kind or visit when asked."""
    now, held = clock.now(), outbox.pauses()
    state = next((state for state in outbox.STATES if state == request.args.get("state")), "")
    notice = request.args.get("notice", "") if request.args.get("notice") in Notice.all else ""
    thread = request.args.get("thread", "")[:40]
    batches = [
        each
        for each in upcoming.batches(now, now + upcoming.AHEAD, thread or None)
        if not notice or each.notice == notice
    ]
    found, following = outbox.page(outbox.messages(state, notice, thread), request.args.get("before", type=int))
    counts = outbox.counts()
    planned = sum(batch.count for batch in batches)
    shown = batches if state == "planned" else batches[:FIRST_PLANNED]
    return render_template(
        "board/messages.html",
        state=state,
        notice=notice,
        thread=thread,
        counts=counts,
        counted_to=COUNTED_TO,
        planned=planned,
        batches=shown,
        batches_left=len(batches) - len(shown),
        about=outbox.visit_days({each.thread for each in batches if each.thread} | ({thread} if thread else set())),
        lines=outbox.lines(found, now, held) if state != "planned" else [],
        following=following if state != "planned" else None,
        days=_chart(batches, now),
        last_accepted=outbox.last_accepted(),
        held=held,
        outcome=lambda batch: outcomes.planned(batch, held, now),
        names=outbox.named({address for batch in shown for address in batch.addresses}),
        notices=sorted(((name, outcomes.title(name)) for name in Notice.all), key=lambda each: each[1]),
        title=outcomes.title,
        scope_name=outcomes.scope_name,
        wall=wall,
        today=today(),
    )


def _chart(batches: Sequence[upcoming.Batch], now: datetime) -> list[tuple[date, int]]:
    return outbox.per_day([(batch.leaves_at, batch.count) for batch in batches], now, upcoming.AHEAD.days)


@blueprint.get("/messages/<int:message_id>")
@access(role("viewer"))
def show(message_id: int) -> str:
    message, now, held = _message(message_id), clock.now(), outbox.pauses()
    events = select(DeliveryEvent).where(DeliveryEvent.message_id == message.id).order_by(DeliveryEvent.id)
    line = outbox.lines([message], now, held)[0]
    return _page(
        letters.of(message, now),
        line=line,
        message=message,
        outcome=line.outcome,
        title=line.title,
        to=line.to,
        about=line.about,
        events=db.session.scalars(events).all(),
        frame=url_for("messages.html", message_id=message.id),
    )


@blueprint.get("/messages/<int:message_id>/html")
@access(role("viewer"))
def html(message_id: int) -> Response:
    """The mail alone, for a frame that can run nothing."""
    letter = letters.of(_message(message_id), clock.now()) or abort(404)
    return mailframe.framed(letter.mail.html)


@blueprint.get("/messages/planned/<notice>/<int:subject_id>")
@access(role("viewer"))
def planned(notice: str, subject_id: int) -> str | Response:
    """A mail that will leave, as it would be now."""
    kind, now = _notice(notice), clock.now()
    due = upcoming.one(kind, subject_id, now)
    if due is None:
        written = select(Message.id).where(Message.notice == notice, Message.subject_id == subject_id)
        found = db.session.scalar(written.order_by(Message.id.desc()).limit(1)) or abort(404)
        return redirect(url_for("messages.show", message_id=found), 303)
    return _page(
        letters.planned(kind, due, now),
        line=None,
        message=None,
        due=due,
        outcome=outcomes.planned(due, outbox.pauses(), now),
        title=outcomes.title(notice),
        to=outbox.named({due.address_id})[due.address_id],
        about=outbox.visit_days({due.thread or ""}).get(due.thread or "", ""),
        events=(),
        frame=url_for("messages.planned_html", notice=notice, subject_id=subject_id),
    )


@blueprint.get("/messages/planned/<notice>/<int:subject_id>/html")
@access(role("viewer"))
def planned_html(notice: str, subject_id: int) -> Response:
    kind, now = _notice(notice), clock.now()
    due = upcoming.one(kind, subject_id, now) or abort(404)
    letter = letters.planned(kind, due, now) or abort(404)
    return mailframe.framed(letter.mail.html)


def _page(letter: Letter | None, **shown: object) -> str:
    asked = request.args.get("tab", "mail")
    return render_template(
        "board/message.html",
        letter=letter,
        tab=asked if asked in TABS else TABS[0],
        held=outbox.pauses(),
        scope_name=outcomes.scope_name,
        event_name=outcomes.event_name,
        day_short=day_short,
        wall=wall,
        today=today(),
        **shown,
    )


# What people do here


@blueprint.post("/messages/<int:message_id>/retry")
@access(role("organiser"))
def retry(message_id: int) -> Response:
    message = _message(message_id)
    try:
        by_hand.try_again(message, clock.now(), clock.real())
    except CannotTryAgain as cannot:
        flash(_why_not(cannot), "warning")
    else:
        _note("tried again", f"message-{message.id}")
        flash(_("It is on its way again."), "saved")
    return _back(url_for("messages.show", message_id=message.id))


@blueprint.post("/messages/retries")
@access(role("organiser"))
def retry_all() -> Response:
    """Every mail that failed and that somebody could still want."""
    failed = select(Message).where(Message.unsent == "failed", outbox.trouble()).order_by(Message.id).limit(AT_ONCE)
    count = by_hand.try_all_again(db.session.scalars(failed).all(), clock.now(), clock.real())
    _note("tried again", "messages", number=count)
    none = _("None of them can be tried again now: each says why.")
    flash(
        ngettext("One is on its way again.", "%(num)s are on their way again.", count) if count else none,
        "saved" if count else "warning",
    )
    return _back(url_for("messages.index"))


@blueprint.post("/messages/<int:message_id>/stop")
@access(role("organiser"))
def stop(message_id: int) -> Response:
    message, now = _message(message_id), clock.now()
    if by_hand.stop(message, _me().name, now):
        _stopped(1, now)
    else:
        flash(_("Too late: the mail is leaving already."), "warning")
    return _back(url_for("messages.show", message_id=message.id))


@blueprint.post("/messages/planned/<notice>/stop")
@access(role("organiser"))
def stop_planned(notice: str) -> Response:
    """One planned mail (`subject`), or a whole batch (`thread` and `due`)."""
    kind, now = _notice(notice), clock.now()
    subjects = [request.form.get("subject", 0, type=int)]
    if "due" in request.form:
        due = request.form.get("due", type=datetime.fromisoformat) or abort(400)
        subjects = upcoming.subjects(kind, request.form.get("thread") or None, due, now)
    count = by_hand.stop_planned(kind, subjects, _me().name, now)
    if count:
        _stopped(count, now)
    else:
        flash(_("Too late: the mail is leaving already."), "warning")
    return _back(url_for("messages.index"))


@blueprint.post("/messages/stops/undo")
@access(role("organiser"))
def undo_stop() -> Response:
    at = request.form.get("at", type=datetime.fromisoformat) or abort(400)
    count = by_hand.undo_stop(at, clock.now(), clock.real())
    flash(ngettext("Undone: one mail leaves after all.", "Undone: %(num)s mails leave after all.", count), "saved")
    return _back(url_for("messages.index"))


@blueprint.post("/messages/<int:message_id>/settled")
@access(role("organiser"))
def settle(message_id: int) -> Response:
    """Somebody has seen to it: it waits on no page any more."""
    by_hand.settle(_message(message_id), clock.now())
    flash(_("Done. It no longer waits for you."), "saved")
    return _back(url_for("messages.show", message_id=message_id))


@blueprint.post("/messages/pauses")
@access(role("organiser"))
def pause() -> Response:
    scope = request.form.get("scope", "")
    if not by_hand.known_scope(scope):
        abort(400)
    by_hand.pause(scope, _me().name, clock.now())
    _note("paused mail", scope)
    return _back(url_for("messages.index"))


@blueprint.post("/messages/pauses/end")
@access(role("organiser"))
def resume() -> Response:
    scope = request.form.get("scope", "")
    if by_hand.resume(scope):
        _note("resumed mail", scope)
        flash(_("Resumed. What waited leaves now, as far as it still makes sense."), "saved")
    return _back(url_for("messages.index"))


def _stopped(count: int, at: datetime) -> None:
    """Say so, with the way back."""
    _note("stopped mail", "messages", number=count)
    text = ngettext("One mail stopped.", "%(num)s mails stopped.", count)
    fields = {"at": at.isoformat(), "next": request.form.get("next", "")}
    flash({"text": text, "action": url_for("messages.undo_stop"), "fields": fields}, "undo")  # type: ignore[arg-type]  # the frame shows it


def _why_not(cannot: CannotTryAgain) -> str:
    return {
        "gone": _("This mail cannot be tried again."),
        "late": _("Too late: this mail makes no sense any more."),
        "needless": _("No longer needed: things changed since."),
        "suppressed": _("Nothing is mailed to this address. Mend it first, or phone."),
    }[cannot.why]


def _back(otherwise: str) -> Response:
    wanted = request.form.get("next", "")
    return redirect(safe_path(wanted) if wanted else otherwise, 303)


def _message(message_id: int) -> Message:
    return letters.find(message_id) or abort(404)


def _notice(name: str) -> type[Notice]:
    return Notice.all.get(name) or abort(404)


def _note(what: str, about: str, **facts: object) -> None:
    audit.note(what, about, _me(), clock.now(), facts)


def _me() -> Account:
    account: Account = current_user.account
    return account
