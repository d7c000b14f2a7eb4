"""Alive, and ready: for the supervisor, the container and whoever watches."""

import socket
from datetime import timedelta

import redis
from flask import Blueprint, Response, jsonify
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock, db, edge
from webapp.access import access, public
from webapp.mailing.models import Heartbeat

blueprint = Blueprint("health", __name__)
TICK_AT_MOST = timedelta(minutes=2)
LOOK_AT_MOST = timedelta(minutes=5)
"""Into the mailbox: every half minute when all is well."""


@blueprint.get("/healthz")
@access(public)
def alive() -> Response:
    return jsonify(status="alive")


@blueprint.get("/readyz")
@access(public)
def ready() -> tuple[Response, int]:
    """200 when database, broker, mail, mailbox and tick are all well, else 503; each part says `ok` or what is wrong."""
    parts = {
        "database": _database(),
        "broker": _broker(),
        "mail": _mail(),
        "mailbox": _mailbox(),
        "last_tick": _last_tick(),
    }
    return jsonify(parts), 200 if all(word in ("ok", "off") for word in parts.values()) else 503


def _database() -> str:
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        return "not reachable"
    return "ok"


def _broker() -> str:
    try:
        with redis.Redis.from_url(
            edge.settings().limiter_url.replace("redis+unix", "unix"), socket_timeout=1
        ) as broker:
            broker.ping()
    except (redis.RedisError, OSError):
        return "not reachable"
    return "ok"


def _mail() -> str:
    settings = edge.settings()
    if settings.mail_server is None:
        return "off"
    try:
        with socket.create_connection((settings.mail_server, settings.mail_port), timeout=2):
            return "ok"
    except OSError:
        return "not reachable"


def _mailbox() -> str:
    if edge.settings().imap_server is None:
        return "off"
    return _last("mailbox", LOOK_AT_MOST)


def _last_tick() -> str:
    return _last("sweep", TICK_AT_MOST)


def _last(part: str, at_most: timedelta) -> str:
    try:
        last = db.session.scalar(select(Heartbeat.at).where(Heartbeat.part == part))
    except SQLAlchemyError:
        return "unknown"
    if last is None:
        return "never"
    age = clock.real() - last
    return "ok" if age < at_most else f"{int(age.total_seconds())} seconds ago"
