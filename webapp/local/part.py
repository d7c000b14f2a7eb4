"""One part of Firsthand on one machine: a process that is started, asked whether it is ready, and stopped."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _always() -> bool:
    return True


@dataclass
class Part:
    """`environment` is all it is told. `stop` ends it in good order, and is what it gets when the supervisor dies."""

    name: str
    command: Sequence[str | Path]
    log: Path
    environment: Mapping[str, str]
    ready: Callable[[], bool] = _always
    uid: int | None = None
    stop: signal.Signals = signal.SIGTERM
    at_once: signal.Signals = signal.SIGKILL
    files: tuple[int, ...] = ()
    folder: Path | None = None
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab", buffering=0) as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                pass_fds=self.files,
                user=self.uid,
                group=self.uid,
                extra_groups=None if self.uid is None else [],
                start_new_session=True,  # Ctrl-C at the terminal is for the supervisor, which stops all in order
                preexec_fn=self._tied_to(os.getpid()),
            )

    def _tied_to(self, parent: int) -> Callable[[], None]:
        """In the child: end when the supervisor ends, however it ends (prctl(2)), and hear every signal again."""
        death = int(self.stop)

        def tie() -> None:
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            if _libc is not None:
                _libc.prctl(_PR_SET_PDEATHSIG, death, 0, 0, 0)
                if os.getppid() != parent:
                    os.kill(os.getpid(), signal.SIGKILL)

        return tie

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def ended(self) -> int | None:
        """How it ended: its exit status, or minus the signal. None: it runs, or was never started."""
        return self.process.poll() if self.process else None

    def ask_to_stop(self, how: signal.Signals | None = None) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how or self.stop)

    def kill(self) -> None:
        """End it and everything it started."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def sweep_up(self) -> None:
        """End what it left behind when it died."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """The last line of its log, for the person who has to find out why it does not run."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4096))
            lines = log.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
