"""What rooms above plug into the frame: the store switcher, the bell and the merchant's time zone. The page kit knows
neither stores nor notifications; each is a function given once, from the `ready()` of the room that knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

from dianke.core.actor import Actor


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """A store the actor may work in."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class StoreSwitch:
    """The switcher: `url` takes a POST with `store` (an id, or empty for all stores) and `next`."""

    choices: Sequence[StoreChoice]
    url: str
    current: StoreChoice | None = None


@dataclass(frozen=True, slots=True)
class Bell:
    """How many notices wait, and the page that shows them."""

    count: int
    url: str


_stores: Callable[[Actor], StoreSwitch | None] | None = None
_bell: Callable[[Actor], Bell | None] | None = None
_zone: Callable[[], ZoneInfo] | None = None
_current_zone: ContextVar[ZoneInfo | None] = ContextVar("dianke_zone", default=None)


def provide_stores(function: Callable[[Actor], StoreSwitch | None]) -> None:
    """Sets who answers which stores the actor may switch between; None hides the switcher."""
    global _stores
    _stores = function


def provide_bell(function: Callable[[Actor], Bell | None]) -> None:
    """Sets who counts unread notices; None hides the bell."""
    global _bell
    _bell = function


def provide_zone(function: Callable[[], ZoneInfo]) -> None:
    """Sets who knows the time zone in which the merchant's people read the clock."""
    global _zone
    _zone = function


def current_zone() -> ZoneInfo | None:
    """The zone of the request or job that runs; None outside, or before it was looked up."""
    return _current_zone.get()


@contextmanager
def local_time() -> Iterator[None]:
    """Instants are shown, and days begin, by the merchant's clock. Looked up once: whoever asks for the zone
    meanwhile is told by `current_zone`."""
    zone = _zone() if _zone else ZoneInfo(timezone.get_default_timezone_name())
    token = _current_zone.set(zone)
    try:
        with timezone.override(zone):
            yield
    finally:
        _current_zone.reset(token)


def store_switch(actor: Actor) -> StoreSwitch | None:
    """The switcher of `actor`, if some room provides one."""
    return _stores(actor) if _stores else None


def bell(actor: Actor) -> Bell | None:
    """The bell of `actor`, if some room provides one."""
    return _bell(actor) if _bell else None
