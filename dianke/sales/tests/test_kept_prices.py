"""Prices of the day in quotes: each line keeps the one it was promised, through every change, until it is kept no
longer; as the operations, the pages, the paper and the API have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from dianke.catalog.models import DayPrice, Piece
from dianke.catalog.tests.test_price_rules import tables
from dianke.core.actor import SYSTEM
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales import operations as sales
from dianke.sales.models import Order, OrderLine
from dianke.sales.queries.basket import Item, OrderTerms
from dianke.sales.queries.fixed_prices import fixed_price_of, prices_kept_until
from dianke.sales.queries.quotes import quote_html, valid_until
from dianke.sales.tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@dataclass
class Window:
    """A store that sells gold by weight: 600.00 a gram in the morning, 620.00 from two hours later on."""

    counter: Counter
    ring: Piece
    chain: Piece
    now: datetime
    staff: dict[str, Client] = field(default_factory=dict)

    def item(self, piece: Piece, key: str = "l1", **more: Any) -> Item:
        return Item(key, piece.variant_id, piece_id=piece.pk, **more)

    def quote(self, *items: Item, **more: Any) -> Order:
        return self.counter.order(
            *(items or (self.item(self.ring),)),
            channel="QUOTE",
            terms=OrderTerms(is_reserved=False),
            **more,
        )

    def change(self, order: Order, *items: Item, at: datetime, **more: Any) -> Order:
        return sales.change_lines(order=order, items=items, actor=SYSTEM, now=at, **more)

    def lines(self, order: Order) -> dict[str, tuple[int, datetime]]:
        """By tag: what a line costs, and since when its price of the day stands."""
        found = {}
        for line in OrderLine.objects.filter(order=order, piece__isnull=False).select_related("piece"):
            fixed = fixed_price_of(line)
            assert line.piece is not None
            assert fixed is not None
            found[line.piece.tag] = line.paid_amount, fixed.at
        return found


def at_price(amount: int, since: datetime) -> None:
    DayPrice.objects.create(
        metal="GOLD", fineness=999, currency="CNY", sell_amount=amount, from_at=since, set_at=since
    )


def make_window(now: datetime) -> Window:
    counter = make_counter(now)
    at_price(600_00, now - HOUR)
    at_price(620_00, now + 2 * HOUR)
    variant = counter.product("足金首饰", 0, kind="PIECE", tracking="PIECE")
    ring, chain = (
        Piece.objects.create(
            variant=variant,
            tag=tag,
            metal="GOLD",
            fineness=999,
            net_weight_mg=weight,
            gross_weight_mg=weight,
            created_at=now,
        )
        for tag, weight in (("RING", 3_000), ("CHAIN", 5_000))
    )
    hire = hiring(counter.shop, now)
    staff = {"clerk": hire("clerk", "CLERK", counter.shop.lake)}
    staff["southerner"] = hire("southerner", "STORE_MANAGER", counter.shop.harbour)
    return Window(counter, ring, chain, now, staff)


@pytest.fixture
def window(now: datetime) -> Window:
    return make_window(now)


# --- what is kept ----------------------------------------------------------------------------------------------------
def test_a_quote_keeps_its_price_of_the_day_for_so_many_hours(window: Window) -> None:
    quote = window.quote()
    assert (quote.total_amount, prices_kept_until(quote)) == (1_800_00, window.now + 24 * HOUR)
    with pytest.raises(sales.DayPricesOver):
        sales.submit_order(order=quote, actor=SYSTEM, now=window.now + 25 * HOUR)
    assert sales.submit_order(order=quote, actor=SYSTEM, now=window.now + 23 * HOUR).state == "APPROVED"


def test_an_unchanged_line_keeps_its_price_and_a_new_one_takes_todays(window: Window) -> None:
    quote, later = window.quote(), window.now + 3 * HOUR
    changed = window.change(quote, window.item(window.ring), window.item(window.chain, "l2"), at=later)
    assert window.lines(changed) == {"RING": (1_800_00, window.now), "CHAIN": (3_100_00, later)}
    assert prices_kept_until(changed) == window.now + 24 * HOUR, "the first that ends"
    # Under another key it is the same piece; what a customer was promised does not begin anew with a change.
    again = window.change(
        changed, window.item(window.chain, "a"), window.item(window.ring, "b"), at=later + HOUR
    )
    assert window.lines(again) == {"RING": (1_800_00, window.now), "CHAIN": (3_100_00, later)}
    assert again.total_amount == 4_900_00


def test_another_piece_or_the_same_one_weighed_anew_takes_todays(window: Window) -> None:
    quote, later = window.quote(), window.now + 3 * HOUR
    swapped = window.change(quote, window.item(window.chain), at=later)
    assert window.lines(swapped) == {"CHAIN": (3_100_00, later)}
    other = window.quote()
    Piece.objects.filter(pk=window.ring.pk).update(net_weight_mg=2_900)
    assert window.lines(window.change(other, window.item(window.ring), at=later)) == {
        "RING": (1_798_00, later)
    }
    doubled = window.change(other, window.item(window.ring, quantity=D(2)), at=later + HOUR)
    assert window.lines(doubled) == {"RING": (3_596_00, later + HOUR)}


def test_the_worked_table_holds(window: Window) -> None:
    """Of docs/algorithms/prices.md: what is kept no longer is priced by today, each line for itself."""
    ring, chain = window.item(window.ring), window.item(window.chain, "l2")
    at_price(640_00, window.now + 20 * HOUR)
    acts: dict[str, Callable[[Order, datetime], Order]] = {
        "the ring is quoted": lambda order, at: order,
        "the chain is added": lambda order, at: window.change(order, ring, chain, at=at),
        "the lines are saved as they are": lambda order, at: window.change(order, ring, chain, at=at),
        "it becomes an order": lambda order, at: sales.submit_order(order=order, actor=SYSTEM, now=at),
    }
    order = window.quote(ring)
    (table,) = tables("5. Prices of the day in orders")
    for hour, what, *told in table:
        order = acts[what](order, window.now + int(hour) * HOUR)
        lines = window.lines(order)
        found = []
        for tag in ("RING", "CHAIN"):
            amount, at = lines.get(tag, (0, None))
            found += [f"{amount / 100:.2f}", f"{(at - window.now) // HOUR}"] if at else ["", ""]
        until = prices_kept_until(order) if order.state == "DRAFT" else None
        assert [*found, f"{(until - window.now) // HOUR}" if until else ""] == told, what


def test_when_all_is_kept_no_longer_all_is_priced_by_today(window: Window) -> None:
    same = (window.item(window.ring), window.item(window.chain, "l2"))
    quote, next_day = window.quote(*same), window.now + 25 * HOUR
    with pytest.raises(sales.DayPricesOver):
        sales.submit_order(order=quote, actor=SYSTEM, now=next_day)
    changed = window.change(quote, *same, at=next_day)
    assert window.lines(changed) == {"RING": (1_860_00, next_day), "CHAIN": (3_100_00, next_day)}
    assert sales.submit_order(order=changed, actor=SYSTEM, now=next_day).state == "APPROVED"


def test_the_hours_are_those_of_the_store(window: Window) -> None:
    sales.set_delivery_rules(
        store=window.counter.store, values={"gold_lock_hours": 2}, actor=SYSTEM, now=window.now
    )
    quote, edge = window.quote(), window.now + 2 * HOUR
    assert window.lines(window.change(quote, window.item(window.ring), at=edge)) == {
        "RING": (1_800_00, window.now)
    }
    past = edge + timedelta(seconds=1)
    assert window.lines(window.change(quote, window.item(window.ring), at=past)) == {"RING": (1_860_00, past)}


def test_another_customer_of_the_quote_pays_the_price_it_was_made_at(window: Window) -> None:
    quote = window.quote(customer=window.counter.member("王小明"))
    changed = sales.change_draft(
        order=quote,
        customer=window.counter.member("李小红"),
        terms=OrderTerms(),
        note="",
        expected_amount=1_800_00,
        actor=SYSTEM,
        now=window.now + 3 * HOUR,
    )
    assert window.lines(changed) == {"RING": (1_800_00, window.now)}
    late = sales.change_draft(
        order=changed,
        customer=None,
        terms=OrderTerms(),
        note="",
        actor=SYSTEM,
        now=window.now + 25 * HOUR,
    )
    assert window.lines(late) == {"RING": (1_860_00, window.now + 25 * HOUR)}


def test_what_became_an_order_keeps_its_price_for_good(window: Window) -> None:
    order = sales.submit_order(order=window.quote(), actor=SYSTEM, now=window.now + 3 * HOUR)
    assert window.lines(order) == {"RING": (1_800_00, window.now)}
    week = window.now + 24 * 7 * HOUR
    changed = window.change(order, window.item(window.ring), window.item(window.chain, "l2"), at=week)
    assert window.lines(changed) == {"RING": (1_800_00, window.now), "CHAIN": (3_100_00, week)}


def test_a_line_from_before_lines_kept_their_price_ends_with_its_quote(window: Window) -> None:
    quote = window.quote()
    OrderLine.objects.filter(order=quote).update(data={})
    assert prices_kept_until(quote) == window.now + 24 * HOUR
    later = window.now + 3 * HOUR
    assert window.lines(window.change(quote, window.item(window.ring), at=later)) == {
        "RING": (1_860_00, later)
    }


# --- for people: pages, paper and API live by the clock --------------------------------------------------------------
def address(name: str, order: Order) -> str:
    return reverse(f"sales:{name}", args=[order.pk])


def hours_ago(hours: int) -> datetime:
    return timezone.now().replace(microsecond=0) - hours * HOUR


def text_of(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def typed(*pieces: Piece) -> dict[str, Any]:
    """The sheet of lines as the page sends it."""
    found: dict[str, Any] = {"line": [f"l{n}" for n in range(1, len(pieces) + 1)]}
    for n, piece in enumerate(pieces, 1):
        found |= {f"v-l{n}": piece.variant_id, f"c-l{n}": piece.pk, f"q-l{n}": "1"}
    return found


def test_the_page_of_the_lines_shows_and_saves_what_is_kept() -> None:
    window = make_window(hours_ago(3))
    quote, clerk = window.quote(), window.staff["clerk"]
    page = clerk.get(address("order-lines", quote))
    assert page.context["total_amount"] == 1_800_00
    assert "没有改动的单件在锁定期内沿用原金价。" in text_of(page)
    sheet = typed(window.ring, window.chain)
    shown = clerk.post(address("order-lines", quote), sheet | {"act": "look"})
    kept, new = shown.context["lines"]
    assert (kept["fixed_at"], new["fixed_at"]) == (window.now, None)
    assert text_of(shown).count("沿用锁定的当日金价，定于") == 1
    assert shown.context["total_amount"] == 4_900_00
    placing = sheet | {"act": "place", "expected": "490000"}
    assert window.staff["southerner"].post(address("order-lines", quote), placing).status_code == 404
    assert clerk.post(address("order-lines", quote), placing | {"expected": "496000"}).status_code == 422
    assert clerk.post(address("order-lines", quote), placing).status_code == 303
    lines = window.lines(quote)
    assert lines["RING"] == (1_800_00, window.now)
    assert lines["CHAIN"][0] == 3_100_00


def test_another_customer_is_shown_the_price_that_is_kept() -> None:
    window = make_window(hours_ago(3))
    first, second = window.counter.member("王小明"), window.counter.member("李小红")
    quote, clerk = window.quote(customer=first), window.staff["clerk"]
    page = clerk.post(address("order-draft", quote), {"customer": first.pk, "pick": second.pk})
    assert (page.context["total_amount"], page.context["difference"]) == (1_800_00, "")
    assert "锁定期内的当日金价不变。" in text_of(page)
    plain = window.counter.order((window.counter.scarf, 1), channel="QUOTE")
    assert "锁定期内" not in text_of(clerk.get(address("order-draft", plain)))


def test_the_quote_says_of_each_line_until_when_its_price_is_kept_where_they_differ() -> None:
    window = make_window(hours_ago(3))
    quote, clerk = window.quote(), window.staff["clerk"]
    told = text_of(clerk.get(address("order", quote)))
    assert "报价里的当日金价保留到" in told
    assert "当日金价定于" not in told, "one sentence says it for all"
    assert "锁定，保留到" not in quote_html(quote, language="zh-hans")
    later = window.now + 2 * HOUR
    window.change(quote, window.item(window.ring), window.item(window.chain, "l2"), at=later)
    told = text_of(clerk.get(address("order", quote)))
    assert "报价里各行的当日金价保留期不同，最早的保留到" in told
    assert told.count("当日金价定于") == 2
    paper = quote_html(quote, language="zh-hans")
    for at in (window.now, later):
        fixed, until = (timezone.localtime(each).strftime("%Y-%m-%d %H:%M") for each in (at, at + 24 * HOUR))
        assert f"当日金价 {fixed} 锁定，保留到 {until}" in paper
    assert valid_until(quote) == timezone.localtime(window.now + 24 * HOUR).date()


def test_the_quote_says_which_prices_are_kept_no_longer() -> None:
    window = make_window(hours_ago(25))
    quote, clerk = window.quote(), window.staff["clerk"]
    assert "报价里的当日金价已过期，请修改明细，改用今天的价格。" in text_of(
        clerk.get(address("order", quote))
    )
    same = (window.item(window.ring), window.item(window.chain, "l2"))
    window.change(quote, *same, at=window.now + 3 * HOUR)
    told = text_of(clerk.get(address("order", quote)))
    assert "报价里有的当日金价已过期，请修改明细；过期的改用今天的价格，其余不变。" in told
    assert told.count("已过期") == 2, "above, and beside the line"
    page = clerk.get(address("order-lines", quote))
    assert [line["fixed_at"] for line in page.context["lines"]] == [None, window.now + 3 * HOUR]
    assert page.context["total_amount"] == 1_860_00 + 3_100_00


def test_the_api_keeps_the_price_of_an_unchanged_piece_and_says_since_when() -> None:
    window = make_window(hours_ago(3))
    quote, clerk = window.quote(), window.staff["clerk"]

    def items(*pieces: Piece) -> dict[str, Any]:
        return {
            "items": [
                {"key": piece.tag, "variant_id": piece.variant_id, "piece_id": piece.pk} for piece in pieces
            ]
        }

    def put(body: dict[str, Any], who: str = "clerk") -> Any:
        return window.staff[who].put(
            f"/api/v1/orders/{quote.pk}/lines", body, content_type="application/json"
        )

    assert put(items(window.ring), "southerner").status_code == 404
    forged = items(window.ring)
    forged["items"][0]["data"] = {"day_price": {"amount": 1}}
    assert put(forged).status_code == 422, "nobody says a price of the day but the board"
    answer = put(items(window.ring, window.chain) | {"expected_amount": 4_900_00})
    assert answer.status_code == 200, answer.content
    ring, chain = answer.json()["lines"]
    assert (ring["paid_amount"], ring["day_price_amount"]) == (1_800_00, 600_00)
    assert datetime.fromisoformat(ring["day_price_fixed_at"]) == window.now
    assert (chain["paid_amount"], chain["day_price_amount"]) == (3_100_00, 620_00)
    assert answer.json() == clerk.get(f"/api/v1/orders/{quote.pk}").json()
    plain = window.counter.order((window.counter.scarf, 1), channel="QUOTE")
    (scarf,) = clerk.get(f"/api/v1/orders/{plain.pk}").json()["lines"]
    assert (scarf["day_price_amount"], scarf["day_price_fixed_at"]) == (None, None)
