"""What a few letters or digits mean, and whom they find; nobody finds whom they may not see."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from dianke.core.models import DataKey
from dianke.customers.models import Collaborator, ContactPoint, Customer, State, Tag, Tagging
from dianke.customers.queries import commonness, search
from dianke.customers.queries.search import find
from dianke.customers.rules.search import Asked, Newcomer, asked, newcomer
from dianke.customers.tests.cast import make_customer


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("王小明", Asked(text="王小明")),
        ("5678", Asked(tail="5678", number="5678")),
        ("345678", Asked(tail="345678", number="345678")),
        ("13812345678", Asked(phone="+8613812345678")),
        ("138 1234 5678", Asked(phone="+8613812345678")),
        ("+86 138-1234-5678", Asked(phone="+8613812345678")),
        ("１３８１２３４５６７８", Asked(phone="+8613812345678")),
        ("王 5678", Asked(text="王", tail="5678")),
        ("wxm", Asked(text="wxm")),
        ("wangxm", Asked(text="wangxm", wechat="wangxm")),
        ("Li@Example.com", Asked(email="li@example.com")),
        ("100000017", Asked(number="100000017", tail="100000017")),
        ("12", Asked(text="12")),
        ("   ", Asked()),
        ("！！", Asked()),
    ],
)
def test_a_query_means_what_a_clerk_means_by_it(query: str, meant: Asked) -> None:
    assert asked(query) == meant


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("13812345678", Newcomer("", "13812345678")),
        ("王小明", Newcomer("王小明", "")),
        ("王小明 13812345678", Newcomer("王小明", "13812345678")),
        ("设置", None),
        ("5678", None),
        ("wxm", None),
    ],
)
def test_a_fruitless_query_describes_who_could_be_entered(query: str, who: Newcomer | None) -> None:
    assert newcomer(query) == who


def names(actor, query, **more) -> list[str]:
    return [found.customer.name for found in find(actor, query, **more)]


@pytest.mark.parametrize(
    "query",
    [
        "王小明",
        "小明",
        "王",
        "wang",
        "wangxiaoming",
        "wxm",
        "xm",
        "wangxm",
        "5678",
        "12345678",
        "13812345678",
        "138 1234 5678",
        "王 5678",
        "王小明13812345678",
        "ming@example.com",
        "MING@EXAMPLE.COM",
        "wxm_1990",
    ],
)
def test_every_way_of_asking_finds_the_customer(cast, query) -> None:
    make_customer(
        "王小明", "13812345678", email="ming@example.com", contacts={"WECHAT": "wxm_1990"}, store=cast.lake
    )
    make_customer("陈静", "13987654321", store=cast.lake)
    assert names(cast.actor("clerk"), query) == ["王小明"]


def test_traditional_and_simplified_characters_find_each_other(cast) -> None:
    make_customer("劉曉東", store=cast.lake)
    assert names(cast.actor("clerk"), "刘晓东") == ["劉曉東"]


def test_a_member_number_finds_its_customer(cast) -> None:
    customer = make_customer("王小明", store=cast.lake)
    assert names(cast.actor("clerk"), customer.member_number) == ["王小明"]


def test_a_tail_finds_nobody_whose_number_merely_shares_its_index(cast, monkeypatch) -> None:
    """With one index for all phones, only those that end in the digits are found."""
    make_customer("王小明", "13812345678", store=cast.lake)
    other = make_customer("陈静", "13987654321", store=cast.lake)
    index = ContactPoint.objects.get(customer__name="王小明").value_last4
    ContactPoint.objects.filter(customer=other).update(value_last4=index)
    assert names(cast.actor("clerk"), "5678") == ["王小明"]


@pytest.fixture
def wanted_numbers(cast, now, monkeypatch):
    """Many numbers that end in 8888 at another store, and two old ones here; more than are looked at at once."""
    monkeypatch.setattr(search, "NEWEST", 6)
    monkeypatch.setattr(search, "MOST_OPENED", 6)
    monkeypatch.setattr(search, "SPARE", 1)
    make_customer("王小明", "13812308888", store=cast.lake, now=now.replace(year=2024))
    make_customer("陈静", "13812348888", store=cast.lake, now=now.replace(year=2023))
    for number in range(12):
        make_customer(f"李{'明强东'[number % 3]}", f"1397{number:02}08888", store=cast.road)


def test_digits_that_many_have_still_find_everybody_who_may_be_seen(cast, wanted_numbers) -> None:
    assert names(cast.actor("clerk"), "8888") == ["王小明", "陈静"]
    assert len(names(cast.actor("owner"), "8888", limit=5)) == 5


@pytest.mark.parametrize("query", ["48888", "348888", "2348888", "静 8888", "陈静 348888"])
def test_more_digits_or_a_name_find_the_one_among_the_many(cast, wanted_numbers, query) -> None:
    for username in ("clerk", "owner"):
        assert names(cast.actor(username), query) == ["陈静"]


def test_phones_of_an_older_version_get_their_six_digits(cast, now) -> None:
    fill = import_module("dianke.customers.migrations.0011_fill_six_digits").fill
    make_customer("王小明", "13812345678", store=cast.lake)
    make_customer("陈静", "13987654321", store=cast.lake)
    erased = ContactPoint.objects.get(customer__name="陈静")
    DataKey.objects.filter(pk=erased.key_id).update(wrapped=None, destroyed_at=now)
    before = ContactPoint.objects.get(customer__name="王小明").value_last6
    ContactPoint.objects.update(value_last6=None)
    assert names(cast.actor("clerk"), "345678") == []
    fill(apps, None)
    assert ContactPoint.objects.get(customer__name="王小明").value_last6 == before
    assert names(cast.actor("clerk"), "345678") == ["王小明"]
    erased.refresh_from_db()
    assert erased.value_last6 is None


def test_a_name_with_digits_finds_who_was_seen_long_ago_behind_many_others(cast, now) -> None:
    make_customer("王小明", "13812345678", store=cast.lake, now=now.replace(year=2024))
    for number in range(25):
        make_customer("李强", f"139{number:04}5678", store=cast.lake, now=now)
    assert names(cast.actor("clerk"), "王 5678", limit=20) == ["王小明"]


def test_the_walk_past_the_latest_ends_and_the_index_is_asked(cast, now, monkeypatch) -> None:
    monkeypatch.setattr(search, "WALKED", 3)
    for number in range(6):
        make_customer(f"王{'明强东'[number % 3]}", store=cast.lake, now=now.replace(day=number + 1))
    monkeypatch.setattr(search, "COMMON", 1)
    assert len(names(cast.actor("owner"), "王")) == 6


def test_the_very_name_comes_first_and_then_whoever_was_seen_last(cast, now) -> None:
    make_customer("王伟", store=cast.lake, now=now.replace(year=2024))
    make_customer("王伟明", store=cast.lake, now=now.replace(year=2025))
    make_customer("王伟强", store=cast.lake, now=now)
    assert names(cast.actor("clerk"), "王伟") == ["王伟", "王伟强", "王伟明"]


@pytest.mark.parametrize("query", ["王", "王伟", "w"])
def test_common_and_rare_words_give_the_same_answer(cast, now, monkeypatch, query) -> None:
    for number in range(8):
        make_customer(f"王伟{'明强东'[number % 3]}", store=cast.lake, now=now.replace(day=number + 1))
    make_customer("王伟", store=cast.road)
    make_customer("王伟", store=cast.road, shared_with=[cast.lake], now=now.replace(day=5, hour=1))
    make_customer("王伟强", store=cast.harbour, owner=cast["clerk"].user, now=now.replace(day=4, hour=1))
    helped = make_customer("王伟东", store=cast.harbour, now=now.replace(day=3, hour=1))
    Collaborator.objects.create(customer=helped, user=cast["clerk"].user, since=now)
    for username in ("clerk", "manager", "owner", "region"):
        for limit in (3, 20):
            answers = []
            for least in (0, 1, 10_000):
                monkeypatch.setattr(search, "COMMON", least)
                answers.append([found.customer.pk for found in find(cast.actor(username), query, limit)])
            assert answers[0] == answers[1] == answers[2]
            assert len(answers[0]) >= 3
    assert len(find(cast.actor("clerk"), query)) == 11


def test_words_of_the_latest_customers_are_counted_and_believed_for_some_minutes(
    cast, now, monkeypatch
) -> None:
    for name in ("王伟", "王芳", "李强"):
        make_customer(name, store=cast.lake, now=now)
    assert [commonness.among_latest(text) for text in ("王", "w", "王 f", "王伟", "赵", "")] == [
        2,
        2,
        1,
        1,
        0,
        0,
    ]
    make_customer("王强", store=cast.lake, now=now)
    assert commonness.among_latest("王") == 2
    monkeypatch.setattr(commonness, "BELIEVED_SECONDS", -1)
    assert commonness.among_latest("王") == 3


def test_the_phone_is_masked_and_the_reason_named(cast) -> None:
    make_customer("王小明", "13812345678", store=cast.lake)
    (found,) = find(cast.actor("clerk"), "5678")
    assert found.masked_phone == "138****5678"
    assert found.why


def test_who_may_not_see_contacts_gets_no_digit_of_them(cast) -> None:
    make_customer("王小明", "13812345678", store=cast.lake)
    (found,) = find(cast.actor("auditor"), "王小明")
    assert not any(char.isdigit() for char in found.masked_phone)


def test_a_merged_customer_is_found_as_the_profile_it_belongs_to(cast) -> None:
    head = make_customer("王小明", "13812345678", store=cast.lake)
    make_customer("王晓明", "13700001111", store=cast.lake, merged_into=head)
    found = find(cast.actor("clerk"), "1111")
    assert [each.customer.pk for each in found] == [head.pk]


def test_removed_and_erased_customers_are_not_found(cast) -> None:
    make_customer("王小明", "13812345678", store=cast.lake, state=State.REMOVED)
    make_customer("王大明", "13812345678", store=cast.lake, state=State.ERASED)
    assert names(cast.actor("owner"), "5678") == names(cast.actor("owner"), "王") == []


@pytest.mark.parametrize("query", ["王小明", "wxm", "5678", "13812345678"])
def test_nobody_finds_customers_out_of_reach(cast, query) -> None:
    owner = cast["colleague"].user
    make_customer("王小明", "13812345678", store=cast.lake, partner=cast.partner, owner=owner)
    seen = {
        name: bool(find(cast.actor(name), query))
        for name in ("owner", "manager", "colleague", "clerk", "neighbour", "southerner", "shen", "qiu")
    }
    assert seen == {
        "owner": True,
        "manager": True,
        "colleague": True,
        "clerk": False,  # a colleague looks after them
        "neighbour": False,
        "southerner": False,
        "shen": True,
        "qiu": False,  # another partner
    }


def test_who_helps_with_a_customer_finds_them_anywhere(cast, now) -> None:
    customer = make_customer("王小明", "13812345678", store=cast.harbour)
    assert names(cast.actor("clerk"), "wxm") == []
    Collaborator.objects.create(customer=customer, user=cast["clerk"].user, since=now)
    assert names(cast.actor("clerk"), "wxm") == names(cast.actor("clerk"), "5678") == ["王小明"]


@pytest.mark.parametrize("least", [1, 10_000])
def test_the_number_of_queries_does_not_grow_with_what_is_found(cast, monkeypatch, least) -> None:
    monkeypatch.setattr(search, "COMMON", least)

    def count(query: str) -> int:
        find(cast.actor("owner"), query)  # keys and grants are read once
        actor = cast.actor("owner")
        with CaptureQueriesContext(connection) as context:
            find(actor, query)
        return len(context)

    make_customer("王小明", "13812345678", store=cast.lake)
    asked_of = {"王": 1, "13812345678": 1, "5678": 1, "王 5678": 1}
    assert {query: count(query) for query in asked_of} == asked_of
    for number in range(12):
        make_customer(f"王小{'明强东'[number % 3]}", f"139{number:04}5678", store=cast.lake)
    assert {query: count(query) for query in asked_of} == asked_of


def test_those_who_only_share_the_index_of_a_popular_tail_hide_nobody(cast, now, monkeypatch) -> None:
    monkeypatch.setattr(search, "NEWEST", 4)
    monkeypatch.setattr(search, "SPARE", 1)
    for number in range(3):
        make_customer("陈静", f"138{number:04}5678", store=cast.lake, now=now.replace(year=2020 + number))
    index = ContactPoint.objects.first().value_last4
    for number in range(9):
        make_customer("李强", f"139{number:04}8888", store=cast.lake, now=now)
    ContactPoint.objects.update(value_last4=index)
    found = find(cast.actor("owner"), "5678", limit=2)
    assert [each.masked_phone for each in found] == ["138****5678"] * 2
    years = [each.customer.last_seen_at.year for each in found]
    assert years == [2022, 2021]


def test_the_preferred_phone_of_the_profile_is_shown_when_an_address_was_found(cast) -> None:
    head = make_customer("王小明", email="ming@example.com", store=cast.lake)
    make_customer("王晓明", "13700001111", store=cast.lake, merged_into=head)
    (found,) = find(cast.actor("clerk"), "ming@example.com")
    assert (found.customer.pk, found.masked_phone) == (head.pk, "137****1111")
    assert found.customer.store == cast.lake


@pytest.mark.parametrize("query", ["5678", "13812345678", "王 5678", "王"])
def test_a_list_narrowed_in_any_way_is_searched(cast, now, query) -> None:
    tag = Tag.objects.create(name="100%")
    tagged = make_customer("王小明", "13812345678", store=cast.lake)
    make_customer("王大明", "13812345678", store=cast.lake)
    Tagging.objects.create(customer=tagged, tag=tag, since=now)
    actor = cast.actor("clerk")
    rows = Customer.objects.visible_to(actor).heads()
    for some in (
        rows.filter(taggings__tag=tag),
        rows.filter(taggings__tag__name__contains="100%").annotate(count=Count("pk")),
        rows.filter(name__contains="小").exclude(occupation__startswith="%"),
    ):
        assert list(search.narrowed(actor, some, query)) == [tagged]
    assert list(search.narrowed(actor, Customer.objects.none(), query)) == []
