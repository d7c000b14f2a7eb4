"""Starts the parts in order, keeps them running, and stops them in order: one process, one thread, woken by signals."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from webapp.local.home import CannotStart, explained, full
from webapp.local.part import Part

_ENDS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_HEARD = {*_ENDS, signal.SIGCHLD}
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 30.0
"""How long a part may take to become ready: PostgreSQL may have a crash to recover from."""
_STOP_SECONDS = 2.5
"""How long what was started last may take to stop; what is cut off is taken up at the next start."""
_FOUNDATIONS_STOP_SECONDS = 1.0
_AT_ONCE_SECONDS = 0.3
_PAUSES_SECONDS = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Before a part that dies again and again is started again."""
_STEADY_SECONDS = 60.0
"""A part that ran this long is taken to be well again."""
_LOOK_AT_LOGS_SECONDS = 60.0
_LOG_BYTES = 5 * 1024 * 1024
_LITTLE_ROOM_BYTES = 16 * 1024 * 1024


class Stopped(Exception):
    """Somebody asked to stop."""


class Supervisor:
    """Lives in the main thread. `say` prints one line at the terminal; `register` is a file of its own."""

    def __init__(self, register: Path, say: Callable[[str], None]) -> None:
        self.say = say
        self.stages: list[list[Part]] = []
        self._register = register
        self._started: dict[str, float] = {}
        self._deaths: dict[str, int] = {}
        self._due: dict[str, float] = {}
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)

    @property
    def parts(self) -> list[Part]:
        return [part for stage in self.stages for part in stage]

    def clear_leftovers(self) -> None:
        """End what a supervisor that was killed has left behind, if it did not end by itself."""
        left = [(pid, since) for pid, since in self._registered() if _born(pid) == since]
        for how, seconds in ((signal.SIGTERM, 0.0), (signal.SIGINT, 3.0), (signal.SIGKILL, 2.0)):
            for pid, since in left:
                if _born(pid) == since:
                    os.kill(pid, how)
            until = time.monotonic() + seconds
            while time.monotonic() < until and any(_born(pid) == since for pid, since in left):
                self._pause(_POLL_SECONDS)

    def _registered(self) -> list[tuple[int, int]]:
        if not self._register.exists():
            return []
        pairs = (line.split() for line in self._register.read_text().splitlines())
        return [(int(pair[0]), int(pair[1])) for pair in pairs if len(pair) >= 2 and all(x.isdigit() for x in pair[:2])]

    def start(self, *parts: Part) -> None:
        """Start these together, as a stage: what is started later is stopped earlier."""
        self.stages.append([])
        self.add(*parts)

    def add(self, *parts: Part) -> None:
        """Start these too, in the last stage."""
        for part in parts:
            self.stages[-1].append(part)
            self._launch(part)

    def wait(self) -> None:
        """Come back when every part is ready. Raises CannotStart for one that is not."""
        until = time.monotonic() + _PATIENCE_SECONDS
        for part in self.parts:
            while not part.ready():
                self._still_hopeful(part, until)
                self._pause(_POLL_SECONDS)

    def _launch(self, part: Part) -> None:
        part.start()
        self._started[part.name] = time.monotonic()
        running = (part for part in self.parts if part.ended() is None and part.process)
        new = self._register.with_suffix(".new")
        with explained(new):
            new.write_text("".join(f"{part.pid} {_born(part.pid) or 0} {part.name}\n" for part in running))
            new.replace(self._register)

    def _still_hopeful(self, part: Part, until: float) -> None:
        if part.ended() is not None:
            raise CannotStart(f"{self._obituary(part)} before it was ready: {part.last_words()} (more in {part.log}).")
        if time.monotonic() > until:
            raise CannotStart(f"The {part.name} is not ready after {_PATIENCE_SECONDS:.0f} s; see {part.log}.")

    def finish(self, part: Part) -> None:
        """Wait until a part that does one thing has done it. Raises CannotStart with its last words."""
        try:
            while part.ended() is None:
                self._pause(_LOOK_AT_LOGS_SECONDS)
        finally:
            part.kill()
        if part.ended() != 0:
            raise CannotStart(part.last_words())

    def _pause(self, seconds: float) -> None:
        """Sleep until a child ends or the time is over. Raises Stopped when somebody asks to stop."""
        heard = signal.sigtimedwait(_HEARD, max(0.0, seconds))
        if heard is not None and heard.si_signo in _ENDS:
            raise Stopped

    def run(self) -> None:
        """Keep every part running, until Stopped is raised."""
        while True:
            for part in self.parts:
                self._keep(part)
                _trim(part.log)
            now = time.monotonic()
            self._pause(min([_LOOK_AT_LOGS_SECONDS, *(moment - now for moment in self._due.values())]))

    def _keep(self, part: Part) -> None:
        if part.ended() is None:
            return
        now = time.monotonic()
        if part.name not in self._due:
            part.sweep_up()
            well = now - self._started[part.name] > _STEADY_SECONDS
            deaths = self._deaths[part.name] = 1 if well else self._deaths.get(part.name, 0) + 1
            pause = _PAUSES_SECONDS[min(deaths, len(_PAUSES_SECONDS)) - 1]
            self._due[part.name] = now + pause
            self.say(f"{self._obituary(part)} and is started again{self._hint(part, deaths, pause)}.")
        if self._due[part.name] <= now:
            del self._due[part.name]
            self._launch(part)

    def _obituary(self, part: Part) -> str:
        status = part.ended() or 0
        return f"The {part.name} stopped ({f'signal {-status}' if status < 0 else f'status {status}'})"

    def _hint(self, part: Part, deaths: int, pause: float) -> str:
        when = f" in {pause:.0f} s" if pause else ""
        if shutil.disk_usage(part.log.parent).free < _LITTLE_ROOM_BYTES:
            return f"{when}. {full(part.log.parent)[:-1]}"
        return f"{when}; {part.log} says: {part.last_words()}" if deaths > 1 else when

    def stop(self) -> None:
        """Stop stage by stage, the last first. A second Ctrl-C stops waiting."""
        for stage in reversed(self.stages):
            for part in reversed(stage):
                part.ask_to_stop()
            if not self._gone(stage, _STOP_SECONDS if stage is self.stages[-1] else _FOUNDATIONS_STOP_SECONDS):
                for part in stage:
                    part.ask_to_stop(part.at_once)
                self._gone(stage, _AT_ONCE_SECONDS)
            for part in stage:
                part.kill()
        self._register.unlink(missing_ok=True)

    def _gone(self, stage: list[Part], seconds: float) -> bool:
        until = time.monotonic() + seconds
        while any(part.ended() is None and part.process for part in stage):
            if time.monotonic() > until:
                return False
            try:
                self._pause(until - time.monotonic())
            except Stopped:
                return False
        return True


def _born(pid: int) -> int | None:
    """When process `pid` started, in ticks since boot (proc(5), field 22): tells it from a later one of that number."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _trim(log: Path) -> None:
    """Keep the last log and this one. The parts append, so they go on in the emptied file."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        with contextlib.suppress(OSError):  # no room for two: then the newest is kept
            shutil.copyfile(log, log.with_suffix(".old"))
        os.truncate(log, 0)
