"""The same organiser as in `tests/board`."""

from tests.board.conftest import anna, sign_in

__all__ = ["anna", "sign_in"]
