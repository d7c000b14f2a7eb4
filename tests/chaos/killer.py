"""Kills and stops processes of the bench, by their number, one for so many mails that the relay took."""

import os
import random
import signal
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the scene knows its killer
    from tests.chaos.world import Scene

MASTERS = 0.1
"""So many of the victims are whole workers; the others are one process of a worker that has more."""


def family(pid: int) -> list[int]:
    """The children of a process of ours."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def strike(pid: int, how: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, how)
        return True
    return False


class Killer:
    """`with Killer(scene, every=10) as killer: ...; killer.struck` is how many it hit. `pause`: stopped for so long."""

    def __init__(self, scene: "Scene", every: int, pause: float = 0.0) -> None:
        self.scene, self.every, self.pause = scene, every, pause
        self.dice = random.Random(scene.seed)
        self.struck = 0
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Killer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        done = self.scene.relay.number()
        while not self._over.wait(0.005):
            if self.scene.relay.number() - done >= self.every:
                done += self.every
                self._hit()

    def _hit(self) -> None:
        workers = [part for part in self.scene.workers if part.ended() is None]
        children = [child for part in workers for child in family(part.pid)]
        whole = not children or self.dice.random() < MASTERS
        if self.pause:
            self._stop(self.dice.choice(children or [part.pid for part in workers]))
        elif whole and workers:
            self.dice.choice(workers).kill()
            self.struck += 1
        elif children:
            self.struck += strike(self.dice.choice(children), signal.SIGKILL)

    def _stop(self, pid: int) -> None:
        if strike(pid, signal.SIGSTOP):
            self.struck += 1
            self._over.wait(self.pause)
            strike(pid, signal.SIGCONT)
