"""A whole Firsthand, started as a person starts it, and the folders it may be started on."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fixtures.services import wait_until
from webapp.config import Settings


class Firsthand:
    """`firsthand demo` (or another command) at a terminal: what it says, and how it is stopped."""

    def __init__(self, home: Path, port: int, *command: str, **environment: str) -> None:
        ours = {each.metadata["name"] for each in Settings.__dataclass_fields__.values()}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        self.home, self.port = home, port
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "webapp.cli", *command],
            env=inherited | {"FIRSTHAND_HOME": str(home), "PORT": str(port)} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip())

    def says(self, *words: str, seconds: float = 60.0) -> str:
        """The first line with all these words in it, as soon as it is there."""

        def found() -> list[str]:
            lines = [line for line in self.lines if all(word in line for word in words)]
            assert lines or self.process.poll() is None or self._reader.is_alive(), f"It ended: {self.lines}"
            return lines

        wait_until(found, f"{words} in {self.lines}", seconds)
        return found()[0]

    def part(self, name: str) -> int:
        """The process number of a part; 0 while there is none."""
        lines = [line.split(maxsplit=2) for line in (self.home / "parts").read_text().splitlines()]
        return next((int(pid) for pid, _, part in lines if part == name), 0)

    def family(self) -> list[int]:
        """This process and all that came from it."""
        return [self.process.pid, *_offspring(self.process.pid)]

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 10.0) -> int:
        self.process.send_signal(how)
        status = self.process.wait(seconds)
        self._reader.join(seconds)
        return status

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                return b" 200 " in connection.recv(32)
        except OSError:
            return False


def _offspring(pid: int) -> list[int]:
    try:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [each for child in children for each in (child, *_offspring(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def place() -> Iterator[Callable[[], Path]]:
    """New folders that everybody may pass through; pytest's own are closed to the user that PostgreSQL runs as."""
    made: list[Path] = []

    def new() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="firsthand-")))
        made[-1].chmod(0o755)
        return made[-1]

    yield new
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def start(place: Callable[[], Path]) -> Iterator[Callable[..., Firsthand]]:
    """`start("demo", home=..., port=...)`; without them on a new folder and a free port."""
    started: list[Firsthand] = []

    def new(*command: str, home: Path | None = None, port: int | None = None, **environment: str) -> Firsthand:
        started.append(Firsthand(home or place() / "home", port or free_port(), *command, **environment))
        return started[-1]

    yield new
    for each in started:
        if each.process.poll() is None:
            each.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
