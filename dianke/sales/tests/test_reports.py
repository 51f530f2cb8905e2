"""Reports of sales: every figure against a plain recomputation, the ledger and the day close; who reads what."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.access.models import User
from dianke.catalog.models import Brand, Unit
from dianke.core.actor import SYSTEM, RowScope
from dianke.customers.models import Tag, Tagging
from dianke.ledger import queries as ledger_queries
from dianke.sales import operations as sales
from dianke.sales.models import Order, Turnover
from dianke.sales.operations.day_close import close_day
from dianke.sales.queries import proof
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.queries.reports.figures import REST, Report, books_of, report_of, scope_of, stores_of
from dianke.sales.queries.reports.quantities import quantity_text
from dianke.sales.rules.quantities import NOTHING, Quantities, by_quantity
from dianke.sales.rules.report_terms import (
    By,
    Figures,
    Preset,
    Span,
    before,
    change_percent,
    rest_of,
    share_bp,
    span_of,
    year_before,
)
from dianke.sales.tests.counter import Counter, make_counter

TODAY = date(2026, 11, 21)
SPAN = Span(TODAY - timedelta(days=9), TODAY)


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def ask(by: By, *, actor: Any = SYSTEM, span: Span = SPAN, stores: Any = ()) -> Report:
    return report_of(
        by=by,
        scope=scope_of(actor, stores, stores_of(actor)),
        span=span,
        compared=before(span, Preset.CUSTOM),
    )


def busy(counter: Counter, seed: int) -> list[User]:
    """Days of random trade: members and walk-ins, two sellers a line, discounts, split payments, returns of parts, an
    order delivered in two parts on two days."""
    chance = random.Random(seed)
    people = [
        User.objects.create(username=f"seller{n}", name=f"店员{n}", created_at=counter.now) for n in (1, 2, 3)
    ]
    brand = Brand.objects.create(name="云裳")
    counter.hat.product.brand = brand
    counter.hat.product.save()
    members = [counter.member("王小明"), counter.member("李小红"), None]
    for name in ("老客", "团购"):
        tag = Tag.objects.create(name=name)
        Tagging.objects.create(customer=members[0], tag=tag, since=counter.now)
    for number in range(24):
        now = counter.now - timedelta(days=chance.randrange(10), hours=chance.randrange(5))
        lines = []
        for position in range(chance.randrange(1, 4)):
            first = chance.choice((10_000, 3_333, 7_001))
            sellers = chance.sample(people, 2)
            shares = ((sellers[0].pk, first), (sellers[1].pk, 10_000 - first)) if first < 10_000 else ()
            lines.append(
                Item(
                    f"l{position}",
                    chance.choice((counter.scarf, counter.hat, counter.socks, counter.care)).pk,
                    D(chance.randrange(1, 4)),
                    discount_amount=chance.choice((0, 0, 101, 333)),
                    reason="熟客",
                    people=shares,
                )
            )
        if number % 7 == 0:
            lines.append(Item("fee", None, kind="FEE", name="加急费", amount=777))
        basket = counter.basket(*lines, customer=chance.choice(members))
        due = sales_price(basket, now)
        part = chance.choice((0, due // 3))
        payments = [("CASH", due - part), *([("WECHAT", part)] if part else [])]
        order = counter.sell(*lines, customer=basket.customer, payments=payments, now=now)
        if chance.random() < 0.4:
            line = order.lines.order_by("pk")[0]
            later = min(now + timedelta(days=1), counter.now)
            counter.give_back(order, (line.key, 1), now=later)
    order = counter.order(
        (counter.scarf, 3), customer=members[1], terms=OrderTerms(), now=counter.now - timedelta(days=5)
    )
    counter.pay(order, "CASH", order.total_amount)
    line = order.lines.get()
    for day, quantity in ((4, 2), (1, 1)):
        sales.fulfil(
            order=Order.objects.get(pk=order.pk),
            uuid=uuid4(),
            items=[sales.Delivered(line.pk, D(quantity))],
            actor=SYSTEM,
            now=counter.now - timedelta(days=day),
        )
    return people


def sales_price(basket: Any, now: Any) -> int:
    from dianke.sales.queries.pricing import price

    day = basket.store.business_date(now)
    return price(sale=basket, business_date=day, at=now).paid_amount


def plain(key_of: Any) -> dict[str, Figures]:
    """The same figures in plain Python, from orders, deliveries and returns."""
    sums: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(int))
    papers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for row in Turnover.objects.select_related("line", "variant__product"):
        key = key_of(row)
        sign = 1 if row.kind == "SOLD" else -1
        if row.variant is not None:
            much = Quantities(((row.variant.product.unit_id, sign * row.quantity),))
            kind = "sold_quantity" if sign > 0 else "returned_quantity"
            sums[key][kind] = sums[key].get(kind, NOTHING) + much
            if sign > 0 and row.variant.product.unit.kind == Unit.Kind.COUNT:
                sums[key]["counted_quantity"] += row.quantity
        if row.kind == "SOLD":
            papers[key, "orders"].add(row.order_id)
            sums[key]["list_amount"] += row.list_amount
            sums[key]["sold_amount"] += row.amount
        else:
            papers[key, "returns"].add(row.sale_return_id)
            sums[key]["returned_amount"] -= row.amount
        sums[key]["tax_amount"] += row.tax_amount
        sums[key]["cost"] += row.cost
        sums[key]["orders"], sums[key]["returns"] = len(papers[key, "orders"]), len(papers[key, "returns"])
    return {key: Figures(**values) for key, values in sums.items()}


def told(report: Report) -> dict[str, Figures]:
    return {row.key: row.figures for row in report.rows if not row.figures.is_nothing and row.key != REST}


@pytest.mark.parametrize("seed", [1, 20261121])
def test_every_dimension_comes_to_the_ledgers_revenue_to_the_fen(counter: Counter, seed):
    people = busy(counter, seed)
    assert proof.verify() == []
    # the rows the reports read are the orders', deliveries' and returns' own
    orders = Order.objects.all()
    assert sum(row.amount for row in Turnover.objects.all()) == sum(o.earned_amount for o in orders)
    assert sum(row.cost for row in Turnover.objects.filter(kind="SOLD")) == sum(
        line.cost for o in orders for line in o.lines.all()
    )
    scope = scope_of(SYSTEM, (), stores_of(SYSTEM))
    whole = ask(By.DAY).whole
    books = books_of(scope, SPAN)
    assert whole.revenue_amount == books.sales == books.revenue
    assert whole.returned_amount > 0
    assert whole.discount_amount > 0
    (revenue,) = {a.pk for a in ledger_accounts("revenue")}
    assert ledger_queries.balance(ledger_accounts("revenue")[0]) == whole.revenue_amount, revenue
    for by in By:
        report = ask(by)
        parts = Figures()
        for row in report.rows:
            parts = parts.plus(row.figures)
        assert parts.net_amount == whole.net_amount, by
        assert parts.tax_amount == whole.tax_amount, by
        assert by is By.TENDER or (parts.cost, parts.list_amount) == (whole.cost, whole.list_amount), by
        if by is not By.TAG:
            assert not any(row.key == REST for row in report.rows), by
    assert told(ask(By.DAY)) == plain(lambda row: row.business_date.isoformat())
    assert told(ask(By.PRODUCT)) == plain(
        lambda row: str(row.variant.product_id) if row.variant_id else row.line_kind
    )
    assert told(ask(By.STORE)) == plain(lambda row: str(row.store_id))
    names = {str(person.pk) for person in people}
    staff = told(ask(By.STAFF))
    assert names & set(staff)


def test_unlike_units_stand_side_by_side_and_are_never_added(counter: Counter, now):
    """Twelve pieces in two sales, 35.2 grams of which 5.2 come back, and a fee, which is no quantity at all."""
    piece, gram = Unit.objects.get(code="PIECE"), Unit.objects.get(code="GRAM")
    for goods, unit in ((counter.hat, piece), (counter.scarf, gram)):
        goods.product.unit = unit
        goods.product.save()
    counter.sell((counter.hat, 7), payments=[("CASH", 350_00)])
    fee = Item("fee", None, kind="FEE", name="加急费", amount=30_00)
    hats = Item("hats", counter.hat.pk, D(5))
    weighed = Item("gold", counter.scarf.pk, D("35.2"))
    order = counter.sell(hats, weighed, fee, payments=[("CASH", 3800_00)])
    counter.give_back(order, ("gold", "5.2"))
    report = ask(By.DAY, span=Span(TODAY, TODAY))
    assert report.units == (piece, gram)
    whole = report.whole
    assert whole.sold_quantity.of == ((piece.pk, D(12)), (gram.pk, D("35.2")))
    assert whole.returned_quantity.of == ((gram.pk, D("5.2")),)
    assert whole.quantity.of == ((piece.pk, D(12)), (gram.pk, D(30)))
    assert whole.quantity.number is None
    assert whole.counted_quantity == 12
    assert quantity_text(whole.quantity, report.units) == "12\u00a0件\u00a0· 30\u00a0克"
    assert quantity_text(whole.quantity, report.units, most=1) == "12\u00a0件 等 2 种"
    figures = {row.label: row.figures.quantity for row in ask(By.PRODUCT).rows}
    assert figures["费用"] == NOTHING
    assert figures[counter.hat.product.name].number == 12
    assert figures[counter.scarf.product.name].of == ((gram.pk, D(30)),)
    # what one unit says all of is a number again; parts of people are parts of each unit
    assert ask(By.DAY, stores=[counter.shop.road]).whole.quantity.number == 0
    assert [row.figures.quantity for row in ask(By.STAFF).rows] == [whole.quantity]


def test_rows_go_by_quantity_within_a_unit_and_nothing_comes_last():
    few, many, heavy = (Quantities(((unit, D(much)),)) for unit, much in ((1, 2), (1, 10), (2, 99)))
    mixed = few + heavy
    assert mixed.of == ((1, D(2)), (2, D(99)))
    assert mixed - heavy == few
    assert few - few == NOTHING
    rows = [NOTHING, heavy, few, many]
    assert by_quantity(rows, lambda row: row, is_down=True) == [many, few, heavy, NOTHING]
    assert by_quantity(rows, lambda row: row, is_down=False) == [few, many, heavy, NOTHING]


def ledger_accounts(code: str) -> list[Any]:
    from dianke.ledger.models import Account

    return list(Account.objects.filter(code=code))


def test_a_report_of_a_day_is_what_its_close_says(counter: Counter, now):
    counter.sell((counter.scarf, 2), (counter.hat, 1), payments=[("CASH", 250_00)])
    sold = counter.sell((counter.socks, 3), payments=[("CASH", 29_97)])
    counter.give_back(sold, ("l1", 1))
    closed = close_day(store=counter.store, business_date=TODAY, actor=SYSTEM, now=now)
    day, figures = ask(By.DAY, span=Span(TODAY, TODAY)).whole, closed.snapshot["figures"]
    assert day.sold_amount == figures["sales"]["paid"]
    assert day.list_amount == figures["sales"]["list"]
    assert day.orders == figures["sales"]["count"]
    assert day.returned_amount == figures["returns"]["goods"] - figures["returns"].get("withheld", 0)
    assert day.tax_amount == figures["sales"]["tax"] - figures["returns"]["tax"]
    assert day.revenue_amount == figures["ledger"]["revenue"]


def test_payments_are_told_by_what_was_paid_and_given_back(counter: Counter):
    member = counter.member()
    sales.set_credit(
        customer=member,
        legal_entity=counter.store.legal_entity,
        limit_amount=1000_00,
        actor=SYSTEM,
        now=counter.now,
    )
    counter.sell((counter.scarf, 1), payments=[("CASH", 33_33), ("WECHAT", 66_67)])
    owed = counter.sell((counter.hat, 2), customer=member, payments=[("ALIPAY", 40_00), ("ACCOUNT", 60_00)])
    found = {row.key: row.figures.net_amount for row in ask(By.TENDER).rows}
    assert found == {"CASH": 33_33, "WECHAT": 66_67, "ALIPAY": 40_00, "": 60_00}
    assert owed.due_amount == 60_00
    back = counter.sell((counter.scarf, 1), payments=[("WECHAT", 100_00)])
    counter.give_back(back)
    rows = {row.key: row.figures for row in ask(By.TENDER).rows}
    assert (rows["WECHAT"].sold_amount, rows["WECHAT"].returned_amount) == (166_67, 100_00)


def test_new_customers_are_those_who_bought_nothing_before(counter: Counter, now):
    known, new = counter.member("王小明"), counter.member("李小红")
    counter.sell((counter.hat, 1), customer=known, payments=[("CASH", 50_00)], now=now - timedelta(days=30))
    for customer in (known, new, new, None):
        counter.sell((counter.hat, 1), customer=customer, payments=[("CASH", 50_00)])
    found = {row.key: (row.figures.orders, row.figures.net_amount) for row in ask(By.NOVELTY).rows}
    assert found == {"KNOWN": (1, 50_00), "NEW": (2, 100_00), "": (1, 50_00)}


def test_a_customer_with_two_tags_counts_in_both_and_the_rest_says_so(counter: Counter):
    member = counter.member()
    for name in ("老客", "团购"):
        Tagging.objects.create(customer=member, tag=Tag.objects.create(name=name), since=counter.now)
    counter.sell((counter.hat, 1), customer=member, payments=[("CASH", 50_00)])
    report = ask(By.TAG)
    assert [(row.label, row.figures.net_amount) for row in report.rows if row.key != REST] == [
        ("团购", 50_00),
        ("老客", 50_00),
    ]
    assert report.rows[-1].figures.net_amount == -50_00


def test_people_read_as_far_as_their_scope_goes(counter: Counter, make_actor):
    seller = User.objects.create(username="seller", name="小满", created_at=counter.now)
    other = User.objects.create(username="other", name="小河", created_at=counter.now)
    halves = ((seller.pk, 3_333), (other.pk, 6_667))
    counter.sell(Item("a", counter.scarf.pk, people=halves), payments=[("CASH", 100_00)])
    counter.sell(Item("a", counter.hat.pk, people=((other.pk, 10_000),)), payments=[("CASH", 50_00)])
    counter.sell((counter.hat, 1), store=counter.store, payments=[("CASH", 50_00)])
    lake = {counter.store.pk}
    clerk = make_actor("CLERK", user=seller, store_ids=lake, scope=RowScope.OWN)
    manager = make_actor("STORE_MANAGER", user=other, store_ids=lake, scope=RowScope.STORE)
    stranger = make_actor("STORE_MANAGER", user=other, store_ids={counter.shop.road.pk}, scope=RowScope.STORE)
    assert ask(By.PRODUCT, actor=clerk).whole.net_amount == 33_33
    assert [row.label for row in ask(By.STAFF, actor=clerk).rows] == ["小满"]
    assert ask(By.DAY, actor=manager).whole.net_amount == 200_00
    assert ask(By.DAY, actor=stranger).whole == Figures()
    assert Turnover.objects.visible_to(clerk).count() == 1
    assert Turnover.objects.visible_to(manager).count() == 3
    assert Turnover.objects.visible_to(stranger).count() == 0


def test_more_sales_take_no_more_statements(counter: Counter):
    def count(by: By) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            ask(by)
        return len(found)

    busy(counter, 3)
    few = {by: count(by) for by in By}
    for _number in range(5):
        counter.sell((counter.hat, 1), (counter.socks, 1), payments=[("CASH", 59_99)])
    assert {by: count(by) for by in By} == few
    assert max(few.values()) <= 7


def test_periods_compare_with_the_same_days_before():
    assert span_of(Preset.WEEK, TODAY) == Span(date(2026, 11, 16), TODAY)
    assert before(span_of(Preset.WEEK, TODAY), Preset.WEEK) == Span(date(2026, 11, 9), date(2026, 11, 14))
    assert before(span_of(Preset.MONTH, TODAY), Preset.MONTH) == Span(date(2026, 10, 1), date(2026, 10, 21))
    assert before(Span(date(2026, 3, 1), date(2026, 3, 31)), Preset.MONTH).last == date(2026, 2, 28)
    last = span_of(Preset.LAST_MONTH, TODAY)
    assert (last, before(last, Preset.LAST_MONTH).first) == (
        Span(date(2026, 10, 1), date(2026, 10, 31)),
        date(2026, 9, 1),
    )
    assert before(Span(date(2026, 11, 1), date(2026, 11, 3)), Preset.CUSTOM) == Span(
        date(2026, 10, 29), date(2026, 10, 31)
    )
    assert year_before(Span(date(2024, 2, 29), date(2024, 3, 1))) == Span(date(2023, 2, 28), date(2023, 3, 1))


def test_shares_and_changes_round_to_the_nearer_and_say_nothing_of_nothing():
    assert [share_bp(1, 3), share_bp(-1, 3), share_bp(1, 0), share_bp(1, -5)] == [3333, -3333, None, None]
    assert [change_percent(112, 100), change_percent(50, 100), change_percent(5, 0)] == [12, -50, None]
    whole, part = Figures(orders=3, sold_amount=100), Figures(orders=2, sold_amount=60)
    assert rest_of(whole, [part]) == Figures(sold_amount=40)
