"""The supervisor with parts that misbehave; each runs in a process of its own, as it owns that process's signals."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fixtures.firsthand import alive
from tests.fixtures.services import wait_until
from webapp.local.home import full
from webapp.local.supervisor import _LOG_BYTES, _trim

_DRIVER = """
import json, os, signal, sys
from pathlib import Path
from webapp.local.home import CannotStart
from webapp.local.part import Part
from webapp.local.home import full
from webapp.local.supervisor import Stopped, Supervisor

folder = Path(sys.argv[1])
supervisor = Supervisor(folder / "parts", lambda line: print(line, flush=True))
try:
    supervisor.clear_leftovers()
    for stage in json.loads(sys.argv[2]):
        supervisor.start(*(
            Part(name, ["/bin/sh", "-c", script], folder / f"{name}.log", {"PATH": os.environ["PATH"]},
                 ready=(folder / f"{name}.ready").exists)
            for name, script in stage.items()
        ))
        supervisor.wait()
    print("up", flush=True)
    supervisor.run()
except CannotStart as reason:
    print(reason, flush=True)
except Stopped:
    print("stopping", flush=True)
finally:
    supervisor.stop()
    print("down", flush=True)
"""


class Driver:
    def __init__(self, folder: Path, stages: list[dict[str, str]], output: Path | None = None) -> None:
        self.output = output or folder / "output"
        with self.output.open("w") as output_file:
            command = [sys.executable, "-c", _DRIVER, str(folder), json.dumps(stages)]
            self.process = subprocess.Popen(command, stdout=output_file, stderr=output_file)

    @property
    def lines(self) -> list[str]:
        return self.output.read_text().splitlines()

    def says(self, line: str) -> None:
        wait_until(lambda: line in self.lines, f"{line!r} in {self.lines}")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> list[str]:
        self.process.send_signal(how)
        self.process.wait(10)
        return self.lines


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Driver]]:
    """`run({"name": "shell script"}, ...)`: one stage each. A part is ready when its script made NAME.ready."""
    drivers: list[Driver] = []

    def new(*stages: dict[str, str]) -> Driver:
        scripts = [{name: f"cd {tmp_path}; {script}" for name, script in stage.items()} for stage in stages]
        drivers.append(Driver(tmp_path, scripts))
        return drivers[-1]

    yield new
    for driver in drivers:
        if driver.process.poll() is None:
            driver.process.kill()
            driver.process.wait()


def test_a_part_that_dies_again_waits_a_little_longer_and_its_last_words_are_shown(
    run: Callable[..., Driver], tmp_path: Path
) -> None:
    driver = run({"sick": "touch sick.ready; echo out of cheese; exit 3"})
    driver.says(f"The sick stopped (status 3) and is started again in 1 s; {tmp_path}/sick.log says: out of cheese.")
    assert driver.lines[1] == "The sick stopped (status 3) and is started again."
    driver.stop()


def test_a_part_that_never_becomes_ready_ends_the_start_with_its_last_words(
    run: Callable[..., Driver], tmp_path: Path
) -> None:
    driver = run({"well": "touch well.ready; exec sleep 60"}, {"sick": "echo no cheese; exit 4"})
    assert driver.process.wait(10) == 0
    assert driver.lines == [
        f"The sick stopped (status 4) before it was ready: no cheese (more in {tmp_path}/sick.log).",
        "down",
    ]


def test_what_was_started_last_is_stopped_first(run: Callable[..., Driver], tmp_path: Path) -> None:
    def dutiful(name: str) -> str:
        return f"trap 'echo {name} >> order; exit 0' TERM; touch {name}.ready; while :; do sleep 0.01; done"

    driver = run({"first": dutiful("first")}, {"second": dutiful("second")}, {"third": dutiful("third")})
    driver.says("up")
    assert driver.stop() == ["up", "stopping", "down"]
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]


def test_a_part_that_does_not_listen_is_ended_all_the_same(run: Callable[..., Driver], tmp_path: Path) -> None:
    driver = run({"deaf": "trap '' TERM; echo $$ > pid; touch deaf.ready; while :; do sleep 0.05; done"})
    driver.says("up")
    pid, at = int((tmp_path / "pid").read_text()), time.monotonic()
    driver.stop()
    assert time.monotonic() - at < 5
    assert not alive(pid)


def test_a_second_ctrl_c_stops_waiting(run: Callable[..., Driver], tmp_path: Path) -> None:
    driver = run({"deaf": "trap '' TERM; touch deaf.ready; while :; do sleep 0.05; done"})
    driver.says("up")
    driver.process.send_signal(signal.SIGINT)
    driver.says("stopping")
    at = time.monotonic()
    driver.stop(signal.SIGINT)
    assert time.monotonic() - at < 2


def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next(run: Callable[..., Driver], tmp_path: Path) -> None:
    driver = run({"deaf": "trap '' TERM; echo $$ > pid; touch deaf.ready; while :; do sleep 0.05; done"})
    driver.says("up")
    pid = int((tmp_path / "pid").read_text())
    driver.stop(signal.SIGKILL)
    assert alive(pid), "it does not listen to the signal that comes with its parent's death"
    run({}).says("up")
    assert not alive(pid)


def test_a_disk_that_is_full_ends_it_in_order_and_is_named(small: Path) -> None:
    script = f"cd {small}; touch sick.ready; while ! [ -e go ]; do sleep 0.05; done; exit 3"
    driver = Driver(small, [{"sick": script}], output=small.parent / f"{small.name}.out")
    try:
        driver.says("up")
        (small / "go.soon").touch()
        with (small / "film").open("wb", buffering=0) as film, suppress(OSError):
            while True:  # what the disk says is free may be a block less than what is
                film.write(b"x" * 4096)
        (small / "go.soon").rename(small / "go")
        assert driver.process.wait(10) == 0
        assert driver.lines == [
            "up",
            f"The sick stopped (status 3) and is started again. {full(small)}",
            full(small / "parts.new"),
            "down",
        ]
    finally:
        driver.stop()
        driver.output.unlink()


def test_a_long_log_makes_room_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * (_LOG_BYTES + 1))
        _trim(log)
        writer.write(b"later\n")
    assert log.read_text() == "later\n"
    assert (tmp_path / "web.old").stat().st_size == _LOG_BYTES + 1
