"""The list of customers: who stands on it for whom, what narrows it, what is done to several, what leaves in a file."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dianke.core.paging import ordering_of, with_tie_break
from dianke.customers.models import Consent, Customer, SharedWith, State, Tag, Tagging
from dianke.customers.tests.cast import make_customer
from dianke.customers.views.listings import CustomerListing
from dianke.web import search as global_search
from dianke.web.exporting import file_of, write_export
from dianke.web.operations import request_export

LIST = "customers:customers"


def rows(cast, who: str, query: str = "") -> list[str]:
    listing = CustomerListing(cast.actor(who), cast.now)
    return [row.name for row in listing.result(listing.state(QueryDict(query))).page.items]


@pytest.fixture
def customers(cast, now) -> dict[str, Customer]:
    """Five at three stores: whoever was seen last comes first."""
    return {
        "wang": make_customer(
            "王小明", "13812345678", store=cast.lake, level="金卡", tags=["VIP"], birthday=(1990, 11, 23),
            consents={("MARKETING", "SMS"): True}, now=now,
        ),
        "chen": make_customer(
            "陈静", "13987654321", store=cast.lake, owner=cast["clerk"].user, now=now - timedelta(days=1)
        ),
        "shen": make_customer(
            "沈客", store=cast.lake, partner=cast.partner, owner=cast["colleague"].user, now=now - timedelta(days=2)
        ),
        "road": make_customer("刘路", store=cast.road, level="银卡", now=now - timedelta(days=3)),
        "south": make_customer("黄海", store=cast.harbour, now=now - timedelta(days=4)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("owner", ["王小明", "陈静", "沈客", "刘路", "黄海"]),
        ("manager", ["王小明", "陈静", "沈客"]),
        ("clerk", ["王小明", "陈静"]),
        ("colleague", ["王小明", "沈客"]),
        ("neighbour", ["刘路"]),
        ("shen", ["王小明", "陈静", "沈客", "刘路"]),
        ("qiu", ["王小明", "陈静", "刘路"]),
    ],
)
def test_everybody_lists_their_own_customers_only(cast, customers, who, seen) -> None:
    assert rows(cast, who) == seen


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=wxm", ["王小明"]),
        ("q=5678", ["王小明"]),
        ("q=%E9%99%88", ["陈静"]),
        ("level=%E9%87%91%E5%8D%A1", ["王小明"]),
        ("owner=me", []),
        ("owner=none", ["王小明", "刘路", "黄海"]),
        ("consent=yes", ["王小明"]),
        ("consent=no", ["陈静", "沈客", "刘路", "黄海"]),
        ("birthday=11", ["王小明"]),
        ("birthday=x", []),
        ("kind=COMPANY", []),
        ("tag=0", []),
        ("store=999999999999999999999", []),
        ("state=REMOVED", []),
        ("since_from=2026-11-21", ["王小明"]),
        ("sort=name", None),
    ],
)
def test_filters_and_search_narrow_the_list(cast, customers, query, seen) -> None:
    found = rows(cast, "owner", query)
    assert found == seen if seen is not None else len(found) == 5


def test_filtering_while_one_types_draws_the_rows_alone(signed_in, customers) -> None:
    part = {"HX-Request": "true", "HX-Target": "div#list"}
    answer = signed_in("owner").get(reverse(LIST), {"q": "王小明"}, headers=part)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "王小明" in text
    assert "<html" not in text
    assert "陈静" not in text


def test_a_tag_of_a_merged_customer_finds_the_profile(cast, customers, now) -> None:
    joined = make_customer("王晓明", store=cast.lake, merged_into=customers["wang"])
    tag = Tag.objects.create(name="爱翡翠")
    Tagging.objects.create(customer=joined, tag=tag, since=now)
    assert rows(cast, "owner", f"tag={tag.pk}") == ["王小明"]


def test_a_lunar_birthday_is_listed_in_the_month_it_falls_into(cast) -> None:
    """The 15th of the 8th lunar month of 2027 is the 15th of September; of 2026 it was the 25th of September."""
    make_customer("中秋生", store=cast.lake, lunar_birthday=(1960, 8, 15, False))
    assert rows(cast, "owner", "birthday=9") == ["中秋生"]
    assert rows(cast, "owner", "birthday=8") == []


def test_a_birthday_of_a_merged_customer_lists_the_profile(cast, customers) -> None:
    make_customer("王晓明", store=cast.lake, merged_into=customers["wang"], birthday=(1990, 2, 3))
    assert rows(cast, "owner", "birthday=2") == ["王小明"]


@pytest.mark.parametrize(
    ("said", "is_welcome"),
    [
        ([("SMS", True)], True),
        ([("SMS", True), ("SMS", False)], False),
        ([("SMS", True), ("ANY", False)], False),
        ([("ANY", True), ("CALL", False)], True),
        ([("ANY", False), ("SMS", True)], True),
        ([], False),
    ],
)
def test_the_newest_word_on_advertising_counts(cast, now, said, is_welcome) -> None:
    customer = make_customer("王小明", store=cast.lake)
    for number, (channel, is_given) in enumerate(said):
        Consent.objects.create(
            customer=customer,
            purpose="MARKETING",
            channel=channel,
            is_given=is_given,
            at=now + timedelta(minutes=number),
            how="COUNTER",
        )
    assert (rows(cast, "owner", "consent=yes") == ["王小明"]) is is_welcome
    assert (rows(cast, "owner", "consent=no") == ["王小明"]) is not is_welcome


def test_a_refusal_of_a_merged_customer_stands(cast, customers) -> None:
    make_customer(
        "王晓明", store=cast.lake, merged_into=customers["wang"], consents={("MARKETING", "SMS"): False}
    )
    assert rows(cast, "owner", "consent=yes") == []
    assert "王小明" in rows(cast, "owner", "consent=no")


def test_merged_removed_and_erased_customers_are_not_listed(cast, customers) -> None:
    make_customer("王晓明", store=cast.lake, merged_into=customers["wang"])
    make_customer("走了", store=cast.lake, state=State.REMOVED)
    assert rows(cast, "manager") == ["王小明", "陈静", "沈客"]
    assert rows(cast, "manager", "state=REMOVED") == ["走了"]


def test_pages_follow_each_other_without_gap(cast, now) -> None:
    for number in range(60):
        make_customer(f"王{number:02}", store=cast.lake, now=now - timedelta(minutes=number))
    listing = CustomerListing(cast.actor("clerk"), now)
    seen, cursor = [], None
    while True:
        query = "size=25" + (f"&cursor={cursor}" if cursor else "")
        result = listing.result(listing.state(QueryDict(query)))
        seen += [row.name for row in result.page.items]
        cursor = result.page.next_cursor
        if cursor is None:
            break
    assert seen == [f"王{number:02}" for number in range(60)]


def test_groups_count_what_the_actor_sees_and_filter_it(cast, customers, signed_in) -> None:
    listing = CustomerListing(cast.actor("neighbour"), cast.now)
    assert {group["label"]: group["count"] for group in listing.groups(listing.state(QueryDict("")))} == {
        "银卡": 1
    }
    listing = CustomerListing(cast.actor("owner"), cast.now)
    groups = {group["label"]: group["count"] for group in listing.groups(listing.state(QueryDict("")))}
    assert groups == {"金卡": 1, "银卡": 1, "西湖": 3, "武林路": 1, "前海": 1}
    chips = signed_in("owner").get(reverse("customers:groups"), headers={"HX-Request": "true"})
    assert "金卡" in chips.content.decode()


def test_the_groups_opened_by_themselves_lead_to_the_list(customers, signed_in) -> None:
    answer = signed_in("owner").get(reverse("customers:groups"), {"level": "金卡"})
    assert answer.headers["Location"] == f"{reverse(LIST)}?level=%E9%87%91%E5%8D%A1"


def test_the_page_hides_numbers_and_costs_the_same_for_many(cast, customers, signed_in) -> None:
    def cost() -> int:
        client = signed_in("manager")
        client.get(reverse(LIST))
        with CaptureQueriesContext(connection) as context:
            html = client.get(reverse(LIST)).content.decode()
        assert "13812345678" not in html
        assert "138****5678" in html
        return len(context)

    few = cost()
    for number in range(15):
        make_customer(f"李{number}", f"137{number:08}", store=cast.lake, tags=["VIP", f"标签{number}"])
    assert cost() == few


def test_nothing_to_list_leads_to_the_first_customer(cast, signed_in) -> None:
    response = signed_in("owner").get(reverse(LIST))
    assert response.status_code == 200
    assert "dk-empty" in response.content.decode()


# --- several at once -------------------------------------------------------------------------------------------------
def test_tags_are_put_on_those_within_reach_only(cast, customers, signed_in) -> None:
    tag = Tag.objects.create(name="老客户")
    ids = [customers[name].pk for name in ("wang", "road")]
    client = signed_in("clerk")
    asked = client.post(reverse("customers:taggings"), {"ids": ids}).content.decode()
    assert "王小明" in asked
    assert "刘路" not in asked
    client.post(reverse("customers:taggings"), {"ids": ids, "tags": [tag.pk], "asked": "1"})
    assert set(tag.taggings.values_list("customer__name", flat=True)) == {"王小明"}
    client.post(reverse("customers:untaggings"), {"ids": ids, "tags": [tag.pk], "asked": "1"})
    assert not tag.taggings.exists()


def test_a_manager_puts_somebody_in_charge_and_shares(cast, customers, signed_in) -> None:
    client = signed_in("manager")
    ids = [customers["wang"].pk]
    client.post(reverse("customers:owners"), {"ids": ids, "owner": str(cast["clerk"].user.pk), "asked": "1"})
    client.post(reverse("customers:shares"), {"ids": ids, "store": cast.road.pk, "asked": "1"})
    customers["wang"].refresh_from_db()
    assert customers["wang"].owner == cast["clerk"].user
    assert SharedWith.objects.get().store == cast.road


@pytest.mark.parametrize("name", ["owners", "shares"])
def test_a_clerk_may_not_give_customers_away(cast, customers, signed_in, name) -> None:
    response = signed_in("clerk").post(reverse(f"customers:{name}"), {"ids": [customers["wang"].pk]})
    assert response.status_code == 403


# --- files -----------------------------------------------------------------------------------------------------------
def test_an_export_holds_what_its_person_sees_masked_and_harmless(cast, customers, now) -> None:
    make_customer("=HYPERLINK(1)", "13700000001", store=cast.lake)
    actor = cast.actor("manager")
    export = request_export(
        list_code="customers.customers", query="", format="csv", total_count=4, actor=actor, now=now
    )
    made = write_export(export, actor=actor, now=now)
    with file_of(made).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    cells = [cell for line in lines for cell in line]
    assert {"王小明", "陈静", "沈客", "'=HYPERLINK(1)"} <= set(cells)
    assert not {"刘路", "黄海", "=HYPERLINK(1)"} & set(cells)
    assert "138****5678" in cells
    assert "VIP" in cells
    assert not any("13812345678" in cell for cell in cells)


# --- global search ---------------------------------------------------------------------------------------------------
def hits(cast, who: str, query: str) -> list[tuple[str, str]]:
    groups = global_search.find(cast.actor(who), query)
    return [
        (str(hit.label), hit.url)
        for group in groups
        if group.provider.code == "customers.customers"
        for hit in group.hits
    ]


def test_global_search_finds_by_tail_and_leads_to_the_profile(cast, customers) -> None:
    found = hits(cast, "clerk", "5678")
    assert found == [("王小明", reverse("customers:customer", args=[customers["wang"].pk]))]


def test_global_search_says_nothing_about_customers_of_others(cast, customers) -> None:
    assert not any("王小明" in label for label, _url in hits(cast, "neighbour", "5678"))


def test_global_search_offers_to_enter_who_is_not_there(cast) -> None:
    (hit,) = hits(cast, "clerk", "王小明 13899990001")
    assert hit[1].startswith(reverse("customers:new"))
    assert "13899990001" in hit[1]
    assert hits(cast, "auditor", "13899990001") == []


def test_several_get_no_tag_when_none_was_ticked(customers, signed_in) -> None:
    client = signed_in("clerk")
    for way in ("taggings", "untaggings"):
        answer = client.post(reverse(f"customers:{way}"), {"ids": [customers["wang"].pk], "asked": "1"})
        assert answer.status_code == 422
        assert answer.context["form"].errors["tags"]
        assert "王小明" in answer.content.decode()


def test_whom_one_looks_for_in_vain_is_entered_with_what_was_typed(customers, signed_in) -> None:
    client = signed_in("clerk")
    page = client.get(reverse(LIST), {"q": "钟离月 15410030009"})
    assert "name=%E9%92%9F%E7%A6%BB%E6%9C%88" in page.content.decode()
    assert page.context["way_out"].url.startswith("/customers/new/?")
    assert "way_out" not in client.get(reverse(LIST), {"q": "王小明"}).context
    assert "/customers/new/?" not in signed_in("auditor").get(reverse(LIST), {"q": "钟离月"}).content.decode()


# --- how it is found -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "customer_by_last_seen"),
        ("sort=level", "customer_by_level"),
        ("sort=-level", "customer_by_level"),
        ("sort=name", "customer_in_name_order"),
        ("sort=-created_at", "customer_by_since"),
        ("sort=member_number", "customer_member_number"),
    ],
)
def test_every_order_of_the_list_is_given_by_an_index(cast, customers, query, index) -> None:
    listing = CustomerListing(cast.actor("owner"), cast.now)
    state = listing.state(QueryDict(query))
    rows = listing.rows(state).select_related(None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_seqscan = off")
    order = ordering_of(Customer, with_tie_break(listing.order(state)))
    assert index in rows.order_by(*order)[:51].explain()


def test_a_tag_of_few_and_one_of_many_show_the_same(cast, customers, monkeypatch) -> None:
    head = customers["road"]
    make_customer("并入的", store=cast.road, merged_into=head, tags=["VIP"], now=cast.now)
    tag = Tag.objects.get(name="VIP").pk
    few = rows(cast, "owner", f"tag={tag}")
    monkeypatch.setattr("dianke.customers.models.people.FEW", 1)
    assert few == rows(cast, "owner", f"tag={tag}") == ["王小明", "刘路"]
