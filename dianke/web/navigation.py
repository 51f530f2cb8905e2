"""The eleven places of the product and the pages rooms put into them.

A room registers its pages from `AppConfig.ready()`; the frame shows an actor only what they may open, so nobody
sees an entry that leads to a refusal, and a place without a page for this actor is not there at all.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor

Text = str | Promise


class Place(enum.StrEnum):
    """Where a page stands. The order here is the order on the screen."""

    TODAY = "today"
    CUSTOMERS = "customers"
    TILL = "till"
    ORDERS = "orders"
    GOODS = "goods"
    MARKETING = "marketing"
    SERVICE = "service"
    TEAM = "team"
    MONEY = "money"
    INSIGHT = "insight"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class PlaceSign:
    """How a place is named and drawn."""

    label: Text
    icon: str


SIGNS: dict[Place, PlaceSign] = {
    Place.TODAY: PlaceSign(pgettext_lazy("place", "Today"), icon="sun"),
    Place.CUSTOMERS: PlaceSign(_("Customers"), icon="users"),
    Place.TILL: PlaceSign(_("Till"), icon="cash-register"),
    Place.ORDERS: PlaceSign(_("Orders"), icon="receipt"),
    Place.GOODS: PlaceSign(_("Goods"), icon="package"),
    Place.MARKETING: PlaceSign(_("Marketing"), icon="speakerphone"),
    Place.SERVICE: PlaceSign(_("Service"), icon="headset"),
    Place.TEAM: PlaceSign(_("Team"), icon="users-group"),
    Place.MONEY: PlaceSign(_("Money"), icon="coin"),
    Place.INSIGHT: PlaceSign(_("Insight"), icon="chart-bar"),
    Place.SETTINGS: PlaceSign(_("Settings"), icon="settings"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """One entry of the navigation and of the command search.

    `code` is `room.page`; `url_name` reverses without arguments; `order` sorts within the place; `phone` is its rank
    among the entries of the phone's bottom bar (0: not there); `words` are further words it is found by in search;
    `is_command` keeps it out of the side bar but in the search ("New customer"); `module` is the module whose switch
    takes the page away (`settings.DIANKE_MODULES` says whether it is on).
    """

    code: str
    label: Text
    url_name: str
    place: Place
    permission: str
    icon: str
    order: int = 100
    phone: int = 0
    words: Text = ""
    is_command: bool = False
    module: str = ""


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page as one actor sees it."""

    page: Page
    url: str
    is_current: bool = False

    @property
    def label(self) -> Text:
        return self.page.label

    @property
    def icon(self) -> str:
        return self.page.icon


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place as one actor sees it: opens its first page."""

    place: Place
    url: str
    is_current: bool
    pages: tuple[PageEntry, ...]

    @property
    def label(self) -> Text:
        return SIGNS[self.place].label

    @property
    def icon(self) -> str:
        return SIGNS[self.place].icon


@dataclass(frozen=True, slots=True)
class Navigation:
    """All an actor may reach, and where they are now."""

    places: tuple[PlaceEntry, ...] = ()
    phone: tuple[PageEntry, ...] = field(default=())

    @property
    def current(self) -> PlaceEntry | None:
        return next((place for place in self.places if place.is_current), None)

    @property
    def has_panel(self) -> bool:
        return self.current is not None and len(self.current.pages) > 1


class PageTaken(Exception):
    """Two different pages use one code."""


_pages: dict[str, Page] = {}

#: Beside "more", which is always the last, a thumb reaches four entries.
PHONE_ENTRIES = 4


def register(page: Page) -> None:
    """Adds a page. Registering the same page again does nothing; another page under its code is a mistake."""
    if _pages.setdefault(page.code, page) != page:
        raise PageTaken(f"Page code {page.code} is taken by {_pages[page.code].url_name}.")


def _off(pages: Iterable[Page], actor: Actor) -> frozenset[str]:
    """The modules of these pages that are off where the actor works. One question for all of them."""
    modules = frozenset(page.module for page in pages if page.module)
    if not modules or not settings.DIANKE_MODULES:
        return frozenset()
    return modules - frozenset(import_string(settings.DIANKE_MODULES)(actor.store_id))


def put_away(shown: Iterable[Page]) -> frozenset[str]:
    """View names of pages of modules that are not among those shown to somebody (`pages_for`), for other lists that
    lead to them."""
    here = {page.code for page in shown}
    return frozenset(page.url_name for page in _pages.values() if page.module and page.code not in here)


def pages_for(actor: Actor) -> list[tuple[Page, str]]:
    """Pages and commands the actor may open, with their addresses, in the order of the screen."""
    order = list(Place)
    allowed = [page for page in _pages.values() if actor.can(page.permission)]
    off = _off(allowed, actor)
    allowed = [page for page in allowed if page.module not in off]
    allowed.sort(key=lambda page: (order.index(page.place), page.order, page.code))
    found = []
    for page in allowed:
        try:
            found.append((page, reverse(page.url_name)))
        except NoReverseMatch:
            # A module that is switched off takes its addresses away, not its registration.
            continue
    return found


def build(actor: Actor, path: str, url_name: str = "") -> Navigation:
    """The navigation of `actor` standing at `path`.

    Current is the page whose view name is `url_name`, else the one whose address is the longest beginning of `path`,
    so that a record's page lights up the list it belongs to. Where that page is not in the side bar, its place is
    current and none of its pages.
    """
    reached = pages_for(actor)
    listed = [(page, url) for page, url in reached if not page.is_command]
    current = next((page for page, _url in listed if url_name and page.url_name == url_name), None)
    for pages in (listed, reached):
        leading = [(len(url), page.code, page) for page, url in pages if url != "/" and path.startswith(url)]
        current = current or (max(leading)[2] if leading else None)
    entries = [PageEntry(page, url, page is current) for page, url in listed]
    places = []
    for place in Place:
        inside = tuple(entry for entry in entries if entry.page.place is place)
        if inside:
            is_current = current is not None and current.place is place
            places.append(PlaceEntry(place, inside[0].url, is_current, inside))
    phone = sorted((entry for entry in entries if entry.page.phone), key=lambda entry: entry.page.phone)
    return Navigation(tuple(places), tuple(phone[:PHONE_ENTRIES]))
