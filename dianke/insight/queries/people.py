"""Customers by what they are worth: the grid, the groups, cohorts and the people behind a cohort's figure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Sum

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.insight.models import CustomerMetrics, ValueGroup
from dianke.insight.queries.engine import snapshot
from dianke.insight.rules.group_words import MEANINGS
from dianke.stores.models import Merchant
from dianke.stores.queries import local_date

MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """Customers with a recency and a frequency score, and what they spent net."""

    recency: int
    frequency: int
    count: int = 0
    spend_amount: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """A group of customers. `count_last_month`: of all there are now, how many were in it at the end of last month."""

    code: str
    count: int = 0
    spend_amount: int = 0
    count_last_month: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """`cells` by (recency, frequency); `groups` in the order of `MEANINGS`. Both come to `count` and `spend_amount`."""

    count: int
    spend_amount: int
    has_last_month: bool
    cells: dict[tuple[int, int], Cell]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who first bought in `month`: how many bought in it and each month after; None for what has not come yet."""

    month: date
    counts: tuple[int | None, ...] = field(default=())

    @property
    def size(self) -> int:
        return self.counts[0] or 0


def merchant_currency() -> str:
    """What values of customers are counted in. One statement."""
    return Merchant.objects.values_list("currency", flat=True).first() or "CNY"


def overview(actor: Actor) -> Overview:
    """The grid and the groups of the customers the actor may see. One statement."""
    rows = (
        CustomerMetrics.objects.visible_to(actor)
        .order_by()
        .values_list("recency_score", "frequency_score", "value_group", "group_last_month")
        .annotate(count=Count("pk"), spend=Sum("spend_amount"))
    )
    cells: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    total = spent = 0
    has_last = False
    for recency, frequency, group, last, count, spend in rows:
        total, spent = total + count, spent + spend
        cells[recency, frequency][0] += count
        cells[recency, frequency][1] += spend
        groups[group][0] += count
        groups[group][1] += spend
        if last:
            has_last = True
            groups[last][2] += count
    return Overview(
        total,
        spent,
        has_last,
        {
            (recency, frequency): Cell(recency, frequency, *cells[recency, frequency])
            for recency in range(5, 0, -1)
            for frequency in range(1, 6)
        },
        tuple(Group(code, *groups[code]) for code in MEANINGS),
    )


def metrics_of(customer: Customer, actor: Actor) -> CustomerMetrics | None:
    """Of the profile a customer shows up in; None where nothing was worked out, or may not be seen. One statement."""
    return CustomerMetrics.objects.visible_to(actor).filter(pk=customer.head_id).first()


# --- cohorts ------------------------------------------------------------------------------------------------------
def _visible(opened: Any, actor: Actor) -> Any:
    """The profiles the actor may see as a table of the engine; None for all."""
    rows = Customer.objects.visible_to(actor)
    if not rows.query.where:
        return None
    import pyarrow as pa

    ids = list(rows.heads().values_list("pk", flat=True))
    opened.engine.con.register("visible_people", pa.table({"head_id": pa.array(ids, pa.int64())}))
    return opened.engine.table("visible_people")


def cohorts(actor: Actor, *, now: datetime) -> list[Cohort]:
    """The last months' cohorts, the newest first, from the snapshot. Raises `NoSnapshot`."""
    from dianke.insight.rules import analyses, worth

    opened = snapshot()
    terms = worth.Terms(local_date(now), merchant_currency())
    found = opened.rows(analyses.cohorts(opened.tables, terms, _visible(opened, actor)))
    counts = {(_day(row["cohort"]), _day(row["month"])): row["customers"] for row in found}
    last = terms.as_of.replace(day=1)
    months = [_shifted(last, -n) for n in range(MONTHS_SHOWN)]
    rows = [
        Cohort(
            month,
            tuple(
                counts.get((month, _shifted(month, n)), 0) if _shifted(month, n) <= last else None
                for n in range(MONTHS_SHOWN)
            ),
        )
        for month in months
    ]
    return [row for row in rows if row.size]


def people_of_cohort(actor: Actor, *, cohort: date, month: date, now: datetime) -> Sequence[int]:
    """The profiles behind a figure of `cohorts`, as far as the actor may see them. Raises `NoSnapshot`."""
    from dianke.insight.rules import analyses, worth

    opened = snapshot()
    terms = worth.Terms(local_date(now), merchant_currency())
    found = opened.rows(analyses.people_of_cohort(opened.tables, terms, cohort, month))
    return [row["head_id"] for row in found]


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _shifted(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, index + 1, 1)


def label_of(group: str) -> str:
    return str(ValueGroup(group).label)
