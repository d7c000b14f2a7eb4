"""Who may call a view. Every view says so; the application does not start with one that does not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from webapp.links import Scope

RoleName = Literal["viewer", "organiser", "admin"]
ROLES: tuple[RoleName, ...] = ("viewer", "organiser", "admin")
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """`public`, one role and above, or the holder of a link of one scope."""

    kind: Literal["public", "role", "link"]
    name: str = ""

    def admits(self, role: str | None) -> bool:
        """Whether an account with `role` (None: nobody signed in) may pass a door of kind public or role."""
        if self.kind == "public":
            return True
        return role is not None and ROLES.index(role) >= ROLES.index(self.name)


public = Access("public")
public_form = Access("public", "form")
"""Public, and posted to from pages without a cookie, so without a CSRF token: it must come from our own origin."""


def role(name: RoleName) -> Access:
    return Access("role", name)


def link(scope: Scope) -> Access:
    return Access("link", scope)


def access(rule: Access) -> Callable[[View], View]:
    """Declare who may call this view. Stands under the route decorator."""

    def declare(view: View) -> View:
        view.access = rule  # type: ignore[attr-defined]  # a mark on a function
        return view

    return declare


class Undeclared(Exception):
    """A view without `@access`: the application refuses to start."""


def declared(view: Callable[..., Any], endpoint: str) -> Access:
    rule = getattr(view, "access", None)
    if not isinstance(rule, Access):
        raise Undeclared(f"The view {endpoint} does not say who may call it. Put @access(...) under its route.")
    return rule
