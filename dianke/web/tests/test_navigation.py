"""What the frame shows to whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dianke.core.actor import ANONYMOUS, Actor
from dianke.web import navigation
from dianke.web.navigation import Page, PageTaken, Place

MakeActor = Callable[..., Actor]

STORES = Page(
    "t.stores", "门店", "today", Place.SETTINGS, "stores.manage_stores", icon="building-store", order=10
)
TASKS = Page(
    "t.tasks", "任务", "search", Place.TODAY, "work.view_tasks", icon="checklist", order=10, phone=20
)
COMMAND = Page(
    "t.new",
    "新建任务",
    "offline",
    Place.TODAY,
    "work.manage_own_tasks",
    icon="plus",
    is_command=True,
    phone=5,
)


@pytest.fixture(autouse=True)
def _only_these_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_pages", {})
    for page in (STORES, TASKS, COMMAND):
        navigation.register(page)


def test_an_actor_sees_only_what_they_may_open(make_actor: MakeActor) -> None:
    clerk = navigation.build(make_actor("CLERK"), "/")
    owner = navigation.build(make_actor("OWNER"), "/")
    assert [place.place for place in clerk.places] == [Place.TODAY]
    assert [place.place for place in owner.places] == [Place.TODAY, Place.SETTINGS]
    assert navigation.build(ANONYMOUS, "/").places == ()


def test_commands_are_found_but_not_listed(make_actor: MakeActor) -> None:
    clerk = make_actor("CLERK")
    assert COMMAND in [page for page, _url in navigation.pages_for(clerk)]
    entries = [entry.page for place in navigation.build(clerk, "/").places for entry in place.pages]
    assert COMMAND not in entries
    assert COMMAND not in [entry.page for entry in navigation.build(clerk, "/").phone]


def test_a_record_lights_up_the_list_it_belongs_to(make_actor: MakeActor) -> None:
    built = navigation.build(make_actor("CLERK"), "/search/12/edit/")
    assert built.current is not None
    assert [entry.page.code for entry in built.current.pages if entry.is_current] == ["t.tasks"]


def test_a_page_outside_the_side_bar_lights_up_its_place(make_actor: MakeActor) -> None:
    built = navigation.build(make_actor("CLERK"), "/offline/3/")
    assert built.current is not None
    assert built.current.place is Place.TODAY
    assert not any(entry.is_current for entry in built.current.pages)


def test_the_start_page_does_not_light_up_for_every_address(make_actor: MakeActor) -> None:
    assert navigation.build(make_actor("OWNER"), "/elsewhere/").current is None


def test_the_view_name_decides_before_the_address(make_actor: MakeActor) -> None:
    built = navigation.build(make_actor("OWNER"), "/search/", url_name="today")
    assert built.current is not None
    assert built.current.place is Place.SETTINGS


def test_a_page_without_an_address_is_left_out(make_actor: MakeActor) -> None:
    navigation.register(Page("t.off", "停用", "no-such-url", Place.TODAY, "work.view_tasks", icon="x"))
    assert "t.off" not in [page.code for page, _url in navigation.pages_for(make_actor("CLERK"))]


def test_the_phone_bar_holds_four_by_rank(make_actor: MakeActor) -> None:
    for rank in (40, 30, 10, 50):
        navigation.register(
            Page(f"t.{rank}", str(rank), "offline", Place.ORDERS, "work.view_tasks", icon="x", phone=rank)
        )
    phone = navigation.build(make_actor("CLERK"), "/").phone
    assert [entry.page.code for entry in phone] == ["t.10", "t.tasks", "t.30", "t.40"]


def test_one_code_is_one_page() -> None:
    navigation.register(TASKS)
    with pytest.raises(PageTaken):
        navigation.register(Page("t.tasks", "别的", "search", Place.TODAY, "work.view_tasks", icon="x"))
