"""A report says what the sales report and the books say, leads to exactly the rows it counts, and to each reader what
is theirs to see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models import Sum
from django.http import QueryDict

from dianke.access.models import User
from dianke.core.actor import SYSTEM, RowScope
from dianke.core.errors import NotAllowed
from dianke.insight.operations import snapshots
from dianke.insight.queries import reports as queries
from dianke.insight.queries.engine import NoSnapshot, TookTooLong, snapshot
from dianke.insight.queries.figures import CostsHidden, TooManyRows, ask, scope_of
from dianke.insight.queries.live import scope_for, today_of
from dianke.insight.queries.reports import run
from dianke.insight.rules.reports import read
from dianke.insight.rules.terms import MEASURES, TOLD_BY
from dianke.insight.views.buyers import Buyers
from dianke.insight.views.drill import rows_behind
from dianke.sales.queries.basket import Item
from dianke.sales.queries.reports import figures as sales
from dianke.sales.rules.report_terms import By, Span
from dianke.sales.tests.counter import Counter
from dianke.sales.tests.test_reports import busy
from dianke.sales.views.report_lines import ReportLines
from dianke.stores.models import Store

TODAY = date(2026, 11, 21)
SPAN = Span(TODAY - timedelta(days=9), TODAY)
DAYS = {"period": "custom", "first": SPAN.first, "last": SPAN.last}


def told(now, measures: list[str], by: Any = (), actor: Any = SYSTEM, **more: Any) -> Any:
    return run(read({"measures": measures, "by": by, **DAYS, **more}), actor=actor, now=now)


def counted(url: str, measure: str, now) -> Any:
    """What the rows behind a figure come to, counted from the list itself."""
    params = QueryDict(urlsplit(url).query)
    if "/buyers/" in url:
        people = Buyers(SYSTEM, now)
        return people.rows(people.state(params)).count()
    lines = ReportLines(SYSTEM, now)
    rows = lines.rows(lines.state(params)).order_by()
    if measure == "orders":
        return rows.values("order").distinct().count()
    amount = rows.aggregate(whole=Sum("amount"))["whole"] or 0
    return -amount if measure == "returned" else amount


@pytest.mark.parametrize(
    "by",
    [
        *([each.value] for each in TOLD_BY),
        ["week", "novelty"],
        ["day", "store"],
        ["weekday", "hour"],
        ["novelty", "level"],
        ["category", "channel"],
    ],
)
def test_behind_every_figure_lie_exactly_its_rows(counter: Counter, now, by):
    busy(counter, 11)
    snapshots.refresh(now=now)
    measures = ["orders", "customers", "new_customers", "returning_customers"]
    if "staff" not in by:  # of a line that two shared, the list shows the whole line
        measures += ["net", "returned"]
    [block] = told(now, measures, by).blocks
    assert block.lines
    for line in block.lines:
        keys = list(zip([By(name) for name in by], line.keys, strict=True))
        for measure, value in zip(measures, line.values, strict=True):
            if not value:  # nothing leads nowhere
                continue
            url = rows_behind(measure, SPAN, keys=keys)
            assert counted(url, measure, now) == value, (measure, line.labels)
    for measure, value in zip(measures, block.whole, strict=True):
        assert counted(rows_behind(measure, SPAN), measure, now) == value


def test_a_report_narrowed_to_several_counts_each_once_and_leads_to_their_rows(counter: Counter, now):
    busy(counter, 11)
    snapshots.refresh(now=now)
    for by in ("product", "category", "novelty", "store"):
        keys = [line.keys[0] for line in told(now, ["net", "orders"], [by]).blocks[0].lines if line.keys[0]]
        chosen = keys[:2]
        [block] = told(now, ["net", "orders"], [by], filters={by: chosen}).blocks
        assert sorted(line.keys[0] for line in block.lines) == sorted(chosen), by
        [plain] = told(now, ["net", "orders"], filters={by: chosen}).blocks
        assert plain.whole[0] == sum(line.values[0] for line in block.lines)
        for measure, value in zip(("net", "orders"), plain.whole, strict=True):
            assert counted(rows_behind(measure, SPAN, filters={By(by): chosen}), measure, now) == value, by
        one = block.lines[0]
        url = rows_behind("net", SPAN, keys=[(By(by), one.keys[0])], filters={By(by): chosen})
        assert counted(url, "net", now) == one.values[0]


def test_report_sales_report_ledger_and_today_say_the_same(counter: Counter, now):
    busy(counter, 7)
    snapshots.refresh(now=now)
    every = sales.stores_of(SYSTEM)
    scope = sales.scope_of(SYSTEM, (), every)
    figures = sales.figures_of(scope, SPAN)
    [block] = told(now, ["net", "revenue", "orders", "profit"]).blocks
    assert block.whole == (figures.net_amount, figures.revenue_amount, figures.orders, figures.profit_amount)
    assert block.whole[1] == sales.books_of(scope, SPAN).sales
    live = today_of(scope_for(SYSTEM), now=now)
    codes = [code for code, each in MEASURES.items() if "customers" not in each.needs]
    [day] = ask(measures=codes, span=Span(TODAY, TODAY), scope=scope_of(SYSTEM), actor=SYSTEM).rows
    assert live.day == TODAY
    assert [MEASURES[code].value(live.figures) for code in codes] == list(day.values)
    assert live.figures.net_amount == sales.figures_of(scope, Span(TODAY, TODAY)).net_amount


def test_today_is_held_against_the_same_hours_of_other_days(counter: Counter, now):
    hat = {"payments": [("CASH", 50_00)]}
    for then in (
        now,
        now - timedelta(days=7, hours=2),
        now - timedelta(days=7),
        now - timedelta(days=7) + timedelta(hours=1),
        now - timedelta(days=31),
    ):
        counter.sell((counter.hat, 1), now=then, **hat)
    counter.sell((counter.hat, 1), now=now - timedelta(hours=1), **hat)
    found = today_of(scope_for(SYSTEM), now=now)
    week, month, year = found.thens
    assert [then.code for then in found.thens] == ["week", "month", "year"]
    assert (found.figures.net_amount, found.until.net_amount) == (
        100_00,
        50_00,
    )  # the hour that runs is not over
    assert (week.until.net_amount, week.whole.net_amount) == (50_00, 150_00)
    assert (month.day, month.whole.net_amount) == (date(2026, 10, 21), 50_00)
    assert (year.day, year.whole.net_amount) == (date(2025, 11, 21), 0)
    assert found.course_then[-1] == week.whole.net_amount
    assert [value for value in found.course if value is not None][-1] == found.figures.net_amount


def test_the_first_few_are_taken_and_the_whole_still_counts_everybody(counter: Counter, now):
    busy(counter, 5)
    snapshots.refresh(now=now)
    whole = told(now, ["net", "customers"], ["day"]).blocks[0]
    few = told(now, ["net", "customers"], ["day"], sort="-net", top=5).blocks[0]
    assert few.count == len(whole.lines) > 5 == len(few.lines)
    amounts = [line.values[0] for line in whole.lines]
    assert [line.values[0] for line in few.lines] == sorted(amounts, reverse=True)[:5]
    assert few.whole == whole.whole
    assert whole.whole[0] == sum(amounts)
    assert [line.keys for line in whole.lines] == sorted(line.keys for line in whole.lines)


def test_amounts_of_two_currencies_are_never_added(counter: Counter, now):
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    Store.objects.filter(pk=counter.shop.road.pk).update(currency="HKD")
    snapshots.refresh(now=now)
    [only] = told(now, ["net"]).blocks
    assert (only.currency, only.whole) == ("CNY", (50_00,))
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    Store.objects.filter(pk=counter.store.pk).update(currency="HKD")
    Store.objects.filter(pk=counter.shop.road.pk).update(currency="CNY")
    snapshots.refresh(now=now)
    assert [(block.currency, block.whole) for block in told(now, ["net"]).blocks] == [("HKD", (100_00,))]
    assert told(now, ["net"], filters={"store": str(counter.shop.road.pk)}).blocks[0].whole == (0,)


def test_each_reader_gets_what_is_theirs_to_see(counter: Counter, now, make_actor):
    seller = User.objects.create(username="seller", name="小满", created_at=now)
    other = User.objects.create(username="other", name="小河", created_at=now)
    halves = ((seller.pk, 3_333), (other.pk, 6_667))
    counter.sell(Item("a", counter.scarf.pk, people=halves), payments=[("CASH", 100_00)])
    counter.sell((counter.hat, 1), payments=[("CASH", 50_00)])
    snapshots.refresh(now=now)
    lake, road = {counter.store.pk}, {counter.shop.road.pk}
    manager = make_actor("STORE_MANAGER", user=other, store_ids=lake, scope=RowScope.STORE)
    stranger = make_actor("STORE_MANAGER", user=other, store_ids=road, scope=RowScope.STORE)
    own = make_actor(
        user=seller, store_ids=lake, scope=RowScope.OWN, permissions=frozenset({"insight.view_figures"})
    )
    nobody = make_actor(user=seller, store_ids=lake, permissions=frozenset())
    assert told(now, ["net"], actor=manager).blocks[0].whole == (150_00,)
    assert told(now, ["net"], ["store"], actor=stranger).blocks[0].lines == ()
    assert told(now, ["net"], actor=manager, filters={"store": str(counter.shop.road.pk)}).blocks == ()
    mine = told(now, ["net"], actor=own)
    assert mine.is_own
    assert mine.blocks[0].whole == (33_33,)
    with pytest.raises(NotAllowed):
        told(now, ["net"], actor=nobody)
    with pytest.raises(CostsHidden):
        told(now, ["profit"], actor=manager)
    assert "profit" not in [each.code for each in queries.offered(manager)]


def test_too_much_is_refused_and_the_engine_goes_on(counter: Counter, now, monkeypatch):
    with pytest.raises(NoSnapshot):
        told(now, ["net"])
    busy(counter, 5)
    snapshots.refresh(now=now)
    monkeypatch.setattr(queries, "MOST_ROWS", 2)
    with pytest.raises(TooManyRows):
        told(now, ["net"], ["day"])
    opened = snapshot()
    facts = opened.tables.facts
    endless = facts.select("id")
    for name in "abcdef":
        endless = endless.cross_join(facts.select(**{name: facts.id}))
    endless = endless.agg(whole=(endless.a * endless.f % 7).sum())
    with pytest.raises(TookTooLong):
        opened.rows(endless, within_seconds=0.2)
    assert told(now, ["net"]).blocks
