"""Logs of ids and places in the code, never of people: an error's own words may hold what somebody typed."""

import traceback
from typing import Any

import structlog

FRAMES = 8
"""The innermost ones tell where it went wrong."""

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ]
)
log = structlog.get_logger()


def failed(event: str, error: BaseException, **facts: Any) -> None:
    """Note that something failed: the kind of error and where, without its message and without local variables."""
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
    where = [f"{frame.filename.rpartition('/webapp/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    log.error(event, error=type(error).__name__, where=where, **facts)
