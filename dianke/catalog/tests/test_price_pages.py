"""The pages of prices: the board of the day with its second look, price lists in place and by percent."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from dianke.catalog.models import DayPrice, PriceList
from dianke.catalog.queries.day_prices import board
from dianke.catalog.tests.shop_window import Window, make_window

pytestmark = pytest.mark.django_db


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


def url(name: str, *args: object) -> str:
    return reverse(f"catalog:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


BOARD = {"board": "all", "sell_GOLD_999": "980", "buy_GOLD_999": "850"}


def test_a_new_board_is_looked_at_before_it_counts(signed_in, window) -> None:
    client, address = signed_in("owner"), f"{url('day-price-change')}?board=all"
    looked = client.post(address, BOARD)
    assert looked.status_code == 200
    assert "+8.89%" in text_of(looked)
    assert DayPrice.objects.count() == 1
    done = client.post(address, {**BOARD, "confirmed": "1"})
    assert done.status_code == 303
    assert DayPrice.objects.latest("pk").sell_amount == 98_000
    page = text_of(client.get(url("day-prices"), {"board": "all"}))
    assert "¥980.00" in page
    assert "¥80.00" in page


@pytest.mark.parametrize(
    "sent",
    [
        {"sell_GOLD_999": "900", "buy_GOLD_999": "850"},
        {"sell_GOLD_999": "x", "buy_GOLD_999": "850"},
        {"sell_GOLD_999": "900", "buy_GOLD_999": "850", "new_metal": "SILVER", "new_fineness": "925"},
        {"sell_GOLD_999": "980", "buy_GOLD_999": "990", "confirmed": "1"},
    ],
)
def test_a_board_that_is_the_same_or_wrong_is_told_and_kept_as_typed(signed_in, window, sent) -> None:
    answer = signed_in("owner").post(f"{url('day-price-change')}?board=all", {"board": "all", **sent})
    assert answer.status_code == 422
    assert f'value="{sent["sell_GOLD_999"]}"' in text_of(answer)
    assert DayPrice.objects.count() == 1


def test_a_manager_sets_the_board_of_their_store_and_not_that_of_the_business(
    signed_in, cast, window
) -> None:
    client, mine = signed_in("manager"), f"store:{cast.lake.pk}"
    assert client.get(f"{url('day-price-change')}?board=all").status_code == 403
    sent = {**BOARD, "board": mine, "confirmed": "1"}
    assert client.post(f"{url('day-price-change')}?board={mine}", sent).status_code == 303
    later = timezone.now()  # pages go by the clock
    assert [row.sell_amount for row in board(cast.lake, later)] == [98_000]
    assert [row.sell_amount for row in board(cast.harbour, later)] == [90_000]
    assert client.get(f"{url('day-prices')}?board=store:{cast.harbour.pk}").status_code == 404


def test_a_correction_needs_its_reason_and_both_prices_stay_in_sight(signed_in, window) -> None:
    client, wrong = signed_in("owner"), DayPrice.objects.get()
    address = url("day-price-correction", wrong.pk)
    refused = client.post(address, {"sell_amount": "910", "reason": ""})
    assert refused.status_code == 422
    assert 'value="910"' in text_of(refused)
    assert client.post(address, {"sell_amount": "910", "reason": "看错了"}).status_code == 303
    page = text_of(client.get(url("day-prices"), {"board": "all"}))
    for shown in ("¥910.00", "¥900.00", "看错了"):
        assert shown in page


def test_old_metal_is_worked_out_and_nothing_is_written(signed_in, window) -> None:
    client, before = signed_in("clerk"), DayPrice.objects.count()
    asked = {"board": "all", "metal": "GOLD-999", "weight": "10", "fineness": "999", "loss": "1"}
    page = client.get(url("buy-back"), asked)
    # 10 g x 99 % x 850.00
    assert "¥8,415.00" in text_of(page)
    assert client.get(url("buy-back"), {**asked, "weight": "zehn"}).status_code == 422
    assert DayPrice.objects.count() == before


def test_prices_of_a_list_change_in_place(signed_in, window) -> None:
    client, address = signed_in("owner"), url("price-list", window.vip.pk)
    items = {item.product_id or 0: item for item in window.vip.items.all()}
    shirt, rings = items[window.shirt.pk], items[0]
    sent = {f"price_{shirt.pk}": "18x", f"price_{rings.pk}": "95%"}
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert 'value="18x"' in text_of(refused)
    assert client.post(address, {f"price_{shirt.pk}": "168", f"price_{rings.pk}": ""}).status_code == 303
    assert list(window.vip.items.values_list("price_amount", flat=True)) == [16_800]
    assert signed_in("clerk").post(address, sent).status_code == 403


def test_pasted_prices_name_the_lines_that_are_wrong(signed_in, window) -> None:
    client, address = signed_in("owner"), url("prices-add", window.vip.pk)
    refused = client.post(address, {"lines": "OIL 70\nNIX 5\nSOFA"})
    assert refused.status_code == 422
    assert "NIX" in text_of(refused)
    assert "SOFA" in text_of(refused)
    assert window.vip.items.count() == 2
    assert client.post(address, {"lines": "OIL 70\nGIFT 88% 3"}).status_code == 303
    assert set(window.vip.items.values_list("price_amount", "percent_bp")) == {
        (17_900, None), (None, 9_500), (7_000, None), (None, 8_800),
    }  # fmt: skip


def test_a_change_of_percent_is_previewed_and_not_done_when_the_list_changed_meanwhile(
    signed_in, window
) -> None:
    client, address = signed_in("owner"), url("price-list-adjust", window.vip.pk)
    sent = {"change": "-10", "unit": "100", "category": ""}
    looked = client.post(address, sent)
    assert "¥161.00" in text_of(looked)
    item = window.vip.items.get(product=window.shirt)
    assert item.price_amount == 17_900
    assert client.post(address, {**sent, "confirmed": "1", "expected": "7"}).status_code == 422
    assert client.post(address, {**sent, "confirmed": "1", "expected": "1"}).status_code == 303
    item.refresh_from_db()
    assert item.price_amount == 16_100
    assert client.post(address, {**sent, "change": "0"}).status_code == 422


def test_a_list_is_made_copied_taken_out_of_use_and_archived(signed_in, cast, window) -> None:
    client = signed_in("owner")
    sent = {
        "name": "双十一", "code": "HD11", "tiers": "金卡 银卡", "from_day": "2026-11-01", "to_day": "2026-11-11",
        "priority": "5", "stores": [cast.lake.pk], "is_active": "on",
    }  # fmt: skip
    made = client.post(url("price-list-new"), sent)
    row = PriceList.objects.get(code="HD11")
    assert made["Location"] == url("price-list", row.pk)
    assert row.tiers == ["金卡", "银卡"]
    # The last day is counted: the end is the midnight after it, in Shanghai.
    assert row.to_at.isoformat() == "2026-11-11T16:00:00+00:00"
    again = client.get(url("price-list-edit", row.pk))
    assert 'value="2026-11-11"' in text_of(again)
    client.post(url("price-list-copy", row.pk), {"name": "双十二", "code": "HD12"})
    assert PriceList.objects.get(code="HD12").state == "DRAFT"
    for asked, state in (
        ("DRAFT", "DRAFT"),
        ("ACTIVE", "ACTIVE"),
        ("ARCHIVED", "ARCHIVED"),
        ("RESTORED", "DRAFT"),
    ):
        assert client.post(url("price-list-state", row.pk), {"state": asked}).status_code == 303
        row.refresh_from_db()
        assert row.state == state
    assert client.post(url("price-list-state", row.pk), {"state": "NONSENSE"}).status_code == 404


def test_a_category_gets_a_share_of_the_base_price(signed_in, window) -> None:
    sent = {"category": window.rings.parent_id, "percent_bp": "92.5"}
    assert signed_in("owner").post(url("category-price", window.vip.pk), sent).status_code == 303
    assert window.vip.items.get(category=window.rings.parent_id).percent_bp == 9_250
