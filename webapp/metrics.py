"""Numbers for Prometheus, all of them questions to the database: any web process gives the same answer."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import get_args

from flask import Blueprint, Response, abort, request
from sqlalchemy import func, select

from webapp import clock, db, edge
from webapp.access import access, public
from webapp.mailing.models import Dispatch, Heartbeat, Message, Waits

blueprint = Blueprint("metrics", __name__)

LATELY = timedelta(days=1)


@blueprint.get("/metrics")
@access(public)
def metrics() -> Response:
    """For who knows METRICS_TOKEN; without that setting there is no such page."""
    token = edge.settings().metrics_token
    if not token or not compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        abort(404)
    return Response("".join(_lines()), mimetype="text/plain; version=0.0.4")


def _lines() -> Iterator[str]:
    now, real = clock.now(), clock.real()
    waiting = Dispatch.state == "queued"
    due, under_way, unknown, retried, oldest = db.session.execute(
        select(
            func.count().filter(waiting, Dispatch.try_at <= real),
            func.count(),
            func.count().filter(Dispatch.state == "unknown"),
            func.count().filter(waiting, Dispatch.attempts > 0),
            func.min(Dispatch.try_at).filter(waiting, Dispatch.try_at <= real),
        )
    ).one()
    ends = select(Message.end, func.count()).where(Message.planned_at > now - LATELY, Message.end.is_not(None))
    beats = db.session.execute(select(Heartbeat.part, Heartbeat.at).order_by(Heartbeat.part)).all()
    lies = select(Dispatch.waits, func.count()).where(waiting, Dispatch.waits.is_not(None), Dispatch.try_at > real)
    held = dict(db.session.execute(lies.group_by(Dispatch.waits).order_by(Dispatch.waits)).all())
    ended = dict(db.session.execute(ends.group_by(Message.end).order_by(Message.end)).all())
    yield from _gauge("due", "Mails that should leave now", {"": due})
    yield from _gauge("oldest_due_seconds", "How long the oldest of them has waited", {"": _seconds(real, oldest)})
    yield from _gauge("under_way", "Mails planned and neither sent nor given up", {"": under_way})
    yield from _gauge("unknown", "Mails in doubt: the relay may or may not have them", {"": unknown})
    yield from _gauge("retried", "Mails that were tried and wait for another try, or whose sender died", {"": retried})
    yield from _gauge(
        "waiting", "Mails that wait for the day (quiet), for a domain or for the relay to take more",
        {f'{{why="{why}"}}': held.get(why, 0) for why in get_args(Waits)},
    )  # fmt: skip
    yield from _gauge(
        "ended_in_a_day", "Mails planned in the last 24 hours, by how they ended",
        {f'{{end="{end}"}}': count for end, count in ended.items()},
    )  # fmt: skip
    yield from _gauge(
        "heartbeat_age_seconds", "Since a part of the workers last did its work",
        {f'{{part="{part}"}}': _seconds(real, at) for part, at in beats},
    )  # fmt: skip


def _seconds(now: datetime, since: datetime | None) -> float:
    return round((now - since).total_seconds(), 3) if since else 0.0


def _gauge(name: str, help: str, values: Mapping[str, float]) -> Iterator[str]:
    """In the text format 0.0.4. Our labels are names in the code: nothing to escape."""
    yield f"# HELP firsthand_{name} {help}\n# TYPE firsthand_{name} gauge\n"
    for labels, value in values.items():
        yield f"firsthand_{name}{labels} {value}\n"
