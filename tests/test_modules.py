"""A module that is off takes its pages away, and only those."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dianke.core.actor import Actor
from dianke.web import navigation


def api_is_off(code: str, store_id: int | None = None) -> bool:
    """A merchant without the API."""
    return code != "api"


def all_on(code: str, store_id: int | None = None) -> bool:
    """Every module on."""
    return True


def test_a_page_of_a_module_that_is_off_is_nowhere(settings: Any, make_actor: Callable[..., Actor]) -> None:
    settings.DIANKE_MODULES = "tests.test_modules.all_on"
    codes = {page.code for page, _url in navigation.pages_for(make_actor("OWNER"))}
    assert {"access.keys", "api.reference"} <= codes
    settings.DIANKE_MODULES = "tests.test_modules.api_is_off"
    left = {page.code for page, _url in navigation.pages_for(make_actor("OWNER"))}
    assert left == codes - {"access.keys", "api.reference"}
