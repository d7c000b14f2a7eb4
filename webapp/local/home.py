"""The folder that holds everything one machine keeps: where it is, who may use it, one supervisor at a time."""

import errno
import fcntl
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

NOBODY = 65534
"""PostgreSQL refuses to run as root; then it runs as this user, and so does Valkey."""
ROOM_BYTES = 150 * 1024 * 1024
"""A new database with its write-ahead log and the sample organisation, with something to spare."""
SOCKET_BYTES = 107
"""A socket's path may be no longer (unix(7))."""


class CannotStart(Exception):
    """Why Firsthand does not start or go on, as one sentence for the person at the terminal."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Say in one sentence what the disk or its owner has against us."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        reasons = {
            errno.ENOSPC: full(path),
            errno.EDQUOT: full(path),
            errno.EACCES: f"{where} may not be used by this user; choose another folder with FIRSTHAND_HOME.",
            errno.EPERM: f"{where} may not be used by this user; choose another folder with FIRSTHAND_HOME.",
            errno.EROFS: f"{where} cannot be written; choose another folder with FIRSTHAND_HOME.",
            errno.ENOTDIR: f"{where} is not a folder; choose another with FIRSTHAND_HOME.",
            errno.EEXIST: f"{where} is not a folder; choose another with FIRSTHAND_HOME.",
        }
        number = errno.ENOSPC if "No space left" in str(error) else error.errno  # shutil.Error has words, no number
        if number not in reasons:
            raise
        raise CannotStart(reasons[number]) from error


def full(path: Path) -> str:
    return f"The disk that holds {path} is full; make {ROOM_BYTES >> 20} MB of room and start again."


def may_reach(path: Path, uid: int) -> bool:
    """Whether user `uid` can enter this folder, or run this program."""
    return subprocess.run(["test", "-x", path], user=uid, group=uid, extra_groups=[], check=False).returncode == 0


def default(environ: Mapping[str, str], *, demo: bool) -> Path:
    """Where state goes when FIRSTHAND_HOME does not say: the user's data folder, for root one under /var/lib."""
    name = "firsthand-demo" if demo else "firsthand"
    if os.geteuid() == 0:
        return Path("/var/lib") / name
    data = Path(environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser()
    return data / name


@dataclass(frozen=True)
class Home:
    """`root` and the folders in it. `run` and `db` belong to the user that PostgreSQL runs as."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def db(self) -> Path:
        return self.root / "db"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def mailbox(self) -> Path:
        return self.root / "mailbox"

    @property
    def servant(self) -> int | None:
        """The user that database and broker run as; None: the one who starts Firsthand."""
        return NOBODY if os.geteuid() == 0 else None

    @cached_property
    def _lock(self) -> int:
        return os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    def take(self) -> None:
        """Make the folders, and make sure that nobody else runs on them. The lock lasts as long as this process."""
        with explained(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CannotStart(
                    f"Firsthand already runs on {self.root} (process {self._holder()}); "
                    "stop it with Ctrl-C, or choose another folder with FIRSTHAND_HOME and another PORT."
                ) from None
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, str(os.getpid()).encode(), 0)
            self._make_folders()
        if not self.db.exists() and shutil.disk_usage(self.root).free < ROOM_BYTES:
            raise CannotStart(full(self.root))

    def _holder(self) -> str:
        return os.pread(self._lock, 20, 0).decode() or "unknown"

    def _make_folders(self) -> None:
        for folder in (self.log, self.mailbox):
            folder.mkdir(exist_ok=True, mode=0o700)
        shutil.rmtree(self.run, ignore_errors=True)  # sockets of an earlier run, whose numbers may be others' by now
        self.run.mkdir(mode=0o700)
        if len(os.fsencode(self.run / ".s.PGSQL.5432")) > SOCKET_BYTES:
            raise CannotStart(f"The path {self.root} is too long for a socket; choose a shorter FIRSTHAND_HOME.")
        if self.servant:
            os.chown(self.run, self.servant, self.servant)
            if not may_reach(self.root, self.servant):
                raise CannotStart(
                    f"The user that PostgreSQL runs as (uid {self.servant}) cannot enter {self.root}; choose a folder "
                    "that everybody may pass through with FIRSTHAND_HOME, such as /var/lib/firsthand."
                )

    def secret_key(self) -> str:
        """The key of this installation, made at the first start and kept: links and sign-ins outlive a restart."""
        path = self.root / "secret-key"
        with explained(path):
            if not path.exists():
                new = path.with_suffix(".new")
                new.unlink(missing_ok=True)
                with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(secrets.token_urlsafe(48))
                    file.flush()
                    os.fsync(file.fileno())
                new.rename(path)
            return path.read_text().strip()
