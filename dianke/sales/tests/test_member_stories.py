"""What a member's sale does in every room, and how all of it comes back; the preview says exactly what happens."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.queries.rights import erasure_blockers
from dianke.promotions.models import Coupon
from dianke.sales import operations as sales
from dianke.sales.models import Order
from dianke.sales.providers.of_customers import _ORDERS
from dianke.sales.queries.basket import Item
from dianke.sales.queries.pricing import CouponNotUsable
from dianke.sales.queries.returning import PrepaidNotReturned, preview_return
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.wallets import operations as wallets
from dianke.wallets.models import SessionCard

TWENTY_OFF = {"rule": {"kind": "CASH", "amount": 20_00}, "threshold_amount": 100_00}
FULL_20 = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 20_00, "off_amount": 5_00}]}}
FULL_200 = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 200_00, "off_amount": 30_00}]}}


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def test_a_member_earns_and_uses_points_and_both_come_back(counter: Counter):
    counter.programme()
    wang = counter.member()
    counter.give_points(wang, 1000)
    # 1000 points take 10.00 off
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 190_00)], customer=wang, points=1000)
    assert (order.used_points, order.earned_points, order.total_amount) == (1000, 190, 190_00)
    assert books()["customer_points customers.customer"] == 190
    assert books()["points_redeemed"] == 1000
    counter.give_back(order, ("l1", 1))
    # half of the points used is back, half of those earned is taken back
    assert books()["customer_points customers.customer"] == 500 + 95
    counter.give_back(Order.objects.get(), ("l1", 1))
    assert books()["customer_points customers.customer"] == 1000
    assert books().get("cash stores.store", 0) == 0


def test_stored_value_pays_with_its_bonus_and_gets_it_back(counter: Counter):
    wang = counter.member()
    counter.top_up(wang, 1000_00, 200_00)
    before = books()
    order = counter.sell((counter.scarf, 2), payments=[("WALLET", 150_00), ("CASH", 50_00)], customer=wang)
    assert "clearing sales.wallet" not in books()
    assert books()["cash stores.store"] == 1050_00
    counter.give_back(order, ("l1", 1))
    # stored value first, cash last
    assert [r.tender.code for r in order.refunds.order_by("pk")] == ["WALLET"]
    counter.give_back(Order.objects.get(), ("l1", 1))
    assert books() == before


def test_a_coupon_is_used_once_and_good_again_after_a_full_return(counter: Counter):
    wang = counter.member()
    coupon = counter.coupon(wang, TWENTY_OFF)
    order = counter.sell(
        (counter.scarf, 2), payments=[("CASH", 180_00)], customer=wang, coupon_ids=(coupon.pk,)
    )
    assert order.total_amount == 180_00
    assert order.coupon_ids == [coupon.pk]
    assert Coupon.objects.get().state == "USED"
    with pytest.raises(CouponNotUsable):
        counter.sell((counter.scarf, 2), payments=[("CASH", 180_00)], customer=wang, coupon_ids=(coupon.pk,))
    counter.give_back(order)
    assert Coupon.objects.get().state == "CLAIMED"
    assert books() == {}


def test_who_keeps_part_of_an_offer_does_not_keep_its_price(counter: Counter):
    counter.promotion(FULL_200)
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 170_00)])
    assert order.total_amount == 170_00
    assert order.cart
    # one scarf alone costs 100.00, so 70.00 go back and not 85.00
    first = counter.give_back(order, ("l1", 1))
    assert (first.refund_amount, first.withheld_amount) == (70_00, 15_00)
    second = counter.give_back(Order.objects.get(), ("l1", 1))
    assert second.refund_amount == 100_00
    assert books() == {}


def test_pro_rata_gives_every_piece_its_share(counter: Counter):
    counter.promotion(FULL_200)
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 170_00)])
    assert counter.give_back(order, ("l1", 1), policy="PRO_RATA").refund_amount == 85_00
    assert counter.give_back(Order.objects.get(), ("l1", 1), policy="PRO_RATA").refund_amount == 85_00


def test_a_top_up_on_a_sale_is_no_revenue_and_does_not_come_back_as_goods(counter: Counter):
    wang = counter.member()
    line = Item("t", kind="TOP_UP", name="充值", amount=500_00)
    order = counter.sell((counter.scarf, 1), line, payments=[("CASH", 600_00)], customer=wang)
    found = books()
    assert found["cash stores.store"] == 600_00
    assert found["wallet_principal customers.customer"] == 500_00
    assert found["revenue"] + found["tax_payable"] == 100_00
    with pytest.raises(PrepaidNotReturned):
        counter.give_back(order, ("t", 1))


def test_who_may_sell_but_not_top_up_sells_no_value_paid_ahead(counter: Counter, make_actor):
    wang = counter.member()
    seller = make_actor(permissions=frozenset({"sales.sell"}), store_ids={counter.store.pk})
    line = Item("t", kind="TOP_UP", name="充值", amount=500_00)
    with pytest.raises(PermissionRefused):
        counter.sell(line, payments=[("CASH", 500_00)], customer=wang, actor=seller)
    assert "wallet_principal customers.customer" not in books()


def test_what_is_topped_up_at_once_is_not_paid_in_cash_from_the_legal_limit_on(counter: Counter):
    wang = counter.member()
    wallets.set_term(
        code="cash_below",
        value=str(1000_00),
        from_date=counter.now.date(),
        source="测试",
        actor=SYSTEM,
        now=counter.now,
    )
    halves = [Item(key, kind="TOP_UP", name="充值", amount=500_00) for key in ("a", "b")]
    with pytest.raises(wallets.CashRefused):
        counter.sell(*halves, payments=[("CASH", 1000_00)], customer=wang)
    counter.sell(halves[0], payments=[("CASH", 500_00)], customer=wang)
    assert books()["wallet_principal customers.customer"] == 500_00


def test_a_card_costs_its_price_unless_one_may_change_prices(counter: Counter, make_actor):
    wang = counter.member()
    kind = wallets.make_card_kind(
        values={"name": "护理卡", "price_amount": 1000_00, "currency": "CNY"},
        items=[wallets.ItemIn(counter.care.pk, 10)],
        stores=[],
        actor=SYSTEM,
        now=counter.now,
    )
    line = Item("c", kind="CARD", name="护理卡", amount=1_00, data={"card_kind_id": kind.pk})
    clerk = make_actor(permissions=frozenset({"sales.sell", "wallets.top_up"}), store_ids={counter.store.pk})
    with pytest.raises(PermissionRefused):
        counter.sell(line, payments=[("CASH", 1_00)], customer=wang, actor=clerk)
    assert not SessionCard.objects.exists()


def test_on_account_is_owed_up_to_the_limit_and_paid_later(counter: Counter, now, system):
    wang = counter.member()
    with pytest.raises(sales.CreditMissing):
        counter.sell((counter.scarf, 1), payments=[("ACCOUNT", 100_00)], customer=wang)
    sales.set_credit(
        customer=wang, legal_entity=counter.store.legal_entity, limit_amount=150_00, actor=system, now=now
    )
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 20_00), ("ACCOUNT", 80_00)], customer=wang)
    assert (order.due_amount, books()["receivable customers.customer"]) == (80_00, 80_00)
    with pytest.raises(sales.CreditExceeded):
        counter.sell((counter.scarf, 1), payments=[("ACCOUNT", 100_00)], customer=wang)
    counter.pay(order, "CASH", 30_00)
    assert books()["receivable customers.customer"] == 50_00
    # what comes back pays what is owed first
    back = counter.give_back(Order.objects.get())
    assert (back.refund_amount, books()) == (50_00, {})


def test_sessions_of_a_card_pay_a_service(counter: Counter):
    wang = counter.member()
    kind = wallets.make_card_kind(
        values={"name": "护理卡", "price_amount": 1000_00, "currency": "CNY"},
        items=[wallets.ItemIn(counter.care.pk, 10)],
        stores=[],
        actor=SYSTEM,
        now=counter.now,
    )
    card_line = Item("c", kind="CARD", name="护理卡", amount=1000_00, data={"card_kind_id": kind.pk})
    counter.sell(card_line, payments=[("CASH", 1000_00)], customer=wang)
    card = SessionCard.objects.get()
    line = Item("s", counter.care.pk, D(1), session_card_id=card.pk, data={"waiver": "到店核销"})
    order = counter.sell(line, customer=wang)
    assert order.total_amount == 0
    assert books()["revenue"] == 100_00
    counter.shop.assert_on_hand(counter.bottle, D("99.5"))
    counter.give_back(order)
    assert "revenue" not in books()


def test_the_preview_is_what_happens(counter: Counter, now):
    counter.programme()
    wang = counter.member()
    counter.give_points(wang, 700)
    counter.top_up(wang, 300_00, 50_00)
    counter.promotion(FULL_200)
    coupon = counter.coupon(wang, TWENTY_OFF)
    order = counter.sell(
        (counter.scarf, 2),
        (counter.hat, 3),
        (counter.socks, 2),
        payments=[("WALLET", 100_00), ("CASH", 212_98)],
        customer=wang,
        coupon_ids=(coupon.pk,),
        points=700,
    )
    while any(line.kept_quantity for line in order.lines.all()):
        line = next(line for line in order.lines.all() if line.kept_quantity)
        items = counter.items(order, (line.key, 1))
        shown = preview_return(order, items, now=now)
        before = books()
        done = counter.give_back(order, (line.key, 1))
        assert done.effects == dict(shown.effects)
        after = books()
        back = (
            after.get("customer_points customers.customer", 0) - before["customer_points customers.customer"]
        )
        effects = done.effects
        assert back == effects["points_given_back"] - effects["points_taken_back"]
        cash = sum(part["amount"] for part in effects["money"] if part["tender"] == "CASH")
        assert after.get("cash stores.store", 0) - before["cash stores.store"] == -cash
        order = Order.objects.get()
    assert books()["customer_points customers.customer"] == 700
    assert Coupon.objects.get().state == "CLAIMED"


def test_the_number_of_statements_does_not_grow_with_the_lines(counter: Counter):
    """What a till waits for: goods, promotion, points and payment of three lines or fifteen take as many statements."""
    counter.programme()
    wang = counter.member()
    counter.give_points(wang, 10_000)
    counter.promotion(FULL_20)
    goods = [counter.product(f"货{n}", 10_00) for n in range(15)]
    for each in goods:
        counter.shop.receive(each, 20, 4)

    def count(lines: int, **more: Any) -> int:
        chosen = [(each, 1) for each in goods[:lines]]
        amount = lines * 10_00 - 5_00 - more.get("points", 0)
        with CaptureQueriesContext(connection) as seen:
            counter.sell(*chosen, payments=[("CASH", amount)], **more)
        statements = [row["sql"] for row in seen.captured_queries if "SAVEPOINT" not in row["sql"]]
        starts = [" ".join(sql.split())[:100] for sql in statements]
        print(f"{lines} lines: {len(statements)} statements", *starts, sep="\n  ")
        return len(statements)

    member = {"customer": wang, "points": 500}
    count(3)  # the first sales open the accounts
    count(3, **member)
    assert (count(3), count(15)) == (12, 12)
    assert (count(3, **member), count(15, **member)) == (17, 17)


def test_who_waits_for_goods_is_not_erased_and_gets_a_copy_of_the_orders(counter: Counter, now):
    wang = counter.member()
    order = counter.order((counter.scarf, 1), customer=wang, payments=[("CASH", 40_00)])
    assert len(erasure_blockers([wang.pk])) == 1
    sales.cancel_order(order=order, reason="不要了", actor=SYSTEM, now=now)
    assert erasure_blockers([wang.pk]) == []
    (row,) = _ORDERS.rows_for([wang.pk])
    assert (row["number"], row["goods"]) == (order.number, ["羊绒围巾 红 × 1"])
