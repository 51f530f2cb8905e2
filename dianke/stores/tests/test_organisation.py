"""Stories of merchant, entities, shares, regions and stores."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from dianke.core.actor import PermissionRefused
from dianke.core.business_dates import UnknownZone
from dianke.core.identifiers import CreditCodeMistyped
from dianke.events.models import Event
from dianke.stores import operations
from dianke.stores.models import Holding, Merchant, Store
from dianke.stores.operations import merchant as of_merchant
from dianke.stores.operations import places as of_places
from dianke.stores.operations.postings import StoreClosedThen
from dianke.stores.queries import region_with_descendants
from dianke.stores.tests.cast import FIRST_DAY, open_store, role_named

MARCH, JUNE, JULY, OCTOBER = (date(2026, month, 1) for month in (3, 6, 7, 10))


@pytest.fixture
def owner(cast, now):
    return {"actor": cast.actor("owner"), "now": now}


def test_there_is_one_merchant(cast, owner):
    with pytest.raises(of_merchant.MerchantExists):
        operations.set_up_merchant(
            name="另一家", trade="GENERAL", currency="CNY", language="en", time_zone="Asia/Shanghai", **owner
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Merchant.objects.create(id=2, name="另一家")


def test_changing_nothing_leaves_no_event(cast, owner):
    before = Event.objects.count()
    operations.change_merchant(values={"name": cast.merchant.name}, **owner)
    operations.change_store(store=cast.lake, values={"name": cast.lake.name}, **owner)
    operations.change_region(region=cast.east, values={"name": "华东"}, **owner)
    assert Event.objects.count() == before


def test_a_new_store_is_ready_to_work(cast, owner, now):
    store = open_store("HZ03", "湖滨", cast.silk, cast.city, now=now)
    assert [till.code for till in store.registers.all()] == ["01"]
    assert [place.kind for place in store.stock_places.all()] == ["SHOP_FLOOR"]
    assert (store.currency, store.time_zone) == ("CNY", "Asia/Shanghai")
    event = Event.objects.about(f"stores.store:{store.pk}").get()
    assert (event.kind, event.store_id) == ("stores.store_opened", store.pk)


def test_a_store_takes_the_currency_of_its_entity(cast, owner, now):
    entity = operations.add_legal_entity(
        values={"name": "海蓝(香港)有限公司", "short_name": "海蓝香港", "currency": "HKD"}, **owner
    )
    assert open_store("HK01", "旺角", entity, None, now=now, time_zone="Asia/Hong_Kong").currency == "HKD"
    with pytest.raises(of_merchant.CurrencyInUse):
        operations.change_legal_entity(entity=entity, values={"currency": "CNY"}, **owner)


def test_codes_zones_and_names_are_checked_with_their_field(cast, owner, now):
    with pytest.raises(of_places.StoreCodeTaken) as taken:
        open_store("HZ01", "又一家", cast.silk, None, now=now)
    assert taken.value.field == "code"
    with pytest.raises(UnknownZone) as zone:
        operations.change_store(store=cast.lake, values={"time_zone": "Asia/Hangzhou"}, **owner)
    assert zone.value.field == "time_zone"
    with pytest.raises(of_places.RegisterCodeTaken):
        operations.add_register(store=cast.lake, code="01", name="前台", **owner)
    with pytest.raises(of_merchant.NameTaken):
        operations.add_region(name="华东", **owner)
    with pytest.raises(of_merchant.NameTaken):
        operations.add_legal_entity(values={"name": cast.silk.name, "short_name": "云裳二"}, **owner)


def test_a_credit_code_is_checked_and_belongs_to_one_entity(cast, owner):
    values = {"name": "上海测试有限公司", "short_name": "测试"}
    with pytest.raises(CreditCodeMistyped):
        operations.add_legal_entity(values={**values, "credit_code": "91330106MA27XL1A3B"}, **owner)
    good = "91110000600037341L"
    operations.change_legal_entity(entity=cast.silk, values={"credit_code": f" {good.lower()} "}, **owner)
    cast.silk.refresh_from_db()
    assert cast.silk.credit_code == good
    with pytest.raises(of_merchant.CreditCodeTaken):
        operations.add_legal_entity(values={**values, "credit_code": good}, **owner)


def test_an_entity_with_an_open_store_stays_in_use(cast, owner):
    with pytest.raises(of_merchant.EntityInUse):
        operations.change_legal_entity(entity=cast.silk, values={"is_active": False}, **owner)


# --- shares ----------------------------------------------------------------------------------------------------------
def give(cast, owner, percent, from_date, to_date=None):
    return operations.give_holding(
        partner=cast.partner,
        legal_entity=cast.silk,
        share_basis_points=int(percent * 100),
        from_date=from_date,
        to_date=to_date,
        **owner,
    )


def test_shares_over_the_whole_are_refused_on_whichever_day_they_meet(cast, owner):
    give(cast, owner, 40, FIRST_DAY, JUNE)  # with the 60 % of the cast: exactly the whole until June
    give(cast, owner, 30, JUNE)
    give(cast, owner, 10, JULY, OCTOBER)
    with pytest.raises(of_merchant.SharesExceedWhole) as first:
        give(cast, owner, 0.01, MARCH, date(2026, 3, 2))
    assert "100.01%" in str(first.value)
    with pytest.raises(of_merchant.SharesExceedWhole) as later:
        give(cast, owner, 5, JUNE)
    assert later.value.params["day"] == JULY
    give(cast, owner, 10, OCTOBER)


def test_a_share_ends_and_makes_room_but_is_not_prolonged(cast, owner):
    mine = give(cast, owner, 40, FIRST_DAY)
    with pytest.raises(of_merchant.SharesExceedWhole):
        give(cast, owner, 40, JUNE)
    operations.end_holding(holding=mine, to_date=JUNE, **owner)
    give(cast, owner, 40, JUNE)
    with pytest.raises(of_merchant.HoldingEndsAlready):
        operations.end_holding(holding=mine, to_date=JULY, **owner)
    with pytest.raises(of_merchant.HoldingEndsBeforeStart):
        operations.end_holding(holding=mine, to_date=FIRST_DAY, **owner)
    assert Holding.objects.get(pk=mine.pk).to_date == JUNE


def test_only_heads_give_shares(cast, now):
    with pytest.raises(PermissionRefused):
        give(cast, {"actor": cast.actor("region"), "now": now}, 1, FIRST_DAY)


def test_an_account_is_one_partners(cast, owner):
    with pytest.raises(of_merchant.PartnerAccountTaken):
        operations.add_partner(name="沈二", user=cast["shen"].user, **owner)


# --- regions ---------------------------------------------------------------------------------------------------------
def test_a_region_never_lies_inside_itself(cast, owner):
    for parent in (cast.east, cast.city):
        with pytest.raises(of_merchant.RegionInsideItself):
            operations.change_region(region=cast.east, values={"parent": parent}, **owner)
    operations.change_region(region=cast.east, values={"parent": cast.south}, **owner)
    assert region_with_descendants([cast.south.pk]) == {cast.south.pk, cast.east.pk, cast.city.pk}


# --- closing ---------------------------------------------------------------------------------------------------------
def test_a_store_closes_when_nobody_is_posted_there_any_more(cast, owner, now):
    day = now.date() + timedelta(days=10)
    with pytest.raises(of_places.StoreStillStaffed) as staffed:
        operations.close_store(store=cast.road, closed_on=day, **owner)
    assert staffed.value.params["count"] == 1
    posting = cast["neighbour"].postings.get()
    operations.transfer_staff(posting=posting, store=cast.lake, from_date=day, **owner)
    operations.close_store(store=cast.road, closed_on=day, **owner)
    with pytest.raises(StoreClosedThen):
        operations.post_staff(
            staff=cast["neighbour"], role=role_named("CLERK"), store=cast.road, from_date=day, **owner
        )
    operations.reopen_store(store=cast.road, **owner)
    assert Store.objects.get(pk=cast.road.pk).closed_on is None


def test_a_posting_to_come_also_keeps_a_store_open(cast, owner, now):
    later = now.date() + timedelta(days=60)
    operations.end_posting(posting=cast["neighbour"].postings.get(), to_date=now.date(), **owner)
    operations.post_staff(
        staff=cast["neighbour"], role=role_named("CLERK"), store=cast.road, from_date=later, **owner
    )
    with pytest.raises(of_places.StoreStillStaffed):
        operations.close_store(store=cast.road, closed_on=now.date() + timedelta(days=1), **owner)


def test_a_store_cannot_close_before_it_opened(cast, owner):
    with pytest.raises(of_places.ClosedBeforeOpened):
        operations.close_store(store=cast.road, closed_on=FIRST_DAY - timedelta(days=1), **owner)


def test_a_regional_manager_changes_only_the_stores_of_the_region(cast, now):
    who = {"actor": cast.actor("region"), "now": now}
    operations.change_store(store=cast.lake, values={"telephone": "0571-88880000"}, **who)
    for refused in (
        lambda: operations.change_store(store=cast.harbour, values={"telephone": "1"}, **who),
        lambda: operations.close_store(store=cast.harbour, closed_on=now.date(), **who),
        lambda: operations.add_register(store=cast.harbour, code="09", name="快闪", **who),
        lambda: operations.add_stock_place(store=cast.harbour, name="后仓", kind="WAREHOUSE", **who),
    ):
        with pytest.raises(PermissionRefused):
            refused()


def test_a_sale_after_midnight_counts_for_the_day_before(cast, owner, now):
    operations.change_store(store=cast.lake, values={"closing_hour": 2}, **owner)
    at_half_past_one = now.replace(hour=17, minute=30)  # 01:30 of the 22nd in Shanghai
    assert cast.lake.business_date(at_half_past_one) == date(2026, 11, 21)
    assert cast.road.business_date(at_half_past_one) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("province", "city", "address"),
    [("浙江省", "杭州市", "浙江省杭州市西湖区龙井路1号"), ("上海市", "上海市", "上海市西湖区龙井路1号")],
)
def test_an_address_names_a_municipality_once(province, city, address):
    assert Store(province=province, city=city, district="西湖区", street="龙井路1号").address == address
