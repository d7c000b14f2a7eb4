"""How each process of ours is started: by the supervisor, by `firsthand web` and its siblings, in a container."""

import sys
from pathlib import Path

APPLICATION = "webapp.application:create_app()"
WEB_PROCESSES = 2
WEB_THREADS = 4
QUEUES = ("tick", "post")
"""`tick` sweeps, resolves, and empties the urgent lane; `post` delivers. Each has processes of its own."""


def web(bind: str, *, processes: int = WEB_PROCESSES, threads: int = WEB_THREADS) -> list[str]:
    """`bind` is host:port, or fd://N for a socket that is open already."""
    options = {
        "--bind": bind,
        "--worker-class": "gthread",
        "--workers": str(processes),
        "--threads": str(threads),
        "--graceful-timeout": "2",
        "--keep-alive": "5",
        "--log-level": "warning",
        "--worker-tmp-dir": "/dev/shm" if sys.platform == "linux" else "/tmp",  # noqa: S108  (a heartbeat; a disk may block)
    }
    flags = ["--preload", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", *(item for pair in options.items() for item in pair), *flags, APPLICATION]


def worker(queues: str, *, processes: int = 1, log_level: str = "WARNING") -> list[str]:
    """`queues` are one or more, separated by commas. One process works by itself; more of them work under a master."""
    pool = ["--pool", "solo"] if processes == 1 else ["--pool", "prefork", "--concurrency", str(processes)]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", log_level]
    return [*_celery("tasks.worker"), "worker", "--queues", queues, "--hostname", f"{queues}@%h", *pool, *quiet]


def beat(schedule: str | Path) -> list[str]:
    """`schedule` is the file that remembers when each line of the schedule was last due."""
    return [*_celery("tasks"), "beat", "--schedule", str(schedule), "--pidfile", "", "--loglevel", "WARNING"]


def module(name: str, *arguments: str) -> list[str]:
    """A module of ours that does one thing."""
    return [sys.executable, "-m", name, *arguments]


def _celery(application: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--app", application, "--quiet"]
