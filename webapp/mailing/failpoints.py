"""Named places at which this process can be told to die, so that a test bench crashes it exactly there.

`FIRSTHAND_FAIL_POINT=after_250:3` kills it with SIGKILL when it passes there for the third time; `before_render@17`
whenever it is about message 17. Not set, as everywhere but in `tests/chaos`, each place costs one comparison.
"""

import os
import signal

POINTS = (
    "before_plan_commit",
    "before_claim_commit",
    "after_claim_commit",
    "before_render",
    "after_render",
    "before_marker_commit",
    "after_marker_commit",
    "before_envelope",
    "before_content",
    "after_dot",
    "after_250",
    "before_outcome_commit",
    "after_outcome_commit",
    "before_doubt_commit",
    "after_doubt_commit",
    "before_settled_commit",
    "after_settled_commit",
)
"""In the order in which a mail passes them; the last four are passed only by a mail that a crash left in doubt."""

INCOMING = ("before_incoming_commit", "after_incoming_commit")
"""Those of a mail that comes in."""

_name, _, _which = os.environ.get("FIRSTHAND_FAIL_POINT", "").replace("@", ":@").partition(":")
_left = 1 if not _which or _which.startswith("@") else int(_which)


def reach(name: str, about: object = "") -> None:
    """This place is passed, with this message."""
    if name == _name:
        _pass(about)


def _pass(about: object) -> None:
    global _left
    if _which.startswith("@"):
        if _which != f"@{about}":
            return
    else:
        _left -= 1
        if _left:
            return
    os.kill(os.getpid(), signal.SIGKILL)
