"""A module that is off takes its pages away, and only those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from dianke.config.modules import MODULES
from dianke.config.settings_list import settings_for
from dianke.core.actor import Actor
from dianke.web import navigation

pytestmark = pytest.mark.django_db
#: Rooms a merchant may put away, and the module that does it.
ROOMS = {
    "inventory": "inventory",
    "purchasing": "purchasing",
    "loyalty": "loyalty",
    "wallets": "wallets",
    "promotions": "promotions",
    "sales": "till",
}
_off: set[str] = set()


def on_here(store_id: int | None = None) -> frozenset[str]:
    """Every module but those a test put away."""
    return frozenset(MODULES) - _off


@pytest.fixture(autouse=True)
def _switches(settings: Any) -> Any:
    settings.DIANKE_MODULES = "tests.test_modules.on_here"
    _off.clear()
    yield
    _off.clear()


def codes_for(actor: Actor) -> set[str]:
    return {page.code for page, _url in navigation.pages_for(actor)}


def test_a_page_of_a_module_that_is_off_is_nowhere(make_actor: Callable[..., Actor]) -> None:
    owner = make_actor("OWNER")
    before = codes_for(owner)
    of_module = {
        module: {p.code for p in navigation._pages.values() if p.module == module} for module in MODULES
    }
    assert {"access.keys", "api.reference"} <= of_module["api"]
    for module, codes in of_module.items():
        _off.add(module)
        assert before - codes_for(owner) == before & codes, module
        names = {page.url_name for page in navigation._pages.values() if page.module == module}
        listed = {row.setting.url_name for group in settings_for(owner) for row in group.rows}
        assert not listed & names, module
        _off.clear()


def test_every_room_that_can_be_put_away_has_pages_and_says_so(make_actor: Callable[..., Actor]) -> None:
    pages = defaultdict(set)
    for page, _url in navigation.pages_for(make_actor("OWNER")):
        pages[page.code.split(".")[0]].add(page.module)
    assert {room: pages[room] for room in ROOMS} == {room: {module} for room, module in ROOMS.items()}


def test_all_modules_are_asked_for_in_one_question(
    make_actor: Callable[..., Actor], settings: Any, django_assert_num_queries: Any
) -> None:
    settings.DIANKE_MODULES = "dianke.config.modules.modules_on"
    owner = make_actor("OWNER")
    with django_assert_num_queries(1):
        navigation.pages_for(owner)
