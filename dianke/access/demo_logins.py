"""The people of a demo whom the sign-in page offers by one tap. Who they are is known to whoever made the demo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A person to look around as: what they are here, and how they sign in."""

    role: str
    name: str
    username: str
    password: str
    store: str = ""


_provider: Callable[[], Sequence[DemoLogin]] | None = None


def provide_demo_logins(function: Callable[[], Sequence[DemoLogin]]) -> None:
    """Sets who answers for the people of the demo; it returns none where no demo is loaded."""
    global _provider
    _provider = function


def demo_logins() -> Sequence[DemoLogin]:
    """The people to offer; none without a demo. One query at most."""
    return _provider() if _provider is not None else ()
