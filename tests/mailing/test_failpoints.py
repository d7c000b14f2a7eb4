"""The places at which the chaos bench crashes a process: each is in the code, and none costs anybody else anything."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.mailing import failpoints

PASSES = "from webapp.mailing.failpoints import reach\nfor at in range(1, 6): reach('after_250', at); print(at)"


def passed(told: str) -> tuple[int, list[str]]:
    """How a process ended that passes a place five times, with five mails, and which passes it survived."""
    environ = {"FIRSTHAND_FAIL_POINT": told} if told else {}
    done = subprocess.run(
        [sys.executable, "-u", "-c", PASSES], env=environ, capture_output=True, text=True, check=False,
        cwd=Path(failpoints.__file__).parents[2],
    )  # fmt: skip
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize(
    ("told", "survived"),
    [("after_250", 0), ("after_250:3", 2), ("after_250@4", 3), ("after_250:9", 5), ("after_dot", 5), ("", 5)],
)
def test_a_process_dies_where_it_was_told_and_nowhere_else(told: str, survived: int) -> None:
    status, passes = passed(told)
    assert (len(passes), status) == (survived, 0 if survived == 5 else -signal.SIGKILL)


def test_every_named_place_is_in_the_code_and_every_place_is_named() -> None:
    code = "".join(path.read_text() for path in Path(failpoints.__file__).parent.glob("*.py"))
    reached = {name for line in re.findall(r"reach\((.*)\)", code) for name in re.findall(r'"(\w+)"', line)}
    assert reached == set(failpoints.POINTS)
