"""Price lists through the door and what goods then cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dianke.catalog.models import PriceList, PriceListItem, Variant
from dianke.catalog.operations import price_lists, prices
from dianke.catalog.operations.price_lists import (
    CurrencyFixed,
    PriceListArchived,
    PriceListCodeTaken,
    PriceListOutOfReach,
    PriceListPeriodWrong,
)
from dianke.catalog.operations.prices import (
    ChangedSincePreview,
    GoodsUnknown,
    Price,
    PriceNamesNothing,
    PricesSet,
    PriceTwice,
    PriceWrong,
    QuantityWrong,
)
from dianke.catalog.queries.prices import preview_adjustment, price_explained, prices_of
from dianke.catalog.rules.pricing import Level, Rank
from dianke.catalog.tests.price_cast import Goods, make_goods
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.events.models import Event
from dianke.stores.tests.cast import make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def goods(cast, now) -> Goods:
    return make_goods(now)


@pytest.fixture
def who(now):
    return {"actor": SYSTEM, "now": now}


def price(goods: Goods, **more) -> int | None:
    return prices_of([goods.red.pk], **{"store": None, "at": goods.now, **more})[goods.red.pk].amount


def test_the_most_special_list_counts_and_says_why(goods, cast):
    assert price(goods, store=cast.lake) == 10_000
    goods.price_list("ALL", Price(category_id=goods.clothes.pk, percent_bp=9_800))
    goods.price_list("LAKE", Price(product_id=goods.shirt.pk, price_amount=9_500), stores=(cast.lake,))
    goods.price_list("GOLD", Price(category_id=goods.shirts.pk, percent_bp=9_000), tiers=["GOLD"])
    goods.price_list(
        "WANG",
        Price(variant_id=goods.red.pk, price_amount=8_000),
        contract_customer="customers.customer:7",
    )
    assert price(goods) == price(goods, store=cast.harbour) == 9_800
    assert price(goods, store=cast.lake) == 9_500
    assert price(goods, store=cast.lake, tier="GOLD") == 9_000
    assert price(goods, tier="GOLD", customer="customers.customer:7") == 8_000
    assert price(goods, customer=["customers.customer:1", "customers.customer:7"]) == 8_000
    found = prices_of([goods.red.pk, goods.blue.pk], store=cast.lake, at=goods.now)
    assert (found[goods.red.pk].rank, found[goods.red.pk].level) == (Rank.STORE, Level.PRODUCT)
    assert found[goods.blue.pk].amount == 9_500


def test_a_variant_without_base_price_has_no_share_of_it(goods, cast):
    goods.price_list("ALL", Price(category_id=goods.clothes.pk, percent_bp=9_800))
    found = prices_of([goods.blue.pk, 10**9], store=cast.lake, at=goods.now)
    assert {pk: one.amount for pk, one in found.items()} == {goods.blue.pk: None}
    assert found[goods.blue.pk].reason.code == "no_price"


def test_quantities_may_differ_by_line(goods):
    goods.price_list("BULK", Price(product_id=goods.shirt.pk, min_quantity=Decimal(10), price_amount=7_000))
    lines = {goods.red.pk: Decimal(9), goods.blue.pk: Decimal(10)}
    found = prices_of(list(lines), store=None, quantity=lines, at=goods.now)
    assert [found[pk].amount for pk in lines] == [10_000, 7_000]


def test_drafts_archived_and_lists_out_of_their_period_do_not_count(goods, who):
    item = Price(variant_id=goods.red.pk, price_amount=1)
    made = goods.price_list("X", item, from_at=goods.now, to_at=goods.now + timedelta(days=1))
    assert price(goods) == 1
    assert price(goods, at=goods.now + timedelta(days=1)) == 10_000
    price_lists.change_price_list(price_list=made, values={}, is_active=False, **who)
    assert price(goods) == 10_000
    price_lists.change_price_list(price_list=made, values={}, is_active=True, **who)
    price_lists.archive_price_list(price_list=made, **who)
    assert price(goods) == 10_000
    with pytest.raises(PriceListArchived):
        prices.set_prices(price_list=made, prices=[item], **who)
    assert price_lists.restore_price_list(price_list=made, **who).state == "DRAFT"


@pytest.mark.parametrize("many", [1, 30])
def test_prices_take_three_queries_however_many_goods_and_lists(goods, cast, django_assert_num_queries, many):
    product = goods.product("MANY", goods.shirts)
    rows = [Variant(product=product, code=f"M{n}", label=str(n), price_amount=n) for n in range(many)]
    variants = Variant.objects.bulk_create(rows)
    for number in range(many):
        item = Price(variant_id=variants[number].pk, price_amount=number)
        goods.price_list(
            f"L{number}", item, Price(category_id=goods.clothes.pk, percent_bp=9_000), stores=(cast.lake,)
        )
    with django_assert_num_queries(3):
        found = prices_of([one.pk for one in variants], store=cast.lake, at=goods.now)
    # The newest list counts: it names the last of them, of the others the category.
    assert [found[one.pk].amount for one in variants] == [
        *((n * 9 + 5) // 10 for n in range(many - 1)),
        many - 1,
    ]


def test_items_are_found_by_the_indexes_made_for_them(goods, cast):
    plan = _plan_of_items(goods, cast)
    for index in ("price_item_of_variant", "price_item_of_product", "price_item_of_category"):
        assert index in plan


def _plan_of_items(goods, cast) -> str:
    """The plan of the third query over a table that is not tiny."""
    made = [goods.price_list(f"L{n}") for n in range(5)]
    product = goods.product("MANY", goods.shirts)
    rows = [Variant(product=product, code=f"M{n}", label=str(n)) for n in range(2_000)]
    variants = Variant.objects.bulk_create(rows)
    PriceListItem.objects.bulk_create(
        PriceListItem(price_list=one, variant=variant, price_amount=1) for one in made for variant in variants
    )
    PriceListItem.objects.bulk_create(
        PriceListItem(price_list=one, product=product, min_quantity=n, price_amount=1)
        for one in made
        for n in range(999)
    )
    PriceListItem.objects.bulk_create(
        PriceListItem(price_list=one, category=goods.clothes, min_quantity=n, price_amount=1)
        for one in made
        for n in range(999)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_pricelistitem")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        prices_of([goods.red.pk], store=cast.lake, at=goods.now)
    (sql,) = [query["sql"] for query in queries if "UNION ALL" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_store_in_another_currency_needs_a_list_of_its_currency(goods, cast):
    cast.harbour.currency = "HKD"
    cast.harbour.save()
    assert price(goods, store=cast.harbour) is None
    goods.price_list("HK", Price(variant_id=goods.red.pk, price_amount=11_000), currency="HKD")
    assert (price(goods, store=cast.harbour), price(goods, store=cast.lake)) == (11_000, 10_000)


def test_the_explanation_names_what_counted_what_else_applied_and_what_did_not(goods, cast, who):
    item = Price(variant_id=goods.red.pk, price_amount=9_000)
    goods.price_list("ALL", Price(category_id=goods.clothes.pk, percent_bp=9_800))
    goods.price_list("GOLD", item, tiers=["GOLD"])
    goods.price_list("ROAD", item, stores=(cast.road,))
    goods.price_list("OLD", item, to_at=goods.now)
    goods.price_list("SECRET", item, contract_customer="customers.customer:9")
    told = price_explained(goods.red, store=cast.lake, tier="GOLD", at=goods.now)
    assert told.price.amount == 9_000
    assert [offer.terms.name for offer in told.price.passed_over] == ["ALL prices"]
    assert [(one.name, one.why.code) for one in told.not_counted] == [
        ("ROAD prices", "other_store"),
        ("OLD prices", "is_over"),
    ]


def test_setting_prices_adds_changes_and_takes_out_and_leaves_one_event(goods, who):
    made = goods.price_list("X")
    first = [
        Price(variant_id=goods.red.pk, price_amount=9_000),
        Price(variant_id=goods.red.pk, min_quantity=Decimal(5), percent_bp=8_000),
        Price(category_id=goods.shirts.pk, percent_bp=9_500),
    ]
    assert prices.set_prices(price_list=made, prices=first, **who) == PricesSet(added=3)
    again = [
        Price(variant_id=goods.red.pk, price_amount=8_900),
        *first[1:2],
        Price(category_id=goods.shirts.pk),
    ]
    assert prices.set_prices(price_list=made, prices=again, **who) == PricesSet(changed=1, removed=1)
    event = Event.objects.filter(kind="catalog.prices_set").latest("id")
    assert event.data["prices"] == [
        ["variant", goods.red.pk, "0", "9000", "8900"],
        ["category", goods.shirts.pk, "0", "95%", None],
    ]
    before = Event.objects.count()
    assert prices.set_prices(price_list=made, prices=again, **who).total == 0
    assert Event.objects.count() == before
    assert made.items.count() == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({}, PriceNamesNothing),
        ({"variant_id": 1, "product_id": 1}, PriceNamesNothing),
        ({"variant_id": 0, "price_amount": 1}, GoodsUnknown),
        ({"variant_id": "red", "price_amount": -1}, PriceWrong),
        ({"variant_id": "red", "price_amount": 1, "percent_bp": 1}, PriceWrong),
        ({"variant_id": "red", "percent_bp": 100_001}, PriceWrong),
        ({"variant_id": "red", "price_amount": 1, "min_quantity": Decimal("0.00001")}, QuantityWrong),
        ({"variant_id": "red", "price_amount": 1, "min_quantity": Decimal("NaN")}, QuantityWrong),
    ],
)
def test_a_wrong_price_is_refused_by_name(goods, who, wrong, error):
    made = goods.price_list("X")
    given = {name: goods.red.pk if value == "red" else value for name, value in wrong.items()}
    with pytest.raises(error):
        prices.set_prices(price_list=made, prices=[Price(**given)], **who)


def test_the_same_thing_twice_is_refused(goods, who):
    made = goods.price_list("X")
    twice = [Price(variant_id=goods.red.pk, price_amount=one) for one in (1, 2)]
    with pytest.raises(PriceTwice):
        prices.set_prices(price_list=made, prices=twice, **who)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"variant": "red", "product": "shirt", "price_amount": 1},
        {"variant": "red"},
        {"variant": "red", "price_amount": 1, "percent_bp": 1},
        {"variant": "red", "price_amount": -1},
        {"variant": "red", "price_amount": 1, "min_quantity": -1},
    ],
)
def test_the_database_refuses_what_is_no_price(goods, values):
    made = goods.price_list("X")
    given = {
        name: getattr(goods, value) if isinstance(value, str) else value for name, value in values.items()
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceListItem.objects.create(price_list=made, **given)


def test_a_change_by_percent_is_previewed_and_refused_when_the_list_changed(goods, who):
    made = goods.price_list(
        "X",
        Price(variant_id=goods.red.pk, price_amount=9_990),
        Price(product_id=goods.shirt.pk, percent_bp=9_000),
        Price(category_id=goods.clothes.pk, min_quantity=Decimal(3), price_amount=5_000),
    )
    count, shown = preview_adjustment(made, change_bp=330, unit=10)
    assert [(one.name, one.before, one.after) for one in shown] == [
        ("牛津衬衫 红", 9_990, 10_320),
        ("服装", 5_000, 5_170),
    ]
    with pytest.raises(ChangedSincePreview):
        prices.adjust_prices(price_list=made, change_bp=330, unit=10, expected=count + 1, **who)
    done = prices.adjust_prices(price_list=made, change_bp=330, unit=10, expected=count, **who)
    assert done == PricesSet(changed=2)
    assert sorted(made.items.values_list("price_amount", flat=True), key=str) == [10_320, 5_170, None]
    only = prices.adjust_prices(price_list=made, change_bp=-1_000, category=goods.shirts, **who)
    assert only == PricesSet(changed=1)  # clothes are above shirts


def test_a_copy_is_a_draft_with_the_same_prices(goods, cast, who):
    made = goods.price_list(
        "X", Price(variant_id=goods.red.pk, price_amount=9), stores=(cast.lake,), tiers=["GOLD"]
    )
    copy = prices.copy_price_list(price_list=made, values={"code": "Y", "name": "copy", "priority": 3}, **who)
    assert (copy.state, copy.tiers, list(copy.stores.all()), copy.priority) == (
        "DRAFT",
        ["GOLD"],
        [cast.lake],
        3,
    )
    assert list(copy.items.values_list("variant_id", "price_amount")) == [(goods.red.pk, 9)]


def test_a_list_keeps_its_code_period_and_currency_sound(goods, who):
    made = goods.price_list("X", Price(variant_id=goods.red.pk, price_amount=9))
    with pytest.raises(PriceListCodeTaken):
        goods.price_list("X")
    with pytest.raises(PriceListPeriodWrong):
        price_lists.change_price_list(
            price_list=made, values={"from_at": goods.now, "to_at": goods.now}, **who
        )
    with pytest.raises(CurrencyFixed):
        price_lists.change_price_list(price_list=made, values={"currency": "HKD"}, **who)


def test_who_leads_some_stores_sets_prices_for_those_only(goods, cast, now):
    regional = {"actor": cast.actor("region"), "now": now}
    values = {"code": "E", "name": "east"}
    for stores in ((), (cast.lake, cast.harbour)):
        with pytest.raises(PriceListOutOfReach):
            price_lists.create_price_list(values=values, stores=stores, **regional)
    made = price_lists.create_price_list(values=values, stores=(cast.lake,), **regional)
    with pytest.raises(PriceListOutOfReach):
        price_lists.change_price_list(price_list=made, values={}, stores=(cast.harbour,), **regional)
    everywhere = goods.price_list("ALL")
    with pytest.raises(PriceListOutOfReach):
        prices.set_prices(
            price_list=everywhere, prices=[Price(variant_id=goods.red.pk, price_amount=1)], **regional
        )
    with pytest.raises(PermissionRefused):
        price_lists.create_price_list(values=values, actor=cast.actor("manager"), now=now)


def test_contracts_and_lists_of_other_stores_are_not_shown_to_everybody(goods, cast):
    goods.price_list("ALL")
    goods.price_list("LAKE", stores=(cast.lake, cast.road))
    goods.price_list("HARBOUR", stores=(cast.harbour,))
    goods.price_list("WANG", contract_customer="customers.customer:7")

    def seen(name: str) -> list[str]:
        return list(PriceList.objects.visible_to(cast.actor(name)).values_list("code", flat=True))

    assert seen("clerk") == ["ALL", "LAKE"]
    assert seen("southerner") == ["ALL", "HARBOUR"]
    assert seen("owner") == ["ALL", "HARBOUR", "LAKE", "WANG"]
