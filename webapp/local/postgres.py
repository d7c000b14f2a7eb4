"""A PostgreSQL of our own: one data folder, one socket that only its owner can reach, no port, no password."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from webapp.local.binaries import Binaries
from webapp.local.home import CannotStart, explained, full
from webapp.local.part import Part

VERSION = "18"
ROLE = "firsthand"

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "jit": "off",
    "timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "60s",
    # No personal data in the log: no values of a refused row, no statements, no parameters.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}

_ENVIRONMENT = {
    "LC_ALL": "C",
    "PATH": os.defpath,
    # Planning a big question takes 40 MB for a moment; without these the C library keeps them for ever.
    "MALLOC_TRIM_THRESHOLD_": "131072",
    "MALLOC_MMAP_THRESHOLD_": "131072",
}

HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For data that may be lost: tests."""


def url(sockets: Path, database: str) -> str:
    """The address of a database of the server that has its socket in this folder."""
    return f"postgresql+psycopg://{ROLE}@/{database}?host={quote(str(sockets), safe='/')}"


@dataclass(frozen=True)
class Postgres:
    """`data` and `sockets` are folders; `uid` is who runs it (None: the one who starts it)."""

    binaries: Binaries
    data: Path
    sockets: Path
    uid: int | None = None

    def url(self, database: str) -> str:
        return url(self.sockets, database)

    def make(self, database: str) -> None:
        """Make the data folder where there is none, with this database in it; refuse one that cannot be used.

        It gets its name when it is whole: one that was left half-made is thrown away.
        """
        if self._made():
            return
        new = self.data.with_name(f"{self.data.name}.new")
        options = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with explained(new):
            if new.exists():
                shutil.rmtree(new)
            new.mkdir(mode=0o700)
            if self.uid is not None:
                os.chown(new, self.uid, self.uid)
            self._do([self.binaries.initdb, "-D", new, "-U", ROLE, "--no-instructions", "--no-locale", *options])
            self._do([self.binaries.postgres, "--single", "-D", new, "postgres"], f"CREATE DATABASE {database}\n")
            new.rename(self.data)

    def _made(self) -> bool:
        with explained(self.data):
            if not self.data.exists() or not any(self.data.iterdir()):
                return False
            owner = self.data.stat().st_uid
        if owner != (os.geteuid() if self.uid is None else self.uid):
            raise CannotStart(
                f"{self.data} belongs to another user (uid {owner}); "
                "start Firsthand as that user, or choose another folder with FIRSTHAND_HOME."
            )
        marker = self.data / "PG_VERSION"
        if not marker.exists() or not (self.data / "global" / "pg_control").exists():
            raise CannotStart(
                f"{self.data} is not a whole database; put your backup in its place, or move it away to begin anew."
            )
        if marker.read_text().strip() != VERSION:
            raise CannotStart(
                f"{self.data} was made by PostgreSQL {marker.read_text().strip()} and this is {VERSION}; "
                "dump it with the old version, move it away, and restore it here."
            )
        return True

    def _do(self, command: list[str | Path], words: str = "") -> None:
        done = subprocess.run(
            command,
            input=words,
            user=self.uid,
            group=self.uid,
            extra_groups=None if self.uid is None else [],
            cwd="/",
            env=_ENVIRONMENT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            if "No space left" in done.stderr:
                raise CannotStart(full(self.data))
            said = done.stderr.strip().splitlines() or ["it said nothing"]
            raise CannotStart(f"PostgreSQL could not make {self.data}: {said[-1]}")

    def free_the_way(self) -> None:
        """Put away the pid file of a server that was killed. Only while nobody else can start one here."""
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        pid = file.read_text().split("\n", 1)[0].strip()
        try:
            at = Path(f"/proc/{int(pid)}/cwd").readlink()
        except (OSError, ValueError):
            at = None
        if at == self.data.resolve():
            raise CannotStart(f"Another PostgreSQL (process {pid}) still runs on {self.data}; stop it first.")
        file.unlink()

    def answers(self) -> bool:
        """Whether it takes connections: the eighth line of its pid file says so, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def part(self, log: Path, settings: dict[str, str] | None = None) -> Part:
        chosen = {**_SETTINGS, "unix_socket_directories": str(self.sockets), **(settings or {})}
        options = [item for name, value in chosen.items() for item in ("-c", f"{name}={value}")]
        return Part(
            name="database",
            command=[self.binaries.postgres, "-D", self.data, *options],
            log=log,
            environment=_ENVIRONMENT,
            ready=self.answers,
            uid=self.uid,
            stop=signal.SIGINT,
            at_once=signal.SIGQUIT,
            folder=Path("/"),
        )
