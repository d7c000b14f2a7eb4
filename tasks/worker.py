"""What a worker loads (`celery --app tasks.worker worker`): the application of beat, and every task."""

import logging

from tasks import MODULES, app
from webapp import logs

app.conf.include = MODULES


def in_our_words(record: logging.LogRecord) -> bool:
    """Celery writes an error's own words, and a database's name the row that it refused: people, that is."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return True
    logs.failed("task failed", error, task=getattr(record, "data", {}).get("name"))
    return False


logging.getLogger("celery.app.trace").addFilter(in_our_words)
