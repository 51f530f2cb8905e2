"""Finding pages as people type them, and the frame around the rooms' providers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation

from dianke.core.actor import ANONYMOUS, Actor
from dianke.web import navigation, search
from dianke.web.navigation import Page, Place
from dianke.web.search import Hit, ProviderTaken, SearchProvider

MakeActor = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _these_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_pages", {})
    monkeypatch.setattr(search, "_providers", {"web.pages": search.PAGES})
    for code, label, words in (
        ("t.customers", "客户", "会员 顾客"),
        ("t.stock", "库存", ""),
        ("t.count", "盘点", "库存清点"),
        ("t.new", "新建客户", ""),
    ):
        navigation.register(
            Page(
                code,
                label,
                "today",
                Place.GOODS,
                "web.use_pages",
                icon="x",
                words=words,
                is_command=code == "t.new",
            )
        )


def labels(actor: Actor, query: str) -> list[str]:
    return [str(hit.label) for group in search.find(actor, query) for hit in group.hits]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("客户", "客户"),
        ("kh", "客户"),
        ("kehu", "客户"),
        ("KeHu", "客户"),
        ("ke hu", "客户"),
        ("客戶", "客户"),
        ("会员", "客户"),
        ("kucun", "库存"),
        ("pd", "盘点"),
        ("xj", "新建客户"),
        ("ｋｈ", "客户"),
    ],
)
def test_pages_are_found_by_characters_pinyin_and_initials(
    make_actor: MakeActor, query: str, first: str
) -> None:
    assert labels(make_actor("CLERK"), query)[0] == first


def test_a_word_in_the_middle_is_found_too(make_actor: MakeActor) -> None:
    assert labels(make_actor("CLERK"), "客户") == ["客户", "新建客户"]


def test_an_empty_query_lists_pages_before_commands(make_actor: MakeActor) -> None:
    assert labels(make_actor("CLERK"), "  ") == ["盘点", "客户", "库存", "新建客户"]


def test_nothing_is_found_for_signs_alone_or_by_nobody(make_actor: MakeActor) -> None:
    assert labels(make_actor("CLERK"), "…!") == []
    assert labels(ANONYMOUS, "客户") == []


def test_a_provider_is_asked_only_for_who_may_and_only_with_a_query(make_actor: MakeActor) -> None:
    asked: list[tuple[str, int]] = []

    def find(actor: Actor, query: str, limit: int) -> list[Hit]:
        asked.append((query, limit))
        return [Hit(f"行 {number}", "/") for number in range(limit + 5)]

    search.register(
        SearchProvider(
            "t.rows", "行", "access.manage_users", find, order=5, more=lambda query: f"/rows/?q={query}"
        )
    )
    assert labels(make_actor("CLERK"), "客户") == ["客户", "新建客户"]
    search.find(make_actor("OWNER"), "")
    assert asked == []
    groups = search.find(make_actor("OWNER"), " 张   三 ", limit=3)
    assert asked == [("张 三", 3)]
    assert [len(group.hits) for group in groups] == [3]
    assert groups[0].more_url == "/rows/?q=张 三"


def test_one_code_is_one_provider() -> None:
    with pytest.raises(ProviderTaken):
        search.register(SearchProvider("web.pages", "x", "web.use_pages", lambda actor, query, limit: []))


def test_today_is_found_in_every_language(
    make_actor: MakeActor, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DIANKE_MODULES = ""
    monkeypatch.setattr(navigation, "_pages", {})
    from dianke.web import pages

    pages.register()
    for language, query in (("zh-hans", "jr"), ("zh-hant", "今日"), ("en", "tod")):
        with translation.override(language):
            assert len(labels(make_actor("CLERK"), query)) == 1


def test_a_way_to_make_what_was_not_found_leads_to_no_empty_list(make_actor: MakeActor) -> None:
    def answer(actor: Actor, query: str, limit: int) -> list[Hit]:
        return [Hit("新建", "/new/", makes=True)] if query == "新人" else [Hit("旧人", "/old/")]

    search.register(SearchProvider("t.people", "人", "web.use_pages", answer, more="/?q={}".format))
    actor = make_actor("CLERK")
    for query, more_url in (("新人", ""), ("旧人", "/?q=旧人")):
        groups = {group.provider.code: group for group in search.find(actor, query)}
        assert groups["t.people"].more_url == more_url
