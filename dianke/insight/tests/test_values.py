"""What customers are worth: counted by hand, net of returns, over merges and separations, now and in the night."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pyarrow as pa
import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from dianke.catalog.models import Category
from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.insight.models import CustomerMetrics, SnapshotRun
from dianke.insight.operations import scoring, snapshots
from dianke.insight.operations.runs import ask_refresh, carry_out, fail_run
from dianke.insight.tasks import refresh_first, refresh_hourly, refresh_nightly
from dianke.sales.tests.counter import Counter


def work_out(now: Any, *, is_full: bool = True) -> SnapshotRun:
    return carry_out(ask_refresh(is_full=is_full, actor=SYSTEM, now=now), actor=SYSTEM, now=now)


def hat(counter: Counter, customer: Any, days_ago: int, count: int = 1, **more: Any) -> Any:
    when = counter.now - timedelta(days=days_ago)
    paid = [("CASH", 50_00 * count)]
    return counter.sell((counter.hat, count), customer=customer, payments=paid, now=when, **more)


def values(*names: str) -> dict[int, tuple]:
    return {row[0]: row[1:] for row in CustomerMetrics.objects.values_list("customer_id", *names)}


def everything() -> list[dict]:
    rows = CustomerMetrics.objects.order_by("pk").values()
    left_out = ("as_of_date", "position", "returned_amount")
    return [{k: v for k, v in row.items() if k not in left_out} for row in rows]


def test_what_a_customer_bought_is_counted_net_of_what_came_back(counter: Counter, now):
    hats = Category.objects.create(name="帽子")
    counter.hat.product.category = hats
    counter.hat.product.save()
    wang = counter.member()
    hat(counter, wang, 400, 2)
    hat(counter, wang, 30)
    returned = hat(counter, wang, 20, 3)
    counter.give_back(returned, ("l1", 1), now=now - timedelta(days=19))
    gone = hat(counter, wang, 10)
    counter.give_back(gone, now=now - timedelta(days=9))
    work_out(now)
    row = CustomerMetrics.objects.get()
    assert (row.order_count, row.order_count_365) == (3, 2)
    assert (row.spend_amount, row.spend_365_amount, row.returned_amount) == (250_00, 150_00, 100_00)
    assert row.average_amount == round(250_00 / 3)
    tax = sum(line.tax_amount - line.returned_tax_amount for o in (returned, gone) for line in o.lines.all())
    assert tax < row.margin_amount < row.spend_amount
    assert (row.first_date, row.last_date) == (date(2026, 11, 21) - timedelta(days=400), date(2026, 11, 1))
    assert row.interval_days == D("190.0")  # 370 and 10
    assert row.favourite_category_ids == [hats.pk]
    assert (row.preferred_channel, row.preferred_store_id) == ("TILL", counter.store.pk)
    assert (row.model, row.has_enough_data, row.ltv_amount, row.churn_risk) == ("", False, None, None)
    assert row.as_of_date == date(2026, 11, 21)


def test_who_kept_nothing_has_no_value_and_two_visits_no_interval(counter: Counter, now):
    one, two = counter.member("王小明"), counter.member("李小红")
    counter.give_back(hat(counter, one, 3))
    hat(counter, two, 30)
    hat(counter, two, 3)
    hat(counter, None, 2)
    work_out(now)
    assert values("order_count", "interval_days") == {two.pk: (2, None)}


def test_a_merged_profile_has_one_value_and_two_again_when_it_is_undone(counter: Counter, now):
    one, two = counter.member("王小明"), counter.member("小明")
    hat(counter, one, 30)
    hat(counter, two, 5, 3)
    work_out(now)
    apart = values("order_count", "spend_amount")
    assert apart == {one.pk: (1, 50_00), two.pk: (1, 150_00)}
    merge = merge_customers(kept=one, joined=two, actor=SYSTEM, now=now)
    run = work_out(now, is_full=False)
    assert not run.is_full
    assert values("order_count", "spend_amount") == {one.pk: (2, 200_00)}
    unmerge(merge=merge, actor=SYSTEM, now=now)
    work_out(now, is_full=False)
    assert values("order_count", "spend_amount") == apart


def test_touched_customers_get_what_the_night_would_give(counter: Counter, now):
    people = [counter.member(f"客人{n}") for n in range(8)]
    for n, person in enumerate(people):
        for turn in range(n % 4 + 1):
            hat(counter, person, 5 + 17 * n + 40 * turn, turn + 1)
    work_out(now)
    before = {row["customer_id"]: row for row in everything()}
    order = hat(counter, people[0], 1)
    counter.give_back(order)
    run = work_out(now, is_full=False)
    assert not run.is_full
    assert {row["customer_id"]: row for row in everything()} == before
    hat(counter, people[1], 1, 2)
    work_out(now, is_full=False)
    changed = {row["customer_id"] for row in everything() if row != before[row["customer_id"]]}
    assert changed == {people[1].pk}
    counted = [
        {k: v for k, v in row.items() if "score" not in k and "group" not in k} for row in everything()
    ]
    work_out(now)
    assert counted == [
        {k: v for k, v in row.items() if "score" not in k and "group" not in k} for row in everything()
    ]


def test_the_group_of_last_month_is_kept_for_comparing(counter: Counter, now):
    people = [counter.member(f"客人{n}") for n in range(5)]
    for n, person in enumerate(people):
        hat(counter, person, 40 + n * 50, n + 1)
    work_out(now - timedelta(days=30))
    before = values("value_group")
    assert set(values("group_last_month").values()) == {("",)}
    hat(counter, people[4], 1, 9)
    work_out(now)
    assert values("group_last_month") == before
    assert values("value_group") != before
    work_out(now + timedelta(hours=1))
    assert values("group_last_month") == before


def test_erased_and_removed_customers_have_no_value(counter: Counter, now):
    one, two = counter.member("王小明"), counter.member("李小红")
    hat(counter, one, 3)
    hat(counter, two, 3)
    type(two).objects.filter(pk=two.pk).update(state="REMOVED")
    work_out(now)
    assert list(values("order_count")) == [one.pk]


def test_what_the_models_say_is_written_where_they_had_enough(counter: Counter, now, monkeypatch):
    one, two = counter.member("王小明"), counter.member("李小红")
    hat(counter, one, 40)
    hat(counter, one, 10)
    hat(counter, two, 3)

    def told(bought: pa.Table, *, as_of: date, digits: int) -> scoring.Estimates:
        assert (as_of, digits) == (date(2026, 11, 21), 2)
        assert sorted(bought.column("amount").to_pylist()) == [50_00, 50_00, 50_00]
        return scoring.Estimates(
            pa.table(
                {
                    "head_id": [one.pk],
                    "expected_next_date": [date(2026, 12, 11)],
                    "churn_risk": [0.25],
                    "ltv_amount": [1234],
                    "ltv_low_amount": [900],
                    "ltv_high_amount": pa.array([None], pa.int64()),
                }
            ),
            {"purchases_by": "BLEND", "risk_by": "REGRESSION"},
        )

    monkeypatch.setattr(scoring, "estimate", told)
    run = work_out(now)
    assert run.forecast == {"purchases_by": "BLEND", "risk_by": "REGRESSION"}
    shown = values(
        "model", "has_enough_data", "expected_next_date", "churn_risk", "ltv_amount", "ltv_high_amount"
    )
    assert shown == {
        one.pk: ("BLEND/REGRESSION", True, date(2026, 12, 11), D("0.25"), 1234, None),
        two.pk: ("", False, None, None, None, None),
    }
    hat(counter, one, 1)
    work_out(now, is_full=False)  # between nights the estimate stands
    assert values("order_count", "ltv_amount")[one.pk] == (3, 1234)


def test_with_too_little_nothing_is_estimated_and_the_reason_is_kept(counter: Counter, now):
    hat(counter, counter.member("王小明"), 40)
    run = work_out(now)
    assert run.forecast == {"too_little": {"reason": "HISTORY_TOO_SHORT", "have": 41, "need": 84}}
    assert set(values("model", "churn_risk").values()) == {("", None)}


def test_a_run_is_one_at_a_time_and_its_failure_is_told(counter: Counter, now, monkeypatch):
    run = ask_refresh(actor=SYSTEM, now=now)
    assert ask_refresh(actor=SYSTEM, now=now) == run
    later = ask_refresh(actor=SYSTEM, now=now + timedelta(hours=3))
    run.refresh_from_db()
    assert (later == run, run.state) == (False, "FAILED")

    def broken(**_more: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(snapshots, "refresh", broken)
    with pytest.raises(OSError, match="disk full"):
        carry_out(later, actor=SYSTEM, now=now)
    later.refresh_from_db()
    assert (later.state, later.problem) == ("FAILED", "OSError: disk full")


def test_who_may_not_refresh_is_refused(counter: Counter, now, make_actor):
    with pytest.raises(NotAllowed):
        ask_refresh(actor=make_actor("CLERK"), now=now)
    assert ask_refresh(actor=make_actor("MARKETER"), now=now).state == "RUNNING"


def test_values_are_seen_with_the_customer(counter: Counter, now, make_actor):
    hat(counter, counter.member(), 3)
    work_out(now)
    rows = CustomerMetrics.objects
    assert rows.visible_to(make_actor("MARKETER")).count() == 1
    assert rows.visible_to(make_actor("STORE_MANAGER", store_ids={counter.store.pk})).count() == 1
    assert rows.visible_to(make_actor("STORE_MANAGER", store_ids={counter.shop.road.pk})).count() == 0
    assert rows.visible_to(make_actor("CLERK")).count() == 0


def test_the_first_figures_follow_the_first_sale_and_are_made_once(counter: Counter) -> None:
    refresh_first(0)
    refresh_hourly(0)
    assert not SnapshotRun.objects.exists()
    hat(counter, counter.member(), 3)
    refresh_first(0)
    first = SnapshotRun.objects.get()
    assert (first.state, first.is_full) == ("DONE", True)
    assert CustomerMetrics.objects.count() == 1
    refresh_first(0)
    assert SnapshotRun.objects.count() == 1
    refresh_hourly(0)
    assert SnapshotRun.objects.count() == 2


def test_who_finds_another_under_way_comes_back(counter: Counter) -> None:
    """It may have begun before the past sales that were brought in meanwhile."""
    hat(counter, counter.member(), 3)
    run = ask_refresh(actor=SYSTEM, now=timezone.now())
    refresh_nightly(0)
    assert SnapshotRun.objects.get() == run
    assert ProcrastinateJob.objects.get(task_name="insight.refresh_all").scheduled_at > timezone.now()
    fail_run(run=run, problem="no room", actor=SYSTEM, now=timezone.now())
    refresh_nightly(0)
    assert SnapshotRun.objects.filter(state="DONE", is_full=True).count() == 1


def test_a_first_run_that_failed_is_left_to_the_hour(counter: Counter, now) -> None:
    hat(counter, counter.member(), 3)
    fail_run(run=ask_refresh(actor=SYSTEM, now=now), problem="no room", actor=SYSTEM, now=now)
    refresh_first(0)
    assert SnapshotRun.objects.count() == 1
